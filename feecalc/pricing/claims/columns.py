"""The columns of claim lines: what must be there, what may be, and what a missing one stands for."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from feecalc.errors import MissingColumn

_MONEY = pl.Decimal(12, 2)
MODIFIERS = ("modifier_1", "modifier_2", "modifier_3", "modifier_4")
REQUIRED = {
    "claim_id": pl.String,
    "line": pl.Int32,
    "date_of_service": pl.Date,
    "hcpcs": pl.String,
    "place_of_service": pl.String,
    "mac": pl.String,
    "locality": pl.String,
    "units": pl.Int32,
}
# Optional columns, and the value that stands where one is missing.
OPTIONAL: dict[str, tuple[pl.DataType | type[pl.DataType], object]] = {
    "modifier_1": (pl.String, ""),
    "modifier_2": (pl.String, ""),
    "modifier_3": (pl.String, ""),
    "modifier_4": (pl.String, ""),
    "billed_amount": (_MONEY, None),
    "billed_unreadable": (pl.Boolean, False),
    "beneficiary_id": (pl.String, ""),
    "billing_npi": (pl.String, ""),
    "rendering_npi": (pl.String, ""),
    "specialty": (pl.String, ""),  # Medicare's code, or a taxonomy
    "provider_type": (pl.String, "physician"),
    "participating": (pl.Boolean, True),
    "qp": (pl.Boolean, False),
    "minutes": (pl.Int32, None),
    "postoperative_days": (pl.Int32, None),
    "present_at_induction": (pl.Boolean, False),  # of the physician who supervises anesthesia
    "deductible_left": (_MONEY, 0),
    "denied": (pl.Boolean, False),  # an edit denies the line: it pays nothing, and takes no part in a rule
}


def named_service(modifiers: Sequence[str] = MODIFIERS) -> pl.Expr:
    """Return a service as a person writes it: 64493-50 or 99213. ``modifiers`` are the columns that are there."""
    after = [
        pl.when(pl.col(name) != "").then(pl.lit("-") + pl.col(name)).otherwise(pl.lit("")) for name in modifiers
    ]
    return pl.concat_str("hcpcs", *after).alias("service")


def require(schema: pl.Schema) -> None:
    """Raise MissingColumn, naming what was looked for and what was seen, where a required column is not there."""
    missing = [name for name in REQUIRED if name not in schema]
    if missing:
        raise MissingColumn(
            f"claim lines need the columns {', '.join(REQUIRED)}; missing: {', '.join(missing)}; "
            f"seen: {', '.join(schema)}"
        )


def complete(claims: pl.DataFrame) -> pl.DataFrame:
    """Return the lines with every column: missing ones, and blanks in optional ones, filled with defaults."""
    claims = _with_unreadable(claims)
    return claims.select(
        *(pl.col(name).cast(kind, strict=False) for name, kind in REQUIRED.items()),
        *(_filled(claims, name, kind, value) for name, (kind, value) in OPTIONAL.items()),
    )


def present(claims: pl.DataFrame) -> pl.DataFrame:
    """Return the columns that are there, as ``complete`` has them, and no others."""
    claims = _with_unreadable(claims)
    return claims.select(
        *(pl.col(name).cast(kind, strict=False) for name, kind in REQUIRED.items()),
        *(_filled(claims, name, kind, value) for name, (kind, value) in OPTIONAL.items() if name in claims.columns),
    )


def _with_unreadable(claims: pl.DataFrame) -> pl.DataFrame:
    """Return the lines with a mark where a billed amount is there and is no amount: it is not as if none were given."""
    if claims.schema.get("billed_amount", _MONEY) == _MONEY:
        return claims
    billed = pl.col("billed_amount")
    wrong = billed.is_not_null() & billed.cast(_MONEY, strict=False).is_null()
    if "billed_unreadable" in claims.columns:
        wrong = wrong | pl.col("billed_unreadable").fill_null(False)
    return claims.with_columns(wrong.alias("billed_unreadable"))


def _filled(claims: pl.DataFrame, name: str, kind: pl.DataType | type[pl.DataType], value: object) -> pl.Expr:
    if name not in claims.columns:
        return pl.lit(value, dtype=kind).alias(name)
    column = pl.col(name).cast(kind, strict=False)  # what does not fit is null, and that line is refused
    return column if value is None else column.fill_null(pl.lit(value, dtype=kind))
