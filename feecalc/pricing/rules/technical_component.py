"""The technical part of a test on a facility's patient is the facility's to bill.

The physician is not paid for it: a TC line pays nothing, and a global service pays as its professional part. A whole
test whose parts have codes of their own (PC/TC indicator 4) is refused, with the codes to bill in its place. Therapy,
work by the physician's staff and one reading of a smear have places of their own. Which rows, for whose patient:
reference/technical_component.toml; the codes of parts: reference/technical_sister.toml.
Source: Pub. 100-04 ch. 13 sec. 20.2.1 and ch. 12 sec. 60.B; RVU25D.pdf, Attachment A, PC/TC indicators 1, 3, 4, 5, 7
and 8.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from feecalc import reference
from feecalc.money import usd as in_dollars
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.eras.rows import COMPONENTS
from feecalc.pricing.rules.parts import PartRows
from feecalc.pricing.rules.place_of_service import Places
from feecalc.pricing.rules.receipt_steps import Case, listed, usd
from feecalc.pricing.rules.rule import LookUp, RowChoice, Rule
from feecalc.pricing.rules.status import StatusRows


@dataclass(frozen=True)
class Technical:
    """Name a row not paid for a kind of patient, or paid as another: ``instead`` is that row's modifier.

    ``bill_part``: the part whose own codes are to be billed in its place.
    """

    pctc_indicator: str
    modifier: str
    instead: str | None
    pricing_status: str
    reason: str
    source: str
    bill_part: str | None = None


def technical_components(patient: str, day: date) -> list[Technical]:
    """Return the rules that hold for this kind of patient on ``day``."""
    return [
        Technical(
            row["pctc_indicator"],
            row["modifier"],
            row.get("instead"),
            row["pricing_status"],
            row["reason"],
            row["source"],
            row.get("bill_part"),
        )
        for row in reference.rows_on("technical_component", day)
        if patient in row["patients"]
    ]


def technical_component(patient: str, pctc_indicator: str, modifier: str, day: date) -> Technical | None:
    """Return the rule for one row, or None where it pays as usual."""
    for rule in technical_components(patient, day):
        if (rule.pctc_indicator, rule.modifier) == (pctc_indicator, modifier):
            return rule
    return None


_PAID = -1


def paid_rows(
    patient: str,
    day: date,
    is_row: Callable[[str, str], Flags],
    row_of_component: Callable[[str], Integers],
    is_priced: Flags,
) -> tuple[Integers, Integers]:
    """Return the row that pays each row for a kind of patient, and which rule denies it. Shape of each: [row].

    The rules are counted as ``technical_components`` lists them, -1 where none denies the row. ``is_row`` marks the
    rows with a PC/TC indicator and a modifier; ``row_of_component`` gives for each row the one of its code with a
    modifier, -1 where there is none. A row that is not priced pays in no other's place.
    """
    paid = np.arange(len(is_priced))
    denied_by = np.full(len(is_priced), _PAID)
    for number, rule in enumerate(technical_components(patient, day)):
        rows = is_row(rule.pctc_indicator, rule.modifier)
        if rule.instead is None:
            denied_by[rows] = number
        else:
            other = row_of_component(rule.instead)
            paid = np.where(rows & (other >= 0) & is_priced[other], other, paid)
    return paid, denied_by


def rule_of(case: Case) -> Technical | None:
    """Return the rule that speaks of the row billed, for the patient of the place; None where it pays as usual."""
    place = reference.row_on("place_of_service", case.day, code=case.asked["place_of_service"])
    billed = case.billed_row
    return technical_component(place["patient"], billed["pctc_indicator"], billed["modifier"], case.day)


class TechnicalComponentRows(LookUp):
    """Look up what each row is paid as at each kind of place."""

    @cached_property
    def by_place(self) -> tuple[Integers, Integers]:
        """Return the row paid in place of each row at each kind of place, and the outcome of one not paid (0: paid).

        Shape of each: [kind of place, row].
        """
        kinds = self.era.look_up(Places).kinds[1]
        paid, denied = zip(*(self._of_patient(patient) for _, patient in kinds), strict=True)
        return np.array(paid, np.intp), np.array(denied, outcomes.KIND)

    @cached_property
    def professional_only(self) -> Flags:
        """Mark the rows of which only the professional part is paid there. Shape: [kind of place, row]."""
        kinds = self.era.look_up(Places).kinds[1]
        found = np.zeros((len(kinds), self.rows.rvu.height), np.bool_)
        for at, (_, patient) in enumerate(kinds):
            for rule in self._rules(patient):
                if rule.instead is not None:
                    found[at] |= self._rows_of(rule.pctc_indicator, rule.modifier)
        return found

    @cached_property
    def advises(self) -> Integers:
        """Return the outcomes of whole tests: the codes of their parts are named beside the reason, line by line."""
        rules = [rule for _, patient in self.era.look_up(Places).kinds[1] for rule in self._rules(patient)]
        numbers = {self._outcome(rule) for rule in rules if rule.bill_part is not None}
        return np.array(sorted(numbers), outcomes.KIND)

    def _rules(self, patient: str) -> list[Technical]:
        return technical_components(patient, self.book.day)

    def _outcome(self, rule: Technical) -> int:
        return self.era.outcomes.number(rule.pricing_status, rule.reason)

    def _rows_of(self, pctc_indicator: str, modifier: str) -> Flags:
        return self.rows.have("pctc_indicator", pctc_indicator) & self.rows.have("modifier", modifier)

    def _of_same_code(self, modifier: str) -> Integers:
        return self.rows.of_same_code[:, COMPONENTS.index(modifier)]

    def _of_patient(self, patient: str) -> tuple[Integers, Integers]:
        """Return the row that pays each row, and the outcome of one that is not paid."""
        is_priced = self.era.look_up(StatusRows).is_priced
        paid, denied_by = paid_rows(patient, self.book.day, self._rows_of, self._of_same_code, is_priced)
        numbers = [self._outcome(rule) for rule in self._rules(patient)]
        return paid, np.array([*numbers, outcomes.PRICED])[denied_by]


def refuse_row(choice: RowChoice) -> None:
    """Refuse what is the facility's to bill, and choose the professional part in place of the global service."""
    table = choice.era.look_up(TechnicalComponentRows)
    paid, denied = table.by_place
    found = choice.at_place(denied)
    choice.lines.refuse_each(found)
    _name_the_codes(choice, found, table.advises)
    choice.lines.row = choice.at_place(paid)


def _name_the_codes(choice: RowChoice, found: Integers, advises: Integers) -> None:
    """Say on the lines refused for a whole test which codes are to be billed, and the fee schedule amount of each."""
    lines, outcomes_of = choice.lines, choice.era.outcomes
    at = np.flatnonzero(found)
    at = at[np.isin(found[at], advises) & (lines.status[at] == found[at])]
    if not len(at):
        return
    keys = [found, choice.row, lines.locality, lines.facility, lines.factor]
    _, first, kind = np.unique(np.stack([key[at] for key in keys]), axis=1, return_index=True, return_inverse=True)
    advised = []
    for line in at[first].tolist():
        status, reason = outcomes_of.pairs[int(found[line])]
        advised.append(outcomes_of.number(status, f"{reason} {_advice(choice, line)}"))
    lines.status[at] = np.array(advised, outcomes.KIND)[kind.reshape(-1)]


def _advice(choice: RowChoice, line: int) -> str:
    """Return which codes of a whole test's interpretation are to be billed; each priced one with its amount."""
    era, lines = choice.era, choice.lines
    row = int(choice.row[line])
    sisters = era.look_up(PartRows).professional_sister_rows[row]
    rows = sisters[sisters >= 0]
    if not len(rows):
        return "Bill the code of its interpretation."
    at = np.full(len(rows), line)
    fees = era.amounts.fees(rows, lines.locality[at], lines.facility[at], lines.factor[at])
    codes, is_priced = era.rows.column("hcpcs"), era.look_up(StatusRows).is_priced
    amounts = [f" (fee schedule amount {in_dollars(usd(int(fee)))})" for fee in fees]
    named = [
        f"{codes[int(own)]}{amount if is_priced[own] else ''}" for own, amount in zip(rows, amounts, strict=True)
    ]
    return f"Bill {listed(named)} for the interpretation."


def notes_by_place(era: Era) -> Integers:
    """Note where the professional part is paid, or would be if the release priced it."""
    table = era.look_up(TechnicalComponentRows)
    as_billed = table.by_place[0] == np.arange(era.rows.rvu.height)
    found = np.where(as_billed, 0, int(Note.PAID_AS_PROFESSIONAL))
    return np.where(as_billed & table.professional_only, int(Note.PROFESSIONAL_ROW_MISSING), found)


RULE = Rule(
    "technical_component",
    refuse_row=refuse_row,
    notes_by_place=notes_by_place,
    notes={
        Note.PAID_AS_PROFESSIONAL: "a facility's patient: the professional part is paid in place of the global service",
        Note.PROFESSIONAL_ROW_MISSING: "a facility's patient: only the professional part is paid, and the release has "
        "no priced row of it; the amount is the printed one",
    },
)
