"""Alternatives beside the scenario, and where each begins to pay."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import polars as pl
import streamlit as st

from feecalc.charts import forecast as pictures
from feecalc.scenarios.forecast.alternatives import RATES, SHARE, VOLUME, BreakEven, Compared
from feecalc.ui.pages.forecast.answer.headline import dollars
from feecalc.ui.pages.forecast.outcome import Outcome
from feecalc.ui.shared import figures
from feecalc.ui.shared.exports import downloads
from feecalc.ui.shared.figures import facts_line, money_table
from feecalc.ui.shared.words import one_line, plain

_PLANNED = "as planned"
_NONE = "No alternative yet: add one at the left, under Alternatives."
_EVEN = {"what": "What", "now": "Now", "at": "Break-even", "percent": "Of Medicare", "pays": "It pays"}
_MONEY = pl.Decimal(18, 2)


def alternatives(found: Outcome, told: Mapping[str, str]) -> None:
    """Net of each by year, and what all years net more or less."""
    if not found.compared:
        st.info(_NONE)
        return
    forecasts = [found.base, *(each.forecast for each in found.compared)]
    names = [_PLANNED, *(one_line(each.forecast.name) for each in found.compared)]
    table = pl.concat(
        each.years.select("year", pl.lit(name).alias("name"), "net")
        for name, each in zip(names, forecasts, strict=True)
    ).filter(pl.col("year") > found.base.base_year)
    words = "; ".join(f"{name} {dollars(each.total)}" for name, each in zip(names, forecasts, strict=True))
    st.altair_chart(
        pictures.alternatives(table), width="stretch", alt=f"Net by year of the plan and its alternatives: {words}"
    )
    years = table["year"].unique(maintain_order=True).to_list()
    wide = table.pivot("year", index="name", values="net").with_columns(
        pl.Series("all", [each.total for each in forecasts], _MONEY),
        pl.Series("difference", [Decimal("0.00"), *(each.difference for each in found.compared)], _MONEY),
    )
    headings = {"name": "Net", **{str(year): str(year) for year in years}, "all": "All years"}
    headings["difference"] = "Difference"
    money_table(wide, headings, key="forecast_alternatives", alt="Net by year of the plan and its alternatives")
    downloads(wide, "forecast-alternatives", told, key="forecast_alternatives_files")
    facts_line(told)


def break_even(found: Outcome, told: Mapping[str, str]) -> None:
    """Where one alternative nets as much as planned, all else as it is."""
    if not found.compared:
        st.info(_NONE)
        return
    number = st.selectbox(
        "Alternative", range(len(found.compared)), key="forecast_even",
        format_func=lambda each: one_line(found.compared[each].forecast.name),
    )  # fmt: skip
    chosen: Compared = found.compared[number]
    name = one_line(chosen.forecast.name)
    more = "more" if chosen.difference >= 0 else "less"
    st.markdown(plain(f"“{name}” nets {dollars(abs(chosen.difference))} {more} than planned over all years."))
    st.markdown("It nets as much as planned, all else as it is, at:")
    rows = [_row(each) for each in chosen.break_even]
    schema = dict.fromkeys(_EVEN, pl.String())
    table = pl.DataFrame(rows, schema=schema)
    config = {key: st.column_config.TextColumn(label, alignment="left" if key in ("what", "pays") else "right")
              for key, label in _EVEN.items()}  # fmt: skip
    figures.show_table(
        table, column_config=config, hide_index=True, width="stretch", key="forecast_even_table",
        height=35 * (table.height + 1) + 3, alt="Volume, shares and rates at which the alternative breaks even",
    )  # fmt: skip
    downloads(table, f"forecast-break-even-{name}", told, key="forecast_even_files")
    st.caption("Above or below: on which side of the break-even the alternative nets more than planned.")
    facts_line(told)


def _row(found: BreakEven) -> dict[str, str]:
    payer = one_line(found.payer)
    what = {VOLUME: "volume, all of it", SHARE: f"share of {payer}", RATES: f"rates of {payer}"}[found.what]
    is_share = found.what == SHARE
    at = "none" if found.at is None else f"{found.at} %" if is_share else f"{found.at:+} %"
    return {
        "what": what,
        "now": f"{found.now.normalize():f} %" if is_share else "",
        "at": at,
        "percent": "" if found.percent is None else f"{found.percent} %",
        "pays": found.reason if found.at is None else found.pays,
    }
