"""Forecasts drawn and bridges split, in one run: seconds against what they are held to.

    python tests/benchmarks/scenarios/run.py [--runs 5] [--home FOLDER]

- draws: 10,000 draws of three years of the sample scenario, after the forecast is open
- bridge, volume: 1,000 services in 109 localities, from 2025D to 2026C (109,000 rows)
- bridge, claims: 109,000 claim lines between the same, priced with rules at each of the eight steps
- reprice: the same lines priced twice; bridge, claims is told as a ratio of it

Releases are those installed in FOLDER (default: FEECALC_HOME), else the starter data, whose services then repeat with
modifiers and places of service. Not a test: pytest does not collect it.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import perf_counter

import polars as pl

from feecalc.errors import NotInstalled
from feecalc.installed import open_schedule
from feecalc.pricing.release_terms import Terms
from feecalc.runs.reprice import reprice
from feecalc.scenarios.bridge.bridge import bridge
from feecalc.scenarios.bridge.claims import bridge_claims
from feecalc.scenarios.forecast.draws import draw
from feecalc.scenarios.forecast.opening import open_plan
from feecalc.scenarios.scenario.reading import read_scenario

SAMPLES = Path(__file__).resolve().parents[3] / "data" / "samples"
SERVICES, DRAWS, YEARS = 1_000, 10_000, 3
FORMER, LATTER = "2025D", "2026C"
HELD_TO = {"draws": "2 s"}
_PLACES = ("11", "22", "24", "19")
_MODIFIERS = ("", "50", "RT", "59", "80", "52", "62", "AS")


def opened(name: str, home: Path | None) -> Terms:
    """A side of a bridge."""
    try:
        return Terms(open_schedule(name, home=home).schedule)
    except NotInstalled:
        return Terms(open_schedule(name, home=Path("no-such-folder")).schedule)


def services(former: Terms, latter: Terms) -> pl.DataFrame:
    """1,000 different services that both releases hold: more places and modifiers where they hold fewer codes."""
    both = former.schedule.rvu.filter(pl.col("modifier") == "").select("hcpcs").unique(maintain_order=True)
    both = both.join(latter.schedule.rvu.select("hcpcs").unique(), on="hcpcs", how="semi", maintain_order="left")
    rows = itertools.islice(itertools.product(_PLACES, _MODIFIERS, both["hcpcs"]), SERVICES)
    return pl.DataFrame(list(rows), schema=["place_of_service", "modifier_1", "hcpcs"], orient="row")


def volume(former: Terms, latter: Terms) -> pl.DataFrame:
    """The services in every locality of the latter release."""
    places = latter.schedule.localities.select("mac", "locality")
    rows = services(former, latter).join(places, how="cross")
    return rows.with_columns((pl.int_range(pl.len()) % 97 + 1).alias("units"))


def claims(rows: pl.DataFrame) -> pl.LazyFrame:
    """Each row of a volume as a line, three lines a claim."""
    number = pl.int_range(pl.len(), dtype=pl.Int32)
    return rows.with_columns(
        (number // 3 + 10**8).cast(pl.String).alias("claim_id"),
        (number % 3 + 1).alias("line"),
        pl.lit(date(2026, 7, 6)).alias("date_of_service"),
        (pl.col("units") % 3 + 1).cast(pl.Int32).alias("units"),
    ).lazy()


def seconds(work: Callable[[], object], runs: int) -> float:
    """The median of some runs."""
    found = []
    for _ in range(runs):
        start = perf_counter()
        work()
        found.append(perf_counter() - start)
    return statistics.median(found)


def main() -> None:
    asked = argparse.ArgumentParser(description="Time draws and bridges.")
    asked.add_argument("--runs", type=int, default=5)
    asked.add_argument("--home", type=Path)
    given = asked.parse_args()
    former, latter = (opened(name, given.home) for name in (FORMER, LATTER))
    rows = volume(former, latter)
    lines = claims(rows).collect().lazy()
    scenario = read_scenario(SAMPLES / "scenario.toml")

    def drawn() -> object:
        return draw(open_plan(scenario, SAMPLES, latter.schedule, YEARS).plan, DRAWS, 1)

    plan = open_plan(scenario, SAMPLES, latter.schedule, YEARS).plan
    times = {
        "draws": seconds(lambda: draw(plan.with_scenario(scenario), DRAWS, 1), given.runs),
        "draws, opening included": seconds(drawn, given.runs),
        "bridge, volume": seconds(lambda: bridge(former, latter, rows), given.runs),
        "reprice": seconds(lambda: reprice(lines, former, latter), given.runs),
        "bridge, claims": seconds(lambda: bridge_claims(former, latter, lines), given.runs),
    }
    print(f"{rows.height:,} rows, {former.name} to {latter.name}, median of {given.runs}")
    for name, time in times.items():
        ratio = f"{time / times['reprice']:8.2f} x reprice" if name.startswith("bridge") else " " * 18
        print(f"{name:<26}{time:8.3f} s {ratio}  {'held to ' + HELD_TO[name] if name in HELD_TO else ''}".rstrip())


if __name__ == "__main__":
    main()
