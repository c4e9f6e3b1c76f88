"""Sides: 50, RT and LT, eyelids and digits, as each kind of bill wants them.

A physician's claim says a bilateral procedure by 50 on one line; an ASC's by RT and LT on two. What pricing decides (an
indicator to which 50 does not apply) is left to it. Source: Pub. 100-04 ch. 12 sec. 40.7, ch. 14 sec. 40.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from feecalc.edits.edit import Columns, Edit, Found
from feecalc.edits.lines.codes import Bill, Indicator, Sources
from feecalc.edits.lines.lines import EditLines
from feecalc.edits.lines.modifier_uses import bit, modifiers_of, site_bits
from feecalc.pricing.arrays import Flags, Integers

_OF_EVERY_BILL = ("both_sides_and_one", "digit_and_side", "digit_twice")
_OF_PHYSICIAN = ("sides_on_one_line", "both_sides_by_units", "both_sides_pay_one", "sides_on_two_lines")
# What pricing says of a facility's 50 is its own question; an ASC's sides stand on two lines.
_OF_BILL: dict[Bill, tuple[str, ...]] = {
    "professional": _OF_PHYSICIAN, "hospital": ("sides_on_one_line", "sides_on_two_lines"), "asc": (),
}  # fmt: skip
RULES = (*_OF_EVERY_BILL, *_OF_PHYSICIAN)
_ONE_FEE = ("0", "2")  # bilateral indicators under which both sides pay no more than one
_RAISED = "1"


@dataclass(frozen=True)
class Bilateral:
    """What the releases say of a code done on two sides. Shape of a table: [release, code + 1]."""

    indicator: Indicator
    one_fee: Flags
    raised: Flags
    rules: frozenset[str]  # of the kind of bill


def prepare(sources: Sources) -> Bilateral:
    """Make the look-up tables of the releases' codes."""
    indicator = sources.codes.indicator("bilateral_indicator")
    rules = frozenset((*_OF_EVERY_BILL, *_OF_BILL[sources.bill]))
    return Bilateral(indicator, indicator.one_of(*_ONE_FEE), indicator.one_of(_RAISED), rules)


def find(lines: EditLines, bilateral: Bilateral, wanted: frozenset[str]) -> Iterator[Found]:
    """Find sides given twice, against one another, or not as the bill wants them."""
    wanted = wanted & bilateral.rules
    at = np.flatnonzero(lines.bits & (bit("left") | bit("right") | bit("both_sides"))) if wanted else lines.row[:0]
    if not len(at):
        return
    left, right, both, digits, repeat, days = (
        lines.uses(at, use) for use in ("left", "right", "both_sides", "digit", "repeat", "unit_days")
    )
    one_side = (left != right) & ~both & ~digits
    by_line = {
        "both_sides_and_one": both & (left | right),
        "sides_on_one_line": left & right & ~digits & ~both,
        "both_sides_by_units": both & (lines.units[at] > 1) & ~days,
        "both_sides_pay_one": both & lines.of_release(at, bilateral.one_fee),
        "digit_and_side": digits & left & right & ~both,
    }
    for rule, marked in by_line.items():
        if rule in wanted and marked.any():
            yield _found(rule, lines, bilateral, at[marked])
    if "sides_on_two_lines" in wanted:
        some = one_side & lines.of_release(at, bilateral.raised)
        apart = _left_and_right(lines, at[some], left[some])
        if len(apart):
            yield Found("sides_on_two_lines", lines.row[apart])
    if "digit_twice" in wanted:
        twice = _digit_twice(lines, at[digits & ~both & ~repeat])
        if len(twice):
            yield Found("digit_twice", lines.row[twice])


def _found(rule: str, lines: EditLines, bilateral: Bilateral, at: Integers) -> Found:
    def columns() -> Columns:
        return {"bilateral_indicator": bilateral.indicator.named(lines.of_release(at, bilateral.indicator.number))}

    return Found(rule, lines.row[at], columns)


def _left_and_right(lines: EditLines, at: Integers, left: Flags) -> Integers:
    """Return the lines of a code of a group that is billed left on one of them and right on another."""
    key = lines.group[at].astype(np.int64) * (len(lines.codes.words) + 1) + lines.code[at]
    return at[np.isin(key, key[left]) & np.isin(key, key[~left])]


def _digit_twice(lines: EditLines, at: Integers) -> Integers:
    """Return the lines of a code and digit that another line of the group has too."""
    bits = lines.bits[at] & site_bits(modifiers_of("digit"))
    own = pl.DataFrame({"at": at, "group": lines.group[at], "hcpcs": lines.text(at, "hcpcs"), "bits": bits})
    found = [at[:0]]
    for word in modifiers_of("digit"):
        site = site_bits([word])
        some = own.filter((pl.col("bits") & site) != 0) if (bits & site).any() else own.clear()
        again = some.filter(pl.len().over("group", "hcpcs") > 1) if some.height > 1 else some.clear()
        found.append(again["at"].to_numpy())
    return np.unique(np.concatenate(found))


EDIT = Edit("sides", RULES, prepare, find)
