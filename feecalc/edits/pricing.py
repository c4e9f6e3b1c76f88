"""Claims priced with the denials of the edits applied, and without.

All lines are priced once, with the denials; only the days of a patient that hold a denied line are priced again without
them (where a deductible is left, all of the patient's days).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import polars as pl
from polars.io.plugins import register_io_source

from feecalc.edits.bill_pricer import BillPricer
from feecalc.edits.coding.unpaid import NEEDED
from feecalc.edits.denials import Causes, Denials, Denied, with_denied
from feecalc.edits.edit import Edit
from feecalc.edits.lines.codes import Bill
from feecalc.edits.lines.lines import EditLines
from feecalc.edits.lines.modifier_uses import MODIFIERS
from feecalc.edits.policies.policy import Policy
from feecalc.edits.tables import EditTables
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims import adjustments
from feecalc.pricing.claims.batches import ahead, keep_freed_memory, stand_together, whole_patients
from feecalc.pricing.claims.columns import require
from feecalc.pricing.claims.eras.modifiers import effects_of_modifiers
from feecalc.pricing.claims.grouping import patient
from feecalc.pricing.claims.results import COLUMNS, SCHEMA
from feecalc.pricing.rules.order import OTHERS

AMOUNTS = ("allowed_amount", "medicare_paid", "patient_share")
_ALLOWED, WITHOUT = "allowed_amount", "_without_edits"
DENIED_BY = "denied_by"
ADDED: dict[str, pl.DataType | type[pl.DataType]] = {
    DENIED_BY: pl.Categorical(),  # the rule of the edits, or of pricing itself; null for a line that is not denied
    _ALLOWED + WITHOUT: SCHEMA[_ALLOWED],  # of every line, changed or not
}
LINES = 5 << 15  # of a batch: looking for what is denied takes a while to begin, and two are in memory at once
DENIED_BY_EDIT = "denied_by_edit"


@dataclass(frozen=True)
class Edited:
    """A batch priced both ways, row for row, and what is denied.

    ``with_``: the results with the denials; a line that an edit denies has the codes (group, carc, rarc) of its rule.
    ``without``: the amounts without them. ``denied_by``: the rule that denies each line, null where none does; of
    two and more, the one that pricing itself gives, else the first by ``Cause.order``.
    """

    with_: pl.DataFrame
    without: pl.DataFrame
    denied_by: pl.Series
    causes: Causes

    @property
    def denied(self) -> pl.DataFrame:
        """Return the denied lines, in order. Shape: row, rule, carc, rarc."""
        at = np.flatnonzero(self.causes.of_line >= 0)
        named = {name: self.causes.named(name)[at].cast(pl.String) for name in ("rule", "carc", "rarc")}
        return pl.DataFrame({"row": pl.Series(at, dtype=pl.UInt32), **named})


@dataclass(frozen=True)
class EditedPricer:
    """Price batch after batch with the edits applied, and without."""

    pricer: BillPricer
    tables: EditTables
    policies: Sequence[Policy] | None = None
    history: pl.DataFrame | None = None
    bill: Bill = "professional"
    only: pl.Series | None = None  # the codes of all lines that will come, where they are few
    more: tuple[Edit, ...] = ()  # edits of the caller's own

    @cached_property
    def denials(self) -> Denials:
        """Return the edits that deny lines, over this pricer."""
        return Denials(self.pricer, self.tables, self.policies, self.history, self.bill, self.only, self.more)

    @cached_property
    def _in_pricing(self) -> Integers:
        """Return the number in pricing of each code of ``denials.codes``; the last: of a code unknown to both."""
        words = self.pricer.words.hcpcs
        return np.append(words.numbers(self.denials.codes.words), words.unknown).astype(np.int32)

    def prepare(self) -> None:
        """Make all look-up tables, before batches ask for them side by side."""
        self.denials.prepare()
        _ = self._in_pricing

    def price(
        self, batch: pl.DataFrame, columns: Sequence[str] = COLUMNS, without: Sequence[str] = AMOUNTS
    ) -> Edited:
        """Price a batch, whole patients together.

        ``columns``: the results wanted with the edits; ``without``: those wanted without them.
        """
        found = self.denials.denied(batch)
        lines = found.lines
        code = self._in_pricing[lines.by_row(lines.code)]
        needed = list(dict.fromkeys([*columns, *NEEDED, *without]))
        priced = self.pricer.price(with_denied(batch, found.by_edit), needed, lines.groups, code)
        before = priced.select(without)
        if len(without) and len(again := self._again(batch, found, _held_back(priced))):
            anew = self.pricer.price(batch[again], without, lines.groups.of_rows(again), code[again])
            place = np.arange(batch.height)
            place[again] = batch.height + np.arange(len(again))
            before = pl.concat([before, anew], rechunk=True)[place]
        causes = found.causes
        causes.add(self.denials.refused(lines.frame, priced), lines.by_row(lines.day), first=True)
        codes = [
            pl.when(pl.Series(causes.of_line >= 0)).then(causes.named(name)).otherwise(name).alias(name)
            for name in ("carc", "rarc")
            if name in columns
        ]
        with_ = _adjusted(priced.select(columns).with_columns(codes), causes, _held_back(priced), batch)
        return Edited(with_, before, causes.named("rule").alias(DENIED_BY), causes)

    def _again(self, batch: pl.DataFrame, found: Denied, denied: Flags) -> Integers:
        """Return the rows to price once more: what an edit denies, and lines of its day that it may have changed.

        ``denied``: lines that pricing would have paid but for an edit. Where a deductible is left, all of their
        patients' lines.
        """
        if _has_deductible(batch):
            whose = batch.select(*patient(batch)).hash_rows().to_numpy()
            return np.flatnonzero(np.isin(whose, np.unique(whose[denied])))
        lines = found.lines
        order, day = lines.groups.order, lines.groups.patient_day
        denied = denied if order is None else denied[order]
        changed, whole = (np.zeros(int(day[-1]) + 1 if len(day) else 0, np.bool_) for _ in range(2))
        changed[day[denied]] = True
        at = np.flatnonzero(changed[day])
        by_code, by_code_on_any = (flags[lines.code[at]] for flags in lines.codes.turns_on_others)
        by_modifier, by_modifier_on_any = (_carries(lines, at, words) for words in _modifiers_that_turn_on_others())
        whole[day[at[by_code_on_any | by_modifier_on_any]]] = True
        at = at[denied[at] | by_code | by_modifier | whole[day[at]]]
        return at if order is None else np.sort(order[at])


@cache
def _modifiers_that_turn_on_others() -> tuple[list[str], list[str]]:
    """Return the modifiers with which a price may turn on some other lines of the day, and on any other line."""
    does = {word: effects for word, effects in effects_of_modifiers().items() if effects}
    some, of_any = (
        sorted({word for each in OTHERS if each.any_line is any_line for word in does if does[word] & each.does})
        for any_line in (False, True)
    )
    return some, of_any


def _carries(lines: EditLines, at: Integers, words: list[str]) -> Flags:
    """Return whether the lines at some positions carry one of the modifiers."""
    found = np.zeros(len(at), np.bool_)
    for name in MODIFIERS:
        if name in lines.frame.columns:
            found |= lines.frame[name].gather(lines.row[at]).is_in(words).fill_null(False).to_numpy()
    return found


def _adjusted(results: pl.DataFrame, causes: Causes, denied: Flags, batch: pl.DataFrame) -> pl.DataFrame:
    """Return the results with the group and the adjustment of the lines that an edit denies."""
    wanted = [name for name in ("group", adjustments.COLUMN) if name in results.columns]
    at = np.flatnonzero(denied)
    if not wanted or not len(at):
        return results
    codes = [causes.named(name)[at].cast(pl.String).fill_null("").alias(name) for name in ("carc", "rarc")]
    billed = pl.col("billed_amount") if "billed_amount" in batch.columns else pl.lit(None)
    lines = batch[at].select(
        pl.col("date_of_service").cast(pl.Date, strict=False),
        billed.cast(SCHEMA[_ALLOWED], strict=False).alias("billed"),
        *(name for name in MODIFIERS if name in batch.columns),
    )
    found = adjustments.denied_by_edits(lines.with_columns(codes))
    place = np.arange(results.height)
    place[at] = results.height + np.arange(len(at))
    own = (pl.concat([results[name], found[name].cast(SCHEMA[name])])[place] for name in wanted)
    return results.with_columns(column.alias(name) for name, column in zip(wanted, own, strict=True))


def _held_back(priced: pl.DataFrame) -> Flags:
    """Mark the lines that would be paid but for an edit."""
    found: Flags = (priced["pricing_status"] == DENIED_BY_EDIT).to_numpy()
    return found


def _has_deductible(batch: pl.DataFrame) -> bool:
    if "deductible_left" not in batch.columns:
        return False
    return bool((batch["deductible_left"].cast(SCHEMA["allowed_amount"], strict=False) > 0).any())


def price_with_edits(
    batch: pl.DataFrame,
    pricer: BillPricer,
    tables: EditTables,
    policies: Sequence[Policy] | None = None,
    history: pl.DataFrame | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return one batch: the results without the edits and with them (all columns of both), and what is denied.

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
    """Yield the claims' own columns, the ``results`` with the edits, and ``ADDED``, by batch in the claims' order.

    A patient's lines should stand together, as for ``price_claims``. Where not ``without``, lines are priced once only,
    and the amount without the edits is left out.
    """
    keep_freed_memory()
    if stand_together(claims, lines):
        batches = whole_patients(claims.collect_batches(chunk_size=lines, maintain_order=True))
    else:
        batches = iter([claims.collect()])

    results_and_own = list(dict.fromkeys([*results, _ALLOWED]))

    def work(batch: pl.DataFrame) -> pl.DataFrame:
        edited = pricer.price(batch, results_and_own, (_ALLOWED,) if without else ())
        found = batch.hstack(edited.with_.select(results)).hstack([edited.denied_by])
        return found.hstack([edited.without[_ALLOWED].alias(_ALLOWED + WITHOUT)]) if without else found

    pricer.prepare()
    yield from ahead(work, batches)


def edited_claims(
    claims: pl.LazyFrame, pricer: EditedPricer, *, lines: int = LINES, without: bool = True
) -> pl.LazyFrame:
    """Return ``edited_batches`` as one lazy frame, as ``price_claims`` gives the run without edits. [USD]"""
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
