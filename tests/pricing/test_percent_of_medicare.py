"""A percent of Medicare beside the percents that are published of commercial payers."""

from datetime import date
from decimal import Decimal

from feecalc import reference
from feecalc.installed import open_schedule
from feecalc.pricing.percent_of_medicare import at_percents, published_beside

DAY = date(2026, 7, 1)


def test_published_percents_stand_only_beside_a_range():
    published = reference.rows_on("commercial_benchmark", DAY, setting="professional")
    found = published_beside([Decimal(120), Decimal(200)], DAY)
    assert published_beside([Decimal(150)], DAY) == []
    assert sorted(row["percent"] for row in found) == sorted(Decimal(row["value"]) for row in published)
    assert [row["percent"] for row in found] == sorted(row["percent"] for row in found)
    assert all(row["source"] and row["what"] for row in found)


def test_amounts_are_rounded_once_halves_up_and_stand_in_order(tmp_path):
    schedule = open_schedule("2026C", home=tmp_path).schedule
    price = schedule.price("64493", place_of_service="11", locality=schedule.find_locality("09102-04"), day=DAY)
    assert price.allowed_amount == Decimal("203.12")
    rows = list(at_percents(price, [Decimal(120), Decimal("137.5")]))
    assert [row["percent"] for row in rows] == sorted(row["percent"] for row in rows)
    own = {row["percent"]: row["amount"] for row in rows if row["what"] == "as asked"}
    assert own == {Decimal(120): Decimal("243.74"), Decimal("137.5"): Decimal("279.29")}  # 243.744, 279.29
    assert len(rows) == 2 + len(published_beside([Decimal(120), Decimal(200)], DAY))
