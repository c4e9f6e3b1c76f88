"""Claims priced twice: which change, by how much, and the same list however the file is cut."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from feecalc.installed import open_schedule
from feecalc.pricing.release_terms import Terms, shifts_years
from feecalc.runs.reprice import CLAIM_COLUMNS, LINE_COLUMNS, reprice


def starter(name):
    return open_schedule(name, home=Path("no-such-folder")).schedule


D25, C26 = starter("2025D"), starter("2026C")
LINES = [
    # claim, line, day, code, modifier, place, units
    ("A", 1, date(2026, 7, 1), "64493", "", "11", 1),
    ("A", 2, date(2026, 7, 1), "64494", "", "11", 1),
    ("B", 1, date(2026, 8, 3), "99213", "", "11", 1),
    ("C", 1, date(2026, 8, 3), "A9270", "", "11", 1),  # priced by neither
    ("D", 1, date(2026, 2, 28), "27447", "", "21", 1),
]


def claims(rows=LINES):
    names = ["claim_id", "line", "date_of_service", "hcpcs", "modifier_1", "place_of_service", "units"]
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(
        pl.col("line").cast(pl.Int32), pl.col("units").cast(pl.Int32), mac=pl.lit("09102"), locality=pl.lit("04")
    )


def price(schedule, code, place="11", **how):
    return schedule.price(code, place_of_service=place, locality="09102-04", **how).allowed_amount


def test_the_same_twice_changes_nothing():
    found = reprice(claims().lazy(), Terms(C26), Terms(C26))
    assert found.claims.height == found.lines.height == 0
    assert (found.all_lines, found.all_claims, found.from_total) == (5, 4, found.to_total)
    assert dict(found.claims.schema) == dict(found.claims.clear().cast(CLAIM_COLUMNS).schema)
    assert list(found.lines.columns) == list(LINE_COLUMNS)
    assert sum(found.unpriced.values()) == 1


def test_a_floor_left_out_on_one_side():
    found = reprice(claims().lazy(), Terms(C26), Terms(C26, gpci_floor=False))
    by_claim = {row["claim_id"]: row for row in found.claims.to_dicts()}
    assert list(by_claim) == ["A", "B", "D"]
    for claim, code, place in (("B", "99213", "11"), ("D", "27447", "21")):
        expected = price(C26, code, place, gpci_floor=False) - price(C26, code, place)
        assert by_claim[claim]["difference"] == expected < 0
    pair = [sum(price(C26, code, gpci_floor=floor) for code in ("64493", "64494")) for floor in (False, True)]
    assert by_claim["A"]["difference"] == pair[0] - pair[1]
    assert by_claim["A"]["lines_changed"] == 2
    assert found.raised == 0
    assert found.lowered == found.to_total - found.from_total == sum(found.lines["difference"])


def test_another_factor():
    # 27447 aside: 64493 in Miami 6.08134 x 33.4009 = 203.12 and x 32.84 = 199.711 -> 199.71
    found = reprice(claims(LINES[:1]).lazy(), Terms(C26), Terms(C26, conversion_factor=Decimal("32.8400")))
    row = found.lines.row(0, named=True)
    assert (row["from_allowed"], row["to_allowed"]) == (Decimal("203.12"), Decimal("199.71"))
    # 80 percent of it is Medicare's, less sequestration of 2 percent: 162.50 x 0.98 = 159.25 and 159.77 x 0.98 = 156.57
    assert row["medicare_difference"] == Decimal("156.57") - Decimal("159.25")
    assert row["patient_difference"] == Decimal("39.94") - Decimal("40.62")


def test_the_qp_factor_on_one_side():
    found = reprice(claims(LINES[2:3]).lazy(), Terms(C26), Terms(C26, qp=True))
    assert found.lines["difference"].to_list() == [price(C26, "99213", qp=True) - price(C26, "99213")]
    assert found.latter == "RVU26C, QP"


def test_a_release_of_another_year_prices_the_same_days_of_its_own():
    found = reprice(claims(LINES[2:3]).lazy(), Terms(D25), Terms(C26))
    assert shifts_years(Terms(D25), Terms(C26))
    assert found.lines.select("date_of_service", "from_allowed", "to_allowed").rows() == [
        (date(2026, 8, 3), price(D25, "99213"), price(C26, "99213"))
    ]


def test_a_leap_day_is_priced_in_a_year_without_one():
    leap = claims([("L", 1, date(2024, 2, 29), "99213", "", "11", 1)])
    found = reprice(leap.lazy(), Terms(D25), Terms(C26))
    assert found.lines["date_of_service"].to_list() == [date(2024, 2, 29)]
    assert found.from_total == price(D25, "99213")


def test_a_line_that_one_side_does_not_price_is_counted():
    bundled = C26.rvu.with_columns(
        pl.when(pl.col("hcpcs") == "99213").then(pl.lit("B")).otherwise("status_indicator").alias("status_indicator")
    )
    found = reprice(claims().lazy(), Terms(C26), Terms(replace(C26, rvu=bundled)))
    assert found.claims.select("claim_id", "newly_priced", "no_longer_priced").rows() == [("B", 0, 1)]
    row = found.lines.row(0, named=True)
    assert (row["to_allowed"], row["difference"]) == (None, -price(C26, "99213"))
    assert row["reason"]


def test_a_smallest_change():
    every = reprice(claims().lazy(), Terms(C26), Terms(C26, gpci_floor=False))
    least = every.lines["difference"].abs().sort()[1]
    some = reprice(claims().lazy(), Terms(C26), Terms(C26, gpci_floor=False), least=least)
    assert some.lines.height == every.lines.height - 1
    assert (some.from_total, some.to_total) == (every.from_total, every.to_total)


@pytest.mark.parametrize("batch", [1, 3, 1000])
def test_however_it_is_cut_the_list_is_the_same(batch):
    rows = [(f"{number:04}", *line[1:]) for number in range(40) for line in LINES]
    whole = reprice(claims(rows).lazy(), Terms(D25), Terms(C26))
    cut = reprice(claims(rows).lazy(), Terms(D25), Terms(C26), batch=batch)
    assert cut.claims.equals(whole.claims)
    assert cut.lines.equals(whole.lines)
    assert sum(whole.claims["difference"]) == whole.to_total - whole.from_total == whole.raised + whole.lowered
