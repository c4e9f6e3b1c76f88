"""Pricing of hospital outpatient claim lines: the rules, applied in order."""

from __future__ import annotations

import polars as pl

from feecalc.facility.amounts import KEPT_PLACES, with_amounts
from feecalc.facility.areas import with_index
from feecalc.facility.cost_share import with_cost_share
from feecalc.facility.discounts import with_factor, with_modifiers
from feecalc.facility.hospital.assignment import HospitalTables, with_general_coinsurance
from feecalc.facility.hospital.composites import composite_notes, with_composites
from feecalc.facility.hospital.comprehensive import observation_notes, with_observation, with_primary
from feecalc.facility.hospital.devices import device_notes, with_device_taken
from feecalc.facility.hospital.exclusions import with_exclusions
from feecalc.facility.hospital.reductions import reduction_notes, with_reduced_rates
from feecalc.facility.hospital.sides import side_notes, with_sides
from feecalc.facility.hospital.therapy import with_therapy
from feecalc.facility.hospital.treatment import PAID, with_treatment
from feecalc.facility.lines import (
    beside_note,
    modifier_asked,
    modifier_note,
    quarters_note,
    unread_note,
    with_area_refusals,
    with_codes,
)  # fmt: skip
from feecalc.facility.notes import Note, with_notes
from feecalc.facility.rules import WHOLE, Rules

_ALL = 10**KEPT_PLACES
_UNIT_OF_SHARE = _ALL // WHOLE


def price_hospital(lines: pl.DataFrame, tables: HospitalTables, rules: Rules) -> pl.DataFrame:
    """Return what OPPS pays for each line.

    Shape: the columns of ``lines.complete``, the working columns and ``lines.RESULTS``. A claim is one ``claim_id``:
    packaging is decided within it, discounts within it and a day.
    """
    priced = with_codes(lines, tables.codes, rules, "no Addendum B of OPPS holds the code")
    priced = with_sides(with_modifiers(with_therapy(priced, rules), rules), tables.bilateral, rules)
    priced = with_exclusions(with_primary(with_observation(priced, rules), tables), rules)
    priced = with_treatment(with_composites(priced, tables, rules), tables)
    priced = with_index(priced, tables.areas)
    priced = with_area_refusals(priced.with_columns((pl.col("pricing_status") == PAID).alias("paid")))
    priced = with_device_taken(with_general_coinsurance(priced, rules.most_coinsurance), tables.devices, rules)
    priced = with_reduced_rates(priced, rules)
    discounted = rules.indicators.filter("discounted")["indicator"].implode()
    priced = priced.with_columns((pl.col("primary") | pl.col("one_unit") | pl.col("composite_paid")).alias("once"))
    priced = priced.with_columns(
        (pl.col("paid") & (pl.col("discounted") | pl.col("of_apc").is_in(discounted)) & ~pl.col("once"))
        .fill_null(False)
        .alias("discounted"),
        pl.when("wage_adjusted").then(rules.labor_share).otherwise(0).alias("labor"),
        pl.lit(0, pl.Int64).alias("device"),
        pl.when(pl.col("rural_sole_community").fill_null(False) & pl.col("wage_adjusted"))
        .then(rules.rural_sole_community * _UNIT_OF_SHARE)
        .otherwise(_ALL)
        .alias("kept"),
        # drugs and blood are paid by the unit, whatever the line's modifiers
        pl.when("wage_adjusted").then("terminated").alias("terminated"),
        (pl.col("bilateral") & pl.col("wage_adjusted") & ~pl.col("once")).alias("bilateral"),
    )
    priced = with_amounts(with_factor(with_cost_share(priced, rules), rules), rules)
    return with_notes(priced, _notes(), modifier_asked())


def _notes() -> list[Note]:
    paid = pl.col("paid")
    raised = pl.format("raised to APC {} by the complexity adjustment with {}", "apc", "raised")
    observation = pl.format("paid as comprehensive observation, APC {}: the claim's other services are in it", "apc")
    unranked = pl.lit("Addendum J's ranks are missing: the highest rate was taken as primary")
    return [
        ("raised", pl.when(pl.col("raised").is_not_null() & paid).then(raised)),
        ("observation", pl.when(pl.col("by_observation") & paid).then(observation)),
        ("one_unit_paid", pl.when(pl.col("one_unit") & paid & (pl.col("units") > 1)).then(
            pl.lit("of a conditionally packaged service one unit is paid")
        )),
        ("unranked", pl.when("unranked").then(unranked)),
        *observation_notes(),
        *composite_notes(),
        *reduction_notes(),
        *device_notes(),
        *side_notes(),
        modifier_note(),
        unread_note(),
        beside_note(),
        quarters_note(),
        ("area", pl.when(paid & pl.col("wage_adjusted")).then("area_note")),
    ]  # fmt: skip
