"""Random claims of every kind: each edit finds what a slow one in plain Python finds, line by line."""

import random
from datetime import date

import polars as pl
import pytest
from edits import oracle
from edits.made_up import CODES, add_ons_found, found_by, lines, pricer, tables

from feecalc.edits.checking import check, denied, denied_rows
from feecalc.edits.coding import (
    complexity,
    duplicates,
    laterality,
    modifiers,
    notices,
    required_modifiers,
    visits,
    visits_of_day,
    without_npi,
)
from feecalc.edits.ncci import pairs, units

EDITS = [
    (pairs, oracle.pairs), (units, oracle.units), (laterality, oracle.sides), (modifiers, oracle.modifiers),
    (visits, oracle.visits), (complexity, oracle.complexity), (duplicates, oracle.duplicates),
    (required_modifiers, oracle.needed), (notices, oracle.notices), (visits_of_day, oracle.visits_of_day),
    (without_npi, oracle.npis_not_known),
]  # fmt: skip
DAYS = [date(2024, 12, 31), date(2025, 1, 1), date(2025, 6, 30), date(2025, 7, 1), date(2025, 7, 2), date(2025, 7, 12),
        date(2025, 9, 29), date(2019, 6, 30), date(2019, 7, 1), date(2025, 6, 2), date(2025, 6, 3)]  # fmt: skip
MODIFIERS = [*[""] * 12, "59", "25", "57", "24", "50", "RT", "LT", "F5", "F6", "51", "80", "26", "TC", "XS", "76", "54",
             "33", "62", "78", "79", "55", "GP", "GO", "CQ", "CO", "AT", "GA", "GZ", "KX", "FT"]  # fmt: skip


def some_claims(chance, patients):
    frames = []
    for patient in range(patients):
        days = chance.sample(DAYS, chance.choice([1, 1, 2, 3]))
        named = chance.random() < 0.8
        physicians = [
            {"rendering_npi": chance.choice(["", "N1", "R1", "R2"]), "specialty": chance.choice(["", "20", "2", "02"])}
            for _ in range(chance.choice([1, 2, 3]))
        ]
        if chance.random() < 0.4:
            physicians = [{"rendering_npi": "", "specialty": ""}]
        for number in range(chance.randint(1, 3)):
            for place in range(chance.choice([1, 2, 3, 4, 6, 70 if chance.random() < 0.02 else 5])):
                code = "-".join([
                    chance.choice([code for code, *_ in CODES] + ["NOSUC", "97110", "97165", "98940"]),
                    *[each for each in (chance.choice(MODIFIERS), chance.choice(MODIFIERS)) if each],
                ])  # fmt: skip
                frames.append({
                    "claim_id": f"C{patient}-{number}", "line": place + 1, "code": code,
                    "units": chance.choice([1, 1, 1, 2, 3, 5]),
                    "date_of_service": chance.choice(days), "beneficiary_id": f"B{patient}" if named else "",
                    "billing_npi": chance.choice(["N1", "N1", "N2", ""]),
                    **chance.choice(physicians),
                })  # fmt: skip
    whole = lines(*[f"{each['code']} x{each['units']}" for each in frames])
    others = [name for name in frames[0] if name not in ("code", "units", "line")]
    whole = whole.with_columns(pl.Series(name, [each[name] for each in frames]) for name in others)
    return whole.with_columns(pl.Series("line", [each["line"] for each in frames], dtype=pl.Int32))


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("mixed", [False, True])
def test_every_edit(seed, mixed):
    chance = random.Random(seed)
    claims = some_claims(chance, 25)
    if mixed:  # a patient's lines apart from each other
        claims = claims.sample(fraction=1, shuffle=True, seed=seed)
    plain = oracle.with_physicians(claims.to_dicts())
    for fast, slow in EDITS:
        found = found_by(fast.RULES, claims, tables())
        assert set(found.select("row", "rule").rows()) == slow(plain), slow.__name__
        assert found.height == found.unique(["row", "rule"]).height
    assert set(add_ons_found(claims, tables()).select("row", "rule").rows()) == oracle.add_ons(plain)
    findings = check(claims, pricer(), tables(), policies=())
    assert denied(claims, pricer(), tables(), policies=()).equals(denied_rows(findings))


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("bill", ["asc", "hospital"])
def test_pairs_and_units_of_a_facility(seed, bill):
    """Which line's modifiers count, and how many units, turn on the kind of bill."""
    claims = some_claims(random.Random(500 + seed), 40)
    plain = oracle.of_one_facility(claims.to_dicts())
    for fast, slow in EDITS[:2]:
        found = found_by(fast.RULES, claims, tables(), bill=bill)
        assert set(found.select("row", "rule").rows()) == slow(plain, bill), slow.__name__


@pytest.mark.parametrize("seed", range(12))
def test_taking_off_what_is_denied(seed):
    """Nothing raises; the same claims give the same findings; and without the denied lines nothing new is denied but
    add-ons and their like whose primary went, until nothing is denied at all."""
    claims = some_claims(random.Random(1000 + seed), 12)
    first = check(claims, pricer(), tables(), policies=())
    assert first.found.equals(check(claims, pricer(), tables(), policies=()).found)
    left = claims
    for _ in range(10):
        findings = check(left, pricer(), tables(), policies=())
        rows = denied_rows(findings)
        if not len(rows):
            break
        gone = set(rows)
        for row in rows.to_list()[:5]:  # each by itself: its own finding goes with it
            without = left.with_row_index("was").filter(pl.col("was") != row)
            again = check(without.drop("was"), pricer(), tables(), policies=()).found
            assert row not in set(without["was"].gather(again["row"]))
        left = left.with_row_index("was").filter(~pl.col("was").is_in(list(gone))).drop("was")
    assert not len(denied_rows(check(left, pricer(), tables(), policies=())))
