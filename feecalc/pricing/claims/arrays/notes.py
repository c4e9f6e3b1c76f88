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
    DAYS_IN_UNITS = auto()
    DAYS_MISSING = auto()
    MODIFIERS_DOUBTFUL = auto()
    BILATERAL_ON_RETURN = auto()
    NOTHING_ABOVE_BASE = auto()
    SHARE_IS_NOTHING = auto()
    NOTHING_BILLED = auto()
    MINUTES_IN_UNITS = auto()
    ANESTHESIA_MODIFIER_MISSING = auto()
    ANESTHESIA_INFORMATIONAL_ALONE = auto()
    ANESTHESIA_SESSION = auto()
    ANESTHESIA_MODIFIERS_DIFFER = auto()
    BILLER_DOUBTFUL = auto()
    THERAPY_RATE = auto()
    THERAPY_OF_SNF = auto()
    THERAPY_IN_NURSING_FACILITY = auto()
    NO_BONUS = auto()
    SPECIALTIES_UNKNOWN = auto()
    SCREENING_ELSEWHERE = auto()
    PREVENTIVE_ASSUMED = auto()
    FILM_ELSEWHERE = auto()
    FILM_NOT_TAKEN = auto()
    FIRST_BILL = auto()
    ASSISTANT_WITHOUT_PLAN = auto()
    ANESTHESIA_MODIFIER_ELSEWHERE = auto()
    THERAPY_BY_MODIFIER = auto()
    UNITS_OF_A_SHARE = auto()
