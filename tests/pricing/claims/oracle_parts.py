"""Therapy, imaging and diagnostic tests of a day, the cap, and equipment: what ``oracle`` works out part by part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pricing.claims.oracle_line import DISTINCT, EQUIPMENT, Line
from pricing.claims.oracle_rules import (
    ZERO,
    Procedure,
    Ranked,
    TherapyUnit,
    diagnostic_technical,
    equipment_percent,
    imaging_professional,
    imaging_technical,
    is_tomography,
    of,
    parts,
    therapy,
    therapy_practice_expense,
)


def reduce_therapy(group: Sequence[Line]) -> None:
    lines = [line for line in group if line.priced and line.mppr == "5"]
    owners, units = [], []
    for line in lines:
        low = line.fee(line.row, therapy_practice_expense(line.day))
        pe = line.row[f"pe_rvu_{line.rate}"]
        unit = TherapyUnit(pe, line.unit_fee, line.whole(line.unit_fee), line.whole(low), line.order)
        owners += [line] * line.procedures
        units += [unit] * line.procedures
    if units:
        _settle(owners, therapy(units))


def _settle(owners: Sequence[Line], found: Sequence[Ranked]) -> None:
    for line, ranked in zip(owners, found, strict=True):
        if not line.in_a_rule:
            line.in_a_rule, line.pays = True, []
        line.pays.append(ranked.paid)
        line.ranks.append(ranked.rank)


@dataclass
class _Part:
    line: Line
    unit: int
    procedure: Procedure


def reduce_imaging(group: Sequence[Line]) -> None:
    """Indicator 4, family 88: the technical parts of the day, and the professional parts, each ranked by themselves."""
    lines = [
        line
        for line in group
        if line.priced and line.mppr == "4" and line.row["imaging_family"] == "88" and not line.has(*DISTINCT)
    ]
    technical: list[_Part] = []
    professional: list[_Part] = []
    for line in lines:
        fees: list[tuple[list[_Part], Decimal]] = []
        if line.component == "TC":
            fees = [(technical, line.unit_fee)]
        elif line.component == "26":
            fees = [(professional, line.unit_fee)]
        elif "26" in line.rows and "TC" in line.rows:
            fees = [(technical, line.fee(line.rows["TC"])), (professional, line.fee(line.rows["26"]))]
        for where, fee in fees:
            _add_parts(where, line, fee)
    _reduce(technical, imaging_technical, of_technical=True)
    _reduce(professional, imaging_professional, of_technical=False)


def _add_parts(where: list[_Part], line: Line, fee: Decimal) -> None:
    one = Procedure(line.both_sides(fee), line.order, line.whole(fee))
    where += [_Part(line, unit, one) for unit in range(line.procedures)]


def _reduce(found: Sequence[_Part], percent: Callable[[date], int], *, of_technical: bool) -> None:
    if not found:
        return
    ranked = parts([each.procedure for each in found], percent(found[0].line.day))
    for each, rank in zip(found, ranked, strict=True):
        line = each.line
        line.in_a_rule = True
        line.pays[each.unit] -= each.procedure.pays - rank.paid
        line.reduced[each.unit] |= rank.percent != 100
        if of_technical:
            assert line.technical is not None
            line.technical[each.unit] = rank.paid
        if not of_technical and line.professional is not None:
            line.professional[each.unit] = rank.paid
        if of_technical or line.component == "26":
            line.ranks.append(rank.rank)


def reduce_diagnostic(group: Sequence[Line], mppr: str) -> None:
    """Indicators 6 and 7: the technical parts only."""
    found: list[_Part] = []
    for line in group:
        if line.priced and line.mppr == mppr and (fee := line.technical_fee()) is not None:
            _add_parts(found, line, fee)
    _reduce(found, lambda day: diagnostic_technical(mppr, day), of_technical=True)


def _all_technical(line: Line) -> bool:
    return line.component == "TC" or line.row["pctc_indicator"] == "3"


def cap_units(line: Line) -> None:
    """Step 6, unit by unit: DRA 5102(b), after the many-procedure rules."""
    if line.is_anesthesia:
        return
    own = line.cap(line.row)
    part_row = line.rows.get("TC") if line.component == "" and line.row["pctc_indicator"] == "1" else None
    part_cap = None if part_row is None else line.cap(part_row)
    all_technical = _all_technical(line)
    for unit in range(len(line.pays)):
        was_reduced = unit < len(line.reduced) and line.reduced[unit]
        if own is not None and (all_technical or not was_reduced):
            line.pays[unit] = min(line.pays[unit], line.both_sides(own))
        elif was_reduced and part_cap is not None and line.technical is not None:
            line.pays[unit] -= max(ZERO, line.technical[unit] - line.both_sides(part_cap))
        if line.technical is not None:
            ceiling = own if all_technical else part_cap
            if ceiling is not None:
                line.technical[unit] = min(line.technical[unit], line.both_sides(ceiling))
    if own is not None:
        line.ceiling = line.both_sides(own) * line.procedures


def after_equipment(line: Line, amount: Decimal) -> Decimal:
    """Step 7: percentages of the technical part of a line."""
    if not line.has(*EQUIPMENT) or line.technical is None:
        return amount
    part = amount if _all_technical(line) else sum(line.technical, ZERO)
    for modifier in EQUIPMENT:
        if line.has(modifier) and (modifier != "CT" or is_tomography(line.row["hcpcs"])):
            left = of(part, equipment_percent(modifier, line.day))
            amount, part = amount - (part - left), left
    return amount
