"""The price of a facility case, line by line with its steps."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from feecalc import reference
from feecalc.facility.areas import GIVEN, NATIONAL, Area
from feecalc.facility.case import MOST_MODIFIERS, CaseLine
from feecalc.facility.code_pairs import other_code
from feecalc.facility.explanation import steps_of
from feecalc.facility.lines import DENIED, OPPS, results
from feecalc.money import MONEY_PLACES, fewest
from feecalc.pricing.receipt import Step


@dataclass(frozen=True)
class FacilityLine:
    """The facility's payment for one line. [USD] An amount is None where it is not paid; ``reason`` says why."""

    line: int
    hcpcs: str
    modifiers: tuple[str, ...]
    units: int
    indicator: str
    apc: str
    pricing_status: str
    reason: str
    note: str
    national_rate: Decimal | None
    facility_amount: Decimal | None
    medicare_amount: Decimal | None
    copayment: Decimal | None
    steps: tuple[Step, ...]

    @property
    def label(self) -> str:
        return CaseLine(self.hcpcs, self.modifiers, self.units).label

    def as_dict(self) -> dict[str, Any]:
        """Return the line as a dictionary for JSON; amounts stay exact decimals."""
        return {
            **{name: value for name, value in vars(self).items() if name != "steps"},
            "modifiers": list(self.modifiers),
            "steps": [step.as_dict() for step in self.steps],
        }


@dataclass(frozen=True)
class FacilityPrice:
    """The facility's payment for a case. Totals are over the lines with an amount. [USD]"""

    setting: str
    day: date
    area: Area | None
    wage_index: Decimal | None
    entries: Mapping[str, str]
    notices: tuple[str, ...]
    lines: tuple[FacilityLine, ...]

    @property
    def facility_amount(self) -> Decimal | None:
        """The total facility amount; None where no line is paid."""
        return self._total("facility_amount")

    @property
    def copayment(self) -> Decimal | None:
        return self._total("copayment")

    @property
    def medicare_amount(self) -> Decimal | None:
        return self._total("medicare_amount")

    @property
    def unpriced(self) -> tuple[FacilityLine, ...]:
        """The lines that are neither paid nor packaged, nor denied by an edit."""
        return tuple(line for line in self.lines if line.pricing_status not in ("priced", "packaged", DENIED))

    @property
    def not_modeled(self) -> list[str]:
        """Sentences on what may change these amounts and is not modeled."""
        paid = {line.indicator for line in self.lines if line.pricing_status == "priced"}
        return not_modeled(self.setting, paid, self.day)

    def _total(self, name: str) -> Decimal | None:
        amounts = [getattr(line, name) for line in self.lines if line.pricing_status == "priced"]
        return sum(amounts, Decimal("0.00")) if amounts else None

    def as_dict(self) -> dict[str, Any]:
        """Return the price as a dictionary for JSON; amounts stay exact decimals."""
        return {
            "setting": self.setting,
            "date_of_service": self.day,
            "cbsa": self.area.cbsa if self.area else None,
            "area": self.area.name if self.area else None,
            "wage_index": self.wage_index,
            "national": self.area is None and self.wage_index is None,
            "facility_amount": self.facility_amount,
            "medicare_amount": self.medicare_amount,
            "copayment": self.copayment,
            "lines": [line.as_dict() for line in self.lines],
            "sources": dict(self.entries),
            "not_modeled": self.not_modeled,
            "notices": list(self.notices),
        }


def notes_of(lines: Iterable[FacilityLine]) -> list[str]:
    """Return the notes of lines without duplicates, less those on how the area was given."""
    notes = dict.fromkeys(part for line in lines for part in line.note.split("; ") if part)
    return [note for note in notes if note not in (NATIONAL, GIVEN)]


def facility_price(
    lines_priced: pl.DataFrame,
    setting: str,
    day: date,
    area: Area | None,
    wage_index: Decimal | None,
    entries: Mapping[str, str],
    notices: tuple[str, ...],
) -> FacilityPrice:
    """Return the price of a case from its priced lines. ``entries``: the store's entry of each table."""
    lines = []
    for row, priced in zip(
        lines_priced.iter_rows(named=True), results(lines_priced).iter_rows(named=True), strict=True
    ):
        rate = priced["national_rate"]
        modifiers = tuple(row[f"modifier_{number}"] for number in range(1, MOST_MODIFIERS + 1))
        lines.append(
            FacilityLine(
                line=row["line"],
                hcpcs=row["hcpcs"],
                modifiers=tuple(modifier for modifier in modifiers if modifier),
                units=row["units"],
                **{name: priced[name] for name in _RESULT_FIELDS if name != "reason"},
                reason=": ".join(filter(None, (priced["reason"], _hint(row["hcpcs"], priced, setting, day)))),
                national_rate=None if rate is None else fewest(rate, MONEY_PLACES),
                steps=steps_of(row, priced, setting, day, entries),
            )
        )
    return FacilityPrice(setting, day, area, wage_index, entries, notices, tuple(lines))


def _hint(hcpcs: str, priced: Mapping[str, Any], setting: str, day: date) -> str:
    """Return which code the facility bills in place of one that is not paid here; "" where none is known."""
    return other_code(hcpcs, setting, day) if priced["pricing_status"] in _NOT_ITS_OWN else ""


_NOT_ITS_OWN = ("not_billable", "unknown_code", "no_rate")
_RESULT_FIELDS = (
    "indicator",
    "apc",
    "pricing_status",
    "reason",
    "note",
    "facility_amount",
    "medicare_amount",
    "copayment",
)


def not_modeled(setting: str, paid: Collection[str], day: date) -> list[str]:
    """Return sentences on what is not modeled for lines paid in ``setting`` with the indicators ``paid``.

    Source: reference/opps_not_modeled.toml.
    """
    if setting != OPPS or not paid:
        return []
    rules = reference.rows_on("opps_not_modeled", day)
    return [
        str(rule["said"]).format(value=rule.get("value", ""))
        for rule in rules
        if rule["status_indicator"] in ("", *paid)
    ]
