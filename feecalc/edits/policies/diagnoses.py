"""Whether a diagnosis of the line supports its code, by the list that holds for the line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import polars as pl

from feecalc.edits.policies.policy import DiagnosisList, Policy, in_force
from feecalc.edits.policies.wording import as_findings

_PREFIX = "diagnosis_"
_OF_LINE = ["row", "region", "date_of_service", "mac"]


def diagnosis_columns(lines: pl.DataFrame) -> list[str]:
    """The lines' columns of diagnoses, in their order."""
    return [name for name in lines.columns if name.startswith(_PREFIX)]


def unsupported(procedures: pl.DataFrame, policy: Policy) -> list[pl.DataFrame]:
    """Lines that give diagnoses, none of which supports the code. A line without any is not judged."""
    if not diagnosis_columns(procedures):
        return []
    found: list[pl.DataFrame] = []
    left = procedures
    for diagnoses in policy.diagnosis_lists:
        here = left.filter(in_force(diagnoses.head))
        found.extend(_unsupported(here, policy, diagnoses))
        left = left.filter(~in_force(diagnoses.head))
    return found


def _unsupported(procedures: pl.DataFrame, policy: Policy, diagnoses: DiagnosisList) -> Iterator[pl.DataFrame]:
    if not procedures.height:
        return
    given = _given(procedures)
    said = _judged(given, diagnoses, policy.region_names())
    judged = given.join(said, on=["row", "diagnosis"], how="left", maintain_order="left")
    by_line = judged.group_by("row", maintain_order=True).agg(
        supported=(pl.col("supports") == pl.lit(True)).any(),
        refused=pl.col("shown").filter(pl.col("supports") == pl.lit(False)).unique(maintain_order=True),
        shown=pl.col("shown").unique(maintain_order=True),
    )
    lines = procedures.join(by_line.filter(~pl.col("supported")), on="row").with_columns(list=pl.lit(diagnoses.label))
    told = pl.when(pl.col("refused").list.len() > 0).then(pl.col("refused")).otherwise(pl.col("shown"))
    lines = lines.with_columns(diagnosis=told.list.join(", ")).sort("row")
    certain = (pl.col("refused").list.len() > 0) | pl.lit(bool(diagnoses.head["complete"]))
    yield as_findings(policy, "diagnosis_not_supported", diagnoses.head, lines.filter(certain))
    yield as_findings(policy, "diagnosis_not_listed", diagnoses.head, lines.filter(~certain))


def _given(procedures: pl.DataFrame) -> pl.DataFrame:
    """Each line's diagnoses, one a row: as written (``shown``) and without dot and case (``diagnosis``)."""
    long = procedures.select(
        *_OF_LINE, *(pl.col(name).cast(pl.String) for name in diagnosis_columns(procedures))
    ).unpivot(index=_OF_LINE, variable_name="place", value_name="shown")
    long = long.with_columns(pl.col("shown").fill_null("").str.strip_chars().str.to_uppercase())
    return long.filter(pl.col("shown") != "").with_columns(diagnosis=_plain(pl.col("shown")))


def _plain(code: pl.Expr) -> pl.Expr:
    return code.str.replace_all(r"[\s.]", "")


def _judged(given: pl.DataFrame, diagnoses: DiagnosisList, regions: Iterable[str]) -> pl.DataFrame:
    """What the list says of each line's diagnosis: ``supports``; one that it does not name is left out.

    Where several entries fit, the longest code decides; of two alike, the one that supports.
    """
    entries = _entries(diagnoses, regions)
    fits = [given.join(entries, left_on=["diagnosis", "region"], right_on=["code", "for_region"])]
    below = entries.filter("and_below")
    for length in below["length"].unique():
        stem = pl.col("diagnosis").str.slice(0, length)
        at = below.filter(pl.col("length") == length)
        fits.append(given.join(at, left_on=[stem, "region"], right_on=["code", "for_region"]).select(fits[0].columns))
    day, mac = pl.col("date_of_service"), pl.col("mac")
    held = pl.concat(fits).filter(
        day.is_between(pl.col("effective_from"), pl.col("effective_to")),
        pl.col("macs").is_null() | pl.col("macs").list.contains(mac),
        pl.col("not_macs").is_null() | ~pl.col("not_macs").list.contains(mac),
    )
    best = pl.col("supports").sort_by("length", "supports", descending=True).first()
    return held.group_by("row", "diagnosis").agg(best)


def _entries(diagnoses: DiagnosisList, regions: Iterable[str]) -> pl.DataFrame:
    """The list's entries, one a code and region."""
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "code": pl.String,
        "for_region": pl.List(pl.String),
        "supports": pl.Boolean,
        "and_below": pl.Boolean,
        "effective_from": pl.Date,
        "effective_to": pl.Date,
        "macs": pl.List(pl.String),
        "not_macs": pl.List(pl.String),
    }
    told = [
        (
            code.replace(".", ""),
            row.get("regions") or list(regions),
            row["supports"],
            row.get("and_below", False),
            row["effective_from"],
            row.get("effective_to", date.max),
            row.get("macs"),
            row.get("not_macs"),
        )
        for row in diagnoses.entries
        for code in row["codes"]
    ]
    entries = pl.DataFrame(told, schema=schema, orient="row").explode("for_region")
    return entries.with_columns(length=pl.col("code").str.len_chars())
