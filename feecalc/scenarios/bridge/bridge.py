"""The change in revenue from one release and volume to another, by part, by code and in total."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import polars as pl

from feecalc.money import MONEY_PLACES, exact, money, rounded_to
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims.columns import named_service
from feecalc.pricing.release_terms import Terms
from feecalc.scenarios.basket.prices import PLACE, SERVICE, services_of
from feecalc.scenarios.bridge.parts import APART, MEANING, ORDERED, PARTS, Side, order_of, ordered_parts

KEYS = (*SERVICE, *PLACE)
AMOUNTS = ("from_revenue", "to_revenue", "change", *PARTS)
SHOWN = (*KEYS, "service", "from_units", "to_units", "from_price", "to_price", *AMOUNTS, "note")
NO_PLACE = "no such locality in this release"
_RATE_PLACES = 4
NOT_SELECTED = "not in the starter data"


@dataclass(frozen=True)
class Bridge:
    """The parts of a change; every sum of them is the change, to the cent.

    ``services``: ``KEYS``, service, from_units, to_units, from_price, to_price (of a unit; null where not priced, and
    of claims), from_revenue, to_revenue, change, ``PARTS``, note. ``left_out``: ``KEYS``, service, units of both sides
    and why: no side prices them, or one is not known. [USD]
    """

    former: str
    latter: str
    order: tuple[str, ...]
    services: pl.DataFrame
    left_out: pl.DataFrame

    def total(self, name: str) -> Decimal:
        """Return the sum of one column of amounts. [USD]"""
        return Decimal(str(self.services[name].sum())) if self.services.height else exact(0, MONEY_PLACES)

    @property
    def by_code(self) -> pl.DataFrame:
        """Return services, the greatest change first.

        Shape: service, hcpcs, units of both sides, amounts, ``PARTS``, note.
        """
        sums = [pl.col(name).sum() for name in ("from_units", "to_units", *AMOUNTS)]
        notes = pl.col("note").filter(pl.col("note") != "").unique(maintain_order=True).str.join("; ")
        by_code = self.services.group_by("service", "hcpcs", maintain_order=True).agg(*sums, notes.alias("note"))
        return by_code.sort(pl.col("change").abs(), descending=True, maintain_order=True)

    @property
    def steps(self) -> pl.DataFrame:
        """Return the bridge from the former revenue to the latter, in order: what a waterfall draws.

        Shape: part, amount, begins, ends (the running revenue before and after), rate (of the former revenue, to a
        ten-thousandth; null where that is 0).
        """
        start = self.total("from_revenue")
        rows, running = [], start
        for part in (*self.order, *APART):
            amount = self.total(part)
            rate = None if not start else rounded_to(amount / start, _RATE_PLACES)
            rows.append({"part": part, "amount": amount, "begins": running, "ends": running + amount, "rate": rate})
            running += amount
        return pl.DataFrame(rows, schema=_STEPS)

    @property
    def waterfall(self) -> pl.DataFrame:
        """Return the change from 0 to its end, part after part, those without an amount left out, and the whole last.

        Shape: label, amount, begins, ends, kind (gain, loss or total).
        """
        start = self.total("from_revenue")
        kind = pl.when(pl.col("amount") < 0).then(pl.lit("loss")).otherwise(pl.lit("gain")).alias("kind")
        parts = self.steps.filter(pl.col("amount") != 0).select(
            pl.col("part").replace(MEANING).alias("label"),
            "amount",
            *((pl.col(name) - start).cast(_MONEY).alias(name) for name in ("begins", "ends")),
            kind,
        )
        change = self.total("change")
        whole = [{"label": "change", "amount": change, "begins": change - change, "ends": change, "kind": "total"}]
        return pl.concat([parts, pl.DataFrame(whole, schema=parts.schema)])


_MONEY = pl.Decimal(18, 2)
_STEPS: dict[str, pl.DataType | type[pl.DataType]] = {
    "part": pl.String,
    "amount": pl.Decimal(18, 2),
    "begins": pl.Decimal(18, 2),
    "ends": pl.Decimal(18, 2),
    "rate": pl.Decimal(9, 4),
}


def bridge(
    former: Terms,
    latter: Terms,
    volume: pl.DataFrame,
    latter_volume: pl.DataFrame | None = None,
    *,
    order: Sequence[str] = (),
) -> Bridge:
    """Split the change in revenue between two releases, of one volume or from one volume to another.

    Shape of a volume: ``services_of``. ``order``: the parts that are taken first, see ``parts``. A unit's price is what
    the claim rules allow for it on a line of its own, on its release's first day. A code that only one release has is
    new or deleted; one that both have and one does not price is the rules'. Raises MissingColumn, InvalidValue.
    """
    wanted = order_of(order)
    services, before, after = _together(volume, volume if latter_volume is None else latter_volume)
    sides = Side.of(former, services, before), Side.of(latter, services, after)
    known, why = _known(*sides)
    listed = sides[0].figures.listed, sides[1].figures.listed
    parts = ordered_parts(*sides, known & listed[0] & listed[1], wanted)
    gained = sides[1].units * sides[1].prices.cents
    lost = sides[0].units * sides[0].prices.cents
    parts["new_codes"] = np.where(known & ~listed[0] & listed[1], gained, 0)
    parts["deleted_codes"] = np.where(known & listed[0] & ~listed[1], -lost, 0)
    cents = {
        "from_revenue": np.where(known, lost, 0),
        "to_revenue": np.where(known, gained, 0),
        "change": np.where(known, gained - lost, 0),
        **{name: parts[name] for name in (*ORDERED, *APART)},
    }
    keyed = services.with_columns(
        named_service(), pl.Series("from_units", before), pl.Series("to_units", after), why
    )
    full = keyed.with_columns(
        _price("from_price", sides[0]),
        _price("to_price", sides[1]),
        *(money(pl.lit(pl.Series(column))).alias(name) for name, column in cents.items()),
        _notes(*sides),
    )
    is_known = pl.Series(known)
    return Bridge(
        former.name,
        latter.name,
        wanted,
        full.filter(is_known).select(SHOWN),
        keyed.filter(~is_known),
    )


def _together(volume: pl.DataFrame, latter: pl.DataFrame) -> tuple[pl.DataFrame, Integers, Integers]:
    """Return the services of both volumes, and the units of both."""
    before = services_of(volume, by_place=True).rename({"units": "before"})
    after = services_of(latter, by_place=True).rename({"units": "after"})
    both = pl.concat([before, after], how="diagonal").group_by(KEYS, maintain_order=True).agg(
        pl.col("before").sum(), pl.col("after").sum()
    )  # fmt: skip
    return both.select(KEYS), both["before"].to_numpy().copy(), both["after"].to_numpy().copy()


def _known(former: Side, latter: Side) -> tuple[Flags, pl.Series]:
    """Return which services have a revenue on both sides, be it 0, and why the others have none."""
    placed = former.is_there & latter.is_there
    selected = np.ones_like(placed)
    for side in (former, latter):
        if side.terms.schedule.release.starter:
            selected &= side.figures.listed
    known = placed & selected & (former.prices.priced | latter.prices.priced)
    lacking = np.where(former.is_there, latter.terms.schedule.release.name, former.terms.schedule.release.name)
    why = pl.select(
        pl.when(pl.lit(pl.Series(known)))
        .then(pl.lit(""))
        .when(~pl.lit(pl.Series(placed)))
        .then(pl.lit(pl.Series(lacking.astype(object), dtype=pl.String)) + pl.lit(f": {NO_PLACE}"))
        .when(~pl.lit(pl.Series(selected)))
        .then(pl.lit(NOT_SELECTED))
        .otherwise(_why_not(latter))
        .alias("reason")
    ).to_series()
    return known, why


def _notes(former: Side, latter: Side) -> pl.Series:
    """Return what is said of a service that one side does not price."""
    was, now = former.prices.priced, latter.prices.priced

    def unpriced_by(side: Side) -> pl.Expr:
        return pl.lit(f"not priced by {side.terms.schedule.release.name}: ") + _why_not(side)

    noted = pl.when(pl.lit(pl.Series(was & ~now))).then(unpriced_by(latter))
    return pl.select(
        noted.when(pl.lit(pl.Series(now & ~was))).then(unpriced_by(former)).otherwise(pl.lit("")).alias("note")
    ).to_series()


def _why_not(side: Side) -> pl.Expr:
    """Return the reason that a side does not price a service, or where it gives none the status."""
    reason = pl.lit(side.prices.reason)
    return pl.when(reason != "").then(reason).otherwise(pl.lit(side.prices.status))


def _price(name: str, side: Side) -> pl.Expr:
    cents = pl.lit(pl.Series(side.prices.cents))
    return pl.when(pl.lit(pl.Series(side.prices.priced))).then(money(cents)).alias(name)


