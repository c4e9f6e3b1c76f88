"""Codes that belong on another bill: a hospital bills its clinic visits by a code of its own, a physician never does.

Source: reference/facility_code.toml.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np

from feecalc.edits.coding.visits import in_spans
from feecalc.edits.edit import Columns, Edit, Found
from feecalc.edits.lines.codes import Sources
from feecalc.edits.lines.lines import EditLines
from feecalc.edits.lines.spans import day_number
from feecalc.pricing.arrays import Flags, Integers
from feecalc.reference import Row, facility_codes

RULES = facility_codes.rules()
_Look = list[tuple[str, Row, str, Flags]]


def prepare(sources: Sources) -> _Look:
    """Return the rules of this kind of bill, their rows, the codes instead, and the codes meant. Shape: [code + 1]."""
    wrong = facility_codes.wrong_on(sources.bill)
    found = [(rule, row, instead, in_spans(sources.codes, spans)) for rule, row, spans, instead in wrong]
    return [each for each in found if each[-1].any()]


def find(lines: EditLines, look: _Look, wanted: frozenset[str]) -> Iterator[Found]:
    """Find the codes of another bill."""
    for rule, row, instead, meant in look:
        if rule not in wanted:
            continue
        at = np.flatnonzero(meant[lines.code])
        first, last = day_number(row["effective_from"]), day_number(row.get("effective_to", date.max))
        at = at[(lines.day[at] >= first) & (lines.day[at] <= last)]
        if len(at):
            yield _found(rule, {"instead": instead, "biller": facility_codes.billers(row)}, lines, at)


def _found(rule: str, words: dict[str, str], lines: EditLines, at: Integers) -> Found:
    def columns() -> Columns:
        return {**words}

    return Found(rule, lines.row[at], columns)


EDIT = Edit("codes of another bill", RULES, prepare, find)
