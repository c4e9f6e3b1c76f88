"""Therapy by where it is given: at the nonfacility rate in every place, and a nursing facility may have to bill it.

Which lines are therapy, the rate, and whose patients: reference/therapy_place.toml. The question is the consolidated
billing of skilled nursing facilities. Source: Pub. 100-04 ch. 12 sec. 20.4.2; CMS recovery audit topic 0138.
"""

from __future__ import annotations

from functools import cached_property, reduce
from operator import or_

import numpy as np

from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.rules.place_of_service import FACILITY, NONFACILITY, Places
from feecalc.pricing.rules.rule import LookUp, RowChoice, Rule
from feecalc.pricing.rules.status import StatusRows

_TABLE = "therapy_place"


class TherapyPlaces(LookUp):
    """Look up which rows are therapy, and what therapy carries at each kind of place."""

    @cached_property
    def is_always(self) -> Flags:
        """Mark the rows that are therapy whoever bills them."""
        found = np.zeros(self.rows.rvu.height, np.bool_)
        for row in self.book.rows(_TABLE, kind="always"):
            column = "hcpcs" if "codes" in row else "mppr_indicator"
            found |= self.rows.have(column, *row.get("codes", [row.get("mppr_indicator")]))
        return found

    @cached_property
    def plan(self) -> int:
        """Return what the modifiers of a therapy plan of care do, as bits of ModifierEffect."""
        number, does = self.rows.words.modifiers.at, self.era.modifiers.does
        rows = self.book.rows(_TABLE, kind="plan")
        return reduce(or_, (int(does[number[word]]) for row in rows for word in row["modifiers"]), 0)

    @cached_property
    def is_paid_as_in_office(self) -> bool:
        """Return whether therapy is paid at the nonfacility rate in a facility."""
        return any(row["setting"] == NONFACILITY for row in self.book.rows(_TABLE, kind="setting"))

    @cached_property
    def of_therapy(self) -> Integers:
        """Return bits of Note of therapy by each row, wherever it is given. Shape: [kind of place, row]."""
        kinds = self.era.look_up(Places).kinds[1]
        noted = {row["patient"]: Note[row["pricing_note"]] for row in self.book.rows(_TABLE, kind="patient")}
        of_patient = np.array([int(noted.get(patient, 0)) for _, patient in kinds], np.int64)
        in_facility = np.array([setting == FACILITY for setting, _ in kinds])
        at_other_rate = np.where(in_facility[:, None] & self._has_other_rate, int(Note.THERAPY_RATE), 0)
        return of_patient[:, None] | at_other_rate

    @cached_property
    def of_rows(self) -> Integers:
        """Return the bits that the rows which are always therapy carry. Shape: [kind of place, row]."""
        return np.where(self.is_always, self.of_therapy, 0)

    @cached_property
    def _has_other_rate(self) -> Flags:
        """Mark the rows whose practice expense of a facility is not the one that therapy is paid with."""
        columns = self.rows.arrays.columns
        differs: Flags = columns.pe_facility != columns.pe_nonfacility
        return differs & self.is_paid_as_in_office


def notes_by_place(era: Era) -> Integers:
    """Note what is always therapy where its bill may be a facility's, or its rate is not the place's."""
    return era.look_up(TherapyPlaces).of_rows


def read_line(choice: RowChoice) -> None:
    """Note what a modifier makes therapy, and choose the nonfacility rate for therapy."""
    lines, table = choice.lines, choice.era.look_up(TherapyPlaces)
    planned = lines.with_modifier(table.plan)
    planned = planned[~choice.era.look_up(StatusRows).is_anesthesia[choice.row[planned]]]
    if len(planned):
        carried = table.of_therapy[choice.place[planned], choice.row[planned]]
        lines.notes[planned] |= carried
        by_modifier = ((carried & Note.THERAPY_RATE) != 0) & ~table.is_always[choice.row[planned]]
        lines.notes[planned[by_modifier]] |= Note.THERAPY_BY_MODIFIER
    if table.is_paid_as_in_office:
        lines.facility[planned] = False
        lines.facility[table.is_always[choice.row]] = False


RULE = Rule(
    "therapy_place",
    read_line=read_line,
    notes_by_place=notes_by_place,
    notes={
        Note.THERAPY_RATE: "therapy is paid at the nonfacility rate in every place of service",
        Note.THERAPY_BY_MODIFIER: "GN, GO or GP makes it therapy, with another amount than the place's: right of a "
        "code of CMS's list of therapy codes alone",
        Note.THERAPY_OF_SNF: "therapy of a resident of a skilled nursing facility: the facility bills it (consolidated "
        "billing), and pays whoever gave it; the amount is the one CMS prints",
        Note.THERAPY_IN_NURSING_FACILITY: "therapy in a nursing facility: where Medicare certified the bed as one of a "
        "skilled nursing facility, the facility bills it, also without a Part A stay (consolidated billing)",
    },
)
