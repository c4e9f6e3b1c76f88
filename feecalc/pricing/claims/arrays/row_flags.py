"""Flags of a relative value row, as bits: which rules its lines need. A line takes one look-up."""

from __future__ import annotations

from enum import IntFlag, auto


class RowFlags(IntFlag):
    """Name the flags of a relative value row."""

    SEVERAL = auto()  # a several-line rule speaks of it
    TWO_UNITS = auto()  # two units are both sides
    ADD_ON = auto()
    ONLY_ALONE = auto()  # status T
    OF_GROUP = auto()  # an add-on whose primary another physician of the group may have billed
    OTHER = auto()  # anesthesia, the OPPS cap, or an indicator that is new
