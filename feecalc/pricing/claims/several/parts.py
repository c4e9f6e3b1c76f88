"""The technical and the professional part of a line: a component row is its part, a global service has both.

Source: RVU25D.pdf, PC/TC indicator. A code with PC/TC indicator 3 is technical work only; one with 4 has no component
rows, and its technical part is that of the codes named for it in reference/technical_sister.toml. A part goes through
the same bilateral rule and modifier percents as its line.
"""

from __future__ import annotations

import numpy as np

from feecalc.pricing.arrays import Flags, Whole
from feecalc.pricing.claims.arrays import percent, segments
from feecalc.pricing.claims.arrays.lines import NONE, Decisions, Lines
from feecalc.pricing.claims.eras.era import Era

_BOTH_APART = 2 * percent.WHOLE  # two sides that count double are two procedures of one fee each


def count(decided: Decisions, chosen: Whole) -> Whole:
    """Procedures of each chosen line, for the rules that look at parts."""
    procedures = decided.procedures[chosen]
    return np.where(decided.bilateral_rate[chosen] == _BOTH_APART, 2 * procedures, procedures)


def technical(lines: Lines, decided: Decisions, era: Era, chosen: Whole, *, to_rank: bool = False) -> Whole:
    """The technical part of one procedure of each chosen line, uncapped; -1 where it has none or it is not known."""
    row, rows = lines.row[chosen], era.rows
    found = _part(lines, decided, era, chosen, rows.is_technical_row[row], rows.technical_row[row], to_rank=to_rank)
    sisters = rows.sister_rows[row]
    more = np.flatnonzero((sisters >= 0).any(axis=1))
    if len(more):
        fees = np.zeros(len(more), np.int64)
        for sister in sisters[more].T:
            held = sister >= 0
            fees[held] += _fees(lines, era, chosen[more[held]], sister[held])
        found[more] = _through(decided, chosen[more], fees, to_rank=to_rank)
    return found


def professional(lines: Lines, decided: Decisions, era: Era, chosen: Whole, *, to_rank: bool = False) -> Whole:
    """The professional part of one procedure of each chosen line; -1 where it has none."""
    row, rows = lines.row[chosen], era.rows
    is_part, part_row = rows.is_professional_row[row], rows.professional_row[row]
    return _part(lines, decided, era, chosen, is_part, part_row, to_rank=to_rank)


def both_sides(decided: Decisions, at: Whole, cents: Whole) -> Whole:
    """What the bilateral rule of these lines makes of other amounts; two sides that stand apart stay one amount."""
    rates = decided.bilateral_rate[at]
    return np.where(rates == _BOTH_APART, cents, percent.share(cents, rates))


def through_percents(decided: Decisions, at: Whole, cents: Whole) -> Whole:
    """What the modifier percents of these lines make of other amounts."""
    for step in decided.steps:
        cents = step.of(cents, at)
    return cents


def _through(decided: Decisions, at: Whole, cents: Whole, *, to_rank: bool) -> Whole:
    """A part as its line is paid; to rank, before the modifier percents."""
    sides = both_sides(decided, at, cents)
    return sides if to_rank else through_percents(decided, at, sides)


def _fees(lines: Lines, era: Era, at: Whole, rows: Whole) -> Whole:
    return era.amounts.fees(rows, lines.locality[at], lines.facility[at], lines.factor[at])


def _part(
    lines: Lines, decided: Decisions, era: Era, chosen: Whole, is_part: Flags, part_row: Whole, *, to_rank: bool
) -> Whole:
    found = np.full(len(chosen), NONE)
    source = np.where(is_part, lines.row[chosen], part_row)
    some = np.flatnonzero(source >= 0)
    found[some] = _through(decided, chosen[some], _fees(lines, era, chosen[some], source[some]), to_rank=to_rank)
    return found


def before(lines: Lines, decided: Decisions, chosen: Whole, part: Whole, kind: Whole) -> Whole:
    """How many procedures of the group and ``kind`` have a higher part; of equal ones the lower line comes first.

    Assistants at surgery rank among themselves.
    """
    role = lines.by_assistant[chosen]
    order = segments.order(lines.group[chosen], role, kind, -part, lines.number[chosen])
    found = np.empty(len(chosen), np.int64)
    at = chosen[order]
    found[order] = segments.before(segments.starts(lines.group[at], role[order], kind[order]), count(decided, at))
    return found
