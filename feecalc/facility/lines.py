"""Columns of facility lines: input, refusals with their reasons, and results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import polars as pl

from feecalc.errors import InvalidValue, MissingColumn
from feecalc.facility.amounts import INDEX_PLACES, RATE_PLACES
from feecalc.facility.notes import ASKED, Note
from feecalc.facility.rules import INDICATORS, Rules
from feecalc.pricing.claims.grouping import only_of_claim

ASC, OPPS = "asc", "opps"
DENIED = "denied_by_edit"
SETTINGS = (ASC, OPPS)
BILL_OF_SETTING: Mapping[str, Literal["asc", "hospital"]] = {ASC: "asc", OPPS: "hospital"}  # in reference/
PLACES_OF_SERVICE: Mapping[str, str] = {ASC: "24", OPPS: "22"}
MODIFIERS = ("modifier_1", "modifier_2", "modifier_3", "modifier_4")

REQUIRED: Mapping[str, pl.DataType] = {
    "claim_id": pl.String(),
    "line": pl.Int32(),
    "date_of_service": pl.Date(),
    "hcpcs": pl.String(),
    "setting": pl.String(),
    "units": pl.Int32(),
}
OPTIONAL: Mapping[str, pl.DataType] = {
    **{name: pl.String() for name in MODIFIERS},
    "cbsa": pl.String(),  # "" is no area: the national rate
    "wage_index": pl.Decimal(12, INDEX_PLACES),  # goes before the CBSA's, as a hospital's own may differ
    "billed_amount": pl.Decimal(12, 2),
    "billed_unreadable": pl.Boolean(),  # a charge is there, and is no amount: the line is not priced without it
    "intake_reason": pl.String(),  # which cell of the file could not be read, "" for none
    "beneficiary_id": pl.String(),  # the patient, "" where none is named
    "billing_npi": pl.String(),  # the facility, "" where none is named
    "rural_sole_community": pl.Boolean(),  # the hospital is one; null is not
    "denied_because": pl.String(),  # why an edit denies the line, "" where none does
}

_AMOUNT = pl.Decimal(18, 2)
_RATE = pl.Decimal(22, RATE_PLACES)
RESULTS: Mapping[str, pl.DataType] = {
    "indicator": pl.String(),  # status indicator (OPPS) or payment indicator (ASC), as printed
    "apc": pl.String(),  # the APC paid, "" in an ASC and where there is none
    "national_rate": _RATE,  # as printed, with every decimal, for one unit; null where there is none
    "reduced_rate": _RATE,  # after PO, PN, FX, FY, CT, and a device taken off; null where it is the printed one
    "device_amount": _RATE,  # the part of the rate that the wage index does not touch
    "wage_index_applied": pl.Decimal(12, INDEX_PLACES),  # null where the line is not wage-adjusted
    "payment_factor": pl.Decimal(18, 4),  # how many times the adjusted rate is paid: units, sides, discounts
    "facility_amount": _AMOUNT,  # what the facility gets, from Medicare and the patient together
    "medicare_amount": _AMOUNT,
    "copayment": _AMOUNT,  # before the Part B deductible
    "pricing_status": pl.String(),
    "reason": pl.String(),  # why there is no amount of its own, "" where there is one
    "note": pl.String(),
}
COLUMNS = tuple(RESULTS)
# decimals shown where no more are needed
_LEAST_PLACES = {"national_rate": 2, "reduced_rate": 2, "device_amount": 2, "wage_index_applied": 4}


def with_fewest_decimals(priced: pl.DataFrame) -> pl.DataFrame:
    """Return results for a user's file: rates and indices with only as many decimals as the column needs."""
    kinds = {name: pl.Decimal(38, _needed(priced[name], least)) for name, least in _LEAST_PLACES.items()}
    return priced.with_columns(pl.col(name).cast(kind) for name, kind in kinds.items())


def _needed(column: pl.Series, least: int) -> int:
    decimals = column.drop_nulls().cast(pl.String).str.extract(r"\.(\d*?)0*$").str.len_chars().max()
    return least if decimals is None else max(least, int(str(decimals)))


def complete(lines: pl.DataFrame) -> pl.DataFrame:
    """Return lines with ``row`` (their position) and the columns of ``REQUIRED`` and ``OPTIONAL``.

    A cell that does not fit its type is null, and a charge that does not is marked. ``claim_id`` then tells bills
    apart, by which the rules of a claim go. Raises MissingColumn; InvalidValue where a column has lists or records.
    """
    missing = [name for name in REQUIRED if name not in lines.columns]
    if missing:
        raise MissingColumn(
            f"facility lines need the columns {', '.join(REQUIRED)}; missing: {', '.join(missing)}; "
            f"seen: {', '.join(lines.columns)}"
        )
    nested = [name for name in (*REQUIRED, *OPTIONAL) if name in lines.columns and lines.schema[name].is_nested()]
    if nested:
        raise InvalidValue(f"column {nested[0]} has lists or records; give single values")
    whole = lines.select(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"),
        *(_cast(name, kind, lines) for name, kind in {**REQUIRED, **OPTIONAL}.items()),
    )
    if "billed_amount" in lines.columns:
        given = pl.lit(lines["billed_amount"].is_not_null() & whole["billed_amount"].is_null())
        unreadable = pl.col("billed_unreadable").fill_null(False) | given
        whole = whole.with_columns(unreadable.alias("billed_unreadable"))
    return _with_quarter(with_bills(whole))


def _with_quarter(lines: pl.DataFrame) -> pl.DataFrame:
    """Return lines with ``priced_on``, the day by whose rates each is priced, and ``in_quarters``.

    A hospital's bill is one claim, priced by the rules and rates of its first day, whatever quarters its days lie in
    (then ``in_quarters``); a line of an ASC's is priced by its own. Source: CMS's IOCE user guide v25.1 (the From date
    determines the version) and OPPS pricer.
    """
    day, bill = pl.col("date_of_service"), ("claim_id", "setting")
    quarter = day.dt.year() * 4 + day.dt.quarter()
    several = (quarter.min().over(bill) < quarter.max().over(bill)).fill_null(False)
    of_hospital = pl.col("setting") == OPPS
    return lines.with_columns(
        pl.when(of_hospital).then(day.min().over(bill)).otherwise(day).alias("priced_on"),
        (of_hospital & several).alias("in_quarters"),
    )


def with_bills(lines: pl.DataFrame) -> pl.DataFrame:
    """Return lines with a ``claim_id`` that tells bills apart: by patient, claim number and facility.

    Two patients, or two facilities, may give one number. A line that names neither is of the only one its claim names;
    where the claim names two, or none, the line is of the claim number alone. Columns: claim_id, and beneficiary_id
    and billing_npi where they are there.
    """
    for name, keys in (("beneficiary_id", ("claim_id",)), ("billing_npi", ("beneficiary_id", "claim_id"))):
        if name in lines.columns and (lines[name].fill_null("") != "").any():
            lines = lines.with_columns(only_of_claim(name, [key for key in keys if key in lines.columns]))
    who = [name for name in ("beneficiary_id", "billing_npi") if name in lines.columns]
    if not who or not lines.select(pl.any_horizontal(pl.col(who).fill_null("") != "").any()).item():
        return lines
    bill = pl.concat_str(pl.col(*who).fill_null(""), "claim_id", separator=_BETWEEN)
    return lines.with_columns(bill.alias("claim_id"))


_BETWEEN = "\x1f"  # stands in no cell


def _cast(name: str, kind: pl.DataType, lines: pl.DataFrame) -> pl.Expr:
    if name not in lines.columns:
        return pl.lit("" if kind == pl.String else None, dtype=kind).alias(name)
    column = pl.col(name).cast(kind, strict=False)
    return column.str.strip_chars().fill_null("") if kind == pl.String else column


_AREAS = {
    "unknown_area": "no area {} in the wage index that is installed",
    "no_wage_index": "the wage index has no value for area {}: give the facility's own",
    "several_wage_indices": "the wage index has several values for area {}: give the facility's own",
}


def with_codes(lines: pl.DataFrame, codes: pl.DataFrame, rules: Rules, unknown: str) -> pl.DataFrame:
    """Return lines with their codes' addendum data and the rules of its indicators, and refusals (``with_refusals``).

    ``codes`` has, beside the indicator, ``listed_in`` (the store's entry with the code), ``unread`` (its cells that are
    not figures) and ``elsewhere`` (for a code without a rate: what another file says). ``unknown``: the reason for a
    code that no file has.
    """
    indicators = rules.indicators.rename({"pricing_status": "indicator_status", "reason": "indicator_reason"})
    coded = lines.join(codes, on="hcpcs", how="left", maintain_order="left")
    return with_refusals(coded.join(indicators, on="indicator", how="left", maintain_order="left"), rules, unknown)


def with_refusals(lines: pl.DataFrame, rules: Rules, unknown: str) -> pl.DataFrame:
    """Return lines with ``valid``, ``status_given``, ``reason_given`` and ``beside_unread``.

    A line is not valid where an edit denies it, without units, with a charge that is none or below 0, with a code that
    no addendum has, with none, or with an indicator that the rules do not know. ``beside_unread``: a line of the bill
    could not be read.
    """
    no_units = pl.col("units").is_null() | (pl.col("units") < 1)
    known = pl.col("pays").is_not_null()
    below_zero = (pl.col("billed_amount") < 0).fill_null(False)
    unreadable = pl.col("billed_unreadable").fill_null(False)
    cell, no_code = pl.col("intake_reason") != "", pl.col("hcpcs") == ""
    denied = (pl.col("denied_because") != "") & known
    is_unknown_indicator = pl.col("indicator").is_not_null() & ~known
    elsewhere = pl.col("elsewhere").is_not_null()
    status = (
        pl.when(denied)
        .then(pl.lit(DENIED))
        .when(unreadable)
        .then(pl.lit("invalid_billed_amount"))
        .when(no_units)
        .then(pl.lit("invalid_units"))
        .when(below_zero)
        .then(pl.lit("invalid_billed_amount"))
        .when(no_code)
        .then(pl.lit("no_code"))
        .when(is_unknown_indicator)
        .then(pl.lit("unknown_indicator"))
        .when(~known & elsewhere)
        .then(pl.lit("no_rate"))
        .when(~known)
        .then(pl.lit("unknown_code"))
    )
    indicator_name = f"{INDICATORS[rules.setting]} indicator"
    reason = (
        pl.when(denied)
        .then("denied_because")
        .when((unreadable | no_units) & cell)
        .then("intake_reason")
        .when(unreadable)
        .then(pl.lit("the billed amount cannot be read as an amount"))
        .when(no_units)
        .then(pl.lit("units are missing or less than 1"))
        .when(below_zero)
        .then(pl.lit("a billed amount cannot be below 0"))
        .when(no_code)
        .then(pl.lit(_NO_CODE[rules.setting]))
        .when(is_unknown_indicator & (pl.col("indicator") == ""))
        .then(pl.format(f"{{}} prints no {indicator_name} for the code: not priced", "listed_in"))
        .when(is_unknown_indicator)
        .then(
            pl.format(
                f"{indicator_name} {{}} of {{}} is not one that feecalc's rules know on {rules.day}: not priced",
                "indicator",
                "listed_in",
            )
        )
        .when(~known & elsewhere)
        .then("elsewhere")
        .when(~known)
        .then(pl.lit(unknown))
    )
    is_valid = ~denied & ~unreadable & ~no_units & ~below_zero & known
    not_read = ~denied & (unreadable | no_units | below_zero)
    return lines.with_columns(
        is_valid.alias("valid"), status.alias("status_given"), reason.alias("reason_given"),
        not_read.any().over("claim_id").alias("beside_unread"),
    )  # fmt: skip


_NO_CODE = {
    OPPS: "the line has no procedure code: a charge by revenue code alone is paid nothing of its own, and where the "
    "revenue code needs a procedure code CMS returns the claim",
    ASC: "the line has no procedure code, without which nothing is paid",
}


def no_rate_reason(otherwise: pl.Expr) -> pl.Expr:
    """Return the reason why a line has no rate: its cell is not a figure, or else ``otherwise``."""
    is_printed = pl.col("unread").str.contains("payment_rate ")
    not_a_figure = pl.format("{} prints no figure where the rate stands: {}", "listed_in", "unread")
    return pl.when(is_printed).then(not_a_figure).otherwise(otherwise)


def unread_note() -> Note:
    """Return the note on a paid line whose code has cells that could not be read."""
    note = pl.format("{} prints what is no figure, and it was not used: {}", "listed_in", "unread")
    return "cells_unread", pl.when(pl.col("paid") & (pl.col("unread") != "")).then(note)


def beside_note() -> Note:
    """Return the note on a paid line whose bill has a line that could not be read."""
    text = "a line of this bill could not be read: what it packages, or halves, is not taken into account"
    return "beside_unread", pl.when(pl.col("paid") & pl.col("beside_unread")).then(pl.lit(text))


def quarters_note() -> Note:
    """Return the note on a paid line of a hospital's bill whose days lie in two quarters or more."""
    text = pl.format(
        "the bill's days lie in more than one quarter: priced as one claim, by the rules and rates of {}", "priced_on"
    )
    return "in_quarters", pl.when(pl.col("paid") & pl.col("in_quarters")).then(text)


def modifier_note() -> Note:
    """Return what is asked of a line's modifiers, whether or not it is paid."""
    return "worded", pl.when("valid").then("modifier_note")


def modifier_asked() -> pl.Expr:
    """Return the questions of ``modifier_note`` with their names."""
    return pl.when("valid").then("modifier_asked")


def with_area_refusals(lines: pl.DataFrame) -> pl.DataFrame:
    """Return lines with those refused that are wage-adjusted and whose area has no wage index."""
    has_no_index = pl.col("paid") & pl.col("wage_adjusted") & pl.col("area_status").is_not_null()
    reason = pl.coalesce(
        pl.when(pl.col("area_status") == status).then(pl.format(text, "cbsa")) for status, text in _AREAS.items()
    )
    return lines.with_columns(
        pl.when(has_no_index).then("area_status").otherwise("pricing_status").alias("pricing_status"),
        pl.when(has_no_index).then(reason).otherwise("reason").alias("reason"),
        (pl.col("paid") & ~has_no_index).alias("paid"),
    )


def results(lines: pl.DataFrame) -> pl.DataFrame:
    """Return ``row``, the columns of ``RESULTS`` and ``notes.ASKED`` from priced lines of either setting."""
    paid = pl.col("paid")
    index = pl.col("index").cast(pl.Int128).reinterpret(dtype=pl.Decimal(38, INDEX_PLACES))

    def rate(name: str) -> pl.Expr:
        return pl.col(name).cast(pl.Int128).reinterpret(dtype=pl.Decimal(38, RATE_PLACES))

    shown = {
        "indicator": pl.col("indicator").fill_null(""),
        "apc": pl.col("apc").fill_null(""),
        "national_rate": rate("printed_rate"),
        "reduced_rate": pl.when(paid & (pl.col("rate") != pl.col("printed_rate"))).then(rate("rate")),
        "device_amount": pl.when(paid & (pl.col("device") > 0)).then(rate("device")),
        "wage_index_applied": pl.when(paid & (pl.col("labor") > 0)).then(index),
        "payment_factor": pl.when(paid).then(pl.col("factor").cast(pl.Int128).reinterpret(dtype=pl.Decimal(38, 4))),
        "note": pl.col("note").fill_null(""),
        "reason": pl.col("reason").fill_null(""),
    }
    return lines.select(
        "row", *(shown.get(name, pl.col(name)).cast(kind).alias(name) for name, kind in RESULTS.items()), ASKED
    )
