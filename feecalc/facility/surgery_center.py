"""Pricing of ambulatory surgical center (ASC) claim lines: the rules, applied in order.

The device's part of a rate is not wage-adjusted; a device credit or a pass-through device reduces it. Sources: Pub.
100-04 ch. 14 sec. 40.7 (code pairs) and 40.8 (credit), as a public ASC pricer reads them. That the wage index leaves
the device out is not confirmed (reference/asc_payment_indicator.toml); that a pair's percent applies to the
wage-adjusted rate is assumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from feecalc.facility.amounts import KEPT_PLACES, RATE_PLACES, scaled, with_amounts, with_billed
from feecalc.facility.areas import with_index
from feecalc.facility.cost_share import with_cost_share, with_mark
from feecalc.facility.discounts import with_factor, with_modifiers
from feecalc.facility.lines import (
    beside_note,
    modifier_asked,
    modifier_note,
    no_rate_reason,
    unread_note,
    with_area_refusals,
    with_codes,
)  # fmt: skip
from feecalc.facility.notes import Note, with_notes
from feecalc.facility.rules import WHOLE, Rules
from feecalc.money import rounded

_PREVENTIVE = "**"  # the mark of a service without coinsurance: Addenda AA and BB, note 3
_DISCOUNTED = ("Y", "N")  # beside other procedures, or not: Addendum AA
_WEIGHT = pl.Decimal(38, RATE_PLACES)
_ALL = 10**KEPT_PLACES
PROCEDURE, ANCILLARY, EXCLUDED, DEVICE_FILE = "procedure", "ancillary", "excluded", "device_file"


@dataclass(frozen=True)
class CenterTables:
    """The tables for pricing an ASC's lines.

    ``codes``: hcpcs, indicator, list (procedure, ancillary, excluded), multiple, rate and device_part_of (10^-12 USD),
    coinsurance, coinsurance_of, relative_weight. ``pairs``: Addendum code pairs. ``areas``: see ``areas``.
    """

    codes: pl.DataFrame
    pairs: pl.DataFrame
    areas: pl.DataFrame


def center_codes(tables: Mapping[str, pl.DataFrame | None], names: Mapping[str, str]) -> pl.DataFrame:
    """Return the codes of the ASC's files as one table: AA, then BB, EE, FF and the code pairs; the first entry counts.

    ``tables``: by kind, with AA's among them; ``names``: the store's entries. Codes only in FF or the pairs have no
    rate.
    """
    parts = [
        part(table, names.get(kind, kind)) for kind, part in _PARTS.items() if (table := tables.get(kind)) is not None
    ]
    codes = pl.concat(parts, how="diagonal").unique("hcpcs", keep="first", maintain_order=True)
    codes = codes.with_columns(pl.col("unread").fill_null(""))
    device_offset = tables.get("asc_device_offset")
    if device_offset is None:
        return codes.with_columns(pl.lit(None, pl.Int128).alias("device_part_of"))
    devices = device_offset.select("hcpcs", scaled("device_offset_amount").alias("device_part_of"))
    return codes.join(devices, on="hcpcs", how="left", maintain_order="left")


def _covered(table: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return the codes of Addendum AA, covered procedures."""
    none, mark = pl.lit(None, pl.Int128), pl.col("multiple_procedure")
    return table.select(
        "hcpcs",
        _indicator(),
        pl.lit(PROCEDURE).alias("list"),
        (mark == _DISCOUNTED[0]).alias("multiple"),
        pl.when(~mark.is_in([*_DISCOUNTED, ""])).then(mark).alias("multiple_unknown"),
        scaled("payment_rate").alias("rate"),
        none.alias("coinsurance"),
        none.alias("coinsurance_of"),
        pl.col("payment_weight").cast(_WEIGHT).alias("relative_weight"),
        pl.lit(None, pl.String).alias("elsewhere"),
        *_listing(table, name),
    )


def _ancillary(table: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return the codes of Addendum BB, ancillary services."""
    has_copayment = pl.col("adjusted_copayment").is_not_null()
    return table.select(
        "hcpcs",
        _indicator(),
        pl.lit(ANCILLARY).alias("list"),
        pl.lit(False).alias("multiple"),
        scaled("payment_rate").alias("rate"),
        scaled("adjusted_copayment").alias("coinsurance"),
        pl.when(has_copayment).then(scaled("payment_rate")).alias("coinsurance_of"),
        pl.col("payment_weight").cast(_WEIGHT).alias("relative_weight"),
        *_listing(table, name),
    )


def _excluded(table: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return the codes of Addendum EE, excluded procedures."""
    return table.select("hcpcs", pl.lit("").alias("indicator"), pl.lit(EXCLUDED).alias("list"), *_listing(table, name))


def _devices(table: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return the codes of Addendum FF, device offsets."""
    return table.select("hcpcs", _indicator(), pl.lit(DEVICE_FILE).alias("list"), *_listing(table, name))


def _paired(table: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return the codes of the code pairs, which have no indicator."""
    reasons = {
        "device_hcpcs": f"a device of {name} that no ASC addendum lists: no rate",
        "procedure_hcpcs": f"a procedure of {name}, for a device, that no ASC addendum lists: no rate",
    }
    return pl.concat(
        table.select(pl.col(column).alias("hcpcs"), pl.lit(text).alias("elsewhere")) for column, text in reasons.items()
    )


_PARTS = {
    "asc": _covered, "asc_ancillary": _ancillary, "asc_excluded": _excluded, "asc_device_offset": _devices,
    "asc_code_pair": _paired,
}  # fmt: skip


def _listing(table: pl.DataFrame, name: str) -> list[pl.Expr]:
    unread = pl.col("unread") if "unread" in table.columns else pl.lit("").alias("unread")
    mark = pl.col("mark") if "mark" in table.columns else pl.lit("").alias("mark")  # entries of earlier versions
    return [pl.lit(name).alias("listed_in"), unread, mark]


def price_center(lines: pl.DataFrame, tables: CenterTables, rules: Rules) -> pl.DataFrame:
    """Return an ASC's payment for each line. Shape: as ``price_hospital``."""
    unknown = "in none of the ASC addenda AA and BB: not paid in an ASC, or no such code"
    priced = with_codes(lines, tables.codes, rules, unknown)
    priced = _treatment(with_modifiers(priced, rules))
    priced = with_index(priced, tables.areas)
    priced = with_area_refusals(priced.with_columns((pl.col("pricing_status") == "priced").alias("paid")))
    priced = with_pairs(with_device(priced), tables.pairs)
    has_own_coinsurance = pl.col("coinsurance_of").is_not_null()
    priced = priced.with_columns(
        (pl.col("paid") & pl.col("multiple").fill_null(False) & pl.col("ranks_on")).alias("discounted"),
        pl.when("wage_adjusted").then(rules.labor_share).otherwise(0).fill_null(0).alias("labor"),
        pl.lit(False).alias("once"),
        pl.when(has_own_coinsurance)
        .then("coinsurance")
        .when(pl.col("mark") == _PREVENTIVE)
        .then(0)
        .otherwise(rules.most_coinsurance)
        .alias("coinsurance"),
        pl.when(has_own_coinsurance).then("coinsurance_of").otherwise(WHOLE).alias("coinsurance_of"),
        pl.lit("").alias("apc"),
        pl.when(pl.col("list") == PROCEDURE).then("terminated").alias("terminated"),
    )
    priced = with_mark(with_cost_share(priced, rules), pl.col("mark") == _PREVENTIVE)
    priced = with_amounts(with_factor(with_billed(priced), rules), rules)
    return with_notes(priced, _notes(), modifier_asked())


def _treatment(lines: pl.DataFrame) -> pl.DataFrame:
    """Return lines with pricing_status and reason; ancillary services are paid only beside a covered procedure."""
    procedure = pl.col("valid") & (pl.col("list") == PROCEDURE) & (pl.col("pays") == "rate")
    lines = lines.with_columns(procedure.any().over("claim_id", "date_of_service").alias("has_procedure"))
    excluded = (pl.col("list") == EXCLUDED) & (pl.col("denied_because") == "")
    alone = (pl.col("list") == ANCILLARY) & (pl.col("pays") == "rate") & ~pl.col("has_procedure")
    no_rate = (pl.col("pays") == "rate") & pl.col("rate").is_null()
    device_file = pl.col("list") == DEVICE_FILE
    of_devices = pl.format("{} lists it for its device, and Addendum AA has no rate for it", "listed_in")
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
        .then(no_rate_reason(pl.when(device_file).then(of_devices).otherwise(pl.lit("the addendum prints no rate"))))
        .otherwise("indicator_reason")
    )
    return lines.with_columns(status.alias("pricing_status"), reason.alias("reason"))


def _notes() -> list[Note]:
    paid = pl.col("paid")
    no_device_part = (
        "Addendum FF is not installed, or lacks the code: the wage index was applied to the device's part as well"
    )
    of_pair = pl.format("less the part of pass-through device {} (code pair)", "pair")
    unknown_mark = pl.format(
        "{} prints {} where it says whether it is discounted beside others, which feecalc's rules do not know: it was "
        "not discounted",
        "listed_in",
        "multiple_unknown",
    )
    below = pl.lit("the billed amount is lower than the rate and is taken in its place, before any discount")
    no_charge = pl.lit("question: the charge is 0.00, and an ASC is allowed the lower of charge and rate")
    nothing = pl.col("billed_cents") == 0
    in_an_area = pl.col("device_unknown") & (pl.col("cbsa") != "")
    return [
        ("device_unknown", pl.when(paid & in_an_area).then(pl.lit(no_device_part))),
        ("pair_offset", pl.when(paid & pl.col("pair").is_not_null()).then(of_pair)),
        ("below_rate", pl.when(paid & pl.col("below_rate") & ~nothing).then(below)),
        ("no_charge", pl.when(paid & nothing).then(no_charge)),
        ("mark_unknown", pl.when(paid & pl.col("multiple_unknown").is_not_null()).then(unknown_mark)),
        modifier_note(),
        unread_note(),
        beside_note(),
        ("area", pl.when(paid & pl.col("wage_adjusted")).then("area_note")),
    ]


def _indicator() -> pl.Expr:
    return pl.col("payment_indicator").str.to_uppercase().alias("indicator")


def with_device(lines: pl.DataFrame) -> pl.DataFrame:
    """Return lines with ``printed_rate`` and ``device`` (10^-12 USD); device credits and early ends are deducted."""
    device = pl.when("device_part").then("device_part_of").fill_null(0)
    part_of = pl.col("device_part_of").fill_null(0)
    credit = rounded(part_of * pl.col("device_credit").fill_null(0), WHOLE)
    # ended before anesthesia: no device was used
    taken = pl.when(pl.col("no_device") & pl.col("device_part")).then(part_of).otherwise(credit).fill_null(0)
    return lines.with_columns(
        pl.col("rate").alias("printed_rate"),
        pl.max_horizontal(pl.col("rate") - taken, 0).alias("rate"),
        pl.max_horizontal(device - taken, 0).alias("device"),
        taken.alias("taken"),
        (pl.col("device_part") & pl.col("device_part_of").is_null()).fill_null(False).alias("device_unknown"),
    )


def with_pairs(lines: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return lines with the offset for a pass-through device on the same claim.

    Adds ``kept`` (10^-12, the share of the procedure's rate that is paid) and ``pair`` (the device). A procedure is
    offset once, and no more procedures than the device has units. ``pairs``: AscCodePair.
    """
    devices = lines.filter("valid").select(
        "claim_id",
        pl.col("hcpcs").alias("device_hcpcs"),
        pl.col("units").sum().over("claim_id", "hcpcs").alias("devices"),
    )
    day = pl.col("date_of_service")
    is_in_force = pl.col("effective_to").is_null() | (day <= pl.col("effective_to"))
    pair_lines = (
        lines.filter("paid")
        .select("row", "claim_id", "date_of_service", pl.col("hcpcs").alias("procedure_hcpcs"))
        .join(pairs, on="procedure_hcpcs")
        .filter((day >= pl.col("effective_from")) & is_in_force & (pl.col("percent_multiplier") > 0))
        .join(devices.unique(), on=["claim_id", "device_hcpcs"])
        .sort("row", "device_hcpcs")
        .unique("row", keep="first", maintain_order=True)
        .with_columns(pl.int_range(pl.len()).over("claim_id", "device_hcpcs").alias("nth"))
        .filter(pl.col("nth") < pl.col("devices"))
    )
    share = scaled("percent_multiplier", KEPT_PLACES)
    offset = pair_lines.select("row", pl.col("device_hcpcs").alias("pair"), (_ALL - share).clip(0).alias("kept"))
    return lines.join(offset, on="row", how="left", maintain_order="left").with_columns(pl.col("kept").fill_null(_ALL))
