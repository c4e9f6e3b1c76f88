"""A bridge over claim lines: each line priced with the rules of its claim, at every step from one side to the other.

A step is an engine that has some parts of the latter side and the others of the former (``mixed``). So reductions of
several procedures, modifiers, bundling and the bill are applied at every step, and ``rules`` is what the change of the
rules themselves makes: statuses, indicators, percents and all else that is no part of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from feecalc.money import MONEY_PLACES, money
from feecalc.pricing.arrays import Flags
from feecalc.pricing.claims.batches import LINES
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.scenarios.basket.services import named_service
from feecalc.scenarios.basket.terms import Terms
from feecalc.scenarios.bridge.bridge import AMOUNTS, KEYS, SHOWN, Bridge
from feecalc.scenarios.bridge.line_sums import ALL, NOTHING, LineSums, Taken, cents_at
from feecalc.scenarios.bridge.mixed import mixed
from feecalc.scenarios.bridge.parts import amounts, order_of, units_of

Step = tuple[Taken, bool, bool]  # the rates that are the latter side's, whether volume is, whether mix is
_PRICE = pl.Decimal(18, MONEY_PLACES)


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
    year (``given_in``), whole claims at a time. ``services`` are sums of the lines of a service and place; unit prices
    are null, for lines of one service are not paid alike. A line that one side does not price counts as 0 there; one
    that neither prices, or that cannot be told, is in ``left_out``. Raises MissingColumn, InvalidValue.
    """
    wanted = order_of(order)
    steps = [_step(wanted[:taken]) for taken in range(len(wanted) + 1)]
    engines = {taken: mixed(former, latter, taken, rules or ClaimRules()) for taken in {each[0] for each in steps}}
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
    """The bridge of two files' sums; before and after may be the same."""
    sides = _together(before, after)
    known = sides.filter(pl.col("reason") == "")
    held = [
        known["hcpcs"].is_in(side.schedule.rvu["hcpcs"].unique().implode()).to_numpy() for side in (former, latter)
    ]
    lost, gained = (_column(known, name) for name in (f"from {cents_at(NOTHING)}", f"to {cents_at(ALL)}"))
    cents = {"from_revenue": lost, "to_revenue": gained, "change": gained - lost}
    cents |= _parts(known, order, steps, held[0] & held[1])
    cents["new_codes"] = np.where(~held[0] & held[1], gained - lost, 0)
    cents["deleted_codes"] = np.where(held[0] & ~held[1], gained - lost, 0)
    neither = ~held[0] & ~held[1]  # paid by a rule that needs no row: all that changes is the rules'
    cents["rules"] = cents["rules"] + np.where(neither, gained - lost, 0)
    full = known.with_columns(
        named_service(),
        *(pl.lit(None, _PRICE).alias(name) for name in ("from_price", "to_price")),
        *(money(pl.lit(pl.Series(cents[name].astype(np.int64)))).alias(name) for name in AMOUNTS),
    )
    left = sides.filter(pl.col("reason") != "").select(*KEYS, named_service(), "from_units", "to_units", "reason")
    return Bridge(former.name, latter.name, order, full.select(SHOWN), left)


def _together(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Both files' sums side by side, 0 where one has no such line. A step's columns: ``from cents:...``, ``to ...``."""

    def of_side(sums: pl.DataFrame, side: str) -> pl.DataFrame:
        cents = [name for name in sums.columns if name.startswith("cents:")]
        return sums.rename({"units": f"{side}_units", **{name: f"{side} {name}" for name in cents}})

    both = pl.concat([of_side(before, "from"), of_side(after, "to")], how="diagonal")
    numbers = [pl.col(name).sum() for name, kind in both.schema.items() if kind == pl.Int64]
    note = pl.col("note").filter(pl.col("note") != "").first().fill_null("")
    return both.group_by(*KEYS, "reason", maintain_order=True).agg(*numbers, note)


def _parts(known: pl.DataFrame, order: Sequence[str], steps: Sequence[Step], common: Flags) -> Mapping[str, Any]:
    """What each part of ``order`` changes the revenue of the ``common`` services by. [cents]  Shape: [service]."""
    units = [np.where(common, _column(known, f"{side}_units"), 0) for side in ("from", "to")]
    totals = [int(each.sum()) for each in units]
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
