"""Both sides of the body in one session: the bilateral indicator says what they pay of one side's fee.

One line says both sides with modifier 50, with RT and LT together, or with two units where the release's indicator
means that; two lines say it with RT on one and LT on the other. It comes before any rule for several procedures.
Where each side stands as a procedure of its own (indicator 3), each is rounded by itself. Percents:
reference/bilateral.toml. Source: Pub. 100-04 ch. 12 sec. 40.7; RVU25D.pdf, field Bilateral Surgery (Modifier 50).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from feecalc import reference
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.arrays import percent, segments
from feecalc.pricing.claims.arrays.lines import Decisions, Lines
from feecalc.pricing.claims.arrays.modifier_effects import ModifierEffect
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.rules.left_out import LeftOut
from feecalc.pricing.rules.receipt_steps import Case, RuleStep, percent_of, source_of, usd
from feecalc.pricing.rules.rule import LookUp, Others, Rule

SOURCE = "RVU25D.pdf, field Bilateral Surgery (Modifier 50); Pub. 100-04 ch. 12 sec. 40.7"
TWO = 2
_SIDES = ModifierEffect.RIGHT | ModifierEffect.LEFT
# Lines that differ in one of these are no two sides of one procedure.
_ROLES = (
    ModifierEffect.INTRAOPERATIVE | ModifierEffect.POSTOPERATIVE | ModifierEffect.PREOPERATIVE
    | ModifierEffect.COSURGERY | ModifierEffect.TEAM
)  # fmt: skip
_NOT_TWO_SIDES = ModifierEffect.BOTH_SIDES | _SIDES | ModifierEffect.SEPARATE | ModifierEffect.REPEATED


class BilateralRows(LookUp):
    """Look up what the rows' bilateral indicators say."""

    @cached_property
    def rate(self) -> Integers:
        """Return the bilateral percent of one side's amount; 0 where modifier 50 does not apply."""
        rows = self.book.rows("bilateral")
        rates = {row["bilateral_indicator"]: percent.rate(row["value"]) for row in rows if row["applies"]}
        return self.rows.by("bilateral_indicator", rates, 0)

    @cached_property
    def sides_are_separate(self) -> Flags:
        """Mark the rows whose sides stand as procedures of their own."""
        return self.rows.have("bilateral_indicator", *self._indicators("sides_are_separate"))

    @cached_property
    def two_units_mean_both(self) -> Flags:
        """Mark the rows whose two units are bilateral: never an add-on, whose units are further levels."""
        meant = self._indicators("two_units_are_both_sides")
        return self.rows.have("bilateral_indicator", *meant) & ~self.rows.is_add_on

    def _indicators(self, what: str) -> list[str]:
        return [row["bilateral_indicator"] for row in self.book.rows("bilateral") if row[what]]


def has_unknown_indicator(lines: Lines, era: Era) -> Flags:
    """Mark the lines with modifier 50 whose indicator the rules do not know."""
    return _is_bilateral(lines) & era.rows.is_unknown("bilateral_indicator")[lines.row]


def does_not_apply(lines: Lines, era: Era) -> Flags:
    """Mark the lines with modifier 50 whose code has no sides."""
    found: Flags = _is_bilateral(lines) & (era.look_up(BilateralRows).rate[lines.row] == 0)
    return found


def _is_bilateral(lines: Lines) -> Flags:
    found: Flags = (lines.does & ModifierEffect.BOTH_SIDES) != 0
    return found


def decide(lines: Lines, decided: Decisions, era: Era, rules: ClaimRules) -> None:
    """Decide ``sides``, ``bilateral_rate``, ``procedures`` and ``pair``; ``service`` begins with ``sides``."""
    table = era.look_up(BilateralRows)
    by_row = _rates(table, rules)
    rate = by_row[lines.row]
    left_out = (lines.does & era.look_up(LeftOut).of("bilateral")) != 0
    left_out &= ~table.sides_are_separate[lines.row]  # those are two procedures, with no bilateral rule to leave out
    rate = np.where(left_out, np.minimum(rate, percent.WHOLE), rate)
    said = _is_bilateral(lines) | ((lines.does & _SIDES) == _SIDES)
    two = np.zeros(len(lines), np.bool_)
    if rules.two_units_are_both_sides:
        two = (lines.units == TWO) & table.two_units_mean_both[lines.row] & ((lines.does & _NOT_TWO_SIDES) == 0)
    chosen = np.flatnonzero(lines.priced() & (rate > 0) & (said | two))
    decided.bilateral_rate[chosen] = rate[chosen]
    decided.is_bilateral[chosen] = True
    decided.sides[chosen] = percent.share(decided.fee[chosen], rate[chosen])
    decided.procedures[chosen[two[chosen]]] = 1
    decided.notes[chosen[left_out[chosen]]] |= Note.BILATERAL_ON_RETURN
    may_pair = _one_side(lines) & (rate > 0) & ~table.sides_are_separate[lines.row] & ~left_out
    _pair(lines, decided, by_row, np.flatnonzero(may_pair))
    decided.service[:] = decided.sides


def _rates(table: BilateralRows, rules: ClaimRules) -> Integers:
    """Return what bilateral pays of one side, by row: a payer's percent where Medicare pays between one and two."""
    by_medicare = table.rate
    if not rules.both_sides_percent:
        return by_medicare
    between = (by_medicare > percent.WHOLE) & (by_medicare < TWO * percent.WHOLE)
    return np.where(between, percent.rate(rules.both_sides_percent), by_medicare)


def _one_side(lines: Lines) -> Flags:
    sides = lines.does & (_SIDES | ModifierEffect.BOTH_SIDES)
    on_one_side = (sides == ModifierEffect.RIGHT) | (sides == ModifierEffect.LEFT)
    found: Flags = lines.priced() & (lines.units == 1) & on_one_side
    return found


def _pair(lines: Lines, decided: Decisions, by_row: Integers, chosen: Integers) -> None:
    """Pair two lines of one row, one for each side: together they pay as bilateral."""
    chosen = chosen[segments.shared(lines.group[chosen], np.ones(len(chosen), np.int64))]
    if not len(chosen):
        return
    side = lines.does[chosen] & _SIDES
    role = lines.does[chosen] & _ROLES
    keys = [lines.group[chosen], lines.row[chosen], lines.surgeon[chosen], role, decided.fee[chosen]]
    order = segments.order(*keys, side, lines.number[chosen])
    chosen, side, keys = chosen[order], side[order], [key[order] for key in keys]
    keys.append(segments.before(segments.starts(*keys, side), np.ones(len(chosen), np.int64)))  # the k-th of its side
    order = segments.order(*keys, lines.number[chosen])
    chosen, keys = chosen[order], [key[order] for key in keys]
    first = segments.starts(*keys)
    second = np.flatnonzero(~first)
    former, latter = chosen[second - 1], chosen[second]
    both = percent.share(decided.fee[latter], by_row[lines.row[latter]])
    rest = both - decided.fee[former]
    decided.sides[latter] = rest
    decided.bilateral_rate[latter] = by_row[lines.row[latter]] - percent.WHOLE
    decided.pair[latter] = former
    decided.is_bilateral[former] = decided.is_bilateral[latter] = True
    lines.status[latter[rest == 0]] = outcomes.OTHER_SIDE_INCLUDED


def steps(case: Case) -> Iterator[RuleStep]:
    """Yield the step of the bilateral rule: how the line says both sides, and what they pay."""
    followed, line = case.followed, case.followed.line
    decided, row = followed.priced.decided, case.row
    if not decided.is_bilateral[line]:
        return
    rule = reference.row_on("bilateral", case.day, bilateral_indicator=row["bilateral_indicator"])
    does = int(followed.priced.lines.does[line])
    if decided.pair[line] >= 0:
        said = "the second of two lines, one for each side: what is left of both sides"
    elif does & ModifierEffect.BOTH_SIDES or (does & _SIDES) == _SIDES:
        said = "both sides on one line"
    elif does & _SIDES:
        said = "the first of two lines, one for each side"
    else:
        said = "two units are both sides"
    detail = f"{said}; bilateral indicator {row['bilateral_indicator']}: {rule['reason']}"
    rate = percent_of(int(decided.bilateral_rate[line]))
    fee, sides = int(decided.fee[line]), int(decided.sides[line])
    yield RuleStep("both sides", detail, usd(fee), rate, usd(sides), source_of(rule))


RULE = Rule(
    "bilateral",
    others=Others(does=_SIDES | ModifierEffect.BOTH_SIDES),
    has_unknown_indicator=has_unknown_indicator,
    does_not_apply=does_not_apply,
    judged=ModifierEffect.BOTH_SIDES,
    refusal="its bilateral indicator is {bilateral_indicator}",
    decide=decide,
    steps=steps,
    notes={
        Note.BILATERAL_ON_RETURN: "on a return to the operating room the bilateral rule does not also apply: what two "
        "sides then pay stands in no text; one side is paid here",
    },
    bundles={outcomes.OTHER_SIDE_INCLUDED: SOURCE},
)
