"""The scenario's events on a line of time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import polars as pl
import streamlit as st

from feecalc.charts.forecast_timeline import timeline_chart
from feecalc.scenarios.scenario.events import Event, Hire, SiteShift
from feecalc.ui.pages.forecast.form import Asked
from feecalc.ui.pages.forecast.form.columns import EVENT_KINDS
from feecalc.ui.pages.forecast.outcome import Outcome
from feecalc.ui.shared.exports import downloads
from feecalc.ui.shared.figures import facts_line, money_table
from feecalc.ui.shared.words import one_line

_HEADINGS = {
    "event": "Event", "kind": "Kind", "first": "From", "last": "Through", "odds": "Odds %", "cost": "Cost a year",
}  # fmt: skip
_DAY = timedelta(days=1)


def events(asked: Asked, found: Outcome, told: Mapping[str, str]) -> None:
    """The picture and its table."""
    table = events_table(found.scenario.event, date(found.base.base_year + asked.years, 12, 31))
    if table.is_empty():
        st.info("No event in these years: add one at the left, under Events.")
        return
    words = "; ".join(
        f"{event} from {first} through {last}, odds {odds} %"
        for event, first, last, odds in table.select("event", "first", "last", "odds").iter_rows()
    )
    st.altair_chart(timeline_chart(table), width="stretch", alt=f"Events on a timeline: {words}")
    st.caption("The paler a bar, the less likely the event; its odds stand at the right.")
    money_table(table, _HEADINGS, key="forecast_events_table", alt="Events with their days, odds and cost")
    downloads(table, "forecast-events", told, key="forecast_events_files")
    facts_line(told)


def events_table(listed: tuple[Event, ...], horizon: date) -> pl.DataFrame:
    """event, kind, first, last (days; none past the horizon), odds (percent), cost (USD a year), the first begun first.

    One without an end lasts until the next of its target begins, as in the forecast.
    """
    rows = []
    for event in sorted(listed, key=lambda each: each.effective_from):
        last = min([event.effective_to or horizon, horizon, *_next(event, listed)])
        if event.effective_from <= last:
            rows.append(
                (one_line(event.name), EVENT_KINDS[event.kind], event.effective_from, last, event.odds, event.cost)
            )
    schema = {
        "event": pl.String(), "kind": pl.String(), "first": pl.Date(), "last": pl.Date(), "odds": pl.Decimal(9, 4),
        "cost": pl.Decimal(18, 2),
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def _next(event: Event, listed: tuple[Event, ...]) -> list[date]:
    """The day before another event of the same target begins, where this one says no end."""
    if event.effective_to is not None or isinstance(event, SiteShift | Hire):
        return []
    own = set(event.targets())
    later = [each for each in listed if each.effective_from > event.effective_from and own & set(each.targets())]
    return [each.effective_from - _DAY for each in later]
