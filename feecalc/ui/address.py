"""The question in the page's address, so that a link asks it again.

``?code=..&modifier=..&pos=..&locality=MAC-NN|zip=..&release=..|date=..&qp=1&floor=0&participating=0&provider=..
&minutes=..&induction=1``; what is not there has its default. Whatever stands in an address is somebody's text: a value
that is not of its parameter's form is left out, and that is said. Whether a code, locality or release of that form
exists is asked where it is used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

# The keys of the widgets, which are the page's state.
CODE, MODIFIER, POS = "fee_code", "fee_modifier", "fee_pos"
WHERE, LOCALITY, ZIP = "fee_where", "fee_locality", "fee_zip"
WHEN, RELEASE, DAY = "fee_when", "fee_release", "fee_day"
QP, FLOOR, PARTICIPATING = "fee_qp", "fee_floor", "fee_participating"
PROVIDER, MINUTES, INDUCTION = "fee_provider", "fee_minutes", "fee_induction"
NATIONAL, BY_LOCALITY, BY_ZIP = "National", "Locality", "ZIP code"
BY_RELEASE, BY_DAY = "Release", "Date of service"
OFFICE, PHYSICIAN = "11", "physician"

DEFAULTS: Mapping[str, Any] = {
    MODIFIER: "", POS: OFFICE, WHERE: NATIONAL, WHEN: BY_RELEASE, QP: False, FLOOR: True, PARTICIPATING: True,
    PROVIDER: PHYSICIAN, MINUTES: None, INDUCTION: False,
}  # fmt: skip
KEYS = (*DEFAULTS, CODE, LOCALITY, ZIP, RELEASE, DAY)

_MOST_SHOWN = 40


def _text(form: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if re.fullmatch(form, text) is None:
            raise ValueError
        return text

    return read


def _upper(form: str) -> Callable[[str], str]:
    return lambda text: _text(form)(text.upper())


def _switch(text: str) -> bool:
    return {"1": True, "0": False}[text]


def _minutes(text: str) -> int:
    return int(_text(r"[0-9]{1,4}")(text))


def _day(text: str) -> date:
    return date.fromisoformat(_text(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")(text))


# parameter -> (widget, how its text is read, what else it decides)
_PARAMETERS: Mapping[str, tuple[str, Callable[[str], Any], Mapping[str, str]]] = {
    "code": (CODE, _upper(r"[0-9A-Z]{5}"), {}),
    "modifier": (MODIFIER, _upper(r"[0-9A-Z]{2}"), {}),
    "pos": (POS, _text(r"[0-9]{2}"), {}),
    "locality": (LOCALITY, _text(r"[0-9]{5}-[0-9]{2}"), {WHERE: BY_LOCALITY}),
    "zip": (ZIP, _text(r"[0-9]{5}(-[0-9]{4})?"), {WHERE: BY_ZIP}),
    "release": (RELEASE, _upper(r"RVU[0-9]{2}[0-9A-Z_]{1,10}"), {WHEN: BY_RELEASE}),
    "date": (DAY, _day, {WHEN: BY_DAY}),
    "qp": (QP, _switch, {}),
    "floor": (FLOOR, _switch, {}),
    "participating": (PARTICIPATING, _switch, {}),
    "provider": (PROVIDER, _text(r"[a-z]{1,12}"), {}),
    "minutes": (MINUTES, _minutes, {}),
    "induction": (INDUCTION, _switch, {}),
}


def read(parameters: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """The widgets' state that an address asks for, and a sentence for each value that was left out."""
    state: dict[str, Any] = {}
    left_out: list[str] = []
    for name, text in parameters.items():
        if name not in _PARAMETERS:
            continue
        key, parse, decides = _PARAMETERS[name]
        try:
            state[key] = parse(text.strip())
        except (ValueError, KeyError):
            left_out.append(f"The address asks for {name}={text[:_MOST_SHOWN]!r}, which is not one; it was left out.")
            continue
        state.update(decides)
    return state, left_out


def write(state: Mapping[str, Any]) -> dict[str, str]:
    """The parameters of an address that asks for this state; what is at its default is not written."""
    chosen = {
        name: state.get(key)
        for name, (key, _, decides) in _PARAMETERS.items()
        if all(state.get(decider) == value for decider, value in decides.items())
    }
    return {
        name: _written(value)
        for name, value in chosen.items()
        if value not in (None, "") and (_PARAMETERS[name][0] not in DEFAULTS or value != DEFAULTS[_PARAMETERS[name][0]])
    }


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return value.isoformat() if isinstance(value, date) else str(value)
