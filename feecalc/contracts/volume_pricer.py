"""Medicare's allowed amount for a unit of each row of a volume, each row priced as a claim of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cached_property

import polars as pl

from feecalc.files.cells import MODIFIERS
from feecalc.files.volume import COLUMNS
from feecalc.pricing.claims.line_pricer import LinePricer
from feecalc.pricing.claims.pricers import pricer_of_year
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.schedule import FeeSchedule

PRICED: Mapping[str, pl.DataType] = {
    "setting": pl.String(),
    "medicare_amount": pl.Decimal(18, 2),  # for one unit; null where not priced
    "pricing_status": pl.String(),
    "reason": pl.String(),
}
_SERVICE = (*MODIFIERS, "hcpcs", "place_of_service", "mac", "locality", "provider_type", "minutes")
_BARE = {"modifier_3": "", "modifier_4": "", "provider_type": "physician", "minutes": None}


class VolumePricer:
    """A pricer of volumes by one release on one day, for one unit of each row; it keeps its look-ups."""

    def __init__(
        self,
        schedule: FeeSchedule,
        *,
        day: date | None = None,
        qp: bool = False,
        rules: ClaimRules | None = None,
        conversion_factor: Decimal | None = None,
    ) -> None:
        """Take the release; ``conversion_factor`` replaces Medicare's for all but anesthesia. [USD per RVU]"""
        self.schedule, self.day, self.qp = schedule, schedule.release.day(day), qp
        self.conversion_factor = conversion_factor
        self.rules = replace(rules or ClaimRules(), add_on_needs_primary=False, lower_of_billed=False)

    def price(self, volume: pl.DataFrame, more: Sequence[str] = ()) -> pl.DataFrame:
        """Return what Medicare allows for one unit of each row, before the charge ceiling, row for row.

        Shape: ``PRICED``, then ``more``, names in ``feecalc.pricing.claims.results.COLUMNS``.
        """
        is_national = (volume["mac"] == "") & (volume["locality"] == "")
        if not is_national.any():
            return self._priced(self.pricer, volume, more)
        if is_national.all():
            return self._priced(self.national_pricer, volume, more)
        order = pl.concat([is_national.arg_true(), (~is_national).arg_true()])
        parts = pl.concat(
            [
                self._priced(self.national_pricer, volume.filter(is_national), more),
                self._priced(self.pricer, volume.filter(~is_national), more),
            ]
        )
        return parts.with_columns(order.alias("at")).sort("at").drop("at")

    @cached_property
    def pricer(self) -> LinePricer:
        return pricer_of_year(self.schedule, self.rules, self.conversion_factor)

    @cached_property
    def national_pricer(self) -> LinePricer:
        return pricer_of_year(self.schedule.national(self.day), self.rules, self.conversion_factor)

    def _priced(self, pricer: LinePricer, volume: pl.DataFrame, more: Sequence[str]) -> pl.DataFrame:
        columns = ("setting", "allowed_amount", "pricing_status", "reason", *more)
        priced = pricer.price(self.lines(volume), columns).rename({"allowed_amount": "medicare_amount"})
        return priced.select(*(pl.col(name).cast(kind) for name, kind in PRICED.items()), *more)

    def lines(self, volume: pl.DataFrame) -> pl.DataFrame:
        """Return each row as a claim of one line and one unit."""
        number = pl.int_range(pl.len(), dtype=pl.Int64)
        return volume.select(
            # as long as each other, so that they stand in order
            (number + 10**12).cast(pl.String).alias("claim_id"),
            pl.lit(1, pl.Int32).alias("line"),
            pl.lit(self.day).alias("date_of_service"),
            *(_column(volume, name).alias(name) for name in _SERVICE),
            pl.lit(1, pl.Int32).alias("units"),
            pl.lit(self.qp).alias("qp"),
        )


def _column(volume: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name) if name in volume.columns else pl.lit(_BARE[name], COLUMNS[name])


def price_volume(
    volume: pl.DataFrame,
    schedule: FeeSchedule,
    *,
    day: date | None = None,
    qp: bool = False,
    rules: ClaimRules | None = None,
    conversion_factor: Decimal | None = None,
) -> pl.DataFrame:
    """Return a volume with Medicare's allowed amount for one unit of each row. [USD]

    Adds setting, medicare_amount, pricing_status and reason. ``day`` is by default the release's first. A row that
    Medicare does not price has a null amount and a reason.
    """
    pricer = VolumePricer(schedule, day=day, qp=qp, rules=rules, conversion_factor=conversion_factor)
    return pl.concat([volume.drop(list(PRICED), strict=False), pricer.price(volume)], how="horizontal")
