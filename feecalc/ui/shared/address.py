"""A page's state: taken from its address once, kept while a widget is out of sight or another page is looked at,
written back so that a link opens the page with the same settings.

A page makes one ``Address`` of its parameters, calls ``begin`` before its widgets and ``end`` after them::

    ADDRESS = Address(
        "localities",
        {"code": Parameter(CODE, code), **when_parameters(WHEN), "qp": Parameter(QP, switch)},
        defaults={QP: False},
    )

    def page() -> None:
        remarks = ADDRESS.begin()     # what of the address was left out: show it with problems.remarks
        ...                           # widgets with key=CODE ...
        ADDRESS.end()

An address is text of anybody's: a value that is not of its parameter's form is left out, and the page says so. Whether
a code, locality or release of that form exists is checked where it is used (``settle``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import streamlit as st

_MOST_SHOWN = 40
_CURRENT = "page_shown"  # the page of the last run
_LEFT = "all_left"  # the plain values of all widgets as the last whole run left them
_PLAIN = (str, int, float, date, Decimal)


@dataclass(frozen=True)
class Parameter:
    """A parameter of the address: the key of its widget, how its text is read, and what else it decides.

    ``read`` raises ValueError or KeyError for text that is not of its form. ``decides`` sets other widgets
    (``zip=33133`` turns the choice of place to ZIP code); the parameter is written only while they stand so.
    """

    key: str
    read: Callable[[str], Any]
    decides: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Address:
    """The address of one page. ``page``: a word of its own, before the keys it keeps for itself.

    ``parameters``: by name in the address. ``defaults``: the value of a widget where the address does not speak of it;
    a key without one starts empty. ``kept``: widgets whose state is kept but does not stand in the address.
    """

    page: str
    parameters: Mapping[str, Parameter]
    defaults: Mapping[str, Any]
    kept: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """Return every widget whose state is kept."""
        listed = (*self.defaults, *(parameter.key for parameter in self.parameters.values()), *self.kept)
        return tuple(dict.fromkeys(listed))

    def begin(self) -> list[str]:
        """Bring the widgets' state into being. Returns a sentence for each value of the address that was left out."""
        state = st.session_state
        parameters = st.query_params.to_dict()
        left_out: list[str] = []
        returning = state.get(_CURRENT) != self.page and self._left in state
        state[_CURRENT] = self.page
        if returning and not parameters:
            state.update({key: value for key, value in state[self._left].items() if key not in state})
        elif state.get(self._seen) != parameters and (returning or not self._touched()):
            wanted, left_out = self.read(parameters)
            for key in self.keys:
                state.pop(key, None)
            state.update(wanted)
            state[self._seen] = parameters
        for key in self.keys:
            if key in state:
                state[key] = state[key]  # streamlit forgets the value of a widget that is not drawn, unless it was set
            elif key in self.defaults:
                state[key] = self.defaults[key]
        state[self._left] = {key: state[key] for key in self.keys if key in state}  # this run may never end
        return left_out

    def end(self) -> None:
        """Write the state into the address."""
        state = {key: st.session_state[key] for key in self.keys if key in st.session_state}
        written = self.write(state)
        # first these: a rerun may end this one at the next line
        st.session_state.update({self._left: state, self._seen: written, _LEFT: _plain_values()})
        if st.query_params.to_dict() != written:
            st.query_params.from_dict(written)

    def read(self, parameters: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
        """Return the widgets' state that an address asks for, and a sentence for each value that was left out."""
        state: dict[str, Any] = {}
        left_out: list[str] = []
        for name, text in parameters.items():
            if name not in self.parameters:
                continue
            parameter = self.parameters[name]
            try:
                state[parameter.key] = parameter.read(text.strip())
            except (ValueError, KeyError):
                left_out.append(
                    f"The address asks for {name}={text[:_MOST_SHOWN]!r}, which is not valid; it was left out."
                )
                continue
            state.update(parameter.decides)
        return state, left_out

    def write(self, state: Mapping[str, Any]) -> dict[str, str]:
        """Return the parameters of an address that asks for this state; what is at its default is not written."""
        return {
            name: _written(value)
            for name, parameter in self.parameters.items()
            if all(state.get(decider) == wanted for decider, wanted in parameter.decides.items())
            and (value := state.get(parameter.key)) not in (None, "", [], ())
            and not (parameter.key in self.defaults and value == self.defaults[parameter.key])
        }

    @property
    def _seen(self) -> str:
        return f"{self.page}_address"  # the parameters last read or written

    @property
    def _left(self) -> str:
        return f"{self.page}_left"  # the widgets' state as the last run had it

    def _touched(self) -> bool:
        """Return whether a widget was used since the last run, one of the address or any other.

        Then another address is not a link followed or a step back, but one that the browser sent before it had ours,
        and what the person did must not be undone by it."""
        left = st.session_state.get(self._left)
        if left is None:
            return False
        if any(left.get(key) != st.session_state.get(key) for key in self.keys):
            return True
        before = st.session_state.get(_LEFT, {})
        # a button that was pressed goes back to False by itself
        return any(
            key not in before or (value != before[key] and value is not False) for key, value in _plain_values().items()
        )


def _plain_values() -> dict[str, Any]:
    """Return the value of every widget of the session, where it is a plain one."""
    return {
        str(key): list(value) if isinstance(value, list) else value
        for key, value in st.session_state.items()
        if isinstance(value, _PLAIN) or (isinstance(value, list) and all(isinstance(item, _PLAIN) for item in value))
    }


def settle(key: str, options: Sequence[Any], default: Any, left_out: str) -> list[str]:
    """Replace a choice that is not among the options by the default, and say so.

    ``left_out`` is the sentence, with {} for what was chosen. Call it before the widget is drawn.
    """
    state = st.session_state
    if state.get(key) in options:
        return []
    chosen = state.get(key)
    state[key] = default
    return [left_out.format(chosen)] if chosen not in (None, "") else []


def text(form: str) -> Callable[[str], str]:
    """Return a reader of text that a regular expression fits as a whole."""

    def read(given: str) -> str:
        if re.fullmatch(form, given) is None:
            raise ValueError
        return given

    return read


def upper(form: str) -> Callable[[str], str]:
    """Return the same, in capitals."""
    return lambda given: text(form)(given.upper())


def switch(given: str) -> bool:
    """Return whether it is 1, not 0."""
    return {"1": True, "0": False}[given]


def whole(most: int) -> Callable[[str], int]:
    """Return a whole number of at most so many digits."""
    return lambda given: int(text(rf"[0-9]{{1,{most}}}")(given))


def day(given: str) -> date:
    """Return a day, 2026-07-01."""
    return date.fromisoformat(text(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")(given))


def listed(form: str, most: int) -> Callable[[str], list[str]]:
    """Return a reader of texts of a form with commas between, in capitals."""

    def read(given: str) -> list[str]:
        parts = [text(form)(part.strip().upper()) for part in given.split(",") if part.strip()]
        if len(parts) > most:
            raise ValueError
        return parts

    return read


code = upper(r"[0-9A-Z]{5}")
modifier = upper(r"[0-9A-Z]{2}")
place_of_service = text(r"[0-9]{2}")


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return value.isoformat() if isinstance(value, date) else str(value)
