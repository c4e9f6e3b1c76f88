"""What the fee of each service is made of in a release: relative values by setting, the OPPS cap's, and indices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from feecalc import reference
from feecalc.money import INDEX_PLACES, rounded
from feecalc.pricing import formula
from feecalc.pricing.arrays import Flags, Indices, Integers, RvuColumns
from feecalc.pricing.claims.columns import MODIFIERS
from feecalc.pricing.rules.opps_cap import capped_rows
from feecalc.pricing.rules.place_of_service import FACILITY
from feecalc.pricing.rules.technical_component import technical_components
from feecalc.pricing.rules.work_gpci_floor import work_gpci_floor
from feecalc.pricing.schedule import FeeSchedule
from feecalc.scenarios.basket.prices import PLACE

_NONE = -1
_PERCENT_UNITS = (10**2, 10**3, 10**4)  # whole percents, tenths, hundredths


@dataclass(frozen=True)
class Figures:
    """Integers of each service, 0 where the release has no row for it. Shape of each: [service]."""

    rvus: RvuColumns
    capped: Flags
    listed: Flags  # the release has rows for the code
    facility: Flags  # the place of service pays the facility's practice expense

    @classmethod
    def of(cls, schedule: FeeSchedule, services: pl.DataFrame, day: date) -> Figures:
        """Return the figures of the row that pays each service: its modifier's, or what a facility's patient gets."""
        places = {row["code"]: row for row in reference.rows_on("place_of_service", day)}
        codes = services["place_of_service"].to_list()
        patients = [places[code]["patient"] if code in places else "" for code in codes]
        facility = np.array([code in places and places[code]["setting"] == FACILITY for code in codes], np.bool_)
        rows = _rows(schedule, services, pl.Series("patient", patients, pl.String), day)
        there = rows >= 0
        at = np.maximum(rows, 0)
        columns = schedule.arrays.columns.rows(at)
        zeroed = RvuColumns(
            *(np.where(there, getattr(columns, name), 0) for name in RvuColumns.__dataclass_fields__)
        )
        listed = services["hcpcs"].is_in(schedule.rvu["hcpcs"].unique().implode()).to_numpy()
        return cls(zeroed, capped_rows(schedule.arrays, day)[at] & there, listed, facility)

    def pe(self, facility: Flags) -> Integers:
        """Return the practice expense RVU of the settings. [hundredths]"""
        return np.where(facility, self.rvus.pe_facility, self.rvus.pe_nonfacility)

    def opps_pe(self, facility: Flags) -> Integers:
        """Return the practice expense of the cap in the settings. [hundredths]"""
        return np.where(facility, self.rvus.opps_pe_facility, self.rvus.opps_pe_nonfacility)


def _rows(schedule: FeeSchedule, services: pl.DataFrame, patients: pl.Series, day: date) -> Integers:
    """Return the position of each service's row in the relative value table, -1 where there is none."""
    keys = schedule.rvu.select("hcpcs", "modifier", "pctc_indicator").with_row_index("row")
    coded = services.select("hcpcs", *MODIFIERS).with_columns(patients)
    found = _look_up(keys, coded["hcpcs"], pl.Series([""]).new_from_index(0, coded.height))
    for name in reversed(MODIFIERS):  # the first one that has a row of its own
        if (coded[name] != "").any():
            own = np.where((coded[name] != "").to_numpy(), _look_up(keys, coded["hcpcs"], coded[name]), _NONE)
            found = np.where(own >= 0, own, found)
    at = np.maximum(found, 0)
    paid_by = coded.with_columns(
        keys["pctc_indicator"].gather(at).alias("pctc_indicator"), keys["modifier"].gather(at).alias("modifier")
    )
    for patient in set(patients) - {""}:
        for rule in technical_components(patient, day):
            if rule.instead is None:
                continue
            applies = (
                (paid_by["patient"] == patient)
                & (paid_by["pctc_indicator"] == rule.pctc_indicator)
                & (paid_by["modifier"] == rule.modifier)
            ).to_numpy() & (found >= 0)
            other = _look_up(keys, coded["hcpcs"], pl.Series([rule.instead]).new_from_index(0, coded.height))
            found = np.where(applies & (other >= 0), other, found)
    return found


def _look_up(keys: pl.DataFrame, hcpcs: pl.Series, modifiers: pl.Series) -> Integers:
    coded = pl.DataFrame({"hcpcs": hcpcs, "modifier": modifiers})
    rows = keys.select("hcpcs", "modifier", "row")
    joined = coded.join(rows, on=["hcpcs", "modifier"], how="left", maintain_order="left")
    return joined["row"].cast(pl.Int64).fill_null(_NONE).to_numpy()


def indices_of(schedule: FeeSchedule, services: pl.DataFrame, day: date, *, gpci_floor: bool) -> tuple[Indices, Flags]:
    """Return the indices of each service's place, 1 in the nation, and whether the release knows the place."""
    used = schedule.localities.join(services.select(PLACE).unique(), on=PLACE, how="semi", maintain_order="left")
    indices = Indices.of(used, day, work_gpci_floor(day, wanted=gpci_floor), schedule.unfloored)
    keys = used.select(PLACE).with_row_index("at", offset=1)
    at = services.select(PLACE).join(keys, on=PLACE, how="left", maintain_order="left")["at"].cast(pl.Int64)
    nation = (services["mac"] == "").to_numpy() & (services["locality"] == "").to_numpy()
    number = at.fill_null(0).to_numpy()
    one = np.array([10**INDEX_PLACES], np.int64)
    found = Indices(*(np.concatenate([one, column])[number] for column in (indices.work, indices.pe, indices.mp)))
    return found, nation | (number > 0)


@dataclass(frozen=True)
class Made:
    """What an amount is made of, as integers that broadcast together."""

    work: Integers
    pe: Integers
    mp: Integers
    opps_pe: Integers
    opps_mp: Integers
    capped: Flags
    work_gpci: Integers
    pe_gpci: Integers
    mp_gpci: Integers
    factor: int

    def cents(self) -> Integers:
        """Return the fee schedule amount, or the OPPS cap where that is taken and is lower. [cents]"""
        fee = formula.adjusted_rvus(self.work, self.work_gpci, self.pe, self.pe_gpci, self.mp, self.mp_gpci)
        cap = formula.adjusted_rvus(self.work, self.work_gpci, self.opps_pe, self.pe_gpci, self.opps_mp, self.mp_gpci)
        adjusted: Integers = np.where(self.capped, np.minimum(fee, cap), fee)
        found: Integers = formula.cents(adjusted, self.factor)
        return found


def in_proportion(cents: Integers, numerator: Integers, denominator: Integers) -> Integers:
    """Return ``cents`` times what the other rules make of an amount, rounded once, halves up.

    Of 0 it is ``numerator``. The plainest percent that makes ``numerator`` of ``denominator`` is taken, such as 150 or
    62.5, else the two amounts as they are: so of ``denominator`` it is ``numerator``, to the cent.
    """
    safe = np.where(denominator > 0, denominator, 1)
    top, bottom = numerator, safe
    for unit in reversed(_PERCENT_UNITS):
        percent = rounded(numerator * unit, safe)
        makes = rounded(safe * percent, unit) == numerator
        top, bottom = np.where(makes, percent, top), np.where(makes, unit, bottom)
    found: Integers = np.where(denominator > 0, rounded(cents * top, bottom), numerator)
    return found
