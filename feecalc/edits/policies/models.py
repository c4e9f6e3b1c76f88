"""What a policy file may hold: a model for each table, and the messages for what is wrong, by file, table and key."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Annotated, Any, Self, TypeVar

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
    "noun",  # what the policy's levels consist of: joint
    "nouns",
    "before",  # a purpose that has to come first
    "had",
    "interval",
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
    return isinstance(value, list) and all(isinstance(word, str) for word in value)


def _codes(value: list[str]) -> list[str]:
    found = [code.strip().upper() for code in value]
    wrong = [code for code in found if not _CODE.fullmatch(code)]
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
    """What every row may say: its days, its contractors (``macs``; all where neither is given), its source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    effective_from: Day = date.min
    effective_to: Day = date.max
    macs: Codes | None = None
    not_macs: Codes | None = None
    source: Text = ""
    basis: Text = ""
    note: Text = ""

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.effective_to < self.effective_from:
            raise _wrong(f"{self.effective_to} is before effective_from", "effective_to")
        if self.macs is not None and self.not_macs is not None:
            raise _wrong("give macs or not_macs, not both", "not_macs")
        return self

    @property
    def cited(self) -> str:
        """Return the source as a finding names it, "" where there is none."""
        return f"assumed; {self.source}" if self.source and self.basis == "assumed" else self.source

    def within(self, head: PolicyRow) -> Self:
        """Return the row with the days and the source of its policy or list where it has none of its own."""
        own = self.model_fields_set
        missing = [name for name in ("effective_from", "effective_to", "source") if name not in own]
        return self.model_copy(update={name: getattr(head, name) for name in missing})

    def may_meet(self, other: PolicyRow) -> bool:
        """Return whether two rows can be in force for one line: their days and contractors overlap."""
        apart = self.effective_from > other.effective_to or other.effective_from > self.effective_to
        if self.macs is not None and other.macs is not None:
            apart |= not set(self.macs) & set(other.macs)
        if self.macs is not None and other.not_macs is not None:
            apart |= set(self.macs) <= set(other.not_macs)
        if self.not_macs is not None and other.macs is not None:
            apart |= set(other.macs) <= set(self.not_macs)
        return not apart


class Head(PolicyRow):
    """[policy]: the policy itself; ``noun``: what one level on one side is, in its sentences (joint, injection)."""

    key: Text
    name: Text
    effective_from: Day
    source: Text
    noun: Text = "site"
    nouns: Text = ""

    @property
    def plural(self) -> str:
        """Return the noun of two or more."""
        return self.nouns or f"{self.noun}s"


class Region(PolicyRow):
    """A region of the body that sessions and levels are counted by."""

    key: Text
    name: Text


class Kind(PolicyRow):
    """A kind of procedure: with one purpose, or with two of which a modifier shows which it is."""

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

    @property
    def purposes(self) -> set[str]:
        """Return the purposes that a session of the kind may have."""
        named = (self.purpose, self.purpose_with_modifier, self.purpose_without_modifier)
        return {purpose for purpose in named if purpose is not None}


class CodeRow(PolicyRow):
    """A row that names codes."""

    codes: Codes

    @property
    def named_codes(self) -> set[str]:
        """Return every code that the row names."""
        return set(self.codes)


class LimitRow(PolicyRow):
    """A row with the most there may be of something."""

    most: Count


class Code(CodeRow):
    """What procedure codes are; ``each_further``: every unit (and side) is a joint more."""

    region: Text
    kind: Text
    level: Count
    each_further: Flag = False


class OneRegion(CodeRow):
    """Codes of two regions that, each once and no other beside them, are one region; ``rule``: a question about it."""

    region: Text
    rule: Text = ""


class Coverage(CodeRow):
    """Codes that are not covered, or on appeal only."""

    rule: Text


class Included(CodeRow):
    """Codes that are part of a procedure."""

    passing_modifiers: Codes | None = None


class Levels(LimitRow):
    """The most levels of a region in a session."""

    kinds: Words | None = None


class Regions(LimitRow):
    """The most regions of a patient in a day."""


class Sessions(LimitRow):
    """The most sessions of a purpose in a rolling number of months."""

    purpose: Text
    months: Count


class PerDay(CodeRow, LimitRow):
    """How often codes are paid in a patient's day."""


class Sites(LimitRow):
    """The most levels times sides of a region in a session: 2 is one level on both sides, or two on one side."""

    kinds: Words | None = None


class Interval(PolicyRow):
    """The least time between two sessions of a purpose in a region, on a side that both have."""

    purpose: Text
    days: Count | None = None
    months: Count | None = None

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if (self.days is None) == (self.months is None):
            raise _wrong("give days or months, one of the two", "days")
        return self

    @property
    def offset(self) -> str:
        """Return the time as polars writes it."""
        return f"{self.days}d" if self.days is not None else f"{self.months}mo"

    @property
    def words(self) -> str:
        """Return the time in words."""
        number, unit = (self.days, "day") if self.days is not None else (self.months, "month")
        return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


class RequiredBefore(PolicyRow):
    """At least ``least`` sessions of the purpose ``before`` that go before one of ``purpose``, in the same region.

    Not where one of ``purpose`` itself was done within ``unless_within_months``: it rests on what went before that.
    """

    purpose: Text
    before: Text
    least: Count
    unless_within_months: Count | None = None


class NotTogether(CodeRow):
    """Codes that are not paid on a day with procedures of some kinds, or with some codes, of the same patient."""

    rule: Text = "not_together"
    with_kinds: Words | None = None
    with_codes: Codes | None = None

    @model_validator(mode="after")
    def _with_one(self) -> Self:
        if (self.with_kinds is None) == (self.with_codes is None):
            raise _wrong("give with_kinds or with_codes, one of the two", "with_codes")
        return self

    @property
    def named_codes(self) -> set[str]:
        """Return every code that the row names."""
        return {*self.codes, *(self.with_codes or ())}


class RequiredModifier(PolicyRow):
    """A modifier that every line of a purpose carries."""

    modifier: Text
    purpose: Text


class PriorAuthorization(CodeRow):
    """Codes that need prior authorization, and where."""

    places: Codes


class ListHead(PolicyRow):
    """A list of diagnoses, and whether it is a contractor's whole one."""

    key: Text
    name: Text
    complete: Flag


class Diagnosis(CodeRow):
    """Diagnoses of a list: whether they support the policy's codes."""

    list: Text
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
    carc: Text = ""
    rarc: Text = ""
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
    "one_region": OneRegion,
    "coverage": Coverage,
    "included": Included,
    "levels": Levels,
    "sites": Sites,
    "regions": Regions,
    "sessions": Sessions,
    "interval": Interval,
    "required_before": RequiredBefore,
    "not_together": NotTogether,
    "per_day": PerDay,
    "required_modifier": RequiredModifier,
    "prior_authorization": PriorAuthorization,
    "diagnosis_list": ListHead,
    "diagnosis": Diagnosis,
    "documentation": Documentation,
    "rule": Rule,
    "side": Side,
}


AnyRow = TypeVar("AnyRow", bound=PolicyRow)


def checked(where: str, model: type[AnyRow], row: Any) -> AnyRow:
    """Return a row as its model, checked, codes in capitals. Raises InvalidValue, which names table and key."""
    if not isinstance(row, Mapping):
        section = section_of(model)
        raise InvalidValue(f"{where}: write it as a table of keys, [{section}] or [[{section}]]")
    try:
        return model.model_validate(dict(row))
    except ValidationError as error:
        first = min(error.errors(), key=_rank)
        raise InvalidValue(_sentence(where, model, first)) from None


def section_of(model: type[PolicyRow]) -> str:
    """Return the name of the table that holds rows of a model."""
    return next(name for name, known in SECTIONS.items() if known is model)


def _rank(error: ErrorDetails) -> int:
    """Return which error of a row is named: first an unknown key, then a missing one, then a wrong value."""
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
