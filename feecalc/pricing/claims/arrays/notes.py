"""What a priced line should be read with. The texts stand with the rules that say them."""

from __future__ import annotations

from enum import IntFlag, auto


class Note(IntFlag):
    """Name the notes of a priced line, as bits."""

    BY_REPORT = auto()
    ASSISTANT_DOCUMENTATION = auto()
    REDUCED_SERVICE = auto()
    TECHNICAL_PART_UNKNOWN = auto()
    PAID_AS_PROFESSIONAL = auto()
    PROFESSIONAL_ROW_MISSING = auto()
    RARELY_DONE_THERE = auto()
    INCREASED_SERVICE = auto()
    UNKNOWN_INDICATOR = auto()
