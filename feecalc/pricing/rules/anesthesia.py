"""Anesthesia: base units and time units times the locality's anesthesia factor, then the share by modifier.

The code's base units stand in CMS's base units file; minutes make time units, rounded to a tenth; units billed do not
multiply. Medical supervision (AD) pays units of its own in place of both. A modifier says what part the biller gets.
Figures: reference/anesthesia_service.toml, and the release's anesthesia factors.
Source: Pub. 100-04 ch. 12 sec. 50; 42 CFR 414.46 and 414.60.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from feecalc import reference
from feecalc.errors import InvalidValue
from feecalc.money import FACTOR_PLACES, MONEY_PLACES, rounded, scaled
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.arrays import percent
from feecalc.pricing.claims.arrays.lines import Decisions, Lines
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.eras.rows import NONE
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.release_tables import ANESTHESIA_FACTOR, QP_ANESTHESIA_FACTOR
from feecalc.pricing.rules.receipt_steps import Case, RuleStep, percent_of, source_of
from feecalc.pricing.rules.rule import LookUp, Rule, take

UNIT_PLACES = 1  # time units are rounded to one decimal place
MOST_MINUTES = 2880  # two days: beyond it a number is a mistake, such as a clock time
_TENTHS = 10**UNIT_PLACES
_UNITS_PER_CENT = _TENTHS * 10 ** (FACTOR_PLACES - MONEY_PLACES)


def time_units(minutes: int, day: date) -> tuple[int, str]:
    """Return minutes as time units, in tenths, and the rule's source. Raises InvalidValue for minutes out of bounds."""
    if not 0 < minutes <= MOST_MINUTES:
        raise InvalidValue(f"{minutes} minutes of anesthesia: give the minutes of the case, 1 to {MOST_MINUTES:,}")
    row = reference.row_on("anesthesia_service", day, kind="time_unit")
    return rounded(minutes * 10**UNIT_PLACES, int(row["value"])), row["source"]


def supervised_units(modifier: str, day: date, *, present_at_induction: bool) -> tuple[int, str] | None:
    """Return the units of a supervised procedure (AD), in tenths, and the source; None for any other modifier."""
    rows = reference.rows_on("anesthesia_service", day, kind="medical_supervision", modifier=modifier)
    if not rows:
        return None
    parts = {row["part"]: int(row["value"]) for row in rows}
    units = parts["base"] + (parts["induction"] if present_at_induction else 0)
    return units * 10**UNIT_PLACES, rows[0]["source"]


def takes_no_time(hcpcs: str, day: date) -> str | None:
    """Return why a code counts no time, or None where it does."""
    rows = reference.rows_on("anesthesia_service", day, kind="no_time_code", hcpcs=hcpcs)
    return rows[0]["reason"] if rows else None


class AnesthesiaRows(LookUp):
    """Look up base units, time units, the factor of a locality, the shares of modifiers."""

    @cached_property
    def base_tenths(self) -> Integers:
        """Return base units of each row, in tenths; -1 where none are loaded."""
        tables = self.rows.tables
        if tables.base_units is None:
            return np.full(self.rows.rvu.height, NONE)
        units = dict(tables.base_units.select("hcpcs", pl.col("base_units").cast(pl.Int64) * _TENTHS).iter_rows())
        return self.rows.by("hcpcs", units, NONE)

    @cached_property
    def takes_no_time(self) -> Flags:
        """Mark the rows whose code is paid by its base units alone."""
        rows = self.book.rows("anesthesia_service", kind="no_time_code")
        return self.rows.have("hcpcs", *(row["hcpcs"] for row in rows))

    @cached_property
    def minutes_per_unit(self) -> int:
        return int(self.book.row("anesthesia_service", kind="time_unit")["value"])

    @cached_property
    def rates(self) -> Integers:
        """Return what part each modifier pays of the fee. Shape: [modifier + 1], the whole where it says nothing."""
        words = self.rows.words.modifiers
        rates = np.full(len(words.listed) + 1, percent.WHOLE)
        for row in self.book.rows("anesthesia_service", kind="modifier"):
            rates[words.at[row["modifier"]]] = percent.rate(row["value"])
        return rates

    @cached_property
    def supervised_tenths(self) -> Integers:
        """Return the tenths of units that a modifier puts in place of base and time, else -1. Shape: [modifier + 1]."""
        return self._supervision("base", NONE)

    @cached_property
    def induction_tenths(self) -> Integers:
        """Return the tenths of units that presence at induction adds to those, else 0. Shape: [modifier + 1]."""
        return self._supervision("induction", 0)

    def _supervision(self, part: str, default: int) -> Integers:
        words = self.rows.words.modifiers
        found = np.full(len(words.listed) + 1, default)
        for row in self.book.rows("anesthesia_service", kind="medical_supervision", part=part):
            found[words.at[row["modifier"]]] = int(row["value"]) * _TENTHS
        return found

    @cached_property
    def is_modifier(self) -> Flags:
        """Return whether the rule knows each modifier. Shape: [modifier + 1]."""
        known = {row["modifier"] for row in self.book.rows("anesthesia_service") if "modifier" in row}
        return np.array([word in known for word in self.rows.words.modifiers.listed] + [False])

    @cached_property
    def factors(self) -> Integers:
        """Return the anesthesia factor of each locality, -1 where none. Shape: [locality]. [ten-thousandths]"""
        return self._factors(ANESTHESIA_FACTOR)

    @cached_property
    def qp_factors(self) -> Integers:
        """Return the anesthesia factor of QPs: the nation has one, a locality has none."""
        return self._factors(QP_ANESTHESIA_FACTOR)

    def _factors(self, column: str) -> Integers:
        tables = self.rows.tables
        if tables.anesthesia is None or column not in tables.anesthesia.columns:
            return np.full(tables.localities.height, NONE)
        joined = tables.localities.select("mac", "locality").join(
            tables.anesthesia.select("mac", "locality", column), on=["mac", "locality"], how="left"
        )
        return scaled(joined[column], FACTOR_PLACES).fill_null(NONE).to_numpy()


def first_modifiers(era: Era, modifiers: Sequence[Integers], at: Integers, count: int) -> Integers:
    """Return the first modifier that anesthesia's rule knows of each of the lines ``at``, as a word's number.

    Shape: [line], ``count`` of them; the number of "" elsewhere. ``modifiers``: each of shape [line].
    """
    is_modifier = era.look_up(AnesthesiaRows).is_modifier
    blank = era.words.modifiers.at[""]
    first = np.full(len(at), blank)
    for modifier in reversed(modifiers):
        first = np.where(is_modifier[modifier[at]], modifier[at], first)
    found = np.full(count, blank)
    found[at] = first
    return found


def set_fee(lines: Lines, decided: Decisions, era: Era) -> None:
    """Price the lines whose rows are anesthesia's, or give them the outcome of what is missing."""
    wanted = decided.anesthetic
    if not len(wanted):
        return
    rule, row, at = era.look_up(AnesthesiaRows), lines.row[wanted], lines.anesthesia[wanted]
    supervised = rule.supervised_tenths[at]
    supervised = supervised + np.where(lines.present_at_induction[wanted], rule.induction_tenths[at], 0)
    base = rule.base_tenths[row]
    no_time = rule.takes_no_time[row]
    minutes = lines.minutes[wanted]
    in_bounds = (minutes >= 1) & (minutes <= MOST_MINUTES)
    time = rounded(minutes * _TENTHS, rule.minutes_per_unit)
    is_qp = lines.qp[wanted] & era.amounts.has_qp_track
    factor = np.where(is_qp, rule.qp_factors[lines.locality[wanted]], rule.factors[lines.locality[wanted]])
    status = np.full(len(wanted), outcomes.PRICED)
    plain = supervised < 0
    status[factor < 0] = outcomes.NO_ANESTHESIA_FACTOR
    status[plain & ~no_time & ~in_bounds] = outcomes.MINUTES_MISSING
    status[plain & (base < 0)] = outcomes.BASE_UNITS_MISSING
    lines.status[wanted] = status
    units = np.where(plain, base + np.where(no_time, 0, time), supervised)
    fee = np.maximum(0, rounded(units * factor, _UNITS_PER_CENT))
    decided.fee[wanted] = decided.sides[wanted] = fee
    decided.procedures[wanted] = 1
    if decided.trail is not None:
        decided.trail.keep("anesthesia_units", wanted, fee, fee, units=units, base=base, minutes=minutes, factor=factor)


def decide(lines: Lines, decided: Decisions, era: Era, rules: ClaimRules) -> None:
    """Price each line at the part that its anesthesia modifier says."""
    at = decided.anesthetic
    rates = era.look_up(AnesthesiaRows).rates[lines.anesthesia[at]] if len(at) else at
    chosen = np.flatnonzero(rates != percent.WHOLE)
    take(decided, at[chosen], rates[chosen], "anesthesia")


def steps(case: Case) -> Iterator[RuleStep]:
    """Yield the step of the part that the modifier pays."""
    for station in case.stations("anesthesia"):
        number = int(case.followed.priced.lines.anesthesia[case.followed.line])
        modifier = case.followed.era.words.modifiers.listed[number]
        row = reference.rows_on("anesthesia_service", case.day, modifier=modifier)[-1]
        before, after = case.around(station)
        factor = percent_of(case.figure(station, "rate"))
        yield RuleStep(f"modifier {modifier}", row["name"], before, factor, after, source_of(row))


RULE = Rule("anesthesia", set_fee=set_fee, decide=decide, steps=steps)
