"""A forecast done as in a spreadsheet, a row a cell, and compared to the cent.

National amounts of 2026C (every index 1): 99213 in an office is (1.30 + 1.46 + 0.09) x 33.4009 = 95.19, 64493 is
(1.48 + 4.08 + 0.14) x 33.4009 = 190.39; at the factor 32.84 they are 2.85 x 32.84 = 93.59 and 5.70 x 32.84 = 187.19.
"""

from decimal import ROUND_HALF_UP, Decimal

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
