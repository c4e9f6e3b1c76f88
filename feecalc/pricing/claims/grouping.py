"""Which lines are of one patient, day and physician.

The patient is the beneficiary where one is given, else the claim. Lines that stand together get one number; where the
lines of a group are apart, an order that brings them together is given too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from feecalc.pricing.arrays import Whole


@dataclass(frozen=True)
class Groups:
    """Numbers that never decrease, in ``order`` (None: as the lines are). Shape of each: [line]."""

    group: Whole
    patient_day: Whole
    order: Whole | None


_BY_BENEFICIARY = "by_beneficiary"
_PATIENT = "patient"
_PHYSICIAN = "physician"


def patient(claims: pl.DataFrame) -> list[pl.Expr]:
    """Who the patient is: the beneficiary where one is given, else the claim; and which of the two it is."""
    claim = pl.col("claim_id").fill_null("")
    if "beneficiary_id" not in claims.columns or claims["beneficiary_id"].fill_null("").eq("").all():
        return [claim.alias(_PATIENT), pl.lit(False).alias(_BY_BENEFICIARY)]
    beneficiary = pl.col("beneficiary_id").fill_null("")
    return [
        pl.when(beneficiary != "").then(beneficiary).otherwise(claim).alias(_PATIENT),
        (beneficiary != "").alias(_BY_BENEFICIARY),
    ]


def _keys(claims: pl.DataFrame) -> pl.DataFrame:
    """The columns that tell groups apart: patient and date, then physician."""
    return claims.select(
        *patient(claims), "date_of_service", pl.col("billing_npi").fill_null("").alias(_PHYSICIAN), "claim_id"
    )


def groups(claims: pl.DataFrame) -> Groups:
    """The groups of a batch."""
    found = _keys(claims)
    day, physician = _changes(found)
    if _apart(found, day, physician):
        sorted_by = [_BY_BENEFICIARY, _PATIENT, "date_of_service", _PHYSICIAN, "claim_id"]
        order = found.select(pl.arg_sort_by(sorted_by, maintain_order=True)).to_series().to_numpy().astype(np.int64)
        day, physician = _changes(found[order])
    else:
        order = None
    return Groups(np.cumsum(day | physician) - 1, np.cumsum(day) - 1, order)


def _changes(found: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Whether patient or day, and whether the physician, changes at each line."""

    def changed(*names: str) -> pl.Expr:
        return pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift(1)) for name in names)

    flags = found.select(
        changed(_PATIENT, _BY_BENEFICIARY, "date_of_service").alias("day"), changed(_PHYSICIAN).alias(_PHYSICIAN)
    )
    day, physician = flags["day"].to_numpy().copy(), flags[_PHYSICIAN].to_numpy().copy()
    day[:1] = True
    return day, physician


def _apart(found: pl.DataFrame, day: np.ndarray, physician: np.ndarray) -> bool:
    """Whether the lines of some group, or of some patient's day, do not stand together."""
    heads = found.filter(pl.Series(day | physician)).select(_PATIENT, _BY_BENEFICIARY, "date_of_service", _PHYSICIAN)
    hashed = heads.hash_rows()
    if hashed.n_unique() != len(hashed):
        return True
    days = found.filter(pl.Series(day)).select(_PATIENT, _BY_BENEFICIARY, "date_of_service").hash_rows()
    return days.n_unique() != len(days)
