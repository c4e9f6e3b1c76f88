"""The answer of the Fee page: the amount or why there is none, commercial payers beside it, both settings."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import streamlit as st

from feecalc.charts.service import setting_bars
from feecalc.money import usd as money
from feecalc.pricing.commercial_range import commercial_range, national_averages
from feecalc.pricing.price import Price
from feecalc.pricing.rules.participation import biller
from feecalc.pricing.rules.place_of_service import FACILITY, NONFACILITY, Place, place_of_service
from feecalc.ui.pages.fee import details
from feecalc.ui.pages.fee.address import PHYSICIAN
from feecalc.ui.pages.fee.question import Question
from feecalc.ui.shared.figures import facts, picture, place_fact, release_facts
from feecalc.ui.shared.opening import Stamp
from feecalc.ui.shared.words import long_day, plain, sentence

_STANDARD = {NONFACILITY: "11", FACILITY: "22"}  # the place of service of the setting that was not chosen


def show(question: Question, now: Stamp) -> None:
    """Price the service and show the answer. Raises an InputError for what cannot be priced as entered."""
    price = question.price()
    place = place_of_service(price.place_of_service, price.day)
    about = _circumstances(question, price, place)
    _headline(price)
    facts(about)
    for note in price.notes:
        st.info(plain(sentence(note)), icon=":material/info:")
    _settings(question, price, place)
    details.receipt(price, question.schedule.release, about)
    details.commercial(price, about)
    details.through_the_years(question, price, now)
    details.link()


def _headline(price: Price) -> None:
    modifiers = "".join(f"-{modifier}" for modifier in price.modifier.split(",") if modifier)
    many = f", {price.units:,} units" if price.units > 1 else ""
    st.subheader(plain(f"{price.hcpcs}{modifiers}{many}  {price.description}"), anchor=False)
    if price.allowed_amount is None:
        status = f"{_words(price.pricing_status)} (status {price.status_indicator})"
        st.warning(f"**No price: {plain(status)}.**  \n{plain(price.reason)}", icon=":material/block:")
        return
    medicare, commercial = st.columns(2, vertical_alignment="top")
    with medicare:
        st.title(plain(money(price.allowed_amount)), anchor=False)
        st.caption("Medicare's allowed amount: what Medicare and the patient pay together.")
    averages = national_averages(commercial_range(price.allowed_amount, price.day))
    if averages:
        low, high = averages[0], averages[-1]
        with commercial:
            ends = dict.fromkeys((money(low.amount), money(high.amount)))
            st.header(plain(" to ".join(ends)), anchor=False)
            percents = dict.fromkeys((low.percent, high.percent))
            ranges = f"Commercial payers, by published national averages: {' to '.join(percents)}% of Medicare."
            st.caption(plain(ranges))
    if not price.participating and price.limiting_charge is not None:
        limit = plain(money(price.limiting_charge))
        st.markdown(f"On an unassigned claim at most **{limit}** may be charged (limiting charge).")


def _circumstances(question: Question, price: Price, place: Place) -> dict[str, str]:
    """Return the facts beside the amount: where, when and by whom the service is billed."""
    setting = f"{place.setting} setting" if place.setting in _STANDARD else "not Medicare's to price"
    lines = {
        **place_fact(price.locality),
        "Place of service": f"{place.code} {place.name} ({setting})",
        **release_facts(question.schedule.release, question.day, qp=price.qp),
        "Date of service": long_day(price.day),
    }
    if price.provider_type != PHYSICIAN or not price.participating:
        name = biller(price.provider_type, price.day).name
        lines["Billed by"] = name if price.participating else f"{name}, nonparticipating"
    if price.locality is not None and not question.gpci_floor:
        elsewhere = question.schedule.unfloored.where(price.locality.mac, price.locality.locality)
        lines["Work GPCI"] = f"without the floor ({elsewhere})" if elsewhere else "without the floor"
    return lines


def _settings(question: Question, price: Price, place: Place) -> None:
    """Show office against facility, each priced by itself; the chosen one with the place that was chosen."""
    if place.setting not in _STANDARD:
        return
    both = {
        setting: price if setting == place.setting else question.at(standard).price()
        for setting, standard in _STANDARD.items()
    }
    if all(priced.allowed_amount is None for priced in both.values()):
        return
    st.markdown("##### Office against facility")
    for column, (setting, priced) in zip(st.columns(2), both.items(), strict=True):
        with column:
            at = place_of_service(priced.place_of_service, priced.day)
            label = plain(f"{at.code} {at.name}{' (chosen)' if setting == place.setting else ''}")
            if priced.allowed_amount is None:
                st.metric(label, "not paid", border=True)
                st.caption(plain(priced.reason))
            else:
                st.metric(label, plain(money(priced.allowed_amount)), border=True)
                for note in priced.notes:
                    if note not in price.notes:  # those stand above
                        st.caption(plain(sentence(note)))
    amounts = {setting: priced.allowed_amount for setting, priced in both.items() if priced.allowed_amount is not None}
    if len(amounts) == len(both):
        bars = "; ".join(f"{setting} {money(amount)}" for setting, amount in amounts.items())
        words = f"Bars of both settings: {bars}"
        picture(setting_bars, _table(both, place.setting), alt=words)


def _table(both: dict[str, Price], chosen: str) -> pl.DataFrame:
    """Return a row for each setting. Shape: setting, amount (USD), chosen."""
    amounts: list[Decimal | None] = [priced.allowed_amount for priced in both.values()]
    names = {NONFACILITY: "Office", FACILITY: "Facility"}
    return pl.DataFrame(
        {
            "setting": [f"{names[setting]}, {priced.place_of_service}" for setting, priced in both.items()],
            "amount": pl.Series(amounts, dtype=pl.Decimal(12, 2)),
            "chosen": [setting == chosen for setting in both],
        }
    )


def _words(name: str) -> str:
    return name.replace("_", " ")
