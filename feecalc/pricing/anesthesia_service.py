"""An anesthesia service priced, on the receipt of ``service``."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl

from feecalc.money import FACTOR_PLACES, MONEY_PLACES, exact, percent_of, rounded, whole
from feecalc.pricing.receipt import shown
from feecalc.pricing.rules import anesthesia
from feecalc.pricing.rules.conversion_factor import anesthesia_conversion_factor

if TYPE_CHECKING:
    from datetime import date

    from feecalc.pricing.price import Circumstances
    from feecalc.pricing.receipt import Sheet
    from feecalc.pricing.release_tables import ReleaseTables

_WHOLE = "100"


def takes(modifier: str, day: date) -> bool:
    """Whether this is an anesthesia modifier on ``day``."""
    return modifier.strip().upper() in anesthesia.modifiers(day)


def price(schedule: ReleaseTables, hcpcs: str, modifier: str, asked: Circumstances, sheet: Sheet) -> None:
    """Base and time units times the factor; what is missing for that is the reason there is no amount."""
    units = _units(schedule, hcpcs, modifier, asked, sheet)
    if units is None:
        return
    if asked.locality is None:
        national = anesthesia_conversion_factor(asked.day, qp=asked.qp)
        factor, source, where = national.value, national.source, "national"
    elif asked.qp:
        sheet.refuse(
            "not_computable", "The ANES file holds no QP factor by locality; leave the locality or the QP choice out."
        )
        return
    else:
        factor = schedule.anesthesia_factor(asked.locality)
        source, where = schedule.release.member("anesthesia"), asked.locality.label
    sheet.step("anesthesia conversion factor", where, factor, "USD per unit", source)
    per_cent = 10 ** (anesthesia.UNIT_PLACES + FACTOR_PLACES - MONEY_PLACES)
    sheet.fee = rounded(units * whole(Decimal(factor), FACTOR_PLACES), per_cent)
    sheet.allowed = sheet.fee
    text = f"{exact(units, anesthesia.UNIT_PLACES)} units x {factor}, rounded once, halves up"
    sheet.amount("fee schedule amount", text, sheet.fee, "42 CFR 414.46; Pub. 100-04 ch. 12 sec. 50")
    part = anesthesia.share(modifier, asked.day) if modifier else None
    if part is not None and part.percent != _WHOLE:
        sheet.allowed = percent_of(sheet.fee, part.percent)
        text = f"{part.modifier}, {part.name}: {part.percent} percent of {shown(sheet.fee)}"
        sheet.amount("anesthesia modifier", text, sheet.allowed, part.source)
    sheet.pricing_status = "priced"


def _units(schedule: ReleaseTables, hcpcs: str, modifier: str, asked: Circumstances, sheet: Sheet) -> int | None:
    """All units in tenths, each kind a step; None, with the reason on the sheet, where something is missing."""
    supervised = anesthesia.supervised_units(modifier, asked.day, present_at_induction=asked.present_at_induction)
    if supervised is not None:
        units, source = supervised
        sheet.step("units", f"{modifier}: in place of base and time", _shown(units), "units", source)
        return units
    base = _base(schedule, hcpcs)
    if base is None:
        sheet.refuse(
            "base_units_missing",
            f"An anesthesia service is paid by base and time units, and no base units are loaded for {hcpcs}: load "
            "CMS's base units file with feecalc build FILE.",
        )
        return None
    base_units, base_source = base
    base_tenths: int = base_units * 10**anesthesia.UNIT_PLACES
    sheet.step("base units", hcpcs, _shown(base_tenths), "units", base_source)
    no_time = anesthesia.takes_no_time(hcpcs, asked.day)
    if no_time is not None:
        sheet.notes.append(no_time)
        return base_tenths
    if asked.minutes is None:
        sheet.refuse("minutes_missing", f"An anesthesia service is paid by its time too: give the minutes of {hcpcs}.")
        return None
    time, source = anesthesia.time_units(asked.minutes, asked.day)
    sheet.step("time units", f"{asked.minutes} minutes", _shown(time), "units", source)
    return base_tenths + time


def _base(schedule: ReleaseTables, hcpcs: str) -> tuple[int, str] | None:
    if schedule.base_units is None:
        return None
    found = schedule.base_units.filter(pl.col("hcpcs") == hcpcs)
    return (int(found["base_units"][0]), schedule.release.member("base_units")) if found.height else None


def _shown(tenths: int) -> str:
    return str(exact(tenths, anesthesia.UNIT_PLACES))
