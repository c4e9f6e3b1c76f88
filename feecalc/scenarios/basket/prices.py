"""What Medicare allows for one unit of each service in each place: the claim rules, on a line of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import polars as pl

from feecalc.money import MONEY_PLACES, scaled
from feecalc.pricing.arrays import Flags, Whole
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.schedule import FeeSchedule
from feecalc.scenarios.basket.nation import with_anesthesia, with_nation
from feecalc.scenarios.basket.pricer import pricer_of
from feecalc.scenarios.basket.services import PLACE, SERVICE

_LINES = 1 << 17
_PRICED = "priced"
_RESULTS = ("allowed_amount", "pricing_status", "reason")


@dataclass(frozen=True)
class UnitPrices:
    """Cents of a unit, 0 where not priced, and why not. Shape of each: [service]."""

    cents: Whole
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
    """The allowed amount of one unit. Shape of ``services``: ``SERVICE`` and ``PLACE``; a blank place is the nation.

    Each unit is priced by itself: no rule of several lines, an add-on as if its primary were there, no bill to be
    lower. ``factor`` stands in place of Medicare's, and anesthesia's factors are multiplied by ``anesthesia``. Raises
    InvalidValue where the work index without the floor cannot be told.
    """
    rules = ClaimRules(add_on_needs_primary=False, lower_of_billed=False, gpci_floor=gpci_floor)
    used = schedule.localities.join(services.select(PLACE).unique(), on=PLACE, how="semi", maintain_order="left")
    pricer = pricer_of(with_anesthesia(with_nation(schedule, used, day), anesthesia), rules, factor)
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
