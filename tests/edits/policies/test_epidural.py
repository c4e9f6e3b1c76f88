"""Epidural injections: what the articles were read to say is asked by name, and nothing of it denies."""

from datetime import date

import pytest
from edits.policies.claim_lines import frame, line, told

from feecalc.edits.checking import check_policies as find
from feecalc.edits.policies.documentation import not_looked_at, unchecked
from feecalc.edits.policies.loading import shipped_policies


def rules(*lines, **more):
    found = find(frame(*lines), **more)
    assert set(found["severity"]) <= {"warns"}
    return told(found)


@pytest.mark.parametrize(
    "lines",
    [
        [line("62323")],
        [line("62321")],
        [line("64483", "RT"), line("64484", "RT")],
        [line("64483", "50"), line("64484", "50")],
        [line("64479"), line("64480")],
    ],
)
def test_within_the_limits_nothing_is_asked(lines):
    assert rules(*lines) == []


def test_three_levels():
    # 64483 is level 1 on the right, two of 64484 are levels 2 and 3: one of the two is over
    found = find(frame(line("64483", "RT"), line("64484", "RT", units=2)))
    assert told(found) == [(1, "levels_partly_over_limit")]
    assert found.select("share_lost", "share_of").rows() == [(1, 2)]
    assert "1 of the 2 injections of 64484" in found["detail"][0]
    assert found["source"][0].startswith("assumed; ")
    assert rules(line("64483"), line("64484", units=2)) == [(1, "levels_unclear")]  # its side is not said


def test_two_regions_of_a_day():
    assert rules(line("64483"), line("64479")) == [(1, "regions_over_limit")]
    assert rules(line("62323"), line("64479", date_of_service=date(2026, 3, 3))) == []


def test_one_level_between_the_laminae():
    assert rules(line("62323", units=2)) == [(0, "units_over_day")]


def test_a_fifth_session_of_the_region_whatever_the_approach():
    days = [date(2025, month, 10) for month in (4, 6, 8, 10)]
    codes = ["62323", "64483", "62323", "64483"]
    before = [line(code, date_of_service=day, claim_id=str(day)) for code, day in zip(codes, days, strict=True)]
    assert rules(*before, line("62323")) == [(4, "sessions_over_limit")]
    assert rules(*before, line("62321")) == []
    assert rules(line("62323"), history=frame(*before)) == [(0, "sessions_over_limit")]


def test_sedation():
    assert rules(line("62323"), line("99152")) == [(1, "sedation")]


def test_before_its_first_day_nothing_is_said():
    before = date(2022, 6, 18)
    assert rules(line("62323", date_of_service=before), line("62321", date_of_service=before)) == []


def test_the_diagnosis_is_said_to_be_not_looked_at():
    """62323 with Z00.00 is not clean: no list of diagnoses is here to judge it by."""
    lines = frame(line("62323", diagnosis_1="Z00.00"), line("99213"), line("64493", "KX"))
    assert "list of diagnoses comes with it" not in " / ".join(unchecked(lines))  # the line says it
    missed = not_looked_at(lines, history=frame(line("99213")))
    assert missed.select("row", "what", "mend").rows() == [
        (0, "no_list", "give your contractor's list of diagnoses: --diagnoses epidural=FILE")
    ]


def test_what_else_is_not_looked_at_line_by_line():
    lines = frame(line("64493", "KX", diagnosis_1="", beneficiary_id=""), line("64635"), line("99213"))
    missed = not_looked_at(lines, [policy for policy in shipped_policies() if policy.key == "facet_joint"])
    assert missed.select("row", "what").rows() == [
        (0, "no_diagnosis"), (0, "no_history"), (0, "no_patient"), (1, "no_history"),
    ]  # fmt: skip
