"""The technical part of imaging in an ambulatory surgical center: the center's to bill, where Addendum BB lists it.

Source: reference/edit_technical.toml.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from feecalc.edits.finding import findings, no_findings
from feecalc.edits.lines.traits import MODIFIERS
from feecalc.edits.tables import EditTables
from feecalc.pricing.release_tables import ReleaseTables
from feecalc.reference import Row, rows

_KEPT = ("date_of_service", "hcpcs", "place_of_service", "release", *MODIFIERS)


def places() -> list[str]:
    """The places of service that this edit looks at."""
    return sorted({place for row in rows("edit_technical") for place in row["places"]})


def find(lines: pl.DataFrame, tables: EditTables, releases: Sequence[ReleaseTables]) -> pl.DataFrame:
    """Physicians' lines that hold a center's technical work. Shape: ``finding.SCHEMA``.

    ``lines``: with ``row`` (their place; counted where it is missing); of several ``releases`` the line's own is taken,
    by ``release`` where it is there, else by the day. Not for a center's own claim.
    """
    if tables.ancillary is None or "place_of_service" not in lines.columns:
        return no_findings()
    numbered = lines if "row" in lines.columns else lines.with_row_index("row")
    meant = numbered.filter(pl.col("place_of_service").cast(pl.String).is_in(places()))
    if not meant.height:
        return no_findings()
    few = meant.select("row", *(name for name in _KEPT if name in meant.columns))
    texts = [name for name in few.columns if name not in ("row", "date_of_service")]
    listed = _on_the_list(few.with_columns(pl.col(texts).cast(pl.String).fill_null("")), tables.ancillary)
    known = _with_indicator(listed, releases)
    found = [findings(row["rule"], _worded(known.filter(_held(row, known.columns)))) for row in rows("edit_technical")]
    return pl.concat(found).sort("row", "rule")


def _on_the_list(lines: pl.DataFrame, ancillary: pl.DataFrame) -> pl.DataFrame:
    """The lines whose code is on the list of their quarter, with its ``indicator``: the newest list of their day."""
    lists = ancillary.select(pl.col("effective_from").unique().sort()).with_columns(list_of=pl.col("effective_from"))
    dated = lines.drop_nulls("date_of_service").sort("date_of_service")
    dated = dated.join_asof(lists, left_on="date_of_service", right_on="effective_from", strategy="backward")
    codes = ancillary.select("hcpcs", pl.col("effective_from").alias("list_of"), indicator="payment_indicator")
    return dated.join(codes, on=["hcpcs", "list_of"])


def _with_indicator(lines: pl.DataFrame, releases: Sequence[ReleaseTables]) -> pl.DataFrame:
    """The lines with ``pctc_indicator`` of their code's row."""
    parts = [
        each.rvu.filter(pl.col("modifier") == "").select(
            "hcpcs", "pctc_indicator", of_release=pl.lit(each.release.name), begins=each.release.first_date_of_service
        )
        for each in releases
    ]
    known = pl.concat(parts)
    if "release" in lines.columns:
        return lines.join(known, left_on=["hcpcs", "release"], right_on=["hcpcs", "of_release"])
    met = lines.join(known, on="hcpcs").filter((pl.col("begins") <= pl.col("date_of_service")) | (len(releases) == 1))
    return met.sort("begins").unique("row", keep="last", maintain_order=True)


def _held(rule: Row, columns: Sequence[str]) -> pl.Expr:
    spared = [pl.col(name).is_in(rule["unless"]) for name in MODIFIERS if name in columns]
    held: pl.Expr = (
        pl.col("place_of_service").is_in(rule["places"])
        & pl.col("indicator").is_in(rule["payment_indicators"])
        & (pl.col("pctc_indicator") == rule["pctc_indicator"])
        & pl.col("date_of_service").is_between(rule["effective_from"], rule.get("effective_to", date.max))
        & ~(pl.any_horizontal(spared) if spared and rule["unless"] else pl.lit(False))
    )
    return held


def _worded(found: pl.DataFrame) -> pl.DataFrame:
    given = [pl.when(pl.col(name) != "").then(pl.col(name)) for name in MODIFIERS if name in found.columns]
    carried = pl.concat_str(given, separator=" ", ignore_nulls=True) if given else pl.lit("")
    said = pl.when(carried == "").then(pl.lit("is billed whole")).otherwise(pl.lit("is billed with ") + carried)
    return found.with_columns(said=said, place="place_of_service")
