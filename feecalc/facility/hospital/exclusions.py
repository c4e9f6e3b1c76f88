"""What a comprehensive payment leaves out by service: New Technology APCs, preventive services, mammography ...

Source: Pub. 100-04 ch. 4 sec. 10.2.3; reference/opps_comprehensive_exclusion.toml. What it leaves out by status stands
in reference/opps_status_indicator.toml.
"""

from __future__ import annotations

import polars as pl

from feecalc import reference
from feecalc.facility.lines import MODIFIERS
from feecalc.facility.rules import Rules, within


def with_exclusions(lines: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Return lines with ``left_out``: what a service is that is paid as without the comprehensive one, else null.

    Columns: hcpcs, apc, indicator, coinsurance, coinsurance_of, modifiers, beside_apc.
    """
    rows = reference.rows_on("opps_comprehensive_exclusion", rules.day)
    return lines.with_columns(
        pl.coalesce(pl.lit(None, pl.String), *(pl.when(_is(row)).then(pl.lit(row["said"])) for row in rows)).alias(
            "left_out"
        )
    )


def _is(row: reference.Row) -> pl.Expr:
    meant = pl.col("indicator").is_in(row["status_indicators"])
    if row["kind"] == "new_technology":
        return meant & within(row["apcs"], "apc")
    if row["kind"] == "preventive":
        return meant & (pl.col("coinsurance") == 0) & pl.col("coinsurance_of").is_not_null()
    if row["modifiers"]:
        meant &= pl.any_horizontal(pl.col(name).is_in(row["modifiers"]) for name in MODIFIERS)
    if row["beside_apcs"]:
        meant &= pl.col("beside_apc").is_in(row["beside_apcs"]).fill_null(False)
    return meant & within(row["codes"])
