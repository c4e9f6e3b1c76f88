"""The services of a volume, and what Medicare allows for one unit of each in each place.

A unit is priced by the claim rules, on a line of its own. The nation is priced beside the localities: every index 1,
under a MAC and number that are blank.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl

from feecalc.errors import InvalidValue, MissingColumn
from feecalc.money import MONEY_PLACES, exact, rounded, scaled
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims.columns import MODIFIERS
from feecalc.pricing.claims.pricers import pricer_of_year
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.rules.conversion_factor import anesthesia_conversion_factor
from feecalc.pricing.schedule import FeeSchedule

SERVICE = ("hcpcs", *MODIFIERS, "place_of_service", "provider_type", "minutes")
PLACE = ("mac", "locality")
MOST_UNITS = 10**9  # in all: what whole numbers of 64 bits leave room for
_NEEDED = ("hcpcs", "units")
_MISSING = dict.fromkeys((*MODIFIERS, *PLACE), "") | {"place_of_service": "11", "provider_type": "physician"}
NATION = {"mac": "", "locality": "", "state": "", "locality_name": "national"}
_INDICES = ("work_gpci", "work_gpci_unfloored", "pe_gpci", "mp_gpci")
_ONE = Decimal("1.000")
_LOCAL_PLACES, _NATIONAL_PLACES = 2, 4
_LINES = 1 << 17
_SERVICES_NAMED = 8
_PRICED = "priced"
_RESULTS = ("allowed_amount", "pricing_status", "reason")


def services_of(volume: pl.DataFrame, *, by_place: bool) -> pl.DataFrame:
    """Return units by service and, with ``by_place``, by locality. Shape: ``SERVICE``, then ``PLACE``, units (Int64).

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


def by_reason(services: pl.DataFrame, name: str) -> Iterator[tuple[str, str]]:
    """Yield the services without a price that have a reason in common, and the reason, without its full stop.

    ``name`` is the column that names a service; shape of ``services``: that, reason. The rest of many is counted.
    """
    grouped = services.select(name, "reason").unique(maintain_order=True).group_by("reason", maintain_order=True)
    for reason, found in grouped.agg(name).iter_rows():
        more = f" and {len(found) - _SERVICES_NAMED:,} more" if len(found) > _SERVICES_NAMED else ""
        yield ", ".join(found[:_SERVICES_NAMED]) + more, reason.rstrip(".")


def with_nation(schedule: FeeSchedule, places: pl.DataFrame, day: date) -> FeeSchedule:
    """Return the release with these localities (rows of its GPCI table) and the nation, which stands first."""
    localities = pl.concat([_row_of(places, {**NATION, **dict.fromkeys(_INDICES, _ONE)}), places])
    if schedule.anesthesia is None:
        return replace(schedule, localities=localities)
    factor = Decimal(anesthesia_conversion_factor(day).value)
    national = _row_of(schedule.anesthesia, {**NATION, "anesthesia_conversion_factor": factor})
    return replace(schedule, localities=localities, anesthesia=pl.concat([national, schedule.anesthesia]))


def with_anesthesia(schedule: FeeSchedule, times: Fraction) -> FeeSchedule:
    """Return the release with its anesthesia factors so many times what they are, each rounded once as CMS prints it.

    CMS prints a locality's factor with two decimals, the nation's with four.
    """
    if schedule.anesthesia is None or times == 1:
        return schedule
    name = "anesthesia_conversion_factor"
    moved = [
        None if factor is None else _times(factor, times, _LOCAL_PLACES if mac else _NATIONAL_PLACES)
        for mac, factor in schedule.anesthesia.select("mac", name).iter_rows()
    ]
    kind = schedule.anesthesia.schema[name]
    return replace(schedule, anesthesia=schedule.anesthesia.with_columns(pl.Series(name, moved).cast(kind)))


def _times(factor: Decimal, times: Fraction, places: int) -> Decimal:
    product = Fraction(factor) * times * 10**places
    return exact(rounded(product.numerator, product.denominator), places)


def _row_of(table: pl.DataFrame, values: dict[str, Any]) -> pl.DataFrame:
    """Return one row of the table's columns; those without a value are null."""
    return pl.DataFrame(
        {name: pl.Series(name, [values.get(name)], kind, strict=False) for name, kind in table.schema.items()}
    )


@dataclass(frozen=True)
class UnitPrices:
    """Cents of a unit, 0 where not priced, and why not. Shape of each: [service]."""

    cents: Integers
    priced: Flags
    status: pl.Series
    reason: pl.Series


def unit_prices(
    schedule: FeeSchedule,
    services: pl.DataFrame,
    day: date,
    *,
    qp: bool = False,
    gpci_floor: bool = True,
    factor: Decimal | None = None,
    anesthesia: Fraction = Fraction(1),
) -> UnitPrices:
    """Return the allowed amount of one unit.

    Shape of ``services``: ``SERVICE`` and ``PLACE``; a blank place is the nation.
    Each unit is priced by itself: no rule of more lines, an add-on as if its primary were there, no bill to be
    lower. ``factor`` stands in place of Medicare's, and anesthesia's factors are multiplied by ``anesthesia``. Raises
    InvalidValue where the work index without the floor is not known.
    """
    rules = ClaimRules(add_on_needs_primary=False, lower_of_billed=False, gpci_floor=gpci_floor)
    used = schedule.localities.join(services.select(PLACE).unique(), on=PLACE, how="semi", maintain_order="left")
    pricer = pricer_of_year(with_anesthesia(with_nation(schedule, used, day), anesthesia), rules, factor)
    lines = services.select(
        *SERVICE,
        *PLACE,
        # as long as each other, so that they stand in order
        (pl.int_range(pl.len(), dtype=pl.Int64) + 10**12).cast(pl.String).alias("claim_id"),
        pl.lit(1, pl.Int32).alias("line"),
        pl.lit(day).alias("date_of_service"),
        pl.lit(1, pl.Int32).alias("units"),
        pl.lit(qp).alias("qp"),
    )
    parts = [pricer.price(part, _RESULTS) for part in lines.iter_slices(_LINES)]
    found = pl.concat(parts) if parts else pl.DataFrame(schema=dict.fromkeys(_RESULTS, pl.String))
    status = found["pricing_status"].cast(pl.String)
    priced = (status == _PRICED).to_numpy() if parts else np.zeros(0, np.bool_)
    cents = scaled(found["allowed_amount"], MONEY_PLACES).fill_null(0).to_numpy() if parts else np.zeros(0, np.int64)
    return UnitPrices(np.where(priced, cents, 0), priced, status, found["reason"].cast(pl.String).fill_null(""))
