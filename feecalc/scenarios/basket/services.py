"""The services of a volume: each different one once, with its units."""

from __future__ import annotations

import polars as pl

from feecalc.errors import InvalidValue, MissingColumn

MODIFIERS = ("modifier_1", "modifier_2", "modifier_3", "modifier_4")
SERVICE = ("hcpcs", *MODIFIERS, "place_of_service", "provider_type", "minutes")
PLACE = ("mac", "locality")
MOST_UNITS = 10**9  # in all: what whole numbers of 64 bits leave room for
_NEEDED = ("hcpcs", "units")
_MISSING = dict.fromkeys((*MODIFIERS, *PLACE), "") | {"place_of_service": "11", "provider_type": "physician"}


def services_of(volume: pl.DataFrame, *, by_place: bool) -> pl.DataFrame:
    """Units by service and, where asked, by locality. Shape: ``SERVICE``, ``PLACE`` where asked, units (Int64).

    ``volume``: hcpcs, units and, where there, modifier_1 to modifier_4 (or modifier), place_of_service (else an
    office), provider_type, minutes (of anesthesia), mac and locality ("" both: national amounts). Services stand in
    the order they first come. Raises MissingColumn, InvalidValue.
    """
    missing = [name for name in _NEEDED if name not in volume.columns]
    if missing:
        raise MissingColumn(f"a volume needs the columns {', '.join(_NEEDED)}; missing: {', '.join(missing)}")
    if "modifier_1" not in volume.columns and "modifier" in volume.columns:
        volume = volume.with_columns(pl.col("modifier").alias("modifier_1"))
    keys = (*SERVICE, *PLACE) if by_place else SERVICE
    cells = volume.select(*(_cell(volume, name) for name in keys), pl.col("units").cast(pl.Int64))
    if cells["units"].null_count() or (cells["units"] < 0).any():
        raise InvalidValue("a volume's units are whole numbers from 0 up; a row has none, or fewer than 0")
    found = cells.group_by(keys, maintain_order=True).agg(pl.col("units").sum())
    if int(found["units"].sum()) > MOST_UNITS:
        raise InvalidValue(f"a volume of more than {MOST_UNITS:,} units in all cannot be added up exactly")
    return found


def _cell(volume: pl.DataFrame, name: str) -> pl.Expr:
    if name == "minutes":
        return (pl.col(name).cast(pl.Int32) if name in volume.columns else pl.lit(None, pl.Int32)).alias(name)
    missing = _MISSING.get(name, "")
    found = pl.col(name).cast(pl.String).fill_null(missing) if name in volume.columns else pl.lit(missing)
    return found.alias(name)


def named_service() -> pl.Expr:
    """A service in a person's words: 64493-50 or 99213."""
    after = [
        pl.when(pl.col(name) != "").then(pl.lit("-") + pl.col(name)).otherwise(pl.lit("")) for name in MODIFIERS
    ]
    return pl.concat_str("hcpcs", *after).alias("service")
