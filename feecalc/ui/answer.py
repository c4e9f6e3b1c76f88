"""The answer of the Fee page: the amount or why there is none, both settings, the receipt."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import streamlit as st

from feecalc.charts.settings import setting_bars
from feecalc.pricing.price import Price
from feecalc.pricing.receipt import Step
from feecalc.pricing.release import ReleaseIdentity
from feecalc.pricing.rules.participation import biller
from feecalc.pricing.rules.place_of_service import FACILITY, NONFACILITY, Place, place_of_service
from feecalc.ui.address import PHYSICIAN
from feecalc.ui.question import Question
from feecalc.ui.words import long_day, money, plain, quarter

_STANDARD = {NONFACILITY: "11", FACILITY: "22"}  # the place that stands for a setting which was not asked for
_DOLLARS = "USD"


def show(question: Question) -> None:
    """Price the question and show the answer. Raises an InputError for what cannot be priced as asked."""
    price = question.price()
    place = place_of_service(price.place_of_service, price.day)
    _headline(price)
    _circumstances(question, price, place)
    for note in price.notes:
        st.info(plain(_sentence(note)), icon=":material/info:")
    _settings(question, price, place)
    _receipt(price, question.schedule.release)


def _headline(price: Price) -> None:
    modifier = f"-{price.modifier}" if price.modifier else ""
    st.subheader(plain(f"{price.hcpcs}{modifier}  {price.description}"), anchor=False)
    if price.allowed_amount is None:
        status = f"{_words(price.pricing_status)} (status {price.status_indicator})"
        st.warning(f"**No price: {plain(status)}.**  \n{plain(price.reason)}", icon=":material/block:")
        return
    st.title(plain(money(price.allowed_amount)), anchor=False)
    st.caption("Medicare's allowed amount: what Medicare and the patient pay together.")
    if not price.participating and price.limiting_charge is not None:
        limit = plain(money(price.limiting_charge))
        st.markdown(f"On an unassigned claim at most **{limit}** may be charged (limiting charge).")


def _circumstances(question: Question, price: Price, place: Place) -> None:
    """Where, when and by whom: what the amount is the amount of."""
    release = question.schedule.release
    where = "National (no locality)" if price.locality is None else price.locality.label
    setting = f"{place.setting} setting" if place.setting in _STANDARD else "not Medicare's to price"
    lines = {
        "Where": where,
        "Place of service": f"{place.code} {place.name} ({setting})",
        "Release": f"{release.name} ({quarter(release.first_date_of_service)})"
        + (", starter data" if release.starter else ""),
        "Date of service": long_day(price.day) + (", qualifying APM participant" if price.qp else ""),
    }
    if price.provider_type != PHYSICIAN or not price.participating:
        name = biller(price.provider_type, price.day).name
        lines["Billed by"] = name if price.participating else f"{name}, nonparticipating"
    if price.locality is not None and not question.gpci_floor:
        lines["Work GPCI"] = "without the floor"
    st.markdown("  \n".join(f"**{label}:** {plain(text)}" for label, text in lines.items()))


def _settings(question: Question, price: Price, place: Place) -> None:
    """Office against facility: each a price of its own, the chosen one as it was asked for."""
    if place.setting not in _STANDARD:
        return
    both = {
        setting: price if setting == place.setting else question.at(standard).price()
        for setting, standard in _STANDARD.items()
    }
    if all(each.allowed_amount is None for each in both.values()):
        return
    st.markdown("##### Office against facility")
    for column, (setting, each) in zip(st.columns(2), both.items(), strict=True):
        with column:
            at = place_of_service(each.place_of_service, each.day)
            label = plain(f"{at.code} {at.name}{' (chosen)' if setting == place.setting else ''}")
            if each.allowed_amount is None:
                st.metric(label, "not paid", border=True)
                st.caption(plain(each.reason))
            else:
                st.metric(label, plain(money(each.allowed_amount)), border=True)
                for note in each.notes:
                    if note not in price.notes:  # those stand above
                        st.caption(plain(_sentence(note)))
    amounts = {setting: each.allowed_amount for setting, each in both.items() if each.allowed_amount is not None}
    if len(amounts) == len(both):
        st.altair_chart(setting_bars(_table(both, place.setting)), width="stretch")


def _table(both: dict[str, Price], chosen: str) -> pl.DataFrame:
    """One row a setting: setting, amount (USD), chosen."""
    amounts: list[Decimal | None] = [each.allowed_amount for each in both.values()]
    names = {NONFACILITY: "Office", FACILITY: "Facility"}
    return pl.DataFrame(
        {
            "setting": [f"{names[setting]}, {each.place_of_service}" for setting, each in both.items()],
            "amount": pl.Series(amounts, dtype=pl.Decimal(12, 2)),
            "chosen": [setting == chosen for setting in both],
        }
    )


def _receipt(price: Price, release: ReleaseIdentity) -> None:
    title = "The steps taken" if price.allowed_amount is None else "How the amount comes about"
    with st.expander(title, expanded=False):
        st.table([_row(step) for step in price.steps])
    retrieved = f", retrieved {release.retrieved}" if release.retrieved else ""
    st.caption(plain(f"{release.name} from {release.source_name}{retrieved}\nsha256 {release.sha256}"))


def _row(step: Step) -> dict[str, str]:
    result = f"${step.value}" if step.unit == _DOLLARS else f"{step.value} {step.unit}"
    source = f"  \n:small[:gray[{plain(step.source)}]]" if step.source else ""
    return {
        "Step": plain(_sentence(step.name)),
        "What was done, and the source": plain(step.detail) + source,
        "Result": plain(result),
    }


def _words(name: str) -> str:
    return name.replace("_", " ")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
