"""What a policy file may hold: a model for each table, and the messages for what is wrong, by file, table and key."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from feecalc.edits.severity import SEVERITIES
from feecalc.errors import InvalidValue

_CODE = re.compile(r"[A-Z0-9]+(\.[A-Z0-9]+)?")
_PLACE = re.compile(r"\{(\w*)\}")
# Columns that stand behind the braces of a sentence; one that an edit does not fill is left out of the sentence.
PLACES = (
    "hcpcs",
    "policy",
    "region",
    "purpose",
    "reading",  # how the purpose is known
    "with_code",
    "modifier",
    "sides",
    "other_sides",
    "most",
    "months",
    "prior_dates",
    "joints",
    "over",
    "diagnosis",
    "list",
    "place_of_service",
)


def _wrong(text: str, key: str = "") -> PydanticCustomError:
    """Return an error whose sentence is ``text``; ``key``: of the key, where a whole row is looked at."""
    return PydanticCustomError("policy", "{text}", {"text": text, "key": key})


def _is(kind: str, good: Callable[[Any], bool], example: str = "") -> BeforeValidator:
    def checked(value: Any) -> Any:
        if not good(value):
            raise _wrong(f"{value!r} is no {kind}{example}")
        return value

    return BeforeValidator(checked)


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _codes(value: list[str]) -> list[str]:
    found = [each.strip().upper() for each in value]
    wrong = [each for each in found if not _CODE.fullmatch(each)]
    if wrong:
        raise _wrong(f"{wrong[0]!r} is no code; write letters and digits, such as M51 or M51.26")
    return found


Text = Annotated[str, _is("text", lambda value: isinstance(value, str)), Field(description="text")]
Day = Annotated[
    date, _is("date", lambda value: type(value) is date, " (2026-01-01, without quotation marks)"),
    Field(description="date"),
]  # fmt: skip
Count = Annotated[
    int, _is("whole number above 0", lambda value: type(value) is int and value > 0),
    Field(description="whole number above 0"),
]  # fmt: skip
Flag = Annotated[
    bool, _is("true or false", lambda value: isinstance(value, bool)), Field(description="true or false")
]
Words = Annotated[
    list[str], _is("list", lambda value: _is_list(value) and all(value), ' (["a", "b"])'), Field(description="list")
]
Codes = Annotated[
    list[str], BeforeValidator(_codes),
    _is("list of codes", lambda value: _is_list(value) and bool(value), ' (["A", "B"], not empty)'),
    Field(description="list of codes"),
]  # fmt: skip


class PolicyRow(BaseModel):
    """What every row may say: its days, its contractors, its source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    effective_from: Day | None = None
    effective_to: Day | None = None
    macs: Codes | None = None
    not_macs: Codes | None = None
    source: Text | None = None
    basis: Text | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.effective_to is not None and self.effective_to < (self.effective_from or date.min):
            raise _wrong(f"{self.effective_to} is before effective_from", "effective_to")
        if self.macs is not None and self.not_macs is not None:
            raise _wrong("give macs or not_macs, not both", "not_macs")
        return self


class Head(PolicyRow):
    """[policy]: the policy itself."""

    key: Text
    name: Text


class Region(PolicyRow):
    """A region of the body that sessions and levels are counted by."""

    key: Text
    name: Text


class Kind(PolicyRow):
    """A kind of procedure: with one purpose, or with two told apart by a modifier."""

    key: Text
    purpose: Text | None = None
    modifier: Text | None = None
    purpose_with_modifier: Text | None = None
    purpose_without_modifier: Text | None = None

    @model_validator(mode="after")
    def _purpose(self) -> Self:
        by_modifier = {"modifier", "purpose_with_modifier", "purpose_without_modifier"}
        given = by_modifier & self.model_fields_set
        if ("purpose" in self.model_fields_set) == bool(given) or (given and given != by_modifier):
            raise _wrong(f"give purpose, or all of {', '.join(sorted(by_modifier))}", "purpose")
        return self


class Code(PolicyRow):
    """What procedure codes are; ``each_further``: every unit (and side) is a joint more."""

    codes: Codes
    region: Text
    kind: Text
    level: Count
    each_further: Flag = False


class Coverage(PolicyRow):
    """Codes that are not covered, or on appeal only."""

    codes: Codes
    rule: Text


class Included(PolicyRow):
    """Codes that are part of a procedure."""

    codes: Codes
    passing_modifiers: Codes | None = None


class Levels(PolicyRow):
    """The most levels of a region in a session."""

    most: Count
    kinds: Words | None = None


class Regions(PolicyRow):
    """The most regions of a patient in a day."""

    most: Count


class Sessions(PolicyRow):
    """The most sessions of a purpose in a rolling number of months."""

    purpose: Text
    most: Count
    months: Count


class PerDay(PolicyRow):
    """How often codes are paid in a patient's day."""

    codes: Codes
    most: Count


class RequiredModifier(PolicyRow):
    """A modifier that every line of a purpose carries."""

    modifier: Text
    purpose: Text


class PriorAuthorization(PolicyRow):
    """Codes that need prior authorization, and where."""

    codes: Codes
    places: Codes


class ListHead(PolicyRow):
    """A list of diagnoses, and whether it is a contractor's whole one."""

    key: Text
    name: Text
    complete: Flag


class Diagnosis(PolicyRow):
    """Diagnoses of a list: whether they support the policy's codes."""

    list: Text
    codes: Codes
    supports: Flag
    regions: Words | None = None
    and_below: Flag = False


class Documentation(PolicyRow):
    """What the record must show."""

    key: Text
    text: Text
    purposes: Words | None = None
    places: Codes | None = None
    shows_prior_dates: Flag = False


class Rule(PolicyRow):
    """How a finding is worded, and what follows from it."""

    rule: Text
    severity: Text
    carc: Text | None = None
    rarc: Text | None = None
    detail: Text
    remedy: Text

    @model_validator(mode="after")
    def _worded(self) -> Self:
        if self.severity not in SEVERITIES:
            raise _wrong(f"no {self.severity!r}; known: {', '.join(SEVERITIES)}", "severity")
        for key in ("detail", "remedy"):
            for place in _PLACE.findall(getattr(self, key)):
                if place not in PLACES:
                    raise _wrong(f"nothing fills {{{place}}}; known: {', '.join(PLACES)}", key)
        return self


class Side(PolicyRow):
    """The sides that a modifier says."""

    modifier: Text
    sides: Words


SECTIONS: dict[str, type[PolicyRow]] = {
    "policy": Head,
    "region": Region,
    "kind": Kind,
    "code": Code,
    "coverage": Coverage,
    "included": Included,
    "levels": Levels,
    "regions": Regions,
    "sessions": Sessions,
    "per_day": PerDay,
    "required_modifier": RequiredModifier,
    "prior_authorization": PriorAuthorization,
    "diagnosis_list": ListHead,
    "diagnosis": Diagnosis,
    "documentation": Documentation,
    "rule": Rule,
    "side": Side,
}


def checked(where: str, section: str, row: Any) -> dict[str, Any]:
    """Return the keys that a row gives, checked, codes in capitals. Raises InvalidValue, which names table and key."""
    if not isinstance(row, Mapping):
        raise InvalidValue(f"{where}: write it as a table of keys, [{section}] or [[{section}]]")
    model = SECTIONS[section]
    try:
        return model.model_validate(dict(row)).model_dump(exclude_unset=True)
    except ValidationError as error:
        first = min(error.errors(), key=_rank)
        raise InvalidValue(_sentence(where, model, first)) from None


def _rank(error: ErrorDetails) -> int:
    """Return which of several errors is said: first an unknown key, then a missing one, then a wrong value."""
    return {"extra_forbidden": 0, "missing": 1}.get(error["type"], 2)


def _sentence(where: str, model: type[PolicyRow], error: ErrorDetails) -> str:
    key = str(error["loc"][0]) if error["loc"] else str(error.get("ctx", {}).get("key", ""))
    fields = sorted(model.model_fields, key=lambda name: name in PolicyRow.model_fields)
    if error["type"] == "extra_forbidden":
        return f"{where}: no key {key!r} here{_meant(key, fields)}; it knows {', '.join(fields)}"
    if error["type"] == "missing":
        return f"{where}: the key {key!r} is missing; give it a {model.model_fields[key].description}"
    return f"{where}, key {key!r}: {error['msg']}"


def one_of(where: str, key: str, value: str, known: Iterable[str]) -> None:
    """Raise InvalidValue where ``value`` is none of ``known``."""
    words = sorted(known)
    if value not in words:
        raise InvalidValue(
            f"{where}, key {key!r}: no {value!r}{_meant(value, words)}; known: {', '.join(words) or 'none'}"
        )


def _meant(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""
