"""A modifier on a code that it is not for: the line says so, and what it pays is not changed in silence."""

from __future__ import annotations

import pytest
from pricing.claims import made_up
from pricing.claims.cases.form import line
from pricing.claims.random_claims import claims_frame

from feecalc.edits.coding.questions import rule_of_note
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.claims.results import NOTE_BITS

ASKED = (
    Note.FILM_ELSEWHERE, Note.FILM_NOT_TAKEN, Note.FIRST_BILL, Note.ASSISTANT_WITHOUT_PLAN,
    Note.ANESTHESIA_MODIFIER_ELSEWHERE, Note.THERAPY_BY_MODIFIER,
)  # fmt: skip


# 71046 is an X-ray; 70450 a CT scan of CMS's list (ch. 13 sec. 20.2.4), 70551 an MRI: indicator 4 (RVU25D.pdf). MINO2
# is a surgery with co-surgeon indicator 0, SURG4 one with 1 and team indicator 0 (ch. 12 sec. 40.8.C.4).
@pytest.mark.parametrize(
    ("given", "note"),
    [
        (line("71046", "FX"), Note(0)), (line("71046", "TC", "FY"), Note(0)),
        (line("70551", "FX"), Note.FILM_ELSEWHERE),
        (line("70450", "FY"), Note.FILM_ELSEWHERE), (line("CARD1", "FX"), Note.FILM_ELSEWHERE),
        (line("70450", "CT"), Note(0)), (line("70551", "TC", "CT"), Note.FILM_NOT_TAKEN),
        (line("71046", "CT"), Note.FILM_NOT_TAKEN), (line("71046", "FX", place="22"), Note(0)),
        (line("MINO2", "62"), Note.FIRST_BILL), (line("SURG4", "62"), Note(0)), (line("SURG4", "66"), Note.FIRST_BILL),
        (line("THER1", "CQ", "GP"), Note(0)), (line("THER1", "CQ", "GO"), Note.ASSISTANT_WITHOUT_PLAN),
        (line("SURG1", "CO"), Note.ASSISTANT_WITHOUT_PLAN), (line("VISIT", "GO", "CO"), Note(0)),
        (line("00790", "QK", minutes=30), Note(0)), (line("SURG1", "QK"), Note.ANESTHESIA_MODIFIER_ELSEWHERE),
        # SWALL has two amounts, and is not always therapy as THER9 is (indicator 5); nor is a surgery with GP
        (line("SWALL", "GN", place="24"), Note.THERAPY_BY_MODIFIER), (line("SWALL", "GN"), Note(0)),
        (line("SURG4", "GP", place="24"), Note.THERAPY_BY_MODIFIER), (line("THER9", "GP", place="24"), Note(0)),
        (line("VISIT", "AD"), Note.ANESTHESIA_MODIFIER_ELSEWHERE), (line("VISIT", "AA"), Note(0)),
    ],
)  # fmt: skip
def test_it_is_said(given, note):
    lines = claims_frame([{**given, "line": 1}])
    (bits,) = ClaimPricer([ReleaseDays.of_year(made_up.schedule())]).price(lines, (NOTE_BITS,))[NOTE_BITS].to_list()
    assert Note(bits or 0) & Note(sum(ASKED)) == note


def test_each_is_a_question_of_the_check():
    assert set(ASKED) <= set(rule_of_note())
