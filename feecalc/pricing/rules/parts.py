"""The technical and the professional part of a line: a component row is its part, a global service has both.

A code with PC/TC indicator 3 is technical work only; one with 4 has no component rows, and its technical part is that
of the codes named for it in reference/technical_sister.toml. A part goes through the same bilateral rule and modifier
percents as its line. Shared by the rules for images and tests, the OPPS cap and film. Source: RVU25D.pdf, Attachment A,
PC/TC indicator.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from feecalc import reference
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims.arrays import percent, segments
from feecalc.pricing.claims.arrays.lines import NONE, Decisions, Lines
from feecalc.pricing.claims.arrays.trail import Station
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.eras.rows import GLOBAL
from feecalc.pricing.receipt import shown
from feecalc.pricing.rules.ranking import StepWords, rank_of
from feecalc.pricing.rules.receipt_steps import IN_FULL, Case, percent_of, source_of
from feecalc.pricing.rules.rule import LookUp

BOTH_APART = 2 * percent.WHOLE  # two sides that count double are two procedures of one fee each
_WHOLE_TEST = "4"  # PC/TC indicator


class PartRows(LookUp):
    """Look up where the technical part of each row is found."""

    @cached_property
    def sister_rows(self) -> Integers:
        """Return the rows of the codes that hold a whole test's technical part. Shape: [row, sister], -1 where none."""
        return self._sisters("technical")

    @cached_property
    def professional_sister_rows(self) -> Integers:
        """Return the rows of the codes that hold its professional part. Shape: [row, sister], -1 where none."""
        return self._sisters("professional")

    def _sisters(self, part: str) -> Integers:
        rules, rows = self.book.rows("technical_sister"), self.rows
        widest = max((len(rule[part]) for rule in rules), default=0)
        found = np.full((rows.rvu.height, widest), NONE)
        at = rows.words.hcpcs.at
        unknown = rows.codes - 1
        for first in range(0, len(rows.by_code), rows.codes):  # the codes of each track
            for rule in rules:
                whole_test = rows.by_code[first + at.get(rule["hcpcs"], unknown), GLOBAL]
                sisters = [rows.by_code[first + at.get(code, unknown), GLOBAL] for code in rule[part]]
                if whole_test >= 0 and min(sisters) >= 0:
                    found[whole_test, : len(sisters)] = sisters
        return found

    @cached_property
    def has_technical_part(self) -> Flags:
        """Mark the rows whose technical part can be found."""
        rows = self.rows
        return rows.is_technical_row | (rows.technical_row >= 0) | (self.sister_rows >= 0).any(axis=1)

    @cached_property
    def technical_part_is_unknown(self) -> Flags:
        """Mark the whole tests whose technical part no rule names."""
        return self.rows.have("pctc_indicator", _WHOLE_TEST) & ~self.has_technical_part


def count(decided: Decisions, chosen: Integers) -> Integers:
    """Return how many procedures each chosen line counts as, for the rules that look at parts."""
    procedures = decided.procedures[chosen]
    return np.where(decided.bilateral_rate[chosen] == BOTH_APART, 2 * procedures, procedures)


def technical(lines: Lines, decided: Decisions, era: Era, chosen: Integers, *, to_rank: bool = False) -> Integers:
    """Return the technical part of one procedure of each chosen line, uncapped; -1 where none is known."""
    row, rows = lines.row[chosen], era.rows
    found = _part(lines, decided, era, chosen, rows.is_technical_row[row], rows.technical_row[row], to_rank=to_rank)
    more, fees = _of_sisters(lines, era, chosen, era.look_up(PartRows).sister_rows[row])
    if len(more):
        found[more] = _through(decided, chosen[more], fees, to_rank=to_rank)
    return found


def professional(lines: Lines, decided: Decisions, era: Era, chosen: Integers, *, to_rank: bool = False) -> Integers:
    """Return the professional part of one procedure of each chosen line; -1 where it has none."""
    row, rows = lines.row[chosen], era.rows
    is_part, part_row = rows.is_professional_row[row], rows.professional_row[row]
    return _part(lines, decided, era, chosen, is_part, part_row, to_rank=to_rank)


def professional_fees(lines: Lines, era: Era, chosen: Integers) -> Integers:
    """Return the fee of the professional part of a unit, also of a whole test whose parts have codes; -1 for none."""
    row, rows = lines.row[chosen], era.rows
    found = np.full(len(chosen), NONE)
    source = np.where(rows.is_professional_row[row], row, rows.professional_row[row])
    some = np.flatnonzero(source >= 0)
    found[some] = _fees(lines, era, chosen[some], source[some])
    more, fees = _of_sisters(lines, era, chosen, era.look_up(PartRows).professional_sister_rows[row])
    found[more] = fees
    return found


def as_paid(decided: Decisions, at: Integers, cents: Integers) -> Integers:
    """Return a part of one procedure after the bilateral rule and the modifier percents of its line."""
    return _through(decided, at, cents, to_rank=False)


def _of_sisters(lines: Lines, era: Era, chosen: Integers, sisters: Integers) -> tuple[Integers, Integers]:
    """Return the places in ``chosen`` whose part has codes of its own, and their fees. Sisters: [chosen, sister]."""
    more = np.flatnonzero((sisters >= 0).any(axis=1))
    fees = np.zeros(len(more), np.int64)
    for sister in sisters[more].T:
        there = sister >= 0
        fees[there] += _fees(lines, era, chosen[more[there]], sister[there])
    return more, fees


def both_sides(decided: Decisions, at: Integers, cents: Integers) -> Integers:
    """Apply the bilateral rule of these lines to other amounts; two sides on two lines stay one amount."""
    rates = decided.bilateral_rate[at]
    return np.where(rates == BOTH_APART, cents, percent.share(cents, rates))


def through_percents(decided: Decisions, at: Integers, cents: Integers) -> Integers:
    """Apply the modifier percents of these lines to other amounts."""
    for step in decided.steps:
        cents = step.of(cents, at)
    return cents


def _through(decided: Decisions, at: Integers, cents: Integers, *, to_rank: bool) -> Integers:
    """Return a part as its line is paid; to rank, before the modifier percents."""
    sides = both_sides(decided, at, cents)
    return sides if to_rank else through_percents(decided, at, sides)


def _fees(lines: Lines, era: Era, at: Integers, rows: Integers) -> Integers:
    return era.amounts.fees(rows, lines.locality[at], lines.facility[at], lines.factor[at])


def _part(
    lines: Lines, decided: Decisions, era: Era, chosen: Integers, is_part: Flags, part_row: Integers, *, to_rank: bool
) -> Integers:
    found = np.full(len(chosen), NONE)
    source = np.where(is_part, lines.row[chosen], part_row)
    some = np.flatnonzero(source >= 0)
    found[some] = _through(decided, chosen[some], _fees(lines, era, chosen[some], source[some]), to_rank=to_rank)
    return found


def before(lines: Lines, decided: Decisions, chosen: Integers, part: Integers, kind: Integers) -> Integers:
    """Count procedures of the practice and ``kind`` with a higher part; of equal ones the lower line comes first.

    Assistants at surgery rank by themselves.
    """
    role = lines.surgeon[chosen]
    order = segments.order(lines.practice[chosen], role, kind, -part, lines.number[chosen])
    found = np.empty(len(chosen), np.int64)
    at = chosen[order]
    found[order] = segments.before(segments.starts(lines.practice[at], role[order], kind[order]), count(decided, at))
    return found


def part_words(case: Case, station: Station) -> StepWords:
    """Return images and tests in words: the technical and the professional part, each with its rank and percent."""
    line, decided = case.followed.line, case.followed.priced.decided
    rules = reference.rows_on("multiple_procedure", case.day, rule=station.rule)
    words, factors, sources = [], [], []
    for part, ahead, rates in (
        ("technical", decided.technical_before, decided.technical_rate),
        ("professional", decided.professional_before, decided.professional_rate),
    ):
        amount = case.figure(station, part)
        if ahead[line] < 0 or amount < 0:
            continue
        row = max((rule for rule in rules if rule["part"] == part), key=rank_of)
        procedures, rate = case.figure(station, "count"), int(rates[line])
        full = 1 if ahead[line] == 0 else 0
        less = procedures - full
        at = [f"{full} {IN_FULL}"] if full and procedures > 1 else [IN_FULL] if full else []
        at += [f"{less} at {percent_of(rate)}" if procedures > 1 else f"at {percent_of(rate)}"] if less else []
        words.append(f"{part} part of {shown(amount)} ranks {int(ahead[line]) + 1}, {' and '.join(at)}")
        factors.append(percent_of(rate) if less else IN_FULL)
        sources.append(source_of(row))
    return "; ".join(words), " and ".join(dict.fromkeys(factors)), "; ".join(dict.fromkeys(sources))
