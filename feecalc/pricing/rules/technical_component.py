"""The technical part of a test on a facility's patient is the facility's to bill.

Source: Pub. 100-04 ch. 13 sec. 20.2; 42 CFR 411.15(m); RVU25D.pdf, Attachment A, PC/TC indicators 1, 3, 5, 7, 8.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from feecalc import reference


@dataclass(frozen=True)
class Technical:
    """A row not paid to the physician for a kind of patient, or paid as another: ``instead`` is that row's modifier."""

    pctc_indicator: str
    modifier: str
    instead: str | None
    pricing_status: str
    reason: str
    source: str


def technical_components(patient: str, day: date) -> list[Technical]:
    """The rules that hold for this kind of patient on ``day``."""
    return [
        Technical(
            row["pctc_indicator"],
            row["modifier"],
            row.get("instead"),
            row["pricing_status"],
            row["reason"],
            row["source"],
        )
        for row in reference.rows_on("technical_component", day)
        if patient in row["patients"]
    ]


def technical_component(patient: str, pctc_indicator: str, modifier: str, day: date) -> Technical | None:
    """The rule for one row, or None where it pays as usual."""
    for rule in technical_components(patient, day):
        if (rule.pctc_indicator, rule.modifier) == (pctc_indicator, modifier):
            return rule
    return None
