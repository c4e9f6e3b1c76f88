"""An error as a person should meet it: what failed and what to do, in a box, and the rest of the page as it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import streamlit as st

from feecalc.errors import FeeCalcError
from feecalc.ui.shared.words import plain, sentence


@contextmanager
def error_box() -> Iterator[None]:
    """Show a FeeCalcError raised inside as a box where the page stands, in place of what would have come after it.

    Any other exception is a mistake of ours: streamlit says that something went wrong and prints it to the terminal.
    """
    try:
        yield
    except FeeCalcError as error:
        problem(error)


def problem(error: object) -> None:
    """The box of an error."""
    st.error(plain(sentence(str(error))), icon=":material/error:")


def remarks(texts: Iterable[str]) -> None:
    """What was done otherwise than asked, or is left to be asked: a quiet box for each."""
    for text in texts:
        st.info(plain(sentence(text)), icon=":material/info:")


def notices(texts: Iterable[str]) -> None:
    """What a person must know of the data that answers (starter data, an older release): a box for each."""
    for text in texts:
        st.warning(plain(sentence(text)), icon=":material/inventory_2:")
