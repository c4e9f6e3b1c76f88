"""What a CMS file says of itself: year, month, release date, track, factor: in its banner, header, columns and name."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from feecalc.ingest.files.layout import Layout


def facts_of(
    layout: Layout, stem: str, banner: str, header_facts: Mapping[str, str], frame: pl.DataFrame
) -> dict[str, str]:
    """The facts of a table that was read. The content goes before the member's name.

    ``frame`` holds the layout's columns, converted; a column that should hold one value and does not gives no fact.
    """
    facts: dict[str, str] = {}
    for pattern in layout.name_facts:
        if match := pattern.search(stem):
            facts |= _said(match.groupdict())
    facts |= _said(header_facts)
    for pattern in layout.banner_facts:
        if match := pattern.search(banner):
            facts |= _said(match.groupdict())
    for column in layout.column_facts:
        if column in frame.columns and frame[column].n_unique() == 1:
            facts[column] = str(frame[column][0])
    return facts


def _said(groups: Mapping[str, str | None]) -> dict[str, str]:
    return {key: _normal(key, text) for key, text in groups.items() if text}


def _normal(key: str, text: str) -> str:
    if key == "year" and len(text) == 2:
        return f"20{text}"
    if key == "month":
        return text[:3].upper()
    if key == "track":
        return "other" if text.lower().startswith("non") else "qp"
    return text
