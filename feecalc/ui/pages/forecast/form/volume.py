"""The tab Volume: so many units of which code, where; a grid to type into."""

from __future__ import annotations

import polars as pl
import streamlit as st

from feecalc.errors import FeeCalcError
from feecalc.ui.pages.forecast.draft import files
from feecalc.ui.pages.forecast.draft.files import VolumeRows, edited, rows_of
from feecalc.ui.pages.forecast.draft.state import Draft, Tables
from feecalc.ui.shared import figures, problems
from feecalc.ui.shared.uploads import Upload
from feecalc.ui.shared.words import one_line, plain

_MOST_EDITED = 1_500  # rows; a grid of more is slow to type into
_TALL = 12


def volume(draft: Draft, tables: Tables) -> tuple[Tables, dict[str, Upload]]:
    """Return the volumes with what was typed, and the tables that name them so."""
    wanted, _ = files.named(tables)
    there = [name for name in wanted if name in draft.volumes]
    if not there:
        st.info("The scenario's volume is not here yet; drop it in under Files.", icon=":material/upload_file:")
        return tables, draft.volumes
    found, now = dict(draft.volumes), tables
    for name in there:
        if len(there) > 1:
            st.markdown(f"###### {plain(name)}")
        given = draft.volumes[name]
        try:
            rows = rows_of(given, given.digest)
        except FeeCalcError as error:
            problems.problem(error)
            continue
        _draw(draft, name, rows)
        typed = edited(given, rows, st.session_state.get(_key(draft, name)) or {})
        if typed is not given:
            found[typed.name] = typed
            now = _named(now, name, typed.name)
    return now, found


def codes(draft: Draft, tables: Tables) -> list[str]:
    """Return the procedure codes of the volumes, each once."""
    wanted, _ = files.named(tables)
    found: list[str] = []
    for name in wanted:
        given = draft.volumes.get(name)
        if given is not None:
            try:
                found += rows_of(given, given.digest).codes
            except FeeCalcError:  # shown in the tab Volume
                continue
    return list(dict.fromkeys(found))


def _draw(draft: Draft, name: str, rows: VolumeRows) -> None:
    shown = rows.frame.with_columns(pl.col(rows.numbers).cast(pl.Float64))
    config = {column: st.column_config.Column(one_line(column)) for column in shown.columns}
    height = 35 * (_TALL + 1) + 3
    if shown.height > _MOST_EDITED:
        st.caption(f"{shown.height:,} rows, too many to type into; the first {_MOST_EDITED:,} are shown.")
        figures.show_table(
            shown.head(_MOST_EDITED), hide_index=True, height=height, column_config=config, alt="The volume's rows"
        )
        return
    figures.grid(
        shown, key=_key(draft, name), hide_index=True, width="stretch", num_rows="dynamic", height=height,
        column_config=config, placeholder="–", alt="The volume: units of each code, with place and locality",
    )  # fmt: skip
    st.caption(
        plain(
            f"{name}, {shown.height:,} rows. Move the table sideways for its other columns. A row is "
            "added at the bottom; whole columns come by a file."
        )
    )


def _key(draft: Draft, name: str) -> str:
    return draft.key(f"volume_{sorted(draft.volumes).index(name)}")


def _named(tables: Tables, old: str, new: str) -> Tables:
    """Return the tables with the volume under its new name."""
    cells = dict(tables)
    if cells.get("volume") == old:
        cells["volume"] = new
    if "location" in cells:
        cells["location"] = [row | ({"volume": new} if row.get("volume") == old else {}) for row in cells["location"]]
    return cells
