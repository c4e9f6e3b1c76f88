"""Columns a file prints in two versions, of which Medicare paid one: which, by the year the file says it is of.

From 2009 to 2013 PPRRVU printed practice expense as it stood in the transition to a new method, and as it would be once
that was over. Both look alike, and the wrong one makes every price wrong: where nothing says the year, none is taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import polars as pl

from feecalc import reference
from feecalc.errors import MissingColumn, MissingRule
from feecalc.ingest.files.facts import facts_of
from feecalc.ingest.files.layout import Versions
from feecalc.ingest.files.reading import RawTable


def with_paid_versions(raw: RawTable, stem: str) -> RawTable:
    """The table with one version of each column: the one that the dated rule says was paid, and a note of it.

    ``stem`` is the member's name, without folder and ending. Raises MissingColumn (only some of the columns have their
    second version) and MissingRule (the versions differ, and the year or its rule is not known).
    """
    versions = raw.layout.versions
    if versions is None:
        return raw
    second = {column: versions.second(column) for column in versions.columns}
    printed = [column for column in second if second[column] in raw.frame.columns]
    if not printed:
        return raw
    if len(printed) < len(second):
        lacking = ", ".join(f"{versions.name} {column}" for column in second if column not in printed)
        raise MissingColumn(f"{raw.member}: prints some columns in two versions, but lacks {lacking}")
    differ = raw.frame.filter(pl.any_horizontal(pl.col(column) != pl.col(other) for column, other in second.items()))
    year = facts_of(raw.layout, stem, raw.banner, raw.facts, raw.frame).get("year")
    if differ.height:
        paid, note = _paid(raw.member, versions, year, differ.height)
    else:
        paid, note = "", f"it prints {versions.name} values beside others, equal to them on every row"
    return replace(
        raw,
        frame=_one_version(raw.frame, second, take_second=paid == versions.name),
        labels=_labels(raw.labels, second, take_second=paid == versions.name),
        notes=(*raw.notes, note),
    )


def _paid(member: str, versions: Versions, year: str | None, rows: int) -> tuple[str, str]:
    """Which version was paid in a year, and what a person should know of it."""
    if year is None:
        raise MissingRule(
            f"{member}: prints {versions.name} values beside others, which differ on {rows:,} rows, and nothing in its "
            "name or banner says of which year it is, so which of them Medicare paid cannot be told; put the year into "
            f"its name, as in {member.split('/')[-1].split('.')[0]}_2012"
        )
    rule = reference.row_on(versions.rule, date(int(year), 1, 1))
    return rule["paid"], (
        f"it prints {versions.name} values beside others; the {rule['paid']} ones were read, which Medicare paid in "
        f"{year} (reference: {versions.rule})"
    )


def _one_version(frame: pl.DataFrame, second: Mapping[str, str], *, take_second: bool) -> pl.DataFrame:
    if not take_second:
        return frame.drop(second.values())
    return frame.with_columns(pl.col(other).alias(column) for column, other in second.items()).drop(second.values())


def _labels(labels: Mapping[str, str], second: Mapping[str, str], *, take_second: bool) -> dict[str, str]:
    kept = {column: label for column, label in labels.items() if column not in second.values()}
    if take_second and labels:
        kept |= {column: labels[other] for column, other in second.items()}
    return kept
