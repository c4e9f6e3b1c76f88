"""The scenario's events on a line of time."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import streamlit as st

from feecalc.charts.forecast import timeline_chart
from feecalc.scenarios.forecast.tables import timeline_table
from feecalc.ui.pages.forecast.form import Asked
from feecalc.ui.pages.forecast.form.columns import EVENT_KINDS
from feecalc.ui.pages.forecast.outcome import Outcome
from feecalc.ui.shared.exports import downloads
from feecalc.ui.shared.figures import facts_line, money_table
from feecalc.ui.shared.words import readable

_HEADINGS = {
    "event": "Event", "kind": "Kind", "first": "From", "last": "Through", "odds": "Odds %", "cost": "Cost a year",
}  # fmt: skip


def events(asked: Asked, found: Outcome, told: Mapping[str, str]) -> None:
    """The picture and its table."""
    table = told_plainly(timeline_table(found.scenario, asked.years))
    if table.is_empty():
        st.info("No event in these years: add one at the left, under Events.")
        return
    words = "; ".join(
        f"{event} from {first} through {last}, odds {odds} %"
        for event, first, last, odds in table.select("event", "first", "last", "odds").iter_rows()
    )
    st.altair_chart(timeline_chart(table), width="stretch", alt=f"Events on a timeline: {words}")
    st.caption("The fainter a bar, the less likely the event; its odds stand at the right.")
    money_table(table, _HEADINGS, key="forecast_events_table", alt="Events with their days, odds and cost")
    downloads(table, "forecast-events", told, key="forecast_events_files")
    facts_line(told)


def told_plainly(table: pl.DataFrame) -> pl.DataFrame:
    """The table with names and kinds as a person reads them."""
    return table.with_columns(readable(pl.col("event")), pl.col("kind").replace(EVENT_KINDS))
