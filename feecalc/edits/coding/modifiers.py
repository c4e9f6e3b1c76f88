"""Modifiers on codes they do not belong to, where pricing does not refuse them already.

What the indicators forbid (26 and TC, 50, 54 to 56, 62, 66, 80 to 82) is pricing's to say; ``unpaid`` hands it on.
Source: RVU25D.pdf, Attachment A; Pub. 100-04 ch. 12 sec. 40.2; NCCI Policy Manual ch. 1 sec. E.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from feecalc.edits.coding.visits import visits
from feecalc.edits.edit import Columns, Edit, Found
from feecalc.edits.lines.codes import ADD_ON, Sources
from feecalc.edits.lines.lines import EditLines
from feecalc.edits.lines.modifier_uses import MODIFIERS, bit, modifiers_of
from feecalc.pricing.arrays import Flags, Integers
from feecalc.reference import rows

RULES = (
    "several_on_add_on", "visit_modifier_on_procedure", "procedure_modifier_on_visit", "modifiers_contradict",
)  # fmt: skip
_SURGERY = ("000", "010", "090")


@dataclass(frozen=True)
class Kinds:
    """What each code is. Shape of each: [release, code + 1]."""

    add_on: Flags
    surgery: Flags
    visit: Flags
    of_facility: bool  # whose bill it is


def prepare(sources: Sources) -> Kinds:
    """Make the look-up tables of the releases' codes."""
    global_days = sources.codes.indicator("global_days")
    of_facility = sources.bill != "professional"
    return Kinds(global_days.one_of(ADD_ON), global_days.one_of(*_SURGERY), visits(sources), of_facility)


def find(lines: EditLines, kinds: Kinds, wanted: frozenset[str]) -> Iterator[Found]:
    """Find modifiers that do not fit the code, or each other."""
    if "modifiers_contradict" in wanted:
        yield from _contradicting(lines)
    if not wanted - {"modifiers_contradict"} or kinds.of_facility:
        return  # the others are of visits, and of what a physician ranks
    at = np.flatnonzero(lines.bits & (bit("several") | bit("visit") | bit("separate")))
    if not len(at):
        return
    visit = lines.of_release(at, kinds.visit)
    for rule, codes, use in (
        ("several_on_add_on", lines.of_release(at, kinds.add_on), "several"),
        ("visit_modifier_on_procedure", lines.of_release(at, kinds.surgery) & ~visit, "visit"),
        ("procedure_modifier_on_visit", visit, "separate"),
    ):
        marked = at[codes & lines.uses(at, use)]
        if rule in wanted and len(marked):
            yield _found(rule, lines, marked, use)


def _found(rule: str, lines: EditLines, at: Integers, use: str) -> Found:
    def columns() -> Columns:
        return {"given": _those_of(lines.modifiers(at), modifiers_of(use))}

    return Found(rule, lines.row[at], columns)


def _those_of(given: pl.DataFrame, words: Sequence[str]) -> pl.Series:
    """Return those of the lines' modifiers that are among some, as one text: "24 and 25"."""
    own = [pl.when(pl.col(name).is_in(words)).then(pl.col(name)) for name in MODIFIERS]
    return given.select(pl.concat_str(own, separator=" and ", ignore_nulls=True)).to_series()


def _contradicting(lines: EditLines) -> Iterator[Found]:
    """Find the lines whose modifiers say opposite things."""
    at = _with_two_modifiers(lines)
    if not len(at):
        return
    given = lines.modifiers(at).with_columns(lines.frame["date_of_service"][lines.row[at]])
    day = pl.col("date_of_service")
    first, second = (pl.lit(None, pl.String), pl.lit(None, pl.String))
    for row in rows("edit_conflict"):
        in_force = day.is_between(row["effective_from"], row.get("effective_to", date.max))
        one, other = _first_of(row["first"]), _first_of(row["second"])
        met = (first.is_null() & one.is_not_null() & other.is_not_null() & in_force).fill_null(False)
        first, second = pl.when(met).then(one).otherwise(first), pl.when(met).then(other).otherwise(second)
    named = given.select(first=first, second=second).with_columns(pl.Series("row", lines.row[at])).drop_nulls("first")
    if named.height:
        yield Found("modifiers_contradict", named["row"].to_numpy(), lambda: named.drop("row").to_dict())


def _with_two_modifiers(lines: EditLines) -> Integers:
    count = np.zeros(lines.frame.height, np.int8)
    for name in MODIFIERS:
        if name in lines.frame.columns:
            count += (lines.frame[name] != "").fill_null(False).to_numpy()
    return np.flatnonzero(count[lines.row] > 1)


def _first_of(words: list[str]) -> pl.Expr:
    return pl.coalesce(pl.when(pl.col(name).is_in(words)).then(pl.col(name)) for name in MODIFIERS)


EDIT = Edit("modifiers", RULES, prepare, find)
