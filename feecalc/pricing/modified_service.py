"""One service with modifiers that change a fee by a rule, or with several units: a claim of one line.

The line is priced as ``price_claims`` prices it, but that an add-on code is not denied for want of a primary service,
and no bill and no deductible are known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from feecalc import reference
from feecalc.errors import InvalidValue, UnknownModifier
from feecalc.money import MONEY_PLACES, PERCENT_PLACES, exact, percent_of, whole
from feecalc.pricing import formula
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import Coverage
from feecalc.pricing.claims.explanation import explain
from feecalc.pricing.claims.explanation.steps import ExplainedLine
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.price import Circumstances, Price
from feecalc.pricing.receipt import Sheet, Step, shown
from feecalc.pricing.rules import status
from feecalc.pricing.rules.conversion_factor import anesthesia_conversion_factor, conversion_factor
from feecalc.pricing.rules.participation import biller, limiting_charge
from feecalc.pricing.rules.place_of_service import Place, place_of_service
from feecalc.pricing.service import row_step

if TYPE_CHECKING:
    from feecalc.pricing.schedule import FeeSchedule

MOST_MODIFIERS = 4
MOST_UNITS = 9999
_ADD_ON = "ZZZ"
_ONE = "1.000"
_NATIONAL = {"mac": "", "locality": "", "state": "", "locality_name": "national"}
_INDICES = ("work_gpci", "work_gpci_unfloored", "pe_gpci", "mp_gpci")
_PARTICIPATION = "nonparticipating"


def price_modified(
    schedule: FeeSchedule,
    hcpcs: str,
    modifiers: Sequence[str],
    asked: Circumstances,
    *,
    units: int = 1,
    postoperative_days: int | None = None,
) -> Price:
    """One service with its modifiers and units. The public way in is ``FeeSchedule.price``."""
    track = schedule.of_track(qp=asked.qp)
    positions = track.positions(hcpcs)
    _check(modifiers, asked, units)
    place, who = place_of_service(asked.place_of_service, asked.day), biller(asked.provider_type, asked.day)
    conversion_factor(asked.day, qp=asked.qp)  # a QP where there is one factor for everybody is said
    row = track.rvu.row(positions[0], named=True)
    claim = _line(row["hcpcs"], modifiers, asked, who.provider_type, units, postoperative_days)
    (line,) = explain(_pricer(schedule, asked), claim)
    row = dict(line.row or row)
    found = status.status(row["status_indicator"], asked.day, has_rvus=status.has_rvus(row))
    results = line.results
    priced = results["pricing_status"] == "priced"
    sheet = Sheet(results["pricing_status"], found.reason if priced else results["reason"])
    row_step(line.row_source or track.source_of_row(positions[0]), row, found, sheet)
    sheet.step("setting", f"place of service {place.code}, {place.name}", place.setting, "", place.source)
    sheet.notes += _notes(line, row)
    limit = None if who.mandatory_assignment or not priced else _limit(line, asked.day)
    sheet.steps += _steps(line, None if asked.participating else limit)
    return _price(schedule, line, row, place, asked, sheet, modifiers, None if limit is None else limit[0])


def _check(modifiers: Sequence[str], asked: Circumstances, units: int) -> None:
    if len(modifiers) > MOST_MODIFIERS:
        raise InvalidValue(f"{len(modifiers)} modifiers; a claim line holds at most {MOST_MODIFIERS}")
    known = {row["modifier"] for row in reference.rows_on("modifier", asked.day)}
    unknown = [each for each in modifiers if each not in known]
    if unknown:
        raise UnknownModifier(f"modifier {unknown[0][:20]!r} is not one the rules know on {asked.day}")
    if not 1 <= units <= MOST_UNITS:
        raise InvalidValue(f"{units} units; a claim line has from 1 to {MOST_UNITS:,}")
    if asked.present_at_induction:
        raise InvalidValue("presence at induction is priced with one anesthesia modifier and no other")


def _line(
    code: str,
    modifiers: Sequence[str],
    asked: Circumstances,
    provider_type: str,
    units: int,
    postoperative_days: int | None,
) -> pl.DataFrame:
    where = asked.locality
    cells: dict[str, Any] = {
        "claim_id": "",
        "line": 1,
        "date_of_service": asked.day,
        "hcpcs": code,
        **{f"modifier_{number}": modifier for number, modifier in enumerate(modifiers, start=1)},
        "place_of_service": asked.place_of_service,
        "mac": where.mac if where else _NATIONAL["mac"],
        "locality": where.locality if where else _NATIONAL["locality"],
        "units": units,
        "provider_type": provider_type,
        "participating": asked.participating,
        "qp": asked.qp,
        "minutes": asked.minutes,
        "postoperative_days": postoperative_days,
    }
    return pl.DataFrame([cells])


def _pricer(schedule: FeeSchedule, asked: Circumstances) -> ClaimPricer:
    """A pricer for the one place: another place's indices could not be told without the floor in some releases."""
    where = asked.locality
    key = (where.key if where else asked.day, asked.gpci_floor)
    if key not in schedule.pricers:
        if where is None:
            tables = _national(schedule, asked.day)
        else:
            tables = replace(schedule, localities=schedule.rows_of_localities([where]))
        rules = ClaimRules(add_on_needs_primary=False, gpci_floor=asked.gpci_floor)
        schedule.pricers.clear()  # one at a time is enough to price a code in several ways
        schedule.pricers[key] = ClaimPricer([Coverage.of_year(tables)], rules)
    return schedule.pricers[key]


def _national(schedule: FeeSchedule, day: date) -> FeeSchedule:
    """The release with the nation as its one locality: every index is 1, the anesthesia factor the national one."""

    def one(frame: pl.DataFrame, values: dict[str, Any]) -> pl.DataFrame:
        return pl.DataFrame([values], schema_overrides=frame.schema).select(frame.columns)

    indices = {name: Decimal(_ONE) for name in _INDICES}
    localities = one(schedule.localities, {**_NATIONAL, **indices})
    factor = {"anesthesia_conversion_factor": Decimal(anesthesia_conversion_factor(day).value)}
    names = {name: value for name, value in _NATIONAL.items() if name != "state"}
    kinds = dict.fromkeys(names, pl.String) | {"anesthesia_conversion_factor": pl.Decimal(12, 4)}
    anesthesia = pl.DataFrame([{**names, **factor}], schema_overrides=kinds)
    return replace(schedule, localities=localities, anesthesia=anesthesia)


def _limit(line: ExplainedLine, day: date) -> tuple[int, Step]:
    """The limiting charge, of what a participating physician is paid. [cents]"""
    amount = line.steps[-1].after
    for step in line.steps:
        if step.name == _PARTICIPATION and step.before is not None:
            amount = step.before
    of, rule = whole(amount, MONEY_PLACES), limiting_charge(day)
    cents, when = percent_of(of, rule.percent), ""
    if line.adjusted is not None:
        factor, units = conversion_factor(day, qp=bool(line.asked["qp"])).scaled, int(line.asked["units"])
        if int(formula.cents(line.adjusted, factor)) * units == of:  # nothing was taken off after the fee and the cap
            cents = units * int(formula.percent_cents(line.adjusted, factor, whole(rule.percent, PERCENT_PLACES)))
            when = ", each unit's before it is rounded" if units > 1 else ", before that is rounded"
    detail = f"unassigned: {rule.percent} percent of {shown(of)}{when}"
    return cents, Step("limiting charge", detail, str(exact(cents, MONEY_PLACES)), "USD", rule.source)


def _steps(line: ExplainedLine, limit: tuple[int, Step] | None) -> list[Step]:
    steps = list(line.basis)
    for rule in line.steps:
        if rule.name == _PARTICIPATION and limit is not None:
            steps.append(limit[1])
        step = rule.as_step()
        by = f" {rule.factor}" if rule.factor else ""
        went = "" if rule.before is None else f"${rule.before:,}{by}: "
        steps.append(replace(step, detail=f"{went}{step.detail}"))
    return steps


def _notes(line: ExplainedLine, row: dict[str, Any]) -> list[str]:
    found = line.results
    notes = found["reason"].split("; ") if found["pricing_status"] == "priced" and found["reason"] else []
    if found["pricing_status"] == "priced" and row["global_days"] == _ADD_ON:
        notes.append("an add-on code: paid only beside a primary service of the day")
    for step in line.payment:
        if step.name.startswith("modifier"):
            text = f"{step.factor} of Medicare's part; the allowed amount is the same"
            notes.append(f"{step.name}, {step.detail}: {text}")
    return notes


def _price(
    schedule: FeeSchedule,
    line: ExplainedLine,
    row: dict[str, Any],
    place: Place,
    asked: Circumstances,
    sheet: Sheet,
    modifiers: Sequence[str],
    limit: int | None,
) -> Price:
    results = line.results
    return Price(
        release=schedule.release.name,
        starter=schedule.release.starter,
        sha256=schedule.release.sha256,
        day=asked.day,
        hcpcs=row["hcpcs"],
        modifier=",".join(modifiers),
        description=row["description"],
        place_of_service=place.code,
        setting=place.setting,
        locality=asked.locality,
        qp=asked.qp,
        participating=asked.participating,
        provider_type=line.asked["provider_type"],
        status_indicator=row["status_indicator"],
        pricing_status=sheet.pricing_status,
        reason=sheet.reason,
        notes=tuple(sheet.notes),
        fee_schedule_amount=results["fee_schedule_amount"],
        opps_cap=results["opps_cap"],
        allowed_amount=results["allowed_amount"],
        limiting_charge=None if limit is None else exact(limit, MONEY_PLACES),
        steps=tuple(sheet.steps),
        units=int(line.asked["units"]),
    )
