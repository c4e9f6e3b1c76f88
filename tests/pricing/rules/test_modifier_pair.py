"""Every two modifiers of the matrix on one line: priced, priced with a question, or refused by name."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import combinations

import polars as pl
import pytest
from pricing.claims import made_up
from pricing.claims.cases.form import line
from pricing.claims.oracle_line import CONTRADICTIONS
from pricing.claims.random_claims import claims_frame

from feecalc import reference
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.claims.explanation import explain
from feecalc.pricing.claims.results import NOTE_BITS
from feecalc.pricing.claims.rules import ClaimRules

MATRIX = (
    "22", "50", "51", "52", "53", "54", "55", "56", "58", "62", "66", "76", "77", "78", "79", "80", "81", "82", "AS",
    "26", "TC",
)  # fmt: skip
PAYMENT_OF_ANESTHESIA = ("AA", "AD", "QK", "QX", "QY", "QZ")  # one of them on a line: ch. 12 sec. 50.I
# What no text forbids and is doubtful: ch. 12 sec. 40.4 has no payment for 56; sec. 20.4.3 names 80, 81, 82 or AS.
DOUBTFUL = {
    frozenset(pair.split("+"))
    for pair in (
        "22+55", "22+56", "50+56", "51+56", "55+58", "55+79", "56+58", "56+79", "56+62", "56+66", "80+AS", "81+AS",
        "82+AS", "80+81", "80+82", "81+82",
    )
}
# Read in the manual, ch. 12: 40.4.B (54 with 55 or 56), 40.2.A.6 (58 with 78), 40.8.A (62, 66 with an assistant);
# 50.I (anesthesia); RVU25D.pdf, field Modifier (26 with TC). The others are refused by assumption.
BY_A_TEXT = {frozenset(pair) for pair in (("54", "55"), ("54", "56"), ("58", "78"), ("26", "TC"))} | {
    frozenset((surgeon, assistant)) for surgeon in ("62", "66") for assistant in ("80", "81", "82", "AS")
} | {frozenset(pair) for pair in combinations(PAYMENT_OF_ANESTHESIA, 2)}
# Ch. 18 sec. 60.1.1 (33, PT); IOCE edit 102 (CT, FX, FY); ch. 5 sec. 20.1 (plans of care, assistants); MM8863 (59).
OF_ONE_KIND = (
    ("33", "PT"), ("FX", "FY"), ("CT", "FX"), ("CT", "FY"), ("GN", "GO"), ("GN", "GP"), ("GO", "GP"), ("CO", "CQ"),
    ("59", "XE"), ("59", "XP"), ("59", "XS"), ("59", "XU"),
)  # fmt: skip
DOUBTFUL |= set(map(frozenset, OF_ONE_KIND))
ALL_PAIRS = (*combinations(MATRIX, 2), *combinations(PAYMENT_OF_ANESTHESIA, 2), *OF_ONE_KIND)
WHOLE = Decimal("500.00")


def pricer(rules: ClaimRules | None = None) -> ClaimPricer:
    """Prices a code that takes every modifier of the matrix: its indicators allow all, and it has 26 and TC rows."""
    surgery = next(each for each in made_up.ROWS if each["hcpcs"] == "SURG5")
    allows = {**surgery, "team_indicator": "2", "cosurgeon_indicator": "2", "pctc_indicator": "1", "hcpcs": "ANYMD"}
    made = made_up.schedule()
    rows = [{**allows, "modifier": modifier} for modifier in ("", "26", "TC", "53")]
    rvu = pl.concat([made.rvu, pl.DataFrame(rows, schema=made.rvu.schema)])
    return ClaimPricer([ReleaseDays.of_year(replace(made, rvu=rvu))], rules or ClaimRules())


PAIRS = [pair for one, two in ALL_PAIRS for pair in ((one, two), (two, one))]


@pytest.fixture(scope="module")
def priced() -> dict[tuple[str, str], dict]:
    lines = [{**line("ANYMD", *pair), "claim_id": "-".join(pair), "line": 1} for pair in PAIRS]
    columns = ("pricing_status", "reason", "allowed_amount", NOTE_BITS)
    found = pricer().price(claims_frame(lines), columns).to_dicts()
    return dict(zip(PAIRS, found, strict=True))


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_two_modifiers_on_one_line(pair, priced):
    found, both = priced[pair], frozenset(pair)
    if both in CONTRADICTIONS:
        assert found["pricing_status"] == "modifier_does_not_apply"
        assert found["allowed_amount"] is None
        assert {word for word in pair if word in found["reason"].partition(" contradict each other")[0]} == both
        return
    not_computed = "66" in pair or both in ({"53", "26"}, {"53", "TC"})  # by report; 53 has a row of the whole only
    if not_computed:
        assert found["pricing_status"] == ("by_report" if "66" in pair else "contractor_priced")
    else:
        assert found["pricing_status"] == "priced"
        assert bool((found[NOTE_BITS] or 0) & Note.MODIFIERS_DOUBTFUL) == (both in DOUBTFUL)
        bilateral = 2 if "50" in pair and "78" not in pair else 1
        assert found["allowed_amount"] <= (WHOLE if bilateral == 1 else WHOLE * Decimal("1.5"))  # no share passes it


def test_a_pair_stands_in_one_row():
    listed = [
        frozenset((one, two))
        for row in reference.rows("modifier_pair") for one in row["modifiers"] for two in row["beside"]
    ]  # fmt: skip
    assert sorted(map(sorted, listed)) == sorted(map(sorted, set(map(frozenset, ALL_PAIRS))))


def test_what_is_refused_by_assumption_can_be_left_out():
    pairs = sorted(map(sorted, CONTRADICTIONS))
    lines = [{**line("ANYMD", *pair), "claim_id": "-".join(pair), "line": 1} for pair in pairs]
    found = pricer(ClaimRules(modifier_pairs=False)).price(claims_frame(lines), ("reason",))["reason"]
    still = {
        frozenset(pair) for pair, reason in zip(pairs, found, strict=True) if "contradict each other" in (reason or "")
    }
    assert still == BY_A_TEXT


def test_a_receipt_names_the_doubtful_pair():
    (found,) = explain(pricer(), claims_frame([{**line("ANYMD", "80", "AS"), "line": 1}]))
    assert any(note.startswith("80 with AS: ") for note in found.notes)
