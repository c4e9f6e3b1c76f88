"""What a row's status letter means for payment. Source: RVU25D.pdf, Attachment A.

Some rows of restricted coverage carry RVUs and are priced from them; those without are the contractor's. RVUs printed
on rows of other letters never pay. A letter that is new to the rules prices nothing, and is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from feecalc import reference

PRICED = "priced"
CONTRACTOR = "contractor_priced"
PAYS_RVUS = "rvus"
PAYS_ANESTHESIA = "anesthesia"
UNKNOWN = "unknown_indicator"


@dataclass(frozen=True)
class Status:
    """A row's status: ``pays`` is rvus, anesthesia, contractor or nothing."""

    letter: str
    name: str
    pricing_status: str
    pays: str
    reason: str
    note: str
    source: str


@cache
def status(letter: str, day: date, *, has_rvus: bool) -> Status:
    """The status of a row with this letter on ``day``; of a letter the rules do not know, that it is not priced."""
    rows = reference.rows_on("status_indicator", day, code=letter)
    if not rows:
        reason = f"Status indicator {letter} is not one that feecalc's rules know: not priced."
        return Status(letter, "not known to feecalc's rules", UNKNOWN, "nothing", reason, "", "the release's own row")
    (row,) = rows
    pricing_status, pays, reason = row["pricing_status"], row["pays"], row["reason"]
    if pays == PAYS_RVUS and not has_rvus:
        contractor = reference.row_on("status_indicator", day, pays="contractor")
        pricing_status, pays, reason = contractor["pricing_status"], contractor["pays"], contractor["reason"]
    return Status(letter, row["name"], pricing_status, pays, reason, row.get("note", ""), row["source"])


def has_rvus(row: Mapping[str, Any]) -> bool:
    """Whether a relative value row has relative values at all."""
    return any(row[name] for name in ("work_rvu", "pe_rvu_nonfacility", "pe_rvu_facility", "mp_rvu"))


def paying_letters(day: date) -> list[str]:
    """The letters whose rows are priced from their RVUs on ``day``."""
    return [row["code"] for row in reference.rows_on("status_indicator", day, pays=PAYS_RVUS)]
