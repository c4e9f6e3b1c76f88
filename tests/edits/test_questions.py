"""What pricing assumed of a line reaches a check as a question, with the words of pricing's own note."""

from dataclasses import replace

import polars as pl
from edits.made_up import checked, lines, schedule, tables

from feecalc.edits.checking import check
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.rules.order import NOTES

RULE = "assistant_needs_documentation"


def with_indicator(indicator: str) -> ClaimPricer:
    """Prices by the schedule of the edits' tests, every code with one assistant indicator."""
    made = schedule()
    rvu = made.rvu.with_columns(assistant_indicator=pl.lit(indicator))
    return ClaimPricer([ReleaseDays.of_year(replace(made, rvu=rvu))])


def test_a_note_of_pricing_is_a_question_in_its_own_words():
    found = check(lines("MAJOR-80", "OTHER"), with_indicator("0"), tables(), policies=())
    asked = found.found.filter(pl.col("rule") == RULE)
    assert asked.select("line", "severity").rows() == [(1, "warns")]
    assert asked["detail"].item() == f"MAJOR with 80: {NOTES[Note.ASSISTANT_DOCUMENTATION]}"
    assert "note_bits" not in found.priced.columns


def test_without_the_note_nothing_is_asked():
    assert RULE not in checked("MAJOR-80").found["rule"].to_list()  # indicator 2: an assistant is paid


def test_a_question_is_asked_of_what_is_paid_beside_the_denied_lines():
    # PRIM1 denies TESTS (pair, indicator 0); the assistant's question on MAJOR stays
    found = check(lines("PRIM1", "TESTS", "MAJOR-80"), with_indicator("0"), tables(), policies=())
    assert set(found.found.select("line", "rule").rows()) >= {(2, "ncci_pair_never"), (3, RULE)}
