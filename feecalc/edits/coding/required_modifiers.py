"""Codes that are paid with a modifier only: the plan of care of therapy, active treatment of chiropractic.

A line of a row's codes is found where it lacks all of the modifiers it ``needs``, or carries one that it ``refuses``.
Source: reference/edit_required_modifier.toml.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from feecalc.edits.coding.visits import in_spans
from feecalc.edits.edit import Columns, Edit, Found
from feecalc.edits.lines.codes import Sources
from feecalc.edits.lines.lines import EditLines
from feecalc.edits.lines.modifier_uses import by_letters
from feecalc.edits.lines.spans import day_number
from feecalc.pricing.arrays import Flags, Integers
from feecalc.reference import Row, rows

_TABLE = "edit_required_modifier"
RULES = tuple(dict.fromkeys(row["rule"] for row in rows(_TABLE)))


_LISTS = ("needs", "refuses", "when", "unless")


@dataclass(frozen=True)
class Required:
    """The rows of this kind of bill, and whether each speaks of a code. Shape of each: [release, code + 1].

    ``bit``: of each modifier that a row names; ``bits``: by the two letters of a modifier, as ``letters_of`` has them.
    """

    rows: tuple[tuple[Row, Flags], ...]
    any_row: Flags
    bit: dict[str, int]
    bits: Integers


def prepare(sources: Sources) -> Required | None:
    """Make the look-up tables; None where no row speaks of a code at hand."""
    indicator = sources.codes.indicator("mppr_indicator")
    every = np.zeros_like(indicator.number, dtype=np.bool_)
    listed = []
    for row in rows(_TABLE):
        if sources.bill in row["bills"]:
            meant = every | in_spans(sources.codes, row["codes"])
            if "mppr_indicator" in row:
                meant |= indicator.one_of(row["mppr_indicator"])
            if meant.any():
                listed.append((row, meant))
    any_row: Flags = np.any([meant for _, meant in listed], axis=0) if listed else every
    words = sorted({word for row, _ in listed for name in _LISTS for word in row[name]})
    bit = {word: 1 << place for place, word in enumerate(words)}
    return Required(tuple(listed), any_row, bit, by_letters(bit, 0, np.int64))


def find(lines: EditLines, required: Required, wanted: frozenset[str]) -> Iterator[Found]:
    """Find the lines that lack a modifier they need, or carry one they must not."""
    if not wanted or not required.rows:
        return
    at = np.flatnonzero(lines.of_release(slice(None), required.any_row))
    if not len(at):
        return
    bits = _bits(lines, at, required.bits)
    for row, meant in required.rows:
        if row["rule"] not in wanted:
            continue
        first, last = day_number(row["effective_from"]), day_number(row.get("effective_to", date.max))
        day = lines.day[at]
        own = lines.of_release(at, meant) & (day >= first) & (day <= last)
        some = at[own & _is_wrong(row, bits, required.bit)]
        if len(some):
            yield _found(row, lines, some)


def _bits(lines: EditLines, at: Integers, of_letters: Integers) -> Integers:
    """Return which of the rows' modifiers each line carries, as bits. Shape: [line of ``at``]."""
    found = np.zeros(len(at), np.int64)
    for letters in lines.letters:
        found |= of_letters[letters[at]]
    return found


def _is_wrong(row: Row, bits: Integers, bit: dict[str, int]) -> Flags:
    """Return whether a line lacks what the row needs, or carries what it refuses, where the row is meant for it."""
    carries = {name: (bits & sum(bit[word] for word in row[name])) != 0 for name in _LISTS}
    wrong: Flags = carries["refuses"].copy()
    if row["needs"]:
        wrong |= ~carries["needs"]
    if row["when"]:
        wrong &= carries["when"]
    wrong &= ~carries["unless"]
    return wrong


def _found(row: Row, lines: EditLines, at: Integers) -> Found:
    def columns() -> Columns:
        return {"given": lines.modifiers_as_written(at), "needs": " or ".join(row["needs"])}

    return Found(row["rule"], lines.row[at], columns)


EDIT = Edit("modifiers a code needs", RULES, prepare, find)
