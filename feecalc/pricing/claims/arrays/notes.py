"""What a priced line should be read with: the one place for the words of a claim line's reason and a price's notes."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntFlag, auto


class Note(IntFlag):
    """Things said of a priced line, as bits."""

    BY_REPORT = auto()
    ASSISTANT_DOCUMENTATION = auto()
    REDUCED_SERVICE = auto()
    TECHNICAL_PART_UNKNOWN = auto()
    PAID_AS_PROFESSIONAL = auto()
    PROFESSIONAL_ROW_MISSING = auto()
    RARELY_DONE_THERE = auto()
    INCREASED_SERVICE = auto()
    UNKNOWN_INDICATOR = auto()


_TEXTS = {
    Note.BY_REPORT: "the sixth procedure and those after it are paid by report: this is the least they pay",
    Note.ASSISTANT_DOCUMENTATION: "an assistant is paid here only with documentation of the medical need",
    Note.REDUCED_SERVICE: "the percent of a reduced service is assumed: the contractor decides",
    Note.TECHNICAL_PART_UNKNOWN: "no rule names this test's technical part: it was not reduced",
    Note.PAID_AS_PROFESSIONAL: "a facility's patient: the professional part is paid in place of the global service",
    Note.PROFESSIONAL_ROW_MISSING: "a facility's patient: only the professional part is paid, and the release has no "
    "priced row of it; the amount is the printed one",
    Note.RARELY_DONE_THERE: "NA: rarely or never done in this setting; the amount is the one CMS prints",
    Note.INCREASED_SERVICE: "more work than usual is paid by report: this is the amount without it",
    Note.UNKNOWN_INDICATOR: "an indicator of the code's row in the release is not one that feecalc's rules know: "
    "no rule that depends on it was applied",
}


def notes_text(bits: int) -> str:
    """Return the notes as one text, "" for none."""
    return "; ".join(text for note, text in _TEXTS.items() if bits & note)


def notes_listed(bits: int, details: Mapping[Note, list[str]]) -> list[str]:
    """Return the notes one by one. ``details``: what is known of the one line, in place of the words for any line."""
    return [text for note, general in _TEXTS.items() if bits & note for text in details.get(note, [general])]
