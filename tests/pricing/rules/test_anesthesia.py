"""What is said of anesthesia lines: minutes read from units, who gave it, and the session's receipt."""

from __future__ import annotations

import pytest
from pricing.claims import made_up
from pricing.claims.cases.form import line
from pricing.claims.random_claims import claims_frame

from feecalc.edits.coding.questions import rule_of_note
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.claims.explanation import explain
from feecalc.pricing.claims.results import NOTE_BITS


def pricer() -> ClaimPricer:
    return ClaimPricer([ReleaseDays.of_year(made_up.schedule())])


def notes(*lines) -> list[Note]:
    frame = claims_frame({"line": at, **each} for at, each in enumerate(lines, 1))
    return [Note(bits or 0) for bits in pricer().price(frame, (NOTE_BITS,))[NOTE_BITS].to_list()]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (line("00790", "AA", units=95), Note.MINUTES_IN_UNITS),  # professional 9
        (line("00790", "AA", units=95, minutes=95), Note(0)),
        (line("00790", minutes=95), Note.ANESTHESIA_MODIFIER_MISSING),  # professional 13
        (line("00790", "QS", minutes=95), Note.ANESTHESIA_INFORMATIONAL_ALONE),
        (line("00790", "GC", "QS", minutes=95), Note.ANESTHESIA_INFORMATIONAL_ALONE),
        (line("00790", "AA", "GC", minutes=95), Note(0)),
        (line("01953", "AA", units=3), Note(0)),
        (line("SURG1", "AA"), Note(0)),
    ],
)
def test_what_is_doubtful_is_said(given, expected):
    assert notes(given) == [expected]


def test_the_line_of_a_session_says_so_and_whether_its_modifiers_differ():
    alike = notes(line("00790", "QK", minutes=95), line("00840", "QK", minutes=30))
    unlike = notes(line("00790", "QK", minutes=95), line("00840", "AA", minutes=30))
    assert alike == [Note.ANESTHESIA_SESSION, Note(0)]
    assert unlike == [Note.ANESTHESIA_SESSION | Note.ANESTHESIA_MODIFIERS_DIFFER, Note(0)]


@pytest.mark.parametrize(
    ("modifier", "provider_type", "is_asked"),
    [
        ("AS", "physician", True), ("AS", "", True), ("AS", "pa", False),
        ("80", "np", True), ("80", "physician", False),
        ("AJ", "physician", True), ("AJ", "csw", False), ("SA", "", True), ("SA", "np", False),
        ("QK", "crna", True), ("QX", "crna", False),
    ],
)  # fmt: skip
def test_a_modifier_of_another_biller_is_asked_about(modifier, provider_type, is_asked):
    """Professional 13: AS of a physician, 80 of a practitioner, AJ or SA without a provider type."""
    (found,) = notes(line("SURG1", modifier, provider_type=provider_type))
    assert bool(found & Note.BILLER_DOUBTFUL) == is_asked


def test_what_is_doubtful_is_a_question_of_a_check():
    asked = rule_of_note()
    assert {
        Note.MINUTES_IN_UNITS, Note.ANESTHESIA_MODIFIER_MISSING, Note.ANESTHESIA_INFORMATIONAL_ALONE,
        Note.ANESTHESIA_MODIFIERS_DIFFER, Note.BILLER_DOUBTFUL,
    } <= set(asked)  # fmt: skip
    assert Note.ANESTHESIA_SESSION not in asked


def test_a_receipt_names_the_minutes_of_the_session_and_its_source():
    lines = [line("00790", "AA", minutes=95), line("00840", "AA", minutes=30)]
    first, second = explain(pricer(), claims_frame({"line": at, **each} for at, each in enumerate(lines, 1)))
    (time,) = (step for step in first.basis if step.name == "time units")
    assert time.detail == "125 minutes of the session, 95 of this line, 15 minutes a unit"
    assert (time.value, "sec. 50.E" in time.source) == ("8.3", True)
    (step,) = second.steps[1:]
    assert "sec. 50.E" in step.source
    assert "one payment" in step.detail


def test_a_receipt_names_the_modifier_that_is_doubtful():
    (found,) = explain(pricer(), claims_frame([{**line("SURG1", "AS"), "line": 1}]))
    assert any(note.startswith("AS: AS is for a physician assistant") for note in found.notes)


def test_the_order_of_lines_and_claims_of_others_change_nothing():
    base = [line("00840", "AA", minutes=30), line("00790", "AA", minutes=95), line("00790", "QZ", minutes=10)]
    others = [{**each, "claim_id": "B"} for each in base]
    frame = claims_frame({"line": at, **each} for at, each in enumerate([*base, *others], 1))
    shuffled = frame.sample(fraction=1.0, shuffle=True, seed=5)
    keys = ["claim_id", "line", "allowed_amount"]
    priced = [made_up.schedule().price_claims(each.lazy()).collect() for each in (frame, shuffled)]
    one, other = (each.sort("claim_id", "line").select(keys) for each in priced)
    assert one.equals(other)
