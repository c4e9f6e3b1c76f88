"""What is solved for, priced again, pays the target."""

from datetime import date
from decimal import Decimal

import pytest
from contracts.payments import schedules, volume
from hypothesis import given, settings
from hypothesis import strategies as st

from feecalc.contracts import solving
from feecalc.contracts.amounts import FixedAmounts
from feecalc.contracts.contract import Basis, Contract
from feecalc.contracts.pricing import VolumeContracts
from feecalc.contracts.solving import solve, solve_categories
from feecalc.contracts.terms import carve_out, escalator, percent
from feecalc.contracts.terms.carve_out import CarveOut
from feecalc.contracts.terms.category import CategoryTerm
from feecalc.contracts.terms.escalator import Escalator
from feecalc.contracts.trials import VolumeTrials
from feecalc.errors import InvalidValue

PRACTICE = volume([("99213", 980), ("99214", 1450), ("64493", 420), ("62323", 260), ("20610", 350), ("72148", 120)])
TERMS = Contract(
    payer="Gulf",
    percent=Decimal(125),
    category=(
        CategoryTerm(name="visits", codes=("99202-99215",), percent=Decimal(110)),
        CategoryTerm(name="spine", codes=("62320-64999",), percent=Decimal(130)),
    ),
)


def trials(rows=PRACTICE):
    return VolumeTrials(rows, VolumeContracts(schedules()[1]))


def revenue(rows=PRACTICE):
    return solving.revenue_of(trials(rows))


def paid(contract, rows=PRACTICE):
    """What the pricing itself says, row by row. [USD]"""
    priced = VolumeContracts(schedules()[1]).price(contract, rows)
    return sum(
        (amount * units for amount, units in priced.select("contract_amount", "units").iter_rows() if amount),
        Decimal(0),
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 40_000))
def test_the_percent_of_a_revenue_pays_that_revenue(hundredths):
    target = paid(TERMS.model_copy(update={"percent": Decimal(hundredths).scaleb(-2)}))
    found = solve(TERMS, percent.solvable(TERMS), target, revenue())
    assert found.exact is not None
    assert found.exact.revenue == target == paid(found.exact.contract)


def test_where_no_percent_pays_it_the_two_beside_it_are_told():
    target = paid(TERMS) + Decimal("0.01")  # a hundredth of a percent is worth dollars here
    found = solve(TERMS, percent.solvable(TERMS), target, revenue())
    assert found.exact is None
    assert found.below.values == (Decimal("125.00"),)
    assert found.above.values == (Decimal("125.01"),)
    assert found.below.off == Decimal("-0.01")
    assert paid(found.below.contract) < target < paid(found.above.contract)
    assert found.nearest is found.below


def test_a_volume_worked_by_hand():
    """64493 in Miami: 10 units. At 100 % it pays 10 x M; the target is 10 x M, so the percent is 100."""
    rows = volume([("64493", 10)])
    amount = schedules()[1].price("64493", locality="09102-04").allowed_amount
    plain = Contract(payer="P", percent=Decimal(80))
    found = solve(plain, percent.solvable(plain), 10 * amount, revenue(rows))
    assert found.exact.values == (Decimal("100.00"),)
    assert found.now == 80


def test_charges_that_are_the_ceiling_are_said():
    rows = volume([("99213", 10, 50)])
    plain = Contract(payer="P", percent=Decimal(80))
    with pytest.raises(InvalidValue, match="charges or other terms are the ceiling"):
        solve(plain, percent.solvable(plain), Decimal(501), revenue(rows))
    reached = solve(plain, percent.solvable(plain), Decimal(500), revenue(rows))
    assert reached.exact.revenue == 500


def test_a_term_that_changes_nothing_is_said():
    with pytest.raises(InvalidValue, match="changes nothing"):
        solve(TERMS, carve_out.solvable(TERMS, "27447"), Decimal(1), revenue())


def test_categories_take_one_percent_or_the_same_points():
    target = paid(TERMS) * Decimal("1.05")
    target = target.quantize(Decimal("0.01"))
    one = solve_categories(TERMS, ["visits", "spine"], target, revenue())
    assert len({term.percent for term in one.nearest.contract.category}) == 1
    points = solve_categories(TERMS, ["Visits", "spine"], target, revenue(), by_points=True)
    visits, spine = points.nearest.contract.category
    assert spine.percent - visits.percent == 20
    assert visits.percent - 110 == points.nearest.values[0]


def test_percents_of_three_categories_that_differ_reach_it_to_the_cent():
    terms = TERMS.model_copy(
        update={
            "category": (*TERMS.category, CategoryTerm(name="joints", codes=("20600-20611",), percent=Decimal(100)))
        }
    )
    target = Decimal("500000.00")
    found = solve_categories(terms, ["visits", "spine", "joints"], target, revenue())
    assert found.exact is None
    assert found.by_category is not None
    assert paid(found.by_category.contract) == target
    assert max(found.by_category.values) - min(found.by_category.values) < 2


def test_a_category_that_is_not_there_is_named():
    with pytest.raises(InvalidValue, match="no category 'drugs' in the contract"):
        solve_categories(TERMS, ["drugs"], Decimal(1), revenue())


def test_a_carve_out_worked_by_hand():
    """120 units of the MRI: 12,000 more than without them is 100.00 each."""
    without = paid(TERMS.model_copy(update={"carve_out": (CarveOut(hcpcs="72148", amount=Decimal(0)),)}))
    found = solve(TERMS, carve_out.solvable(TERMS, "72148"), without + 12_000, revenue())
    assert found.exact.values == (Decimal("100.00"),)
    assert paid(found.exact.contract) == without + 12_000


def test_an_escalator_is_found_again():
    terms = TERMS.model_copy(update={"escalator": Escalator(percent=Decimal("2.35"), first_applied=date(2025, 1, 1))})
    target = paid(terms)
    now = terms.model_copy(update={"escalator": Escalator(percent=Decimal(0), first_applied=date(2025, 1, 1))})
    found = solve(now, escalator.solvable(now, date(2026, 7, 1), now.payer), target, revenue())
    assert found.exact is not None
    assert paid(found.exact.contract) == target


def test_an_escalator_not_yet_applied_is_said():
    with pytest.raises(InvalidValue, match="first applied on 2030-01-01"):
        escalator.solvable(TERMS, date(2026, 7, 1), TERMS.payer, date(2030, 1, 1))
    with pytest.raises(InvalidValue, match="first applied on; give that day"):
        escalator.solvable(TERMS, date(2026, 7, 1), TERMS.payer)


def test_an_effective_percent_of_current_medicare():
    beside, medicare = solving.revenue_beside_medicare(trials())
    at_par = Contract(payer="P", percent=Decimal(90), basis=Basis(year="current"), lesser_of_billed="no")
    target = solving.effective_target(Decimal(100), medicare)
    found = solve(at_par, percent.solvable(at_par), target, beside)
    assert found.exact.values == (Decimal("100.00"),)
    assert found.exact.revenue * 100 == medicare


def test_lines_of_fixed_amounts_are_looked_for_once_a_set(monkeypatch):
    """No percent changes which line has a carve-out; another code's carve-out does. 10 units of 64493 at 250.00."""
    looked, match = [], FixedAmounts.match

    def counted(table, lines, component):
        looked.append(table.keys)
        return match(table, lines, component)

    monkeypatch.setattr(FixedAmounts, "match", counted)
    rows = volume([("64493", 10), ("99213", 10), ("62323", 10)])
    terms = TERMS.model_copy(update={"carve_out": (CarveOut(hcpcs="64493", amount=Decimal(250)),)})
    tried = trials(rows)
    found = solve_categories(terms, ["visits", "spine"], paid(terms, rows) + 100, solving.revenue_of(tried))
    assert paid(found.nearest.contract, rows) == found.nearest.revenue
    assert len(looked) == 3  # of the solver, and of pricing twice beside it
    assert tried.pay(terms)[0] == 10 * 250_00
    other = terms.model_copy(update={"carve_out": (CarveOut(hcpcs="99213", amount=Decimal("80.50")),)})
    assert tried.pay(other)[1] == 10 * 80_50
    assert tried.pay(other)[0] != 10 * 250_00
    dearer = terms.model_copy(update={"carve_out": (CarveOut(hcpcs="64493", amount=Decimal(251)),)})
    assert tried.pay(dearer)[0] == 10 * 251_00
