"""Which lines are of one patient, day and physician.

The patient is the beneficiary where one is given, else the claim. Lines that stand together get one number; where the
lines of a group are apart, an order that brings them together is given too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from feecalc.pricing.arrays import Flags, Whole


@dataclass(frozen=True)
class Groups:
    """Numbers that never decrease, in ``order`` (None: as the lines are). Shape of each: [line]."""

    group: Whole
    patient_day: Whole
    order: Whole | None


_BY_BENEFICIARY = "by_beneficiary"
_PATIENT = "patient"
_PHYSICIAN = "physician"
_DAY = "day"
_DISORDER = "disorder"
_NO_DAY = -(10**6)
_OF_PATIENT = (_DAY, _PHYSICIAN, "claim_id")
_KEYS = (_BY_BENEFICIARY, _PATIENT, *_OF_PATIENT)
_RUN = "run"


def patient(claims: pl.DataFrame) -> list[pl.Expr]:
    """Who the patient is: the beneficiary where one is given, else the claim; and which of the two it is."""
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
    """The groups of a batch. Lines of one patient that stand together are sorted among themselves where need be."""
    physician = pl.lit("") if _is_blank(claims, "billing_npi") else pl.col("billing_npi").fill_null("")
    found = claims.select(
        *patient(claims),
        pl.col("date_of_service").to_physical().fill_null(_NO_DAY).alias(_DAY),
        physician.alias(_PHYSICIAN),
        pl.col("claim_id").fill_null(""),
    )
    changes = _changes(found)
    new_patient, new_day = changes[_PATIENT], changes[_DAY]
    if not _stand_together(found, new_patient):
        order = _sorted(found, *_KEYS)
        changes = _changes(found[order])
        new_patient, new_day = changes[_PATIENT], changes[_DAY]
    elif changes[_DISORDER].any():
        run = np.cumsum(new_patient)
        mixed = np.zeros(run[-1] + 1, np.bool_)
        mixed[run[changes[_DISORDER]]] = True
        lines = np.flatnonzero(mixed[run])
        order = np.arange(found.height)
        order[lines] = lines[_sorted(found[lines].with_columns(pl.Series(_RUN, run[lines])), _RUN, *_OF_PATIENT)]
        changes = _changes(found.select(_DAY, _PHYSICIAN)[order])
        new_day = changes[_DAY]
    else:
        order = None
    new_day = new_day | new_patient
    return Groups(np.cumsum(new_day | changes[_PHYSICIAN]) - 1, np.cumsum(new_day) - 1, order)


def _sorted(found: pl.DataFrame, *keys: str) -> Whole:
    order = found.select(pl.arg_sort_by(keys, maintain_order=True)).to_series()
    return order.to_numpy().astype(np.int64)


def _changes(found: pl.DataFrame) -> dict[str, Flags]:
    """Whether each column is another than on the line before; and whether the line should stand before that line."""
    before = {name: pl.col(name).shift(1) for name in found.columns}
    names = [name for name in (_PATIENT, _DAY, _PHYSICIAN) if name in before]
    flags = {name: (pl.col(name) != before[name]).fill_null(True) for name in names}
    if _PATIENT in before:
        by_beneficiary = pl.col(_BY_BENEFICIARY)
        flags[_PATIENT] |= (by_beneficiary != before[_BY_BENEFICIARY]).fill_null(True)
        same_physician = pl.col(_PHYSICIAN) == before[_PHYSICIAN]
        same_physician_earlier = by_beneficiary & same_physician & (pl.col("claim_id") < before["claim_id"])
        earlier_physician = (pl.col(_PHYSICIAN) < before[_PHYSICIAN]) | same_physician_earlier
        earlier = (pl.col(_DAY) < before[_DAY]) | ((pl.col(_DAY) == before[_DAY]) & earlier_physician)
        flags[_DISORDER] = earlier.fill_null(False) & ~flags[_PATIENT]
    return {column.name: column.to_numpy() for column in found.select(**flags).get_columns()}


def _stand_together(found: pl.DataFrame, changed: Flags) -> bool:
    """Whether the lines of every patient stand together."""
    heads = found.select(_PATIENT, _BY_BENEFICIARY).filter(pl.Series(changed))
    if not heads[_BY_BENEFICIARY].any() and heads[_PATIENT].is_sorted():
        return True
    return heads.hash_rows().n_unique() == heads.height
