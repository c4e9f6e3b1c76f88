"""The forecast's pictures draw the numbers they are given."""

from decimal import Decimal

import polars as pl
import pytest
from matplotlib.figure import Figure

from feecalc.charts import forecast, forecast_figure

REVENUE = pl.DataFrame(
    {
        "year": [2027, 2028, 2027, 2028],
        "group": ["Medicare", "Medicare", "Atlantic", "Atlantic"],
        "revenue": [Decimal("100.50"), Decimal("110.00"), Decimal("50.00"), Decimal("60.00")],
        "below": [Decimal("0.00"), Decimal("0.00"), Decimal("100.50"), Decimal("110.00")],
    }
)
FAN = pl.DataFrame(
    {
        "year": [2027, 2028],
        "p10": [Decimal(90), Decimal(95)],
        "p50": [Decimal(100), Decimal(105)],
        "p90": [Decimal(110), Decimal(120)],
        "planned": [Decimal(101), Decimal(106)],
        "target": [Decimal(99), Decimal(99)],
    }
)
TORNADO = pl.DataFrame(
    {
        "what": ["volume", "event: a hire"],
        "low": ["-5 %", "does not happen"],
        "high": ["+5 %", "happens"],
        "low_difference": [Decimal(-10), Decimal(4)],
        "high_difference": [Decimal(10), Decimal(0)],
    }
)


@pytest.fixture
def axes():
    return Figure().subplots()


def test_bars_stand_on_those_below(axes):
    forecast_figure.revenue_by_year(axes, REVENUE)
    bars = [(bar.get_y(), bar.get_height()) for container in axes.containers for bar in container]
    assert bars == [(0.0, 100.5), (0.0, 110.0), (100.5, 50.0), (110.0, 60.0)]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["Medicare", "Atlantic"]


def test_the_fan_has_its_lines(axes):
    forecast_figure.fan(axes, FAN)
    assert [list(line.get_ydata()) for line in axes.lines] == [[100, 105], [101, 106], [99, 99]]
    forecast_figure.fan(Figure().subplots(), FAN.with_columns(target=pl.lit(None, pl.Decimal(18, 2))))


def test_the_tornado_has_the_largest_above(axes):
    forecast_figure.tornado(axes, TORNADO)
    low, high = ([bar.get_width() for bar in container] for container in axes.containers)
    assert (low, high) == ([4.0, -10.0], [0.0, 10.0])  # drawn from below
    assert [text.get_text() for text in axes.texts] == ["does not happen", "-5 %", "+5 %"]


@pytest.mark.parametrize(("kind", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_a_file_of_all_three(tmp_path, kind, begins):
    path = tmp_path / f"a.{kind}"
    forecast_figure.write_forecast(path, {"revenue": REVENUE, "fan": FAN, "tornado": TORNADO}, "A practice", kind)
    assert path.read_bytes().startswith(begins)


def test_altair_draws_the_same():
    bars = forecast.revenue_by_year(REVENUE).to_dict()
    (values,) = bars["datasets"].values()
    assert [each["revenue"] for each in values] == [100.5, 110.0, 50.0, 60.0]
    assert bars["encoding"]["y"]["scale"]["zero"] is True
    fan = forecast.fan(FAN).to_dict()
    assert [layer["mark"]["type"] for layer in fan["layer"]] == ["area", "line", "line", "line"]
    assert fan["layer"][0]["encoding"]["y"]["field"] == "p10"
    assert fan["layer"][0]["encoding"]["y2"]["field"] == "p90"
    tornado = forecast.tornado(TORNADO).to_dict()
    assert [layer["encoding"]["x"]["field"] for layer in tornado["layer"]] == ["low_difference", "high_difference"]
    assert tornado["layer"][0]["encoding"]["y"]["sort"] is None
