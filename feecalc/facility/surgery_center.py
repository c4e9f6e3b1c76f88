"""The lines of ambulatory surgical center (ASC) claims to amounts: one visible chain of the rules, in their order.

The device's part of a rate is never wage-adjusted, taken off for credit, or offset by a pass-through device. Sources:
Pub. 100-04 ch. 14 sec. 40.7 (code pairs) and 40.8 (credit), as a public ASC pricer reads them; that the wage index
leaves the device out is not confirmed (reference/asc_payment_indicator.toml), and that a pair's percent is taken of the
wage-adjusted rate is assumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from feecalc.facility.amounts import KEPT_PLACES, RATE_PLACES, scaled, with_amounts
from feecalc.facility.areas import with_index
from feecalc.facility.discounts import with_factor, with_modifiers
from feecalc.facility.lines import no_rate_reason, unread_note, with_area_refusals, with_codes
from feecalc.facility.rules import WHOLE, Rules
from feecalc.money import rounded

_DISCOUNTED = ("Y", "N")  # beside other procedures, or not: Addendum AA
_WEIGHT = pl.Decimal(38, RATE_PLACES)
_ALL = 10**KEPT_PLACES
PROCEDURE, ANCILLARY, EXCLUDED, DEVICE_FILE = "procedure", "ancillary", "excluded", "device_file"


@dataclass(frozen=True)
class CenterTables:
    """The tables an ASC's lines are priced by.

    ``codes``: hcpcs, indicator, list (procedure, ancillary, excluded), multiple, rate and device_part_of (10^-12 USD),
    coinsurance, coinsurance_of, relative_weight. ``pairs``: Addendum code pairs. ``areas``: see ``areas``.
    """

    codes: pl.DataFrame
    pairs: pl.DataFrame
    areas: pl.DataFrame


def center_codes(tables: Mapping[str, pl.DataFrame | None], names: Mapping[str, str]) -> pl.DataFrame:
    """The codes of an ASC's files as one list: AA, then BB, EE, FF, and the code pairs; each code as the first has it.

    ``tables``: by kind, AA's is there; ``names``: their entries. Codes that only FF or the pairs hold have no rate.
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
    """Addendum AA."""
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
    """Addendum BB."""
    own = pl.col("adjusted_copayment").is_not_null()
    return table.select(
        "hcpcs",
        _indicator(),
        pl.lit(ANCILLARY).alias("list"),
        pl.lit(False).alias("multiple"),
        scaled("payment_rate").alias("rate"),
        scaled("adjusted_copayment").alias("coinsurance"),
        pl.when(own).then(scaled("payment_rate")).alias("coinsurance_of"),
        pl.col("payment_weight").cast(_WEIGHT).alias("relative_weight"),
        *_listing(table, name),
    )


def _excluded(table: pl.DataFrame, name: str) -> pl.DataFrame:
    """Addendum EE."""
    return table.select("hcpcs", pl.lit("").alias("indicator"), pl.lit(EXCLUDED).alias("list"), *_listing(table, name))


def _devices(table: pl.DataFrame, name: str) -> pl.DataFrame:
    """Addendum FF."""
    return table.select("hcpcs", _indicator(), pl.lit(DEVICE_FILE).alias("list"), *_listing(table, name))


def _paired(table: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return the code pairs, in which a code has no indicator."""
    said = {
        "device_hcpcs": f"a device of {name} that no ASC addendum lists: no rate",
        "procedure_hcpcs": f"a procedure of {name}, for a device, that no ASC addendum lists: no rate",
    }
    return pl.concat(
        table.select(pl.col(column).alias("hcpcs"), pl.lit(text).alias("elsewhere")) for column, text in said.items()
    )


_PARTS = {
    "asc": _covered, "asc_ancillary": _ancillary, "asc_excluded": _excluded, "asc_device_offset": _devices,
    "asc_code_pair": _paired,
}  # fmt: skip


def _listing(table: pl.DataFrame, name: str) -> list[pl.Expr]:
    unread = pl.col("unread") if "unread" in table.columns else pl.lit("").alias("unread")
    return [pl.lit(name).alias("listed_in"), unread]


def price_center(lines: pl.DataFrame, tables: CenterTables, rules: Rules) -> pl.DataFrame:
    """Return what an ASC is paid for each line. Shape: as ``price_hospital``."""
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


def _note() -> pl.Expr:
    paid = pl.col("paid")
    one_side = "modifier 50 is not recognized in an ASC: one side is paid (bill RT and LT on two lines, or 2 units)"
    whole = "Addendum FF is not installed, or lacks the code: the wage index was applied to the device's part as well"
    said = [
        pl.when(paid & pl.col("device_unknown") & (pl.col("cbsa") != "")).then(pl.lit(whole)),
        pl.when(paid & pl.col("one_side_paid")).then(pl.lit(one_side)),
        pl.when(paid & pl.col("pair").is_not_null()).then(
            pl.format("less the part of pass-through device {} (code pair)", "pair")
        ),
        pl.when(paid & pl.col("below_rate")).then(pl.lit("the billed amount is lower and is what is allowed")),
        pl.when(paid & pl.col("multiple_unknown").is_not_null()).then(
            pl.format(
                "{} prints {} where it says whether it is discounted beside others, which feecalc's rules do not know: "
                "it was not discounted",
                "listed_in",
                "multiple_unknown",
            )
        ),
        unread_note(),
        pl.when(paid & pl.col("wage_adjusted")).then("area_note"),
    ]
    return pl.concat_str(said, separator="; ", ignore_nulls=True)


def _indicator() -> pl.Expr:
    return pl.col("payment_indicator").str.to_uppercase().alias("indicator")


def with_device(lines: pl.DataFrame) -> pl.DataFrame:
    """Add ``printed_rate`` and ``device`` (10^-12 USD); rate and device less what a credit or an early end takes."""
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
    """Add ``kept`` (10^-12): what a pass-through device on the same claim leaves of the procedure's rate, and ``pair``.

    A pair is offset once, and no more pairs than the device's units. ``pairs``: AscCodePair.
    """
    devices = lines.filter("valid").select(
        "claim_id",
        pl.col("hcpcs").alias("device_hcpcs"),
        pl.col("units").sum().over("claim_id", "hcpcs").alias("devices"),
    )
    day = pl.col("date_of_service")
    last = pl.col("effective_to").is_null() | (day <= pl.col("effective_to"))
    found = (
        lines.filter("paid")
        .select("row", "claim_id", "date_of_service", pl.col("hcpcs").alias("procedure_hcpcs"))
        .join(pairs, on="procedure_hcpcs")
        .filter((day >= pl.col("effective_from")) & last & (pl.col("percent_multiplier") > 0))
        .join(devices.unique(), on=["claim_id", "device_hcpcs"])
        .sort("row", "device_hcpcs")
        .unique("row", keep="first", maintain_order=True)
        .with_columns(pl.int_range(pl.len()).over("claim_id", "device_hcpcs").alias("nth"))
        .filter(pl.col("nth") < pl.col("devices"))
    )
    share = scaled("percent_multiplier", KEPT_PLACES)
    offset = found.select("row", pl.col("device_hcpcs").alias("pair"), (_ALL - share).clip(0).alias("kept"))
    return lines.join(offset, on="row", how="left", maintain_order="left").with_columns(pl.col("kept").fill_null(_ALL))
