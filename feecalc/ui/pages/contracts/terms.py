"""The view of one contract's terms: a form, and the TOML that it writes and that may be written in its place."""

from __future__ import annotations

import re

import streamlit as st

from feecalc.contracts.contract import Contract
from feecalc.contracts.files.tables import contract_of
from feecalc.contracts.files.toml import contract_toml
from feecalc.errors import FeeCalcError
from feecalc.files.toml import Places
from feecalc.ui.pages.contracts import address, offers, terms_form
from feecalc.ui.pages.contracts.form import pick_contract
from feecalc.ui.pages.contracts.offers import Offer
from feecalc.ui.pages.contracts.priced import Inputs
from feecalc.ui.shared.problems import error_box, problem
from feecalc.ui.shared.words import plain

_MOST_CHARACTERS = 200_000  # of a contract typed in
_FILE = "contract.toml"


def show(inputs: Inputs) -> None:
    """Draw the form, the text, and the buttons of the contract."""
    offer = pick_contract()
    _actions(offer)
    key = _key(offer)
    if f"{key}_payer" not in st.session_state and offer.seed != offer.text:
        offer = offers.drawn_anew(offer)
        key = _key(offer)
    began = offers.read(offer.seed)
    if began.fee_table is not None:
        st.caption(plain(f"Fee table: {began.fee_table.path} at {began.fee_table.percent} percent; change it below."))
    tables = terms_form.draw(began, key, inputs.opened.schedule.release.day(inputs.day))
    with error_box():
        changed = contract_of(terms_form.without_none(tables), Places("the form"))
        if changed != offers.read(offer.text):
            was = offers.label(offer)
            offers.change(offer.number, contract_toml(changed), by_form=True)
            offer = next(other for other in offers.kept() if other.number == offer.number)
            if offers.label(offer) != was:
                st.rerun()  # its name is shown above too
    _text(offer)


def _key(offer: Offer) -> str:
    return f"contracts_terms_{offer.number}_{offer.turn}"


def _actions(offer: Offer) -> None:
    with st.container(horizontal=True):
        st.button(
            "Copy as a new offer", key="contracts_copy", on_click=keep, args=(offer.text,),
            icon=":material/content_copy:",
        )  # fmt: skip
        st.button(
            "Remove", key="contracts_remove", on_click=offers.remove, args=(offer.number,), icon=":material/delete:",
            disabled=len(offers.kept()) == 1,
        )  # fmt: skip


def keep(text: str) -> None:
    """Add a text that can be read as one more contract, and choose it."""
    try:
        st.session_state[address.CHOSEN] = offers.add(text)
    except FeeCalcError as error:
        st.toast(plain(error))


def _text(offer: Offer) -> None:
    """Draw the TOML; what is typed there is taken as soon as it can be read."""
    st.markdown("##### The same as a file")
    key = text_key(offer)
    typed = st.text_area(
        "TOML of the contract", value=offer.text, key=key, height=380, max_chars=_MOST_CHARACTERS,
        on_change=take_typed, args=(offer.number, key),
        help="Type and press Ctrl+Enter. The form writes it anew: comments stay only as long as the form is not used.",
    )  # fmt: skip
    if typed is not None and typed != offer.text:
        try:
            offers.read(typed)
        except FeeCalcError as error:
            problem(error)
            st.caption("The contract stays as it was until that is corrected.")
    st.download_button(
        "Download the contract", offer.text, file_name(offers.read(offer.text)), "application/toml",
        key="contracts_toml_file", on_click="ignore", icon=":material/download:",
    )  # fmt: skip


def text_key(offer: Offer) -> str:
    """Return the key of the text box: one of its own for every text of the contract."""
    return f"contracts_text_{offer.number}_{hash(offer.text)}"


def take_typed(number: int, key: str) -> None:
    """Take what was typed into a text box, if it can be read and the box still is the contract's.

    A browser that is slow to draw sends the box of an earlier text once more, which would undo what was done since.
    """
    if all(key != text_key(offer) for offer in offers.kept() if offer.number == number):
        return
    text = str(st.session_state[key])
    try:
        offers.read(text)
    except FeeCalcError:
        return  # the error is shown under the text
    offers.change(number, text)


def file_name(contract: Contract) -> str:
    """Return a name for a contract's file."""
    plain_name = re.sub(r"[^A-Za-z0-9]+", "-", contract.payer).strip("-").lower()
    return f"{plain_name[:40]}.toml" if plain_name else _FILE
