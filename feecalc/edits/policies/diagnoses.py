"""Whether a diagnosis of the line supports its code, by the list that holds for the line."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from feecalc.edits.policies.edit import PolicyEdit, PolicyFound
from feecalc.edits.policies.lines import PolicyLines, diagnosis_columns, rows_in_force
from feecalc.edits.policies.policy import DiagnosisList, in_force

_OF_LINE = ["row", "region", "date_of_service", "mac"]


def unsupported(lines: PolicyLines) -> Iterator[PolicyFound]:
    """Find lines that give diagnoses, none of which supports the code. A line without any is not judged."""
    left = lines.procedures
    if not diagnosis_columns(left):
        return
    for diagnoses, entries in lines.tables.diagnoses:
        here = left.filter(in_force(diagnoses.head))
        if here.height:
            yield from _unsupported(here, diagnoses, entries)
        left = left.filter(~in_force(diagnoses.head))


def _unsupported(procedures: pl.DataFrame, diagnoses: DiagnosisList, entries: pl.DataFrame) -> Iterator[PolicyFound]:
    given = _given(procedures)
    verdicts = _verdicts(given, entries)
    judged = given.join(verdicts, on=["row", "diagnosis"], how="left", maintain_order="left")
    by_line = judged.group_by("row", maintain_order=True).agg(
        supported=(pl.col("supports") == pl.lit(True)).any(),
        refused=pl.col("shown").filter(pl.col("supports") == pl.lit(False)).unique(maintain_order=True),
        shown=pl.col("shown").unique(maintain_order=True),
    )
    unsupported_lines = by_line.filter(~pl.col("supported"))
    if not unsupported_lines.height:
        return
    lines = procedures.join(unsupported_lines, on="row").with_columns(list=pl.lit(diagnoses.label))
    named = pl.when(pl.col("refused").list.len() > 0).then(pl.col("refused")).otherwise(pl.col("shown"))
    lines = lines.with_columns(diagnosis=named.list.join(", ")).sort("row")
    certain = (pl.col("refused").list.len() > 0) | pl.lit(diagnoses.head.complete)
    yield "diagnosis_not_supported", diagnoses.head, lines.filter(certain)
    yield "diagnosis_not_listed", diagnoses.head, lines.filter(~certain)


def _given(procedures: pl.DataFrame) -> pl.DataFrame:
    """Return each line's diagnoses, one a row: as written (``shown``) and without dot and case (``diagnosis``)."""
    long = procedures.select(
        *_OF_LINE, *(pl.col(name).cast(pl.String) for name in diagnosis_columns(procedures))
    ).unpivot(index=_OF_LINE, variable_name="place", value_name="shown")
    long = long.with_columns(pl.col("shown").fill_null("").str.strip_chars().str.to_uppercase())
    return long.filter(pl.col("shown") != "").with_columns(diagnosis=_plain(pl.col("shown")))


def _plain(code: pl.Expr) -> pl.Expr:
    return code.str.replace_all(r"[\s.]", "")


def _verdicts(given: pl.DataFrame, entries: pl.DataFrame) -> pl.DataFrame:
    """Return what the list says of each line's diagnosis: ``supports``; one that it does not name is left out.

    Where more than one entry fits, the longest code decides; of two alike, the one that supports.
    """
    fits = [given.join(entries, left_on=["diagnosis", "region"], right_on=["code", "for_region"])]
    below = entries.filter("and_below")
    for length in below["length"].unique():
        stem = pl.col("diagnosis").str.slice(0, length)
        at = below.filter(pl.col("length") == length)
        fits.append(given.join(at, left_on=[stem, "region"], right_on=["code", "for_region"]).select(fits[0].columns))
    fitting = rows_in_force(pl.concat(fits))
    best = pl.col("supports").sort_by("length", "supports", descending=True).first()
    return fitting.group_by("row", "diagnosis").agg(best)


EDITS = (PolicyEdit("diagnoses", ("diagnosis_not_supported", "diagnosis_not_listed"), unsupported),)
