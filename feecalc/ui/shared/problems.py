"""An error as a person should meet it: what failed and what to do, in a box, and the rest of the page as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import streamlit as st

from feecalc.errors import FeeCalcError
from feecalc.ui.shared.words import plain, sentence

# A message is written for the command line: what a page calls its options and commands.
_BOXES: Mapping[str, str] = {
    "--release": "the box Release",
    "--date": "the box Date of service",
    "--pos": "the box Place of service",
    "--locality": "the box Locality",
    "--wage-index": "the box Wage index",
    "--map": "the table of columns",
    "--order": "Parts to compute first",
    "--diagnoses": "the list of diagnoses",
}
_BUTTONS: Mapping[str, str] = {
    "feecalc build FILE --allow-warnings": "tick “Install in spite of warnings that touch no price”",
}
_COMMAND = re.compile(r"feecalc [a-z][a-z-]*(?: (?:--[a-z-]+|[A-Z0-9_]+)\b)*")
_OPTION = re.compile(r"(\bgive )?(--[a-z][a-z-]*)(?: (?:YYYY-MM-DD|CODE|PLACE|FILE)\b)?")


@contextmanager
def error_box() -> Iterator[None]:
    """Show a FeeCalcError raised inside as a box, in place of the rest of the block.

    Any other exception is a mistake of ours: streamlit says that something went wrong and prints it to the terminal.
    """
    try:
        yield
    except FeeCalcError as error:
        problem(error)


def problem(error: object) -> None:
    """Draw the box of an error."""
    st.error(plain(sentence(in_page_words(str(error)))), icon=":material/error:")


def remarks(texts: Iterable[str]) -> None:
    """Show what was changed in the person's settings, or is still to be chosen: a quiet box for each."""
    for text in texts:
        st.info(plain(sentence(in_page_words(text))), icon=":material/info:")


def notices(texts: Iterable[str]) -> None:
    """Show what a person must know of the data that answers (starter data, an older release): a box for each."""
    for text in texts:
        st.warning(plain(sentence(in_page_words(text))), icon=":material/inventory_2:")


def in_page_words(text: str) -> str:
    """Return a message with the page's boxes in place of options; a whole command in it stays as it is typed."""
    parts, at = [], 0
    for command in _COMMAND.finditer(text):
        parts += [_boxes_for_options(text[at : command.start()]), _BUTTONS.get(command[0], command[0])]
        at = command.end()
    return "".join([*parts, _boxes_for_options(text[at:])])


def _boxes_for_options(text: str) -> str:
    return _OPTION.sub(_box_for, text)


def _box_for(option: re.Match[str]) -> str:
    box = _BOXES.get(option[2])
    if box is None:
        return option[0]
    return f"fill in {box}" if option[1] else box
