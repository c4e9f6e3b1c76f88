"""The widgets at the left of the page Contracts: the volume, which Medicare, and the contracts there are."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import streamlit as st

from feecalc import reference
from feecalc.contracts.contract import Contract
from feecalc.contracts.files.toml import contract_toml
from feecalc.errors import FeeCalcError
from feecalc.pricing.rules.conversion_factor import QP as QP_TRACK
from feecalc.ui.pages.contracts import address, offers, priced, saving
from feecalc.ui.pages.contracts.priced import Inputs
from feecalc.ui.shared import opening, pickers
from feecalc.ui.shared.address import settle
from feecalc.ui.shared.figures import release_facts
from feecalc.ui.shared.opening import Stamp
from feecalc.ui.shared.problems import problem
from feecalc.ui.shared.uploads import Upload, sample_file, upload_box
from feecalc.ui.shared.words import plain

_SAMPLE = "volume.csv"
_ENDINGS = ("csv", "xlsx", "parquet")
_MOST_VOLUME_MB = 4  # saved with the page's other inputs in one file
_VOLUME, _VOLUME_SEEN, _CONTRACT_SEEN, _TAXONOMY = (
    "contracts_volume", "contracts_volume_seen", "contracts_contract_seen", "contracts_taxonomy",
)  # fmt: skip
_PAYER, _PERCENT = "New offer", 120


def draw(now: Stamp, remarks: list[str]) -> Inputs:
    """Draw the widgets. Raises a FeeCalcError for a release that cannot be opened or a volume that cannot be read."""
    volume_box, medicare_box, contracts_box = st.container(), st.container(), st.container()
    with contracts_box:
        _contracts()
    with medicare_box:
        when = pickers.pick_when(address.WHEN, remarks)
        opened = opening.open_release(when.release, when.day, now)
        qp, place, taxonomy = _how(opened.schedule.release.day(when.day))
    with volume_box:
        volume = _volume()
    inputs = Inputs(opened, volume, place, when.day, qp, offers.fees(), taxonomy, now)
    with st.expander("Save or load", icon=":material/save:"):
        saving.draw(inputs)
    over = priced.practice(inputs, inputs.key)
    with volume_box:
        st.caption(plain(f"{volume.name}: {over.volume.height:,} rows, {over.volume['units'].sum():,} units"))
    return inputs


def _volume() -> Upload:
    """Return the volume dropped in last, kept while other pages are looked at; the sample until there is one."""
    given = upload_box(
        "Your volume (CSV, Excel or Parquet)", _ENDINGS, "contracts_volume_box", most_mb=_MOST_VOLUME_MB,
        help="A code and its units on each row; modifier, place of service, locality and charge where it has them.",
    )  # fmt: skip
    if given is not None and st.session_state.get(_VOLUME_SEEN) != given.digest:
        st.session_state[_VOLUME], st.session_state[_VOLUME_SEEN] = given, given.digest
    elif given is None:
        st.session_state.pop(_VOLUME_SEEN, None)
    kept: Upload | None = st.session_state.get(_VOLUME)
    if kept is not None:
        st.button("Back to the sample practice", on_click=_forget, key="contracts_sample", icon=":material/science:")
    return kept or sample_file(_SAMPLE)


def _forget() -> None:
    st.session_state.pop(_VOLUME, None)


def _how(day: date) -> tuple[bool, str | None, Upload | None]:
    """Draw QP, the place of rows that name none, and CMS's categories."""
    qp, taxonomy = False, None
    with st.expander("Rows without a place, QP, RBCS"):
        place = st.text_input(
            "Locality of rows that name none", key=address.PLACE, placeholder="Miami, FL or national", max_chars=60
        )
        if QP_TRACK in {row["track"] for row in reference.rows_on("conversion_factor", day)}:
            qp = st.toggle("Qualifying APM participant (QP)", key=address.QP)
        taxonomy = upload_box(
            "CMS's RBCS taxonomy", ("csv", "xlsx"), "contracts_rbcs", most_mb=_MOST_VOLUME_MB,
            help="Only for contracts whose categories are RBCS's.",
        )  # fmt: skip
        if taxonomy is not None:
            st.session_state[_TAXONOMY] = taxonomy
    return qp, place.strip() or None, st.session_state.get(_TAXONOMY)


def _contracts() -> None:
    """Draw the contracts, which of them is in force today, and the boxes to add one."""
    st.markdown("##### Contracts")
    given = upload_box(
        "Add a contract", ("toml", "xlsx", "csv"), "contracts_box", most_mb=offers.MOST_MB,
        help="A contract's TOML file, the spreadsheet of feecalc contract template, or the CSV fee table that a "
        "contract names; drop that in first.",
    )  # fmt: skip
    if given is None:
        st.session_state.pop(_CONTRACT_SEEN, None)
    elif st.session_state.get(_CONTRACT_SEEN) != given.digest:
        try:
            _take(given)
            st.session_state[_CONTRACT_SEEN] = given.digest
        except FeeCalcError as error:
            problem(error)
    if given is not None and given.name.lower().endswith(".csv"):
        st.caption(plain(f"{given.name} is kept for the contracts that name it."))
    st.button("New offer", key="contracts_new", on_click=_new, icon=":material/add:")
    numbers = [offer.number for offer in offers.kept()]
    settle(address.TODAY, numbers, numbers[0], "")
    names = {offer.number: offers.label(offer) for offer in offers.kept()}
    st.selectbox(
        "In force today", numbers, key=address.TODAY, format_func=names.__getitem__,
        help="The contract that the offers are compared with.",
    )  # fmt: skip
    st.caption(plain("\n".join(names[number] for number in numbers)))


def _take(given: Upload) -> None:
    """Take a file that was dropped in: a contract, or a fee table. Raises a FeeCalcError where it cannot be read."""
    if Path(given.name).suffix.lower() == ".csv":
        offers.keep_fees(given)
        return
    st.session_state[address.CHOSEN] = offers.add(offers.text_of(given))


def _new() -> None:
    """Add a contract of a percent of current Medicare, to be changed in the form."""
    try:
        st.session_state[address.CHOSEN] = offers.add(contract_toml(Contract.at(_PERCENT, _PAYER)))
        st.session_state[address.VIEW] = address.TERMS
    except FeeCalcError as error:
        st.toast(plain(error))


def in_order(inputs: Inputs) -> list[offers.Offer]:
    """Return the contract in force today, then the offers."""
    today = st.session_state[address.TODAY]
    return sorted(offers.kept(), key=lambda offer: offer.number != today)


def pick_contract(help: str = "") -> offers.Offer:
    """Return the contract that a view is about; the same in every view."""
    numbers = [offer.number for offer in offers.kept()]
    settle(address.CHOSEN, numbers, numbers[0], "")
    names = {offer.number: offers.label(offer) for offer in offers.kept()}
    number = st.selectbox("Contract", numbers, key=address.CHOSEN, format_func=names.__getitem__, help=help or None)
    return next(offer for offer in offers.kept() if offer.number == number)


def facts(inputs: Inputs) -> dict[str, str]:
    """Return the facts beside the figures: volume, release, place, factor."""
    return {
        "Volume": inputs.volume.name,
        **release_facts(inputs.opened.schedule.release, inputs.day, qp=inputs.qp),
        "Where": "each row's own locality" + (f", {inputs.place} where it names none" if inputs.place else ""),
    }


def basis_words(contract: Contract) -> str:
    """Return in words which Medicare amounts a contract's percents are of."""
    basis = contract.basis
    year = f"{basis.year}, no quarter" if isinstance(basis.year, int) else basis.year
    factor = [f"${basis.conversion_factor} per RVU"] if basis.conversion_factor is not None else []
    where = basis.locality or "locality not stated"
    words = [basis.release or year or "year not stated", "each row's locality" if where == "own" else where, *factor]
    return ", ".join(words)
