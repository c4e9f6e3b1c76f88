"""What a priced line should be read with, in the words of that line. The words for any line stand with its rule."""

from __future__ import annotations

from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.outcomes import PRICED
from feecalc.pricing.rules import modifier_of_biller, modifier_pair, surgery, technical_component
from feecalc.pricing.rules.order import notes_listed
from feecalc.pricing.rules.receipt_steps import Case
from feecalc.reference.indicators import known_indicators


def line_notes(case: Case, status: int) -> tuple[str, ...]:
    """Return the notes of a priced line, none for any other."""
    if status != PRICED:
        return ()
    bits = int(case.followed.priced.notes[case.followed.line])
    details: dict[Note, list[str]] = {}
    if bits & Note.UNKNOWN_INDICATOR:
        details[Note.UNKNOWN_INDICATOR] = _unknown_indicators(case)
    if bits & Note.MODIFIERS_DOUBTFUL:
        details[Note.MODIFIERS_DOUBTFUL] = modifier_pair.doubts(case)
    if bits & Note.BILLER_DOUBTFUL:
        details[Note.BILLER_DOUBTFUL] = modifier_of_biller.doubts(case)
    if bits & Note.SPECIALTIES_UNKNOWN:
        details[Note.SPECIALTIES_UNKNOWN] = surgery.not_ranked_with(case)
    rule = technical_component.rule_of(case) if bits & Note.PAID_AS_PROFESSIONAL else None
    if rule is not None:
        details[Note.PAID_AS_PROFESSIONAL] = [f"paid as {case.row['hcpcs']}-{rule.instead}: {rule.reason}"]
    return tuple(notes_listed(bits, details))


def _unknown_indicators(case: Case) -> list[str]:
    """Return a sentence for each indicator of the row that the rules do not know."""
    row, release = case.row, case.followed.era.tables.release.name
    return [
        f"{known.column} {row[known.column]!r} of {release} is not one that feecalc's rules know: "
        "no rule that depends on it was applied"
        for known in known_indicators("rvu", case.day)
        if row[known.column] not in known.values
    ]
