"""Two and more visits of one day by one physician: one is paid.

Physicians of one group and one specialty are one. In a hospital a second visit of the day is not paid whatever it was
for; elsewhere it is where the record shows an unrelated problem, which FT says, and 25 does not. Of visits for unlike
diagnoses it is asked. The visit of the most relative value units is taken as the one that is paid, of equal ones the
first; beside a procedure, which takes up a visit without a modifier, one with a modifier goes before. Who the physician
is has to be known: a group's NPI alone leaves a question, and so does no NPI.
Source: Pub. 100-04 ch. 12 sec. 30.6.5, 30.6.6.B, 30.6.7.B, 30.6.9.A-C, 30.6.9.2; reference/edit_visit_of_day.toml.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from feecalc.edits.coding.visits import GlobalPeriods, of_each_release
from feecalc.edits.coding.visits import prepare as global_periods
from feecalc.edits.edit import Columns, Edit, Found
from feecalc.edits.lines.codes import Sources
from feecalc.edits.lines.lines import EditLines
from feecalc.pricing.arrays import Flags, Integers

_AGAIN, _OTHER_PROBLEM, _OF_GROUP, _WITHOUT_NPI = (
    "visit_again", "visit_again_other_problem", "visit_again_of_group", "visits_without_npi",
)  # fmt: skip
RULES = (_AGAIN, _OTHER_PROBLEM, _OF_GROUP, _WITHOUT_NPI)
_TABLE = "edit_visit_of_day"
_ONE_OF_ALL, _ONE_A_DAY, _LEAVES, _ENTERS = "one", "one_a_day", "leaves", "enters"
_DIAGNOSIS = "diagnosis_"
_VALUE_UNITS = ("work_rvu", "pe_rvu_nonfacility", "mp_rvu")


@dataclass(frozen=True)
class VisitsOfDay:
    """Which codes are visits, and of which kind. Shape of each: [release, code + 1]."""

    all: GlobalPeriods
    one: Flags  # evaluation and management, of which one is paid
    one_a_day: Flags  # of these the hospital's, related or not
    leaves: Flags  # a discharge, which is paid beside
    enters: Flags  # an admission elsewhere
    worth: Integers  # relative value units, in hundredths


def prepare(sources: Sources) -> VisitsOfDay:
    """Make the look-up tables of the releases' codes."""
    periods = global_periods(sources)
    listed = periods.visit
    kinds = (of_each_release(sources, _TABLE, use=use) for use in (_ONE_OF_ALL, _ONE_A_DAY, _LEAVES, _ENTERS))
    one, one_a_day, leaves, enters = (listed & kind for kind in kinds)
    return VisitsOfDay(periods, one | one_a_day, one_a_day, leaves, enters, sources.codes.hundredths(*_VALUE_UNITS))


def find(lines: EditLines, known: VisitsOfDay, wanted: frozenset[str]) -> Iterator[Found]:
    """Find the visits beside another of their group's."""
    at = np.flatnonzero(lines.of_release(slice(None), known.all.visit)) if wanted else np.zeros(0, np.int64)
    beside = lines.group[at][1:] == lines.group[at][:-1]
    at = at[np.append(False, beside)[: len(at)] | np.append(beside, False)[: len(at)]]
    if not len(at):
        return
    one = lines.of_release(at, known.one)
    unnamed = ((lines.text(at, "billing_npi") == "") & (lines.text(at, "rendering_npi") == "")).to_numpy()
    if _WITHOUT_NPI in wanted and unnamed.any():
        service = np.where(one, 0, lines.code[at] + 1)  # others than these are asked about under one code
        key = lines.group[at].astype(np.int64) * (int(service.max()) + 1) + service
        again = at[unnamed & _several(key)]
        if len(again):
            yield Found(_WITHOUT_NPI, lines.row[again], lambda: {"others": _others(lines, again)})
    yield from _of_one_physician(lines, at[one & ~unnamed], known, wanted)


def _of_one_physician(lines: EditLines, at: Integers, known: VisitsOfDay, wanted: frozenset[str]) -> Iterator[Found]:
    a_day = lines.of_release(at, known.one_a_day)
    unrelated = lines.uses(at, "unrelated_day") & ~a_day
    discharged = lines.any_in_group(at[lines.of_release(at, known.leaves)])[lines.group[at]]
    at = at[~unrelated & ~(discharged & lines.of_release(at, known.enters))]
    worth = lines.of_release(at, known.worth)
    order = np.lexsort((lines.row[at], -worth, _taken_up(lines, at, known.all), lines.group[at]))
    at = at[order]
    is_first = np.append(True, np.diff(lines.group[at]) > 0)[: len(at)]
    first = at[is_first][np.cumsum(is_first) - 1] if len(at) else at
    at, first = at[~is_first], first[~is_first]
    if not len(at):
        return
    is_known = (lines.rendering(at) != 0) | (lines.text(at, "specialty") != "").to_numpy()
    other = is_known & _of_other_problems(lines, at, first)
    other &= ~(lines.of_release(at, known.one_a_day) & lines.of_release(first, known.one_a_day))
    for rule, marked in ((_AGAIN, is_known & ~other), (_OTHER_PROBLEM, other), (_OF_GROUP, ~is_known)):
        if rule in wanted and marked.any():
            yield _found(rule, lines, at[marked], first[marked])


def _taken_up(lines: EditLines, at: Integers, periods: GlobalPeriods) -> Flags:
    """Mark the visits without a modifier beside a procedure."""
    done = lines.of_release(slice(None), periods.kind) > 0
    done &= ~lines.of_release(slice(None), periods.visit)
    beside = np.flatnonzero(done)
    beside = beside[~lines.uses(beside, "assistant")]
    found: Flags = lines.any_in_group(beside)[lines.group[at]] & ~lines.uses(at, "visit")
    return found


def _found(rule: str, lines: EditLines, at: Integers, first: Integers) -> Found:
    def columns() -> Columns:
        claim, other = lines.text(at, "claim_id"), lines.text(first, "claim_id")
        number = pl.format("line {}", pl.col("line"))
        elsewhere = pl.format("{} of claim {}", number, "claim")
        named = pl.DataFrame({"line": lines.text(first, "line"), "own": claim, "claim": other}).select(
            pl.when(pl.col("own") == pl.col("claim")).then(number).otherwise(elsewhere)
        )
        return {"other": lines.text(first, "hcpcs"), "other_line": named.to_series()}

    return Found(rule, lines.row[at], columns)


def _several(key: Integers) -> Flags:
    """Mark the places of a key that stands more than once."""
    _, which, count = np.unique(key, return_inverse=True, return_counts=True)
    found: Flags = count[which] > 1
    return found


def _others(lines: EditLines, at: Integers) -> pl.Series:
    """Return the codes of each line's group of these."""
    codes = pl.DataFrame({"group": lines.group[at], "hcpcs": lines.text(at, "hcpcs")})
    return codes.select(pl.col("hcpcs").unique().sort().str.join(", ").over("group")).to_series()


def _of_other_problems(lines: EditLines, at: Integers, first: Integers) -> Flags:
    """Mark the visits whose diagnoses are given, and none of which the first visit has."""
    names = [name for name in lines.given.columns if name.startswith(_DIAGNOSIS)]
    if not names:
        return np.zeros(len(at), np.bool_)
    own, others = (_diagnoses(lines, places, names) for places in (at, first))
    both = pl.DataFrame({"own": own, "other": others})
    length, common = pl.col("own", "other").list.len() > 0, pl.col("own").list.set_intersection("other").list.len()
    return both.select(pl.all_horizontal(length) & (common == 0)).to_series().to_numpy()


def _diagnoses(lines: EditLines, at: Integers, names: list[str]) -> pl.Series:
    texts = [pl.col(name).cast(pl.String) for name in names]
    listed = pl.concat_list(pl.when(text != "").then(text) for text in texts).list.drop_nulls()
    return lines.given.select(names)[lines.row[at]].select(listed.alias("diagnoses")).to_series()


EDIT = Edit("visits of one day", RULES, prepare, find)
