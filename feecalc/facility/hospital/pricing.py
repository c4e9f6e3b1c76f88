"""The lines of hospital outpatient claims to amounts: one visible chain of the rules, in their order."""

from __future__ import annotations

import polars as pl

from feecalc.facility.amounts import A_CENT, KEPT_PLACES, with_amounts
from feecalc.facility.areas import with_index
from feecalc.facility.discounts import with_factor, with_modifiers
from feecalc.facility.hospital.assignment import HospitalTables, with_general_coinsurance
from feecalc.facility.hospital.comprehensive import with_observation, with_primary
from feecalc.facility.hospital.treatment import PAID, with_treatment
from feecalc.facility.lines import unread_note, with_area_refusals, with_codes
from feecalc.facility.rules import WHOLE, Rules
from feecalc.money import rounded

_ALL = 10**KEPT_PLACES


def price_hospital(lines: pl.DataFrame, tables: HospitalTables, rules: Rules) -> pl.DataFrame:
    """Return what OPPS pays for each line.

    Shape: ``lines.complete``'s, then the working columns and ``lines.RESULTS``.
    A claim is one ``claim_id``: what is packaged is decided within it, the discount within it and a day.
    """
    found = with_codes(lines, tables.codes, rules, "no Addendum B of OPPS holds the code")
    found = with_primary(with_observation(with_modifiers(found, rules), rules), tables)
    found = with_treatment(found, tables)
    found = with_index(found, tables.areas)
    found = with_area_refusals(found.with_columns((pl.col("pricing_status") == PAID).alias("paid")))
    found = _off_campus(with_general_coinsurance(found, rules.most_coinsurance), rules)
    discounted = rules.indicators.filter("discounted")["indicator"].implode()
    found = found.with_columns((pl.col("primary") | pl.col("one_unit")).alias("once"))
    found = found.with_columns(
        (pl.col("paid") & (pl.col("discounted") | pl.col("of_apc").is_in(discounted)) & ~pl.col("once"))
        .fill_null(False)
        .alias("discounted"),
        pl.when("wage_adjusted").then(rules.labor_share).otherwise(0).alias("labor"),
        pl.lit(0, pl.Int64).alias("device"),
        pl.lit(_ALL, pl.Int64).alias("kept"),
        # drugs and blood are paid by the unit, whatever modifier stands on the line
        pl.when("wage_adjusted").then("terminated").alias("terminated"),
        (pl.col("bilateral") & pl.col("wage_adjusted")).alias("bilateral"),
    )
    found = with_amounts(with_factor(found, rules), rules)
    return found.with_columns(_note().alias("note"))


def _off_campus(lines: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """The rate of an off-campus department, rounded to the cent, with the general coinsurance; drugs keep theirs."""
    applies = pl.col("off_campus").is_not_null() & pl.col("wage_adjusted")
    reduced = rounded(pl.col("rate") * pl.col("off_campus"), A_CENT * WHOLE) * A_CENT
    return lines.with_columns(
        pl.col("rate").alias("printed_rate"),
        pl.when(applies).then(reduced).otherwise("rate").alias("rate"),
        pl.when(applies).then("off_campus").alias("off_campus"),
        pl.when(applies).then(rules.most_coinsurance).otherwise("coinsurance").alias("coinsurance"),
        pl.when(applies).then(WHOLE).otherwise("coinsurance_of").alias("coinsurance_of"),
    )


def _note() -> pl.Expr:
    paid = pl.col("paid")
    said = [
        pl.when(pl.col("raised").is_not_null() & paid).then(
            pl.format("raised to APC {} by the complexity adjustment with {}", "apc", "raised")
        ),
        pl.when(pl.col("by_observation") & paid).then(
            pl.format("paid as comprehensive observation, APC {}: the claim's other services are in it", "apc")
        ),
        pl.when(pl.col("one_unit") & paid & (pl.col("units") > 1)).then(
            pl.lit("of several conditionally packaged services one unit is paid")
        ),
        pl.when("unranked").then(pl.lit("ranks of Addendum J lack: the highest rate was taken as the primary service")),
        unread_note(),
        pl.when(paid & pl.col("wage_adjusted")).then("area_note"),
    ]
    return pl.concat_str(said, separator="; ", ignore_nulls=True)
