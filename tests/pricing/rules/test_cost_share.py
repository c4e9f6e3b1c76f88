"""What patients pay: what is left of a deductible, by dated rows, on a receipt, and without what is assumed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations

import polars as pl
import pytest
from pricing.claims import made_up
from pricing.claims.cases import line
from pricing.claims.oracle_rules import cost_share
from pricing.claims.random_claims import claims_frame

from feecalc import reference
from feecalc.edits.coding.questions import rule_of_note
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.claims.explanation import explain
from feecalc.pricing.claims.results import NOTE_BITS
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.rules.cost_share import terms_of_lines, terms_on

LEFT = Decimal("150.00")
CENT = Decimal("0.01")


def test_what_the_earlier_day_took_is_not_left_for_the_later_one():
    """Sequestration changed on April 1, 2022: the two days are priced apart. 150.00 is left before the claim."""
    coverage = [ReleaseDays(made_up.schedule(), date(2022, 1, 1), date(2022, 12, 31))]
    days = (date(2022, 4, 1), date(2022, 3, 31))  # the later one stands first
    lines = [
        {**line("VISIT", deductible_left=LEFT), "date_of_service": day, "line": at} for at, day in enumerate(days, 1)
    ]
    later, earlier = ClaimPricer(coverage).price(pl.DataFrame(lines, infer_schema_length=None)).rows(named=True)
    assert earlier["allowed_amount"] < LEFT < 2 * earlier["allowed_amount"]
    assert earlier["patient_share"] == earlier["allowed_amount"]  # all of it to the deductible
    left = LEFT - earlier["allowed_amount"]
    coinsurance = ((later["allowed_amount"] - left) * 20 / 100).quantize(CENT, ROUND_HALF_UP)
    assert later["patient_share"] == left + coinsurance
    assert (earlier["sequestration"], later["sequestration"] > 0) == (0, True)


# 45385 is 500.00, 30.00 of the deductible is left: 30.00 and 20 percent of 470.00 are the patient's. PT pays 15 percent
# in 2025, of all of it, and nothing of the deductible (SSA 1833(b) and (dd)), beside 33 too; 33 pays nothing at all.
@pytest.mark.parametrize(
    ("modifiers", "patient"), [("", "124.00"), ("PT", "75.00"), ("33", "0.00"), ("PT 33", "75.00")]
)
def test_the_deductible_is_taken_where_the_row_says_so(modifiers, patient):
    assert patient_share(modifiers) == Decimal(patient)


# The rows turned round: 30.00 and 15 percent of 470.00 of PT, 30.00 alone of 33, 20 percent of 500.00 of the others.
@pytest.mark.parametrize(("modifiers", "patient"), [("", "100.00"), ("PT", "100.50"), ("33", "30.00")])
def test_and_not_where_it_says_not(modifiers, patient, monkeypatch):
    read = reference.rows
    rows = tuple({**row, "deductible": not row["deductible"]} for row in read("coinsurance"))
    monkeypatch.setattr(reference, "rows", lambda name: rows if name == "coinsurance" else read(name))
    reference._rows_on.cache_clear()
    try:
        assert patient_share(modifiers) == Decimal(patient)
    finally:
        reference._rows_on.cache_clear()


def patient_share(modifiers):
    own = {**line("45385", *modifiers.split(), deductible_left=Decimal("30.00")), "line": 1}
    pricer = ClaimPricer([ReleaseDays(made_up.schedule(), made_up.DAY, made_up.DAY)])
    return pricer.price(pl.DataFrame([own], infer_schema_length=None))["patient_share"].item()


def test_a_code_stands_in_one_row_of_a_day():
    rows = [row for row in reference.rows("cost_share") if "codes" in row]
    for one, other in combinations(rows, 2):
        if one["kind"] == other["kind"] and set(one["codes"]) & set(other["codes"]):
            first, second = sorted((one, other), key=lambda row: row["effective_from"])
            assert first.get("effective_to", date.max) < second["effective_from"], (one, other)


CODES = sorted({code for row in reference.rows("cost_share") for code in row.get("codes", ())} | {"99213", "45385"})


@pytest.mark.parametrize("modifiers", [(), ("33",), ("PT",), ("33", "PT")], ids=lambda each: "-".join(each) or "none")
@pytest.mark.parametrize("visit", ["G0438", "45380"])
@pytest.mark.parametrize("day", [date(2024, 12, 31), date(2025, 10, 15), date(2026, 8, 3), date(2027, 1, 1)], ids=str)
def test_every_code_with_33_and_pt_as_the_judge_has_it(day, visit, modifiers):
    """Each code on a claim beside a wellness visit, or beside a procedure."""
    named = {f"modifier_{at}": each for at, each in enumerate(modifiers, 1)}
    own = pl.DataFrame([{"claim_id": code, "hcpcs": code, **named} for code in CODES])
    beside = pl.DataFrame({"claim_id": CODES, "hcpcs": [visit] * len(CODES)})
    terms = terms_on(day)
    found = terms_of_lines(pl.concat([own, beside], how="diagonal"), terms)
    percents = terms.rates[found] / 100
    for code, percent, takes in zip(CODES, percents, terms.takes_deductible[found], strict=False):
        judged = cost_share(code, modifiers, day, [code, visit], turned="PT" in modifiers)
        assert (percent, takes) == judged, code


# 99153 is sedation, of which CMS's text says 33 and PT; a visit is no place for PT, and of 33 on it no text speaks.
@pytest.mark.parametrize(
    ("code", "modifier", "note"),
    [
        ("45385", "PT", Note(0)), ("00811", "PT", Note(0)), ("VISIT", "PT", Note.SCREENING_ELSEWHERE),
        ("G0105", "PT", Note.SCREENING_ELSEWHERE), ("71046", "PT", Note.SCREENING_ELSEWHERE),
        ("VISIT", "33", Note.PREVENTIVE_ASSUMED), ("45385", "33", Note.PREVENTIVE_ASSUMED),
        ("G0439", "33", Note(0)), ("99497", "33", Note(0)),
    ],
)  # fmt: skip
def test_a_modifier_of_the_share_on_another_code_is_said(code, modifier, note):
    lines = claims_frame([{**line(code, modifier, minutes=30), "line": 1}])
    (bits,) = ClaimPricer([ReleaseDays.of_year(made_up.schedule())]).price(lines, (NOTE_BITS,))[NOTE_BITS].to_list()
    asked = Note.SCREENING_ELSEWHERE | Note.PREVENTIVE_ASSUMED
    assert Note(bits or 0) & asked == note
    assert {Note.SCREENING_ELSEWHERE, Note.PREVENTIVE_ASSUMED} <= set(rule_of_note())


def test_33_of_which_no_text_speaks_can_be_left_out():
    lines = claims_frame([{**line("VISIT", "33"), "line": 1}])
    shares = [
        ClaimPricer([ReleaseDays.of_year(made_up.schedule())], rules).price(lines)["patient_share"].item()
        for rules in (ClaimRules(), ClaimRules(assumed_preventive=False))
    ]
    assert shares == [Decimal("0.00"), Decimal("20.00")]  # 20 percent of 100.00


def test_what_is_assumed_can_be_left_out():
    # that medical nutrition therapy is free of the share is assumed, that the wellness visit is comes from the manual
    made = made_up.schedule()
    visit = made.rvu.filter(pl.col("hcpcs") == "G0439")
    rvu = pl.concat([made.rvu, visit.with_columns(hcpcs=pl.lit("97802"))])
    lines = claims_frame([{**line("97802"), "line": 1}, {**line("G0439"), "line": 2}])
    shares = [
        ClaimPricer([ReleaseDays.of_year(replace(made, rvu=rvu))], rules).price(lines)["patient_share"].to_list()
        for rules in (ClaimRules(), ClaimRules(assumed_preventive=False))
    ]
    assert shares == [[Decimal("0.00"), Decimal("0.00")], [Decimal("29.42"), Decimal("0.00")]]  # 147.09 x 20 percent


def test_a_receipt_names_the_rule_and_its_source():
    lines = [line("G0439", deductible_left=LEFT), line("G0106"), line("45385", "PT"), line("45380"), line("VISIT")]
    pricer = ClaimPricer([ReleaseDays.of_year(made_up.schedule())])
    told = explain(pricer, claims_frame({**each, "line": at} for at, each in enumerate(lines, 1)))
    steps = [next(step for step in each.payment if step.name == "coinsurance") for each in told]
    assert [step.factor for step in steps] == [f"less {percent} percent" for percent in (0, 20, 15, 15, 20)]
    assert steps[0].detail.endswith("$0.00: no coinsurance and no deductible for this code")
    assert steps[1].detail.endswith(": coinsurance, and no deductible for this code")
    assert steps[2].detail.endswith(": modifier PT")
    assert steps[3].detail.endswith(": a line of the claim and day has modifier PT")
    assert ["140.5" in steps[0].source, "60.1.1" in steps[1].source, "60.1.1" in steps[3].source] == [True] * 3
    assert steps[4].source.startswith("SSA 1833(a)(1)")
