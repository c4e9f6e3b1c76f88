"""Sessions of a region over time: how many in a rolling number of months, how soon again, and what goes before.

What is limited is what is paid: a session beyond the limit does not count against a later one. Sessions are taken in
the order of their days.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from feecalc.edits.policies.edit import PolicyEdit, PolicyFound
from feecalc.edits.policies.lines import PolicyLines
from feecalc.edits.policies.models import Interval, RequiredBefore, Sessions
from feecalc.edits.policies.policy import in_force
from feecalc.pricing.arrays import Integers

_KEY = ("patient", "region")
_NEVER = np.iinfo(np.int64).min


def sessions(lines: PolicyLines) -> Iterator[PolicyFound]:
    """Find the lines of sessions beyond the limit; those of the history count, and get no finding."""
    limits = lines.policy.rows(Sessions)
    key = (*_KEY, "purpose")
    all_done = pl.concat([lines.procedures, lines.earlier], how="diagonal_relaxed")
    days = all_done.select(*key, "date_of_service").unique()
    fewest = min((row.most for row in limits), default=0)
    many = days.filter(pl.len().over(key) > fewest) if days.height > fewest else days.clear()
    if not many.height:
        return  # no patient can be over
    for row in limits:
        yield _over(lines, many.filter(pl.col("purpose") == row.purpose), row)


def _over(lines: PolicyLines, days: pl.DataFrame, row: Sessions) -> PolicyFound:
    crowded = days.filter(pl.len().over(_KEY) > row.most).sort(*_KEY, "date_of_service").drop("purpose")
    denied = _beyond(crowded, row.most, row.months)
    limited = lines.procedures.filter(in_force(row), pl.col("purpose") == row.purpose)
    found = limited.join(denied, on=[*_KEY, "date_of_service"]).sort("row").with_columns(region=lines.region_name())
    return "sessions_over_limit", row, found


def _beyond(days: pl.DataFrame, most: int, months: int) -> pl.DataFrame:
    """Return the sessions with ``most`` paid ones in the months before, and those (``prior_dates``).

    ``days`` are sorted by patient, region and day, none twice. All patients' first sessions are taken together, then
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
    paid = np.full((len(first), most), _NEVER)  # the last paid days of every patient, oldest first
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


def too_soon(lines: PolicyLines) -> Iterator[PolicyFound]:
    """Find sessions that follow one of their purpose, region and side sooner than the policy expects."""
    for row in lines.policy.rows(Interval):
        own = lines.procedures.filter(in_force(row), pl.col("purpose") == row.purpose)
        if not own.height:
            continue
        all_done = _done_for(lines, own).filter(pl.col("purpose") == row.purpose)
        days = all_done.group_by(*_KEY, "date_of_service").agg(
            has_right=(pl.col("right") > 0).any(),
            has_left=(pl.col("left") > 0).any(),
            is_open=(pl.col("unsided") > 0).any(),
        )
        met = days.join(days, on=_KEY, suffix="_before").filter(
            pl.col("date_of_service_before") < pl.col("date_of_service"),
            pl.col("date_of_service_before") > pl.col("date_of_service").dt.offset_by(f"-{row.offset}"),
            (pl.col("has_right") & pl.col("has_right_before"))
            | (pl.col("has_left") & pl.col("has_left_before"))
            | pl.col("is_open")
            | pl.col("is_open_before"),
        )
        last = met.group_by(*_KEY, "date_of_service").agg(
            prior_dates=pl.col("date_of_service_before").max().cast(pl.String)
        )
        found = own.join(last, on=[*_KEY, "date_of_service"]).sort("row").with_columns(region=lines.region_name())
        yield "interval_too_short", row, found


def without_those_before(lines: PolicyLines) -> Iterator[PolicyFound]:
    """Find sessions before which the history shows fewer of another purpose than the policy asks for.

    Without a history nothing is known of what went before, and nothing is found.
    """
    if lines.tables.history is None:
        return
    for row in lines.policy.rows(RequiredBefore):
        own = lines.procedures.filter(
            in_force(row), pl.col("purpose") == row.purpose, pl.col("beneficiary_id") != ""
        )
        if not own.height:
            continue
        done = _done_for(lines, own).select(*_KEY, "purpose", done="date_of_service").unique()
        before = own.select(*_KEY, "date_of_service").unique().join(done, on=_KEY, how="left")
        before = before.filter((pl.col("done") <= pl.col("date_of_service")) | pl.col("done").is_null())
        earlier = pl.col("done") < pl.col("date_of_service")
        again = pl.lit(False)
        if row.unless_within_months is not None:
            since = pl.col("date_of_service").dt.offset_by(f"-{row.unless_within_months}mo")
            again = earlier & (pl.col("purpose") == row.purpose) & (pl.col("done") > since)
        counted = before.group_by(*_KEY, "date_of_service").agg(
            had=(earlier & (pl.col("purpose") == row.before)).sum(), again=again.any()
        )
        few = counted.filter(pl.col("had") < row.least, ~pl.col("again")).drop("again")
        found = own.join(few, on=[*_KEY, "date_of_service"]).sort("row").with_columns(region=lines.region_name())
        yield "too_few_before", row, found


def _done_for(lines: PolicyLines, own: pl.DataFrame) -> pl.DataFrame:
    """Return all that was done for the patients of some lines, earlier sessions among it."""
    patients = own["patient"].unique().implode()
    both = (each.filter(pl.col("patient").is_in(patients)) for each in (lines.procedures, lines.earlier))
    return pl.concat(both, how="diagonal_relaxed")


EDITS = (
    PolicyEdit("sessions", ("sessions_over_limit",), sessions),
    PolicyEdit("interval", ("interval_too_short",), too_soon),
    PolicyEdit("sessions before", ("too_few_before",), without_those_before),
)
