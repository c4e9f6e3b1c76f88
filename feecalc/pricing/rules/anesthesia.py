"""Anesthesia: base units and time units times the locality's anesthesia factor, then the share by modifier.

The code's base units stand in CMS's base units file; minutes make time units, rounded to a tenth; units billed do not
multiply: above 1, and without minutes, they are the minutes, as paper claims write them. Medical supervision (AD) pays
units of its own in place of both. A modifier says what part the biller gets.

Several anesthetics of one session (a patient's day, one person) are one payment: the line of the highest base units
has the time of all, and the others pay nothing. Supervised procedures, add-on codes, codes without time and what a
modifier says is of another session stay out of it.
Figures: reference/anesthesia_service.toml, and the release's anesthesia factors.
Source: Pub. 100-04 ch. 12 sec. 50; Program Memorandum B-03-017 (add-on codes); 42 CFR 414.46 and 414.60.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from feecalc import reference
from feecalc.errors import InvalidValue
from feecalc.money import FACTOR_PLACES, MONEY_PLACES, rounded, scaled
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.arrays import percent, segments
from feecalc.pricing.claims.arrays.lines import Decisions, Lines
from feecalc.pricing.claims.arrays.modifier_effects import ModifierEffect
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.eras.rows import NONE
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.release_tables import ANESTHESIA_FACTOR, QP_ANESTHESIA_FACTOR
from feecalc.pricing.rules.left_out import LeftOut
from feecalc.pricing.rules.receipt_steps import Case, RuleStep, percent_of, source_of
from feecalc.pricing.rules.rule import LookUp, Others, RowChoice, Rule, take
from feecalc.pricing.rules.status import StatusRows, ever_anesthesia

UNIT_PLACES = 1  # time units are rounded to one decimal place
MOST_MINUTES = 2880  # two days: beyond it a number is a mistake, such as a clock time
_TENTHS = 10**UNIT_PLACES
_PHYSICIAN = "physician"  # whose a line is that says nothing else
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
        return self._codes("no_time_code")

    @cached_property
    def has_own_time(self) -> Flags:
        """Mark the rows of add-on codes that are paid by their own base units and time, whatever else is done."""
        return self._codes("own_time_code")

    @cached_property
    def is_per_unit(self) -> Flags:
        """Mark the rows whose code is paid its base units for each unit."""
        return self._codes("per_unit_code")

    def _codes(self, kind: str) -> Flags:
        rows = self.book.rows("anesthesia_service", kind=kind)
        return self.rows.have("hcpcs", *(row["hcpcs"] for row in rows))

    @cached_property
    def has_sessions(self) -> bool:
        """Return whether several anesthetics of a session are one payment."""
        return bool(self.book.rows("anesthesia_service", kind="session"))

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
    def person(self) -> Integers:
        """Return whose each modifier is, by a number: 0 where none says. Shape: [modifier + 1]."""
        words = self.rows.words.modifiers
        found, numbers = np.zeros(len(words.listed) + 1, np.int64), {_PHYSICIAN: 0}
        for row in self.book.rows("anesthesia_service", kind="modifier"):
            found[words.at[row["modifier"]]] = numbers.setdefault(row["by"], len(numbers))
        return found

    @cached_property
    def is_informational(self) -> Flags:
        """Return whether each modifier stands beside one that says who gave the anesthesia. Shape: [modifier + 1]."""
        words = self.rows.words.modifiers
        found = np.zeros(len(words.listed) + 1, np.bool_)
        found[[words.at[word] for row in self._informational for word in row["beside"]]] = True
        return found

    @property
    def _informational(self) -> list[reference.Row]:
        return self.book.rows("anesthesia_service", kind="informational")

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


def read_line(choice: RowChoice) -> None:
    """Read the modifier that pays; units as minutes where none are given; note what is doubtful."""
    lines, era = choice.lines, choice.era
    is_anesthesia = era.look_up(StatusRows).is_anesthesia
    directed = lines.with_modifier(ModifierEffect.MEDICAL_DIRECTION)
    lines.notes[directed[~is_anesthesia[choice.row[directed]]]] |= Note.ANESTHESIA_MODIFIER_ELSEWHERE
    at = np.flatnonzero(is_anesthesia[choice.row])
    if not len(at):
        return
    rule, blank = era.look_up(AnesthesiaRows), era.words.modifiers.at[""]
    first, beside = np.full(len(at), blank), np.zeros(len(at), np.bool_)
    for modifier in reversed(choice.modifiers):
        own = modifier[at]
        first = np.where(rule.is_modifier[own], own, first)
        beside |= rule.is_informational[own]
    lines.anesthesia = np.full(len(lines), blank)
    lines.anesthesia[at] = first
    lines.notes[at[(first == blank) & beside]] |= Note.ANESTHESIA_INFORMATIONAL_ALONE
    lines.notes[at[(first == blank) & ~beside]] |= Note.ANESTHESIA_MODIFIER_MISSING
    is_timed = ~rule.takes_no_time[choice.row[at]] & (rule.supervised_tenths[first] < 0)
    in_units = at[is_timed & (lines.minutes[at] == NONE) & (lines.units[at] > 1)]
    if len(in_units):
        lines.minutes = lines.minutes.copy()
        lines.minutes[in_units] = lines.units[in_units]
        lines.units[in_units] = 1
        lines.notes[in_units] |= Note.MINUTES_IN_UNITS


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
    own = lines.minutes[wanted]
    in_bounds = (own >= 1) & (own <= MOST_MINUTES)
    is_qp = lines.qp[wanted] & era.amounts.has_qp_track
    factor = np.where(is_qp, rule.qp_factors[lines.locality[wanted]], rule.factors[lines.locality[wanted]])
    status = np.full(len(wanted), outcomes.PRICED)
    plain = supervised < 0
    status[factor < 0] = outcomes.NO_ANESTHESIA_FACTOR
    status[plain & ~no_time & ~in_bounds] = outcomes.MINUTES_MISSING
    status[plain & (base < 0)] = outcomes.BASE_UNITS_MISSING
    joins = np.flatnonzero((status == outcomes.PRICED) & plain & ~no_time & ~rule.has_own_time[row])
    minutes = _one_payment(lines, decided, era, wanted, joins, base, status)
    lines.status[wanted] = status
    time = rounded(minutes * _TENTHS, rule.minutes_per_unit)
    units = np.where(plain, base + np.where(no_time, 0, time), supervised)
    fee = np.maximum(0, rounded(units * factor, _UNITS_PER_CENT))
    decided.fee[wanted] = decided.sides[wanted] = fee
    decided.procedures[wanted] = 1
    if decided.trail is not None:
        figures = {"units": units, "base": base, "minutes": minutes, "own_minutes": own, "factor": factor}
        decided.trail.keep("anesthesia_units", wanted, fee, fee, **figures)


def _one_payment(
    lines: Lines, decided: Decisions, era: Era, wanted: Integers, joins: Integers, base: Integers, status: Integers
) -> Integers:
    """Return the minutes that each line is paid by: those of its whole session on the line of the highest base units.

    The others get their outcome in ``status``. ``joins``: the places in ``wanted`` of the lines that may stand with
    others. A line that modifiers leave out is alone. Source: Pub. 100-04 ch. 12 sec. 50.E.
    """
    rule, minutes = era.look_up(AnesthesiaRows), lines.minutes[wanted].copy()
    joins = joins[(lines.does[wanted[joins]] & era.look_up(LeftOut).of("anesthesia")) == 0]
    if not len(joins) or not rule.has_sessions:
        return minutes
    at = wanted[joins]
    group, biller, who = lines.group[at], lines.biller[at], rule.person[lines.anesthesia[at]]
    order = segments.order(group, biller, who, -base[joins], lines.number[at])
    joins, at = joins[order], at[order]
    first = segments.starts(group[order], biller[order], who[order])
    if first.all():
        return minutes
    many = segments.of_each(first, np.ones(len(joins), np.int64)) > 1
    minutes[joins[first]] = segments.of_each(first, minutes[joins])[first]
    status[joins[~first]] = outcomes.IN_ANOTHER_ANESTHETIC
    decided.notes[at[first & many]] |= Note.ANESTHESIA_SESSION
    session = np.cumsum(first) - 1
    differs = lines.anesthesia[at] != lines.anesthesia[at[first]][session]
    unlike = segments.of_each(first, differs.astype(np.int64)) > 0
    decided.notes[at[first & unlike]] |= Note.ANESTHESIA_MODIFIERS_DIFFER
    return minutes


def decide(lines: Lines, decided: Decisions, era: Era, rules: ClaimRules) -> None:
    """Price each line at the part that its anesthesia modifier says; an add-on code that is so for each unit."""
    at = decided.anesthetic
    if not len(at):
        return
    rule = era.look_up(AnesthesiaRows)
    rates = rule.rates[lines.anesthesia[at]]
    chosen = np.flatnonzero(rates != percent.WHOLE)
    take(decided, at[chosen], rates[chosen], "anesthesia")
    if rules.anesthesia_add_on_units:
        by_unit = at[rule.is_per_unit[lines.row[at]] & (rule.supervised_tenths[lines.anesthesia[at]] < 0)]
        decided.procedures[by_unit] = lines.units[by_unit]


def steps(case: Case) -> Iterator[RuleStep]:
    """Yield the step of the part that the modifier pays."""
    for station in case.stations("anesthesia"):
        number = int(case.followed.priced.lines.anesthesia[case.followed.line])
        modifier = case.followed.era.words.modifiers.listed[number]
        row = reference.rows_on("anesthesia_service", case.day, modifier=modifier)[-1]
        before, after = case.around(station)
        factor = percent_of(case.figure(station, "rate"))
        yield RuleStep(f"modifier {modifier}", row["name"], before, factor, after, source_of(row))


RULE = Rule(
    "anesthesia",
    others=Others(ever_anesthesia),
    read_line=read_line,
    set_fee=set_fee,
    decide=decide,
    steps=steps,
    notes={
        Note.MINUTES_IN_UNITS: "the units are read as minutes of anesthesia, as paper claims write them (item 24G)",
        Note.ANESTHESIA_MODIFIER_MISSING: "no modifier says who gave the anesthesia, as AA, QZ or QK would: the whole "
        "fee is taken",
        Note.ANESTHESIA_INFORMATIONAL_ALONE: "its anesthesia modifier is for information only, and none says who gave "
        "the anesthesia, as AA, QZ or QK would: the whole fee is taken",
        Note.ANESTHESIA_MODIFIER_ELSEWHERE: "a modifier of medical direction (AD, QK, QX, QY) is for anesthesia, and "
        "this code is none: paid as without it",
        Note.ANESTHESIA_SESSION: "one payment for the anesthesia of the session: the highest base units, and the time "
        "of all its lines",
        Note.ANESTHESIA_MODIFIERS_DIFFER: "the anesthesia lines of the session have unlike modifiers: the part of this "
        "line's modifier is taken of all",
    },
    bundles={outcomes.IN_ANOTHER_ANESTHETIC: "Pub. 100-04 ch. 12 sec. 50.E"},
)
