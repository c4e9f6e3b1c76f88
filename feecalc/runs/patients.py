"""Lines by whole patients: of one claim, or of a file in batches of a bounded size."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from feecalc.errors import InvalidValue
from feecalc.pricing.claims.batches import LINES, stand_together, whole_patients
from feecalc.pricing.claims.grouping import patient
from feecalc.runs.reading import ClaimLines


def patient_batches(claims: pl.LazyFrame, lines: int = LINES) -> Iterator[pl.DataFrame]:
    """The lines in batches of about ``lines``, no patient parted; patient by patient where they do not stand together,
    for which all lines are read at once.
    """
    if stand_together(claims, lines):
        yield from whole_patients(claims.collect_batches(chunk_size=lines, maintain_order=True), lines)
    else:
        yield from _sorted_parts(claims.collect(engine="streaming"), lines)


def patient_parts(claims: pl.DataFrame, lines: int) -> Iterator[pl.DataFrame]:
    """Part a frame into frames of about ``lines``, no patient parted, nor a claim that names several patients."""
    if claims.height <= 2 * lines or _claims_are_shared(claims):
        yield claims
    else:
        yield from _sorted_parts(claims, lines)


def lines_beside(lines: ClaimLines, claim_id: str, *, all_days: bool = False) -> pl.DataFrame:
    """Return a claim's lines, and those of its patients' other claims of its days, or of ``all_days``.

    Raises InvalidValue where the file has no such claim.
    """
    own = pl.col("claim_id") == claim_id
    claim = lines.frame.filter(own).collect(engine="streaming")
    if not claim.height:
        raise InvalidValue(f"the file has no claim {claim_id[:80]!r}: claim_id is compared letter by letter")
    patients = claim.filter(pl.col("beneficiary_id") != "")
    if not patients.height:
        return claim
    beside = pl.col("beneficiary_id").is_in(patients["beneficiary_id"].unique().to_list())
    if not all_days:
        beside &= pl.col("date_of_service").is_in(patients["date_of_service"].unique().to_list())
    return lines.frame.filter(own | beside).collect(engine="streaming")


def _sorted_parts(claims: pl.DataFrame, lines: int) -> Iterator[pl.DataFrame]:
    who = claims.select(patient(claims)).with_row_index("place")
    order = who.sort(*who.columns[1:], "place")["place"]
    parts = (claims[order[first : first + lines]] for first in range(0, claims.height, lines))
    yield from whole_patients(parts, lines)


def _claims_are_shared(claims: pl.DataFrame) -> bool:
    who = claims.select(pl.col("claim_id").alias("claim"), *patient(claims)).unique()
    return bool(who["claim"].is_duplicated().any())
