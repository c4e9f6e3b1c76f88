"""The view of all offers: what each pays, who wins and loses, the way from today to one of them, what clauses cost."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

import polars as pl
import streamlit as st

from feecalc.charts.contracts import offer_waterfall
from feecalc.charts.ranking import ranking_chart
from feecalc.charts.waterfall import movers_chart
from feecalc.contracts.comparing import Comparison
from feecalc.money import signed_usd
from feecalc.money import usd as money
from feecalc.ui.pages.contracts import address, form, offers, priced
from feecalc.ui.pages.contracts.priced import Inputs
from feecalc.ui.shared.address import settle
from feecalc.ui.shared.exports import downloads
from feecalc.ui.shared.figures import facts_line, money_table
from feecalc.ui.shared.problems import remarks
from feecalc.ui.shared.words import one_line, plain

_ENDS = 8  # codes that gain, and codes that lose, in the picture
_NO_CODES_SHOWN = 12
_OFFERS = {
    "offer": "Contract", "contract_amount": "Pays", "change_amount": "Against today",
    "effective_percent": "% of Medicare", "lost_amount": "Low charges", "unpaid_units": "No amount",
    "percents_of": "Percents of Medicare",
}  # fmt: skip
_TWO_PLACES = {"effective_percent": "%.2f"}
_TERM = pl.col("term").str.split(".").list.last().str.replace_all("_", " ")
_NOTHING = Decimal("0.00")
_SHORTEST = 28  # characters of a name in a picture


def show(inputs: Inputs) -> None:
    """Compare and show. Raises a FeeCalcError for what cannot be priced."""
    listed = form.in_order(inputs)
    found, notices = priced.compared(inputs, inputs.key, tuple(offer.text for offer in listed))
    names = [offers.label(offer) for offer in listed]
    facts = form.facts(inputs)
    _all(found, names, facts)
    remarks(notices)
    _without_amount(found, names)
    if len(listed) == 1:
        st.info("Add an offer at the left to compare it with this contract.", icon=":material/add:")
    else:
        _one(found, listed, names, facts)
    _clauses(found, names, facts)
    _by_category(found, names, facts)
    _low_charges(found, names, facts)
    st.download_button(
        "Report to print (HTML)", partial(_report, found, facts, notices), "contract-offers.html", "text/html",
        key="contracts_report", on_click="ignore", icon=":material/print:",
        help="All of these offers with their codes and clauses, as one page to print or to send.",
    )  # fmt: skip


def _report(found: Comparison, facts: dict[str, str], notices: tuple[str, ...]) -> bytes:
    from feecalc.report.comparison import comparison_report

    return comparison_report(found, facts, notices)


def _all(found: Comparison, names: list[str], facts: dict[str, str]) -> None:
    """Show what each contract pays in all."""
    bases = [form.basis_words(summary.contract) for summary in found.summaries]
    table = found.offers().with_columns(pl.Series("offer", names), pl.Series("percents_of", bases))
    best = table.sort("contract_amount", descending=True, nulls_last=True).row(0, named=True)
    today = table.row(0, named=True)
    boxes = [("Today: " + today["offer"], today), ("Pays most: " + best["offer"], best)]
    for column, (label, row) in zip(st.columns(2), boxes, strict=True):
        percent = row["effective_percent"]
        column.metric(
            plain(one_line(label)), plain(_money(row["contract_amount"])),
            "" if percent is None else f"{percent:,} % of current Medicare", border=True, delta_color="off",
            delta_arrow="off",
        )  # fmt: skip
    facts_line(facts)
    words = f"{table.height} contracts, each with what it pays and its percent of current Medicare"
    money_table(table, _OFFERS, key="contracts_offers_table", alt=words, formats=_TWO_PLACES)
    downloads(table.select(list(_OFFERS)), "contract-offers", facts, key="contracts_offers_files")
    bars = table.select(
        pl.col("offer").str.slice(0, _SHORTEST).alias("label"), pl.col("contract_amount").alias("amount"),
        (pl.int_range(pl.len()) == 0).alias("chosen"),
    ).drop_nulls("amount")  # fmt: skip
    amounts = "; ".join(f"{label} {money(amount)}" for label, amount, _ in bars.iter_rows())
    st.altair_chart(ranking_chart(bars, "Paid in all, USD"), width="stretch", alt=f"What each contract pays: {amounts}")
    st.caption(
        "Blue: in force today. The percent of Medicare is of the services that both the contract and Medicare price. "
        "Low charges: revenue lost where the charge is below what the contract allows. No amount: units that the "
        "contract does not price."
    )


def _money(amount: Decimal | None) -> str:
    return "no amount" if amount is None else money(amount)


def _without_amount(found: Comparison, names: list[str]) -> None:
    """Warn of the codes that a contract does not price: they count as nothing."""
    for name, summary in zip(names, found.summaries, strict=True):
        codes = summary.unpaid()["hcpcs"].unique().sort().to_list()
        if codes:
            more = " and others" if len(codes) > _NO_CODES_SHOWN else ""
            st.warning(
                plain(
                    f"{name}: {summary.totals['unpaid_units']:,} units have no amount and count as nothing "
                    f"({', '.join(codes[:_NO_CODES_SHOWN])}{more})."
                ),
                icon=":material/block:",
            )


def _one(found: Comparison, listed: list[offers.Offer], names: list[str], facts: dict[str, str]) -> None:
    """Show an offer against the contract in force: by category, and by code."""
    numbers = [offer.number for offer in listed]
    settle(address.LOOKED, numbers[1:], numbers[1], "")
    st.markdown("##### From today to an offer")
    looked = st.selectbox(
        "Offer", numbers[1:], key=address.LOOKED, format_func=lambda number: names[numbers.index(number)]
    )
    at = numbers.index(looked)
    about = facts | {"Today": names[0], "Offer": names[at]}
    waterfall(found, at + 1, "Today", "The offer")
    facts_line(about)
    _winners(found, at + 1, names[at], about)


def waterfall(found: Comparison, offer: int, first: str, last: str) -> None:
    """Draw the change from the first contract to an offer (numbered from 1), category by category."""
    change = f"change_{offer}_amount"
    parts = found.by("category").select(pl.col("category").alias("label"), pl.col(change).alias("change"))
    parts = parts.filter(pl.col("change") != 0).sort("change", descending=True)
    ends = [found.summaries[number - 1].totals["contract_amount"] or _NOTHING for number in (1, offer)]
    words = "; ".join(f"{label} {signed_usd(amount)}" for label, amount in parts.iter_rows())
    chart = offer_waterfall(parts, (first, ends[0]), (last, ends[1]))
    alt = f"From {first}, {money(ends[0])}, to {last}, {money(ends[1])}: {words}"
    st.altair_chart(chart, width="stretch", alt=alt)


def _winners(found: Comparison, offer: int, name: str, facts: dict[str, str]) -> None:
    """Show the codes that win and lose."""
    change = f"change_{offer}_amount"
    moved = found.winners_and_losers(offer)
    gains, loses = moved.filter(pl.col(change) > 0), moved.filter(pl.col(change) < 0).reverse()
    st.markdown(f"##### {plain(name)}: {gains.height} codes win, {loses.height} lose")
    if moved.is_empty():
        st.caption("No code's payment changes.")
        return
    service = pl.concat_str("hcpcs", pl.col("modifier").replace("", None), separator="-", ignore_nulls=True)
    ends = pl.concat([gains.head(_ENDS), loses.head(_ENDS).reverse()])
    bars = ends.select(service.alias("service"), pl.col(change).alias("change"))
    words = "; ".join(f"{label} {signed_usd(amount)}" for label, amount in bars.iter_rows())
    st.altair_chart(movers_chart(bars), width="stretch", alt=f"Codes that win and lose most: {words}")
    headings = {
        "hcpcs": "Code", "modifier": "Modifier", "offer_1_amount": "Today", f"offer_{offer}_amount": "Offer",
        change: "Change",
    }  # fmt: skip
    for title, part, key in (("Codes that lose", loses, "loses"), ("Codes that win", gains, "gains")):
        with st.expander(f"{title}: {part.height}", expanded=key == "loses" and not part.is_empty()):
            alt = f"{title}: {part.height} codes, the largest change first"
            money_table(part, headings, key=f"contracts_{key}", alt=alt)
            downloads(part, f"contract-codes-{key}", facts, key=f"contracts_{key}_files")


def _clauses(found: Comparison, names: list[str], facts: dict[str, str]) -> None:
    """Show what the terms that are not a rate cost."""
    st.markdown("##### What clauses that are not a rate cost")
    if found.costs.is_empty():
        st.caption("No contract here has such a clause.")
        return
    named = dict(enumerate(names, 1))
    table = found.costs.with_columns(pl.col("offer").replace_strict(named, return_dtype=pl.String).alias("contract"))
    known = table.filter(pl.col("cost_amount").is_not_null()).sort("cost_amount", descending=True)
    bars = known.select(
        pl.format("{}. {}", "offer", _TERM).alias("service"),
        (-pl.col("cost_amount")).alias("change"),
    )  # fmt: skip
    words = "; ".join(f"{label} {signed_usd(amount)}" for label, amount in bars.iter_rows())
    st.altair_chart(
        movers_chart(bars, "What the clause does to revenue, USD"), width="stretch", alt=f"Clauses: {words}"
    )
    headings = {"contract": "Contract", "what": "Clause", "cost_amount": "Costs"}
    money_table(table, headings, key="contracts_clauses", alt=f"{table.height} clauses, each with what it costs")
    downloads(table.select(list(headings)), "contract-clauses", facts, key="contracts_clauses_files")
    st.caption(
        "Each is how much more the contract would pay with Medicare's own rule in place of that clause alone; below "
        "zero the clause brings money. Without an amount: a volume has no sessions to compute it from."
    )


def _by_category(found: Comparison, names: list[str], facts: dict[str, str]) -> None:
    table = found.by("category")
    headings = {"category": "Category"} | {
        f"offer_{number}_amount": one_line(name) for number, name in enumerate(names, 1)
    }
    st.markdown("##### By category")
    money_table(table, headings, key="contracts_categories_table", alt="What each contract pays, category by category")
    if any(table.select(list(headings)).null_count().row(0)):
        st.caption("A dash: not priced, the contract has no amount for it; in a change it counts as nothing.")
    downloads(table, "contract-categories", facts, key="contracts_categories_files")


def _low_charges(found: Comparison, names: list[str], facts: dict[str, str]) -> None:
    """Show the codes that are charged below what a contract would pay."""
    low = [
        summary.low_charges().with_columns(pl.lit(name).alias("contract"))
        for name, summary in zip(names, found.summaries, strict=True)
    ]
    table = pl.concat(low)
    if table.is_empty():
        return
    headings = {
        "contract": "Contract", "hcpcs": "Code", "modifier": "Modifier", "setting": "Setting", "below_units": "Units",
        "billed_amount": "Charged", "lost_amount": "Lost",
    }  # fmt: skip
    with st.expander(f"Charges below what a contract allows: {table.height}"):
        alt = f"{table.height} codes charged below what a contract allows"
        money_table(table, headings, key="contracts_low", alt=alt)
        downloads(table.select(list(headings)), "contract-low-charges", facts, key="contracts_low_files")
