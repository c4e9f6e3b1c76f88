"""What is shown below the amount: the receipt, the commercial benchmarks, the code through the years, the link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import polars as pl
import streamlit as st

from feecalc.charts.service import history_chart
from feecalc.errors import FeeCalcError, NotInstalled
from feecalc.money import usd as money
from feecalc.pricing.commercial_range import Benchmark, commercial_range
from feecalc.pricing.price import Price
from feecalc.pricing.receipt import Step
from feecalc.pricing.release import ReleaseIdentity
from feecalc.ui.pages.fee.question import Question
from feecalc.ui.shared import opening
from feecalc.ui.shared.exports import downloads
from feecalc.ui.shared.figures import facts_line, markdown_table, money_table, picture
from feecalc.ui.shared.opening import Stamp
from feecalc.ui.shared.words import plain, sentence

_DOLLARS = "USD"
_STEP_TEXT = {"name": "step", "detail": "what was done", "value": "result", "unit": "unit", "source": "source"}
_PUBLISHERS = {
    "milliman": "Milliman",
    "hcci": "Health Care Cost Institute",
    "rand": "RAND",
    "billing_guide": "A billing guide (not confirmed)",
}


def receipt(price: Price, release: ReleaseIdentity, about: Mapping[str, str]) -> None:
    """Show every step that led to the amount, with its rule or file."""
    title = "The steps taken" if price.allowed_amount is None else "How the amount is computed"
    with st.expander(title, expanded=False, icon=":material/receipt_long:"):
        markdown_table(_row(step) for step in price.steps)
        steps = pl.DataFrame([step.as_dict() for step in price.steps]).rename(_STEP_TEXT)
        downloads(steps, f"receipt-{price.hcpcs}-{price.release}", about, key="fee_receipt")
    retrieved = f", retrieved {release.retrieved}" if release.retrieved else ""
    st.caption(plain(f"{release.name} from {release.source_name}{retrieved}\nsha256 {release.sha256}"))


def commercial(price: Price, about: Mapping[str, str]) -> None:
    """Show the published percents of Medicare, applied to the amount."""
    if price.allowed_amount is None:
        return
    found = commercial_range(price.allowed_amount, price.day)
    if not found:
        return
    with st.expander("What commercial payers pay, by published percents", icon=":material/handshake:"):
        st.caption(
            plain(
                f"Each percent of Medicare's {money(price.allowed_amount)}. A percent is an average over many services "
                "and payers: a place to begin a negotiation, not a price of this service."
            )
        )
        table = pl.DataFrame([asdict(benchmark) | {"who": _who(benchmark)} for benchmark in found]).with_columns(
            pl.col("amount").cast(pl.Decimal(12, 2)), pl.col("percent").cast(pl.Decimal(8, 2))
        )
        headings = {"who": "Published by", "percent": "% of Medicare", "amount": "Amount", "source": "Source"}
        amounts = (f"{_who(benchmark)} {money(benchmark.amount)}" for benchmark in found)
        words = f"Commercial benchmarks: {'; '.join(amounts)}"
        money_table(table, headings, key="fee_commercial", alt=words, formats={"percent": "%.0f%%"})
        name = f"commercial-{price.hcpcs}-{price.release}"
        downloads(table.select(list(headings)), name, about, key="fee_commercial_files")


def through_the_years(question: Question, price: Price, now: Stamp) -> None:
    """Show one unit of the code in every release here, office and facility."""
    names = tuple(sorted(release.name for release in opening.choices()))
    history, left_out = _history(question, names, now)
    if history is None or history.drop_nulls("nonfacility_amount").height < 2:
        return
    service = f"{question.code}-{question.row_modifier}" if question.row_modifier else question.code
    st.markdown(f"##### {plain(service)} through the years")
    first, last = (history.drop_nulls("nonfacility_amount").row(at, named=True) for at in (0, -1))
    words = (
        f"{service} in an office: {money(first['nonfacility_amount'])} in {first['release']}, "
        f"{money(last['nonfacility_amount'])} in {last['release']}"
    )
    picture(history_chart, history, alt=words)
    where = "national" if question.locality is None else question.locality.label
    extra = "" if not left_out else f" · Not in: {', '.join(left_out)}"
    facts_line({"One unit of the code's own row": f"{where}, each release by its own factor{extra}"})
    with st.expander("As a table", icon=":material/table_rows:"):
        headings = {
            "release": "Release", "first_date_of_service": "From", "nonfacility_amount": "Office",
            "facility_amount": "Facility", "nonfacility_change": "Change, office",
        }  # fmt: skip
        money_table(history, headings, key="fee_history", alt=words)
        about = {"Where": where, "Service": service}
        downloads(history, f"history-{service}", about, key="fee_history_files")


def link() -> None:
    """Show the address that opens the page with the same settings."""
    with st.popover("Link to this query", icon=":material/link:"):
        st.caption("The address of this page holds all of its settings. It works on this computer only.")
        parameters = "&".join(f"{name}={value}" for name, value in st.query_params.to_dict().items())
        st.code(f"{str(st.context.url or '').split('?')[0]}?{parameters}", language=None, wrap_lines=True)


def _history(question: Question, names: tuple[str, ...], now: Stamp) -> tuple[pl.DataFrame | None, list[str]]:
    key = None if question.locality is None else question.locality.key
    there, left_out = [], []
    for name in names:
        try:
            schedule = opening.schedule(name, now)
        except FeeCalcError:
            left_out.append(name)
            continue
        if key is not None and key not in {locality.key for locality in schedule.all_localities}:
            left_out.append(name)
        else:
            there.append(schedule)
    try:
        return question.through(there), left_out
    except NotInstalled:  # a release without the file an anesthesia code needs
        return None, left_out


def _row(step: Step) -> dict[str, str]:
    result = f"${step.value}" if step.unit == _DOLLARS else f"{step.value} {step.unit}"
    source = f"  \n:small[:gray[{plain(step.source)}]]" if step.source else ""
    return {
        "Step": plain(sentence(step.name)),
        "What was done, and the source": plain(step.detail) + source,
        "Result": plain(result),
    }


def _who(benchmark: Benchmark) -> str:
    area = "" if benchmark.area == "US" else f", {benchmark.area}"
    bound = {"low": ", low end", "high": ", high end"}.get(benchmark.bound, "")
    return f"{_PUBLISHERS.get(benchmark.publisher, benchmark.publisher)}, {benchmark.year}{area}{bound}"
