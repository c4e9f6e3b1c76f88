"""A service priced from its relative values, on the receipt of ``service``: fee, OPPS cap, technical component."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from feecalc.money import FACTOR_PLACES, INDEX_PLACES, RVU_PLACES, exact, whole
from feecalc.pricing import formula
from feecalc.pricing.price import Circumstances
from feecalc.pricing.receipt import Sheet, shown
from feecalc.pricing.rules import opps_cap
from feecalc.pricing.rules.conversion_factor import Factor, conversion_factor
from feecalc.pricing.rules.place_of_service import Place
from feecalc.pricing.rules.status import PAYS_RVUS, has_rvus, status
from feecalc.pricing.rules.technical_component import technical_component
from feecalc.pricing.rules.work_gpci_floor import Floor, work_gpci_floor, work_indices

if TYPE_CHECKING:
    from feecalc.pricing.release_tables import ReleaseTables

_RARELY = "NA"
_TRACKS = {
    "qp": "qualifying participant (QP)",
    "other": "not a qualifying participant",
    "all": "one factor for everybody",
}


@dataclass(frozen=True)
class _Figures:
    """A row's relative values in one setting. [hundredths of an RVU]"""

    work: int
    pe: int
    mp: int
    opps_pe: int
    opps_mp: int

    @classmethod
    def of(cls, row: Mapping[str, Any], setting: str) -> _Figures:
        names = ("work_rvu", f"pe_rvu_{setting}", "mp_rvu", f"opps_pe_rvu_{setting}", "opps_mp_rvu")
        return cls(*(whole(row[name], RVU_PLACES) for name in names))


@dataclass(frozen=True)
class _Index:
    """The indices of one locality. [thousandths]"""

    work: int
    pe: int
    mp: int


@dataclass(frozen=True)
class _Case:
    """One row in one setting, with all that its amounts are made of."""

    schedule: ReleaseTables
    position: int
    row: dict[str, Any]
    place: Place
    asked: Circumstances
    index: _Index
    factor: Factor

    def fee_rvus(self, row: Mapping[str, Any]) -> int:
        """The relative values of a row in this setting, each times its index. [10^-5 RVU]"""
        own, index = _Figures.of(row, self.place.setting), self.index
        return int(formula.adjusted_rvus(own.work, index.work, own.pe, index.pe, own.mp, index.mp))

    def cap_rvus(self) -> int:
        """The same of the used-for-OPPS columns. [10^-5 RVU]"""
        own, index = _Figures.of(self.row, self.place.setting), self.index
        return int(formula.adjusted_rvus(own.work, index.work, own.opps_pe, index.pe, own.opps_mp, index.mp))

    def cents(self, adjusted: int) -> int:
        """The amount of adjusted relative values. [cents]"""
        return int(formula.cents(adjusted, self.factor.scaled))


def _index(schedule: ReleaseTables, asked: Circumstances, floor: Floor) -> _Index:
    if asked.locality is None:  # the national amount is the one with every index at 1
        return _Index(*[10**INDEX_PLACES] * 3)
    gpci = schedule.rows_of_localities([asked.locality])
    work = int(work_indices(gpci, asked.day, floor=floor, unfloored=schedule.unfloored).item())
    return _Index(work, *(whole(gpci[name].item(), INDEX_PLACES) for name in ("pe_gpci", "mp_gpci")))


def price(
    schedule: ReleaseTables, position: int, row: dict[str, Any], place: Place, asked: Circumstances, sheet: Sheet
) -> None:
    """Write the steps of the row at ``position`` on the sheet."""
    floor = work_gpci_floor(asked.day, wanted=asked.gpci_floor)
    factor = conversion_factor(asked.day, qp=asked.qp)
    case = _Case(schedule, position, row, place, asked, _index(schedule, asked, floor), factor)
    if not asked.qp and row["conversion_factor"] != Decimal(factor.value):
        sheet.notes.append(
            f"{schedule.release.name} prints a conversion factor of {row['conversion_factor']}; "
            f"the one in force on {asked.day} is used"
        )
    _fee(case, floor, sheet)
    if schedule.rvu[position].select(opps_cap.capped(asked.day)).item():
        _cap(case, sheet)
    if not _technical(case, sheet) and row[f"na_indicator_{place.setting}"] == _RARELY:
        sheet.notes.append(f"NA: rarely or never done in the {place.setting} setting; the amount is the one CMS prints")


def _is_priced(row: Mapping[str, Any], day: date) -> bool:
    return status(row["status_indicator"], day, has_rvus=has_rvus(row)).pays == PAYS_RVUS


def _fee(case: _Case, floor: Floor, sheet: Sheet) -> None:
    release, locality = case.schedule.release, case.asked.locality
    line = case.schedule.source_of_row(case.position)
    where = of_work = "national: every index is 1"
    if locality is not None:
        where = f"{release.member('gpci')}, {locality.label}"
        of_work = case.schedule.work_index_source(locality.mac, locality.locality, locality.label, floor)
    own, index = _Figures.of(case.row, case.place.setting), case.index
    for name, rvu, gpci, source in (
        ("work", own.work, index.work, of_work),
        (f"practice expense, {case.place.setting}", own.pe, index.pe, where),
        ("malpractice", own.mp, index.mp, where),
    ):
        text = f"{exact(rvu, RVU_PLACES)} RVU x {exact(gpci, INDEX_PLACES)} GPCI"
        sheet.step(name, text, str(exact(rvu * gpci, RVU_PLACES + INDEX_PLACES)), "RVU", f"{line}; {source}")
    total = int(formula.adjusted_rvus(own.work, index.work, own.pe, index.pe, own.mp, index.mp))
    adjusted = exact(total, RVU_PLACES + INDEX_PLACES)
    sheet.step("total", "sum of the three", str(adjusted), "RVU", "")
    factor = case.factor
    sheet.step(
        "conversion factor", f"{_TRACKS[factor.track]}, on {case.asked.day}", factor.value, factor.unit, factor.source
    )
    sheet.adjusted = case.fee_rvus(case.row)
    sheet.fee = sheet.allowed = case.cents(sheet.adjusted)
    product = exact(total * factor.scaled, RVU_PLACES + INDEX_PLACES + FACTOR_PLACES)
    text = f"{adjusted} RVU x {factor.value} = {product}, rounded once, halves up"
    sheet.amount("fee schedule amount", text, sheet.fee, "SSA 1848(b)(1); Pub. 100-04 ch. 12 sec. 20")


def _cap(case: _Case, sheet: Sheet) -> None:
    assert sheet.fee is not None
    ceiling = case.cap_rvus()
    sheet.cap = case.cents(ceiling)
    sheet.allowed = min(sheet.cap, sheet.fee)
    if sheet.adjusted is not None:
        sheet.adjusted = min(ceiling, sheet.adjusted)
    own = _Figures.of(case.row, case.place.setting)
    text = f"lower of the fee {shown(sheet.fee)} and the OPPS amount {shown(sheet.cap)}"
    text += f", of OPPS PE {exact(own.opps_pe, RVU_PLACES)} and MP {exact(own.opps_mp, RVU_PLACES)} RVU"
    scaled = case.schedule.scaled_to_qp(case.position)
    if scaled:
        text += f"; {scaled}"
    source = f"{case.schedule.source_of_row(case.position)}; {opps_cap.source(case.asked.day)}"
    sheet.amount("OPPS cap", text, sheet.allowed, source)
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
        sheet.notes.clear()
        sheet.step("technical component", rule.reason, "not paid", "", rule.source)
        return True
    position = case.schedule.position(row["hcpcs"], rule.instead)
    other = None if position is None else case.schedule.rvu.row(position, named=True)
    if other is None or not _is_priced(other, day):
        sheet.notes.append(
            f"a facility's patient: only the professional part is paid, and {row['hcpcs']} has no priced row with "
            f"modifier {rule.instead}; the amount is the printed one"
        )
        return True
    sheet.adjusted = case.fee_rvus(other)
    sheet.allowed = case.cents(sheet.adjusted)
    sheet.notes.append(f"paid as {row['hcpcs']}-{rule.instead}: {rule.reason}")
    text = f"the row of modifier {rule.instead} is paid in its place"
    sheet.amount("technical component", text, sheet.allowed, rule.source)
    return True
