"""The row that pays each line, by its code, its modifiers, and the place and patient; and who is not paid at all."""

from __future__ import annotations

import numpy as np

from feecalc.pricing.arrays import Flags, Whole
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.arrays.does import Does
from feecalc.pricing.claims.arrays.lines import Lines
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.eras.rows import DISCONTINUED, GLOBAL, PROFESSIONAL, TECHNICAL
from feecalc.pricing.rules.place_of_service import NOT_PRICED

_CHOOSE_ROW = Does.PROFESSIONAL | Does.TECHNICAL | Does.DISCONTINUED
_NOT_PRICED_PLACE = "Medicare does not price services at this place under the physician fee schedule"


def choose(lines: Lines, era: Era, code: Whole, row: Whole, place: Whole) -> Whole:
    """Decide ``billed_row`` and ``row``, with the outcomes of status, place and patient; where anesthesia's rows are.

    ``row``: the global service's. ``place``: the number of each line's kind of place, of ``Statuses.places``.
    """
    does = lines.does
    special = np.flatnonzero((does & _CHOOSE_ROW) != 0)
    row[special], by_contractor, both_parts = _special(era, code[special], does[special])
    lines.refuse(row < 0, outcomes.MODIFIER_DOES_NOT_APPLY)
    lines.refuse_at(special[both_parts], outcomes.MODIFIER_DOES_NOT_APPLY)
    row = np.maximum(row, 0)
    lines.billed_row = row
    kind = np.maximum(place, 0)
    is_not_priced = np.array([setting == NOT_PRICED for setting, _ in era.statuses.places[1]])
    if is_not_priced.any():
        lines.refuse(is_not_priced[kind], era.outcomes.number("not_under_fee_schedule", _NOT_PRICED_PLACE))
    lines.refuse_each(era.statuses.row_status[row])
    anesthetic = np.flatnonzero(era.statuses.is_anesthesia[row])
    lines.refuse((does & Does.NOT_COVERED) != 0, outcomes.NONCOVERED)
    lines.refuse((does & Does.NOT_NECESSARY) != 0, outcomes.NOT_NECESSARY)
    lines.refuse_at(special[by_contractor], outcomes.CONTRACTOR_DECIDES)
    team = np.flatnonzero((does & Does.TEAM) != 0)
    lines.refuse_at(team[~era.modifiers.team_applies[row[team]]], outcomes.MODIFIER_DOES_NOT_APPLY)
    lines.refuse_at(team, outcomes.BY_REPORT)
    paid, denied = era.statuses.rows_by_place
    place_and_row = kind * era.rows.rvu.height + row
    lines.refuse_each(denied.ravel()[place_and_row])
    lines.row = paid.ravel()[place_and_row]
    return anesthetic


def _special(era: Era, code: Whole, does: Whole) -> tuple[Whole, Flags, Flags]:
    """The rows of lines whose modifiers choose one; which of them the contractor prices; which say both parts."""
    professional, technical = (does & Does.PROFESSIONAL) != 0, (does & Does.TECHNICAL) != 0
    discontinued = (does & Does.DISCONTINUED) != 0
    component = np.where(professional, PROFESSIONAL, np.where(technical, TECHNICAL, GLOBAL))
    own = era.rows.by_code[code, DISCONTINUED]
    use_own = discontinued & (component == GLOBAL) & (own >= 0)
    return np.where(use_own, own, era.rows.by_code[code, component]), discontinued & ~use_own, professional & technical
