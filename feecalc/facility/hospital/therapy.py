"""Services that are therapy on some bills (wound care with GP, GO or GN): paid by the physician fee schedule there.

Source: Pub. 100-04 ch. 4 sec. 200.9; reference/opps_therapy.toml.
"""

from __future__ import annotations

import polars as pl

from feecalc import reference
from feecalc.facility.lines import MODIFIERS
from feecalc.facility.rules import Rules, within

_OF_CODE = ("apc", "rate", "coinsurance", "coinsurance_of", "relative_weight")


def with_therapy(lines: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Return lines of which those that are therapy have the status that pays nothing under OPPS, and no APC.

    Columns: those of ``lines.with_codes``.
    """
    for rule in reference.rows_on("opps_therapy", rules.day):
        has_modifier = pl.any_horizontal(pl.col(name).is_in(rule["modifiers"]) for name in MODIFIERS)
        is_therapy = pl.col("valid") & within(rule["codes"]) & has_modifier
        if not lines.select(is_therapy.any()).item():
            continue
        (status,) = rules.indicators.filter(pl.col("indicator") == rule["indicator"]).iter_rows(named=True)
        named = {"pricing_status": "indicator_status", "reason": "indicator_reason"}
        lines = lines.with_columns(
            *(
                pl.when(is_therapy).then(pl.lit(value)).otherwise(named.get(name, name)).alias(named.get(name, name))
                for name, value in status.items()
            ),
            *(pl.when(is_therapy).then(None).otherwise(name).alias(name) for name in _OF_CODE),
        )
    return lines
