"""The waterfall from today to an offer, and the bars of a contract's readings, draw what they are given."""

from decimal import Decimal

import polars as pl

from feecalc.charts.contracts import offer_waterfall, reading_spread, steps

PARTS = pl.DataFrame({"label": ["visits", "surgery"], "change": [Decimal("20.50"), Decimal("-5.25")]})
FIRST, LAST = ("Today", Decimal("100.00")), ("The offer", Decimal("115.25"))  # 100 + 20.50 - 5.25


def test_each_bar_begins_where_the_one_before_ends():
    rows = steps(PARTS, FIRST, LAST)
    assert rows["label"].to_list() == ["Today", "visits", "surgery", "The offer"]
    assert rows["begins"].to_list() == [Decimal(each) for each in ("100.00", "100.00", "120.50", "115.25")]
    assert rows["ends"].to_list() == [Decimal(each) for each in ("100.00", "120.50", "115.25", "115.25")]
    assert rows["kind"].to_list() == ["total", "part", "part", "total"]


def test_no_part_that_changes():
    assert steps(PARTS.head(0), FIRST, ("The offer", Decimal("100.00"))).height == 2


def test_the_ends_are_marks_and_the_axis_need_not_begin_at_zero():
    bars, ends, _ = offer_waterfall(PARTS, FIRST, LAST).to_dict()["layer"]
    assert (bars["mark"]["type"], ends["mark"]["type"]) == ("bar", "tick")
    for layer in (bars, ends):
        assert layer["encoding"]["x"]["scale"]["zero"] is False
        assert layer["encoding"]["y"]["sort"] == ["Today", "visits", "surgery", "The offer"]


def test_a_readings_bars_reach_from_zero_to_its_lowest_and_highest():
    table = pl.DataFrame(
        {
            "clause": ["Locality"],
            "lowest": [Decimal("-3.50")],
            "highest": [Decimal("2.25")],
            "lowest_says": ["national"],
            "highest_says": ["Miami"],
        }
    )
    spec = reading_spread(table).to_dict()
    low, high, _ = spec["layer"]
    assert [each["encoding"]["x"]["field"] for each in (low, high)] == ["lowest", "highest"]
    assert [each["transform"][0]["calculate"] for each in (low, high)] == ["0", "0"]
    (row,) = next(rows for rows in spec["datasets"].values() if "clause" in rows[0])
    assert (row["lowest"], row["highest"]) == (-3.5, 2.25)
