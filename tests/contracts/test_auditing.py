"""Each line's variance and its class, planted one by one."""

from datetime import date
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from contracts.payments import choices_of, claim_lines, trials_of, with_payments

from feecalc.contracts.audit.auditing import CLASSES, audit
from feecalc.contracts.contract import Basis, Contract, RuleTerms
from feecalc.errors import InvalidValue, MissingColumn
from feecalc.files.remittance import paid_columns, with_paid

DAY = date(2026, 7, 1)
LINES = claim_lines(80)
TRIALS = trials_of(LINES)
TERMS = Contract(payer="Gulf", percent=Decimal(125), lesser_of_billed="line")
EXPECTED = TRIALS.pay(TERMS)


def audited(cents, terms=TERMS, lines=LINES, **columns):
    """The classes and details of payments."""
    paid = with_payments(lines, cents).with_columns(**columns)
    return audit(terms, paid, lambda asked, part: trials_of(part).pay(asked), choices_of(lines, 8), day=DAY)


def at(code, only=None):
    """The lines of a code, or one of them."""
    found = np.flatnonzero((LINES["hcpcs"] == code).to_numpy())
    return found if only is None else found[only : only + 1]


def classes(found, lines):
    return set(found.lines["variance_class"].gather(lines)), set(found.lines["variance_detail"].gather(lines))


def test_what_is_paid_as_agreed_has_no_variance():
    found = audited(EXPECTED)
    assert found.by_class()["variance_class"].to_list() == ["as_expected"]
    assert found.variance == 0


def test_a_cent_does_not_matter_and_two_do():
    found = audited(EXPECTED + np.where(np.arange(len(EXPECTED)) % 2, 1, 0))
    assert found.by_class()["variance_class"].to_list() == ["as_expected"]
    wrong = EXPECTED.copy()
    wrong[at("62323", 0)] -= 2
    assert classes(audited(wrong), at("62323", 0))[0] == {"unexplained"}


def test_nothing_allowed_is_a_denial_with_its_reason():
    wrong = EXPECTED.copy()
    wrong[at("99213", 0)] = 0
    reason = pl.Series(["CO-50"] * LINES.height)
    kinds, says = classes(audited(wrong, payer_reason=reason), at("99213", 0))
    assert kinds == {"denial"}
    assert says == {"nothing allowed (CO-50)"}


def test_another_year_is_a_rate():
    old = TRIALS.pay(TERMS.model_copy(update={"basis": Basis(release="RVU25D")}))
    kinds, says = classes(audited(old), np.flatnonzero(old != EXPECTED))
    assert kinds == {"rate"}
    assert "2025, release RVU25D" in next(iter(says))


def test_another_percent_is_a_rate():
    visits = LINES["hcpcs"].str.starts_with("992").to_numpy()
    lower = np.where(visits, TRIALS.pay(TERMS.model_copy(update={"percent": Decimal(113)})), EXPECTED)
    kinds, says = classes(audited(lower), np.flatnonzero(visits))
    assert kinds == {"rate"}
    assert says == {"at 113 % of Medicare"}


def test_another_reading_of_a_rule_is_a_rule():
    other = TRIALS.pay(TERMS.model_copy(update={"rules": RuleTerms(multiple_procedure="none")}))
    changed = np.flatnonzero(other != EXPECTED)
    kinds, says = classes(audited(other), changed)
    assert len(changed)
    assert kinds == {"rule"}
    assert says == {"as with multiple procedure: no reduction"}


def test_half_of_what_was_expected_is_a_rule():
    wrong = EXPECTED.copy()
    wrong[at("72148", 0)] = (wrong[at("72148", 0)] + 1) // 2
    kinds, says = classes(audited(wrong), at("72148", 0))
    assert kinds == {"rule"}
    assert next(iter(says)).startswith("50 percent")


def test_coinsurance_is_the_patients_share_where_only_payments_are_known():
    wrong = EXPECTED.copy()
    chosen = at("20610", 0)
    wrong[chosen] = (wrong[chosen] * 8 + 5) // 10
    missing = pl.lit(None, pl.Decimal(12, 2))
    only_paid = {"payer_allowed": missing, "payer_paid": pl.col("payer_amount").cast(pl.Decimal(12, 2))}
    assert classes(audited(wrong, **only_paid), chosen)[0] == {"patient_share"}
    assert classes(audited(wrong), chosen)[0] == {"unexplained"}  # allowed that little, it is no share of the patient's


def test_parts_that_do_not_add_up_are_the_patients_share():
    short = {
        "payer_paid": pl.col("payer_allowed") - Decimal("30.00"),
        "patient_amount": pl.lit(Decimal("20.00"), pl.Decimal(12, 2)),
    }
    found = audited(EXPECTED, **short)
    assert set(found.lines["variance_class"]) == {"patient_share"}
    assert set(found.lines["variance"]) == {Decimal("-10.00")}


def test_a_fee_of_its_own_is_a_rate():
    wrong = EXPECTED.copy()
    wrong[at("27096")] = 20_000
    assert len(at("27096")) >= 3
    assert classes(audited(wrong), at("27096"))[0] == {"rate"}


def test_what_the_contract_does_not_price_is_not_judged():
    lines = LINES.with_columns(hcpcs=pl.lit("99070"))
    found = audited(np.full(LINES.height, 500), TERMS, lines)
    assert set(found.lines["variance_class"]) <= {"not_judged", "unexplained", "as_expected", "rate"}
    silent = audited(EXPECTED, Contract(payer="P", percent=None, carve_out=()), LINES)
    assert set(silent.lines["variance_class"]) == {"not_judged"}
    assert silent.lines["variance"].null_count() == LINES.height


def test_variances_add_up_over_the_classes():
    draw = np.random.default_rng(5)
    wrong = (EXPECTED * draw.choice([0, 50, 93, 100, 100, 104], len(EXPECTED))) // 100
    found = audited(wrong)
    assert found.variance == Decimal(int((wrong - EXPECTED).sum())).scaleb(-2)
    assert found.by_class()["lines"].sum() == LINES.height
    assert set(found.by_class()["variance_class"]) <= set(CLASSES)


def test_columns_of_a_remittance():
    assert paid_columns(["CPT", "Allowed Amt", "Ins Paid", "Patient Resp", "CARC"]) == {
        "payer_allowed": "Allowed Amt",
        "payer_paid": "Ins Paid",
        "patient_amount": "Patient Resp",
        "payer_reason": "CARC",
    }
    with pytest.raises(MissingColumn, match="payer_allowed: Allowed"):
        paid_columns(["CPT", "Charge"])
    with pytest.raises(InvalidValue, match="2 columns could be payer_paid"):
        paid_columns(["Paid", "Payment"])


def test_paid_and_the_patients_part_are_what_was_allowed():
    lines = pl.DataFrame({"input:Paid": ["80.00", "(5.00)"], "input:PR": ["20.00", ""]})
    found = with_paid(lines, {"payer_paid": "Paid", "patient_amount": "PR"})
    assert found["payer_amount"].to_list() == [Decimal("100.00"), Decimal("-5.00")]
