"""A bridge over claim lines: each line priced with the rules of its claim, at every step from one side to the other.

A step is an engine that has some parts of the latter side and the others of the former (``mixed``). So reductions of
multiple procedures, modifiers, bundling and the bill are applied at every step, and ``rules`` is what the change of the
rules themselves makes: statuses, indicators, percents and all else that is no part of its own. The lines are summed by
service.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from feecalc.money import MONEY_PLACES, money, scaled
from feecalc.pricing.arrays import Flags
from feecalc.pricing.claims.batches import LINES, priced_batches
from feecalc.pricing.claims.columns import complete, named_service
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.release_terms import Terms, as_given_in
from feecalc.scenarios.basket.prices import PLACE
from feecalc.scenarios.bridge.bridge import AMOUNTS, KEYS, NO_PLACE, NOT_SELECTED, SHOWN, Bridge
from feecalc.scenarios.bridge.mixed import RATES, Mixed, mixed
from feecalc.scenarios.bridge.parts import amounts, order_of, units_of

Taken = frozenset[str]  # the parts of RATES that are the latter side's
NOTHING, ALL = Taken(), Taken(RATES)
_RESULTS = ("allowed_amount", "pricing_status", "reason")
_MONEY = pl.Decimal(18, MONEY_PLACES)
Step = tuple[Taken, bool, bool]  # the rates that are the latter side's, whether volume is, whether mix is
_PRICE = pl.Decimal(18, MONEY_PLACES)


def cents_at(taken: Collection[str]) -> str:
    """Return the column of cents at the step where these rates are the latter side's."""
    return "cents:" + ",".join(part for part in RATES if part in taken)


@dataclass(frozen=True)
class LineSums:
    """Sums of a file's lines. ``engines``: of every step, the first and the last among them."""

    former: Terms
    latter: Terms
    engines: Mapping[Taken, Mixed]
    batch: int
    progress: Callable[[int], None]

    def of(self, claims: pl.LazyFrame, wanted: Collection[Taken]) -> pl.DataFrame:
        """Return the codes with their cents at every step.

        Shape: ``KEYS``, reason (why lines are left out, "" where they count), note, units, a column for each step.
        """
        steps = dict.fromkeys([NOTHING, ALL, *wanted])
        first = self.engines[NOTHING]
        parts = [pl.DataFrame(schema=_schema(steps))]
        moved = as_given_in(claims, first.ruling, first.paying)
        for priced in priced_batches(moved, first.pricer, self.batch, _RESULTS):
            own = priced.drop(_RESULTS)
            found = {step: self._priced(own, step) if step else priced.select(_RESULTS) for step in steps}
            parts.append(_sums(self._lines(own, found)))
            self.progress(priced.height)
        return _sums(pl.concat(parts))

    def _priced(self, lines: pl.DataFrame, taken: Taken) -> pl.DataFrame:
        step = self.engines[taken]
        again = as_given_in(lines.lazy(), step.ruling, step.paying).collect()
        return step.pricer.price(again, _RESULTS)

    def _lines(self, own: pl.DataFrame, found: Mapping[Taken, pl.DataFrame]) -> pl.DataFrame:
        """Return the lines with their cents; why one has no amount is in reason, what one release lacks in note."""
        lines = complete(own).select(*KEYS, pl.col("units").cast(pl.Int64).fill_null(0).clip(0))
        was, now = (_priced_or_why(found[end]) for end in (NOTHING, ALL))
        priced = was["is_priced"] | now["is_priced"]
        note = (
            pl.when(pl.lit(was["is_priced"] & ~now["is_priced"]))
            .then(pl.lit(f"not priced by {self.latter.schedule.release.name}: ") + pl.lit(now["why"]))
            .when(pl.lit(now["is_priced"] & ~was["is_priced"]))
            .then(pl.lit(f"not priced by {self.former.schedule.release.name}: ") + pl.lit(was["why"]))
            .otherwise(pl.lit(""))
        )
        return lines.with_columns(
            self._reason(lines, priced, now["why"]),
            note.alias("note"),
            *(
                scaled(prices["allowed_amount"].cast(_MONEY), MONEY_PLACES).fill_null(0).alias(cents_at(taken))
                for taken, prices in found.items()
            ),
        ).with_columns(pl.when(pl.col("reason") == "").then("note").otherwise(pl.lit("")).alias("note"))

    def _reason(self, lines: pl.DataFrame, priced: pl.Series, why: pl.Series) -> pl.Expr:
        """Return why a line is left out: an unknown place, a release with few codes, or no price in either."""
        reason = pl.when(pl.lit(~priced)).then(pl.lit(why)).otherwise(pl.lit(""))
        for side in (self.latter, self.former):
            release = side.schedule.release
            if release.starter:
                listed = lines["hcpcs"].is_in(side.schedule.rvu["hcpcs"].unique().implode())
                reason = pl.when(pl.lit(~listed)).then(pl.lit(NOT_SELECTED)).otherwise(reason)
            places = side.schedule.localities.select(*PLACE, pl.lit(True).alias("is_there"))
            there = lines.select(PLACE).join(places, on=PLACE, how="left", maintain_order="left")["is_there"]
            lost = there.is_null() & (lines["mac"] != "")
            reason = pl.when(pl.lit(lost)).then(pl.lit(f"{release.name}: {NO_PLACE}")).otherwise(reason)
        return reason.alias("reason")


def _priced_or_why(prices: pl.DataFrame) -> pl.DataFrame:
    """Return whether each line has an amount, and why it has none."""
    status, reason = pl.col("pricing_status").cast(pl.String), pl.col("reason").cast(pl.String).fill_null("")
    return prices.select(
        "allowed_amount",
        pl.col("allowed_amount").is_not_null().alias("is_priced"),
        pl.when(reason != "").then(reason).otherwise(status).alias("why"),
    )


def _schema(steps: Collection[Taken]) -> dict[str, pl.DataType | type[pl.DataType]]:
    keys = {name: pl.Int32 if name == "minutes" else pl.String for name in KEYS}
    cents = {cents_at(taken): pl.Int64 for taken in steps}
    return {**keys, "reason": pl.String, "units": pl.Int64, "note": pl.String, **cents}


def _sums(lines: pl.DataFrame) -> pl.DataFrame:
    """Return sums of the services, in the order they first come."""
    first = pl.col("note").filter(pl.col("note") != "").first().fill_null("")
    sums = [pl.col(name).sum() for name in lines.columns if name == "units" or name.startswith("cents:")]
    return lines.group_by(*KEYS, "reason", maintain_order=True).agg(sums[0], first, *sums[1:])


def bridge_claims(
    former: Terms,
    latter: Terms,
    claims: pl.LazyFrame,
    latter_claims: pl.LazyFrame | None = None,
    *,
    order: Sequence[str] = (),
    rules: ClaimRules | None = None,
    batch: int = LINES,
    progress: Callable[[int], None] = lambda lines: None,
) -> Bridge:
    """Split the change in what is allowed for claims between two releases, or from one file of claims to another.

    Shape of the claims: ``feecalc.pricing.claims.columns``. Each line is priced on its own day, in each release's own
    year (``as_given_in``), whole claims at a time. ``services`` are sums of the lines of a service and place; unit
    prices are null, for lines of one service are not paid alike. A line that one side does not price counts as 0 there;
    one that neither prices, or whose amount is not known, is in ``left_out``. Raises MissingColumn, InvalidValue.
    """
    wanted = order_of(order)
    steps = [_step(wanted[:taken]) for taken in range(len(wanted) + 1)]
    engines = {taken: mixed(former, latter, taken, rules or ClaimRules()) for taken in {step[0] for step in steps}}
    sums = LineSums(former, latter, engines, batch, progress)
    if latter_claims is None:
        before = after = sums.of(claims, set(engines))
    else:
        before = sums.of(claims, {taken for taken, volume, mix in steps if not (volume and mix)})
        after = sums.of(latter_claims, {taken for taken, volume, mix in steps if volume or mix})
    return _bridge(former, latter, wanted, steps, before, after)


def _step(taken: Sequence[str]) -> Step:
    return Taken(taken) & ALL, "volume" in taken, "mix" in taken


def _bridge(
    former: Terms,
    latter: Terms,
    order: tuple[str, ...],
    steps: Sequence[Step],
    before: pl.DataFrame,
    after: pl.DataFrame,
) -> Bridge:
    """Return the bridge of two files' sums; before and after may be the same."""
    sides = _together(before, after)
    known = sides.filter(pl.col("reason") == "")
    listed = [
        known["hcpcs"].is_in(side.schedule.rvu["hcpcs"].unique().implode()).to_numpy() for side in (former, latter)
    ]
    lost, gained = (_column(known, name) for name in (f"from {cents_at(NOTHING)}", f"to {cents_at(ALL)}"))
    cents = {"from_revenue": lost, "to_revenue": gained, "change": gained - lost}
    cents |= _parts(known, order, steps, listed[0] & listed[1])
    cents["new_codes"] = np.where(~listed[0] & listed[1], gained - lost, 0)
    cents["deleted_codes"] = np.where(listed[0] & ~listed[1], gained - lost, 0)
    neither = ~listed[0] & ~listed[1]  # paid by a rule that needs no row: all that changes is the rules'
    cents["rules"] = cents["rules"] + np.where(neither, gained - lost, 0)
    full = known.with_columns(
        named_service(),
        *(pl.lit(None, _PRICE).alias(name) for name in ("from_price", "to_price")),
        *(money(pl.lit(pl.Series(cents[name].astype(np.int64)))).alias(name) for name in AMOUNTS),
    )
    left = sides.filter(pl.col("reason") != "").select(*KEYS, named_service(), "from_units", "to_units", "reason")
    return Bridge(former.name, latter.name, order, full.select(SHOWN), left)


def _together(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Return both files' sums side by side, 0 where one has no such line.

    A step's columns: ``from cents:...``, ``to ...``.
    """

    def of_side(sums: pl.DataFrame, side: str) -> pl.DataFrame:
        cents = [name for name in sums.columns if name.startswith("cents:")]
        return sums.rename({"units": f"{side}_units", **{name: f"{side} {name}" for name in cents}})

    both = pl.concat([of_side(before, "from"), of_side(after, "to")], how="diagonal")
    numbers = [pl.col(name).sum() for name, kind in both.schema.items() if kind == pl.Int64]
    note = pl.col("note").filter(pl.col("note") != "").first().fill_null("")
    return both.group_by(*KEYS, "reason", maintain_order=True).agg(*numbers, note)


def _parts(known: pl.DataFrame, order: Sequence[str], steps: Sequence[Step], common: Flags) -> Mapping[str, Any]:
    """Return what each part of ``order`` changes the revenue of the ``common`` services by.

    [cents]  Shape: [service].
    """
    units = [np.where(common, _column(known, f"{side}_units"), 0) for side in ("from", "to")]
    totals = [int(column.sum()) for column in units]
    states = []
    for taken, volume, mix in steps:
        # the units of one file in the mix of the other: that file's amounts, in proportion to all units
        shaped, total = ("to", totals[0]) if mix and not volume else ("from", totals[1])
        own = totals[1] if shaped == "to" else totals[0]
        if volume == mix or own == 0:
            shaped, total, own = ("to" if volume else "from"), 1, 1
        cents = np.where(common, _column(known, f"{shaped} {cents_at(taken)}"), 0)
        states.append(amounts(cents.astype(object), *units_of(total, own)))
    return {part: states[at + 1] - states[at] for at, part in enumerate(order)}


def _column(table: pl.DataFrame, name: str) -> Any:
    return table[name].to_numpy()


__all__ = ["bridge_claims"]
