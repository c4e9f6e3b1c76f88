"""A contract planted in generated payments is found again, and what cannot be told is said to be unsure."""

from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from contracts.payments import choices_of, claim_lines, noisy, trials_of, with_payments
from hypothesis import given, settings
from hypothesis import strategies as st

from feecalc.contracts.contract import Basis, Contract, RuleTerms
from feecalc.contracts.inference.amount_ranges import AmountRanges, after_cut
from feecalc.contracts.inference.evidence import Evidence
from feecalc.contracts.inference.fingerprint import infer
from feecalc.contracts.terms.carve_out import CarveOut
from feecalc.contracts.terms.category import CategoryTerm

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


def test_sequestration_taken_off_is_told_from_a_lower_percent():
    taken, _ = planted(Contract(payer="T", percent=Decimal(120), rules=RuleTerms(sequestration=True)))
    assert taken.sure, taken.unsure
    assert (reading(taken, "sequestration").reading, reading(taken, "sequestration").verdict) == ("taken", "sure")
    assert taken.percent == 120
    not_taken, _ = planted(Contract(payer="T", percent=Decimal(120)))
    assert (reading(not_taken, "sequestration").reading, not_taken.percent) == ("not taken", Decimal(120))


def test_before_the_cut_of_1_6_percent():
    """1000 less 16.00 is 984.00; 1.6 percent of 999.99 is 16.00 as well, and leaves 983.99."""
    lines = with_payments(LINES.head(1), np.array([98_400]))
    reach = AmountRanges.of(Evidence.of(lines), 0, with_cut=True)
    assert (int(reach.least[0]), int(reach.most[0])) == (100_000, 100_000)
    assert after_cut(np.array([99_999, 100_000]), reach.cut).tolist() == [98_399, 98_400]


def test_a_carve_out_is_found_where_medicare_pays_its_lines_differently():
    fee = CarveOut(hcpcs="20610", amount=Decimal("210.00"))
    found, _ = planted(Contract(payer="T", percent=Decimal(125), carve_out=(fee,), lesser_of_billed="no"))
    assert found.sure, found.unsure
    assert [(each.hcpcs, each.amount, each.verdict) for each in found.fixed] == [("20610", Decimal("210.00"), "sure")]


def test_a_carve_out_of_lines_of_one_price_may_be_a_percent_as_well():
    lines = claim_lines(localities=("04",)).with_columns(place_of_service=pl.lit("11"))
    fee = CarveOut(hcpcs="72148", amount=Decimal("410.00"))
    found, _ = planted(Contract(payer="T", percent=Decimal(125), carve_out=(fee,)), lines, trials_of(lines))
    assert [(each.hcpcs, each.verdict) for each in found.fixed] == [("72148", "alike")]


@pytest.mark.parametrize("way", ["line", "claim", "no"])
def test_the_ceiling_of_the_line_is_told_from_that_of_the_claim(way):
    charges = np.random.default_rng(4).integers(9_000, 90_000, LINES.height)
    billed = pl.Series("billed_amount", charges).cast(pl.Int128).reinterpret(dtype=pl.Decimal(12, 2))
    lines = LINES.with_columns(billed)
    found, _ = planted(Contract(payer="T", percent=Decimal(125), lesser_of_billed=way), lines, trials_of(lines))
    told = reading(found, "lesser_of_billed")
    assert (told.reading, told.verdict) == (way, "sure")


def test_charges_above_every_price_do_not_tell_a_ceiling():
    found, _ = planted(Contract(payer="T", percent=Decimal(125)))
    told = reading(found, "lesser_of_billed")
    assert (told.verdict, {told.reading, *told.alike}) == ("alike", {"line", "claim", "no"})


@settings(max_examples=8, deadline=None)
@given(
    percent=st.integers(18, 40).map(lambda number: Decimal(5 * number)),
    release=st.sampled_from([None, "RVU25D"]),
    sequestration=st.booleans(),
    carved=st.sampled_from([(), (CarveOut(hcpcs="62323", amount=Decimal(640)),)]),
)
def test_what_is_called_sure_pays_what_was_planted(percent, release, sequestration, carved):
    """A fifth of the lines is noise; of codes that it does not speak for nothing is said."""
    truth = Contract(
        payer="T", percent=percent, basis=Basis(release=release), carve_out=carved, lesser_of_billed="no",
        rules=RuleTerms(sequestration=sequestration),
    )  # fmt: skip
    found, _ = planted(truth)
    assert found.sure, found.unsure
    spoken_for = ~LINES["hcpcs"].is_in([code[:5] for code in found.open_codes]).to_numpy()
    assert spoken_for.mean() > 0.9
    assert np.abs(TRIALS.pay(found.contract) - TRIALS.pay(truth))[spoken_for].max() <= 1
