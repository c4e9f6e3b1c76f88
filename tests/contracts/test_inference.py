"""A contract planted in generated payments is found again, and what cannot be told is said to be unsure."""

from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from contracts.payments import choices_of, claim_lines, noisy, trials_of, with_payments

from feecalc.contracts.contract import Basis, CategoryTerm, Contract, RuleTerms
from feecalc.contracts.inference.evidence import Evidence
from feecalc.contracts.inference.fingerprint import infer

LINES = claim_lines()
TRIALS = trials_of(LINES)
NOISE = 0.20


def planted(contract, lines=LINES, trials=TRIALS, noise=NOISE):
    """What is inferred from the payments of a contract, some of them made wrong; and which are."""
    cents, changed = noisy(trials.pay(contract), noise)
    evidence = Evidence.of(with_payments(lines, cents))
    return infer("planted", evidence, trials.pay, choices_of(lines)), changed


def reading(found, clause):
    return next(each for each in found.findings if each.clause == clause)


@pytest.mark.parametrize(
    ("terms", "release", "locality", "factor", "several"),
    [
        ({"percent": "125"}, "RVU26C", "own", "other", "medicare"),
        ({"percent": "117.5", "basis": Basis(release="RVU25D")}, "RVU25D", "own", None, "medicare"),
        ({"percent": "131.27", "basis": Basis(qp=True, locality="national")}, "RVU26C", "national", "qp", "medicare"),
        ({"percent": "140", "basis": Basis(locality="09102-99")}, "RVU26C", "09102-99", "other", "medicare"),
        ({"percent": "110", "rules": RuleTerms(multiple_procedure="none")}, "RVU26C", "own", "other", "none"),
    ],
)
def test_a_planted_contract_is_found_at_a_fifth_of_noise(terms, release, locality, factor, several):
    truth = Contract(payer="T", lesser_of_billed="no", **terms)
    found, changed = planted(truth)
    assert found.sure, found.unsure
    assert found.percent == truth.percent
    first = reading(found, "release")
    assert release in (first.reading, *first.alike)
    assert reading(found, "locality").reading == locality
    assert reading(found, "multiple_procedure").reading == several
    if factor:
        assert reading(found, "conversion_factor").reading == factor
    assert (found.explained & ~changed).sum() >= 0.99 * (~changed).sum()
    assert np.array_equal(TRIALS.pay(found.contract), TRIALS.pay(truth))


def test_a_category_with_its_own_percent_is_found():
    visits = CategoryTerm(name="visits", codes=("99202-99215",), percent=Decimal(108))
    found, _ = planted(Contract(payer="T", percent=Decimal(135), category=(visits,)))
    assert found.sure, found.unsure
    assert found.percent == 135
    assert found.categories == (("visits", Decimal(108)),)


def test_charges_as_a_ceiling_are_found():
    lines = claim_lines(charge="150.00")
    found, _ = planted(Contract(payer="T", percent=Decimal(125)), lines, trials_of(lines), 0.0)
    assert found.percent == 125
    assert found.contract.lesser_of_billed == "line"


@pytest.mark.parametrize("groups", [[["99213"]], [["99213"], ["20610"]]])
def test_few_services_are_not_enough(groups):
    lines = claim_lines(groups=groups, localities=("04",)).with_columns(place_of_service=pl.lit("11"))
    found, _ = planted(Contract(payer="T", percent=Decimal("117.43")), lines, trials_of(lines), 0.0)
    assert not found.sure
    assert any("different services" in reason for reason in found.unsure)


def test_payments_without_a_pattern_are_not_read_into():
    found, _ = planted(Contract(payer="T", percent=Decimal(125)), noise=1.0)
    assert not found.sure
    assert any("of the lines are explained" in reason for reason in found.unsure)


def test_a_base_that_is_not_at_hand_is_not_made_up():
    """Amounts by another year's values: each code off by its own few percent, as no base here has them."""
    cents = TRIALS.pay(Contract(payer="T", percent=Decimal(120)))
    codes = LINES["hcpcs"].rank("dense").to_numpy()
    other_year = cents * (100 + codes % 7 - 3) // 100
    found = infer("T", Evidence.of(with_payments(LINES, other_year)), TRIALS.pay, choices_of(LINES))
    assert not found.sure


def test_what_pays_alike_is_told_as_alike():
    found, _ = planted(Contract(payer="T", percent=Decimal(125)))
    release = reading(found, "release")
    assert {release.reading, *release.alike} == {"current", "RVU26C"}
