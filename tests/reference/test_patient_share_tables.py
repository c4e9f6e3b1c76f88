"""The tables of what the patient and Medicare pay, of remittance codes, and of a claim file's headings.

Expected values are those of the rows' sources (statutes, CMS's announcements); the arithmetic is shown.
"""

import re
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

import pytest

from feecalc.reference import row_on, rows

DAY = date(2025, 7, 1)
CENT = Decimal("0.01")


def percent(row):
    return Decimal(row["value"]) / 100


def cents(amount):
    return amount.quantize(CENT, ROUND_HALF_UP)


# What the patient and Medicare pay


@pytest.mark.parametrize(
    ("year", "value"),
    [
        *((2009, "135"), (2011, "162"), (2012, "140"), (2016, "166")),
        *((2021, "203"), (2022, "233"), (2024, "240"), (2025, "257"), (2026, "283")),
    ],
)
def test_deductible(year, value):
    assert row_on("deductible", date(year, 7, 1))["value"] == value


@pytest.mark.parametrize(("name", "last"), [("deductible", date(2026, 12, 31)), ("sequestration", date.max)])
def test_no_day_from_2009_is_missing(name, last):
    ordered = sorted(rows(name), key=lambda row: row["effective_from"])
    assert ordered[0]["effective_from"] == date(2009, 1, 1)
    assert ordered[-1].get("effective_to", date.max) == last
    for earlier, later in pairwise(ordered):
        assert earlier["effective_to"] + timedelta(days=1) == later["effective_from"]


@pytest.mark.parametrize(
    ("day", "value"),
    [
        (date(2013, 3, 31), "0"),
        (date(2013, 4, 1), "2"),
        (date(2020, 4, 30), "2"),
        (date(2020, 5, 1), "0"),
        (date(2022, 3, 31), "0"),
        (date(2022, 4, 1), "1"),
        (date(2022, 6, 30), "1"),
        (date(2022, 7, 1), "2"),
        (DAY, "2"),
    ],
)
def test_sequestration(day, value):
    assert row_on("sequestration", day)["value"] == value


def test_of_100_dollars_the_patient_pays_20_and_medicare_78_40():
    coinsurance = cents(100 * percent(row_on("coinsurance", DAY, kind="general")))
    medicare = 100 - coinsurance
    medicare -= cents(medicare * percent(row_on("sequestration", DAY)))
    assert (coinsurance, medicare) == (Decimal("20.00"), Decimal("78.40"))


def test_therapy_by_an_assistant_brings_88_of_100_dollars():
    coinsurance = 100 * percent(row_on("coinsurance", DAY, kind="general"))
    assistant = percent(row_on("modifier", DAY, modifier="CQ"))
    assert coinsurance + (100 - coinsurance) * assistant == 88


@pytest.mark.parametrize(
    ("day", "value"),
    [
        (date(2022, 12, 31), "20"),
        (date(2023, 1, 1), "15"),
        (date(2026, 12, 31), "15"),
        (date(2027, 1, 1), "10"),
        (date(2029, 12, 31), "10"),
        (date(2030, 1, 1), "0"),
    ],
)
def test_a_screening_turned_diagnostic(day, value):
    row = row_on("coinsurance", day, kind="screening_turned_diagnostic")
    assert (row["value"], row["deductible"], row["modifier"]) == (value, False, "PT")


def test_a_preventive_service_has_no_cost_share():
    row = row_on("coinsurance", DAY, kind="preventive")
    assert (row["value"], row["deductible"], row["modifier"]) == ("0", False, "33")


@pytest.mark.parametrize(("year", "bound"), [(2019, 4), (2020, 5), (2021, 7), (2022, 9), (2026, 9)])
def test_bounds_of_the_incentive_adjustment(year, bound):
    low, high = (int(row_on("mips", date(year, 7, 1), bound=b)["value"]) for b in ("low", "high"))
    assert (low, high) == (-bound, bound)


# Remittance codes


@pytest.mark.parametrize("name", ["status_indicator", "technical_component"])
def test_every_pricing_status_of_a_rule_has_its_remittance_row(name):
    for row in rows(name):
        if row["pricing_status"] != "priced":
            assert row_on("claim_adjustment", DAY, kind="status", key=row["pricing_status"])


@pytest.mark.parametrize(
    ("kind", "key", "group", "carc", "rarc"),
    [
        ("status", "bundled", "CO", "97", "M15"),
        ("status", "add_on_without_primary", "CO", "234", "N390"),  # ch. 12 sec. 40.4.D.3
        ("status", "assistant_not_paid", "CO", "54", ""),
        ("status", "not_necessary", "CO", "50", ""),
        ("status", "cosurgery_not_paid", "CO", "54", ""),  # Pub. 100-04 ch. 12 sec. 40.8.D
        ("status", "statutorily_excluded", "", "", ""),  # 80053, 36415: another schedule's
        ("status", "not_under_fee_schedule", "", "", ""),  # J1100
        ("reduction", "therapy", "CO", "59", ""),
        ("reduction", "film", "CO", "237", "N775"),  # Pub. 100-04 ch. 13 sec. 20.2.5.1
        ("reduction", "billed", "CO", "45", ""),
        ("reduction", "computed_radiography", "CO", "237", "N794"),
        ("patient_share", "deductible", "PR", "1", ""),
        ("patient_share", "coinsurance", "PR", "2", ""),
        ("payment", "mips_positive", "CO", "144", "N807"),
        ("payment", "mips_negative", "CO", "237", "N807"),
        ("payment", "sequestration", "CO", "253", ""),
        ("edit", "add_on_alone", "CO", "234", "N390"),
    ],
)
def test_remittance_codes(kind, key, group, carc, rarc):
    row = row_on("claim_adjustment", DAY, kind=kind, key=key)
    assert (row["group"], row["carc"], row["rarc"]) == (group, carc, rarc)


def test_remittance_codes_are_shaped_like_x12_s():
    for row in rows("claim_adjustment"):
        assert re.fullmatch(r"\d{1,3}|[A-Z]\d{1,2}|", row["carc"]), row
        assert re.fullmatch(r"(M|MA|N)\d{1,3}|", row["rarc"]), row
        has_codes = bool(row["carc"]) or row["kind"] == "edit"  # whose rule has them
        assert (row["group"] in {"CO", "PR"}) == has_codes, row


def test_general_denials_carry_a_remark():
    for row in rows("claim_adjustment"):
        if row["carc"] in {"16", "96", "237"}:  # X12 asks for a remark beside these
            assert row["rarc"], row


# Columns of a claim file


def plain(heading):
    return re.sub(r"[^a-z0-9]+", "", heading.lower())


def test_a_heading_means_one_column():
    means = {}
    for row in rows("column_name"):
        assert plain(row["column"]) in map(plain, row["aliases"]), row
        for alias in map(plain, row["aliases"]):
            assert alias
            assert alias not in means, (alias, row["column"], means.get(alias))
            means[alias] = row["column"]


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("CPT Code", "hcpcs"),
        ("Proc Code", "hcpcs"),
        ("DOS", "date_of_service"),
        ("Svc Date", "date_of_service"),
        ("From Date", "date_of_service"),
        ("POS", "place_of_service"),
        ("Place of Svc", "place_of_service"),
        ("MOD1", "modifier_1"),
        ("Mod 1", "modifier_1"),
        ("Modifier 4", "modifier_4"),
        ("MOD", "modifiers"),
        ("Qty", "units"),
        ("Charges", "billed_amount"),
        ("Billed", "billed_amount"),
        ("Claim #", "claim_id"),
        ("ICN", "claim_id"),
        ("Line #", "line"),
        ("Facility Zip", "zip_code"),
        ("Carrier", "mac"),
        ("Locality", "locality"),
        ("Rendering NPI", "rendering_npi"),
        ("Billing NPI", "billing_npi"),
        ("MBI", "beneficiary_id"),
        ("DX12", "diagnosis_12"),
    ],
)
def test_a_heading_of_an_export(heading, column):
    found = [row["column"] for row in rows("column_name") if plain(heading) in map(plain, row["aliases"])]
    assert found == [column]
