"""Which lines are of one claim: the claim's name, and whose it is."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from feecalc.pricing.claims.arrays.vocabulary import Vocabulary
from feecalc.pricing.claims.columns import present
from feecalc.pricing.claims.line_arrays import LineArrays, as_numbers


def numbers_of(claims, patients):
    lines = {
        "claim_id": pl.Series(claims, dtype=pl.String), "line": 1, "date_of_service": date(2026, 7, 1),
        "hcpcs": "99213", "modifier_1": "", "modifier_2": "", "place_of_service": "11", "mac": "1", "locality": "1",
        "units": 1, "beneficiary_id": pl.Series(patients, dtype=pl.String),
    }  # fmt: skip
    words = Vocabulary.of([])
    return LineArrays.of(present(pl.DataFrame(lines)), words, as_numbers(words)).claims


@pytest.mark.parametrize(
    ("claims", "patients"),
    [
        ("AABBC", "     "),  # in order
        ("BBAAC", "     "),  # together, not in order
        ("ABABC", "     "),  # apart
        ("AABBA", "PPPPQ"),  # a name that two patients' claims have
        ("ABAAB", "PPQPP"),
        ("AAAAA", "PPQQP"),
        ("AAABB", "P P  "),  # one without a patient is no line of the patient's claim
    ],
)
def test_lines_of_one_name_and_patient_are_one_claim(claims, patients):
    patients = [each.strip() for each in patients]
    claims = list(claims)
    named = [(bool(patient), patient or claim, claim) for claim, patient in zip(claims, patients, strict=True)]
    found = numbers_of(claims, patients)
    assert [[a == b for b in found] for a in found] == [[a == b for b in named] for a in named]


def test_in_any_order():
    chance = np.random.default_rng(5)
    claims = [f"C{each}" for each in chance.integers(9, size=300)]
    patients = [f"P{each}" if each else "" for each in chance.integers(4, size=300)]
    named = [(patient, claim) for claim, patient in zip(claims, patients, strict=True)]
    found = numbers_of(claims, patients)
    assert len(set(zip(found.tolist(), named, strict=True))) == len(set(named)) == len(set(found.tolist()))


def test_of_no_lines():
    assert not len(numbers_of([], []))
