"""Every reading of a contract's silence: the true one is among them, and its words say what its terms do."""

import tomllib
from datetime import date
from decimal import Decimal

import pytest
from contracts.payments import choices_of, claim_lines, schedules, trials_of, volume
from hypothesis import given, settings
from hypothesis import strategies as st

from feecalc.contracts.contract import Basis, Contract, RuleTerms
from feecalc.contracts.files.tables import contract_of
from feecalc.contracts.pricing import VolumeContracts
from feecalc.contracts.readings import clauses, price_readings, question, readings, unspecified_clauses
from feecalc.contracts.trials import VolumeTrials
from feecalc.files.toml import Places
from feecalc.installed import releases_at_hand, schedules_at_hand

DAY = date(2026, 7, 1)
PRACTICE = volume([("99213", 98, 100), ("64493", 42), ("64635", 21, 300), ("72148", 12), ("J3301", 50, 12)])
SILENT = Contract(payer="Silent", percent=Decimal(120))
CHOICES = choices_of(PRACTICE, 8)


def worth(contract, rows=PRACTICE, most=600):
    return price_readings(contract, VolumeTrials(rows, VolumeContracts(schedules()[1])).pay, CHOICES, most=most)


def paid(contract, rows=PRACTICE):
    priced = VolumeContracts(schedules()[1]).price(contract, rows)
    return sum((amount * units for amount, units in priced.select("contract_amount", "units").iter_rows() if amount))


TOGETHER = worth(SILENT)


@settings(max_examples=30, deadline=None)
@given(
    release=st.sampled_from(["current", "RVU25D", "RVU26C"]),
    locality=st.sampled_from(["own", "national", "09102-03", "09102-99"]),
    qp=st.booleans(),
    lesser=st.sampled_from(["line", "no"]),
    sequestration=st.booleans(),
)
def test_the_true_reading_is_among_them(release, locality, qp, lesser, sequestration):
    year = {"year": "current"} if release == "current" else {"release": release}
    true = SILENT.model_copy(
        update={
            "basis": Basis(locality=locality, qp=qp, **year),
            "lesser_of_billed": lesser,
            "rules": RuleTerms(sequestration=sequestration),
        }
    )
    assert TOGETHER.left_out == 0
    assert paid(true) in set(TOGETHER.together["revenue"])
    assert TOGETHER.lowest <= paid(true) <= TOGETHER.highest


def test_the_first_reading_is_the_contract_as_it_is_priced():
    assert TOGETHER.revenue == paid(SILENT)
    assert all(each.taken.difference == 0 for each in TOGETHER.clauses)


def test_dollars_of_a_clause_worked_by_hand():
    """Sequestration: 2 % of the plan's 80 %, 1.6 % of each amount, rounded to the cent by the unit."""
    amount = (schedules()[1].price("64493", locality="09102-04").allowed_amount * Decimal("1.2")).quantize(
        Decimal("0.01")
    )
    cut = (amount * Decimal("0.016")).quantize(Decimal("0.01"))
    found = worth(SILENT, volume([("64493", 10)]))
    clause = next(each for each in found.clauses if each.clause == "sequestration")
    assert clause.at_stake == 10 * cut
    assert clause.lowest.reading.sentence.startswith("Payments are reduced by the percent")


def test_what_is_said_is_not_asked():
    said = SILENT.model_copy(update={"basis": Basis(year="current", locality="own", qp=False, gpci_floor=True)})
    assert unspecified_clauses(said, DAY) == [
        "multiple_procedure", "bilateral", "site_of_service", "practitioner_percent", "lesser_of_billed",
        "without_medicare_price", "sequestration",
    ]  # fmt: skip
    assert set(unspecified_clauses(SILENT, DAY)) == set(clauses(DAY))


def test_a_year_without_its_quarter_is_read_as_its_releases():
    loose = SILENT.model_copy(update={"basis": Basis(year=2025)})
    assert [each.name for each in readings("release", loose, CHOICES)] == ["RVU25D"]
    assert worth(loose).revenue == paid(loose)


def test_rules_over_several_lines_show_in_claims():
    lines = claim_lines(60, groups=[["63030", "64493"]])
    found = price_readings(SILENT, trials_of(lines).pay, choices_of(lines, 3))
    clause = next(each for each in found.clauses if each.clause == "multiple_procedure")
    none = next(each for each in clause.readings if each.reading.name == "none")
    assert none.difference > 0


def test_too_many_readings_together_are_left_out_and_counted():
    found = worth(SILENT, most=10)
    assert found.together.height <= 10
    assert found.left_out > 0


@pytest.mark.parametrize("clause", clauses(DAY))
def test_each_reading_has_its_words_and_an_entry_that_means_its_terms(clause):
    assert question(clause, DAY).endswith("?")
    found = readings(clause, SILENT, CHOICES)
    assert found[0].default
    assert sum(each.default for each in found) == 1
    for each in found:
        assert each.sentence.endswith(".")
        assert "{" not in each.sentence + each.meaning
        if each.default and clause == "bilateral":
            continue  # Medicare's percent, which the model has as None
        told = contract_of({"payer": "Silent", "percent": 120, **tomllib.loads(each.entry)}, Places("entry"))
        assert told.filled() == each.terms(SILENT).filled(), each


def test_the_releases_at_hand_are_the_starter_s_where_none_is_installed(tmp_path):
    assert releases_at_hand(tmp_path) == ["RVU25D", "RVU26C"]  # oldest first
    assert releases_at_hand(tmp_path, most=1) == ["RVU26C"]
    assert [each.release.name for each in schedules_at_hand(tmp_path)] == ["RVU25D", "RVU26C"]
