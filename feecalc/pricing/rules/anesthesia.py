"""Anesthesia: base units and time units times the locality's anesthesia factor, then the share by modifier.

Source: Pub. 100-04 ch. 12 sec. 50; 42 CFR 414.46 and 414.60.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from feecalc import reference
from feecalc.errors import InvalidValue
from feecalc.money import rounded

UNIT_PLACES = 1  # time units are rounded to one decimal place
MOST_MINUTES = 2880  # two days: beyond it a number is a mistake, such as a clock time


@dataclass(frozen=True)
class AnesthesiaShare:
    """What part of the amount a modifier pays; AD pays units of its own in place of the code's."""

    modifier: str
    name: str
    percent: str
    source: str


def time_units(minutes: int, day: date) -> tuple[int, str]:
    """Minutes as time units, in tenths, and the rule's source. Raises InvalidValue for minutes out of bounds."""
    if not 0 < minutes <= MOST_MINUTES:
        raise InvalidValue(f"{minutes} minutes of anesthesia: give the minutes of the case, 1 to {MOST_MINUTES:,}")
    row = reference.row_on("anesthesia_service", day, kind="time_unit")
    return rounded(minutes * 10**UNIT_PLACES, int(row["value"])), row["source"]


def share(modifier: str, day: date) -> AnesthesiaShare | None:
    """The share of an anesthesia modifier, or None where it is not one (or is AD, see ``supervised_units``)."""
    rows = reference.rows_on("anesthesia_service", day, kind="modifier", modifier=modifier)
    return AnesthesiaShare(modifier, rows[0]["name"], rows[0]["value"], rows[0]["source"]) if rows else None


def supervised_units(modifier: str, day: date, *, present_at_induction: bool) -> tuple[int, str] | None:
    """The units of a supervised procedure (AD), in tenths, and the source; None for any other modifier."""
    rows = reference.rows_on("anesthesia_service", day, kind="medical_supervision", modifier=modifier)
    if not rows:
        return None
    parts = {row["part"]: int(row["value"]) for row in rows}
    units = parts["base"] + (parts["induction"] if present_at_induction else 0)
    return units * 10**UNIT_PLACES, rows[0]["source"]


def takes_no_time(hcpcs: str, day: date) -> str | None:
    """Why a code counts no time, or None where it does."""
    rows = reference.rows_on("anesthesia_service", day, kind="no_time_code", hcpcs=hcpcs)
    return rows[0]["reason"] if rows else None


def modifiers(day: date) -> list[str]:
    """The anesthesia modifiers in use on ``day``."""
    return sorted({row["modifier"] for row in reference.rows_on("anesthesia_service", day) if "modifier" in row})
