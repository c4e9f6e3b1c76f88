"""Waterfalls, rankings and series draw what they are given."""

from datetime import date
from decimal import Decimal

import polars as pl

from feecalc.charts.ranking import ranking_chart, ranking_figure
from feecalc.charts.series import series_chart, series_figure
from feecalc.charts.waterfall import waterfall_chart, waterfall_figure

STEPS = pl.DataFrame(
    {
        "label": ["conversion factor", "work RVUs", "change"],
        "amount": [Decimal("5.00"), Decimal("-2.00"), Decimal("3.00")],
        "begins": [Decimal("0.00"), Decimal("5.00"), Decimal("0.00")],
        "ends": [Decimal("5.00"), Decimal("3.00"), Decimal("3.00")],
        "kind": ["gain", "loss", "total"],
    }
)
PLACES = pl.DataFrame(
    {"label": ["Miami", "Iowa"], "amount": [Decimal("20.50"), Decimal("9.00")], "chosen": [True, False]}
)
POINTS = pl.DataFrame(
    {
        "name": ["Miami"] * 3,
        "day": [date(2025, 1, 1), date(2026, 1, 1), date(2027, 1, 1)],
        "label": ["25A", "26A", "27A"],
        "amount": [Decimal("1.00"), Decimal("2.50"), None],
    }
)


def values(chart):
    (found,) = chart.to_dict()["datasets"].values()
    return found


def test_a_waterfalls_bars_begin_where_the_one_before_ends():
    bars = waterfall_figure(STEPS, "2025D to 2026C: $1 to $4").axes[0].patches
    assert [(bar.get_x(), bar.get_width()) for bar in bars] == [(0, 5), (5, -2), (0, 3)]
    assert [(row["begins"], row["ends"]) for row in values(waterfall_chart(STEPS))] == [(0, 5), (5, 3), (0, 3)]


def test_a_ranking_begins_at_zero_and_marks_the_chosen():
    figure = ranking_figure(PLACES, "by locality", mark=Decimal("15.00"), mark_name="national")
    axes = figure.axes[0]
    assert [bar.get_width() for bar in axes.patches] == [20.5, 9]
    assert axes.patches[0].get_facecolor() != axes.patches[1].get_facecolor()
    assert axes.get_xlim()[0] == 0
    assert [text.get_text() for text in axes.texts] == ["$20.50", "$9.00"]
    assert [row["chosen"] for row in values(ranking_chart(PLACES))] == [True, False]


def test_a_series_leaves_out_what_is_missing():
    (line,) = series_figure(POINTS, "basket").axes[0].get_lines()
    assert list(line.get_ydata()) == [1, 2.5]
    assert [row["amount"] for row in values(series_chart(POINTS))] == [1, 2.5, None]
