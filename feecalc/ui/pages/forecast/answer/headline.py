"""The sums first: what all years net and each of them, what they are figures of, and what must be known of them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import polars as pl
import streamlit as st

from feecalc.money import usd
from feecalc.scenarios.forecast.draws import TOTAL
from feecalc.ui.pages.forecast.form import Asked
from feecalc.ui.pages.forecast.outcome import Outcome
from feecalc.ui.shared.figures import facts_line, release_facts
from feecalc.ui.shared.words import one_line, plain, sentence


def headline(found: Outcome, told: Mapping[str, str]) -> None:
    """Cards of whole dollars: all years, then each."""
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
    facts_line(told)


def notices(found: Outcome) -> None:
    """What must be known of the figures, in one box."""
    lines = "  \n".join("- " + plain(sentence(text)).replace("  \n", " ") for text in found.notices)
    with st.expander(f"What these figures rest on ({len(found.notices)})", expanded=True, icon=":material/info:"):
        st.markdown(lines)


def facts_of(asked: Asked, found: Outcome) -> dict[str, str]:
    """What stands next to every figure, and in every workbook."""
    places = ", ".join(dict.fromkeys(one_line(each.locality) for each in found.scenario.location))
    return {
        "Scenario": one_line(found.scenario.name),
        **release_facts(asked.opened.schedule.release, None),
        "Where": places,
        "Years": f"{found.base.base_year} counted, {asked.years} ahead",
        "Draws": f"{found.draws.count:,}, seed {found.draws.seed}",
    }


def dollars(amount: Decimal) -> str:
    """Return an amount in whole dollars, as the command line shows it."""
    return usd(amount, places=0)


def period(name: str) -> str:
    """A period of the draws as a row's label."""
    return sentence(name) if name == TOTAL else name
