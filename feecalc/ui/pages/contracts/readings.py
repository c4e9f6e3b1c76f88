"""The view of the clauses a contract is silent on: what each reading is worth, and the sentence that settles it."""

from __future__ import annotations

import polars as pl
import streamlit as st

from feecalc.charts.contracts import reading_spread
from feecalc.contracts.files.toml import contract_toml
from feecalc.contracts.readings import ClauseWorth, Readings, clause_title
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
    offer = pick_contract("The contract whose silent clauses are priced.")
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
        st.success("The clauses it is silent on change nothing of what is paid here.", icon=":material/check_circle:")
    else:
        _picture(found)
        for clause in found.unclear:
            _clause(clause, offer, shown=clause is found.unclear[0])
        downloads(found.table(), "contract-readings", about, key="contracts_readings_files")
    _rest(found)


def _picture(found: Readings) -> None:
    """Draw how far the readings of each clause lie apart."""
    table = pl.DataFrame(
        [
            {
                "clause": _called(clause),
                "lowest": clause.lowest.difference,
                "highest": clause.highest.difference,
                "lowest_says": clause.lowest.reading.meaning,
                "highest_says": clause.highest.reading.meaning,
            }
            for clause in found.unclear
        ]
    )
    words = "; ".join(f"{_called(clause)} {money(clause.at_stake)}" for clause in found.unclear)
    st.altair_chart(reading_spread(table), width="stretch", alt=f"Dollars at stake by clause: {words}")
    st.caption("Zero: with Medicare's own rule where it is silent; the bars end at the lowest and the highest reading.")


def _clause(clause: ClauseWorth, offer: Offer, *, shown: bool) -> None:
    """Draw an unclear clause: its readings, and the sentence of the one that is chosen."""
    with st.expander(
        plain(f"{clause.question}  {money(clause.at_stake)} at stake"), expanded=shown, icon=":material/help:"
    ):
        ordered = sorted(clause.readings, key=lambda outcome: outcome.revenue, reverse=True)
        table = pl.DataFrame(
            [
                {
                    "says": outcome.reading.meaning,
                    "revenue": outcome.revenue,
                    "difference": outcome.difference,
                    "taken": "yes" if outcome is clause.taken else "",
                }
                for outcome in ordered
            ],
            schema_overrides={"revenue": pl.Decimal(18, 2), "difference": pl.Decimal(18, 2)},
        )
        words = f"{table.height} readings of the clause, the one that pays most first"
        money_table(table, _HEADINGS, key=f"contracts_reading_{clause.clause}", alt=words)
        names = [outcome.reading.name for outcome in ordered]
        chosen = st.selectbox(
            "Settle it as", names, key=f"contracts_settle_{offer.number}_{clause.clause}",
            format_func=lambda name: one_line(ordered[names.index(name)].reading.meaning),
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
    """Show the silent clauses that change nothing here, and what was not priced."""
    quiet = [_called(clause) for clause in found.clauses if clause not in found.unclear]
    if quiet:
        st.caption(plain(f"The contract is silent on these, without effect here: {', '.join(quiet)}."))
    notes = ["Rules that compare the lines of a day, and charges of a claim, do not show in a volume."]
    for clause in found.clauses:
        if clause.clause == RELEASE and len(clause.readings) == 1:
            only = clause.taken.reading.name
            only_one = f"no quarter is named, and only {only} of that year is at hand"
            notes.append(f"{only_one}; the page Data loads the others")
    notes += [in_page_words(f"not priced: {reason}") for reason in found.not_priced]
    if found.left_out:
        notes.append(f"{found.left_out:,} combinations of readings were not priced")
    st.caption(plain("\n".join(sentence(note) for note in notes)))


def _called(clause: ClauseWorth) -> str:
    return sentence(clause_title(clause.clause))
