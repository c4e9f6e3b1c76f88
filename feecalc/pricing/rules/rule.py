"""What a rule of the chain is: the moments at which it may act on the lines of a batch, and its steps on a receipt.

Each rule's file ends with its ``Rule``; ``feecalc.pricing.rules.order`` lists them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims.arrays import percent
from feecalc.pricing.claims.arrays.lines import Decisions, Lines, ProfessionalShare, Step
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.arrays.trail import Trail
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.eras.rows import Rows, Rulebook
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.rules.receipt_steps import Case, RuleStep


@dataclass(frozen=True)
class LookUp:
    """Look up what a rule needs in an era: each table is made once, when it is first read.

    Shape of a table: [row of the release], unless it says another. Percents are in ten-thousandths.
    """

    era: Era

    @property
    def rows(self) -> Rows:
        """Return the release's rows."""
        return self.era.rows

    @property
    def book(self) -> Rulebook:
        """Return the rows of feecalc/reference on the era's days."""
        return self.era.rows.book


@dataclass
class RowChoice:
    """Hold lines on the way to the rows that pay them. Shape of each: [line]."""

    lines: Lines
    era: Era
    code: Integers  # the code's number, its track's added
    place: Integers  # the number of the kind of place
    modifiers: Sequence[Integers]  # the number of each modifier on the line, as it is written
    rules: ClaimRules
    row: Integers  # so far; at first the global service's, -1 where there is none

    def at_place(self, table: Integers) -> Integers:
        """Return what a table of shape [kind of place, row] says of each line."""
        found: Integers = table.ravel()[self._place_and_row]
        return found

    @cached_property
    def _place_and_row(self) -> Integers:
        """Return the position in such a table; asked for when every row is chosen."""
        return self.place * self.era.rows.rvu.height + self.row


@dataclass
class Payment:
    """Hold lines on the way from what their services pay to Medicare's check. [cents]  Shape of each: [line]."""

    lines: Lines
    era: Era
    rules: ClaimRules
    trail: Trail | None
    pairs: tuple[Integers, Integers]  # positions of first sides, and of the lines that are their other sides
    amounts: Integers  # what this biller may be paid; after the rule of the bill, what is allowed
    practitioner: Integers  # the practitioner's percent [ten-thousandths]
    participation: Integers  # that of a biller without the agreement [ten-thousandths]
    medicare_rate: Integers  # what is paid of Medicare's part, before sequestration [10^-8]
    deductible: Integers
    coinsurance: Integers
    medicare: Integers
    sequestration: Integers
    professional: ProfessionalShare | None = None  # of lines, by their positions
    bonus: Integers | None = None  # paid apart, -1 on lines without; None where no line has one
    before_charge: Integers | None = None  # before the rule of the bill; None where that does not apply

    @classmethod
    def of(
        cls,
        lines: Lines,
        paid: Integers,
        pairs: tuple[Integers, Integers],
        era: Era,
        rules: ClaimRules,
        trail: Trail | None,
    ) -> Payment:
        """Begin with what the services pay."""
        nothing = np.zeros_like(paid)
        whole, of_medicare = np.full(len(lines), percent.WHOLE), np.full(len(lines), percent.RATE_WHOLE)
        return cls(lines, era, rules, trail, pairs, paid, whole, whole, of_medicare, nothing, nothing, nothing, nothing)

    def take(self, rule: str, chosen: Integers, rates: Integers) -> None:
        """Reduce the ``chosen`` lines to a percent of what they pay so far, each rounded to the cent."""
        before = self.amounts[chosen]
        self.amounts[chosen] = percent.share(before, rates)
        if self.trail is not None:
            self.trail.keep(rule, chosen, before, self.amounts[chosen], rate=rates)


@dataclass(frozen=True)
class Others:
    """Say on which lines a rule's effect may turn on other lines of the patient's day, and so on what is denied there.

    ``rows``: makes a condition on the columns of a release's rows, whatever the day; ``does``: bits of ModifierEffect.
    ``any_line``: it turns on any other line; else on those of which some rule says the same.
    """

    rows: Callable[[], pl.Expr] | None = None
    does: int = 0
    any_line: bool = False


@dataclass(frozen=True)
class Rule:
    """Define one rule. What it does not do is None. The moments come in this order, each in the order of the rules.

    ``choose_row``: choose the release's row by a modifier. ``refuse_row``: refuse what the row, the place or a
    modifier says is not paid, or choose another row there. ``read_line``: read what a line wrote into the field of
    something else, such as days into its units, and note what is doubtful.
    ``leave_to_contractor``: refuse what the contractor prices.
    ``has_unknown_indicator`` and ``does_not_apply``: the lines whose modifier cannot be judged, or is not for their
    code. ``judged``: the bits of ModifierEffect that may not be for a code;
    ``refusal``: why one is not, by columns of the row; ``indicators``: the table of reference/ whose rows may give the
    refusal a status of its own, by that column. ``refuse``: refuse lines whose modifiers do apply. ``set_fee``:
    price in place of the formula. ``beside``: refuse lines because of others of the day. ``decide``: change what a
    service pays. ``pay``: change who pays what. ``others``: where any of this turns on other lines.

    ``ranks``: the rows that a rule for several lines ranks, where ``is_on``. ``steps``: its steps of a receipt up to
    the allowed amount; ``payment_steps``: those after it. ``notes``: what priced lines should be read with.
    ``notes_by_place``: bits of the notes that a row and the place give by themselves. Shape: [kind of place, row].
    ``bundles``: outcomes of lines that pay nothing because of another, and the source.
    """

    name: str
    choose_row: Callable[[RowChoice], None] | None = None
    refuse_row: Callable[[RowChoice], None] | None = None
    read_line: Callable[[RowChoice], None] | None = None
    leave_to_contractor: Callable[[Lines, ClaimRules], None] | None = None
    has_unknown_indicator: Callable[[Lines, Era], Flags] | None = None
    does_not_apply: Callable[[Lines, Era], Flags] | None = None
    judged: int = 0
    refusal: str = ""
    indicators: str = ""
    refuse: Callable[[Lines, Era], None] | None = None
    set_fee: Callable[[Lines, Decisions, Era], None] | None = None
    beside: Callable[[Lines, Integers, ClaimRules], None] | None = None
    decide: Callable[[Lines, Decisions, Era, ClaimRules], None] | None = None
    pay: Callable[[Payment], None] | None = None
    others: Others | None = None
    ranks: Callable[[Era], Flags] | None = None
    is_on: Callable[[ClaimRules], bool] | None = None
    steps: Callable[[Case], Iterator[RuleStep]] | None = None
    payment_steps: Callable[[Case], Iterator[RuleStep]] | None = None
    notes_by_place: Callable[[Era], Integers] | None = None
    notes: Mapping[Note, str] = field(default_factory=dict)
    bundles: Mapping[int, str] = field(default_factory=dict)


def priced_with(lines: Lines, does: int) -> Integers:
    """Return the positions of the priced lines whose modifiers do any of these."""
    return lines.priced_at(lines.with_modifier(does))


def take(decided: Decisions, chosen: Integers, rates: Integers, rule: str) -> None:
    """Reduce one procedure of the ``chosen`` lines to a modifier's percent, each rounded to the cent."""
    if not len(chosen):
        return
    before = decided.service[chosen]
    decided.service[chosen] = percent.share(before, rates)
    if decided.trail is not None:
        of = decided.procedures[chosen]
        decided.trail.keep(rule, chosen, before, decided.service[chosen], rate=rates, procedures=of)
    decided.modifier_rate[chosen] = decided.modifier_rate[chosen] * rates // percent.WHOLE
    step = np.full(len(decided.service), percent.WHOLE)
    step[chosen] = rates
    decided.steps.append(Step(step))
