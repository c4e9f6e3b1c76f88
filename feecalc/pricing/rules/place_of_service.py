"""The setting a place of service pays. Source: Pub. 100-04 ch. 12 sec. 20.4.2 and ch. 26 sec. 10.5."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from feecalc import reference
from feecalc.errors import InvalidValue

FACILITY = "facility"
NONFACILITY = "nonfacility"
NOT_PRICED = "not_priced"


@dataclass(frozen=True)
class Place:
    """A place of service on a day. ``patient`` says whose patient is treated there (hospital, SNF, ASC or none)."""

    code: str
    name: str
    setting: str
    patient: str
    note: str
    source: str


def place_of_service(text: str, day: date) -> Place:
    """The place of service in use on ``day``. Raises InvalidValue for one that is unlisted: it is never guessed."""
    code = text.strip().zfill(2)
    rows = reference.rows_on("place_of_service", day, code=code) if re.fullmatch(r"\d\d", code) else []
    if not rows:
        raise InvalidValue(
            f"no place of service {text[:20]!r} is in use on {day}; give CMS's two-digit code, such as 11 for an "
            "office, 22 for a hospital outpatient department or 24 for an ambulatory surgical center"
        )
    (row,) = rows
    return Place(code, row["name"], row["setting"], row["patient"], row.get("note", ""), row["source"])
