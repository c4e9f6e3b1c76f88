"""Sessions in a rolling number of months, by region and purpose.

What is limited is what is paid: a session beyond the limit does not count against a later one. Sessions are taken in
the order of their days.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from feecalc.edits.policies.edit import PolicyEdit, PolicyFound
from feecalc.edits.policies.lines import PolicyLines
from feecalc.edits.policies.policy import in_force
from feecalc.pricing.arrays import Integers
from feecalc.reference import Row

_KEY = ("patient", "region")
_NEVER = np.iinfo(np.int64).min


def sessions(lines: PolicyLines) -> Iterator[PolicyFound]:
    """Find the lines of sessions beyond the limit; those of the history count, and get no finding."""
    limits = lines.policy.rows("sessions")
    key = (*_KEY, "purpose")
    both = pl.concat([lines.procedures, lines.earlier], how="diagonal_relaxed")
    days = both.select(*key, "date_of_service").unique()
    fewest = min((row["most"] for row in limits), default=0)
    many = days.filter(pl.len().over(key) > fewest) if days.height > fewest else days.clear()
    if not many.height:
        return  # no patient can be over
    for row in limits:
        yield _over(lines, many.filter(pl.col("purpose") == row["purpose"]), row)


def _over(lines: PolicyLines, days: pl.DataFrame, row: Row) -> PolicyFound:
    crowded = days.filter(pl.len().over(_KEY) > row["most"]).sort(*_KEY, "date_of_service").drop("purpose")
    denied = _beyond(crowded, row["most"], row["months"])
    held = lines.procedures.filter(in_force(row), pl.col("purpose") == row["purpose"])
    found = held.join(denied, on=[*_KEY, "date_of_service"]).sort("row").with_columns(region=lines.region_name())
    return "sessions_over_limit", row, found


def _beyond(days: pl.DataFrame, most: int, months: int) -> pl.DataFrame:
    """Return the sessions with ``most`` paid ones in the months before, and those (``prior_dates``).

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
    denied: list[Integers] = []
    before: list[Integers] = []
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
    named = pl.select(pl.concat_str(texts, separator=", ")).to_series() if len(rows) else pl.Series([], dtype=pl.String)
    return days[rows].with_columns(named.alias("prior_dates"))


EDITS = (PolicyEdit("sessions", ("sessions_over_limit",), sessions),)
