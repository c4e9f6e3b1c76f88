"""A file of claim lines in batches that never part a patient's lines: memory stays flat however long the file is."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
from polars.io.plugins import register_io_source

from feecalc.pricing.claims.columns import require
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.grouping import patient
from feecalc.pricing.claims.results import SCHEMA

LINES = 1 << 17  # of a batch: a few megabytes of columns, enough to keep both cores busy
_IN_MEMORY = 1 << 40


def price_claims(claims: pl.LazyFrame, pricer: ClaimPricer, *, lines: int = LINES) -> pl.LazyFrame:
    """The claims' own columns, then their results. Shape: row for row, in the claims' order. [USD]

    A patient's lines (a beneficiary's where one is given, else a claim's) should stand together; where they do not, all
    lines are read at once, which takes memory and changes no result.
    """
    own = claims.collect_schema()
    require(own)
    schema = pl.Schema({**own, **SCHEMA})

    def source(
        columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, _batch: int | None
    ) -> Iterator[pl.DataFrame]:
        for priced in _priced(claims, pricer, lines):
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


def _priced(claims: pl.LazyFrame, pricer: ClaimPricer, lines: int) -> Iterator[pl.DataFrame]:
    for batch in whole_patients(claims, lines if stand_together(claims, lines) else _IN_MEMORY):
        yield pl.concat([batch, pricer.price(batch)], how="horizontal")


def whole_patients(claims: pl.LazyFrame, lines: int) -> Iterator[pl.DataFrame]:
    """Batches of about ``lines`` lines; a run of one patient's lines is never parted."""
    if lines >= _IN_MEMORY:
        yield claims.collect()
        return
    kept: list[pl.DataFrame] = []
    for batch in claims.collect_batches(chunk_size=lines, maintain_order=True):
        whole = pl.concat([*kept, batch]) if kept else batch
        if not whole.height:
            continue
        last = _first_of_last_patient(whole)
        kept = [whole[last:]]
        if last:
            yield whole[:last]
    yield from kept


def _first_of_last_patient(claims: pl.DataFrame) -> int:
    """Where the last patient's run of lines begins."""
    return int(_changes(claims).arg_true()[-1])


def _changes(claims: pl.DataFrame) -> pl.Series:
    """Whether the patient is another than on the line before; so on the first line."""
    who = claims.select(patient(claims))
    changed = [pl.col(name).ne_missing(pl.col(name).shift(1)) for name in who.columns]
    return who.select(pl.any_horizontal(*changed, pl.int_range(pl.len()) == 0)).to_series()


def stand_together(claims: pl.LazyFrame, lines: int = LINES) -> bool:
    """Whether each patient's lines stand together: read from the patients alone, and at once where they are sorted."""
    names = [name for name in ("claim_id", "beneficiary_id") if name in claims.collect_schema()]
    batches = claims.select(names).collect_batches(chunk_size=4 * lines, maintain_order=True)
    heads = [batch.filter(_changes(batch)).select(patient(batch)).hash_rows() for batch in batches if batch.height]
    if not heads:
        return True
    hashed = pl.concat(heads)
    # A batch's first line is a head only where the patient is another than the last one of the batch before.
    runs = int((hashed != hashed.shift(1)).fill_null(True).sum())
    return hashed.n_unique() == runs
