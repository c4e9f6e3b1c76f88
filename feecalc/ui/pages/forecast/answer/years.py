"""Revenue by year, split by payer, category, location or part."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import streamlit as st

from feecalc.charts.forecast import revenue_by_year
from feecalc.scenarios.forecast.result import BY
from feecalc.scenarios.forecast.tables import revenue_table
from feecalc.ui.pages.forecast import address
from feecalc.ui.pages.forecast.answer.headline import dollars
from feecalc.ui.pages.forecast.outcome import Outcome
from feecalc.ui.shared.exports import downloads
from feecalc.ui.shared.figures import facts_line, money_table
from feecalc.ui.shared.words import one_line, readable

_NAMES = {"payer": "Payer", "category": "Category", "location": "Location", "part": "Professional or center"}
_YEARS = {"year": "Year", "revenue": "Revenue", "cost": "Cost of events", "net": "Net"}


def by_year(found: Outcome, told: Mapping[str, str]) -> None:
    """The years' sums, the picture, the table of the split."""
    base = found.base
    shown = base.years.with_columns(pl.col("year").cast(pl.String))
    money_table(shown, _YEARS, key="forecast_sums", alt="Revenue, cost of events and net of each year")
    downloads(shown, "forecast-years", told, key="forecast_sums_files")
    options = [each for each in BY if each != "part" or base.cells["part"].n_unique() > 1]
    if st.session_state.get(address.GROUP) not in options:
        st.session_state[address.GROUP] = options[0]
    by = st.radio("Revenue by", options, format_func=_NAMES.__getitem__, key=address.GROUP, horizontal=True)
    table = base.by(by)
    last = table.columns[-1]
    words = "; ".join(f"{one_line(name)} {dollars(amount)}" for name, amount in table.select(by, last).iter_rows())
    picture = revenue_by_year(_readable(revenue_table(base, by), "group"))
    st.altair_chart(picture, width="stretch", alt=f"Revenue by year and {by}, {last}: {words}")
    headings = {by: _NAMES[by], **{name: name for name in table.columns[1:]}}
    money_table(_readable(table, by), headings, key=f"forecast_by_{by}", alt=f"Revenue by {by} and year")
    downloads(table, f"forecast-by-{by}", told, key=f"forecast_by_{by}_files")
    facts_line(told)


def _readable(table: pl.DataFrame, name: str) -> pl.DataFrame:
    """Names from a file on one line each."""
    return table.with_columns(readable(pl.col(name)))
