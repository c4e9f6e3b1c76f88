"""A code that is rarely or never done in a setting (NA) is paid there all the same, at the amount that CMS prints.

The line says so. Where a facility's patient pays as the professional part alone another note is said, and this one is
not (``technical_component``).
Source: RVU25D.pdf, fields Non-Facility NA Indicator and Facility NA Indicator.
"""

from __future__ import annotations

import numpy as np

from feecalc.pricing.arrays import Integers
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.rules.place_of_service import FACILITY, NONFACILITY, Places
from feecalc.pricing.rules.rule import Rule
from feecalc.pricing.rules.technical_component import TechnicalComponentRows

_RARELY = "NA"


def notes_by_place(era: Era) -> Integers:
    """Note the rows that the release marks for the setting."""
    is_rare = {setting: era.rows.have(f"na_indicator_{setting}", _RARELY) for setting in (FACILITY, NONFACILITY)}
    never = np.zeros(era.rows.rvu.height, np.bool_)
    rare = np.array([is_rare.get(setting, never) for setting, _ in era.look_up(Places).kinds[1]])
    is_paid_whole = ~era.look_up(TechnicalComponentRows).professional_only
    return np.where(rare & is_paid_whole, int(Note.RARELY_DONE_THERE), 0)


RULE = Rule(
    "rarely_done",
    notes_by_place=notes_by_place,
    notes={
        Note.RARELY_DONE_THERE: "NA: rarely or never done in this setting; the amount is the one CMS prints",
    },
)
