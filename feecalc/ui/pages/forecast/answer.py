"""The right of the page: what the years net, in tabs; each table and picture with its files.

The sums come first, then revenue by year, how sure it is, what moves it, alternatives and where each begins to pay, and
the events on a line of time.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import polars as pl
import streamlit as st

from feecalc.charts import forecast as pictures
from feecalc.charts.forecast import revenue_by_year, timeline_chart
from feecalc.money import usd
from feecalc.scenarios.forecast.alternatives import RATES, SHARE, VOLUME, BreakEven, Compared
from feecalc.scenarios.forecast.draws import TOTAL
from feecalc.scenarios.forecast.result import BY
from feecalc.scenarios.forecast.tables import fan_table, revenue_table, timeline_table, tornado_table
from feecalc.scenarios.forecast.tornado import sizes
from feecalc.ui.pages.forecast import address, exports
from feecalc.ui.pages.forecast.exports import in_plain_words
from feecalc.ui.pages.forecast.form import Inputs
from feecalc.ui.pages.forecast.outcome import Outcome, outcome
from feecalc.ui.shared import figures
from feecalc.ui.shared.exports import downloads
from feecalc.ui.shared.figures import facts_line, money_table, release_facts
from feecalc.ui.shared.opening import Stamp
from feecalc.ui.shared.words import one_line, plain, readable, sentence

_NAMES = {"payer": "Payer", "category": "Category", "location": "Location", "part": "Professional or center"}
_YEARS = {"year": "Year", "revenue": "Revenue", "cost": "Cost of events", "net": "Net"}
_SPREAD = {"period": "Year", "p10": "P10", "p50": "P50", "p90": "P90", "mean": "Mean"}
_MOVED = {"what": "What", "low": "From", "low_difference": "Change", "high": "To", "high_difference": "Change "}
_PERCENT = "%.2f %%"
_PLANNED = "as planned"
_NONE = "No alternative yet: add one at the left, under Alternatives."
_EVEN = {"what": "What", "now": "Now", "at": "Break-even", "percent": "Of Medicare", "pays": "It pays"}
_MONEY = pl.Decimal(18, 2)
_HEADINGS = {
    "event": "Event", "kind": "Kind", "first": "From", "last": "Through", "odds": "Odds %", "cost": "Cost a year",
}  # fmt: skip


def show(inputs: Inputs, now: Stamp) -> None:
    """Forecast and show. Raises a FeeCalcError for a scenario that cannot be forecast."""
    found = outcome(inputs, now)
    facts = _facts_of(inputs, found)
    _headline(found, facts)
    by_year, odds, moves, others, even, events = st.tabs(
        ["By year", "Odds", "What moves it", "Alternatives", "Break-even", "Events"]
    )
    with by_year:
        _by_year(found, facts)
    with odds:
        _odds(found, facts)
    with moves:
        _moves(found, facts)
    with others:
        _alternatives(found, facts)
    with even:
        _break_even(found, facts)
    with events:
        _events(inputs, found, facts)
    exports.export_row(inputs, found, facts)
    _notices(found)


def _headline(found: Outcome, facts: Mapping[str, str]) -> None:
    """Draw cards of whole dollars: all years, then each."""
    base = found.base
    ahead = base.years.filter(pl.col("year") > base.base_year)
    first, last = ahead["year"][0], ahead["year"][-1]
    whole = f"Net of {first} to {last}" if last > first else f"Net of {first}"
    st.subheader(plain(f"{one_line(found.scenario.practice.name)}: {one_line(found.scenario.name)}"))
    with st.container(horizontal=True, gap="medium"):  # wraps where the amounts are long
        st.metric(whole, plain(dollars(base.total)), width="content")
        for year, net in base.years.select("year", "net").iter_rows():
            label = f"{year}, counted" if year == base.base_year else str(year)
            if last > first or year == base.base_year:
                st.metric(label, plain(dollars(net)), width="content")
        missed = found.draws.spread.row(-1, named=True)["chance_to_miss"]
        if missed is not None and found.draws.target is not None:
            label = f"Chance to miss {dollars(found.draws.target)} a year"
            st.metric(plain(label), f"{missed} %", width="content")
    facts_line(facts)


def _notices(found: Outcome) -> None:
    """Draw what must be known of the figures, in one box."""
    lines = "  \n".join("- " + plain(sentence(text)).replace("  \n", " ") for text in found.notices)
    with st.expander(f"What these figures rest on ({len(found.notices)})", expanded=True, icon=":material/info:"):
        st.markdown(lines)


def _facts_of(inputs: Inputs, found: Outcome) -> dict[str, str]:
    """Return what stands next to every figure, and in every workbook."""
    places = ", ".join(dict.fromkeys(one_line(location.locality) for location in found.scenario.location))
    return {
        "Scenario": one_line(found.scenario.name),
        **release_facts(inputs.opened.schedule.release, None),
        "Where": places,
        "Years": f"{found.base.base_year} counted, {inputs.years} ahead",
        "Draws": f"{found.draws.count:,}, seed {found.draws.seed}",
    }


def dollars(amount: Decimal) -> str:
    """Return an amount in whole dollars, as the command line shows it."""
    return usd(amount, places=0)


def period(name: str) -> str:
    """Return a period of the draws as a row's label."""
    return sentence(name) if name == TOTAL else name


def _by_year(found: Outcome, facts: Mapping[str, str]) -> None:
    """Draw the years' sums, the picture, the table of the split."""
    base = found.base
    shown = base.years.with_columns(pl.col("year").cast(pl.String))
    money_table(shown, _YEARS, key="forecast_sums", alt="Revenue, cost of events and net of each year")
    downloads(shown, "forecast-years", facts, key="forecast_sums_files")
    options = [name for name in BY if name != "part" or base.cells["part"].n_unique() > 1]
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
    downloads(table, f"forecast-by-{by}", facts, key=f"forecast_by_{by}_files")
    facts_line(facts)


def _readable(table: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return names from a file on one line each."""
    return table.with_columns(readable(pl.col(name)))


def _odds(found: Outcome, facts: Mapping[str, str]) -> None:
    """Draw the band from P10 to P90, percentiles by year, how often the target is missed, which events came."""
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
    downloads(drawn.spread, "forecast-odds", facts, key="forecast_spread_files")
    if drawn.odds:
        came = "; ".join(f"{one_line(name)} {share} %" for name, share in drawn.odds.items())
        st.caption(plain(f"Events came in: {came} of the draws."))
    facts_line(facts)


def _moves(found: Outcome, facts: Mapping[str, str]) -> None:
    """Draw the tornado, each thing by itself."""
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
    downloads(table, "forecast-what-moves-it", facts, key="forecast_moved_files")
    usual = [name.replace("_", " ") for name, (_, own) in sizes(found.scenario).items() if not own]
    if usual:
        st.caption(plain(f"Steps of the usual size, which the tab Growth can set: {', '.join(usual)}."))
    facts_line(facts)


def _alternatives(found: Outcome, facts: Mapping[str, str]) -> None:
    """Draw net of each by year, and what all years net more or less."""
    if not found.compared:
        st.info(_NONE)
        return
    forecasts = [found.base, *(other.forecast for other in found.compared)]
    names = [_PLANNED, *(one_line(alternative.forecast.name) for alternative in found.compared)]
    table = pl.concat(
        forecast.years.select("year", pl.lit(name).alias("name"), "net")
        for name, forecast in zip(names, forecasts, strict=True)
    ).filter(pl.col("year") > found.base.base_year)
    words = "; ".join(f"{name} {dollars(forecast.total)}" for name, forecast in zip(names, forecasts, strict=True))
    st.altair_chart(
        pictures.alternatives(table), width="stretch", alt=f"Net by year of the plan and its alternatives: {words}"
    )
    years = table["year"].unique(maintain_order=True).to_list()
    wide = table.pivot("year", index="name", values="net").with_columns(
        pl.Series("all", [forecast.total for forecast in forecasts], _MONEY),
        pl.Series("difference", [Decimal("0.00"), *(alternative.difference for alternative in found.compared)], _MONEY),
    )
    sums = {"name": "Net", "all": "All years", "difference": "Difference"}  # first: many years run off the edge
    headings = sums | {str(year): str(year) for year in years}
    money_table(wide, headings, key="forecast_alternatives", alt="Net by year of the plan and its alternatives")
    downloads(wide, "forecast-alternatives", facts, key="forecast_alternatives_files")
    facts_line(facts)


def _break_even(found: Outcome, facts: Mapping[str, str]) -> None:
    """Draw where one alternative nets as much as planned, all else as it is."""
    if not found.compared:
        st.info(_NONE)
        return
    number = st.selectbox(
        "Alternative", range(len(found.compared)), key="forecast_even",
        format_func=lambda number: one_line(found.compared[number].forecast.name),
    )  # fmt: skip
    chosen: Compared = found.compared[number]
    name = one_line(chosen.forecast.name)
    more = "more" if chosen.difference >= 0 else "less"
    st.markdown(plain(f"“{name}” nets {dollars(abs(chosen.difference))} {more} than planned over all years."))
    st.markdown("It nets as much as planned, all else as it is, at:")
    rows = [_break_even_row(even) for even in chosen.break_even]
    schema = dict.fromkeys(_EVEN, pl.String())
    table = pl.DataFrame(rows, schema=schema)
    config = {key: st.column_config.TextColumn(label, alignment="left" if key in ("what", "pays") else "right")
              for key, label in _EVEN.items()}  # fmt: skip
    figures.show_table(
        table, column_config=config, hide_index=True, width="stretch", key="forecast_even_table",
        height=35 * (table.height + 1) + 3, alt="Volume, shares and rates at which the alternative breaks even",
    )  # fmt: skip
    downloads(table, f"forecast-break-even-{name}", facts, key="forecast_even_files")
    st.caption("Above or below: on which side of the break-even the alternative nets more than planned.")
    facts_line(facts)


def _break_even_row(found: BreakEven) -> dict[str, str]:
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


def _events(inputs: Inputs, found: Outcome, facts: Mapping[str, str]) -> None:
    """Draw the picture and its table."""
    table = in_plain_words(timeline_table(found.scenario, inputs.years))
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
    downloads(table, "forecast-events", facts, key="forecast_events_files")
    facts_line(facts)
