"""What the fee of a line is made of: relative values, indices and factor, or anesthesia's units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from feecalc import reference
from feecalc.money import FACTOR_PLACES, INDEX_PLACES, RVU_PLACES, exact
from feecalc.pricing import formula
from feecalc.pricing.places.locality import Locality
from feecalc.pricing.receipt import Step
from feecalc.pricing.rules import technical_component
from feecalc.pricing.rules.anesthesia import AnesthesiaRows
from feecalc.pricing.rules.conversion_factor import anesthesia_conversion_factor, conversion_factor
from feecalc.pricing.rules.receipt_steps import Case, RuleStep, rule_source, source_of, usd
from feecalc.pricing.rules.work_gpci_floor import work_gpci_floor

_ANESTHESIA = "42 CFR 414.46; Pub. 100-04 ch. 12 sec. 50"
_FORMULA = "SSA 1848(b)(1); Pub. 100-04 ch. 12 sec. 20"
_TENTHS = 1
_TRACKS = {
    "qp": "qualifying participant (QP)",
    "other": "not a qualifying participant",
    "all": "one factor for everybody",
}


def fee_basis(case: Case) -> tuple[tuple[Step, ...], RuleStep]:
    """Return the figures, and the step that begins the amounts: the fee of one unit, uncapped."""
    return _anesthesia(case) if case.followed.trail.of(case.followed.line, "anesthesia_units") else _relative(case)


def _relative(case: Case) -> tuple[tuple[Step, ...], RuleStep]:
    followed, lines = case.followed, case.followed.priced.lines
    era, line = followed.era, followed.line
    row, place = lines.row[line], lines.locality[line]
    columns, indices = era.rows.arrays.columns, era.amounts.indices
    facility = bool(lines.facility[line])
    pe = int(era.amounts.practice_expense(lines.row[line : line + 1], lines.facility[line : line + 1])[0])
    work, mp = int(columns.work[row]), int(columns.mp[row])
    gpci = int(indices.work[place]), int(indices.pe[place]), int(indices.mp[place])
    floor = work_gpci_floor(era.first, wanted=era.gpci_floor)
    printed, where, at = case.row_source, _where(case, "gpci"), _place(case)
    of_work = era.tables.work_index_source(at["mac"], at["locality"], _label(at), floor) if at["mac"] else where
    basis = [
        *_technical_component(case),
        _times("work", work, gpci[0], f"{printed}; {of_work}"),
        _times(f"practice expense, {'facility' if facility else 'nonfacility'}", pe, gpci[1], f"{printed}; {where}"),
        _times("malpractice", mp, gpci[2], f"{printed}; {where}"),
    ]
    adjusted = int(formula.adjusted_rvus(work, gpci[0], pe, gpci[1], mp, gpci[2]))
    total = exact(adjusted, RVU_PLACES + INDEX_PLACES)
    basis.append(Step("total", "sum of the three", str(total), "RVU", ""))
    factor = conversion_factor(case.day, qp=bool(lines.qp[line]) and era.amounts.has_qp_track)
    whose = f"{_TRACKS[factor.track]}, on {case.day}"
    basis.append(Step("conversion factor", whose, factor.value, factor.unit, factor.source))
    product = exact(adjusted * factor.scaled, RVU_PLACES + INDEX_PLACES + FACTOR_PLACES)
    detail = f"{total} RVU x {factor.value} = {product}, rounded once, halves up"
    fee = usd(int(followed.priced.decided.fee[line]))
    return tuple(basis), RuleStep("fee schedule amount", detail, None, "", fee, _FORMULA)


def _technical_component(case: Case) -> list[Step]:
    """Return the step that says that another row is paid in place of the one billed."""
    rule = technical_component.rule_of(case)
    if rule is None or case.row["modifier"] == case.billed_row["modifier"]:
        return []
    instead = f"{case.row['hcpcs']}-{case.row['modifier']}"
    detail = f"the row of modifier {rule.instead} is paid in its place"
    return [Step("technical component", detail, instead, "", rule.source)]


def adjusted_rvus(case: Case) -> int | None:
    """Return the relative values that the amount of one unit is rounded from. [10^-5 RVU]

    None where a line is not its units at one fee or one ceiling: where a modifier or several lines made another amount.
    What is taken after that (film, who bills) is for the caller to see.
    """
    followed, line = case.followed, case.followed.line
    lines, decided, era = followed.priced.lines, followed.priced.decided, followed.era
    several, fee = int(decided.several[line]), int(decided.fee[line]) * int(lines.units[line])
    if followed.trail.of(line, "anesthesia_units") or several != fee:
        return None
    row, place, facility = int(lines.row[line]), int(lines.locality[line]), bool(lines.facility[line])
    columns, indices = era.rows.arrays.columns, era.amounts.indices
    work, gpci = int(columns.work[row]), (int(indices.work[place]), int(indices.pe[place]), int(indices.mp[place]))
    if decided.above_cap[line] > 0:
        if several - decided.above_cap[line] != decided.cap[line]:
            return None
        pe, mp = (columns.opps_pe_facility if facility else columns.opps_pe_nonfacility), columns.opps_mp
    else:
        pe, mp = (columns.pe_facility if facility else columns.pe_nonfacility), columns.mp
    return int(formula.adjusted_rvus(work, gpci[0], int(pe[row]), gpci[1], int(mp[row]), gpci[2]))


def _times(name: str, rvu: int, index: int, source: str) -> Step:
    detail = f"{exact(rvu, RVU_PLACES)} RVU x {exact(index, INDEX_PLACES)} GPCI"
    return Step(name, detail, str(exact(rvu * index, RVU_PLACES + INDEX_PLACES)), "RVU", source)


def _where(case: Case, table: str) -> str:
    """Return the file that a locality's figure comes from, and the locality; the nation has neither MAC nor number."""
    row = _place(case)
    if row["mac"]:
        return f"{case.followed.era.tables.release.member(table)}, {_label(row)}"
    if table == "anesthesia":
        is_qp = bool(case.followed.priced.lines.qp[case.followed.line])
        return f"national; {anesthesia_conversion_factor(case.day, qp=is_qp).source}"
    return "national: every index is 1"


def _place(case: Case) -> Mapping[str, Any]:
    """Return the row of the line's locality."""
    place = int(case.followed.priced.lines.locality[case.followed.line])
    return case.followed.era.tables.localities.row(place, named=True)


def _label(row: Mapping[str, Any]) -> str:
    return Locality(row["mac"], row["locality"], row["state"], row["locality_name"]).label


def _anesthesia(case: Case) -> tuple[tuple[Step, ...], RuleStep]:
    followed, line, lines = case.followed, case.followed.line, case.followed.priced.lines
    (station,) = followed.trail.of(line, "anesthesia_units")
    era, release = followed.era, followed.era.tables.release
    units, base, minutes, factor = (station.figure(name, line) for name in ("units", "base", "minutes", "factor"))
    shown = exact(units, _TENTHS)
    basis = []
    supervised_tenths = era.look_up(AnesthesiaRows).supervised_tenths
    supervised = int(supervised_tenths[lines.anesthesia[line]]) >= 0
    if supervised:
        source = rule_source("anesthesia_service", case.day, kind="medical_supervision", part="base")
        text = "medical supervision, in place of base and time"
        if lines.present_at_induction[line]:
            text += ", with presence at induction"
        basis.append(Step("units", text, str(shown), "units", source))
    else:
        source = release.member("base_units")
        basis.append(Step("base units", case.row["hcpcs"], str(exact(base, _TENTHS)), "units", source))
    if not supervised and units != base:
        rule = reference.row_on("anesthesia_service", case.day, kind="time_unit")
        text, source = f"{minutes} minutes, {rule['value']} minutes a unit", source_of(rule)
        own = station.figure("own_minutes", line)
        if minutes != own:
            text = f"{minutes} minutes of the session, {own} of this line, {rule['value']} minutes a unit"
            source = f"{source}; {rule_source('anesthesia_service', case.day, kind='session')}"
        basis.append(Step("time units", text, str(exact(units - base, _TENTHS)), "units", source))
    price = exact(factor, FACTOR_PLACES)
    source = _where(case, "anesthesia")
    basis.append(Step("anesthesia conversion factor", f"on {case.day}", str(price), "USD per unit", source))
    fee = usd(int(followed.priced.decided.fee[line]))
    detail = f"{shown} units x {price} = {shown * price}, rounded once, halves up"
    return tuple(basis), RuleStep("fee schedule amount", detail, None, "", fee, _ANESTHESIA)
