"""The columns of a facility's lines: what comes in, which lines are not to be priced and why, and what comes out."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from feecalc.errors import InvalidValue, MissingColumn
from feecalc.facility.amounts import INDEX_PLACES, RATE_PLACES
from feecalc.facility.rules import INDICATORS, Rules

ASC, OPPS = "asc", "opps"
SETTINGS = (ASC, OPPS)
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
}

_AMOUNT = pl.Decimal(18, 2)
_RATE = pl.Decimal(22, RATE_PLACES)
RESULTS: Mapping[str, pl.DataType] = {
    "indicator": pl.String(),  # status indicator (OPPS) or payment indicator (ASC), as printed
    "apc": pl.String(),  # the APC paid, "" in an ASC and where there is none
    "national_rate": _RATE,  # as printed, with every decimal, for one unit; null where there is none
    "device_amount": _RATE,  # the part of the rate that the wage index does not touch
    "wage_index_applied": pl.Decimal(12, INDEX_PLACES),  # null where the line is not wage-adjusted
    "payment_factor": pl.Decimal(18, 4),  # how many times the adjusted rate is paid: units, discount, modifiers
    "facility_amount": _AMOUNT,  # what the facility gets, from Medicare and the patient together
    "medicare_amount": _AMOUNT,
    "copayment": _AMOUNT,  # before the Part B deductible
    "pricing_status": pl.String(),
    "reason": pl.String(),  # why there is no amount of its own, "" where there is one
    "note": pl.String(),
}
COLUMNS = tuple(RESULTS)
_LEAST_PLACES = {"national_rate": 2, "device_amount": 2, "wage_index_applied": 4}  # shown where no more are needed


def narrowed(priced: pl.DataFrame) -> pl.DataFrame:
    """Return the results for a person's file: rates and indices with as many decimals as one of the column's needs."""
    kinds = {name: pl.Decimal(38, _needed(priced[name], least)) for name, least in _LEAST_PLACES.items()}
    return priced.with_columns(pl.col(name).cast(kind) for name, kind in kinds.items())


def _needed(column: pl.Series, least: int) -> int:
    decimals = column.drop_nulls().cast(pl.String).str.extract(r"\.(\d*?)0*$").str.len_chars().max()
    return least if decimals is None else max(least, int(str(decimals)))


def complete(lines: pl.DataFrame) -> pl.DataFrame:
    """Return the lines in the columns of ``REQUIRED`` and ``OPTIONAL``, with ``row``, their place, before them.

    Raises MissingColumn; InvalidValue where a column is of another kind. A cell that is none of its kind is null.
    """
    missing = [name for name in REQUIRED if name not in lines.columns]
    if missing:
        raise MissingColumn(
            f"facility lines need the columns {', '.join(REQUIRED)}; missing: {', '.join(missing)}; "
            f"seen: {', '.join(lines.columns)}"
        )
    wrong = [name for name in (*REQUIRED, *OPTIONAL) if name in lines.columns and lines.schema[name].is_nested()]
    if wrong:
        raise InvalidValue(f"column {wrong[0]} holds lists or records, not single values")
    return lines.select(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"),
        *(_cast(name, kind, lines) for name, kind in {**REQUIRED, **OPTIONAL}.items()),
    )


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
    """The lines with what the addenda hold of their codes and the rule of its indicator, then as ``refused`` has it.

    ``codes`` has, beside the indicator, ``listed_in`` (the entry the code stands in), ``unread`` (its cells that are
    no figures) and ``elsewhere`` (of a code that no list of rates holds and another file does: what that file says).
    """
    indicators = rules.indicators.rename({"pricing_status": "indicator_status", "reason": "indicator_reason"})
    found = lines.join(codes, on="hcpcs", how="left", maintain_order="left")
    return refused(found.join(indicators, on="indicator", how="left", maintain_order="left"), rules, unknown)


def refused(lines: pl.DataFrame, rules: Rules, unknown: str) -> pl.DataFrame:
    """Add ``valid``, ``status_given`` and ``reason_given``: units that are none, a code that no addendum holds, or
    one whose indicator the rules do not know."""
    no_units = pl.col("units").is_null() | (pl.col("units") < 1)
    known = pl.col("pays").is_not_null()
    strange = pl.col("indicator").is_not_null() & ~known
    elsewhere = pl.col("elsewhere").is_not_null()
    status = (
        pl.when(no_units)
        .then(pl.lit("invalid_units"))
        .when(strange)
        .then(pl.lit("unknown_indicator"))
        .when(~known & elsewhere)
        .then(pl.lit("no_rate"))
        .when(~known)
        .then(pl.lit("unknown_code"))
    )
    what = f"{INDICATORS[rules.setting]} indicator"
    reason = (
        pl.when(no_units)
        .then(pl.lit("units are missing or less than 1"))
        .when(strange & (pl.col("indicator") == ""))
        .then(pl.format(f"{{}} prints no {what} for the code: not priced", "listed_in"))
        .when(strange)
        .then(
            pl.format(
                f"{what} {{}} of {{}} is not one that feecalc's rules know on {rules.day}: not priced",
                "indicator",
                "listed_in",
            )
        )
        .when(~known & elsewhere)
        .then("elsewhere")
        .when(~known)
        .then(pl.lit(unknown))
    )
    return lines.with_columns(
        (~no_units & known).alias("valid"), status.alias("status_given"), reason.alias("reason_given")
    )


def no_rate_reason(otherwise: pl.Expr) -> pl.Expr:
    """Return why a line that is paid by a rate has none: its cell is no figure, or as ``otherwise`` says."""
    printed = pl.col("unread").str.contains("payment_rate ")
    said = pl.format("{} prints no figure where the rate stands: {}", "listed_in", "unread")
    return pl.when(printed).then(said).otherwise(otherwise)


def unread_note() -> pl.Expr:
    """Return what is said of a paid line of whose code cells could not be read."""
    said = pl.format("{} prints what is no figure, and it was not used: {}", "listed_in", "unread")
    return pl.when(pl.col("paid") & (pl.col("unread") != "")).then(said)


def with_area_refusals(lines: pl.DataFrame) -> pl.DataFrame:
    """Refuse a wage-adjusted line whose area has no wage index."""
    wrong = pl.col("paid") & pl.col("wage_adjusted") & pl.col("area_status").is_not_null()
    reason = pl.coalesce(
        pl.when(pl.col("area_status") == status).then(pl.format(text, "cbsa")) for status, text in _AREAS.items()
    )
    return lines.with_columns(
        pl.when(wrong).then("area_status").otherwise("pricing_status").alias("pricing_status"),
        pl.when(wrong).then(reason).otherwise("reason").alias("reason"),
        (pl.col("paid") & ~wrong).alias("paid"),
    )


def results(lines: pl.DataFrame) -> pl.DataFrame:
    """Return ``row`` and the columns of ``RESULTS``, of lines that either setting priced."""
    paid = pl.col("paid")
    index = pl.col("index").cast(pl.Int128).reinterpret(dtype=pl.Decimal(38, INDEX_PLACES))

    def rate(name: str) -> pl.Expr:
        return pl.col(name).cast(pl.Int128).reinterpret(dtype=pl.Decimal(38, RATE_PLACES))

    shown = {
        "indicator": pl.col("indicator").fill_null(""),
        "apc": pl.col("apc").fill_null(""),
        "national_rate": rate("printed_rate"),
        "device_amount": pl.when(paid & (pl.col("device") > 0)).then(rate("device")),
        "wage_index_applied": pl.when(paid & (pl.col("labor") > 0)).then(index),
        "payment_factor": pl.when(paid).then(pl.col("factor").cast(pl.Int128).reinterpret(dtype=pl.Decimal(38, 4))),
        "note": pl.col("note").fill_null(""),
        "reason": pl.col("reason").fill_null(""),
    }
    return lines.select(
        "row", *(shown.get(name, pl.col(name)).cast(kind).alias(name) for name, kind in RESULTS.items())
    )
