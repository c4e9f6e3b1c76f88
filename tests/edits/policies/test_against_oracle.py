"""The engine against the plain one of ``oracle``, on made claims; and what must hold of any finding."""

import random
from datetime import date, timedelta

import polars as pl
import pytest
from edits.policies.claim_lines import frame, line, told
from edits.policies.oracle import judge
from hypothesis import given, settings
from hypothesis import strategies as st

from feecalc.edits.checking import check_policies as find
from feecalc.edits.policies.documentation import documentation, unchecked

CODES = ["64490", "64491", "64492", "64493", "64494", "64495", "64633", "64634", "64635", "64636"]
OTHERS = ["77003", "77012", "76942", "0213T", "0217T", "99213", "20610", "99152", "99153"]
START = date(2025, 1, 31)


def made(random_source, lines):
    pick = random_source.choice
    return [
        line(
            pick(CODES * 2 + OTHERS),
            pick(["", "", "RT", "LT", "50", "59"]),
            pick(["", "", "KX", "KX", "XU"]),
            claim_id=pick("ABC"),
            date_of_service=START + timedelta(days=pick([0, 0, 13, 14, 28, 29, 90, 180, 181, 200, 300, 365, 366, 420])),
            beneficiary_id=pick(["", "A", "P", "P", "P", "Q"]),
            billing_npi=pick(["", "1", "1", "2"]),
            place_of_service=pick(["11", "19", "22", "24"]),
            mac=pick(["09102", "15202", "06102"]),
            units=pick([1, 1, 1, 1, 2, 3]),
            purpose=pick(["", "", "", "diagnostic", "therapeutic"]),
            diagnosis_1=pick(["", "M47.816", "M47.812", "M51.26", "M48.061", "m47815"]),
            diagnosis_2=pick(["", "", "M54.59", "M50.20"]),
        )
        for _ in range(lines)
    ]


@pytest.mark.parametrize("seed", range(40))
def test_random_claims(seed):
    source = random.Random(seed)
    lines = made(source, source.choice([1, 3, 8, 40, 120]))
    assert told(find(frame(*lines))) == judge(lines)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.builds(
            lambda code, side, mark, days, units: line(
                code, side, mark, date_of_service=START + timedelta(days=days), units=units
            ),
            st.sampled_from(CODES[3:6] + CODES[8:] + ["77003"]),
            st.sampled_from(["", "RT", "LT", "50"]),
            st.sampled_from(["", "KX"]),
            st.sampled_from([0, 1, 100, 364, 365, 366, 500]),
            st.integers(1, 3),
        ),
        max_size=12,
    )
)
def test_any_claims(lines):
    assert told(find(frame(*lines))) == judge(lines)


def test_many_sessions_of_few_patients():
    source = random.Random(7)
    lines = [
        line(
            source.choice(["64493", "64635"]),
            source.choice(["", "KX"]),
            date_of_service=START + timedelta(days=source.randrange(1500)),
            beneficiary_id=source.choice("PQR"),
        )
        for _ in range(400)
    ]
    assert told(find(frame(*lines))) == judge(lines)


@pytest.mark.parametrize("seed", range(20))
def test_the_line_taken_off_takes_its_finding_along(seed):
    lines = made(random.Random(1000 + seed), 12)
    for place, _ in told(find(frame(*lines))):
        rest = lines[:place] + lines[place + 1 :]
        assert told(find(frame(*rest))) == judge(rest)


@pytest.mark.parametrize("seed", range(10))
def test_lines_of_other_codes_change_nothing(seed):
    lines = made(random.Random(2000 + seed), 20)
    more = [each for own in lines for each in (own, line("99213", diagnosis_1="M51.26"))]
    assert told(find(frame(*more))) == [(2 * place, rule) for place, rule in told(find(frame(*lines)))]


@pytest.mark.parametrize("seed", range(5))
def test_every_finding_says_all(seed):
    lines = frame(*made(random.Random(3000 + seed), 80))
    found = find(lines)
    assert found.null_count().drop("allowed_instead", "share_lost", "share_of").sum_horizontal().item() == 0
    for name in ("detail", "remedy", "source"):
        assert (found[name].str.len_chars() > 10).all()
        assert not found[name].str.contains(r"[{}]|None|  ").any()
    assert documentation(lines).height > 0
    assert unchecked(lines)


@pytest.mark.parametrize("seed", [5, 6, 7, 8])
def test_history_is_as_if_the_lines_stood_in_the_file(seed):
    source = random.Random(seed)
    lines = [each | {"beneficiary_id": "P"} for each in made(source, 60)]
    days = [each["date_of_service"] for each in lines]
    cut = sorted(days)[30]
    early = [each for each in lines if each["date_of_service"] < cut]
    late = [each for each in lines if each["date_of_service"] >= cut]
    judged = judge(early + late, with_history=True, of_history=len(early))
    together = {rule_place for rule_place in judged if rule_place[0] >= len(early)}
    assert {(place + len(early), rule) for place, rule in told(find(frame(*late), history=frame(*early)))} == together


def test_an_empty_file_and_null_cells():
    assert find(frame()).height == 0
    assert documentation(frame()).height == 0
    bare = frame(line("64493", date_of_service=None, units=None, beneficiary_id=None, claim_id=None))
    assert find(bare).height == 0
    assert find(pl.DataFrame({"claim_id": ["A"], "date_of_service": [START], "hcpcs": ["64493"]})).height == 0
