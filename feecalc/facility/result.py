"""What is asked of a facility's case, and what it is paid, line by line with the steps."""

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
from feecalc.facility.explanation import steps_of
from feecalc.facility.lines import OPPS, results
from feecalc.money import MONEY_PLACES, fewest
from feecalc.pricing.receipt import Step


@dataclass(frozen=True)
class FacilityLine:
    """What the facility is paid for one line. [USD] None with ``pricing_status`` and reason where not paid."""

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
        """Return the line as JSON holds it; amounts stay exact decimals."""
        return {
            **{name: value for name, value in vars(self).items() if name != "steps"},
            "modifiers": list(self.modifiers),
            "steps": [step.as_dict() for step in self.steps],
        }


@dataclass(frozen=True)
class FacilityPrice:
    """What a facility is paid for a case. Totals are of the lines that have an amount. [USD]"""

    setting: str
    day: date
    area: Area | None
    wage_index: Decimal | None
    entries: Mapping[str, str]
    notices: tuple[str, ...]
    lines: tuple[FacilityLine, ...]

    @property
    def facility_amount(self) -> Decimal | None:
        """Return all that the facility gets; None where no line is paid or packaged."""
        return self._total("facility_amount")

    @property
    def copayment(self) -> Decimal | None:
        return self._total("copayment")

    @property
    def medicare_amount(self) -> Decimal | None:
        return self._total("medicare_amount")

    @property
    def unpriced(self) -> tuple[FacilityLine, ...]:
        """Return lines that are neither paid nor packaged."""
        return tuple(line for line in self.lines if line.pricing_status not in ("priced", "packaged"))

    @property
    def not_modelled(self) -> list[str]:
        """Return what may change these amounts and is not modeled, a sentence each."""
        paid = {line.indicator for line in self.lines if line.pricing_status == "priced"}
        return not_modelled(self.setting, paid, self.day)

    def _total(self, name: str) -> Decimal | None:
        amounts = [getattr(line, name) for line in self.lines if line.pricing_status == "priced"]
        return sum(amounts, Decimal("0.00")) if amounts else None

    def as_dict(self) -> dict[str, Any]:
        """Return the price as JSON holds it."""
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
            "not_modelled": self.not_modelled,
            "notices": list(self.notices),
        }


def notes_of(lines: Iterable[FacilityLine]) -> list[str]:
    """Return what is said of the lines, each thing once; not how their area was given."""
    notes = dict.fromkeys(part for line in lines for part in line.note.split("; ") if part)
    return [note for note in notes if note not in (NATIONAL, GIVEN)]


def facility_price(
    worked: pl.DataFrame,
    setting: str,
    day: date,
    area: Area | None,
    wage_index: Decimal | None,
    entries: Mapping[str, str],
    notices: tuple[str, ...],
) -> FacilityPrice:
    """Return the price of a case from its worked lines. ``entries``: table -> the store's entry it was read from."""
    lines = []
    for row, priced in zip(worked.iter_rows(named=True), results(worked).iter_rows(named=True), strict=True):
        rate = priced["national_rate"]
        given = tuple(row[f"modifier_{number}"] for number in range(1, MOST_MODIFIERS + 1))
        lines.append(
            FacilityLine(
                line=row["line"],
                hcpcs=row["hcpcs"],
                modifiers=tuple(each for each in given if each),
                units=row["units"],
                **{name: priced[name] for name in _RESULT_FIELDS},
                national_rate=None if rate is None else fewest(rate, MONEY_PLACES),
                steps=steps_of(row, priced, setting, day, entries),
            )
        )
    return FacilityPrice(setting, day, area, wage_index, entries, notices, tuple(lines))


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


def not_modelled(setting: str, paid: Collection[str], day: date) -> list[str]:
    """Return a sentence each, of lines paid in ``setting`` by the indicators ``paid``.

    Source: opps_not_modelled.toml.
    """
    if setting != OPPS or not paid:
        return []
    rules = reference.rows_on("opps_not_modelled", day)
    return [
        str(rule["said"]).format(value=rule.get("value", ""))
        for rule in rules
        if rule["status_indicator"] in ("", *paid)
    ]
