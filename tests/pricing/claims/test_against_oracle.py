"""Random claims: what always holds of the reference pricer, and the engine against it, line by line."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pricing.claims import made_up
from pricing.claims.oracle import Options, price_claims
from pricing.claims.random_claims import Claims

from feecalc import reference
from feecalc.ingest.build import build
from feecalc.ingest.store import Store
from feecalc.installed import open_schedule
from feecalc.pricing.schedule import FeeSchedule

CLAIMS = int(os.environ.get("FEECALC_RANDOM_CLAIMS", "700"))  # about three lines each
AMOUNTS = (
    "fee_schedule_amount", "allowed_amount", "medicare_paid", "patient_share", "sequestration",
    "contractual_adjustment", "opps_cap", "bonus",
)  # fmt: skip
FACTORS = ("bilateral_factor", "modifier_factor", "mppr_factor", "charge_factor", "rank")
COMPARED = ("pricing_status", "setting", "release", *AMOUNTS, *FACTORS, "carc")
KEY = ["claim_id", "line"]


def oracle(frame: pl.DataFrame, schedule: FeeSchedule, options: Options | None = None) -> dict[tuple[str, int], Any]:
    """Results by claim and line."""
    lines = frame.to_dicts()
    found = price_claims(lines, schedule, options)
    return {(line["claim_id"], line["line"]): each for line, each in zip(lines, found, strict=True)}


def by_engine(frame: pl.DataFrame, schedule: FeeSchedule) -> dict[tuple[str, int], Any]:
    """Results by claim and line; ``price_claims`` keeps the columns that came in."""
    found = schedule.price_claims(frame.lazy())
    rows = (found.collect() if isinstance(found, pl.LazyFrame) else found).to_dicts()
    return {(row["claim_id"], row["line"]): row for row in rows}


def same(column: str, expected: Any, found: Any) -> bool:
    """Equal; no text and none are the same, and a judge without an opinion agrees."""
    if column == "carc":
        return expected is None or expected == (found or "")
    if column in ("setting", "release"):
        return (expected or "") == (found or "")
    if expected is None or found is None:
        return expected is None and found is None
    if column == "modifier_factor":
        return abs(Decimal(expected) - Decimal(found)) <= Decimal("0.000001")  # the judge's has six places
    if column in FACTORS:
        return Decimal(expected) == Decimal(found)
    return bool(expected == found)


def first_difference(
    frame: pl.DataFrame,
    expected: Mapping[tuple[str, int], Mapping[str, Any]],
    found: Mapping[tuple[str, int], Mapping[str, Any]],
    columns: Sequence[str] = COMPARED,
) -> str:
    """The first line, by claim and line, on which the two differ, with all lines that may bear on it; "" for none."""
    if missing := set(expected) ^ set(found):
        return f"lines only on one side: {sorted(missing)[:5]}"
    for key in sorted(expected):
        wrong = [column for column in columns if not same(column, expected[key][column], found[key].get(column))]
        if wrong:
            return _shown(frame, key, wrong, expected, found)
    return ""


def _shown(frame: pl.DataFrame, key: tuple[str, int], wrong: list[str], expected: Any, found: Any) -> str:
    lines = frame.sort(KEY).to_dicts()
    (this,) = [line for line in lines if (line["claim_id"], line["line"]) == key]
    whose = this["beneficiary_id"]
    others = [
        line for line in lines if line["claim_id"] == key[0] or (whose and line["beneficiary_id"] == whose)
    ]
    text = [f"claim {key[0]} line {key[1]} differs in {', '.join(wrong)}"]
    for line in others:
        at = line["claim_id"], line["line"]
        given = " ".join(
            f"{name}={value}" for name, value in line.items() if value not in (None, "", False) and name not in KEY
        )
        text.append(f"{'>' if at == key else ' '} {at[0]}/{at[1]}: {given}")
        for column in COMPARED:
            left, right = expected[at][column], found[at].get(column)
            mark = "  <-- differs" if not same(column, left, right) else ""
            if at == key or mark:
                text.append(f"      {column:<24} oracle {left!s:<14} engine {right!s:<14}{mark}")
    return "\n".join(text)


@pytest.fixture(scope="module")
def starter(tmp_path_factory) -> dict[str, FeeSchedule]:
    home = Path(tmp_path_factory.mktemp("empty"))
    return {name: open_schedule(name, home=home).schedule for name in ("RVU25D", "RVU26C")}


@pytest.fixture(scope="module", params=["made up", "RVU25D", "RVU26C"])
def schedule(request, starter) -> FeeSchedule:
    return made_up.schedule() if request.param == "made up" else starter[request.param]


@pytest.fixture(scope="module", params=["RVU26C", "RVU24AR", "RVU22A", "RVU20A"])
def whole_release(request, cms: Path, tmp_path_factory) -> FeeSchedule:
    """All of a release; the years differ in factors, equipment percentages, sequestration and coinsurance."""
    home = Path(tmp_path_factory.mktemp("whole"))
    build(cms / "zips" / f"{request.param.lower()}.zip", store=Store(home))
    return open_schedule(request.param, home=home).schedule


@cache
def known(day: date) -> frozenset[str]:
    """The modifiers the reference data knows on a day: before 2025 the judge's own list is too long."""
    return frozenset(row["modifier"] for row in reference.rows_on("modifier", day))


@pytest.fixture(scope="module")
def claims(schedule) -> pl.DataFrame:
    return Claims(schedule, seed=20260701).frame(CLAIMS)


@pytest.fixture(scope="module")
def judged(claims, schedule) -> dict[tuple[str, int], Any]:
    return oracle(claims, schedule)


class TestOracle:
    """What must hold of the judge itself."""

    def test_every_line_has_a_status_and_money_only_where_there_is_a_price(self, judged):
        adjudicated = {"bundled", "add_on_without_primary"}
        for result in judged.values():
            assert result["pricing_status"]
            if result["allowed_amount"] is None:
                assert result["pricing_status"] != "priced"
                assert all(result[name] is None for name in ("medicare_paid", "patient_share", "sequestration"))
            else:
                assert result["pricing_status"] in {"priced", *adjudicated}
                paid = result["medicare_paid"] + result["patient_share"] + result["sequestration"]
                assert paid <= result["allowed_amount"]
                assert all(result[name] >= 0 for name in AMOUNTS[1:5])

    def test_every_rule_is_reached(self, judged, schedule):
        statuses = {result["pricing_status"] for result in judged.values()}
        assert {"priced", "bundled", "add_on_without_primary", "modifier_does_not_apply", "unknown_code",
                "unknown_modifier", "unknown_place_of_service", "unknown_locality", "invalid_units",
                "invalid_date", "no_release", "invalid_billed_amount", "unknown_provider_type"} <= statuses  # fmt: skip
        factors = {result["bilateral_factor"] for result in judged.values()}
        assert {Decimal("1.5"), Decimal("0.5"), Decimal(1), None} <= factors
        assert any((result["rank"] or 0) > 2 for result in judged.values())
        assert any(0 < (result["mppr_factor"] or 0) < 1 for result in judged.values())

    def test_order_does_not_matter(self, claims, judged, schedule):
        shuffled = claims.sample(fraction=1.0, shuffle=True, seed=3)
        assert oracle(shuffled, schedule) == judged

    def test_claims_apart_are_claims_together(self, claims, schedule):
        """Without beneficiaries a claim is by itself."""
        alone = claims.with_columns(pl.lit("").alias("beneficiary_id"))
        whole = oracle(alone, schedule)
        halves: dict[tuple[str, int], Any] = {}
        for odd in (0, 1):
            halves |= oracle(alone.filter(pl.col("claim_id").str.slice(-1).cast(pl.Int64) % 2 == odd), schedule)
        assert halves == whole

    def test_no_reduction_raises_an_amount(self, claims, judged):
        units = {(line["claim_id"], line["line"]): line["units"] for line in claims.to_dicts()}
        for key, result in judged.items():
            if result["pricing_status"] == "priced":
                sides = result["bilateral_factor"] or 1
                if result["bilateral_factor"] in (Decimal("0.5"), Decimal(1)):
                    sides = Decimal("1.5")  # one of a pair: what the other one's charge leaves of both
                fee = result["fee_schedule_amount"] * sides
                assert result["allowed_amount"] <= fee + units[key] * Decimal("0.005")  # each unit is rounded
                assert (result["mppr_factor"] or 0) <= 1

    def test_a_difference_is_found_and_shown(self, claims, judged):
        assert first_difference(claims, judged, judged) == ""
        key = next(key for key in sorted(judged) if judged[key]["pricing_status"] == "priced")
        changed = {**judged, key: {**judged[key], "allowed_amount": judged[key]["allowed_amount"] + Decimal("0.01")}}
        shown = first_difference(claims, judged, changed)
        assert f"claim {key[0]} line {key[1]} differs in allowed_amount" in shown
        assert "<-- differs" in shown

    def test_whole_release(self, whole_release):
        """Every code of a whole release, and a status for every line."""
        frame = Claims(whole_release, seed=5).frame(CLAIMS)
        assert all(result["pricing_status"] for result in oracle(frame, whole_release).values())


class TestKnownModifiers:
    """The judge's own list is of modifiers the reference data knows."""

    def test_the_reference_data_knows_them(self):
        day = made_up.DAY
        known = {row["modifier"] for row in reference.rows_on("modifier", day)}
        from pricing.claims.oracle_line import KNOWN_MODIFIERS

        assert known >= KNOWN_MODIFIERS


class TestEngine:
    """The engine gives the judge's result on every line."""

    def test_status_and_money(self, claims, judged, schedule):
        assert not first_difference(claims, judged, by_engine(claims, schedule), COMPARED[:-5])

    def test_factors_ranks_and_codes(self, claims, judged, schedule):
        assert not first_difference(claims, judged, by_engine(claims, schedule), (*FACTORS, "carc"))

    def test_whole_release(self, whole_release):
        frame = Claims(whole_release, seed=6).frame(CLAIMS)
        judged = oracle(frame, whole_release, Options(known_modifiers=known))
        assert not first_difference(frame, judged, by_engine(frame, whole_release))

    def test_a_switch_reaches_both(self, claims, schedule):
        """The two differ where only one of them is told of a switch, so the comparison sees what it should."""
        told = replace(Options(), two_units_both_sides=False)
        assert first_difference(claims, oracle(claims, schedule, told), by_engine(claims, schedule))
