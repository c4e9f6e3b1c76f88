"""The lines of a facility's bill for a case of a physician's codes: G0463 for a visit, G0260 for 27096.

Source: reference/facility_code.toml.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from feecalc.facility.case import CaseLine
from feecalc.facility.lines import BILL_OF_SETTING
from feecalc.reference import facility_codes


def facility_code(hcpcs: str, setting: str, day: date) -> str | None:
    """Return the code that a facility bills in place of the physician's; None where it bills the same."""
    return facility_codes.facility_code(hcpcs, BILL_OF_SETTING[setting], day)


def other_code(hcpcs: str, setting: str, day: date) -> str:
    """Return the sentence on the code that the facility bills instead; "" where there is none."""
    code = facility_code(hcpcs, setting, day)
    return facility_codes.said(code, BILL_OF_SETTING[setting]) if code else ""


def as_billed(
    lines: Sequence[tuple[int, CaseLine]], setting: str, day: date
) -> tuple[list[tuple[int, CaseLine]], list[str]]:
    """Return the lines of a facility's bill, with their numbers in the case, and notes on codes that differ.

    A physician's code whose facility code is in the case already is left out: the facility bills the service once.
    """
    given = {line.hcpcs for _, line in lines}
    billed: list[tuple[int, CaseLine]] = []
    notes: list[str] = []
    for number, line in lines:
        code = facility_code(line.hcpcs, setting, day)
        if code is None:
            billed.append((number, line))
            continue
        notes.append(f"for {line.hcpcs} {facility_codes.BILLERS[BILL_OF_SETTING[setting]]} bills {code}")
        if code not in given:
            billed.append((number, replace(line, hcpcs=code)))
    return billed, list(dict.fromkeys(notes))
