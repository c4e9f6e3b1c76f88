"""The contracts on the page: each a TOML text, which is what the form and the text box both show and write.

A text that is kept can be read: one that cannot is shown with its error, and the contract stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st

from feecalc.contracts.contract import Contract
from feecalc.contracts.files.reading import read_contract
from feecalc.contracts.files.toml import contract_toml
from feecalc.errors import InvalidValue
from feecalc.ui.shared.uploads import Upload, as_path, sample_file, taken
from feecalc.ui.shared.words import one_line

MOST = 12
MOST_MB = 1
_SAMPLES = ("gulf", "offer_rate", "offer_headline", "offer_mixed")
_CONTRACTS, _FEES, _LAST = "contracts_held", "contracts_fees", "contracts_last_number"
_MOST_SHOWN = 60  # characters of a payer's name in a list
_UNREAD = "terms"


@dataclass(frozen=True)
class Offer:
    """A contract. ``number`` is its own as long as the page lives. ``seed``: the text the form was drawn from, and
    ``turn`` how often it was drawn anew."""

    number: int
    text: str
    seed: str
    turn: int = 0


def kept() -> list[Offer]:
    """Return the contracts; the samples until a person changes them."""
    if _CONTRACTS not in st.session_state:
        put([sample_file(f"contracts/{name}.toml").content.decode() for name in _SAMPLES])
    listed: list[Offer] = st.session_state[_CONTRACTS]
    return listed


def put(texts: Sequence[str]) -> None:
    """Replace all contracts by these texts, which have been read."""
    st.session_state[_CONTRACTS] = []
    for text in texts:
        add(text)


def add(text: str) -> int:
    """Add one at the end. Returns its number. Raises InvalidValue where there are too many."""
    listed: list[Offer] = st.session_state[_CONTRACTS]
    if len(listed) >= MOST:
        raise InvalidValue(f"there are {MOST} contracts on the page, which is the most; remove one first")
    number: int = st.session_state.get(_LAST, 0) + 1
    st.session_state[_LAST] = number
    listed.append(Offer(number, text, text))
    return number


def remove(number: int) -> None:
    """Remove a contract; the last one stays."""
    others = [offer for offer in kept() if offer.number != number]
    if others:
        st.session_state[_CONTRACTS] = others


def change(number: int, text: str, *, by_form: bool = False) -> None:
    """Change a contract's text; the form is drawn anew, unless it is the form that wrote it."""
    st.session_state[_CONTRACTS] = [
        offer
        if offer.number != number
        else replace(offer, text=text)
        if by_form
        else replace(offer, text=text, seed=text, turn=offer.turn + 1)
        for offer in kept()
    ]


def drawn_anew(offer: Offer) -> Offer:
    """Return the contract with its form as its text is now, after the form was out of sight."""
    change(offer.number, offer.text)
    return next(other for other in kept() if other.number == offer.number)


def label(offer: Offer) -> str:
    """Return the payer with the contract's place in the list: two contracts may be of one payer."""
    place = [offer.number for offer in kept()].index(offer.number) + 1
    return f"{place}. {one_line(read(offer.text).payer)[:_MOST_SHOWN]}"


def fees() -> tuple[Upload, ...]:
    """Return the payers' own fee tables that were dropped in."""
    return tuple(st.session_state.get(_FEES, {}).values())


def keep_fees(upload: Upload) -> None:
    """Keep a fee table for the contracts that name it."""
    st.session_state.setdefault(_FEES, {})[upload.name] = upload


def read(text: str, name: str = _UNREAD) -> Contract:
    """Read a contract from its text; its fee table is named, not placed. Errors as ``reading.read_contract``."""
    tables = fees()
    return _read(text, name, tables, tuple(table.name for table in tables))


@st.cache_resource(max_entries=256, show_spinner=False)
def _read(text: str, name: str, _fees: tuple[Upload, ...], names: tuple[str, ...]) -> Contract:
    with opened([text], _fees, name) as (found,):
        return named(found)


def text_of(upload: Upload) -> str:
    """Return a contract's file as text: TOML as it is, a workbook as TOML. Errors as ``reading.read_contract``."""
    if upload.name.lower().endswith(".xlsx"):
        with as_path(upload) as path:
            return contract_toml(named(read_contract(path)))
    with as_path(upload) as path:
        read_contract(path)
    text = upload.content.decode("utf-8-sig")
    read(text, Path(upload.name).stem)  # with what the page asks of it besides
    return text


@contextmanager
def opened(texts: Sequence[str], tables: Sequence[Upload], name: str = "contract") -> Iterator[list[Contract]]:
    """Open the contracts of these texts, with their fee tables as files beside them for as long as that takes.

    Raises InvalidValue for a fee table that is not among ``tables``: no other file is opened.
    """
    first = taken(f"{name}.toml", b"\n", MOST_MB)
    with as_path(first) as path:
        for table in tables:
            (path.parent / table.name).write_bytes(table.content)
        found = []
        for text in texts:
            path.write_text(text, encoding="utf-8", errors="surrogatepass")
            found.append(_with_its_fees(read_contract(path), path.parent, {table.name for table in tables}))
        yield found


def _with_its_fees(contract: Contract, folder: Path, names: set[str]) -> Contract:
    if contract.fee_table is None:
        return contract
    path = Path(contract.fee_table.path)
    if path.parent != folder or path.name not in names:
        raise InvalidValue(
            f"{contract.payer}, [fee_table], key 'path': there is no {path.name[:_MOST_SHOWN]!r} on the page; drop "
            "that CSV file in first, and name it without a folder"
        )
    return contract


def named(contract: Contract) -> Contract:
    """Return the contract with its fee table's name without the folder it was read in."""
    if contract.fee_table is None:
        return contract
    plain = contract.fee_table.model_copy(update={"path": Path(contract.fee_table.path).name})
    return contract.model_copy(update={"fee_table": plain})
