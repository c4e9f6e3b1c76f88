"""Published examples, as amounts, and the hand-worked cases, against whoever prices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pricing.claims import made_up
from pricing.claims.cases import CASES, MADE_UP, Case
from pricing.claims.oracle import Options, price_claims
from pricing.claims.oracle_rules import (
    Endoscopy,
    Procedure,
    TherapyUnit,
    endoscopy,
    imaging_professional,
    of,
    parts,
    surgery,
    therapy,
)
from pricing.claims.random_claims import claims_frame

from feecalc.installed import open_schedule
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.schedule import FeeSchedule

Rows = list[dict[str, Any]]
Pricer = Callable[[Rows, FeeSchedule, dict[str, Any]], Rows]


def oracle(lines: Rows, schedule: FeeSchedule, options: dict[str, Any]) -> Rows:
    return price_claims(lines, schedule, Options(**options))


# What a switch of the judge is called by the engine; a case with another switch is not the engine's.
SWITCHES = {
    "two_units_both_sides": "two_units_are_both_sides",
    "mips_percent": "mips_percent",
    "sequestration": "sequestration",
    "bonus_after_sequestration": "bonus_after_sequestration",
    "pair_charges_together": "pair_charges_together",
    "anesthesia_add_on_units": "anesthesia_add_on_units",
}


def engine(lines: Rows, schedule: FeeSchedule, options: dict[str, Any]) -> Rows:
    rules = ClaimRules(**{SWITCHES[name]: value for name, value in options.items()})
    return schedule.price_claims(claims_frame(lines).lazy(), rules).collect().to_dicts()


PRICERS: list[Pricer] = [oracle, engine]


@pytest.fixture(scope="module")
def schedules(tmp_path_factory) -> dict[str, FeeSchedule]:
    starter = open_schedule("RVU26C", home=Path(tmp_path_factory.mktemp("empty"))).schedule
    return {MADE_UP: made_up.schedule(), "RVU26C": starter}


@pytest.mark.parametrize("pricer", PRICERS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("turned", [False, True], ids=["in order", "turned round"])
@pytest.mark.parametrize("case", CASES, ids=lambda each: each.name)
def test_a_case_comes_to_its_hand_worked_amounts(case: Case, turned: bool, pricer: Pricer, schedules) -> None:
    """The order of the rows does not matter: line numbers break ties."""
    pairs = list(zip(case.lines, case.expected, strict=True))
    if turned:
        pairs.reverse()
    found = pricer([dict(line) for line, _ in pairs], schedules[case.schedule], case.options)
    at = {(row["claim_id"], row["line"]): row for row in found} if pricer is engine else None
    for number, (line, expected) in enumerate(pairs):
        result = found[number] if at is None else at[line["claim_id"], line["line"]]
        named = {column: result[column] for column in expected}
        what = f"{case.name} ({case.source}), line {line['line']} {line['hcpcs']}"
        assert named == expected, what


def test_cases_have_names_of_their_own() -> None:
    assert len({each.name for each in CASES}) == len(CASES)
    assert all(asdict(each)["source"] for each in CASES)


def money(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


class TestPublishedAmounts:
    """Examples CMS or a contractor printed, put to the rules as amounts."""

    def test_standard_surgery(self):
        # A contractor's standard pricing example: medicarepaymentandreimbursement.com, February 2011.
        ranked = surgery([Procedure(each, at) for at, each in enumerate(money("1043.48", "922.90", "1010.60"))])
        assert [each.paid for each in ranked] == money("1043.48", "461.45", "505.30")
        assert [each.rank for each in ranked] == [1, 3, 2]

    def test_bilateral_surgery_and_multiple(self):
        # A contractor's example (medicarebillingandcoding.blogspot.com, February 2011): 29870-50 of 365.31 and 29345-50
        # of 115.04. It prints 547.96 for 150 percent of 365.31, which is 547.965: halves away from zero say 547.97.
        sides = [of(each, 150) for each in money("365.31", "115.04")]
        assert sides == money("547.97", "172.56")
        assert [each.paid for each in surgery([Procedure(each) for each in sides])] == money("547.97", "86.28")

    def test_endoscopies_of_one_family(self):
        # aapc.com/discuss, thread 138405: base 200.00; 310.02 + 75.12 + 70.13 = 455.27, half of it second.
        base = Decimal("200.00")
        paid = endoscopy([Endoscopy(each, each, base) for each in money("310.02", "275.12", "270.13")])
        assert paid == money("310.02", "75.12", "70.13")
        assert sum(paid) == Decimal("455.27")
        first, second = surgery([Procedure(Decimal("500.00")), Procedure(sum(paid, Decimal(0)))])
        # The thread prints 227.65 for half of 455.27, which is 227.635.
        assert (first.paid, second.paid) == (Decimal("500.00"), Decimal("227.64"))

    def test_endoscopies_of_the_manual(self):
        # Ch. 12 sec. 40.6.C, the 374.56 and 285.98 over 255.40 of its example: 405.14.
        base = Decimal("255.40")
        assert sum(endoscopy([Endoscopy(each, each, base) for each in money("374.56", "285.98")])) == Decimal("405.14")

    def test_imaging_in_2012(self):
        # Ch. 13 sec. 20.2 as of 2012 (CR 7442): PC 68 and 102, TC 476 and 340; PC at 75, TC at 50 percent: 799.
        professional = parts([Procedure(each) for each in money("68", "102")], imaging_professional(_day(2012)))
        technical = parts([Procedure(each) for each in money("476", "340")], 50)
        assert sum(each.paid for each in (*professional, *technical)) == Decimal(799)
        # From 2017 the same images are paid 812.60 (CR 9647: 95 percent of the second PC).
        professional = parts([Procedure(each) for each in money("68", "102")], imaging_professional(_day(2017)))
        assert sum(each.paid for each in (*professional, *technical)) == Decimal("812.60")

    def test_cardiovascular(self):
        # MM7848: 77 + 427 and 65 + 148: 680.
        technical = parts([Procedure(each) for each in money("427", "148")], 75)
        assert 77 + 65 + sum(each.paid for each in technical) == Decimal(680)

    def test_ophthalmology(self):
        # MM7848: 46 + 92 and 23 + 53: 203.40.
        technical = parts([Procedure(each) for each in money("92", "53")], 80)
        assert 46 + 23 + sum(each.paid for each in technical) == Decimal("203.40")

    def test_therapy_in_texas_in_2011(self):
        # hrslearningcenter.com: 97110 x 2, 97140 and 97035 at 20 percent off the PE of all but the first unit:
        # 28.74 + 26.12 + 24.67 + 10.79 = 90.32. It prints no PE and, of the reduced units, only what they pay; PE
        # stands here for the order alone, 97110 first.
        pe = [Decimal(each) for each in (2, 2, 1, 1)]
        full = money("28.74", "28.74", "24.67", "10.79")
        reduced = money("26.12", "26.12", "24.67", "10.79")
        units = [TherapyUnit(*each, at) for at, each in enumerate(zip(pe, full, full, reduced, strict=True))]
        assert sum(each.paid for each in therapy(units)) == Decimal("90.32")

    def test_split_postoperative_care(self):
        # Ch. 12 sec. 40.4, 42145: 17 percent; 60 of 90 days are 66 2/3 percent of it, 30 of 90 a third.
        allowed = of(Decimal("1000.00"), 17)
        assert [of(allowed, f"{days * 100}/90") for days in (60, 30)] == money("113.33", "56.67")


def _day(year: int) -> date:
    return date(year, 1, 1)
