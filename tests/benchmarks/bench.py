"""What feecalc costs against what it cannot do without, as ratios measured in one run on one machine.

    python tests/benchmarks/bench.py [--cms FOLDER] [--release 25D] [--runs 11]

Reads the release's zip from the folder of CMS's files (by default ../shared/cms beside the project); where that is
absent it writes a release of CMS's shape and size and says so. Not a test: pytest does not collect it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from feecalc.pricing.schedule import FeeSchedule

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))
CMS = TESTS.parents[1] / "shared" / "cms"
CODE, PLACE = "64493", "09102-04"


@dataclass(frozen=True)
class Timing:
    """Seconds of one work over several runs."""

    median: float
    best: float

    def __str__(self) -> str:
        return f"{self.median * 1000:.2f} ms" if self.median < 1 else f"{self.median:.2f} s"


@dataclass(frozen=True)
class Measured:
    """One line of the result: a work and its floor, and the targets in the line's own unit."""

    what: str
    work: Timing
    against: str = ""
    floor: Timing | None = None
    must: str = ""
    aim: str = ""

    def line(self) -> str:
        if self.floor is None:
            floor, ratios = "", ("", "")
        else:
            floor = str(self.floor)
            pairs = ((self.work.median, self.floor.median), (self.work.best, self.floor.best))
            ratios = tuple(f"{work / least:.1f}x" for work, least in pairs)
        return _line(self.what, str(self.work), self.against, floor, *ratios, self.must, self.aim)


def _line(what: str, work: str, against: str, floor: str, *rest: str) -> str:
    return f"{what:<36}{work:>10}  {against:<17}{floor:>9}" + "".join(f"{text:>7}" for text in rest)


def timed(work: Callable[[], object], runs: int) -> Timing:
    """The time of ``runs`` calls, after one that is not counted."""
    return in_turn((work,), runs)[0]


def in_turn(works: Sequence[Callable[[], object]], runs: int) -> list[Timing]:
    """The times of works called in turn, so that all meet the same moments of the machine; one round is not counted."""
    found: list[list[float]] = [[] for _ in works]
    for counted in range(runs + 1):
        for work, seconds in zip(works, found, strict=True):
            start = perf_counter()
            work()
            if counted:
                seconds.append(perf_counter() - start)
    return [Timing(statistics.median(seconds), min(seconds)) for seconds in found]


def shaped_release(folder: Path, release: str) -> Path:
    """A release of CMS's shape and size: 18,000 rows of made-up codes, 109 localities."""
    from cms_shaped import AREAS, SERVICES, release_zip

    plain = [row for row in SERVICES if row.pctc != "1"]
    services = list(SERVICES)
    taken = {row.hcpcs for row in services}
    codes = [code for number in range(10_000, 28_100) if (code := str(number)) not in taken][:18_000]
    services += [replace(plain[place % len(plain)], hcpcs=code) for place, code in enumerate(codes)]
    areas = list(AREAS)
    areas += [
        replace(areas[number % len(AREAS)], mac=f"{20_000 + number}", name=f"AREA {number}", locality="00")
        for number in range(109 - len(areas))
    ]
    return release_zip(folder, release, services=services, areas=areas)


def build_against_reading(path: Path, folder: Path, runs: int) -> Measured:
    """A release built into an empty store against reading the bytes of the members it was built from."""
    from feecalc.conformance.running import oppscap_check
    from feecalc.ingest.build import build
    from feecalc.ingest.store import Store

    def built() -> list[str]:
        with tempfile.TemporaryDirectory(dir=folder) as home:
            (manifest,) = build(path, store=Store(Path(home)), more_checks=(oppscap_check,))
        return [str(table["member"]) for table in manifest.tables.values()]

    members = {member for joined in built() for member in joined.split(", ")}

    def read() -> None:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name in members or Path(name).name in members:
                    archive.read(name)

    work, floor = in_turn((built, read), max(3, runs // 2))
    return Measured("build of a release, checks included", work, "its bytes read", floor)


def table_against_product(schedule: FeeSchedule, runs: int) -> Measured:
    """Every code and modifier in every locality and both settings, a frame of keys and exact amounts, against the bare
    product of the same arrays: three products, two sums, the factor; no rounding, no keys."""
    from feecalc.pricing.arrays import Indices
    from feecalc.pricing.rules.conversion_factor import conversion_factor
    from feecalc.pricing.rules.work_gpci_floor import work_gpci_floor

    columns, day = schedule.arrays.columns, schedule.release.first_date_of_service
    indices = Indices.of(schedule.localities, day, work_gpci_floor(day))
    factor = conversion_factor(day).scaled
    work, mp = columns.work[:, None], columns.mp[:, None]

    def product() -> list[np.ndarray]:
        return [
            (work * indices.work + pe[:, None] * indices.pe + mp * indices.mp) * factor
            for pe in (columns.pe_nonfacility, columns.pe_facility)
        ]

    prices = sum(each.size for each in product())
    work, floor = in_turn((schedule.table, product), runs)
    return Measured(f"national table, {prices:,} prices", work, "the bare product", floor, "6x", "3.5x")


def price_warm(schedule: FeeSchedule, runs: int) -> Measured:
    """One price from a warm process: the locality found, the rules, the receipt as plain values."""

    def price() -> dict[str, object]:
        return schedule.price(CODE, locality=PLACE).as_dict()

    return Measured("one price, warm, with receipt", timed(price, 20 * runs), must="5 ms", aim="1 ms")


def price_cold(home: Path, release: str, runs: int) -> Measured:
    """``feecalc price`` from a cold shell against a Python that does nothing."""
    environment = {**os.environ, "FEECALC_HOME": str(home)}
    script = Path(sys.executable).with_name("feecalc")
    command = [str(script)] if script.exists() else [sys.executable, "-c", "from feecalc.cli import main; main()"]
    arguments = ["price", CODE, "--pos", "11", "--locality", PLACE, "--release", release]

    def run(words: list[str]) -> Callable[[], object]:
        return lambda: subprocess.run(words, env=environment, check=True, capture_output=True)

    work, floor = in_turn((run([*command, *arguments]), run([sys.executable, "-c", "pass"])), max(9, runs))
    return Measured("feecalc price, cold shell", work, "python -c pass", floor, "0.6 s", "0.3 s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cms", type=Path, default=CMS, help="folder of CMS's files")
    parser.add_argument("--release", default="25D")
    parser.add_argument("--runs", type=int, default=11, help="runs of each measurement")
    chosen = parser.parse_args()
    from feecalc.ingest.build import build
    from feecalc.ingest.store import Store
    from feecalc.installed import open_schedule

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        path = chosen.cms / "zips" / f"rvu{chosen.release.lower()}.zip"
        if path.is_file():
            print(f"CMS's own files: {path.name}")
        else:
            path = shaped_release(folder, chosen.release)
            print(f"CMS's files are not here ({chosen.cms}): measured on a written release of CMS's shape and size")
        home = folder / "home"
        build(path, store=Store(home))
        schedule = open_schedule(f"RVU{chosen.release}", home=home).schedule
        found = [
            build_against_reading(path, folder, chosen.runs),
            table_against_product(schedule, chosen.runs),
            price_warm(schedule, chosen.runs),
            price_cold(home, chosen.release, chosen.runs),
        ]
    print(_line("what", "median", "against", "median", "ratio", "(best)", "must", "aim"))
    for measured in found:
        print(measured.line())


if __name__ == "__main__":
    main()
