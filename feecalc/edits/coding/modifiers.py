"""Modifiers on codes they do not belong to, where pricing has not said so already.

What the indicators forbid (26 and TC, 50, 54 to 56, 62, 66, 80 to 82) is pricing's to say; ``unpaid`` hands it on.
Source: RVU25D.pdf, Attachment A; Pub. 100-04 ch. 12 sec. 40.2; NCCI Policy Manual ch. 1 sec. E.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from feecalc.edits.coding.visits import visits
from feecalc.edits.edit import Edit, Found
from feecalc.edits.lines.codes import Sources
from feecalc.edits.lines.lines import EditLines
from feecalc.edits.lines.modifier_uses import MODIFIERS, bit
from feecalc.pricing.arrays import Flags, Integers
from feecalc.reference import rows

RULES = ("several_on_add_on", "visit_modifier_on_procedure", "procedure_modifier_on_visit", "modifiers_contradict")
_ADD_ON = "ZZZ"
_SURGERY = ("000", "010", "090")


@dataclass(frozen=True)
class Kinds:
    """What each code is. Shape of each: [release, code + 1]."""

    add_on: Flags
    surgery: Flags
    visit: Flags


def prepare(sources: Sources) -> Kinds:
    """Make the look-up tables of the releases' codes."""
    global_days = sources.codes.indicator("global_days")
    return Kinds(global_days.one_of(_ADD_ON), global_days.one_of(*_SURGERY), visits(sources))


def find(lines: EditLines, kinds: Kinds, wanted: frozenset[str]) -> Iterator[Found]:
    """Find modifiers that do not fit the code, or each other."""
    if "modifiers_contradict" in wanted:
        yield from _contradicting(lines)
    if not wanted - {"modifiers_contradict"}:
        return
    at = np.flatnonzero(lines.bits & (bit("several") | bit("visit") | bit("separate")))
    if not len(at):
        return
    visit = lines.of_release(at, kinds.visit)
    for rule, held in (
        ("several_on_add_on", lines.of_release(at, kinds.add_on) & lines.uses(at, "several")),
        ("visit_modifier_on_procedure", lines.of_release(at, kinds.surgery) & ~visit & lines.uses(at, "visit")),
        ("procedure_modifier_on_visit", visit & lines.uses(at, "separate")),
    ):
        if rule in wanted and held.any():
            yield Found(rule, lines.row[at[held]])


def _contradicting(lines: EditLines) -> Iterator[Found]:
    """Find the lines whose modifiers say opposite things."""
    at = _with_two_modifiers(lines)
    if not len(at):
        return
    given = lines.modifiers(at).with_columns(lines.frame["date_of_service"][lines.row[at]])
    day = pl.col("date_of_service")
    wrong = [
        _any_of(row["first"])
        & _any_of(row["second"])
        & day.is_between(row["effective_from"], row.get("effective_to", date.max))
        for row in rows("edit_conflict")
    ]
    held = at[given.select(pl.any_horizontal(wrong).fill_null(False)).to_series().to_numpy()]
    if len(held):
        yield Found("modifiers_contradict", lines.row[held], lambda: {"given": lines.modifiers_as_written(held)})


def _with_two_modifiers(lines: EditLines) -> Integers:
    count = np.zeros(lines.frame.height, np.int8)
    for name in MODIFIERS:
        if name in lines.frame.columns:
            count += (lines.frame[name] != "").fill_null(False).to_numpy()
    return np.flatnonzero(count[lines.row] > 1)


def _any_of(words: list[str]) -> pl.Expr:
    return pl.any_horizontal(pl.col(name).is_in(words) for name in MODIFIERS)


EDIT = Edit("modifiers", RULES, prepare, find)
