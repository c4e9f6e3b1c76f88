"""Rows that CMS printed by other figures than those of the release beside them: reference/printed_difference.toml.

A row is taken for one only where the release's own figures do not meet it and those of the rule do, to the cent, in
every setting it prints. A table that nobody has looked at yet may be printed by another conversion factor of the dated
rules (the year before, another track): that is believed where it meets nearly all rows on which the two factors differ,
so that a few damaged cells are never explained away.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from feecalc import reference
from feecalc.conformance.comparison import SETTINGS, printed_cents
from feecalc.money import FACTOR_PLACES, INDEX_PLACES, RVU_PLACES, whole

_NEARLY_ALL = (9, 10)  # of the rows on which two conversion factors differ, to believe in the other one
_INDICES = ("work_gpci", "pe_gpci", "mp_gpci")
_CEILINGS = "oppscap"
_PLACE = pl.concat_str("mac", "locality", separator="-")
_CODE = pl.concat_str("hcpcs", pl.when(pl.col("modifier") != "").then("-" + pl.col("modifier")).otherwise(pl.lit("")))


def rules(table: str, release: str, day: date) -> list[reference.Row]:
    """Return by what CMS printed rows of ``table``, compared with ``release``, where it did so by other figures."""
    return [row for row in reference.rows_on("printed_difference", day, table=table) if release in row["releases"]]


def sources(table: str, release: str, day: date) -> dict[str, str]:
    """Return how each of them is known, by its words."""
    found = [*rules(table, release, day), *_other_factors(table, day)]
    return {row["printed"]: row["source"] for row in found}


def _other_factors(table: str, day: date) -> list[reference.Row]:
    """Return the factors of the dated rules, of the year and the one before, that a table may be printed by."""
    if table != _CEILINGS:
        return []
    years = (day.year - 1, day.year)
    named = {row["value"]: row for row in reference.rows("conversion_factor") if row["effective_from"].year in years}
    return [
        {
            "printed": f"by a conversion factor of {value}, which is not the release's",
            "conversion_factor": value,
            "source": f"observed in the table itself; the factor: {row['source']}",
        }
        for value, row in named.items()
    ]


def with_printed_by(
    rows: pl.DataFrame,
    rvus: pl.DataFrame,
    amounts: Mapping[str, pl.Expr],
    *,
    table: str,
    release: str,
    day: date,
) -> pl.DataFrame:
    """``printed_by``: by what CMS printed a row that is not equal; null where it is equal or nothing known meets it.

    SETTING_cents_otherwise: the amount by those figures, only where CMS printed any row of the table so.

    ``rows``: printed amounts, SETTING_cents, ``reason`` and the figures that ``amounts`` are computed from, in whole
    units. ``rvus``: the release's rows, for a figure taken from another row of the code.
    """
    found = rows.with_columns(pl.lit(None, dtype=pl.String).alias("printed_by"))
    not_met_yet = pl.col("reason").is_null() & pl.col("printed_by").is_null() & ~_met("cents")
    for rule in rules(table, release, day):
        other = _replaced(found, rvus, rule).select(
            amount.alias(f"{setting}_cents_otherwise") for setting, amount in amounts.items()
        )
        found = pl.concat([found.drop(other.columns, strict=False), other], how="horizontal")
        met = not_met_yet & _met("cents_otherwise")
        found = found.with_columns(
            pl.when(met).then(pl.lit(rule["printed"])).otherwise("printed_by").alias("printed_by")
        )
    if not found.select(not_met_yet.any()).item():
        return found
    for rule in _other_factors(table, day):
        other = _replaced(found, rvus, rule).select(
            amount.alias(f"{setting}_cents_otherwise") for setting, amount in amounts.items()
        )
        tried = pl.concat([found.drop(other.columns, strict=False), other], how="horizontal")
        if _is_believed(tried):
            met = not_met_yet & _met("cents_otherwise")
            return tried.with_columns(
                pl.when(met).then(pl.lit(rule["printed"])).otherwise("printed_by").alias("printed_by")
            )
    return found


def _is_believed(rows: pl.DataFrame) -> bool:
    """Return whether nearly all computable rows on which the other figures make a difference are printed by those."""
    differ = pl.any_horizontal(
        pl.col(f"{setting}_cents") != pl.col(f"{setting}_cents_otherwise") for setting in SETTINGS
    )
    telling = rows.filter(pl.col("reason").is_null() & pl.col("printed_by").is_null() & differ)
    part, all_of_it = _NEARLY_ALL
    met = telling.filter(_met("cents_otherwise")).height
    return telling.height > 0 and met * all_of_it >= telling.height * part


def _met(computed: str) -> pl.Expr:
    """Return whether the amount of every setting that is printed is that of the column SETTING_``computed``."""
    return pl.all_horizontal(
        pl.col(f"{setting}_amount").is_null() | (printed_cents(setting) == pl.col(f"{setting}_{computed}"))
        for setting in SETTINGS
    ).fill_null(False)


def _replaced(rows: pl.DataFrame, rvus: pl.DataFrame, rule: reference.Row) -> pl.DataFrame:
    """Return the rows with the figures CMS used in place of the release's."""
    changed: dict[str, pl.Expr] = {}
    if "conversion_factor" in rule:
        changed["conversion_factor"] = pl.lit(whole(rule["conversion_factor"], FACTOR_PLACES), dtype=pl.Int64)
    for index in _INDICES:
        if index in rule:
            changed[index] = _looked_up(_PLACE, rule[index], INDEX_PLACES, index)
    if "pe_mp_rvu" in rule:
        parts = [{row: pair[part] for row, pair in rule["pe_mp_rvu"].items()} for part in (0, 1)]
        pe = {f"{kind}pe_rvu_{setting}": parts[0] for kind in ("", "opps_") for setting in SETTINGS}
        for column, values in {**pe, "mp_rvu": parts[1], "opps_mp_rvu": parts[1]}.items():
            changed[column] = _looked_up(_CODE, values, RVU_PLACES, column)
    if "work_rvu_of" in rule:
        others = rvus.filter(pl.col("modifier") == rule["work_rvu_of"]).select("hcpcs", other_work="work_rvu")
        rows = rows.join(others, on="hcpcs", how="left", maintain_order="left")
        changed["opps_work_rvu"] = (
            pl.when(_CODE.is_in(rule["work_rvu_rows"])).then("other_work").otherwise("opps_work_rvu")
        )
    return rows.with_columns(**changed)


def _looked_up(key: pl.Expr, values: Mapping[str, str], places: int, otherwise: str) -> pl.Expr:
    """Return the value of a row's key as a whole number, or the release's own where there is none."""
    units = {name: whole(value, places) for name, value in values.items()}
    return key.replace_strict(units, default=pl.col(otherwise), return_dtype=pl.Int64)
