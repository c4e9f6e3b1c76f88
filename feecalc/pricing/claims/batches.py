"""A file of claim lines in batches that never part a patient's lines: memory stays flat however long the file is."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import polars as pl
from polars.io.plugins import register_io_source

from feecalc.pricing.claims.columns import require
from feecalc.pricing.claims.grouping import patient
from feecalc.pricing.claims.line_pricer import LinePricer
from feecalc.pricing.claims.results import COLUMNS, SCHEMA

_LINES_OF_A_PATIENT = 1 << 10  # looked at first for where the last one begins
_AHEAD = 2  # batches priced while another is being used
LINES = 1 << 17  # of a batch: a few megabytes of columns, enough to keep both cores busy


def price_claims(claims: pl.LazyFrame, pricer: LinePricer, *, lines: int = LINES) -> pl.LazyFrame:
    """Return the claims' own columns, then their results. Shape: row for row, in the claims' order. [USD]

    A patient's lines (a beneficiary's where one is given, else a claim's) should stand together; where they do not, all
    lines are read at once, which takes memory and changes no result.
    """
    own = claims.collect_schema()
    require(own)
    schema = pl.Schema({**own, **SCHEMA})

    def source(
        columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, _batch: int | None
    ) -> Iterator[pl.DataFrame]:
        needed = None if columns is None else [*columns, *(() if predicate is None else predicate.meta.root_names())]
        results = [name for name in SCHEMA if needed is None or name in needed]
        for priced in priced_batches(claims, pricer, lines, results):
            found = priced if predicate is None else priced.filter(predicate)
            found = found if columns is None else found.select(columns)
            if rows is None:
                yield found
                continue
            yield found.head(rows)
            rows -= min(rows, found.height)
            if not rows:
                return

    return register_io_source(source, schema=schema)


def priced_batches(
    claims: pl.LazyFrame, pricer: LinePricer, lines: int = LINES, results: Sequence[str] = COLUMNS
) -> Iterator[pl.DataFrame]:
    """Yield what ``price_claims`` gives, batch by batch, of the results those that are named."""
    keep_freed_memory()
    if stand_together(claims, lines):
        batches = whole_patients(claims.collect_batches(chunk_size=lines, maintain_order=True))
    else:
        batches = iter([claims.collect()])
    yield from ahead(lambda batch: pl.concat([batch, pricer.price(batch, results)], how="horizontal"), batches)


def ahead(work: Callable[[pl.DataFrame], pl.DataFrame], batches: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Yield what ``work`` makes of each batch, in order; the next batches are worked on while one is being used."""
    with ThreadPoolExecutor(_AHEAD) as threads:
        waiting: deque[Future[pl.DataFrame]] = deque()
        for batch in batches:
            waiting.append(threads.submit(work, batch))
            if len(waiting) > _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def keep_freed_memory() -> None:
    """Make the C library keep what a batch frees for the next one, in place of asking the system for it again.

    glibc keeps up to twice the largest piece that was ever freed, of up to 32 MB: so such a piece is taken and freed.
    It is not touched, and takes no memory; other libraries do nothing. Without it a fifth of the time goes there.
    """
    np.empty((32 << 20) - (1 << 16), np.uint8)


def whole_patients(batches: Iterable[pl.DataFrame], lines: int = 1) -> Iterator[pl.DataFrame]:
    """Yield the same lines in batches of ``lines`` or more, or the last; never parting a run of one patient's lines."""
    kept: list[pl.DataFrame] = []
    for batch in batches:
        kept.append(batch)
        if sum(each.height for each in kept) < lines:
            continue
        whole = pl.concat(kept)
        last = _first_of_last_patient(whole)
        kept = [whole[last:]]
        if last:
            yield whole[:last]
    if any(each.height for each in kept):
        yield pl.concat(kept)


def _first_of_last_patient(claims: pl.DataFrame) -> int:
    """Return where the last patient's run of lines begins."""
    seen = 0
    while True:
        seen = min(max(_LINES_OF_A_PATIENT, 16 * seen), claims.height)
        changed = _changes(claims.tail(seen))[1:].arg_true()
        if len(changed):
            return claims.height - seen + int(changed[-1]) + 1
        if seen == claims.height:
            return 0


def _changes(claims: pl.DataFrame) -> pl.Series:
    """Return whether the patient is another than on the line before; so on the first line."""
    who = claims.select(patient(claims))
    changed = [pl.col(name).ne_missing(pl.col(name).shift(1)) for name in who.columns]
    return who.select(pl.any_horizontal(*changed, pl.int_range(pl.len()) == 0)).to_series()


def stand_together(claims: pl.LazyFrame, lines: int = LINES) -> bool:
    """Return whether each patient's lines stand together; at once where the patients are sorted."""
    names = [name for name in ("claim_id", "beneficiary_id") if name in claims.collect_schema()]

    def read() -> Iterator[pl.DataFrame]:
        batches = claims.select(names).collect_batches(chunk_size=4 * lines, maintain_order=True)
        return (batch for batch in batches if batch.height)

    return _are_sorted(read()) or _come_once(read())


def _are_sorted(batches: Iterable[pl.DataFrame]) -> bool:
    """Return whether no patient is less than the one before, and all are of one kind."""
    before: list[object] = []
    for batch in batches:
        patients, kinds = batch.select(patient(batch)).get_columns()
        if (patients < patients.shift(1)).any() or kinds.n_unique() > 1:
            return False
        if before and (patients[0] < before[0] or kinds[0] != before[1]):
            return False
        before = [patients[-1], kinds[-1]]
    return True


def _come_once(batches: Iterable[pl.DataFrame]) -> bool:
    """Return whether no patient comes back after another: by the hash of each run's patient, eight bytes a run."""
    heads = [batch.select(patient(batch)).filter(_changes(batch)).hash_rows().to_numpy() for batch in batches]
    hashed = np.concatenate(heads)
    # A batch's first line is a head only where the patient is another than the last one of the batch before.
    runs = 1 + np.count_nonzero(hashed[1:] != hashed[:-1])
    hashed.sort()
    return bool(runs == 1 + int(np.count_nonzero(hashed[1:] != hashed[:-1])))
