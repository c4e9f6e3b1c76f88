"""A service priced from its relative values, on the receipt of ``service``: fee, OPPS cap, technical component."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from feecalc.pricing import formula
from feecalc.pricing.grid import Indices, RvuColumns, fees, opps_amounts
from feecalc.pricing.price import Circumstances
from feecalc.pricing.receipt import Sheet, shown
from feecalc.pricing.rules import opps_cap
from feecalc.pricing.rules.conversion_factor import Factor, conversion_factor
from feecalc.pricing.rules.place_of_service import FACILITY, Place
from feecalc.pricing.rules.technical_component import technical_component
from feecalc.pricing.rules.work_gpci_floor import work_gpci_floor
from feecalc.pricing.scale import FACTOR_PLACES, INDEX_PLACES, RVU_PLACES, exact

if TYPE_CHECKING:
    from feecalc.pricing.release_tables import ReleaseTables

_RARELY = "NA"
_TRACKS = {
    "qp": "qualifying participant (QP)",
    "other": "not a qualifying participant",
    "all": "one factor for everybody",
}


@dataclass(frozen=True)
class _Case:
    """One row in one setting, with all that its amounts are made of."""

    schedule: ReleaseTables
    position: int
    row: dict[str, Any]
    place: Place
    asked: Circumstances
    indices: Indices
    factor: Factor

    @property
    def facility(self) -> bool:
        return self.place.setting == FACILITY

    def columns(self, position: int) -> RvuColumns:
        return self.schedule.rvu_columns.rows(slice(position, position + 1))

    def fee(self, position: int) -> int:
        """The fee schedule amount of a row in this setting. [cents]"""
        amounts = fees(self.columns(position), self.indices, self.factor.scaled)
        return int((amounts.facility if self.facility else amounts.nonfacility)[0, 0])

    def cap(self) -> int:
        """The amount from the used-for-OPPS columns in this setting. [cents]"""
        amounts = opps_amounts(self.columns(self.position), self.indices, self.factor.scaled)
        return int((amounts.facility if self.facility else amounts.nonfacility)[0, 0])


def price(
    schedule: ReleaseTables, position: int, row: dict[str, Any], place: Place, asked: Circumstances, sheet: Sheet
) -> None:
    """Write the steps of the row at ``position`` on the sheet."""
    floor = work_gpci_floor(asked.day, wanted=asked.gpci_floor)
    factor = conversion_factor(asked.day, qp=asked.qp)
    local = None if asked.locality is None else schedule.rows_of_localities([asked.locality])
    case = _Case(schedule, position, row, place, asked, schedule.indices(local, asked.day, floor), factor)
    if not asked.qp and row["conversion_factor"] != Decimal(factor.value):
        sheet.notes.append(
            f"{schedule.release.name} prints a conversion factor of {row['conversion_factor']}; "
            f"the one in force on {asked.day} is used"
        )
    _fee(case, f"{floor.note} ({floor.source})", sheet)
    if schedule.is_capped(asked.day)[position]:
        _cap(case, sheet)
    if not _technical(case, sheet) and row[f"na_indicator_{place.setting}"] == _RARELY:
        sheet.notes.append(f"NA: rarely or never done in the {place.setting} setting; the amount is the one CMS prints")


def _fee(case: _Case, floor: str, sheet: Sheet) -> None:
    release, locality = case.schedule.release, case.asked.locality
    line = f"{release.member('rvu')}, row {case.row['source_line']}"
    where = "national: every index is 1" if locality is None else f"{release.member('gpci')}, {locality.label}"
    columns, indices = case.columns(case.position), case.indices
    pe = columns.pe_facility if case.facility else columns.pe_nonfacility
    for name, rvu, index, source in (
        ("work", columns.work, indices.work, where if locality is None else f"{where}; {floor}"),
        (f"practice expense, {case.place.setting}", pe, indices.pe, where),
        ("malpractice", columns.mp, indices.mp, where),
    ):
        text = f"{exact(int(rvu[0]), RVU_PLACES)} RVU x {exact(int(index[0]), INDEX_PLACES)} GPCI"
        adjusted = exact(int(rvu[0] * index[0]), RVU_PLACES + INDEX_PLACES)
        sheet.step(name, text, str(adjusted), "RVU", f"{line}; {source}")
    total = int(formula.adjusted_rvus(columns.work, indices.work, pe, indices.pe, columns.mp, indices.mp)[0])
    adjusted = exact(total, RVU_PLACES + INDEX_PLACES)
    sheet.step("total", "sum of the three", str(adjusted), "RVU", "")
    factor = case.factor
    sheet.step(
        "conversion factor", f"{_TRACKS[factor.track]}, on {case.asked.day}", factor.value, factor.unit, factor.source
    )
    sheet.fee = sheet.allowed = case.fee(case.position)
    product = exact(total * factor.scaled, RVU_PLACES + INDEX_PLACES + FACTOR_PLACES)
    text = f"{adjusted} RVU x {factor.value} = {product}, rounded once, halves up"
    sheet.amount("fee schedule amount", text, sheet.fee, "SSA 1848(b)(1); Pub. 100-04 ch. 12 sec. 20")


def _cap(case: _Case, sheet: Sheet) -> None:
    assert sheet.fee is not None
    sheet.cap = case.cap()
    sheet.allowed = min(sheet.cap, sheet.fee)
    text = f"lower of the fee {shown(sheet.fee)} and the OPPS amount {shown(sheet.cap)}"
    sheet.amount("OPPS cap", text, sheet.allowed, opps_cap.source(case.asked.day))
    if sheet.cap < sheet.fee:
        sheet.notes.append(f"the OPPS cap holds the amount at {shown(sheet.cap)}, below the fee of {shown(sheet.fee)}")


def _technical(case: _Case, sheet: Sheet) -> bool:
    """The technical part of a test on a facility's patient: denied, or the professional part paid in its place."""
    row, day = case.row, case.asked.day
    rule = technical_component(case.place.patient, row["pctc_indicator"], row["modifier"], day)
    if rule is None:
        return False
    if rule.instead is None:
        sheet.refuse(rule.pricing_status, rule.reason)
        sheet.step("technical component", rule.reason, "not paid", "", rule.source)
        return True
    other = case.schedule.position(row["hcpcs"], rule.instead)
    if other is None or not case.schedule.is_priced(day)[other]:
        sheet.notes.append(
            f"a facility's patient: only the professional part is paid, and {row['hcpcs']} has no priced row with "
            f"modifier {rule.instead}; the amount is the printed one"
        )
        return True
    sheet.allowed = case.fee(other)
    sheet.notes.append(f"paid as {row['hcpcs']}-{rule.instead}: {rule.reason}")
    text = f"the row of modifier {rule.instead} is paid in its place"
    sheet.amount("technical component", text, sheet.allowed, rule.source)
    return True
