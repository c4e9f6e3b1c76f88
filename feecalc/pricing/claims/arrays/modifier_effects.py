"""What a modifier does to a line, as bits: a line's modifiers are one integer."""

from __future__ import annotations

from enum import IntFlag, auto


class ModifierEffect(IntFlag):
    """Name what modifiers do: ``does`` in a row of reference/modifier.toml is a member's name in lower case."""

    UNKNOWN = auto()
    PROFESSIONAL = auto()
    TECHNICAL = auto()
    DISCONTINUED = auto()
    BOTH_SIDES = auto()
    RIGHT = auto()
    LEFT = auto()
    REDUCED = auto()
    INTRAOPERATIVE = auto()
    POSTOPERATIVE = auto()
    PREOPERATIVE = auto()
    RETURN_TO_SURGERY = auto()
    COSURGERY = auto()
    TEAM = auto()
    ASSISTANT = auto()
    PRACTITIONER_ASSISTANT = auto()
    THERAPY_ASSISTANT = auto()
    FILM = auto()
    COMPUTED_RADIOGRAPHY = auto()
    OLD_TOMOGRAPH = auto()
    SEPARATE = auto()
    REPEATED = auto()
    NOT_COVERED = auto()
    NOT_NECESSARY = auto()
    PREVENTIVE = auto()
    SCREENING_TURNED_DIAGNOSTIC = auto()
    FACILITY_ONLY = auto()
    INCREASED = auto()
    THERAPY_PLAN = auto()
    SHORTAGE_AREA = auto()
    MEDICAL_DIRECTION = auto()


# Ways of taking an image that pay less of its technical part.
FILM_MODIFIERS = ModifierEffect.FILM | ModifierEffect.COMPUTED_RADIOGRAPHY | ModifierEffect.OLD_TOMOGRAPH
