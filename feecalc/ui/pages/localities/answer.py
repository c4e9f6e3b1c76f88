"""The answer of the page Localities: the map, the ranking, what drives it, two places side by side, the table."""

from __future__ import annotations

from collections.abc import Hashable

import polars as pl
import streamlit as st

from feecalc.charts.localities import driver_bars, locality_map
from feecalc.charts.ranking import ranking_chart
from feecalc.charts.us import short_names, unmapped_localities
from feecalc.money import usd
from feecalc.scenarios.basket.localities import Compared, basket_across_localities, compare_two_localities
from feecalc.scenarios.basket.prices import by_reason
from feecalc.ui.pages.localities import address
from feecalc.ui.pages.localities.form import Inputs
from feecalc.ui.shared.address import settle
from feecalc.ui.shared.exports import downloads
from feecalc.ui.shared.figures import facts_line, money_table, picture, release_facts
from feecalc.ui.shared.layout import MAP_KEY
from feecalc.ui.shared.opening import OpenedRelease, Stamp
from feecalc.ui.shared.words import one_line, plain

_ENDS = 10  # localities at either end of the ranking
_KEY = pl.format("{}-{}", "mac", "locality").alias("key")
_PLACE = pl.format("{}, {}", "locality_name", "state").alias("place")
_DRIVERS = {"work": "Work", "pe": "Practice expense", "mp": "Malpractice", "": "none"}
_HEADINGS = {
    "rank": "Rank", "key": "Locality", "place": "Name", "amount": "Amount", "index_to_national": "Of national",
    "difference": "Difference", "driver": "Driven by", "work_part": "Work part", "pe_part": "PE part",
    "mp_part": "MP part", "work_gpci": "Work GPCI", "pe_gpci": "PE GPCI", "mp_gpci": "MP GPCI", "gaf": "GAF of these",
    "locality_gaf": "GAF",
}  # fmt: skip
_FORMATS = {
    "index_to_national": "percent", "work_gpci": "%.3f", "pe_gpci": "%.3f", "mp_gpci": "%.3f", "gaf": "%.3f",
    "locality_gaf": "%.3f",
}  # fmt: skip


def show(inputs: Inputs, now: Stamp) -> None:
    """Compare and show. Raises an InputError for what cannot be compared."""
    assert inputs.volume is not None
    schedule = inputs.opened.schedule
    found = _compared(
        inputs.opened, inputs.volume, inputs.digest, schedule.release.name, inputs.qp, inputs.gpci_floor, now
    )  # fmt: skip
    facts = {
        "Compared": inputs.name,
        **release_facts(schedule.release, None, qp=inputs.qp),
        "Work GPCI": "with the floor" if inputs.gpci_floor else _without_floor(schedule.unfloored.source),
    }
    if not found.units:
        _left_out(found, nothing=True)
        return
    short = short_names(found.places).alias("label")
    places = found.places.with_columns(short, _KEY, _PLACE, pl.col("driver").replace(_DRIVERS))
    _ends(found, places)
    facts_line(facts)
    first, second = _two_places(inputs.opened, places)
    _map(found, places, (first, second))
    _side_by_side(found, places, first, second, facts)
    _ranking(places, (first, second))
    _table(places, facts, inputs.name, schedule.release.name)
    _left_out(found, nothing=False)


def _without_floor(elsewhere: str) -> str:
    return f"without the floor ({elsewhere})" if elsewhere else "without the floor"


@st.cache_data(max_entries=64, show_spinner="Pricing in every locality")
def _compared(
    _opened: OpenedRelease,
    _volume: pl.DataFrame,
    digest: Hashable,
    release: str,
    qp: bool,
    gpci_floor: bool,
    now: Stamp,
) -> Compared:
    return basket_across_localities(_opened.schedule, _volume, qp=qp, gpci_floor=gpci_floor)


def _ends(found: Compared, places: pl.DataFrame) -> None:
    """Draw the nation, and the two ends."""
    highest, lowest = places.row(0, named=True), places.row(-1, named=True)
    nation, high, low = st.columns(3)
    nation.metric("National", plain(usd(found.national_amount)), border=True)
    for column, label, row in ((high, "Highest", highest), (low, "Lowest", lowest)):
        percent = f"{row['index_to_national']:.1%} of national"
        column.metric(
            plain(f"{label}: {one_line(row['label'])}"), plain(usd(row["amount"])), percent, border=True,
            delta_color="off", delta_arrow="off",
        )  # fmt: skip


def _two_places(opened: OpenedRelease, places: pl.DataFrame) -> tuple[str, str]:
    """Return the two that are set side by side: the highest and the lowest, until others are chosen."""
    keys = places["key"].to_list()
    names = dict(zip(keys, places["place"], strict=True))
    for key, default in ((address.FIRST, keys[0]), (address.SECOND, keys[-1])):
        for remark in settle(key, keys, default, "No locality {} here; another is shown."):
            st.info(plain(remark), icon=":material/info:")
    options = sorted(keys, key=lambda key: (opened.places[key].state, opened.places[key].name))

    def named(key: str) -> str:
        return one_line(f"{names[key]}  {key}")

    one, two = st.columns(2)
    first = one.selectbox("First place", options, format_func=named, key=address.FIRST, filter_mode="contains")
    second = two.selectbox("Second place", options, format_func=named, key=address.SECOND, filter_mode="contains")
    return first, second


def _map(found: Compared, places: pl.DataFrame, chosen: tuple[str, str]) -> None:
    words = (
        f"Map of amounts by locality, from {usd(places['amount'][-1])} in {places['place'][-1]} to "
        f"{usd(places['amount'][0])} in {places['place'][0]}; national {usd(found.national_amount)}"
    )
    with st.container(key=MAP_KEY):
        picture(locality_map, places, found.national_amount, chosen, alt=words, height="stretch")
    st.caption(
        "A state has the color of its own locality, or of the rest of the state; other localities are points. The two "
        "places chosen above have a ring."
    )
    missing = unmapped_localities(places)
    if missing.height:
        listed = ", ".join(f"{key} {place}" for key, place in missing.select("key", "place").iter_rows())
        st.caption(plain(f"Not on the map, and in the table below: {listed}"))


def _side_by_side(found: Compared, places: pl.DataFrame, first: str, second: str, facts: dict[str, str]) -> None:
    names, labels = (dict(places.select("key", name).iter_rows()) for name in ("place", "label"))
    st.markdown("##### Two places side by side")
    table = compare_two_localities(found, first, second)
    short = [one_line(labels[key]) for key in (first, second)]
    headings = {
        "part": "What makes the amount", "first_index": "Index, first", "first": short[0] + " (first)",
        "second_index": "Index, second", "second": short[1] + " (second)", "difference": "Second less first",
    }  # fmt: skip
    last = table.row(-1, named=True)
    words = (
        f"{short[0]} {usd(last['first'])}, {short[1]} {usd(last['second'])}, "
        f"difference {usd(last['difference'])}"
    )
    formats = {"first_index": "%.3f", "second_index": "%.3f"}
    money_table(table, headings, key="localities_pair", alt=words, formats=formats)
    facts = facts | {"First": f"{first} {names[first]}", "Second": f"{second} {names[second]}"}
    downloads(table, f"localities-{first}-against-{second}-{found.release}", facts, key="localities_pair_files")


def _ranking(places: pl.DataFrame, chosen: tuple[str, str]) -> None:
    st.markdown("##### Ranked, and which index drives it")
    shown = st.segmented_control(
        "Shown", [address.ENDS, address.ALL], key=address.SHOWN, label_visibility="collapsed", required=True
    )
    rows = places
    if shown != address.ALL and places.height > 2 * _ENDS:
        ends = (pl.int_range(pl.len()) < _ENDS) | (pl.int_range(pl.len()) >= pl.len() - _ENDS)
        rows = places.filter(ends | pl.col("key").is_in(list(chosen)))
    amounts, drivers = st.columns(2)
    bars = rows.select("label", "amount", pl.col("key").is_in(list(chosen)).alias("chosen"))
    words = "; ".join(f"{label} {usd(amount)}" for label, amount, _ in bars.head(3).iter_rows())
    parts = "What the work, practice expense and malpractice indices make of each difference"
    with amounts:
        picture(ranking_chart, bars, alt=f"Ranked amounts, the highest first: {words}")
    with drivers:
        picture(driver_bars, rows, alt=parts)


def _table(places: pl.DataFrame, facts: dict[str, str], name: str, release: str) -> None:
    st.markdown("##### Every locality")
    words = f"{places.height} localities, the highest amount first"
    money_table(places, _HEADINGS, key="localities_table", alt=words, formats=_FORMATS)
    downloads(places.select(list(_HEADINGS)), f"localities-{name}-{release}", facts, key="localities_files")


def _left_out(found: Compared, *, nothing: bool) -> None:
    """Draw the services that have no amount here, each with its reason."""
    if not found.left_out.height:
        return
    count = found.left_out.height
    many = "Nothing can be compared: " if nothing else ""
    reasons = "; ".join(f"{services} ({reason})" for services, reason in by_reason(found.left_out, "service"))
    st.warning(
        plain(f"{many}{count} {'service is' if count == 1 else 'services are'} left out: {reasons}."),
        icon=":material/block:",
    )
    headings = {"service": "Service", "place_of_service": "Place", "units": "Units", "reason": "Why"}
    money_table(found.left_out, headings, key="localities_left_out", alt="Services left out, each with the reason")
