"""The tab Files: a scenario, a volume, contracts of the person's own; a scenario saved here; the sample again."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from feecalc.errors import FeeCalcError, InvalidValue
from feecalc.ui.pages.forecast import address
from feecalc.ui.pages.forecast.draft import saved, state
from feecalc.ui.pages.forecast.draft.files import SCENARIO, counted, named, rows_of
from feecalc.ui.pages.forecast.draft.state import Draft, Tables
from feecalc.ui.shared import problems, scenario_files
from feecalc.ui.shared.uploads import Upload, upload_box
from feecalc.ui.shared.words import one_line, plain

SETTING_KEYS = {"years": address.YEARS, "draws": address.DRAWS, "seed": address.SEED, "release": address.RELEASE}
_MOST_CONTRACTS = 50
_MOST_MB = 16


def files(draft: Draft, tables: Tables) -> bool:
    """Draw the boxes. Returns whether the draft is another now, which the page then begins anew with.

    ``tables``: as typed; a dropped volume or contract joins them.
    """
    _, contracts = named(tables)
    lacking = [name for name in (*counted(tables), *contracts) if name not in {**draft.volumes, **draft.contracts}]
    if lacking:
        st.warning(plain(f"Still to be dropped in: {', '.join(map(one_line, lacking))}"), icon=":material/upload_file:")

    def scenario(given: Upload) -> None:
        own = draft if draft.name != state.SAMPLE_NAME else None
        state.take(state.of_file(given, own))

    def volume(given: Upload) -> None:
        rows_of(given, given.digest)  # one that cannot be read is refused
        draft.tables = tables
        state.with_volume(draft, given)

    def claims(given: Upload) -> None:
        if given.name in named(tables)[0]:
            raise InvalidValue(f"{given.name} is the name of the volume; give the claims another")
        draft.tables = tables
        state.with_claims(draft, given)

    def contract(given: Upload) -> None:
        if len(draft.contracts) >= _MOST_CONTRACTS or given.name == SCENARIO:
            raise InvalidValue(f"{given.name} cannot be taken: at most {_MOST_CONTRACTS} contracts, and none so named")
        draft.tables = tables
        draft.contracts[given.name] = given

    changed = _box("Your scenario (TOML)", ("toml",), "scenario", scenario, "As feecalc forecast reads it.")
    changed |= _box(
        "Your volume", ("csv", "txt", "tsv", "xlsx", "parquet"), "volume", volume,
        "Code, modifier, place, locality, units and charge, a row of each.",
    )  # fmt: skip
    changed |= _box(
        "A contract, or its fee table", ("toml", "xlsx", "csv"), "contract", contract,
        "It can then be chosen in the tables Payers and Events.",
    )  # fmt: skip
    changed |= _box(
        "Your claims", ("csv", "txt", "tsv", "xlsx", "parquet"), "claims", claims,
        "If you like: what the reductions for multiple procedures of a day leave of each code is taken from them.",
    )  # fmt: skip
    changed |= _load()
    st.caption("Nothing of a file leaves this computer.")
    if st.button("The sample again", key=draft.key("sample"), icon=":material/science:"):
        state.take(state.of_sample())
        return True
    return changed


def _box(label: str, endings: tuple[str, ...], word: str, take: Callable[[Upload], None], help: str) -> bool:
    """Return a box whose file is taken once; what is wrong with it is said below."""
    key, seen = f"forecast_drop_{word}", f"forecast_dropped_{word}"
    with problems.error_box():
        given = upload_box(label, endings, key, most_mb=_MOST_MB, help=help)
        if given is None:
            st.session_state.pop(seen, None)
            return False
        if st.session_state.get(seen) == given.digest:
            return False
        take(given)
        st.session_state[seen] = given.digest
        return True
    return False


def _load() -> bool:
    """Return a scenario saved on this page."""
    seen = "forecast_loaded"
    try:
        loaded = scenario_files.load_box(saved.PAGE, saved.VERSION, key="forecast_load")
        if loaded is None:
            st.session_state.pop(seen, None)
            return False
        if st.session_state.get(seen) == (mark := hash(repr(loaded))):
            return False
        state.take(saved.draft_of(loaded))
    except FeeCalcError as error:
        problems.problem(error)
        return False
    st.session_state[seen] = mark
    st.session_state[_SETTINGS] = saved.settings_of(loaded)
    return True


_SETTINGS = "forecast_settings"


def settings_loaded() -> None:
    """Set years, draws, seed and release from a file, before their widgets are drawn."""
    for name, value in st.session_state.pop(_SETTINGS, {}).items():
        st.session_state[SETTING_KEYS[name]] = value
