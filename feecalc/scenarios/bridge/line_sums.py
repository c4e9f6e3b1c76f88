"""Claim lines priced at every step of a bridge, and summed by service."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import polars as pl

from feecalc.money import MONEY_PLACES, scaled
from feecalc.pricing.claims.batches import priced_batches
from feecalc.pricing.claims.columns import complete
from feecalc.scenarios.basket.services import PLACE
from feecalc.scenarios.basket.terms import Terms
from feecalc.scenarios.bridge.bridge import KEYS, NO_PLACE, NOT_SELECTED
from feecalc.scenarios.bridge.mixed import RATES, Mixed
from feecalc.scenarios.given_in import as_given_in

Taken = frozenset[str]  # the parts of RATES that are the latter side's
NOTHING, ALL = Taken(), Taken(RATES)
_RESULTS = ("allowed_amount", "pricing_status", "reason")
_MONEY = pl.Decimal(18, MONEY_PLACES)


def cents_at(taken: Collection[str]) -> str:
    """The column of cents at the step where these rates are the latter side's."""
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
        """Shape: ``KEYS``, reason (why lines are left out, "" where they count), note, units, a column each step."""
        steps = dict.fromkeys([NOTHING, ALL, *wanted])
        first = self.engines[NOTHING]
        parts = [pl.DataFrame(schema=_schema(steps))]
        moved = as_given_in(claims, first.ruling, first.paying)
        for priced in priced_batches(moved, first.pricer, self.batch, _RESULTS):
            own = priced.drop(_RESULTS)
            found = {each: self._priced(own, each) if each else priced.select(_RESULTS) for each in steps}
            parts.append(_sums(self._lines(own, found)))
            self.progress(priced.height)
        return _sums(pl.concat(parts))

    def _priced(self, lines: pl.DataFrame, taken: Taken) -> pl.DataFrame:
        step = self.engines[taken]
        again = as_given_in(lines.lazy(), step.ruling, step.paying).collect()
        return step.pricer.price(again, _RESULTS)

    def _lines(self, own: pl.DataFrame, found: Mapping[Taken, pl.DataFrame]) -> pl.DataFrame:
        """The lines with their cents; what cannot be told of them stands in reason, what one side lacks in note."""
        lines = complete(own).select(*KEYS, pl.col("units").cast(pl.Int64).fill_null(0).clip(0))
        was, now = (_told(found[end]) for end in (NOTHING, ALL))
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
        """Why a line is left out: the release has no such place, or but a selection of codes, or neither prices it."""
        reason = pl.when(pl.lit(~priced)).then(pl.lit(why)).otherwise(pl.lit(""))
        for side in (self.latter, self.former):
            release = side.schedule.release
            if release.starter:
                held = lines["hcpcs"].is_in(side.schedule.rvu["hcpcs"].unique().implode())
                reason = pl.when(pl.lit(~held)).then(pl.lit(NOT_SELECTED)).otherwise(reason)
            places = side.schedule.localities.select(*PLACE, pl.lit(True).alias("is_there"))
            there = lines.select(PLACE).join(places, on=PLACE, how="left", maintain_order="left")["is_there"]
            lost = there.is_null() & (lines["mac"] != "")
            reason = pl.when(pl.lit(lost)).then(pl.lit(f"{release.name}: {NO_PLACE}")).otherwise(reason)
        return reason.alias("reason")


def _told(prices: pl.DataFrame) -> pl.DataFrame:
    """Whether each line has an amount, and why it has none."""
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
    """Sums of the services, in the order they first come."""
    first = pl.col("note").filter(pl.col("note") != "").first().fill_null("")
    sums = [pl.col(name).sum() for name in lines.columns if name == "units" or name.startswith("cents:")]
    return lines.group_by(*KEYS, "reason", maintain_order=True).agg(sums[0], first, *sums[1:])
