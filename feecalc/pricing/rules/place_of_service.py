"""The place of service decides which of two amounts is paid, the facility's or the office's, and whose patient it is.

A facility bears the cost of the service done there, so the physician's practice expense is the lower one. At a few
places Medicare prices nothing under this schedule. Each place's setting and patient: reference/place_of_service.toml.
Source: Pub. 100-04 ch. 12 sec. 20.4.2 and ch. 26 sec. 10.5.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from feecalc import reference
from feecalc.errors import InvalidValue
from feecalc.pricing.arrays import Integers
from feecalc.pricing.claims.eras.rows import NONE
from feecalc.pricing.rules.rule import LookUp, RowChoice, Rule

FACILITY = "facility"
NONFACILITY = "nonfacility"
NOT_PRICED = "not_priced"
_NOT_PRICED_PLACE = "Medicare does not price services at this place under the physician fee schedule."


@dataclass(frozen=True)
class Place:
    """Hold a place of service on a day. ``patient`` says whose patient it is (hospital, SNF, ASC or none)."""

    code: str
    name: str
    setting: str
    patient: str
    note: str
    source: str


def place_of_service(text: str, day: date) -> Place:
    """Return the place of service in use on ``day``. Raises InvalidValue for an unlisted one; none is guessed."""
    code = text.strip().zfill(2)
    rows = reference.rows_on("place_of_service", day, code=code) if re.fullmatch(r"\d\d", code) else []
    if not rows:
        raise InvalidValue(
            f"no place of service {text[:20]!r} is in use on {day}; give CMS's two-digit code, such as 11 for an "
            "office, 22 for a hospital outpatient department or 24 for an ambulatory surgical center"
        )
    (row,) = rows
    return Place(code, row["name"], row["setting"], row["patient"], row.get("note", ""), row["source"])


class Places(LookUp):
    """Look up what each place of service is on the era's days."""

    @cached_property
    def kinds(self) -> tuple[Integers, list[tuple[str, str]]]:
        """Return the number of each place's setting and patient, -1 where not in use; and the settings and patients.

        Shape of the numbers: [place + 1].
        """
        return self._listed[0], [kind for kind, _ in self._listed[1]]

    @cached_property
    def why_not_priced(self) -> list[str]:
        """Return why nothing is priced at a kind of place; "" where services are."""
        return [reason for _, reason in self._listed[1]]

    @cached_property
    def _listed(self) -> tuple[Integers, list[tuple[tuple[str, str], str]]]:
        kinds: list[tuple[tuple[str, str], str]] = []
        words = self.rows.words.places
        found = np.full(len(words.listed) + 1, NONE, np.intp)
        for row in self.book.rows("place_of_service"):
            reason = row.get("note", _NOT_PRICED_PLACE) if row["setting"] == NOT_PRICED else ""
            kind = ((row["setting"], row["patient"]), reason)
            if kind not in kinds:
                kinds.append(kind)
            found[words.at[row["code"]]] = kinds.index(kind)
        return found, kinds


def refuse_row(choice: RowChoice) -> None:
    """Refuse every service at a place that the fee schedule does not price."""
    for number, reason in enumerate(choice.era.look_up(Places).why_not_priced):
        if reason and (there := choice.place == number).any():
            choice.lines.refuse(there, choice.era.outcomes.number("not_under_fee_schedule", reason))


RULE = Rule("place_of_service", refuse_row=refuse_row)
