"""A forecast done as in a spreadsheet, a row a cell, and compared to the cent.

National amounts of 2026C (every index 1): 99213 in an office is (1.30 + 1.46 + 0.09) x 33.4009 = 95.19, 64493 is
(1.48 + 4.08 + 0.14) x 33.4009 = 190.39; at the factor 32.84 they are 2.85 x 32.84 = 93.59 and 5.70 x 32.84 = 187.19.
"""

from decimal import ROUND_HALF_UP, Decimal

import polars as pl
import pytest

from feecalc.scenarios.forecast.result import forecast

PAYERS = """
[[payer]]
name = "Medicare"
share = 50
medicare = true
denial_rate = 5
collection_rate = 98

[[payer]]
name = "Atlantic"
share = 30
percent = 130
denial_rate = 10
collection_rate = 95

[[payer]]
name = "Self-pay"
share = 20
percent_of_charge = 40
collection_rate = 60
"""
YEARS = """
[[provider]]
name = "Dr. A"
mips_percent = 1.5

[growth]
volume = 2

[growth.category]
visits = 3

[[event]]
name = "2027 factor"
kind = "conversion_factor"
effective_from = 2027-01-01
conversion_factor = 32.84

[[event]]
name = "no cut"
kind = "sequestration"
effective_from = 2028-07-01
percent = 0

[[event]]
name = "Atlantic renews"
kind = "contract_renewal"
effective_from = 2028-01-01
payer = "Atlantic"
percent = 140
"""
D = Decimal


def cents(amount):
    return amount.quantize(D("0.01"), ROUND_HALF_UP)


# year, payer, code: units of the base year x share, growth by the year, dollars a unit, what comes in of a dollar
WITH_CUT = D("0.2") + D("0.8") * D("1.015") * D("0.98")  # the patient's 20 %, Medicare's 80 % with MIPS, less 2 %
WITHOUT_CUT = D("0.2") + D("0.8") * D("1.015")
# 2028 has 366 days: 182 from January to June, 184 from July on
HALF_AND_HALF = (182 * WITH_CUT + 184 * WITHOUT_CUT) / 366
MEDICARE, ATLANTIC, SELF = D("0.95") * D("0.98"), D("0.90") * D("0.95"), D("0.60")
SHEET = [
    (2026, "Medicare", "visits", 500, D(1), D("95.19"), MEDICARE * WITH_CUT),
    (2026, "Medicare", "surgery", 50, D(1), D("190.39"), MEDICARE * WITH_CUT),
    (2026, "Atlantic", "visits", 300, D(1), D("123.75"), ATLANTIC),  # 95.19 x 1.3 = 123.747
    (2026, "Atlantic", "surgery", 30, D(1), D("247.51"), ATLANTIC),  # 190.39 x 1.3 = 247.507
    (2026, "Self-pay", "visits", 200, D(1), D("72.00"), SELF),  # 180 x 0.4
    (2026, "Self-pay", "surgery", 20, D(1), D("360.00"), SELF),
    (2027, "Medicare", "visits", 500, D("1.03"), D("93.59"), MEDICARE * WITH_CUT),
    (2027, "Medicare", "surgery", 50, D("1.02"), D("187.19"), MEDICARE * WITH_CUT),
    (2027, "Atlantic", "visits", 300, D("1.03"), D("121.67"), ATLANTIC),  # 93.59 x 1.3 = 121.667
    (2027, "Atlantic", "surgery", 30, D("1.02"), D("243.35"), ATLANTIC),  # 187.19 x 1.3 = 243.347
    (2027, "Self-pay", "visits", 200, D("1.03"), D("72.00"), SELF),
    (2027, "Self-pay", "surgery", 20, D("1.02"), D("360.00"), SELF),
    (2028, "Medicare", "visits", 500, D("1.0609"), D("93.59"), MEDICARE * HALF_AND_HALF),
    (2028, "Medicare", "surgery", 50, D("1.0404"), D("187.19"), MEDICARE * HALF_AND_HALF),
    (2028, "Atlantic", "visits", 300, D("1.0609"), D("131.03"), ATLANTIC),  # 93.59 x 1.4 = 131.026
    (2028, "Atlantic", "surgery", 30, D("1.0404"), D("262.07"), ATLANTIC),  # 187.19 x 1.4 = 262.066
    (2028, "Self-pay", "visits", 200, D("1.0609"), D("72.00"), SELF),
    (2028, "Self-pay", "surgery", 20, D("1.0404"), D("360.00"), SELF),
]


def test_every_cell_is_the_spreadsheets(plan):
    found = forecast(plan(PAYERS + YEARS, years=2)).cells
    assert found.height == len(SHEET)
    told = {
        (row["year"], row["payer"], row["category"]): (row["units"], row["revenue"])
        for row in found.iter_rows(named=True)
    }
    for year, payer, category, units, growth, price, net in SHEET:
        expected = cents(units * growth), cents(units * growth * price * net)
        assert told[year, payer, category] == expected, (year, payer, category)


def test_sums_are_of_the_cells(plan):
    found = forecast(plan(PAYERS + YEARS))
    by_hand = {year: sum(cents(u * g * p * n) for y, _, _, u, g, p, n in SHEET if y == year) for year in (2026, 2027)}
    years = dict(found.years.select("year", "revenue").iter_rows())
    assert {year: years[year] for year in by_hand} == by_hand
    for what in ("payer", "category", "location"):
        assert found.by(what)["2028"].sum() == years[2028]
    assert found.total == sum(years[year] for year in (2027, 2028, 2029))


ONE = """
[[payer]]
name = "Medicare"
share = 100
medicare = true
"""
MEDICARE_2 = D("0.2") + D("0.8") * D("0.98")


def total(plan, year=2027):
    found = forecast(plan)
    return dict(found.years.select("year", "revenue").iter_rows())[year]


def test_a_site_shift_pays_the_physician_as_in_a_facility(plan):
    """60 of 100 injections go to a center on July 1 (184 of 365 days): (1.48 + 0.82 + 0.14) x 33.4009 = 81.50."""
    shift = """
    [[event]]
    name = "to the center"
    kind = "site_shift"
    effective_from = 2027-07-01
    codes = ["64493"]
    to_place = "24"
    percent = 60
    """
    here = D("190.39") * 100
    there = D("190.39") * 40 + D("81.50") * 60
    expected = cents((181 * here + 184 * there) / 365 * MEDICARE_2) + cents(1000 * D("95.19") * MEDICARE_2)
    assert total(plan(ONE + shift)) == expected


class Center:
    """500 dollars for every case."""

    facility_amount = D("500.00")

    def price(self, lines, setting, *, cbsa=""):
        assert setting == "asc"
        return self


def test_a_centers_payments_come_in_by_the_share_that_is_the_practices(plan):
    basic = """
    base_year = 2026
    volume = "volume.csv"
    [practice]
    name = "Made-up"
    [[location]]
    name = "Main"
    locality = "national"
    asc_share = 40
    """
    shift = """
    [[event]]
    name = "to the center"
    kind = "site_shift"
    effective_from = 2027-01-01
    codes = ["64493"]
    to_place = "24"
    percent = 60
    """
    found = forecast(plan(ONE + shift, basic=basic, facility=Center())).cells.filter(pl.col("year") == 2027)
    facility = found.filter(pl.col("part") == "facility")["revenue"].to_list()
    assert facility == [cents(60 * D(500) * D("0.4") * MEDICARE_2)]
    assert found["units"].sum() == 1100  # a facility's payment is no more units


def test_and_back_to_the_office_they_no_longer_do(plan):
    volume = "hcpcs,place_of_service,units\n64493,24,100\n99213,11,10\n"
    basic = """
    base_year = 2026
    volume = "volume.csv"
    [practice]
    name = "Made-up"
    [[location]]
    name = "Main"
    locality = "national"
    asc_share = 100
    """
    back = """
    [[event]]
    name = "back"
    kind = "site_shift"
    effective_from = 2027-01-01
    codes = ["64493"]
    from_place = "24"
    to_place = "11"
    """
    found = forecast(plan(ONE + back, basic=basic, volume=volume, facility=Center()))
    by_part = {row["part"]: (row["2026"], row["2027"]) for row in found.by("part").to_dicts()}
    assert by_part["facility"] == (cents(100 * D(500) * MEDICARE_2), 0)
    office = cents(100 * D("190.39") * MEDICARE_2) + cents(10 * D("95.19") * MEDICARE_2)
    assert by_part["professional"][1] == office


def test_a_hire_adds_units_at_his_own_percent_and_costs(plan):
    """A nurse practitioner is paid 85 percent: 95.19 x 0.85 = 80.91, 190.39 x 0.85 = 161.83; 20 percent more units."""
    hire = """
    [[event]]
    name = "B joins"
    kind = "hire"
    effective_from = 2027-01-01
    adds = 20
    cost = 10000
    provider = { name = "B", provider_type = "np" }
    """
    found = forecast(plan(ONE + hire))
    visits = (1000 * D("95.19") + 200 * D("80.91")) * MEDICARE_2
    injections = (100 * D("190.39") + 20 * D("161.83")) * MEDICARE_2
    row = found.years.row(1, named=True)
    assert row["revenue"] == cents(visits) + cents(injections)
    assert (row["cost"], row["net"]) == (D("10000.00"), row["revenue"] - 10000)


def test_a_location_without_the_floor(plan):
    """Alabama's work index is below 1 without the floor."""
    basic = """
    base_year = 2026
    volume = "volume.csv"
    [practice]
    name = "Made-up"
    [[location]]
    name = "Main"
    locality = "{}"
    """
    lapse = """
    [[event]]
    name = "floor ends"
    kind = "gpci_floor_lapse"
    effective_from = 2028-01-01
    """
    made = plan(ONE + lapse, basic=basic.format("10112-00"), volume="hcpcs,units\n99213,1000\n")
    schedule = made.pots.schedule
    amounts = [
        schedule.table(codes=["99213"], localities=["10112-00"], gpci_floor=floor)["nonfacility_amount"][0]
        for floor in (True, False)
    ]
    assert amounts[0] > amounts[1]
    assert [total(made, year) for year in (2027, 2028)] == [cents(1000 * each * MEDICARE_2) for each in amounts]


def test_qps_have_a_factor_of_their_own(plan):
    """2.85 x 33.5675 = 95.67 in 2026; proposed for 2027: 2.85 x 33.17 = 94.53."""
    text = """
    [[provider]]
    name = "Dr. A"
    qp = true
    [[event]]
    name = "proposed"
    kind = "conversion_factor"
    effective_from = 2027-01-01
    assumption = "2027 proposed"
    """
    made = plan(ONE + text, volume="hcpcs,units\n99213,1000\n")
    assert [total(made, year) for year in (2026, 2027)] == [cents(1000 * D(p) * MEDICARE_2) for p in ("95.67", "94.53")]


@pytest.mark.parametrize("percent", [D("-2.5"), D(3)])
def test_a_percent_changes_the_releases_factor(plan, percent):
    text = f"""
    [[event]]
    name = "more or less"
    kind = "conversion_factor"
    effective_from = 2027-01-01
    percent = {percent}
    """
    factor = (D("33.4009") * (100 + percent) / 100).quantize(D("0.0001"), ROUND_HALF_UP)
    made = plan(ONE + text, volume="hcpcs,units\n99213,1000\n")
    assert total(made) == cents(1000 * cents(D("2.85") * factor) * MEDICARE_2)


def test_a_contract_with_a_carve_out_and_an_escalator(plan, tmp_path):
    """120 percent from 2026, 2 percent more on each July 1 from 2027: 122.4 then, 124.848 from July 2028."""
    (tmp_path / "payer.toml").write_text(
        'payer = "Atlantic"\npercent = 120\n[[carve_out]]\nhcpcs = "64493"\namount = 300.00\n'
        "[escalator]\npercent = 2\nfirst_applied = 2027-07-01\n"
    )
    text = '[[payer]]\nname = "Atlantic"\nshare = 100\ncontract = "payer.toml"\n'
    made = plan(text)
    before = cents(D("95.19") * D("1.2")), D("300.00")
    after = cents(D("95.19") * D("1.224")), D("306.00")
    year = [
        cents((181 * one + 184 * other) / 365 * units)
        for one, other, units in zip(before, after, (1000, 100), strict=True)
    ]
    assert total(made, 2026) == 1000 * before[0] + 100 * before[1]
    assert total(made, 2027) == sum(year)


def test_a_contract_of_a_fixed_year_does_not_follow_the_factor(plan, tmp_path):
    (tmp_path / "fixed.toml").write_text('payer = "Fixed"\npercent = 110\n[basis]\nrelease = "2026C"\n')
    (tmp_path / "current.toml").write_text('payer = "Current"\npercent = 110\n[basis]\nyear = "current"\n')
    event = '[[event]]\nname = "cut"\nkind = "conversion_factor"\neffective_from = 2027-01-01\nconversion_factor = 30\n'
    payer = '[[payer]]\nname = "P"\nshare = 100\ncontract = "{}.toml"\n'
    fixed, current = (
        plan(payer.format(name) + event, volume="hcpcs,units\n99213,1000\n") for name in ("fixed", "current")
    )
    assert total(fixed, 2027) == total(fixed, 2026) == 1000 * cents(D("95.19") * D("1.1"))
    assert total(current, 2027) == 1000 * cents(cents(D("2.85") * 30) * D("1.1"))


def test_payers_that_the_volume_names(plan):
    volume = "hcpcs,units,payer\n99213,600,Medicare\n99213,400,Atlantic\n"
    text = '[[payer]]\nname = "Medicare"\nmedicare = true\n[[payer]]\nname = "Atlantic"\npercent = 130\n'
    found = forecast(plan(text, volume=volume)).cells.filter(pl.col("year") == 2026)
    revenue = found.group_by("payer", maintain_order=True).agg(pl.col("revenue").sum())
    assert dict(revenue.iter_rows()) == {
        "Medicare": cents(600 * D("95.19") * MEDICARE_2),
        "Atlantic": 400 * D("123.75"),
    }
