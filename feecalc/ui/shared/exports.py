"""Tables as files: CSV and a workbook, made only when a person asks for them, safe to open in a spreadsheet."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from datetime import date
from functools import partial

import polars as pl
import streamlit as st

from feecalc.files.formula_text import guarded

_MOST_ROWS = 1_048_000  # of a sheet, less its headings and the facts above them
_WIDEST = 60
_CSV, _XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def downloads(table: pl.DataFrame, name: str, facts: Mapping[str, str], *, key: str) -> None:
    """The buttons that give a table as CSV and as xlsx. Draw them under the table, with its own columns and all rows.

    ``name``: the file's, without ending (``localities-64493-RVU26C``). ``facts`` say what the figures are of (release,
    locality, factor ...) and stand in the workbook on a sheet of their own; ``key`` is the page's own word for it.
    The files are written when a button is pressed, not before.
    A chart has a button of its own at its upper right.
    """
    called = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "table"
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.download_button(
            "CSV", partial(csv_bytes, table), f"{called}.csv", _CSV, key=f"{key}_csv", on_click="ignore",
            icon=":material/download:", help=f"The table as {called}.csv", type="tertiary",
        )  # fmt: skip
        if table.height <= _MOST_ROWS:
            st.download_button(
                "Excel", partial(xlsx_bytes, table, dict(facts)), f"{called}.xlsx", _XLSX, key=f"{key}_xlsx",
                on_click="ignore", icon=":material/download:", help=f"The table as {called}.xlsx", type="tertiary",
            )  # fmt: skip


def csv_bytes(table: pl.DataFrame) -> bytes:
    """Return the table as CSV (UTF-8 with a mark, which spreadsheets look for).

    A text they would run stands as text.
    """
    flat = table.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
    return b"\xef\xbb\xbf" + guarded(flat).write_csv().encode()


def xlsx_bytes(table: pl.DataFrame, facts: Mapping[str, str]) -> bytes:
    """The table as a workbook: codes as text with their zeros, amounts as numbers with two places, facts beside."""
    import xlsxwriter

    buffer = io.BytesIO()
    safe = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(buffer, safe)
    bold = book.add_format({"bold": True})
    money, plain_number = book.add_format({"num_format": "#,##0.00"}), book.add_format({"num_format": "#,##0.####"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("table")
    sheet.freeze_panes(1, 0)
    for column, (heading, kind) in enumerate(table.schema.items()):
        sheet.set_column(column, column, min(max(len(heading), 8), _WIDEST) + 2)
        sheet.write_string(0, column, heading, bold)
        is_money = isinstance(kind, pl.Decimal) and kind.scale == 2
        for row, cell in enumerate(table.to_series(column), start=1):
            if cell is None:
                continue
            if kind.is_numeric():
                sheet.write_number(row, column, cell, money if is_money else plain_number)
            elif isinstance(cell, bool):
                sheet.write_boolean(row, column, cell)
            elif isinstance(cell, date):
                sheet.write_datetime(row, column, cell, day)
            else:
                sheet.write_string(row, column, str(cell))
    about = book.add_worksheet("about")
    about.set_column(0, 0, 24)
    about.set_column(1, 1, _WIDEST)
    for row, (label, text) in enumerate(facts.items()):
        about.write_string(row, 0, label, bold)
        about.write_string(row, 1, text)
    book.close()
    return buffer.getvalue()
