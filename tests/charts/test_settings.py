"""The bar chart of both settings draws the amounts it is given, from zero."""

from decimal import Decimal

import polars as pl

from feecalc.charts.service import setting_bars


def test_the_bars_hold_the_amounts_and_begin_at_zero():
    table = pl.DataFrame(
        {
            "setting": ["Office, 11", "Facility, 22"],
            "amount": [Decimal("190.39"), Decimal("81.50")],
            "chosen": [True, False],
        }
    )
    spec = setting_bars(table).to_dict()
    (values,) = spec["datasets"].values()
    assert values == [
        {"setting": "Office, 11", "amount": 190.39, "chosen": True},
        {"setting": "Facility, 22", "amount": 81.5, "chosen": False},
    ]
    bars, amounts = spec["layer"]
    assert bars["mark"]["type"] == "bar"
    assert bars["encoding"]["x"]["scale"]["zero"] is True
    assert bars["encoding"]["y"]["sort"] is None  # as given
    assert amounts["encoding"]["text"]["format"] == "$,.2f"
