"""The Medicare release that the percents apply to: a fixed year and quarter, or that of the day of service.

A year without its quarter means the release that reference/payer_rule.toml names (year_release).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from feecalc import reference
from feecalc.contracts.fields import Section, Words
from feecalc.contracts.terms.cells import Cell, FormBox, FormPart, InputKind, digits
from feecalc.contracts.terms.silence import Choices, Reading
from feecalc.contracts.terms.term import InferenceKind, Keys, Term
from feecalc.errors import NotInstalled, UnknownRelease
from feecalc.installed import open_schedule
from feecalc.pricing.schedule import FeeSchedule

CURRENT = "current"
RELEASE = "release"
_RELEASE = re.compile(r"(?:RVU)?(?:20)?([0-9]{2})[A-Z][A-Z0-9_]{0,9}", re.IGNORECASE)


class MedicareYearKeys(Section):
    """Medicare's fee schedule of a year, of a release or of the day of service."""

    kind: Literal["percent_of_medicare"] = "percent_of_medicare"
    year: Annotated[int, Field(ge=2009, le=2100)] | Literal["current"] | None = None
    release: Words | None = None  # 2023D: which of the year's quarters

    @model_validator(mode="after")
    def _one_release(self) -> Self:
        if self.release is not None:
            named = _RELEASE.fullmatch(self.release)
            if named is None:
                raise ValueError(f"release {self.release[:20]!r} is not the name of one; write 2026C")
            if self.year == CURRENT:
                raise ValueError(f"release {self.release} is fixed, and year says current; take one of them out")
            if self.year is not None and int(named[1]) != int(self.year) % 100:
                raise ValueError(f"release {self.release} is not of the year {self.year}")
        return self


def _year(text: str) -> Any:
    return int(text) if text.isdigit() else text


class MedicareYear(Term[MedicareYearKeys]):
    """The release whose amounts the percents apply to."""

    name = RELEASE
    section = MedicareYearKeys
    table = "basis"
    cells: ClassVar = {
        "year": Cell(
            "Medicare of which year: 2025, or current",
            _year,
            box=FormBox(
                "Medicare of year",
                FormPart.BASIS,
                "current: the fee schedule of the day of service.",
                kind=InputKind.YEAR,
            ),
        ),
        "release": Cell(
            "of which quarter, 2025D; empty where the contract does not say",
            digits,
            box=FormBox(
                "Quarter (release)",
                FormPart.BASIS,
                "The year and its letter, D for the fourth. Empty with current.",
            ),
        ),
    }
    can_be: ClassVar = {"year": 'is neither a year from 2009 on nor "current"'}
    compared = ("year", "percents of a year that is not the day's own")
    may_be_unspecified = True
    inferred = InferenceKind.PRICE

    def medicare_defaults(self, keys: MedicareYearKeys) -> Keys:
        return {"year": keys.year or (None if keys.release else CURRENT)}

    def keys_matching_medicare(self, keys: MedicareYearKeys) -> Keys | None:
        is_fixed = self.medicare_defaults(keys)["year"] != CURRENT
        return {"year": CURRENT, "release": None} if is_fixed else None

    def basis(self, keys: MedicareYearKeys, payer: str, home: Path | None) -> Keys:
        schedule, notices = _schedule(keys, payer, home)
        return {"schedule": schedule, "notices": notices}

    def is_specified(self, keys: MedicareYearKeys) -> bool:
        """Return whether the release is specified; a year without its quarter does not specify it."""
        return keys.release is not None or keys.year == CURRENT

    def readings(self, keys: MedicareYearKeys, row: reference.Row, choices: Choices) -> list[Reading]:
        year = keys.year
        if row["reading"] == CURRENT:
            return [] if year else [Reading.from_row(row, self.table, {"year": CURRENT, "release": None})]
        releases = [schedule.release for schedule in choices.schedules]
        release_readings = [
            Reading.from_row(
                row,
                self.table,
                {"year": None, "release": release.name},
                release.name,
                release=release.name,
                year=release.year,
                first_day=release.first_date_of_service.isoformat(),
            )
            for release in releases
            if not year or release.year == year
        ]
        return _usual_first(release_readings, int(year)) if year and release_readings else release_readings


def _usual_first(release_readings: Sequence[Reading], year: int) -> list[Reading]:
    """Return the readings of a year, with the release that a year without its quarter means as the default."""
    letter = reference.row_on("payer_rule", date(year, 1, 1), rule="year_release")["letter"]
    usual = next(
        (position for position, reading in enumerate(release_readings) if reading.name.endswith(letter)),
        len(release_readings) - 1,
    )
    return [
        replace(reading, default=reading.default or position == usual)
        for position, reading in enumerate(release_readings)
    ]


def _schedule(keys: MedicareYearKeys, payer: str, home: Path | None) -> tuple[FeeSchedule | None, tuple[str, ...]]:
    """Return the fixed fee schedule and notices; None for the fee schedule of the day of service."""
    if keys.release is not None:
        return _opened(payer, keys.release, "basis.release", home)
    if keys.year is None or keys.year == CURRENT:
        return None, ()
    rule = reference.row_on("payer_rule", date(int(keys.year), 1, 1), rule="year_release")
    letter = rule["letter"]
    try:
        return _opened(payer, f"{keys.year}{letter}", "basis.year", home)
    except (NotInstalled, UnknownRelease) as error:
        for other_letter in rule["other_letters"]:
            try:
                schedule, notices = _opened(payer, f"{keys.year}{other_letter}", "basis.year", home)
            except (NotInstalled, UnknownRelease):
                continue
            notice = (
                f"{payer}: the contract says {keys.year} and no quarter; {keys.year}{letter} is not "
                f"installed, so its amounts are of {schedule.release.name}"
            )
            return schedule, (notice, *notices)
        raise error


def _opened(payer: str, name: str, key: str, home: Path | None) -> tuple[FeeSchedule, tuple[str, ...]]:
    try:
        opened = open_schedule(name, home=home)
    except (NotInstalled, UnknownRelease) as error:
        raise type(error)(f"{payer}, key {key}: {error}") from error
    return opened.schedule, opened.notices
