"""Which lines are of one patient, day and physician.

The patient is the beneficiary where one is given, else the claim. Lines that stand together get one number; where the
lines of a group are apart, an order that brings them together is given too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from feecalc.pricing.arrays import Flags, Integers, series
from feecalc.pricing.claims.arrays import segments
from feecalc.pricing.claims.arrays.lines import NO_DAY


@dataclass(frozen=True)
class Groups:
    """Hold group numbers that never decrease, in ``order`` (None: as the lines are). Shape of each: [line]."""

    group: Integers
    patient_day: Integers
    order: Integers | None


_BY_BENEFICIARY = "by_beneficiary"
_PATIENT = "patient"
_PHYSICIAN = "physician"
_DAY = "day"
_DISORDER = "disorder"
_OF_PATIENT = (_DAY, _PHYSICIAN, "claim_id")
_KEYS = (_BY_BENEFICIARY, _PATIENT, *_OF_PATIENT)
_RUN = "run"


def patient(claims: pl.DataFrame) -> list[pl.Expr]:
    """Return who the patient is: the beneficiary where one is given, else the claim; and which of the two it is."""
    claim = pl.col("claim_id").fill_null("")
    if _is_blank(claims, "beneficiary_id"):
        return [claim.alias(_PATIENT), pl.lit(False).alias(_BY_BENEFICIARY)]
    beneficiary = pl.col("beneficiary_id").fill_null("")
    return [
        pl.when(beneficiary != "").then(beneficiary).otherwise(claim).alias(_PATIENT),
        (beneficiary != "").alias(_BY_BENEFICIARY),
    ]


def _is_blank(claims: pl.DataFrame, name: str) -> bool:
    return name not in claims.columns or bool(claims.select((pl.col(name).fill_null("") == "").all()).item())


def groups(claims: pl.DataFrame) -> Groups:
    """Return the groups of a batch. Lines of one patient that stand together are sorted where need be."""
    physician = [] if _is_blank(claims, "billing_npi") else [pl.col("billing_npi").fill_null("").alias(_PHYSICIAN)]
    found = claims.select(
        *patient(claims),
        pl.col("date_of_service").to_physical().fill_null(NO_DAY).alias(_DAY),
        *physician,
        pl.col("claim_id").fill_null(""),
    )
    changes = _changes(found)
    if not _stand_together(found, changes.patient):
        order = _sorted(found, *_KEYS)
        changes = _changes(found[order])
    elif changes.disorder.any():
        order = _sorted_within_patients(found, changes)
        changes = changes.within_patients(found, order)
    else:
        order = None
    new_day = changes.day | changes.patient
    return Groups(_number(new_day | changes.physician), _number(new_day), order)


def _number(first: Flags) -> Integers:
    """Return runs by number, from 0."""
    number: Integers = np.cumsum(first, dtype=np.int32)
    number -= 1
    return number


def _sorted_within_patients(found: pl.DataFrame, changes: _Changes) -> Integers:
    """Return an order of lines, those of one patient together, in which each patient's are sorted."""
    run = np.cumsum(changes.patient)
    mixed = np.zeros(run[-1] + 1, np.bool_)
    mixed[run[changes.disorder]] = True
    lines = np.flatnonzero(mixed[run])
    order = np.arange(found.height)
    if _PHYSICIAN in found.columns or found[_BY_BENEFICIARY].any():
        among = _sorted(found[lines].with_columns(pl.Series(_RUN, run[lines])), _RUN, *_OF_PATIENT)
    else:
        days = found[_DAY].to_numpy()[lines].astype(np.int64)
        days -= days.min()
        among = np.argsort(run[lines] * (days.max() + 1) + days, kind="stable")
    order[lines] = lines[among]
    return order


def _sorted(found: pl.DataFrame, *keys: str) -> Integers:
    keys = tuple(key for key in keys if key in found.columns)
    order = found.select(pl.arg_sort_by(keys, maintain_order=True)).to_series()
    return order.to_numpy().astype(np.int64)


@dataclass(frozen=True)
class _Changes:
    """Mark where each is another than on the line before; and where the line should stand before that line."""

    patient: Flags
    day: Flags
    physician: Flags
    disorder: Flags

    def within_patients(self, found: pl.DataFrame, order: Integers) -> _Changes:
        """Return the same groups in an order that moves lines among their patient's only."""
        day, physician = segments.starts(found[_DAY].to_numpy()[order]), self.physician
        if _PHYSICIAN in found.columns:
            physician = _differs(found[_PHYSICIAN][order])
        return _Changes(self.patient, day, physician, np.zeros_like(day))


def _changes(found: pl.DataFrame) -> _Changes:
    patient, day = _differs(found[_PATIENT]), found[_DAY].to_numpy()
    new_day, earlier = segments.starts(day), np.zeros(len(day), np.bool_)
    earlier[1:] = day[1:] < day[:-1]
    same, new_physician = ~new_day, np.zeros(len(day), np.bool_)
    if _PHYSICIAN in found.columns:
        new_physician = _differs(found[_PHYSICIAN])
        earlier |= same & _is_less(found[_PHYSICIAN])
        same &= ~new_physician
    by_beneficiary = found[_BY_BENEFICIARY]
    if by_beneficiary.any():
        patient |= _differs(by_beneficiary)
        earlier |= same & by_beneficiary.to_numpy() & _is_less(found["claim_id"])
    return _Changes(patient, new_day, new_physician, earlier & ~patient)


def _differs(texts: pl.Series) -> Flags:
    changed: Flags = (texts != texts.shift(1)).fill_null(True).to_numpy(writable=True)
    return changed


def _is_less(texts: pl.Series) -> Flags:
    less: Flags = (texts < texts.shift(1)).fill_null(False).to_numpy()
    return less


def _stand_together(found: pl.DataFrame, changed: Flags) -> bool:
    """Return whether the lines of every patient stand together."""
    heads = found.select(_PATIENT, _BY_BENEFICIARY).filter(series(changed))
    if not heads[_BY_BENEFICIARY].any() and heads[_PATIENT].is_sorted():
        return True
    return heads.hash_rows().n_unique() == heads.height
