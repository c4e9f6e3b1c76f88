"""One case in an office, an ASC and a hospital: what physician, facility and patient see of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from feecalc.errors import FeeCalcError, InvalidValue, NotInstalled
from feecalc.facility.case import CaseLine, as_claim
from feecalc.facility.lines import ASC, OPPS
from feecalc.facility.result import FacilityPrice, notes_of
from feecalc.facility.schedule import FacilitySchedule
from feecalc.pricing.places.locality import Locality

if TYPE_CHECKING:
    from feecalc.pricing.schedule import FeeSchedule

PLACES = {"office": ("11", None), ASC: ("24", ASC), OPPS: ("22", OPPS)}  # site -> place of service, facility's setting
_BILATERAL = "50"
_SIDES = ("RT", "LT")


@dataclass(frozen=True)
class SiteLine:
    """A code at a site: the physician's amount and the facility's, each None with its status and reason. [USD]"""

    hcpcs: str
    label: str
    physician_amount: Decimal | None
    physician_status: str
    physician_reason: str
    facility_amount: Decimal | None
    facility_status: str  # "" in an office, which has no facility bill
    facility_reason: str


@dataclass(frozen=True)
class Site:
    """All of a case at one site. A total is None where part of it has no price; ``reason`` says which. [USD]"""

    site: str
    place_of_service: str
    lines: tuple[SiteLine, ...]
    physician_amount: Decimal | None
    facility_amount: Decimal | None  # 0 in an office: there is no facility bill
    total: Decimal | None
    patient_share: Decimal | None
    reason: str
    facility: FacilityPrice | None
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the site as JSON holds it; amounts stay exact decimals."""
        return {
            **{name: value for name, value in vars(self).items() if name not in ("lines", "facility", "notes")},
            "lines": [vars(line) for line in self.lines],
            "notes": list(self.notes),
        }


def compare_sites(
    schedule: FeeSchedule,
    facility: FacilitySchedule,
    case: Sequence[CaseLine],
    *,
    locality: Locality | None = None,
    cbsa: str = "",
    wage_index: Decimal | None = None,
    day: date | None = None,
) -> tuple[Site, ...]:
    """Return a case in an office, an ASC and a hospital outpatient department. [USD]

    The physician bills all lines everywhere, by the rules for several procedures; without a ``locality`` each line is
    national and by itself. Both sides on one line (50) are two lines in an ASC. Before deductible and sequestration.
    Raises InvalidValue, UnknownCode, UnknownLocality and AmbiguousLocality, also where no wage index has the area; one
    that only one of them has is said at the other's site.
    """
    on = schedule.release.day(day)
    if not facility.first_day <= on <= facility.last_day:
        raise InvalidValue(f"the facility rates are of {facility.first_day} to {facility.last_day}, the day is {on}")
    if cbsa:
        _refuse_unknown(facility, cbsa)
    physician = _physician(schedule, case, locality, on)
    return tuple(
        _site(name, place, setting, case, physician[name], facility, cbsa, wage_index, on)
        for name, (place, setting) in PLACES.items()
    )


def _refuse_unknown(facility: FacilitySchedule, cbsa: str) -> None:
    """Raises what is wrong with the area where every wage index that is installed refuses it."""
    refused: FeeCalcError | None = None
    for setting in (ASC, OPPS):
        try:
            facility.area(cbsa, setting)
        except NotInstalled:
            continue
        except FeeCalcError as error:
            refused = refused or error
        else:
            return
    if refused is not None:
        raise refused


def _site(
    name: str,
    place: str,
    setting: str | None,
    case: Sequence[CaseLine],
    physician: list[dict[str, Any]],
    facility: FacilitySchedule,
    cbsa: str,
    wage_index: Decimal | None,
    day: date,
) -> Site:
    billed, notes = _sides_apart(case) if setting == ASC else (list(enumerate(case)), ())
    found: FacilityPrice | None = None
    missing, refused = "", ""
    if setting is not None:
        try:
            found = facility.price([line for _, line in billed], setting, cbsa=cbsa, wage_index=wage_index, day=day)
        except FeeCalcError as error:
            missing = str(error)
            refused = "not_installed" if isinstance(error, NotInstalled) else "not_priced"
    lines = []
    for number, (asked, paid) in enumerate(zip(case, physician, strict=True)):
        parts = [
            line
            for (place_in_case, _), line in zip(billed, found.lines if found else (), strict=False)
            if place_in_case == number
        ]
        amounts = [part.facility_amount for part in parts if part.facility_amount is not None]
        status = "" if setting is None else parts[0].pricing_status if parts else refused
        lines.append(
            SiteLine(
                hcpcs=asked.hcpcs,
                label=asked.label,
                physician_amount=paid["allowed_amount"],
                physician_status=paid["pricing_status"],
                physician_reason=paid["reason"],
                facility_amount=sum(amounts, Decimal(0)) if amounts else None,
                facility_status=status,
                facility_reason=missing or (parts[0].reason if parts else ""),
            )
        )
    if found is not None:
        notes = (*notes, *notes_of(found.lines), *found.not_modelled)
    return _summed(name, place, setting, lines, physician, found, missing, notes)


def _summed(
    name: str,
    place: str,
    setting: str | None,
    lines: list[SiteLine],
    physician: list[dict[str, Any]],
    found: FacilityPrice | None,
    missing: str,
    notes: tuple[str, ...],
) -> Site:
    lacking = [f"{line.label}: physician, {line.physician_reason}" for line in lines if line.physician_amount is None]
    if missing:
        lacking.append(missing)
    elif found is not None:
        lacking += [f"{line.label}: facility, {line.reason}" for line in found.unpriced]
    doctors = _total([line.physician_amount for line in lines])
    facilitys: Decimal | None = Decimal("0.00")
    share: Decimal | None = Decimal("0.00")
    if setting is not None:
        facilitys = None if found is None else found.facility_amount
        if found is not None and facilitys is None and not found.unpriced:
            facilitys = Decimal("0.00")  # all of it packaged, and nothing that it is packaged into
        share = None if found is None else found.copayment if found.copayment is not None else facilitys
    patient = _total([line["patient_share"] for line in physician])
    whole = not lacking and doctors is not None and facilitys is not None
    return Site(
        site=name,
        place_of_service=place,
        lines=tuple(lines),
        physician_amount=doctors,
        facility_amount=facilitys,
        total=doctors + facilitys if whole and doctors is not None and facilitys is not None else None,
        patient_share=patient + share if whole and patient is not None and share is not None else None,
        reason="; ".join(lacking),
        facility=found,
        notes=notes,
    )


def _total(amounts: list[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal("0.00")) if known else None


def _sides_apart(case: Sequence[CaseLine]) -> tuple[list[tuple[int, CaseLine]], tuple[str, ...]]:
    """Return the lines as an ASC bills them: a line with 50 becomes two, RT and LT.

    With each its number in the case.
    """
    billed: list[tuple[int, CaseLine]] = []
    for number, line in enumerate(case):
        if _BILATERAL in line.modifiers:
            rest = tuple(modifier for modifier in line.modifiers if modifier != _BILATERAL)
            billed += [(number, replace(line, modifiers=(*rest, side)[:4])) for side in _SIDES]
        else:
            billed.append((number, line))
    changed = len(billed) > len(case)
    return billed, ("an ASC bills a bilateral procedure on two lines, RT and LT",) if changed else ()


def _physician(
    schedule: FeeSchedule, case: Sequence[CaseLine], locality: Locality | None, day: date
) -> dict[str, list[dict[str, Any]]]:
    """allowed_amount, patient_share, pricing_status and reason of each line, by site."""
    for line in case:
        schedule.positions(line.hcpcs)  # a code the release does not hold is said
    if locality is None:
        return {name: [_alone(schedule, line, place, day) for line in case] for name, (place, _) in PLACES.items()}
    rows = [
        row
        for name, (place, _) in PLACES.items()
        for row in as_claim(
            case,
            claim_id=name,
            date_of_service=day,
            place_of_service=place,
            mac=locality.mac,
            locality=locality.locality,
        )
    ]
    frame = pl.DataFrame(rows, schema_overrides={"line": pl.Int32, "units": pl.Int32})
    priced = schedule.price_claims(frame.lazy()).collect().sort("line")
    names = ("allowed_amount", "patient_share", "pricing_status", "reason")
    return {name: priced.filter(pl.col("claim_id") == name).select(names).to_dicts() for name in PLACES}


def _alone(schedule: FeeSchedule, line: CaseLine, place: str, day: date) -> dict[str, Any]:
    """Return a line priced by itself at the national amount; the patient's 20 percent of it."""
    from feecalc import reference
    from feecalc.money import exact, percent_of

    price = schedule.price(line.hcpcs, line.modifiers, place_of_service=place, units=line.units, day=day)
    allowed = price.allowed_amount
    percent = reference.row_on("coinsurance", day, kind="general")["value"]
    share = None if allowed is None else exact(percent_of(int(allowed.scaleb(2)), percent), 2)
    return {
        "allowed_amount": allowed,
        "patient_share": share,
        "pricing_status": price.pricing_status,
        "reason": price.reason,
    }


NAMES = {"office": "Office", ASC: "Surgery center", OPPS: "Hospital"}
PHYSICIAN, FACILITY, PATIENT = "Physician", "Facility", "Patient"
NO_BILL = "no facility bill"
_Columns = dict[str, pl.DataType]
_TEXT, _USD = pl.String(), pl.Decimal(18, 2)


def parts_table(sites: Sequence[Site]) -> pl.DataFrame:
    """Return what a picture of the sites holds.

    Shape: [site, part]: site, part, amount (USD), whole; only known amounts.
    ``whole``: the site's total, null where a part of it has no price.
    """
    rows = [
        (NAMES[site.site], part, amount, site.total)
        for site in sites
        for part, amount in (
            (PHYSICIAN, site.physician_amount),
            (FACILITY, site.facility_amount if site.site in (ASC, OPPS) else None),
            (PATIENT, site.patient_share),
        )
        if amount is not None
    ]
    schema: _Columns = {"site": _TEXT, "part": _TEXT, "amount": _USD, "whole": _USD}
    return pl.DataFrame(rows, schema=schema, orient="row")


def lines_table(sites: Sequence[Site]) -> pl.DataFrame:
    """Return each line at each site. Shape: [line, payee, site]: code, paid_to, site, amount [USD], status, reason.

    A facility's line without an amount says so in ``status``: packaged, excluded, not installed ...
    """
    rows: list[tuple[str, str, str, Decimal | None, str, str]] = []
    for number in range(len(sites[0].lines)):
        for site in sites:
            line, name = site.lines[number], NAMES[site.site]
            rows.append(
                (line.label, PHYSICIAN, name, line.physician_amount, line.physician_status, line.physician_reason)
            )
            status = line.facility_status or NO_BILL
            rows.append((line.label, FACILITY, name, line.facility_amount, status, line.facility_reason))
    schema: _Columns = {
        "code": _TEXT, "paid_to": _TEXT, "site": _TEXT, "amount": _USD, "status": _TEXT,
        "reason": _TEXT,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def steps_table(site: Site) -> pl.DataFrame:
    """Return how the facility's amount of each line was made. Shape: [step]: code, step, detail, value, source."""
    priced = site.facility.lines if site.facility is not None else ()
    rows = [
        (line.label, step.name, step.detail, f"{step.value} {step.unit}".strip(), step.source)
        for line in priced
        for step in line.steps
    ]
    return pl.DataFrame(rows, schema=["code", "step", "detail", "value", "source"], orient="row")
