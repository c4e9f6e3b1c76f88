"""Claim files priced end to end against the least any tool can do, and against DuckDB, as ratios of one run.

    python tests/benchmarks/claims/run.py [--lines 1,10] [--runs 5] [--release 26C] [--cms FOLDER] [--keep FOLDER]

Six works take turns, each in a process of its own, and the medians are compared:

- floor: scan the file, add three constant columns, write it
- feecalc: ``FeeSchedule.price_claims`` with every rule on, three of its columns written, as many as the floor writes
- feecalc, all: the same with all seventeen columns written
- feecalc, edits: the same with NCCI's edits and the coverage policies applied: prices with the denials and without,
  and writes two columns more, the rule that denies a line and its amount without the edits (``edit_files``)
- feecalc, denied: the same priced once, with the denials alone
- duckdb: tuned SQL of the simple rules only (``duckdb_simple``); needs ``pip install duckdb``

Files are Parquet (zstd), made by ``claim_files`` from a seed, 1 million, 10 million or 50 million lines. Seconds run
from the first read to the closed file, after imports and after the release is open. Memory is the most a process held.
The release is CMS's own zip where the folder of CMS's files is there, else a written one of CMS's shape and size.
Not a test: pytest does not collect it.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
CMS = HERE.parents[3] / "shared" / "cms"
FLOOR, FEECALC, ALL, EDITS, DENIED, DUCKDB = WORKS = (
    "floor", "feecalc", "feecalc, all", "feecalc, edits", "feecalc, denied", "duckdb",
)  # fmt: skip
THREE = ("fee_schedule_amount", "allowed_amount", "pricing_status")
MILLION = 10**6
WRITTEN_RELEASE = "25D"  # whose factors a written release holds
MOST_TIMES_FLOOR = ("2.5x", "1.8x")
LEAST_TIMES_DUCKDB = ("1.0x", "1.3x")
MOST_TIMES_WITHOUT_EDITS = ("1.2x", "1.1x")
MEMORY = ("1.2x, 1.5 GB", "0.6 GB")


@dataclass(frozen=True)
class Timing:
    """One work on one file, over several runs. Seconds, and the most bytes of memory of any run."""

    seconds: float
    best: float
    memory: int


def work(name: str, claims: Path, out: Path, home: Path, release: str) -> float:
    """The seconds of one work, in this process."""
    import polars as pl

    from feecalc.installed import open_schedule

    if name == FLOOR:
        start = perf_counter()
        constants = (pl.lit(1).alias("first"), pl.lit("priced").alias("second"), pl.lit(2).alias("third"))
        pl.scan_parquet(claims).with_columns(constants).sink_parquet(out)
        return perf_counter() - start
    schedule = open_schedule(release, home=home).schedule
    if name in (FEECALC, ALL):
        start = perf_counter()
        lines = pl.scan_parquet(claims)
        priced = schedule.price_claims(lines)
        if name == FEECALC:
            priced = priced.select(*lines.collect_schema(), *THREE)
        priced.sink_parquet(out)
        return perf_counter() - start
    if name in (EDITS, DENIED):
        from edit_files import edit_tables

        from feecalc.edits.pricing import EditedPricer, edited_claims
        from feecalc.pricing.claims.engine import ClaimPricer
        from feecalc.pricing.claims.eras import ReleaseDays

        tables = edit_tables(home, schedule)
        start = perf_counter()
        edited = EditedPricer(ClaimPricer([ReleaseDays.of_year(schedule)]), tables)
        edited_claims(pl.scan_parquet(claims), edited, without=name == EDITS).sink_parquet(out)
        return perf_counter() - start
    import duckdb_simple

    from feecalc.pricing.rules.conversion_factor import conversion_factor

    factor = conversion_factor(schedule.release.first_date_of_service).scaled
    start = perf_counter()
    duckdb_simple.price(claims, out, home, factor)
    return perf_counter() - start


def child(name: str, claims: Path, folder: Path, home: Path, release: str) -> tuple[float, int]:
    """Seconds and peak bytes of one work in a process of its own."""
    out = folder / f"out-{name}.parquet"
    command = [sys.executable, str(HERE / "run.py"), "--child", name, str(claims), str(out), str(home), release]
    ended = subprocess.run(command, check=True, capture_output=True, text=True)
    out.unlink()
    seconds, memory = json.loads(ended.stdout.splitlines()[-1])
    return seconds, memory


def as_child(name: str, claims: str, out: str, home: str, release: str) -> None:
    """What a child process does: one work, its seconds and peak memory on standard output."""
    seconds = work(name, Path(claims), Path(out), Path(home), release)
    print(json.dumps([seconds, _most_memory()]))


def _most_memory() -> int:
    """The most bytes this process held. Linux counts a parent's into getrusage: there the kernel's own mark is read."""
    status = Path("/proc/self/status")
    if status.is_file():
        (line,) = (each for each in status.read_text().splitlines() if each.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most * (1 if sys.platform == "darwin" else 1024)


def in_turn(
    works: Sequence[str], claims: Path, folder: Path, home: Path, release: str, runs: int
) -> dict[str, Timing]:
    """The works by turns, so that all meet the same moments of the machine."""
    found: dict[str, list[tuple[float, int]]] = {name: [] for name in works}
    for _ in range(runs):
        for name in works:
            found[name].append(child(name, claims, folder, home, release))
    return {
        name: Timing(
            statistics.median(seconds for seconds, _ in each),
            min(seconds for seconds, _ in each),
            max(memory for _, memory in each),
        )
        for name, each in found.items()
    }


def opened(cms: Path, release: str, folder: Path) -> Path:
    """A home with the release, and its tables as DuckDB reads them beside it."""
    from bench import shaped_release
    from edit_files import build_edits

    from feecalc.ingest.build import build
    from feecalc.ingest.store import Store
    from feecalc.installed import open_schedule

    path = cms / "zips" / f"rvu{release.lower()}.zip"
    if path.is_file():
        print(f"CMS's own files: {path.name}")
    else:
        path = shaped_release(folder, release)
        print(f"CMS's files are not here ({cms}): measured on a written release of CMS's shape and size")
    home = folder / "home"
    if not home.exists():
        build(path, store=Store(home))
    build_edits(cms, home)
    if has_duckdb():
        import duckdb_simple

        duckdb_simple.write_tables(open_schedule(f"RVU{release}", home=home).schedule, home)
    return home


def has_duckdb() -> bool:
    from importlib.util import find_spec

    return find_spec("duckdb") is not None


def report(measured: dict[int, dict[str, Timing]]) -> None:
    """The table of ratios, and what they should be."""
    heads = f"{'million lines':<16}{'work':<17}{'seconds':>9}{'best':>9}{'lines/s':>12}{'memory':>10}"
    print(f"{heads}{'/ floor':>9}{'(best)':>8}")
    for millions, timings in measured.items():
        for name, timing in timings.items():
            floor = timings[FLOOR]
            print(
                f"{millions:<16}{name:<17}{timing.seconds:>9.2f}{timing.best:>9.2f}"
                f"{millions * MILLION / timing.seconds:>12,.0f}{timing.memory / 1e9:>7.2f} GB"
                f"{timing.seconds / floor.seconds:>8.2f}x{timing.best / floor.best:>7.2f}x"
            )
    print(f"\n{'goal':<44}{'found':>16}{'must':>16}{'aim':>10}")
    for millions, timings in measured.items():
        ours, at = timings[FEECALC], f"{millions} million lines"
        _goal(f"{at}, end to end / the floor", f"{ours.seconds / timings[FLOOR].seconds:.2f}x", MOST_TIMES_FLOOR)
        _goal(f"{at}, all columns / the floor", f"{timings[ALL].seconds / timings[FLOOR].seconds:.2f}x", ("", ""))
        for name in (EDITS, DENIED):
            times = timings[name].seconds / timings[ALL].seconds
            _goal(f"{at}, {name} / all columns", f"{times:.2f}x", MOST_TIMES_WITHOUT_EDITS)
        if DUCKDB in timings:
            times = timings[DUCKDB].seconds / ours.seconds
            _goal(f"{at}, lines/s against DuckDB", f"{times:.2f}x", LEAST_TIMES_DUCKDB)
    if len(measured) > 1:
        few, many = sorted(measured)[-2:]
        most = measured[many][ALL].memory
        _goal(
            f"memory, {many} million against {few} million",
            f"{most / measured[few][ALL].memory:.2f}x, {most / 1e9:.2f} GB",
            MEMORY,
        )


def _goal(what: str, found: str, wanted: tuple[str, str]) -> None:
    print(f"{what:<44}{found:>16}{wanted[0]:>16}{wanted[1]:>10}")


def main() -> None:
    if sys.argv[1:2] == ["--child"]:
        as_child(*sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", default="1,10", help="millions of lines, one file each: 1,10,50")
    parser.add_argument("--runs", type=int, default=5, help="runs of each measurement")
    parser.add_argument("--release", default="26C")
    parser.add_argument("--cms", type=Path, default=CMS, help="folder of CMS's files")
    parser.add_argument("--keep", type=Path, help="folder to keep the claim files in, and to find them in again")
    chosen = parser.parse_args()
    import claim_files

    from feecalc.installed import open_schedule

    works = WORKS if has_duckdb() else tuple(name for name in WORKS if name != DUCKDB)
    if not has_duckdb():
        print("duckdb is not installed: measured without it")
    measured: dict[int, dict[str, Timing]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if not (chosen.cms / "zips" / f"rvu{chosen.release.lower()}.zip").is_file():
            chosen.release = WRITTEN_RELEASE
        home, release = opened(chosen.cms, chosen.release, folder), f"RVU{chosen.release}"
        for millions in sorted(int(each) for each in chosen.lines.split(",")):
            claims = folder / f"{millions}m-{chosen.release}-{claim_files.SEED}.parquet"
            if not claims.exists():
                claim_files.write(claims, millions * MILLION, open_schedule(release, home=home).schedule)
            measured[millions] = in_turn(works, claims, folder, home, release, chosen.runs)
    report(measured)


if __name__ == "__main__":
    main()
