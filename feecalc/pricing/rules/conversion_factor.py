"""The conversion factor of a day and track. Source: SSA 1848(d); the annual final rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from feecalc import reference
from feecalc.errors import InvalidValue
from feecalc.money import FACTOR_PLACES, whole

QP = "qp"


@dataclass(frozen=True)
class Factor:
    """Hold a conversion factor. ``scaled``: in ten-thousandths of a dollar."""

    value: str
    unit: str
    track: str
    source: str

    @property
    def scaled(self) -> int:
        return whole(self.value, FACTOR_PLACES)


def _factor(table: str, day: date, *, qp: bool) -> Factor:
    tracks = {row["track"] for row in reference.rows_on(table, day)}
    if qp and tracks and QP not in tracks:
        raise InvalidValue(
            f"on {day} there is one conversion factor for everybody: QPs have one of their own from 2026 on; "
            "leave the QP choice off"
        )
    track = QP if qp else next(iter(tracks - {QP}), "other")
    row = reference.row_on(table, day, track=track)
    return Factor(row["value"], row["unit"], track, row["source"])


def has_qp_track(day: date) -> bool:
    """Return whether qualifying participants have a factor of their own on ``day``."""
    return bool(reference.rows_on("conversion_factor", day, track=QP))


def conversion_factor(day: date, *, qp: bool = False) -> Factor:
    """Return the physician fee schedule's factor. [USD per RVU]

    Raises InvalidValue for a QP on a day with one factor for all, MissingRule for a day without a factor.
    """
    return _factor("conversion_factor", day, qp=qp)


def anesthesia_conversion_factor(day: date, *, qp: bool = False) -> Factor:
    """Return the national anesthesia factor, before the locality's adjustment. [USD per unit]  Errors as above."""
    return _factor("anesthesia_conversion_factor", day, qp=qp)
