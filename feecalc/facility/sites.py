"""Site of service: one case priced in an office, an ASC and a hospital, by physician, facility and patient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from feecalc.errors import FeeCalcError, InvalidValue, NotInstalled
from feecalc.facility.case import CaseLine, as_claim
from feecalc.facility.code_pairs import as_billed, facility_code
from feecalc.facility.lines import ASC, DENIED, OPPS, PLACES_OF_SERVICE
from feecalc.facility.result import FacilityPrice, notes_of
from feecalc.facility.rules import WHOLE
from feecalc.facility.schedule import Denials, FacilitySchedule
from feecalc.money import exact, rounded
from feecalc.pricing.places.locality import Locality
from feecalc.pricing.rules.cost_share import terms_of_lines, terms_on
from feecalc.reference.facility_codes import is_facility_code

if TYPE_CHECKING:
    from feecalc.pricing.schedule import FeeSchedule

PROFESSIONAL = "professional"  # the physician's bill, beside the settings of a facility's
FACILITY_CODE = "facility_code"  # status of a physician's line: a code that only facilities bill
# site -> place of service, facility's setting
PLACES = {"office": ("11", None), **{setting: (place, setting) for setting, place in PLACES_OF_SERVICE.items()}}
_BILATERAL = "50"
_SIDE_MODIFIERS = ("RT", "LT")


@dataclass(frozen=True)
class SiteLine:
    """A code at a site: the physician's and the facility's amount; None has a status and a reason. [USD]"""

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
    """A case at one site. A total is None where a part of it has no price; ``reason`` says which. [USD]"""

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
        """Return the site as a dictionary for JSON; amounts stay exact decimals."""
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
    rural_sole_community: bool = False,
    denials: Denials | None = None,
) -> tuple[Site, ...]:
    """Price a case in an office, an ASC and a hospital outpatient department. [USD]

    The physician bills all lines at every site, with multiple procedure reductions; without a ``locality`` each line is
    priced alone at the national amount. A bilateral procedure (50) is two lines in an ASC. Where the facility bills a
    code of its own for a service (reference/facility_code.toml), that code is priced for it, and the physician is
    not paid for the facility's. Amounts are before
    deductible and sequestration. ``denials``: edits, whose denied lines nobody is paid for. Raises InvalidValue,
    UnknownCode, UnknownLocality and AmbiguousLocality. An area that
    only one setting's wage index has is an error at the other site only.
    """
    service_day = schedule.release.day(day)
    if not facility.first_day <= service_day <= facility.last_day:
        raise InvalidValue(
            f"the facility rates are of {facility.first_day} to {facility.last_day}, the day is {service_day}"
        )
    if cbsa:
        _refuse_unknown(facility, cbsa)
    physician = _physician(schedule, case, locality, service_day, denials)

    def priced(lines: list[CaseLine], setting: str) -> FacilityPrice:
        return facility.price(
            lines, setting, cbsa=cbsa, wage_index=wage_index, day=service_day,
            rural_sole_community=rural_sole_community, denials=denials,
        )  # fmt: skip

    return tuple(
        _site(name, place, setting, case, physician[name], priced, service_day)
        for name, (place, setting) in PLACES.items()
    )


def _refuse_unknown(facility: FacilitySchedule, cbsa: str) -> None:
    """Raise the error for an area that no installed wage index has."""
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
    price: Callable[[list[CaseLine], str], FacilityPrice],
    day: date,
) -> Site:
    billed, notes = _lines_by_side(case) if setting == ASC else (list(enumerate(case)), ())
    if setting is not None:
        billed, codes_said = as_billed(billed, setting, day)
        notes = (*notes, *codes_said)
    facility_price: FacilityPrice | None = None
    missing, refused = "", ""
    if setting is not None:
        try:
            facility_price = price([line for _, line in billed], setting)
        except FeeCalcError as error:
            missing = str(error)
            refused = "not_installed" if isinstance(error, NotInstalled) else "not_priced"
    lines = []
    for number, (case_line, physician_line) in enumerate(zip(case, physician, strict=True)):
        parts = [
            line
            for (place_in_case, _), line in zip(billed, facility_price.lines if facility_price else (), strict=False)
            if place_in_case == number
        ]
        amounts = [part.facility_amount for part in parts if part.facility_amount is not None]
        status = "" if setting is None else parts[0].pricing_status if parts else refused
        reason = missing or (parts[0].reason if parts else "")
        if setting is not None and not status:  # its facility code stands in the case as well
            own = facility_code(case_line.hcpcs, setting, day)
            status, reason = "billed_as_another", f"billed as {own}"
        lines.append(
            SiteLine(
                hcpcs=case_line.hcpcs,
                label=case_line.label,
                physician_amount=physician_line["allowed_amount"],
                physician_status=physician_line["pricing_status"],
                physician_reason=physician_line["reason"],
                facility_amount=sum(amounts, Decimal(0)) if amounts else None,
                facility_status=status,
                facility_reason=reason,
            )
        )
    if facility_price is not None:
        notes = (*notes, *notes_of(facility_price.lines), *facility_price.not_modeled)
    return _site_with_totals(name, place, setting, lines, physician, facility_price, missing, notes)


def _site_with_totals(
    name: str,
    place: str,
    setting: str | None,
    lines: list[SiteLine],
    physician: list[dict[str, Any]],
    facility_price: FacilityPrice | None,
    missing: str,
    notes: tuple[str, ...],
) -> Site:
    unpriced = [
        f"{line.label}: physician, {line.physician_reason}"
        for line in lines
        if line.physician_amount is None and line.physician_status not in (FACILITY_CODE, DENIED)
    ]
    if missing:
        unpriced.append(missing)
    elif facility_price is not None:
        unpriced += [f"{line.label}: facility, {line.reason}" for line in facility_price.unpriced]
    if all(line.physician_status == FACILITY_CODE for line in lines):
        unpriced.append("no code of the physician's bill in the case")
    notes = (*_denials_said(lines, facility_price), *notes)
    physician_total = _total([line.physician_amount for line in lines])
    facility_total: Decimal | None = Decimal("0.00")
    share: Decimal | None = Decimal("0.00")
    if setting is not None:
        facility_total = None if facility_price is None else facility_price.facility_amount
        if facility_price is not None and facility_total is None and not facility_price.unpriced:
            facility_total = Decimal("0.00")  # all of it packaged, and nothing that it is packaged into
        share = (
            None
            if facility_price is None
            else facility_price.copayment
            if facility_price.copayment is not None
            else facility_total
        )
    patient = _total([line["patient_share"] for line in physician])
    is_complete = not unpriced and physician_total is not None and facility_total is not None
    return Site(
        site=name,
        place_of_service=place,
        lines=tuple(lines),
        physician_amount=physician_total,
        facility_amount=facility_total,
        total=physician_total + facility_total
        if is_complete and physician_total is not None and facility_total is not None
        else None,
        patient_share=patient + share if is_complete and patient is not None and share is not None else None,
        reason="; ".join(unpriced),
        facility=facility_price,
        notes=notes,
    )


def _denials_said(lines: Sequence[SiteLine], facility_price: FacilityPrice | None) -> list[str]:
    """Return which lines an edit denies, of the physician's bill and of the facility's, and why."""
    of_facility = () if facility_price is None else facility_price.lines
    physician = [
        f"{line.label}: physician, {line.physician_reason}" for line in lines if line.physician_status == DENIED
    ]
    facility = [
        f"{line.label}: facility, {line.reason}" for line in of_facility if line.pricing_status == DENIED
    ]
    return [*physician, *facility]


def _total(amounts: list[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal("0.00")) if known else None


def _lines_by_side(case: Sequence[CaseLine]) -> tuple[list[tuple[int, CaseLine]], tuple[str, ...]]:
    """Return the lines as an ASC bills them, with their numbers in the case, and notes.

    A line with modifier 50 becomes two, RT and LT.
    """
    billed: list[tuple[int, CaseLine]] = []
    for number, line in enumerate(case):
        if _BILATERAL in line.modifiers:
            rest = tuple(modifier for modifier in line.modifiers if modifier != _BILATERAL)
            billed += [(number, replace(line, modifiers=(*rest, side)[:4])) for side in _SIDE_MODIFIERS]
        else:
            billed.append((number, line))
    changed = len(billed) > len(case)
    return billed, ("an ASC bills a bilateral procedure on two lines, RT and LT",) if changed else ()


def _physician(
    schedule: FeeSchedule, case: Sequence[CaseLine], locality: Locality | None, day: date, denials: Denials | None
) -> dict[str, list[dict[str, Any]]]:
    """Return the physician's allowed_amount, patient_share, pricing_status and reason of each line, by site."""
    own = [number for number, line in enumerate(case) if not is_facility_code(line.hcpcs, day)]
    for number in own:
        schedule.positions(case[number].hcpcs)  # raises UnknownCode
    why = _denied([case[number] for number in own], own, day, denials)
    kept = [number for number in own if number not in why]
    of_own = _own_lines(schedule, [case[number] for number in kept], locality, day)
    lines: dict[str, list[dict[str, Any]]] = {name: [_OF_FACILITY] * len(case) for name in PLACES}
    for name, found in of_own.items():
        for number, line in zip(kept, found, strict=True):
            lines[name][number] = line
        for number, reason in why.items():
            lines[name][number] = {**_OF_FACILITY, "pricing_status": DENIED, "reason": reason}
    return lines


def _denied(case: Sequence[CaseLine], own: Sequence[int], day: date, denials: Denials | None) -> dict[int, str]:
    """Return why edits deny lines of the physician's bill, by the line's number in the case; ``own``: those numbers."""
    if denials is None or not case:
        return {}
    rows = as_claim(case, claim_id="", date_of_service=day, setting="", place_of_service=PLACES["office"][0])
    reasons = denials(pl.DataFrame(rows, schema_overrides={"line": pl.Int32, "units": pl.Int32}), PROFESSIONAL)
    return {number: reason for number, reason in zip(own, reasons, strict=True) if reason}


_OF_FACILITY: dict[str, Any] = {
    "allowed_amount": None, "patient_share": None, "pricing_status": FACILITY_CODE,
    "reason": "a code of the facility's bill, not the physician's",
}  # fmt: skip


def _own_lines(
    schedule: FeeSchedule, case: Sequence[CaseLine], locality: Locality | None, day: date
) -> dict[str, list[dict[str, Any]]]:
    """Return the lines of the physician's own codes, by site."""
    if not case:
        return {name: [] for name in PLACES}
    if locality is None:
        rates = _coinsurance(case, day)
        return {
            name: [_national_line(schedule, line, place, day, rate) for line, rate in zip(case, rates, strict=True)]
            for name, (place, _) in PLACES.items()
        }
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


def _coinsurance(case: Sequence[CaseLine], day: date) -> list[int]:
    """Return what the patient pays of each line, as of lines of one claim. [ten-thousandths]"""
    terms = terms_on(day)
    return [int(rate) for rate in terms.rates[terms_of_lines(pl.DataFrame(as_claim(case, claim_id="")), terms)]]


def _national_line(schedule: FeeSchedule, line: CaseLine, place: str, day: date, rate: int) -> dict[str, Any]:
    """Return a line priced alone at the national amount, with the patient's coinsurance, ``rate``."""
    price = schedule.price(line.hcpcs, line.modifiers, place_of_service=place, units=line.units, day=day)
    allowed = price.allowed_amount
    share = None if allowed is None else exact(rounded(int(allowed.scaleb(2)) * rate, WHOLE), 2)
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
    """Return the table for a chart of the sites. Shape: [site, part]: site, part, amount (USD), whole.

    Only known amounts. ``whole``: the site's total, null where a part of it has no price.
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
    """Return the steps to the facility's amount of each line. Shape: [step]: code, step, detail, value, source."""
    priced = site.facility.lines if site.facility is not None else ()
    rows = [
        (line.label, step.name, step.detail, f"{step.value} {step.unit}".strip(), step.source)
        for line in priced
        for step in line.steps
    ]
    return pl.DataFrame(rows, schema=["code", "step", "detail", "value", "source"], orient="row")
