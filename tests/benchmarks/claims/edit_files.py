"""NCCI's edits for the benchmark: CMS's files where they are there, else made-up ones of their size."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from feecalc.edits.tables import EditTables, open_edit_tables
from feecalc.ingest.build import build
from feecalc.ingest.store import Store
from feecalc.pricing.schedule import FeeSchedule

FILES = ("ptp_practitioner_2024q3.csv.gz", "mue_practitioner_2024q3.csv", "AOC_V2026Q2-MCR.xlsx")
PAIRS = 1_670_000
_SEED = 7
_EARLY = date(2010, 1, 1)


def build_edits(cms: Path, home: Path) -> None:
    """CMS's files into the store, where they are not yet."""
    paths = [cms / "ncci" / name for name in FILES]
    if not all(path.is_file() for path in paths):
        print(f"NCCI's files are not here ({cms / 'ncci'}): measured on {PAIRS:,} made-up pairs")
        return
    store = Store(home)
    if not store.manifests("ncci_pair"):
        for path in paths:
            build(path, store=store)


def edit_tables(home: Path, schedule: FeeSchedule) -> EditTables:
    """The tables of the store for the release's year, or made-up ones over its codes."""
    year = schedule.release.year
    found = open_edit_tables(Store(home), date(year, 12, 31), date(year, 1, 1))
    return found if found.pairs is not None else _made_up(schedule)


def _made_up(schedule: FeeSchedule) -> EditTables:
    """Pairs as many as CMS's, units of every code mostly 1 or 2, and two primaries for each add-on."""
    chance = np.random.default_rng(_SEED)
    rows = schedule.rvu.filter(pl.col("modifier") == "")
    codes = rows["hcpcs"].unique().sort()
    keys = np.unique(chance.integers(len(codes) ** 2, size=PAIRS * 11 // 10))
    keys = chance.permutation(keys)[:PAIRS]
    pairs = pl.DataFrame(
        {
            "column_1": codes.gather(keys // len(codes)),
            "column_2": codes.gather(keys % len(codes)),
            "modifier_indicator": pl.Series(["0", "1", "1", "1"]).gather(chance.integers(4, size=len(keys))),
        }
    ).with_columns(
        effective_from=pl.lit(_EARLY), deleted_on=pl.lit(None, pl.Date), rationale=pl.lit("made up")
    )  # fmt: skip
    units = pl.DataFrame(
        {
            "hcpcs": codes,
            "mue_units": pl.Series([1, 1, 1, 2, 2, 4, 10], dtype=pl.Int32).gather(chance.integers(7, size=len(codes))),
            "mai": pl.Series(["1", "2", "3", "3"]).gather(chance.integers(4, size=len(codes))),
        }
    ).with_columns(rationale=pl.lit("made up"), service=pl.lit(""), effective_from=pl.lit(_EARLY))
    added = rows.filter(pl.col("global_days") == "ZZZ")["hcpcs"].unique().sort()
    none = pl.lit(None, pl.Date)
    add_ons = pl.DataFrame(
        {
            "edit_type": "1",
            "add_on": pl.concat([added, added]),
            "primary": codes.gather(chance.integers(len(codes), size=2 * len(added))),
        }
    ).with_columns(
        effective_from=pl.lit(_EARLY), deleted_on=none, add_on_deleted_on=none, primary_deleted_on=none, note=pl.lit("")
    )
    return EditTables(pairs=pairs, units=units, add_ons=add_ons)
