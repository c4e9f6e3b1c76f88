"""The view of what a contract leaves unsaid: what each reading is worth, and the sentence that settles it."""

from __future__ import annotations

import polars as pl
import streamlit as st

from feecalc.charts.contracts import reading_spread
from feecalc.contracts.files.toml import contract_toml
from feecalc.contracts.readings import ClauseWorth, Readings, in_words
from feecalc.contracts.terms.medicare_year import RELEASE
from feecalc.contracts.terms.silence import Reading
from feecalc.money import usd as money
from feecalc.ui.pages.contracts import offers, priced
from feecalc.ui.pages.contracts.form import facts, pick_contract
from feecalc.ui.pages.contracts.offers import Offer
from feecalc.ui.pages.contracts.priced import Inputs
from feecalc.ui.shared.exports import downloads
from feecalc.ui.shared.figures import facts_line, money_table
from feecalc.ui.shared.problems import in_page_words
from feecalc.ui.shared.words import one_line, plain, sentence

_HEADINGS = {"says": "Reading", "revenue": "Pays", "difference": "Difference", "taken": "Read so here"}


def show(inputs: Inputs) -> None:
    """Price every reading and show what is unclear. Raises a FeeCalcError for what cannot be priced."""
    offer = pick_contract("The contract whose silence is looked at.")
    found = priced.read_every_way(inputs, inputs.key, offer.text)
    about = facts(inputs) | {"Contract": offers.label(offer)}
    figures = {
        "Between the readings": found.spread,
        "As it is read here": found.revenue,
        "Lowest reading": found.lowest,
        "Highest reading": found.highest,
    }
    columns = [*st.columns(2), *st.columns(2)]
    for column, (label, amount) in zip(columns, figures.items(), strict=True):
        column.metric(label, plain(money(amount)), border=True)
    facts_line(about)
    if not found.unclear:
        st.success("Nothing it leaves unsaid changes what is paid here.", icon=":material/check_circle:")
    else:
        _picture(found)
        for each in found.unclear:
            _clause(each, offer, shown=each is found.unclear[0])
        downloads(found.table(), "contract-readings", about, key="contracts_readings_files")
    _rest(found)


def _picture(found: Readings) -> None:
    """How far the readings of each clause lie apart."""
    table = pl.DataFrame(
        [
            {
                "clause": _called(each),
                "lowest": each.lowest.difference,
                "highest": each.highest.difference,
                "lowest_says": each.lowest.reading.says,
                "highest_says": each.highest.reading.says,
            }
            for each in found.unclear
        ]
    )
    words = "; ".join(f"{_called(each)} {money(each.at_stake)}" for each in found.unclear)
    st.altair_chart(reading_spread(table), width="stretch", alt=f"Dollars at stake by clause: {words}")
    st.caption("Zero: with Medicare's own way in its silence; the bars end at the lowest and the highest reading.")


def _clause(clause: ClauseWorth, offer: Offer, *, shown: bool) -> None:
    """One unclear clause: its readings, and the sentence of the one that is chosen."""
    with st.expander(
        plain(f"{clause.question}  {money(clause.at_stake)} at stake"), expanded=shown, icon=":material/help:"
    ):
        ordered = sorted(clause.readings, key=lambda each: each.revenue, reverse=True)
        table = pl.DataFrame(
            [
                {
                    "says": each.reading.says,
                    "revenue": each.revenue,
                    "difference": each.difference,
                    "taken": "yes" if each is clause.taken else "",
                }
                for each in ordered
            ],
            schema_overrides={"revenue": pl.Decimal(18, 2), "difference": pl.Decimal(18, 2)},
        )
        words = f"{table.height} readings of the clause, the one that pays most first"
        money_table(table, _HEADINGS, key=f"contracts_reading_{clause.clause}", alt=words)
        names = [each.reading.name for each in ordered]
        chosen = st.selectbox(
            "Settle it as", names, key=f"contracts_settle_{offer.number}_{clause.clause}",
            format_func=lambda each: one_line(ordered[names.index(each)].reading.says),
        )  # fmt: skip
        reading = ordered[names.index(chosen)].reading
        st.caption("The sentence to put in the contract:")
        st.code(reading.sentence, language=None, wrap_lines=True)
        st.caption("The same in the contract's file:")
        st.code(reading.entry, language="toml", wrap_lines=True)
        st.button(
            "Put it in", key=f"contracts_put_{clause.clause}", on_click=_put, args=(offer, reading),
            icon=":material/edit_note:",
        )  # fmt: skip


def _put(offer: Offer, reading: Reading) -> None:
    offers.change(offer.number, contract_toml(reading.terms(offers.read(offer.text))))


def _rest(found: Readings) -> None:
    """What is unsaid without effect, and what was not priced."""
    quiet = [_called(each) for each in found.clauses if each not in found.unclear]
    if quiet:
        st.caption(plain(f"Unsaid, and without effect here: {', '.join(quiet)}."))
    notes = ["Rules over several lines of a day, and charges of a claim, do not show in a volume."]
    for each in found.clauses:
        if each.clause == RELEASE and len(each.readings) == 1:
            only = each.taken.reading.name
            only_one = f"no quarter is named, and only {only} of that year is at hand"
            notes.append(f"{only_one}; the page Data loads the others")
    notes += [in_page_words(f"not priced: {each}") for each in found.not_priced]
    if found.left_out:
        notes.append(f"{found.left_out:,} combinations of readings were not priced")
    st.caption(plain("\n".join(sentence(each) for each in notes)))


def _called(clause: ClauseWorth) -> str:
    return sentence(in_words(clause.clause))
