"""One service priced: the same rules as the table, in order, each leaving a step on the receipt."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from feecalc import reference
from feecalc.errors import UnknownModifier
from feecalc.money import MONEY_PLACES, PERCENT_PLACES, exact, percent_of, whole
from feecalc.pricing import anesthesia_service, formula, rvu_service
from feecalc.pricing.price import Circumstances, Price
from feecalc.pricing.receipt import Sheet, service_name, shown
from feecalc.pricing.rules import status
from feecalc.pricing.rules.conversion_factor import conversion_factor
from feecalc.pricing.rules.participation import Biller, biller, limiting_charge, nonparticipating_payment
from feecalc.pricing.rules.place_of_service import NOT_PRICED, place_of_service
from feecalc.pricing.rules.status import Status, has_rvus
from feecalc.reference.indicators import known_indicators

if TYPE_CHECKING:
    from feecalc.pricing.release_tables import ReleaseTables

_GLOBAL = ""
_COMPONENTS = ("26", "TC")
_WHOLE = "100"


def price_service(schedule: ReleaseTables, hcpcs: str, modifier: str, asked: Circumstances) -> Price:
    """One service in one place on one day. The public way in is ``FeeSchedule.price``."""
    position, anesthesia_modifier = _row(schedule, hcpcs, modifier, asked.day)
    row = schedule.rvu.row(position, named=True)
    place = place_of_service(asked.place_of_service, asked.day)
    who = biller(asked.provider_type, asked.day)
    found = status.status(row["status_indicator"], asked.day, has_rvus=has_rvus(row))
    sheet = Sheet(found.pricing_status, found.reason)
    row_step(schedule.source_of_row(position), row, found, sheet)
    sheet.step("setting", f"place of service {place.code}, {place.name}", place.setting, "", place.source)
    if asked.minutes is not None and found.pays != status.PAYS_ANESTHESIA:
        sheet.notes.append("minutes are not used: the code is not an anesthesia code")
    if place.setting == NOT_PRICED:
        sheet.refuse("not_under_fee_schedule", place.note or f"place of service {place.code} is not priced by Medicare")
    elif found.pays == status.PAYS_ANESTHESIA:
        anesthesia_service.price(schedule, row["hcpcs"], anesthesia_modifier, asked, sheet)
    elif found.pays == status.PAYS_RVUS:
        rvu_service.price(schedule, position, row, place, asked, sheet)
        sheet.notes += _unknown_indicators(schedule, row, asked.day)
    elif found.note:
        sheet.notes.append(found.note)
    if sheet.allowed is not None:
        _bill(who, asked, sheet)
    return Price(
        release=schedule.release.name,
        starter=schedule.release.starter,
        sha256=schedule.release.sha256,
        day=asked.day,
        hcpcs=row["hcpcs"],
        modifier=anesthesia_modifier or row["modifier"],
        description=row["description"],
        place_of_service=place.code,
        setting=place.setting,
        locality=asked.locality,
        qp=asked.qp,
        participating=asked.participating,
        provider_type=who.provider_type,
        status_indicator=row["status_indicator"],
        pricing_status=sheet.pricing_status,
        reason=sheet.reason,
        notes=tuple(sheet.notes),
        fee_schedule_amount=_money(sheet.fee),
        opps_cap=_money(sheet.cap),
        allowed_amount=_money(sheet.allowed),
        limiting_charge=_money(sheet.limit),
        steps=tuple(sheet.steps),
    )


def _unknown_indicators(schedule: ReleaseTables, row: dict[str, Any], day: date) -> list[str]:
    """A sentence for each indicator of a priced row that the rules do not know."""
    return [
        f"{known.column} {row[known.column]!r} of {schedule.release.name} is not one that feecalc's rules know: "
        "no rule that depends on it was applied"
        for known in known_indicators("rvu", day)
        if row[known.column] not in known.values
    ]


def is_plain(schedule: ReleaseTables, hcpcs: str, modifier: str, day: date) -> bool:
    """Whether ``price_service`` prices it, or says why not: a modifier that has a row, anesthesia's, an unknown one."""
    if not modifier or modifier in _COMPONENTS or schedule.holds(hcpcs, modifier):
        return True
    if not reference.rows_on("modifier", day, modifier=modifier):
        return True
    positions = schedule.positions(hcpcs)
    found = status.status(schedule.rvu["status_indicator"][positions[0]], day, has_rvus=False)
    return found.pays == status.PAYS_ANESTHESIA and anesthesia_service.takes(modifier, day)


def _money(cents: int | None) -> Decimal | None:
    return None if cents is None else exact(cents, MONEY_PLACES)


def _row(schedule: ReleaseTables, hcpcs: str, modifier: str, day: date) -> tuple[int, str]:
    """The row to price, and the anesthesia modifier where the code is one that takes it."""
    try:
        return schedule.row_index(hcpcs, modifier), ""
    except UnknownModifier:
        position = schedule.row_index(hcpcs, _GLOBAL)
        found = status.status(schedule.rvu["status_indicator"][position], day, has_rvus=False)
        if found.pays == status.PAYS_ANESTHESIA and anesthesia_service.takes(modifier, day):
            return position, modifier.strip().upper()
        raise


def row_step(printed: str, row: dict[str, Any], found: Status, sheet: Sheet) -> None:
    """Write the step every receipt begins with: the release's row, ``printed`` where, and its status."""
    source = f"{printed}; {found.source}"
    sheet.step("status", service_name(row), f"{found.letter}, {found.name}", "", source)


def _bill(who: Biller, asked: Circumstances, sheet: Sheet) -> None:
    """The practitioner's percent, participation and the limiting charge."""
    assert sheet.allowed is not None
    if who.percent != _WHOLE:
        text = f"{who.name}: {who.percent} percent of {shown(sheet.allowed)}"
        sheet.allowed = percent_of(sheet.allowed, who.percent)
        sheet.amount("practitioner", text, sheet.allowed, who.source)
    if who.mandatory_assignment:
        if not asked.participating:
            sheet.notes.append(
                f"{who.name}: must take assignment, so no nonparticipating amount and no limiting charge applies"
            )
        return
    limit, payment = limiting_charge(asked.day), nonparticipating_payment(asked.day)
    schedule_amount = sheet.allowed
    sheet.limit, when = percent_of(schedule_amount, limit.percent), ""
    if sheet.adjusted is not None and who.percent == _WHOLE:
        factor = conversion_factor(asked.day, qp=asked.qp).scaled
        sheet.limit = int(formula.percent_cents(sheet.adjusted, factor, whole(limit.percent, PERCENT_PLACES)))
        when = ", before that is rounded"
    if not asked.participating:
        text = f"unassigned: {limit.percent} percent of {shown(schedule_amount)}{when}"
        sheet.amount("limiting charge", text, sheet.limit, limit.source)
        sheet.allowed = percent_of(schedule_amount, payment.percent)
        text = f"assigned: {payment.percent} percent of {shown(schedule_amount)}"
        sheet.amount("nonparticipating", text, sheet.allowed, payment.source)
