"""Claims priced with the denials of the edits applied, and without.

All lines are priced once, with the denials; only the days of a patient that hold a denied line are priced again without
them (where a deductible is left, all of the patient's days).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, islice
from typing import Any

import numpy as np
import polars as pl
from polars.io.plugins import register_io_source

from feecalc.edits.coding.bundles import refused
from feecalc.edits.coding.laterality import Bill
from feecalc.edits.denials import STATUS, Denials, Denied, causes_of, with_denied
from feecalc.edits.policies.policy import Policy
from feecalc.edits.rule_days import Causes
from feecalc.edits.tables import EditTables
from feecalc.pricing.arrays import Flags, Whole
from feecalc.pricing.claims.batches import ahead, keep_freed_memory, stand_together, whole_patients
from feecalc.pricing.claims.columns import require
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.grouping import patient
from feecalc.pricing.claims.results import COLUMNS, SCHEMA

AMOUNTS = ("allowed_amount", "medicare_paid", "patient_share")
_ALLOWED, WITHOUT = "allowed_amount", "_without_edits"
DENIED_BY = "denied_by"
ADDED: dict[str, pl.DataType | type[pl.DataType]] = {
    DENIED_BY: pl.Categorical(),  # the rule of the edits, or of pricing itself; null for a line that is not denied
    _ALLOWED + WITHOUT: SCHEMA[_ALLOWED],  # of every line, changed or not
}
LINES = 1 << 18  # of a batch: looking for what is denied takes a while to begin
_TOGETHER = 4  # batches whose coverage is looked at at once
_DENIED_STATUS = "denied_by_edit"


@dataclass(frozen=True)
class Edited:
    """A batch priced both ways, row for row, and what is denied.

    ``with_``: the results with the denials; a line that an edit denies has the codes (carc, rarc) of its rule.
    ``without``: the amounts without them. ``denied_by``: the rule that denies each line, null where none does; where
    several do, the one that pricing itself gives, else the first by ``Cause.order``.
    """

    with_: pl.DataFrame
    without: pl.DataFrame
    denied_by: pl.Series
    causes: Causes

    @property
    def denied(self) -> pl.DataFrame:
        """The denied lines, in order. Shape: row, rule, carc, rarc."""
        at = np.flatnonzero(self.causes.of_line >= 0)
        number = self.causes.of_line[at]
        told = {name: _of(number, self.causes, name).cast(pl.String) for name in ("rule", "carc", "rarc")}
        return pl.DataFrame({"row": pl.Series(at, dtype=pl.UInt32), **told})


@dataclass(frozen=True)
class EditedPricer:
    """Prices batch after batch with the edits applied, and without."""

    pricer: ClaimPricer
    tables: EditTables
    policies: Sequence[Policy] | None = None
    history: pl.DataFrame | None = None
    bill: Bill = "professional"

    @cached_property
    def denials(self) -> Denials:
        return Denials(self.pricer, self.tables, self.policies, self.history, self.bill)

    @cached_property
    def _in_pricing(self) -> Whole:
        """The number in pricing of each code of ``denials.codes``; the last: of one that no edit and no release has."""
        words = self.pricer.words.hcpcs
        return np.append(words.numbers(self.denials.codes.kind.categories), words.unknown).astype(np.int32)

    def price(
        self,
        batch: pl.DataFrame,
        columns: Sequence[str] = COLUMNS,
        without: Sequence[str] = AMOUNTS,
        covered: pl.DataFrame | None = None,
        number: Whole | None = None,
    ) -> Edited:
        """A batch, whole patients together. ``columns``: the results wanted with the edits; ``without``: without them.

        ``covered``, ``number``: what ``denials.not_covered`` and ``denials.numbers`` said of it, where that is known.
        """
        number = self.denials.numbers(batch) if number is None else number
        code = self._in_pricing[number]
        found = self.denials.denied(batch, covered, number)
        needed = list(dict.fromkeys([*columns, *STATUS, *without]))
        priced = self.pricer.price(with_denied(batch, found.by_edit), needed, found.together, code)
        before = priced.select(without)
        if len(without) and len(again := self._again(batch, found, _held_back(priced))):
            anew = self.pricer.price(batch[again], without, code=code[again])
            place = np.arange(batch.height)
            place[again] = batch.height + np.arange(len(again))
            before = pl.concat([before, anew], rechunk=True)[place]
        causes = found.causes
        causes.put_first(causes_of(refused(priced, batch["date_of_service"])))
        told = [
            pl.when(pl.Series(causes.of_line >= 0)).then(_of(causes.of_line, causes, name)).otherwise(name).alias(name)
            for name in ("carc", "rarc")
            if name in columns
        ]
        with_ = priced.select(columns).with_columns(told)
        return Edited(with_, before, _of(causes.of_line, causes, "rule").alias(DENIED_BY), causes)

    def _again(self, batch: pl.DataFrame, found: Denied, denied: Flags) -> Whole:
        """The rows to price once more: what an edit denies, and lines of its day that it may have changed.

        ``denied``: lines that pricing would have paid but for an edit. Where a deductible is left, all of their
        patients' lines.
        """
        if _has_deductible(batch):
            whose = batch.select(*patient(batch)).hash_rows().to_numpy()
            return np.flatnonzero(np.isin(whose, np.unique(whose[denied])))
        order, day = found.together.order, found.together.patient_day
        denied = denied if order is None else denied[order]
        changed, whole = (np.zeros(int(day[-1]) + 1 if len(day) else 0, np.bool_) for _ in range(2))
        changed[day[denied]] = True
        whole[day[found.asks_all]] = True
        whole &= changed
        at = np.flatnonzero(denied | (changed[day] & ~found.alone) | whole[day])
        return at if order is None else np.sort(order[at])


def _held_back(priced: pl.DataFrame) -> Flags:
    """Lines that would be paid but for an edit."""
    found: Flags = (priced["pricing_status"] == _DENIED_STATUS).to_numpy()
    return found


def _has_deductible(batch: pl.DataFrame) -> bool:
    if "deductible_left" not in batch.columns:
        return False
    return bool((batch["deductible_left"].cast(SCHEMA["allowed_amount"], strict=False) > 0).any())


def _of(number: Whole, causes: Causes, name: str) -> pl.Series:
    """What each line's cause says, null where it has none."""
    words = pl.Series([*(getattr(each, name) for each in causes.listed), None], dtype=pl.Categorical())
    return words[np.where(number < 0, len(causes.listed), number)]


def price_with_edits(
    batch: pl.DataFrame,
    pricer: ClaimPricer,
    tables: EditTables,
    policies: Sequence[Policy] | None = None,
    history: pl.DataFrame | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """One batch: the results without the edits and with them (all columns of both), and what is denied.

    For ``feecalc claims --edits``: over a whole file use ``edited_batches``, or one ``EditedPricer`` for all batches,
    which makes its look-up tables once. Denied: row, rule, carc, rarc; see ``Edited``.
    """
    edited = EditedPricer(pricer, tables, policies, history).price(batch, COLUMNS, COLUMNS)
    return edited.without, edited.with_, edited.denied


def edited_batches(
    claims: pl.LazyFrame,
    pricer: EditedPricer,
    lines: int = LINES,
    results: Sequence[str] = COLUMNS,
    *,
    without: bool = True,
) -> Iterator[pl.DataFrame]:
    """The claims' own columns, the ``results`` with the edits, and ``ADDED``: batch by batch, in the claims' order.

    A patient's lines should stand together, as for ``price_claims``. Where not ``without``, lines are priced once only,
    and the amount without the edits is left out.
    """
    keep_freed_memory()
    if stand_together(claims, lines):
        batches = whole_patients(claims.collect_batches(chunk_size=lines, maintain_order=True))
    else:
        batches = iter([claims.collect()])

    def work(asked: Any) -> pl.DataFrame:
        batch: pl.DataFrame = asked[0]
        _, covered, number = asked
        edited = pricer.price(batch, results_and_own, (_ALLOWED,) if without else (), covered, number)
        found = batch.hstack(edited.with_.select(results)).hstack([edited.denied_by])
        if not without:
            return found
        return found.hstack([edited.without[_ALLOWED].alias(_ALLOWED + WITHOUT)])

    results_and_own = list(dict.fromkeys([*results, _ALLOWED]))
    asked: Iterator[Any] = _covered(batches, pricer.denials)
    yield from ahead(work, asked)


def _covered(
    batches: Iterator[pl.DataFrame], denials: Denials
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame, Whole]]:
    """Each batch, what the policies deny of it, and its codes.

    Policies are looked at for several batches at once, as that takes a while to begin.
    """
    while several := list(islice(batches, _TOGETHER)):
        numbers = [denials.numbers(batch) for batch in several]
        starts = list(accumulate((batch.height for batch in several), initial=0))
        parts = [denials.of_policies(batch, number) for batch, number in zip(several, numbers, strict=True)]
        meant = [part.with_columns(pl.col("row") + start) for part, start in zip(parts, starts[:-1], strict=True)]
        found = denials.not_covered(pl.concat(meant))
        for batch, number, start in zip(several, numbers, starts[:-1], strict=True):
            own = found.filter(pl.col("row").is_between(start, start + batch.height, closed="left"))
            yield batch, own.with_columns(pl.col("row") - start), number


def edited_claims(
    claims: pl.LazyFrame, pricer: EditedPricer, *, lines: int = LINES, without: bool = True
) -> pl.LazyFrame:
    """``edited_batches`` as one lazy frame, as ``price_claims`` gives the run without edits. [USD]"""
    own = claims.collect_schema()
    require(own)
    added = {name: kind for name, kind in ADDED.items() if without or name == DENIED_BY}
    schema = pl.Schema({**own, **SCHEMA, **added})

    def source(
        columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, _batch: int | None
    ) -> Iterator[pl.DataFrame]:
        needed = None if columns is None else [*columns, *(() if predicate is None else predicate.meta.root_names())]
        results = [name for name in SCHEMA if needed is None or name in needed]
        for priced in edited_batches(claims, pricer, lines, results, without=without):
            found = priced if predicate is None else priced.filter(predicate)
            found = found if columns is None else found.select(columns)
            yield found if rows is None else found.head(rows)
            if rows is not None:
                rows -= min(rows, found.height)
                if not rows:
                    return

    return register_io_source(source, schema=schema)
