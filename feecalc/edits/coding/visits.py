"""Visits beside a procedure: paid only with a modifier that says the visit was more than the procedure's own.

Same day: 25 beside a procedure of 0 or 10 days, 57 beside one of 90. The day before one of 90 days: 57. Within the 10
or 90 days after: 24, which is the wrong one on the day itself. FT says on any of these days that the visit was
unrelated. The days around a surgery are looked at where the billing provider is given, and by physician where the
rendering one is; a group practice's NPI may be another specialty's too, so that is a warning.
Source: Pub. 100-04 ch. 12 sec. 30.6.5, 30.6.6, 40.1, 40.2.A.4-8, 40.3, 40.4.A.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from feecalc.edits.edit import Columns, Edit, Found
from feecalc.edits.lines.codes import Codes, Sources
from feecalc.edits.lines.lines import EditLines
from feecalc.edits.lines.modifier_uses import modifiers_of
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims.grouping import BY_BENEFICIARY, PRACTICE, WHO
from feecalc.reference import rows, rows_on

_MINOR_DAY, _MAJOR_DAY = "visit_with_minor", "visit_with_major"
_MINOR_WRONG, _MAJOR_WRONG = "visit_wrong_modifier_minor", "visit_wrong_modifier_major"
_OF_LATER_DAYS = "visit_modifier_of_later_days"
_AFTER, _BEFORE = AROUND = ("visit_after_surgery", "visit_before_surgery")
RULES = (_MINOR_DAY, _MAJOR_DAY, _MINOR_WRONG, _MAJOR_WRONG, _OF_LATER_DAYS, *AROUND)
_DECISION, _FROM_MINOR, _UNRELATED_DAY = "decision", "apart_from_minor", "unrelated_day"  # uses of modifiers
_MINOR, _MAJOR = 1, 2
_CODES_NAMED = 6  # in a sentence


@dataclass(frozen=True)
class GlobalPeriods:
    """By code: whether it is a visit's, and its global period. Shape of each table: [release, code + 1]."""

    visit: Flags
    days: Integers  # place in ``listed``; -1 for a code that is no surgery
    kind: Integers  # 0: no surgery, 1: minor, 2: major
    listed: tuple[int, ...]  # the days after each period's procedure
    major: int  # the days of a major surgery's


def prepare(sources: Sources) -> GlobalPeriods:
    """Make the look-up tables of the releases' codes."""
    after = {row["global_days"]: int(row["value"]) for row in rows("edit_global")}
    listed, major = tuple(after.values()), max(after.values())
    indicator = sources.codes.indicator("global_days")
    place = {days: number for number, days in enumerate(after)}
    of_word = np.array([*(place.get(word, -1) for word in indicator.words), -1], np.int8)
    days = of_word[indicator.number]
    kinds = np.array([*(_MAJOR if days_after >= major else _MINOR for days_after in listed), 0], np.int8)
    return GlobalPeriods(visits(sources), days, kinds[days], listed, major)


def visits(sources: Sources) -> Flags:
    """Return whether a code of a release is a visit's, by the spans of codes of its first day. [release, code + 1]"""
    known = sources.codes.indicator("status_indicator")
    has_row = known.number < len(known.words)
    return has_row & of_each_release(sources, "edit_visit")


def of_each_release(sources: Sources, table: str, **where: object) -> Flags:
    """Return whether a code is in the spans of some dated rows on a release's first day. Shape: [release, code + 1]."""
    found = np.zeros((len(sources.releases), len(sources.codes.words) + 1), np.bool_)
    for number, tables in enumerate(sources.releases):
        dated = rows_on(table, tables.release.first_date_of_service, **where)
        found[number] = in_spans(sources.codes, [span for row in dated for span in row["spans"]])
    return found


def in_spans(codes: Codes, spans: list[list[str]]) -> Flags:
    """Return whether each code is in one of some spans (first and last code, of one length). Shape: [code + 1]."""
    words = codes.words
    found = np.zeros(len(words) + 1, np.bool_)
    for first, last in spans:
        inside = words.is_between(pl.lit(first), pl.lit(last)) & (words.str.len_bytes() == len(first))
        found[:-1] |= inside.to_numpy()
    return found


def find(lines: EditLines, periods: GlobalPeriods, wanted: frozenset[str]) -> Iterator[Found]:
    """Find the visits taken up by a procedure's global fee."""
    is_visit = lines.of_release(slice(None), periods.visit)
    kind = lines.of_release(slice(None), periods.kind)
    seen = np.flatnonzero(is_visit)
    surgery = np.flatnonzero((kind > 0) & ~is_visit)
    if not len(seen) or not len(surgery):
        return
    yield from _same_day(lines, seen, surgery, kind, wanted)
    if wanted & {_AFTER, _BEFORE}:
        yield from _around(lines, seen, surgery, periods, wanted)


def _same_day(
    lines: EditLines, seen: Integers, surgery: Integers, kind: Integers, wanted: frozenset[str]
) -> Iterator[Found]:
    surgery = surgery[lines.any_in_group(seen)[lines.group[surgery]]]
    surgery = surgery[~lines.uses(surgery, "assistant")]
    seen = seen[lines.any_in_group(surgery)[lines.group[seen]]]
    major = lines.any_in_group(surgery[kind[surgery] == _MAJOR])[lines.group[seen]]
    decision, apart = lines.uses(seen, _DECISION), lines.uses(seen, _FROM_MINOR)
    unrelated = lines.uses(seen, _UNRELATED_DAY)
    of_later = lines.uses(seen, "visit") & ~decision & ~apart & ~unrelated
    bare = ~lines.uses(seen, "visit", _UNRELATED_DAY)
    for rule, marked in (
        (_MAJOR_DAY, major & bare),
        (_MINOR_DAY, ~major & bare),
        (_MAJOR_WRONG, major & ~decision & ~unrelated & apart),
        (_MINOR_WRONG, ~major & decision & ~unrelated & ~apart),
        (_OF_LATER_DAYS, of_later),
    ):
        if rule in wanted and marked.any():
            yield _beside(rule, lines, seen[marked], surgery, major[marked])


def _beside(rule: str, lines: EditLines, at: Integers, surgery: Integers, major: Flags) -> Found:
    def columns() -> Columns:
        """Return the first few procedures of the visit's group."""
        met = surgery[lines.any_in_group(at)[lines.group[surgery]]]
        codes = pl.DataFrame({"group": lines.group[met], "hcpcs": lines.text(met, "hcpcs")})
        named = codes.group_by("group").agg(pl.col("hcpcs").unique().sort().head(_CODES_NAMED).str.join(", "))
        own = pl.DataFrame({"group": lines.group[at]})
        fitting = pl.Series([" or ".join(modifiers_of(use)) for use in (_FROM_MINOR, _DECISION)])
        return {
            "procedures": own.join(named, on="group", how="left", maintain_order="left")["hcpcs"],
            "fitting": fitting[major.astype(np.int64)],
        }

    return Found(rule, lines.row[at], columns)


def _around(
    lines: EditLines, seen: Integers, surgery: Integers, periods: GlobalPeriods, wanted: frozenset[str]
) -> Iterator[Found]:
    """Yield visits the day before a major surgery, and in the days after one, of the same physician."""
    surgery = surgery[~lines.uses(surgery, "assistant", "surgery_only")]
    own, done = (_of_named_patients(lines, at) for at in (seen, surgery))
    if not own.height or not done.height:
        return
    who = [name for name in WHO if name in own.columns]
    days = lines.of_release(done["at"].to_numpy(), periods.days)
    done = done.select(*who, "day", pl.col("day").alias("surgery_day"), pl.col("hcpcs").alias("procedures"))
    found: dict[str, list[pl.DataFrame]] = {_AFTER: [], _BEFORE: []}
    for period, most in enumerate(periods.listed):
        of_period = done.filter(pl.Series(days == period))
        if most == 0 or not of_period.height:
            continue
        found[_AFTER].append(_nearest(lines, own, of_period, "backward", most, "unrelated", _UNRELATED_DAY))
        if most == periods.major:
            found[_BEFORE].append(_nearest(lines, own, of_period, "forward", 1, _DECISION, _UNRELATED_DAY))
    for rule, parts in found.items():
        if rule in wanted and parts:
            met = pl.concat(parts).unique("at", keep="first", maintain_order=True)
            yield Found(rule, lines.row[met["at"].to_numpy()], met.select("procedures", "surgery_day").to_dict)


def _of_named_patients(lines: EditLines, at: Integers) -> pl.DataFrame:
    """Return lines whose patient and billing provider are given, by day. Shape: at, who, day, hcpcs."""
    at = at[lines.dated[at]]
    who = lines.who(at)
    if PRACTICE not in who.columns:
        return pl.DataFrame(schema={"at": pl.Int64})
    day = pl.col("date_of_service").alias("day")
    found = lines.frame.select(day, "hcpcs")[lines.row[at]].hstack(who).with_columns(pl.Series("at", at))
    return found.filter((pl.col(PRACTICE) != "") & pl.col(BY_BENEFICIARY)).sort("day", maintain_order=True)


def _nearest(
    lines: EditLines,
    own: pl.DataFrame,
    done: pl.DataFrame,
    strategy: Literal["backward", "forward"],
    most: int,
    *uses: str,
) -> pl.DataFrame:
    """Return the visits at most so many days from the nearest surgery, without a modifier that lifts the edit."""
    who = [name for name in WHO if name in own.columns]
    met = own.join_asof(done, on="day", by=who, strategy=strategy, allow_exact_matches=False, check_sortedness=False)
    apart = (pl.col("day") - pl.col("surgery_day")).dt.total_days().abs()
    met = met.filter(apart <= most)
    return met.filter(pl.Series(~lines.uses(met["at"].to_numpy(), *uses), dtype=pl.Boolean))


EDIT = Edit("visits", RULES, prepare, find)
