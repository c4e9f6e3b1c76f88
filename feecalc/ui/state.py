"""The page's state across reruns: taken from the address once, kept while a widget is out of sight, written back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from feecalc.ui import address

_SEEN = "fee_address"  # the parameters last read or written
_LEFT = "fee_left"  # the widgets' state as the last whole run left it


def begin() -> list[str]:
    """Bring the widgets' state into being. Returns what of the address was left out."""
    state = st.session_state
    asked = st.query_params.to_dict()
    left_out: list[str] = []
    if state.get(_SEEN) != asked and not _touched():
        wanted, left_out = address.read(asked)
        for key in address.KEYS:
            state.pop(key, None)
        state.update(wanted)
        state[_SEEN] = asked
    for key in address.KEYS:
        if key in state:
            state[key] = state[key]  # streamlit forgets the value of a widget that is not drawn, unless it was set
        elif key in address.DEFAULTS:
            state[key] = address.DEFAULTS[key]
    return left_out


def _touched() -> bool:
    """Whether a widget was used since the last run: then another address is not a link followed or a step back, but
    one that the browser sent before it had ours, and what the person did must not be undone by it."""
    left = st.session_state.get(_LEFT)
    return left is not None and any(left.get(key) != st.session_state.get(key) for key in address.KEYS)


def end() -> None:
    """Write the state into the address."""
    state = {key: st.session_state[key] for key in address.KEYS if key in st.session_state}
    written = address.write(state)
    st.session_state.update({_LEFT: state, _SEEN: written})  # first: a rerun may end this one at the next line
    if st.query_params.to_dict() != written:
        st.query_params.from_dict(written)


def settle(key: str, options: Sequence[Any], default: Any, left_out: str) -> list[str]:
    """Hold a choice to what there is: one that is not among the options gives way to the default, which is said."""
    state = st.session_state
    if state.get(key) in options:
        return []
    asked = state.get(key)
    state[key] = default
    return [left_out.format(asked)] if asked not in (None, "") else []
