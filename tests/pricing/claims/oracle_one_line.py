"""What refuses a claim line that stands alone, its row, its fee and its modifiers' percentages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from pricing.claims.oracle_line import (
    CONTRADICTIONS,
    EQUIPMENT,
    NO_TIME,
    SPLIT_CARE,
    Book,
    Line,
    Refused,
    row_on,
    rows_on,
    text_of,
)  # fmt: skip

SURGERIES = ("000", "010", "090", "MMM", "YYY", "ZZZ")  # global days of a surgery


def _checked(line: Line, book: Book) -> None:
    """Step 0: what cannot be priced as it stands, in this order."""
    given, day = line.given, line.given.get("date_of_service")
    if day is None:
        raise Refused("invalid_date")
    code = text_of(given, "place_of_service").zfill(2)
    found = rows_on("place_of_service", day, code=code) if re.fullmatch(r"\d\d", code) else []
    line.place = found[0] if found and text_of(given, "place_of_service") else None
    line.schedule = book.on(day)
    if line.schedule is None:
        raise Refused("no_release")
    line.rows = book.of(line.schedule, text_of(given, "hcpcs"))
    if not line.rows:
        raise Refused("unknown_code")
    if not all(book.knows(each, day) for each in line.modifiers):
        raise Refused("unknown_modifier")
    if line.place is None:
        raise Refused("unknown_place_of_service")
    line.locality = book.at(line.schedule, text_of(given, "mac"), text_of(given, "locality"))
    if line.locality is None:
        raise Refused("unknown_locality")
    if given.get("units") is None or not 1 <= given["units"] <= 9999:
        raise Refused("invalid_units")
    if (billed := given.get("billed_amount")) is not None and billed < 0:
        raise Refused("invalid_billed_amount")
    if not rows_on("provider_type", day, provider_type=provider(given)):
        raise Refused("unknown_provider_type")


def provider(given: Mapping[str, Any]) -> str:
    return (given.get("provider_type") or "").strip().lower() or "physician"


def _row_chosen(line: Line) -> None:
    """Step 1: the row, its letter, and what a facility's patient makes of it."""
    day, rows = line.day, line.rows
    assert line.place is not None
    if line.has("26") and line.has("TC"):
        raise Refused("modifier_does_not_apply")
    for component in ("26", "TC"):
        if line.has(component):
            line.component = component
    if line.component == "" and line.has("53") and "53" in rows:
        line.component = "53"
    if line.component not in rows:
        raise Refused("modifier_does_not_apply")
    line.billed_component = line.component
    if any(pair <= set(line.modifiers) for pair in CONTRADICTIONS):
        raise Refused("modifier_does_not_apply")
    if line.place["setting"] == "not_priced":
        raise Refused("not_under_fee_schedule")
    letter = row_on("status_indicator", day, code=line.row["status_indicator"])
    line.is_anesthesia = letter["pays"] == "anesthesia"
    if letter["pays"] not in ("rvus", "anesthesia"):
        raise Refused(letter["pricing_status"])
    if letter["pays"] == "rvus" and not _has_rvus(line.row):
        raise Refused("contractor_priced")
    if line.has("GY"):
        raise Refused("noncovered")
    if line.has("GZ"):
        raise Refused("not_necessary")
    if line.has("53") and line.component != "53":
        raise Refused("contractor_priced")
    if line.has("66"):
        by_team = {"0": "cosurgery_not_paid", "1": "by_report", "2": "by_report"}
        if not (line.row["team_indicator"] == "0" and line.row["global_days"] in SURGERIES):
            raise Refused(by_team.get(line.row["team_indicator"], "modifier_does_not_apply"))
    if not line.is_anesthesia:
        _facility_patient(line)
    if line.has("AQ") and line.row["hcpcs"] == "93015":  # sec. 90.4.5.A: returned as unprocessable
        raise Refused("modifier_does_not_apply")


def _has_rvus(row: Mapping[str, Any]) -> bool:
    return any(row[name] for name in ("work_rvu", "pe_rvu_nonfacility", "pe_rvu_facility", "mp_rvu"))


def _facility_patient(line: Line) -> None:
    """Ch. 13 sec. 20.2: the technical part of a facility's patient is the facility's."""
    assert line.place is not None
    for rule in rows_on("technical_component", line.day):
        key = (line.row["pctc_indicator"], line.row["modifier"])
        if line.place["patient"] not in rule["patients"] or key != (rule["pctc_indicator"], rule["modifier"]):
            continue
        if "instead" not in rule:
            raise Refused(rule["pricing_status"])
        other = line.rows.get(rule["instead"])
        if other is not None and other["status_indicator"] in "ART" and _has_rvus(other):
            line.component = rule["instead"]


def _modifiers_apply(line: Line) -> None:
    """What the code's indicators do not allow."""
    row = line.row
    no = Refused("modifier_does_not_apply")
    if line.has("50") and row["bilateral_indicator"] not in ("0", "1", "2", "3"):
        raise no
    split = [each for each in SPLIT_CARE if line.has(each)]
    if split:
        shares = row["preoperative_rate"] + row["intraoperative_rate"] + row["postoperative_rate"]
        if len(split) > 1 or row["global_days"] not in ("010", "090") or not shares:
            raise no
    one_is_paid = row["cosurgeon_indicator"] == "0" and row["global_days"] in SURGERIES  # ch. 12 sec. 40.8.C.4
    if line.has("62") and row["cosurgeon_indicator"] not in ("1", "2") and not one_is_paid:
        raise Refused("cosurgery_not_paid") if row["cosurgeon_indicator"] == "0" else no  # ch. 12 sec. 40.8.D
    if line.assistant and row["assistant_indicator"] not in ("0", "1", "2"):
        raise no
    if line.has(*EQUIPMENT):
        as_billed, line.component = line.component, line.billed_component
        technical = None if line.is_anesthesia else line.technical_fee()
        line.component = as_billed
        if technical is None:
            raise no
    days = line.care_days if line.has("55") else None
    if days is not None and not 1 <= days <= int(row["global_days"]):
        raise Refused("invalid_postoperative_days")
    if line.assistant and row["assistant_indicator"] == "1":
        raise Refused("assistant_not_paid")


def _conversion_factor(day: date, qp: bool) -> Decimal:
    tracks = {row["track"]: Decimal(row["value"]) for row in rows_on("conversion_factor", day)}
    if "all" in tracks:
        return tracks["all"]
    return tracks["qp" if qp else "other"]


def _anesthesia(line: Line) -> Decimal:
    """Ch. 12 sec. 50: base and time units times the locality's factor, then the share of the modifier."""
    schedule, given = line.schedule, line.given
    assert schedule is not None
    assert line.locality is not None
    if line.asked_anesthesia != "AD":
        if schedule.base_units is None:
            raise Refused("base_units_missing")
        base = {row["hcpcs"]: row["base_units"] for row in schedule.base_units.iter_rows(named=True)}
        if line.row["hcpcs"] not in base:
            raise Refused("base_units_missing")
        line.base_units = base[line.row["hcpcs"]]
        minutes = line.own_minutes
        if line.row["hcpcs"] not in NO_TIME and (minutes is None or not 1 <= minutes <= 2880):
            raise Refused("minutes_missing")
    if schedule.anesthesia is None or (given.get("qp") and line.day.year >= 2026):
        raise Refused("not_computable")
    at = {(row["mac"], row["locality"]): row for row in schedule.anesthesia.iter_rows(named=True)}
    line.anesthesia_factor = at[line.locality["mac"], line.locality["locality"]]["anesthesia_conversion_factor"]
    return line.anesthesia_fee(line.own_minutes)


def one_line(line: Line, book: Book) -> None:
    line.book = book
    try:
        _checked(line, book)
        _row_chosen(line)
        line.factor = _conversion_factor(line.day, bool(line.given.get("qp")))
        if not line.is_anesthesia:
            line.unit_fee = line.fee(line.row)
        _modifiers_apply(line)
        if line.is_anesthesia:
            line.unit_fee = _anesthesia(line)
        line.status = "priced"
    except Refused as why:
        line.status = str(why)
