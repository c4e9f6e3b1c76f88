"""What NCCI's files write in a way of their own: an indicator with its words, "3 Date of Service Edit: Clinical"; and a
version in place of a quarter, v322r0.
"""

from __future__ import annotations

import re

import polars as pl

from feecalc.reference import rows

_WORDED = {"mue": "mai"}


def indicators(table: str, text: pl.DataFrame) -> pl.DataFrame:
    """The text rows of a table with indicators as their one digit or letter. Any other cell is left."""
    name = _WORDED.get(table)
    if name is None or name not in text.columns:
        return text
    return text.with_columns(pl.col(name).str.replace(r"^([0-9A-Za-z])\s.*$", "$1"))


def quarter_facts(table: str, stem: str) -> dict[str, str]:
    """The quarter that a version in the file's name means, as ``year_quarter`` "20263"; nothing for other names."""
    version = re.search(r"v(\d\d)([0-3])r\d", stem, re.IGNORECASE) if table == "ncci_pair" else None
    if version is None:
        return {}
    (row,) = rows("ncci_version")
    return {"year_quarter": f"{int(row['value']) + int(version[1])}{int(version[2]) + 1}"}
