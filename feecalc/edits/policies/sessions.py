"""Sessions in a rolling number of months, by region and purpose.

What is limited is what is paid: a session beyond the limit does not count against a later one. Sessions are taken in
the order of their days.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from feecalc.edits.policies.policy import Policy, in_force
from feecalc.edits.policies.procedures import region_name
from feecalc.edits.policies.wording import as_findings
from feecalc.pricing.arrays import Whole
from feecalc.reference import Row

_KEY = ("patient", "region")
_NEVER = np.iinfo(np.int64).min


def sessions_over(procedures: pl.DataFrame, earlier: pl.DataFrame, policy: Policy) -> list[pl.DataFrame]:
    """The lines of sessions beyond the limit. ``earlier``: procedures of the history, as ``procedures`` has them."""
    both = pl.concat([procedures, earlier], how="diagonal_relaxed").select(*_KEY, "purpose", "date_of_service")
    return [_over(procedures, both, policy, row) for row in policy.rows("sessions")]


def _over(procedures: pl.DataFrame, both: pl.DataFrame, policy: Policy, row: Row) -> pl.DataFrame:
    days = both.filter(pl.col("purpose") == row["purpose"]).select(*_KEY, "date_of_service").unique()
    days = days.sort(*_KEY, "date_of_service")
    crowded = days.filter(pl.len().over(_KEY) > row["most"])  # no other patient can be over
    denied = _beyond(crowded, row["most"], row["months"])
    held = procedures.filter(in_force(row), pl.col("purpose") == row["purpose"])
    found = held.join(denied, on=[*_KEY, "date_of_service"]).sort("row").with_columns(region=region_name(policy))
    return as_findings(policy, "sessions_over_limit", row, found)


def _beyond(days: pl.DataFrame, most: int, months: int) -> pl.DataFrame:
    """The sessions with ``most`` paid ones in the months before, and those (``prior_dates``).

    ``days`` are sorted by patient, region and day, each once. All patients' first sessions are taken together, then
    their second ones, and so on.
    """
    place = days.select(
        patient=pl.struct(_KEY).rle_id(),
        day=pl.col("date_of_service").to_physical().cast(pl.Int64),
        opens=pl.col("date_of_service").dt.offset_by(f"-{months}mo").to_physical().cast(pl.Int64),
    )
    if not days.height:
        return days.with_columns(prior_dates=pl.lit("", pl.String))
    of_patient, day, opens = (place[name].to_numpy().astype(np.int64) for name in ("patient", "day", "opens"))
    first = np.flatnonzero(np.diff(of_patient, prepend=-1))
    length = np.diff(first, append=len(day))
    longest_first = np.argsort(-length, kind="stable")
    first, length = first[longest_first], length[longest_first]
    paid = np.full((len(first), most), _NEVER)  # the last paid days of each, oldest first
    denied: list[Whole] = []
    before: list[Whole] = []
    for turn in range(int(length[0])):
        still = int(np.searchsorted(-length, -turn, side="left"))  # those with a session of this turn
        at = first[:still] + turn
        full = paid[:still, 0] > opens[at]
        denied.append(at[full])
        before.append(paid[:still][full])
        fits = np.flatnonzero(~full)
        paid[fits, :-1] = paid[fits, 1:]
        paid[fits, -1] = day[at[fits]]
    rows, dates = np.concatenate(denied), np.concatenate(before)
    texts = [pl.Series(dates[:, column], dtype=pl.Int32).cast(pl.Date).cast(pl.String) for column in range(most)]
    told = pl.select(pl.concat_str(texts, separator=", ")).to_series() if len(rows) else pl.Series([], dtype=pl.String)
    return days[rows].with_columns(told.alias("prior_dates"))
