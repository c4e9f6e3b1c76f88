"""The rules of the chain, in the order in which they are applied to claim lines and stand on a receipt.

A rule is added by its file and its line here. ``FIGURES`` are the rules that give the formula a figure: they stand in
files of this folder too, and have no lines of their own to change.
"""

from __future__ import annotations

from collections.abc import Mapping

from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.rules import (
    add_on,
    anesthesia,
    assistant,
    bilateral,
    billed_amount,
    bonus,
    component,
    cost_share,
    cosurgery,
    diagnostic,
    discontinued,
    endoscopy,
    film,
    imaging,
    increased_service,
    mips,
    modifier_of_biller,
    modifier_pair,
    not_covered,
    opps_cap,
    part_payment,
    participation,
    place_of_service,
    practitioner,
    rarely_done,
    reduced_service,
    return_to_surgery,
    sequestration,
    split_care,
    status,
    surgery,
    team,
    technical_component,
    therapy,
    therapy_assistant,
    therapy_place,
    units,
    unknown_indicator,
)
from feecalc.pricing.rules.rule import Others, Rule

RULES: tuple[Rule, ...] = (
    # the release's row, and whether it is paid there
    modifier_pair.RULE,
    modifier_of_biller.RULE,
    component.RULE,
    place_of_service.RULE,
    status.RULE,
    not_covered.RULE,
    discontinued.RULE,
    team.RULE,
    technical_component.RULE,
    rarely_done.RULE,
    therapy_place.RULE,
    add_on.RULE,
    status.ALONE,
    # what one procedure pays
    bilateral.RULE,
    anesthesia.RULE,
    split_care.RULE,
    return_to_surgery.RULE,
    reduced_service.RULE,
    cosurgery.RULE,
    assistant.RULE,
    increased_service.RULE,
    unknown_indicator.RULE,
    # what the line pays beside the others of the day
    units.RULE,
    endoscopy.RULE,
    surgery.RULE,
    therapy.RULE,
    imaging.RULE,
    diagnostic.CARDIOVASCULAR,
    diagnostic.OPHTHALMOLOGY,
    part_payment.RULE,
    opps_cap.RULE,
    film.RULE,
    # who bills, and who pays
    practitioner.RULE,
    participation.RULE,
    billed_amount.RULE,
    cost_share.RULE,
    therapy_assistant.RULE,
    mips.RULE,
    sequestration.RULE,
    bonus.RULE,
)
FIGURES = ("conversion_factor", "left_out", "work_gpci_floor")
NOTES: dict[Note, str] = {note: text for rule in RULES for note, text in rule.notes.items()}
OTHERS: tuple[Others, ...] = tuple(rule.others for rule in RULES if rule.others is not None)
BUNDLES: dict[int, str] = {outcome: source for rule in RULES for outcome, source in rule.bundles.items()}


def notes_text(bits: int) -> str:
    """Return the notes as one text, "" for none."""
    return "; ".join(NOTES[note] for note in Note if bits & note)


def notes_listed(bits: int, details: Mapping[Note, list[str]]) -> list[str]:
    """Return the notes one by one. ``details``: what is known of the one line, in place of the words for any line."""
    return [text for note in Note if bits & note for text in details.get(note, [NOTES[note]])]
