"""What contracts cost against Medicare's own run, as ratios of one run on one machine.

    python tests/benchmarks/contracts/run.py [--lines 1000000] [--runs 5] [--release 26C] [--base 25D] [--cms FOLDER]

- a volume of 1,000 codes in 109 localities under 20 contracts, each a percent, categories and carve-outs of its own
- claim lines under one contract in three forms, against Medicare's own amounts for the same lines: a percent of current
  Medicare; the same with the charge as a ceiling of the claim; of a fixed base year

Medicare's run gives all its columns, as ``price_claims`` does; beside it stands the run that gives only the five a
contract's run needs. In one process; works take turns, and the medians are compared. Releases are CMS's own zips, or
written ones of CMS's shape and size where the folder is not there. Not a test: pytest does not collect it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path

import polars as pl

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "claims"), str(HERE.parent)]

import claim_files  # noqa: E402  # path first
from bench import CMS, in_turn, shaped_release  # noqa: E402  # path first

from feecalc.contracts.contract import Basis, Contract  # noqa: E402  # path first
from feecalc.contracts.paying.basis import medicare_rules  # noqa: E402  # path first
from feecalc.contracts.paying.claim_lines import COLUMNS, ClaimContract  # noqa: E402  # path first
from feecalc.contracts.pricing import VolumeContracts  # noqa: E402  # path first
from feecalc.contracts.terms.carve_out import CarveOut  # noqa: E402  # path first
from feecalc.contracts.terms.category import CategoryTerm  # noqa: E402  # path first
from feecalc.ingest.build import build  # noqa: E402  # path first
from feecalc.ingest.store import Store  # noqa: E402  # path first
from feecalc.installed import open_schedule  # noqa: E402  # path first
from feecalc.pricing.claims.batches import priced_batches  # noqa: E402  # path first
from feecalc.pricing.claims.engine import ClaimPricer  # noqa: E402  # path first
from feecalc.pricing.claims.eras import ReleaseDays  # noqa: E402  # path first
from feecalc.pricing.claims.results import COLUMNS as ALL  # noqa: E402  # path first
from feecalc.pricing.schedule import FeeSchedule  # noqa: E402  # path first

FIVE = ("release", "setting", "allowed_amount", "pricing_status", "reason")
CODES, CONTRACTS = 1000, 20
MOST_SECONDS, MOST_TIMES = 1.0, 1.5


def opened(cms: Path, release: str, folder: Path) -> FeeSchedule:
    """A release built into a home of its own."""
    path = cms / "zips" / f"rvu{release.lower()}.zip"
    build(path if path.is_file() else shaped_release(folder, release), store=Store(folder / "home"))
    return open_schedule(f"RVU{release}", home=folder / "home").schedule


def volume_of(schedule: FeeSchedule) -> pl.DataFrame:
    """So many codes in every locality."""
    codes = schedule.rvu.filter((pl.col("modifier") == "") & (pl.col("status_indicator") == "A")).head(CODES)
    rows = codes.select("hcpcs").join(schedule.localities.select("mac", "locality"), how="cross")
    return rows.with_columns(
        pl.lit("").alias("modifier_1"),
        pl.lit("").alias("modifier_2"),
        pl.lit("11").alias("place_of_service"),
        pl.lit(10, pl.Int64).alias("units"),
        pl.lit(Decimal("150.00"), pl.Decimal(12, 2)).alias("billed_amount"),
    )


def offers(schedule: FeeSchedule) -> list[Contract]:
    """So many contracts, each with terms of its own."""
    codes = schedule.rvu.filter(pl.col("modifier") == "")["hcpcs"].head(CONTRACTS).to_list()
    return [
        Contract(
            payer=f"offer {number}",
            percent=Decimal(100 + number),
            category=(CategoryTerm(name="visits", percent=Decimal(95 + number)),),
            carve_out=(CarveOut(hcpcs=code, amount=Decimal(200 + number)),),
        )
        for number, code in enumerate(codes)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=10**6)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--release", default="26C")
    parser.add_argument("--base", default="25D", help="the fixed base year's release")
    parser.add_argument("--cms", type=Path, default=CMS)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        opened(chosen.cms, chosen.base, folder)
        schedule = opened(chosen.cms, chosen.release, folder)
        volume, contracts = volume_of(schedule), offers(schedule)

        def price_offers() -> None:
            pricer = VolumeContracts(schedule, home=folder / "home")
            for contract in contracts:
                pricer.pay(contract, volume)

        (over_volume,) = in_turn((price_offers,), chosen.runs)
        what = f"{CODES:,} codes x {CONTRACTS} contracts x {schedule.localities.height} localities"
        print(f"{what:<58}{over_volume.median:>7.2f} s    must: {MOST_SECONDS} s")
        path = folder / "claims.parquet"
        claim_files.write(path, chosen.lines, schedule)
        spans, home = [ReleaseDays.of_year(schedule)], folder / "home"
        plain = Contract.at(125).model_copy(update={"lesser_of_billed": "line"})
        forms = {
            "current Medicare, charge by line": plain,
            "current Medicare, charge by claim": plain.model_copy(update={"lesser_of_billed": "claim"}),
            f"fixed base, release {chosen.base}": plain.model_copy(
                update={"basis": Basis(release=f"RVU{chosen.base}")}
            ),
        }
        medicare = ClaimPricer(spans, medicare_rules())
        pricers = [ClaimContract(contract, spans, home=home) for contract in forms.values()]
        claims = pl.scan_parquet(path)

        def run(pricer: ClaimPricer | ClaimContract, results: Sequence[str]) -> None:
            deque(priced_batches(claims, pricer, results=results), maxlen=0)

        works: list[Callable[[], None]] = [partial(run, medicare, ALL), partial(run, medicare, FIVE)]
        first, five, *rest = in_turn([*works, *(partial(run, each, COLUMNS) for each in pricers)], chosen.runs)
        print(f"{f'{chosen.lines:,} lines, Medicare alone':<58}{first.median:>7.2f} s")
        print(f"{'the same, five columns':<58}{five.median:>7.2f} s")
        for name, timing in zip(forms, rest, strict=True):
            ratios = f"{timing.median / first.median:.2f}x, best {timing.best / first.best:.2f}x"
            to_five = f"of five columns {timing.median / five.median:.2f}x"
            print(f"{name:<58}{timing.median:>7.2f} s    {ratios}    must: {MOST_TIMES}x    {to_five}")


if __name__ == "__main__":
    main()
