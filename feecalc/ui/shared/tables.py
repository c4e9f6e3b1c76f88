"""Tables and grids on the page. Every one is drawn here, and streamlit is handed Arrow.

Given a polars frame, streamlit asks it for pandas; that keeps Python's lock while it waits for polars' threads, and the
pages of all persons wait with it. What gives Arrow lets go of the lock first, and makes no copy in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl
import pyarrow as pa
import streamlit as st


def arrow(table: pl.DataFrame) -> pa.Table:
    """The table as streamlit is to have it; words kept as numbers (Categorical, Enum) are written out."""
    return table.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String)).to_arrow()


def table(rows: pl.DataFrame, *, alt: str, **options: Any) -> Any:
    """``st.dataframe``. ``alt`` says in words what the table holds, for screen readers."""
    return st.dataframe(arrow(rows), alt=alt, **options)


def grid(rows: pl.DataFrame, *, alt: str, **options: Any) -> list[dict[str, Any]]:
    """``st.data_editor``: a table to type into. Returns its rows with what was typed."""
    typed: list[dict[str, Any]] = st.data_editor(arrow(rows), alt=alt, **options).to_pylist()
    return typed


def markdown_table(rows: Iterable[Mapping[str, str]]) -> None:
    """``st.table``: a few rows whose cells are markdown, whole."""
    st.table(pa.Table.from_pylist([dict(row) for row in rows]))
