"""Tables as files: CSV and a workbook, made only when a person asks for them, safe to open in a spreadsheet."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from functools import partial

import polars as pl
import streamlit as st

from feecalc.files.formula_text import guarded
from feecalc.files.sheets import SHEET_ROWS, new_workbook

_CSV, _XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def downloads(table: pl.DataFrame, name: str, facts: Mapping[str, str], *, key: str) -> None:
    """Draw the buttons that download a table as CSV and as xlsx: under the table, with its own columns and all rows.

    ``name``: the file's, without ending (``localities-64493-RVU26C``). ``facts`` say what the figures are of (release,
    locality, factor ...) and stand in the workbook on a sheet of their own; ``key``: the page's own word for it.
    The files are written when a button is pressed, not before.
    A chart has a button of its own at its upper right.
    """
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "table"
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.download_button(
            "CSV", partial(csv_bytes, table), f"{stem}.csv", _CSV, key=f"{key}_csv", on_click="ignore",
            icon=":material/download:", help=f"The table as {stem}.csv", type="tertiary",
        )  # fmt: skip
        if table.height <= SHEET_ROWS:
            st.download_button(
                "Excel", partial(xlsx_bytes, table, dict(facts)), f"{stem}.xlsx", _XLSX, key=f"{key}_xlsx",
                on_click="ignore", icon=":material/download:", help=f"The table as {stem}.xlsx", type="tertiary",
            )  # fmt: skip


def csv_bytes(table: pl.DataFrame) -> bytes:
    """Return the table as CSV (UTF-8 with a mark, which spreadsheets look for).

    A text they would run stands as text.
    """
    flat = table.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
    return b"\xef\xbb\xbf" + guarded(flat).write_csv().encode()


def xlsx_bytes(table: pl.DataFrame, facts: Mapping[str, str]) -> bytes:
    """Return the table as a workbook: codes as text with their zeros, amounts as numbers, ``facts`` on a sheet."""
    buffer = io.BytesIO()
    with new_workbook(buffer, "the workbook") as book:
        book.sheet("table", table.schema).append(table)
        book.about(facts)
    return buffer.getvalue()
