"""Add-on codes: paid only beside a primary code of the same patient, day and billing provider.

Type 1: one of the primaries listed. Type 3: one of those listed, or another the contractor accepts, which is warned of.
Type 2: the contractor defines the primaries; alone it is denied, beside another service the contractor's list is to be
looked at. A primary that is itself an add-on without its own primary is not paid, and does not count.
Source: CMS's add-on code edits (CR 7501); Pub. 100-04 ch. 12 sec. 30.D.
"""

from __future__ import annotations

import polars as pl

from feecalc.edits.finding import findings, no_findings
from feecalc.edits.lines import GROUP
from feecalc.edits.tables import EditTables
from feecalc.reference import rows

_NAMED = 6  # primaries that a sentence names
_DEFINED, _FREE = "2", "3"


def find(lines: pl.DataFrame, tables: EditTables, *, words: bool = True) -> pl.DataFrame:
    """The add-on lines without a primary, or with one nobody has listed. Shape: ``finding.SCHEMA``; ``lines`` prepared.

    A line with units of 0 or less, or without a date, is no primary and no add-on here.
    """
    if tables.add_ons is None or lines.height == 0:
        return no_findings()
    own = lines.select("row", GROUP, "date_of_service", "hcpcs", "units").filter(
        pl.col("date_of_service").is_not_null() & (pl.col("units") > 0)
    )
    edits = _edits(tables.add_ons)
    spans = edits.select("hcpcs", "edit_type", "effective_from", "ends").unique()
    held = _in_force(own.join(spans, on="hcpcs"))
    if held.height == 0:
        return no_findings()
    beside = own.join(held.select(GROUP).unique(), on=GROUP, how="semi").select(
        GROUP, pl.col("row").alias("primary_row"), pl.col("hcpcs").alias("primary")
    )
    lines_held = held.select("row", GROUP, "date_of_service", "hcpcs").unique("row")
    met = _in_force(lines_held.join(beside, on=GROUP).join(edits, on=["hcpcs", "primary"]))
    met = met.filter(pl.col("primary") != pl.col("hcpcs")).select("row", "primary_row").unique()
    judged = _types(held).join(_accompanied(held, beside), on=GROUP, how="left")
    lenient, accompanied = pl.col("free") | pl.col("defined"), pl.col("accompanied").fill_null(False)
    doubtful = judged.filter(lenient & accompanied)
    paid = _paid(judged, met, doubtful["row"])
    leaning = met.join(paid.rename({"row": "primary_row"}), on="primary_row", how="semi")
    for listed in (leaning, _beside_plain(judged, met)):
        doubtful = doubtful.join(listed, on="row", how="anti")
    denied = judged.join(paid, on="row", how="anti")
    if denied.height + doubtful.height == 0:
        return no_findings()
    if words:
        denied, doubtful = (_worded(each, edits, held, beside) for each in (denied, doubtful))
    found = {
        "add_on_without_primary": denied.filter(~lenient & ~accompanied),
        "add_on_with_wrong_primary": denied.filter(~lenient & accompanied),
        "add_on_alone": denied.filter(lenient),
        "add_on_contractor_accepts": doubtful.filter(pl.col("free")),
        "add_on_contractor_defines": doubtful.filter(~pl.col("free")),
    }
    return pl.concat(findings(rule, each, words=words) for rule, each in found.items()).sort("row")


def _suspended() -> str:
    """The words of CMS's notes that say an edit is not applied, as one pattern."""
    return "|".join(word for row in rows("edit_note") if row["means"] == "suspended" for word in row["listed"])


def _edits(add_ons: pl.DataFrame) -> pl.DataFrame:
    """The edits that are applied. Shape: hcpcs (the add-on), edit_type, primary, effective_from, ends (null: none)."""
    ends = pl.min_horizontal("deleted_on", "primary_deleted_on", "add_on_deleted_on").alias("ends")
    applied = add_ons.filter(~pl.col("note").str.contains(_suspended()))
    return applied.select(pl.col("add_on").alias("hcpcs"), "edit_type", "primary", "effective_from", ends)


def _in_force(held: pl.DataFrame) -> pl.DataFrame:
    """The edits that hold on their line's day, and whose codes do."""
    day, ends = pl.col("date_of_service"), pl.col("ends")
    return held.filter((pl.col("effective_from") <= day) & (ends.is_null() | (ends >= day)))


def _types(held: pl.DataFrame) -> pl.DataFrame:
    """Each add-on line once, with whether an edit of type 2 (``defined``) or 3 (``free``) is among its own."""
    kind = pl.col("edit_type")
    return held.group_by("row").agg(
        pl.col("date_of_service", "hcpcs", GROUP).first(),
        (kind == _DEFINED).any().alias("defined"),
        (kind == _FREE).any().alias("free"),
    )


def _worded(found: pl.DataFrame, edits: pl.DataFrame, held: pl.DataFrame, beside: pl.DataFrame) -> pl.DataFrame:
    """The lines found with the primaries that would do (``primaries``), and what stands beside (``others``)."""

    def first_few(name: str) -> pl.Expr:
        few = pl.col(name).head(_NAMED).str.join(", ")
        return pl.when(pl.len() > _NAMED).then(few + pl.lit(", ...")).otherwise(few).first()

    key = ["hcpcs", "date_of_service"]
    listed = _in_force(found.select(key).unique().join(edits, on="hcpcs"))
    named = listed.select(*key, "primary").unique().sort("primary")
    listed = named.group_by(key).agg(first_few("primary").alias("primaries"))
    company = beside.join(found.select(GROUP).unique(), on=GROUP, how="semi").join(
        held.select(pl.col("row").alias("primary_row")), on="primary_row", how="anti"
    )
    others = company.select(GROUP, "primary").unique().sort("primary").group_by(GROUP)
    return found.join(listed, on=key).join(others.agg(first_few("primary").alias("others")), on=GROUP, how="left")


def _accompanied(held: pl.DataFrame, beside: pl.DataFrame) -> pl.DataFrame:
    """The groups that have a line of no add-on code in force that day. Shape: group, accompanied."""
    others = beside.join(held.select(pl.col("row").alias("primary_row")), on="primary_row", how="anti")
    return others.select(GROUP).unique().with_columns(pl.lit(True).alias("accompanied"))


def _beside_plain(judged: pl.DataFrame, met: pl.DataFrame) -> pl.DataFrame:
    """The add-on lines with a listed primary that is no add-on. Shape: row."""
    add_ons = judged.select(pl.col("row").alias("primary_row"))
    return met.join(add_ons, on="primary_row", how="anti").select("row").unique()


def _paid(judged: pl.DataFrame, met: pl.DataFrame, doubtful: pl.Series) -> pl.DataFrame:
    """The add-on lines that are not denied: beside a primary that is no add-on, or is an add-on that is not denied.

    ``doubtful`` lines are only warned of. What falls takes with it the lines that lean on it. Shape: row.
    """
    paid = pl.concat([_beside_plain(judged, met), doubtful.to_frame()]).unique()
    while True:
        more = met.join(paid.rename({"row": "primary_row"}), on="primary_row", how="semi").select("row")
        more = pl.concat([paid, more]).unique()
        if more.height == paid.height:
            return paid
        paid = more
