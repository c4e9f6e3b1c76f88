"""Events on a timeline begin and end where they are said to, paler where they are less likely."""

from datetime import date, timedelta
from decimal import Decimal

import polars as pl

from feecalc.charts.forecast import alternatives, fan, timeline_chart, timeline_figure

EVENTS = pl.DataFrame(
    {
        "event": ["cut", "hire"],
        "kind": ["conversion factor", "hire"],
        "first": [date(2027, 1, 1), date(2028, 7, 1)],
        "last": [date(2029, 12, 31), date(2028, 12, 31)],
        "odds": [Decimal("80.0000"), Decimal("20.0000")],
    }
)
ONE_YEAR = {"year": [2027], "p10": [1.0], "p50": [2.0], "p90": [3.0], "planned": [2.5], "target": [None]}


def test_bars_are_as_long_as_the_events():
    axes = timeline_figure(EVENTS, "A practice: $ events").axes[0]
    assert [bar.get_width() for bar in axes.patches] == [
        each / timedelta(days=1) for each in (EVENTS["last"] - EVENTS["first"]).to_list()
    ]
    assert axes.patches[0].get_alpha() > axes.patches[1].get_alpha()
    assert [text.get_text() for text in axes.texts] == ["80 %", "20 %"]
    assert axes.yaxis_inverted()


def test_altair_draws_the_same():
    chart = timeline_chart(EVENTS).to_dict()
    (values,) = chart["datasets"].values()
    assert [(row["first"], row["last"], row["end"]) for row in values] == [
        ("2027-01-01", "2029-12-31", "2029-12-31"),
        ("2028-07-01", "2028-12-31", "2029-12-31"),
    ]
    bars, odds = chart["layer"]
    assert (bars["encoding"]["x"]["field"], bars["encoding"]["x2"]["field"]) == ("first", "last")
    assert bars["encoding"]["x"]["scale"] == {"type": "utc", "domain": ["2027-01-01", "2029-12-31"]}
    assert odds["encoding"]["text"]["field"] == "label"


def test_alternatives_have_a_line_each_the_plan_first():
    table = pl.DataFrame({"year": [2027, 2027], "name": ["as planned", "other"], "net": [Decimal("2.50"), Decimal(-1)]})
    chart = alternatives(table).to_dict()
    assert chart["encoding"]["color"]["scale"]["domain"] == ["as planned", "other"]
    assert [row["net"] for row in next(iter(chart["datasets"].values()))] == [2.5, -1.0]


def test_a_fan_of_one_year_is_a_bar_without_a_target():
    chart = fan(pl.DataFrame(ONE_YEAR, schema_overrides={"target": pl.Float64})).to_dict()
    assert [layer["mark"]["type"] for layer in chart["layer"]] == ["bar", "line", "line"]
    assert chart["layer"][0]["encoding"]["color"]["scale"]["domain"] == ["P10 to P90", "P50", "forecast"]
