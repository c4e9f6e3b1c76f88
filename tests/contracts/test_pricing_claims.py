"""Contracts over claim lines: against Medicare's own run, and worked by hand."""

from datetime import date
from decimal import Decimal as D

import polars as pl
import pytest
from contracts.practices import claims, contract
from hypothesis import given, settings
from hypothesis import strategies as st

from feecalc.contracts.contract import Contract
from feecalc.contracts.paying.claim_lines import ClaimContract
from feecalc.installed import open_schedule
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.claims.rules import ClaimRules

CODES = ("99213", "99214", "64493", "64494", "64635", "64636", "20610", "72148", "97110", "97140", "45380", "45385",
         "J3301", "99070", "00000", "01992")  # fmt: skip
MODIFIERS = ("", "", "", "50", "RT", "LT", "26", "59", "80", "GP", "XX", "52")


@pytest.fixture(scope="module")
def coverage(tmp_path_factory):
    return [ReleaseDays.of_year(open_schedule("2026C", home=tmp_path_factory.mktemp("home")).schedule)]


def priced(coverage, terms, *rows):
    return ClaimContract(terms, coverage).price(claims(*rows))


LINE = st.fixed_dictionaries(
    {
        "claim_id": st.sampled_from(["a", "b", "c"]),
        "date_of_service": st.sampled_from([date(2026, 7, 1), date(2026, 7, 2), date(2025, 7, 1)]),
        "hcpcs": st.sampled_from(CODES),
        "modifier_1": st.sampled_from(MODIFIERS),
        "place_of_service": st.sampled_from(["11", "24", "21", "99"]),
        "units": st.sampled_from([0, 1, 1, 1, 2, 3]),
        "provider_type": st.sampled_from(["physician", "np"]),
        "billed_amount": st.one_of(st.none(), st.integers(1, 90_000).map(lambda cents: D(cents) / 100)),
    }
)


@settings(deadline=None, max_examples=150)
@given(rows=st.lists(LINE, min_size=1, max_size=12))
def test_one_hundred_percent_of_current_medicare_is_medicare_line_by_line(coverage, rows):
    lines = claims(*({**row, "line": number} for number, row in enumerate(rows, 1)))
    # a contract holds each line's charge against that line; Medicare has the charges for two sides together
    medicare = ClaimPricer(coverage, ClaimRules(pair_charges_together=False)).price(lines)
    found = ClaimContract(Contract.at(100), coverage).price(lines)
    assert found["contract_amount"].to_list() == medicare["allowed_amount"].to_list()
    assert found["pricing_status"].cast(str).to_list() == medicare["pricing_status"].cast(str).to_list()
    without_reason = found.filter(pl.col("contract_amount").is_null() & (pl.col("contract_reason").fill_null("") == ""))
    assert not without_reason.height


@settings(deadline=None, max_examples=100)
@given(rows=st.lists(LINE, min_size=1, max_size=12), percent=st.integers(50, 300))
def test_a_claim_that_is_held_to_its_charge_pays_it_to_the_cent(coverage, rows, percent):
    lines = claims(*({**row, "line": number} for number, row in enumerate(rows, 1)))
    terms = contract(percent=percent, lesser_of_billed="claim")
    found = lines.select("claim_id", "billed_amount").hstack(ClaimContract(terms, coverage).price(lines).get_columns())
    sums = found.group_by("claim_id").agg(
        pl.col("billed_amount").null_count().alias("open"),
        pl.col("billed_amount").sum().alias("billed"),
        pl.col("before_charge_amount").sum().alias("before"),
        pl.col("contract_amount").sum().alias("paid"),
        (pl.col("contract_amount") > pl.col("before_charge_amount")).any().alias("rises"),
    )
    for row in sums.iter_rows(named=True):
        assert row["paid"] == (row["before"] if row["open"] else min(row["before"], row["billed"]))
        assert not row["rises"]


def test_several_lines_of_a_day_follow_medicares_rules_before_the_percent(coverage):
    # Miami: 20610 at 77.03 ranks first; 20605's 62.54 is halved: 31.27; x 1.2 = 92.436 and 37.524
    rows = [{"claim_id": "a", "line": 1, "hcpcs": "20610"}, {"claim_id": "a", "line": 2, "hcpcs": "20605"}]
    found = priced(coverage, contract(percent=120, lesser_of_billed="no"), *rows)
    assert found["contract_amount"].to_list() == [D("92.44"), D("37.52")]
    free = contract(percent=100, rules={"multiple_procedure": "none"})
    whole = priced(coverage, free, *rows)["contract_amount"].to_list()
    assert whole[0] == D("77.03")
    assert whole[1] in (D("62.53"), D("62.54"), D("62.55"))


def test_a_carve_out_is_paid_for_each_unit(coverage):
    terms = contract(percent=100, carve_out=[{"hcpcs": "97110", "amount": "41.10"}])
    row = {"hcpcs": "97110", "modifier_1": "GP", "units": 3}
    assert priced(coverage, terms, row)["contract_amount"].to_list() == [D("123.30")]


def test_days_outside_the_contract_and_rows_of_other_days(coverage):
    terms = contract(
        percent=100,
        effective_from=date(2026, 7, 2),
        effective_to=date(2026, 7, 20),
        carve_out=[{"hcpcs": "99214", "amount": 200, "effective_from": date(2026, 7, 10)}],
    )
    days = (date(2026, 7, 1), date(2026, 7, 2), date(2026, 7, 10), date(2026, 7, 21), date(2025, 7, 2))
    found = priced(coverage, terms, *({"hcpcs": "99214", "date_of_service": day} for day in days))
    assert found["contract_amount"].to_list() == [None, D("145.50"), D("200.00"), None, None]
    assert "not in force" in found["contract_reason"].cast(str)[0]


def test_a_fixed_release_prices_every_day_by_its_own_rules(coverage):
    old = open_schedule("2025D").schedule
    expected = old.price("99214", locality="09102-04").allowed_amount
    terms = contract(percent=100, basis={"release": "2025D"})
    rows = [{"hcpcs": "99214", "date_of_service": date(2026, month, 5)} for month in range(1, 13)]
    found = priced(coverage, terms, *rows)
    assert found["contract_amount"].to_list() == [expected] * 12
    assert found["medicare_amount"].to_list() == [D("145.50")] * 12


def test_days_of_one_patient_stay_apart_on_a_fixed_release(coverage):
    # two surgeries a day apart are not reduced against each other, two of one day are
    terms = contract(percent=100, basis={"release": "2025D"})
    same = [{"claim_id": "a", "line": line, "hcpcs": code} for line, code in ((1, "20610"), (2, "20605"))]
    apart = [{**row, "date_of_service": date(2026, 8, 2 + row["line"])} for row in same]
    together, alone = (priced(coverage, terms, *rows)["contract_amount"].to_list() for rows in (same, apart))
    assert together[0] == alone[0]
    assert abs(2 * together[1] - alone[1]) <= D("0.01")


def test_an_edit_that_denies_a_line_denies_its_carve_out(coverage):
    terms = contract(percent=100, carve_out=[{"hcpcs": "99214", "amount": 200}])
    lines = claims({"hcpcs": "99214"}).with_columns(denied=pl.lit(True))
    found = ClaimContract(terms, coverage).price(lines)
    assert found["contract_amount"].to_list() == [D("0.00")]
    assert found["contract_basis"].cast(str).to_list() == ["rule"]


def test_a_fee_table_takes_the_line_s_factors(coverage, tmp_path):
    (tmp_path / "fees.csv").write_text("hcpcs,amount\n20610,100\n20605,80\n")
    terms = contract(fee_table={"path": str(tmp_path / "fees.csv")}, lesser_of_billed="no")
    rows = [{"claim_id": "a", "line": 1, "hcpcs": "20610"}, {"claim_id": "a", "line": 2, "hcpcs": "20605"}]
    assert priced(coverage, terms, *rows)["contract_amount"].to_list() == [D("100.00"), D("40.00")]
