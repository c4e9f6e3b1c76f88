"""How sure it is: the fan of the draws, the chance to miss the target; and what moves it most."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import streamlit as st

from feecalc.charts import forecast as pictures
from feecalc.scenarios.forecast.draws import TOTAL
from feecalc.scenarios.forecast.tables import fan_table, tornado_table
from feecalc.scenarios.forecast.tornado import sizes
from feecalc.ui.pages.forecast.answer.headline import dollars, period
from feecalc.ui.pages.forecast.outcome import Outcome
from feecalc.ui.shared.exports import downloads
from feecalc.ui.shared.figures import facts_line, money_table
from feecalc.ui.shared.words import one_line, plain, readable

_SPREAD = {"period": "Year", "p10": "P10", "p50": "P50", "p90": "P90", "mean": "Mean"}
_MOVED = {"what": "What", "low": "From", "low_difference": "Change", "high": "To", "high_difference": "Change "}
_PERCENT = "%.2f %%"


def odds(found: Outcome, told: Mapping[str, str]) -> None:
    """The draws: a band from P10 to P90, each year's percentiles, how often the target is missed, which events came."""
    drawn = found.draws
    fan = fan_table(found.base, drawn)
    words = "; ".join(
        f"{year} from {dollars(low)} to {dollars(high)}, half below {dollars(middle)}"
        for year, low, middle, high in fan.select("year", "p10", "p50", "p90").iter_rows()
    )
    st.altair_chart(pictures.fan(fan), width="stretch", alt=f"Net of each year in the draws: {words}")
    st.caption(
        "One draw in ten nets less than P10, half less than P50, one in ten more than P90. The forecast, dashed, has "
        "every event happen."
    )
    target = {} if drawn.target is None else {"chance_to_miss": f"Below {dollars(drawn.target)} a year"}
    spread = drawn.spread.with_columns(pl.col("period").replace({TOTAL: period(TOTAL)}))
    money_table(
        spread, _SPREAD | target, key="forecast_spread", formats={"chance_to_miss": _PERCENT},
        alt="Percentiles of the net in the draws, and how often the target is missed",
    )  # fmt: skip
    downloads(drawn.spread, "forecast-odds", told, key="forecast_spread_files")
    if drawn.odds:
        came = "; ".join(f"{one_line(name)} {share} %" for name, share in drawn.odds.items())
        st.caption(plain(f"Events came in: {came} of the draws."))
    facts_line(told)


def moves(found: Outcome, told: Mapping[str, str]) -> None:
    """The tornado, each thing by itself."""
    table = tornado_table(found.moved)
    if table.is_empty():
        st.info("Nothing moves this forecast.")
        return
    shown = table.with_columns(readable(pl.col("what")))
    words = "; ".join(
        f"{what} {dollars(low)} to {dollars(high)}"
        for what, low, high in shown.select("what", "low_difference", "high_difference").head(6).iter_rows()
    )
    st.altair_chart(pictures.tornado(shown), width="stretch", alt=f"What moves the net of all years most: {words}")
    st.caption("Each thing moved by itself, down (orange) and up (blue); an event's bar is the years without it.")
    money_table(shown, _MOVED, key="forecast_moved", alt="What moves the net of all years, most first")
    downloads(table, "forecast-what-moves-it", told, key="forecast_moved_files")
    usual = [name.replace("_", " ") for name, (_, own) in sizes(found.scenario).items() if not own]
    if usual:
        st.caption(plain(f"Steps of the usual size, which the tab Growth can set: {', '.join(usual)}."))
    facts_line(told)
