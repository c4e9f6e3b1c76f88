"""The technical part of a test on a facility's patient is the facility's to bill.

The physician is not paid for it: a TC line pays nothing, and a global service pays as its professional part. Therapy,
work by the physician's staff and one reading of a smear have places of their own. Which rows, for whose patient:
reference/technical_component.toml.
Source: Pub. 100-04 ch. 13 sec. 20.2; 42 CFR 411.15(m); RVU25D.pdf, Attachment A, PC/TC indicators 1, 3, 5, 7, 8.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from feecalc import reference
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.eras.rows import COMPONENTS
from feecalc.pricing.rules.place_of_service import Places
from feecalc.pricing.rules.receipt_steps import Case
from feecalc.pricing.rules.rule import LookUp, RowChoice, Rule
from feecalc.pricing.rules.status import StatusRows


@dataclass(frozen=True)
class Technical:
    """Name a row not paid for a kind of patient, or paid as another: ``instead`` is that row's modifier."""

    pctc_indicator: str
    modifier: str
    instead: str | None
    pricing_status: str
    reason: str
    source: str


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
        return np.array(paid, np.int32), np.array(denied, outcomes.KIND)

    @cached_property
    def professional_only(self) -> Flags:
        """Mark the rows of which only the professional part is paid there. Shape: [kind of place, row]."""
        kinds = self.era.look_up(Places).kinds[1]
        found = np.zeros((len(kinds), self.rows.rvu.height), np.bool_)
        for at, (_, patient) in enumerate(kinds):
            for rule in technical_components(patient, self.book.day):
                if rule.instead is not None:
                    found[at] |= self._rows_of(rule)
        return found

    def _rows_of(self, rule: Technical) -> Flags:
        return self.rows.have("pctc_indicator", rule.pctc_indicator) & self.rows.have("modifier", rule.modifier)

    def _of_patient(self, patient: str) -> tuple[Integers, Integers]:
        height = self.rows.rvu.height
        is_priced = self.era.look_up(StatusRows).is_priced
        paid, denied = np.arange(height), np.zeros(height, np.int64)
        for rule in technical_components(patient, self.book.day):
            rows = self._rows_of(rule)
            if rule.instead is None:
                denied[rows] = self.era.outcomes.number(rule.pricing_status, rule.reason)
            else:
                other = self.rows.of_same_code[:, COMPONENTS.index(rule.instead)]
                paid = np.where(rows & (other >= 0) & is_priced[other], other, paid)
        return paid, denied


def refuse_row(choice: RowChoice) -> None:
    """Refuse what is the facility's to bill, and choose the professional part in place of the global service."""
    paid, denied = choice.era.look_up(TechnicalComponentRows).by_place
    choice.lines.refuse_each(choice.at_place(denied))
    choice.lines.row = choice.at_place(paid)


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
