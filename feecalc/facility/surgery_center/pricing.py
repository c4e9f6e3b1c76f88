"""The lines of ambulatory surgical center claims to amounts: one visible chain of the rules, in their order."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from feecalc.facility.amounts import MILLS_A_CENT, with_amounts
from feecalc.facility.areas import with_index
from feecalc.facility.discount import with_factor
from feecalc.facility.finish import with_area_refusals, with_codes
from feecalc.facility.modifiers import with_modifiers
from feecalc.facility.rules import WHOLE, Rules
from feecalc.facility.surgery_center.devices import with_device, with_pairs

PROCEDURE, ANCILLARY, EXCLUDED = "procedure", "ancillary", "excluded"
_CENTS = pl.Decimal(18, 2)


@dataclass(frozen=True)
class CenterTables:
    """The tables an ASC's lines are priced by.

    ``codes``: hcpcs, indicator, list (procedure, ancillary, excluded), multiple, rate (mills), device (mills),
    coinsurance, coinsurance_of, relative_weight. ``pairs``: Addendum code pairs. ``areas``: see ``areas``.
    """

    codes: pl.DataFrame
    pairs: pl.DataFrame
    areas: pl.DataFrame


def center_codes(
    covered: pl.DataFrame,
    ancillary: pl.DataFrame | None,
    excluded: pl.DataFrame | None,
    device_offset: pl.DataFrame | None,
) -> pl.DataFrame:
    """Addenda AA, BB and EE as one list by code, with the device part of FF; AA goes before BB, BB before EE."""
    none = pl.lit(None, pl.Int64)
    parts = [
        covered.select(
            "hcpcs",
            _indicator(),
            pl.lit(PROCEDURE).alias("list"),
            (pl.col("multiple_procedure") == "Y").alias("multiple"),
            _mills("payment_rate").alias("rate"),
            none.alias("coinsurance"),
            none.alias("coinsurance_of"),
            pl.col("payment_weight").alias("relative_weight"),
        )
    ]
    if ancillary is not None:
        own = pl.col("adjusted_copayment").is_not_null()
        parts.append(
            ancillary.select(
                "hcpcs",
                _indicator(),
                pl.lit(ANCILLARY).alias("list"),
                pl.lit(False).alias("multiple"),
                _mills("payment_rate").alias("rate"),
                _mills("adjusted_copayment").alias("coinsurance"),
                pl.when(own).then(_mills("payment_rate")).alias("coinsurance_of"),
                pl.col("payment_weight").alias("relative_weight"),
            )
        )
    if excluded is not None:
        parts.append(excluded.select("hcpcs", pl.lit("").alias("indicator"), pl.lit(EXCLUDED).alias("list")))
    codes = pl.concat(parts, how="diagonal").unique("hcpcs", keep="first", maintain_order=True)
    if device_offset is None:
        return codes.with_columns(pl.lit(None, pl.Int64).alias("device_part_of"))
    devices = device_offset.select("hcpcs", _mills("device_offset_amount").alias("device_part_of"))
    return codes.join(devices, on="hcpcs", how="left", maintain_order="left")


def price_center(lines: pl.DataFrame, tables: CenterTables, rules: Rules) -> pl.DataFrame:
    """What an ASC is paid for each line. Shape: as ``price_hospital``."""
    unknown = "in none of the ASC addenda AA and BB: not paid in an ASC, or no such code"
    found = with_codes(lines, tables.codes, rules, unknown)
    found = _treatment(with_modifiers(found, rules))
    found = with_index(found, tables.areas)
    found = with_area_refusals(found.with_columns((pl.col("pricing_status") == "priced").alias("paid")))
    found = with_pairs(with_device(found), tables.pairs)
    own = pl.col("coinsurance_of").is_not_null()
    found = found.with_columns(
        (pl.col("paid") & pl.col("multiple").fill_null(False) & pl.col("ranks_on")).alias("discounted"),
        pl.when("wage_adjusted").then(rules.labor_share).otherwise(0).fill_null(0).alias("labor"),
        pl.lit(False).alias("once"),
        pl.when(own).then("coinsurance").otherwise(rules.most_coinsurance).alias("coinsurance"),
        pl.when(own).then("coinsurance_of").otherwise(WHOLE).alias("coinsurance_of"),
        pl.lit("").alias("apc"),
        pl.when(pl.col("list") == PROCEDURE).then("terminated").alias("terminated"),
    )
    found = with_amounts(with_factor(found, rules), rules)
    return found.with_columns(_note().alias("note"))


def _treatment(lines: pl.DataFrame) -> pl.DataFrame:
    """Paid, packaged, or not paid and why. An ancillary service is paid only beside a paid procedure of its day."""
    procedure = pl.col("valid") & (pl.col("list") == PROCEDURE) & (pl.col("pays") == "rate")
    lines = lines.with_columns(procedure.any().over("claim_id", "date_of_service").alias("has_procedure"))
    excluded = pl.col("list") == EXCLUDED
    alone = (pl.col("list") == ANCILLARY) & (pl.col("pays") == "rate") & ~pl.col("has_procedure")
    no_rate = (pl.col("pays") == "rate") & pl.col("rate").is_null()
    status = (
        pl.when(excluded)
        .then(pl.lit("excluded"))
        .when(~pl.col("valid"))
        .then("status_given")
        .when(alone)
        .then(pl.lit("no_procedure"))
        .when(no_rate)
        .then(pl.lit("no_rate"))
        .otherwise("indicator_status")
    )
    reason = (
        pl.when(excluded)
        .then(pl.lit("excluded from payment in an ASC (Addendum EE)"))
        .when(~pl.col("valid"))
        .then("reason_given")
        .when(alone)
        .then(pl.lit("an ancillary service is paid only beside a covered procedure of the same day"))
        .when(no_rate)
        .then(pl.lit("the addendum prints no rate"))
        .otherwise("indicator_reason")
    )
    return lines.with_columns(status.alias("pricing_status"), reason.alias("reason"))


def _note() -> pl.Expr:
    paid = pl.col("paid")
    one_side = "modifier 50 is not recognised in an ASC: one side is paid (bill RT and LT on two lines, or 2 units)"
    whole = "Addendum FF is not installed, or lacks the code: the wage index was applied to the device's part as well"
    said = [
        pl.when(paid & pl.col("device_unknown") & (pl.col("cbsa") != "")).then(pl.lit(whole)),
        pl.when(paid & pl.col("one_side")).then(pl.lit(one_side)),
        pl.when(paid & pl.col("pair").is_not_null()).then(
            pl.format("less the part of pass-through device {} (code pair)", "pair")
        ),
        pl.when(paid & pl.col("below_rate")).then(pl.lit("the billed amount is lower and is what is allowed")),
        pl.when(paid & pl.col("wage_adjusted")).then("area_note"),
    ]
    return pl.concat_str(said, separator="; ", ignore_nulls=True)


def _indicator() -> pl.Expr:
    return pl.col("payment_indicator").str.to_uppercase().alias("indicator")


def _mills(name: str) -> pl.Expr:
    return pl.col(name).cast(_CENTS).to_physical().cast(pl.Int64) * MILLS_A_CENT
