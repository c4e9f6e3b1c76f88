"""A payer's own fees over claim lines, worked by hand: what two units, sides, percents and ranks make of a fee.

The rules are Medicare's (Pub. 100-04 ch. 12 sec. 40.6 to 40.8): both sides 150 percent of one, the second and further
procedure of a day 50 percent, an assistant at surgery 16 percent, a nurse practitioner 85 percent. An amount is the
exact product, rounded once for the line.
"""

from datetime import date
from decimal import Decimal as D

import numpy as np
import polars as pl
import pytest
from contracts.practices import claims, contract
from hypothesis import given, settings
from hypothesis import strategies as st
from pricing.claims import made_up

from feecalc.contracts.paying.claim_lines import ClaimContract
from feecalc.contracts.pricing import FACTORS
from feecalc.contracts.terms.fee_table import own_fee
from feecalc.installed import open_schedule
from feecalc.pricing.claims.eras import ReleaseDays

FACET = {"hcpcs": "64493"}


@pytest.fixture(scope="module")
def coverage(tmp_path_factory):
    return [ReleaseDays.of_year(open_schedule("2026C", home=tmp_path_factory.mktemp("home")).schedule)]


@pytest.fixture(scope="module")
def older(tmp_path_factory):
    """2025's, whose starter data hold an anesthesia factor."""
    return [ReleaseDays.of_year(open_schedule("2025D", home=tmp_path_factory.mktemp("home")).schedule)]


MADE_UP = [ReleaseDays.of_year(made_up.schedule())]
IN_MADE_UP = {"date_of_service": made_up.DAY, "mac": made_up.MAC, "locality": made_up.LOCALITY}


@pytest.fixture
def paid(coverage, tmp_path):
    """What a payer with these fees, and Medicare's rules but for ``terms``, pays for lines of one claim."""

    def price(fees, *rows, medicare=None, **terms):
        path = tmp_path / "fees.csv"
        path.write_text("hcpcs,modifier,amount\n" + "\n".join(fees) + "\n")
        priced = contract(fee_table={"path": str(path)}, lesser_of_billed="no", **terms)
        lines = claims(*({"claim_id": "a", "line": number, **row} for number, row in enumerate(rows, 1)))
        found = ClaimContract(priced, medicare or coverage).price(lines)
        assert set(found["contract_basis"].cast(str)) <= {"fee_table", "rule", "carve_out"}
        return [str(each) for each in found["contract_amount"]]

    return price


BOTH_SIDES = {
    "two units": [{"units": 2}],
    "modifier 50": [{"modifier_1": "50"}],
    "RT and LT on a line": [{"modifier_1": "RT", "modifier_2": "LT"}],
    "RT and LT on two lines": [{"modifier_1": "RT"}, {"modifier_1": "LT"}],
    "two units and a modifier that says no side": [{"units": 2, "modifier_1": "KX"}],
}


@pytest.mark.parametrize("rows", BOTH_SIDES.values(), ids=BOTH_SIDES)
def test_both_sides_pay_one_and_a_half_fees_however_they_are_billed(paid, rows):
    # 200 x 1.5
    found = paid(["64493,,200"], *({**FACET, **row} for row in rows))
    assert sum(map(D, found)) == D("300.00")


def test_both_sides_at_the_contracts_own_percent(paid):
    # 200 x 1.25, of two units as of modifier 50
    rules = {"bilateral": 125}
    assert paid(["64493,,200"], {**FACET, "units": 2}, rules=rules) == ["250.00"]
    assert paid(["64493,,200"], {**FACET, "modifier_1": "50"}, rules=rules) == ["250.00"]


def test_two_units_that_are_both_sides_already_or_each_in_full(paid):
    # bilateral indicator 2: the fee is for both sides; 3: each side pays in full, 2 x 40; 0: units are no sides, 2 x 60
    for code, fee, expected in (("SIDE2", 50, "50.00"), ("SIDE3", 40, "80.00"), ("SIDE0", 60, "120.00")):
        row = {**IN_MADE_UP, "hcpcs": code, "units": 2}
        assert paid([f"{code},,{fee}"], row, medicare=MADE_UP) == [expected]


def test_units_of_an_add_on_are_levels_not_sides(paid):
    # 64494 is "each additional": two levels, 2 x 100; it is never reduced
    found = paid(["64493,,200", "64494,,100"], FACET, {"hcpcs": "64494", "units": 2})
    assert found == ["200.00", "200.00"]


@pytest.mark.parametrize(
    ("fee", "units", "percents", "expected"),
    [
        ("100", 3, "medicare", "200.00"),  # 100 + 50 + 50
        ("190.39", 3, "medicare", "380.78"),  # 190.39 x 2, not 190.39 + 95.20 + 95.20
        ("0.01", 3, "medicare", "0.02"),  # 0.01 x 2
        ("10000", 3, "medicare", "20000.00"),
        ("100", 7, "medicare", "400.00"),  # 1 + 6 x 0.5: the sixth and later are never below 50 percent
        ("100.05", 3, ["100", "33.3"], "166.68"),  # 100.05 x 1.666 = 166.6833; by the unit 100.05 + 2 x 33.32
        ("99.99", 4, ["100", "50", "25"], "199.98"),  # 99.99 x 2
        ("100", 3, "none", "300.00"),
    ],
)
def test_units_above_two_add_up_to_the_product_rounded_once(paid, fee, units, percents, expected):
    rules = {"multiple_procedure": percents}
    assert paid([f"64493,,{fee}"], {**FACET, "units": units}, rules=rules) == [expected]


def test_a_fee_times_several_factors_is_rounded_once(paid):
    # 100.01 x 1.5 = 150.015 for both sides, of that 16 percent for the assistant: 24.0024; steps give 150.02 and 24.00
    row = {"hcpcs": "63030", "modifier_1": "50", "modifier_2": "80"}
    assert paid(["63030,,100.01"], row) == ["24.00"]
    # 100.03 x 1.5 x 0.5 = 75.0225; rounded at each step it is 150.05 and 75.03. 64635 ranks before it
    found = paid(["64635,,500", "64493,,100.03"], {"hcpcs": "64635"}, {**FACET, "modifier_1": "50"})
    assert found == ["500.00", "75.02"]


def test_a_second_side_that_ranks_second_pays_its_exact_part(paid):
    # SURG1 for both sides ranks first by Medicare's amounts (1,565.22 to 1,384.35); the pair of SURG3 is one procedure
    # at half: 10,000 and 5,000 halved. Medicare's second side is 461.45, whose half is no whole cent
    rows = [{"hcpcs": "SURG1", "modifier_1": "50"}, *({"hcpcs": "SURG3", "modifier_1": side} for side in ("RT", "LT"))]
    found = paid(["SURG1,,100", "SURG3,,10000"], *({**IN_MADE_UP, **row} for row in rows), medicare=MADE_UP)
    assert found == ["150.00", "5000.00", "2500.00"]


def test_a_row_with_a_modifier_holds_what_that_modifier_pays_and_no_more(paid):
    fees = ["63030,,1000", "63030,80,170", "63030,50,1600", "63030,59,900"]

    def of(*modifiers):
        told = {f"modifier_{number}": each for number, each in enumerate(modifiers, 1)}
        return paid(fees, {"hcpcs": "63030", **told})

    assert of("80") == ["170.00"]  # the row is the assistant's fee
    assert of("80", "50") == ["255.00"]  # the assistant's fee, both sides: 170 x 1.5
    assert of("50") == ["1600.00"]  # the row is the fee for both sides
    assert of("50", "80") == ["256.00"]  # of that the assistant's 16 percent
    assert of("59") == ["900.00"]
    assert of("59", "80") == ["144.00"]  # 59 pays nothing by itself: 900 x 0.16
    assert of("59", "50") == ["1350.00"]  # 900 x 1.5


def test_rows_for_each_side_are_fees_of_one_side(paid):
    rows = [{**FACET, "modifier_1": "RT"}, {**FACET, "modifier_1": "LT"}]
    # 200, and half of 220
    assert paid(["64493,RT,200", "64493,LT,220"], *rows) == ["200.00", "110.00"]


def test_units_do_not_multiply_an_anesthetic(paid, older):
    # time is in the minutes; QK takes half
    row = {"hcpcs": "01992", "units": 4, "minutes": 60, "date_of_service": date(2025, 11, 3)}
    assert paid(["01992,,400"], {**row, "modifier_1": "AA"}, medicare=older) == ["400.00"]
    assert paid(["01992,,400"], {**row, "modifier_1": "QK"}, medicare=older) == ["200.00"]


def test_a_practitioners_percent_is_taken_unless_the_contract_says_not(paid):
    row = {"hcpcs": "99214", "provider_type": "np"}
    assert paid(["99214,,150"], row) == ["127.50"]  # 150 x 0.85
    assert paid(["99214,,150"], row, rules={"practitioner_percent": False}) == ["150.00"]


def test_units_of_what_medicare_does_not_price_pay_a_fee_each(paid):
    # J3301 is no fee schedule code: no rule speaks of its units. 1.34 x 3
    assert paid(["J3301,,1.34"], {"hcpcs": "J3301", "units": 3}) == ["4.02"]


def test_a_carve_out_stays_what_it_is_for_each_unit(paid):
    carve_out = [{"hcpcs": "64493", "amount": "210"}]
    assert paid(["64493,,200"], {**FACET, "units": 2}, carve_out=carve_out) == ["420.00"]
    assert paid(["64493,,200"], {**FACET, "units": 3}, carve_out=carve_out) == ["630.00"]


def test_a_fee_of_millions_does_not_overflow():
    """Where the product passes 64 bits another arithmetic is used."""
    # 9,999,999.99 x 9,999 procedures x 1.5 x 0.12345678 x 0.85: beyond 64 bits before it is rounded
    factors = pl.DataFrame(
        [[D("1.5"), D("0.12345678"), 9999, 1, D("0.85")]],
        schema={
            "bilateral_factor": pl.Decimal(9, 4),
            "modifier_factor": pl.Decimal(12, 8),
            "procedures_paid": pl.Int64,
            "procedures_paid_of": pl.Int64,
            "practitioner_factor": pl.Decimal(9, 4),
        },
        orient="row",
    ).select(FACTORS)
    no = np.zeros(1, np.bool_)
    found = own_fee(np.array([999_999_999]), np.array([9999]), factors, no, no)
    exact = D(999_999_999) * 9999 * D("1.5") * D("0.12345678") * D("0.85")
    assert found.tolist() == [int(exact.quantize(D(1), "ROUND_HALF_UP"))]


# Not those under the OPPS cap, which is a ceiling of Medicare's own amounts.
CODES = sorted({row["hcpcs"] for row in made_up.ROWS if not row["hcpcs"].startswith("CAP")})
COMPONENTS = {(row["hcpcs"], row["modifier"]) for row in made_up.ROWS}
MODIFIERS = ("", "", "", "50", "RT", "LT", "26", "TC", "59", "80", "AS", "54", "55", "56", "62", "78", "52", "KX")
LINE = st.fixed_dictionaries(
    {
        "claim_id": st.sampled_from(["a", "b"]),
        "hcpcs": st.sampled_from(CODES),
        "modifier_1": st.sampled_from(MODIFIERS),
        "modifier_2": st.sampled_from(MODIFIERS),
        "place_of_service": st.sampled_from(["11", "22"]),
        "units": st.sampled_from([1, 1, 1, 2, 2, 3, 5]),
        "provider_type": st.sampled_from(["physician", "np"]),
    }
)


@pytest.fixture(scope="module")
def medicares_fees(tmp_path_factory):
    """A fee table of what Medicare pays for one unit of each code, component and place."""
    rows = [
        {**IN_MADE_UP, "hcpcs": code, "modifier_1": modifier, "place_of_service": place}
        for code, modifier in sorted(COMPONENTS)
        for place in ("11", "22")
    ]
    found = ClaimContract(contract(percent=100), MADE_UP, alone=True).price(claims(*rows))["contract_amount"]
    text = [
        f"{row['hcpcs']},{row['modifier_1']},{row['place_of_service']},{amount}"
        for row, amount in zip(rows, found, strict=True)
        if amount is not None
    ]
    path = tmp_path_factory.mktemp("fees") / "fees.csv"
    path.write_text("hcpcs,modifier,place_of_service,amount\n" + "\n".join(text) + "\n")
    return path


@pytest.fixture(scope="module")
def both(medicares_fees):
    """Medicare's amounts, and the same as a payer's own fees."""
    terms = contract(percent=100, fee_table={"path": str(medicares_fees)}, lesser_of_billed="no")
    return ClaimContract(contract(percent=100), MADE_UP), ClaimContract(terms, MADE_UP)


@settings(deadline=None, max_examples=150)
@given(rows=st.lists(LINE, min_size=1, max_size=8))
def test_medicares_fees_as_a_payers_own_pay_as_medicare_does(both, rows):
    """Apart by no more than Medicare's rounding of each procedure at each step, which a fee table has not."""
    lines = claims(*({**IN_MADE_UP, **row, "line": number} for number, row in enumerate(rows, 1)))
    medicare, own = (each.price(lines)["contract_amount"].to_list() for each in both)
    for row, left, right in zip(rows, medicare, own, strict=True):
        assert (left is None) == (right is None), row
        assert left is None or abs(left - right) <= D("0.03") * row["units"], (row, left, right)
