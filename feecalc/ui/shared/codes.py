"""The widget for a procedure code: a code is typed, or a word of its description, which then offers what fits.

A release has thousands of codes, and a browser takes seconds to search so long a list: it is given the starter data's
services and what the last words found; any other code is typed.
"""

from __future__ import annotations

import streamlit as st

from feecalc.ingest import starter
from feecalc.ui.shared.opening import Desk
from feecalc.ui.shared.words import one_line, plain

_MOST_OFFERED = 200
_MOST_SHOWN = 40  # characters of what was typed


def pick_code(key: str, desk: Desk, label: str = "Procedure code", *, example: bool = True) -> str | None:
    """A code of the release, or what was typed in its place: pricing says what is wrong with that.

    None where nothing was asked, or where the words fit several codes, which are then offered. With ``example`` a page
    that has not been asked anything starts with a code.
    """
    descriptions, found_key = desk.descriptions, f"{key}_found"
    common = [code for code in starter.services()["hcpcs"] if code in descriptions]
    asked = st.session_state.get(key)
    if asked is None and key not in st.session_state and example:
        st.session_state[key] = asked = next(iter(common), None)
    several = ""
    if asked and asked not in descriptions:
        written = _as_written(asked, descriptions)
        found = [] if written in descriptions else codes_with(written, descriptions)
        if len(found) > 1:
            more = " and more" if len(found) > _MOST_OFFERED else ""
            several = f"{min(len(found), _MOST_OFFERED)}{more} codes fit {one_line(asked)[:_MOST_SHOWN]!r}: choose one."
            st.session_state[found_key] = found[:_MOST_OFFERED]
            st.session_state[key] = None
        else:
            st.session_state[key] = found[0] if found else written
    chosen = st.session_state.get(key)
    offered = dict.fromkeys([*st.session_state.get(found_key, ()), *common])
    options = [each for each in offered if each in descriptions]
    code: str | None = st.selectbox(
        label,
        options if chosen is None or chosen in options else [chosen, *options],
        index=None,
        format_func=lambda each: f"{each}  {descriptions[each]}" if each in descriptions else one_line(each),
        key=key,
        accept_new_options=True,
        filter_mode="contains",
        placeholder="Type a code, or a word, and press Enter",
        help="Type a code, or a word of its description, and press Enter.",
    )
    if several:
        st.info(plain(several), icon=":material/search:")
    return code


def codes_with(text: str, descriptions: dict[str, str]) -> list[str]:
    """The codes that begin with the text, or whose description has all its words, in the release's order."""
    words = text.lower().split()
    if not words:
        return []
    return [
        code
        for code, description in descriptions.items()
        if code.lower().startswith(words[0]) or all(word in description.lower() for word in words)
    ]


def _as_written(asked: str, descriptions: dict[str, str]) -> str:
    """What a person typed, as the release writes it: capitals, and the code alone of a whole line."""
    words = asked.upper().split()
    return words[0] if words and words[0] in descriptions else asked.strip()
