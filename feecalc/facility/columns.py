"""The columns of a facility's lines: what comes in, and what pricing adds."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from feecalc.errors import InvalidValue, MissingColumn
from feecalc.facility.amounts import INDEX_PLACES, RATE_PLACES

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
    """The results for a person's file: rates and indices with as many decimals as one of the column's needs."""
    kinds = {name: pl.Decimal(38, _needed(priced[name], least)) for name, least in _LEAST_PLACES.items()}
    return priced.with_columns(pl.col(name).cast(kind) for name, kind in kinds.items())


def _needed(column: pl.Series, least: int) -> int:
    decimals = column.drop_nulls().cast(pl.String).str.extract(r"\.(\d*?)0*$").str.len_chars().max()
    return least if decimals is None else max(least, int(str(decimals)))


def complete(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines in the columns of ``REQUIRED`` and ``OPTIONAL``, with ``row``, their place, before them.

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
