"""What pricing assumed of a line, or could not know, as a question: the notes that a priced line should be read with.

A note becomes a finding by its row of reference/edit_rule.toml, where ``pricing_note`` names the member of ``Note``; on
a facility's bill ``facility_note`` names the note of feecalc/facility/notes.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import polars as pl

from feecalc.edits.bill_pricer import QUESTIONS
from feecalc.edits.coding.unpaid import as_written
from feecalc.edits.edit import Columns, Found
from feecalc.pricing.arrays import Integers
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.results import NOTE_BITS
from feecalc.pricing.rules.order import NOTES
from feecalc.reference import rows


@cache
def rule_of_note() -> dict[Note, str]:
    """Return the rule that asks each note's question."""
    return {Note[row["pricing_note"]]: row["rule"] for row in rows("edit_rule") if "pricing_note" in row}


@cache
def rule_of_facility_note() -> dict[str, str]:
    """Return the rule that asks the question of each note of a facility's line."""
    return {row["facility_note"]: row["rule"] for row in rows("edit_rule") if "facility_note" in row}


RULES = (*rule_of_note().values(), *rule_of_facility_note().values())


def find(batch: pl.DataFrame, priced: pl.DataFrame, wanted: frozenset[str]) -> Iterator[Found]:
    """Find the lines with a note that is a question.

    ``batch``: the lines; ``priced``: their results, row for row, with the column ``NOTE_BITS``, or of a facility's
    bill ``bill_pricer.QUESTIONS``.
    """
    if QUESTIONS in priced.columns:
        yield from _of_facility(batch, priced[QUESTIONS], wanted)
        return
    bits = priced[NOTE_BITS].fill_null(0).to_numpy()
    noted = np.flatnonzero(bits)
    for note, rule in rule_of_note().items():
        at = noted[(bits[noted] & note) != 0]
        if rule in wanted and len(at):
            yield _found(rule, note, batch, at)


def _found(rule: str, note: Note, batch: pl.DataFrame, row: Integers) -> Found:
    def columns() -> Columns:
        return {"given": as_written(batch, row), "note": NOTES[note]}

    return Found(rule, row, columns)


def _of_facility(batch: pl.DataFrame, asked: pl.Series, wanted: frozenset[str]) -> Iterator[Found]:
    listed = asked.to_frame().with_row_index("row").drop_nulls()
    questions = listed.explode(asked.name).unnest(asked.name)
    for kind, rule in rule_of_facility_note().items():
        own = questions.filter(pl.col("kind") == kind)
        if rule in wanted and own.height:
            yield _asked(rule, batch, own)


def _asked(rule: str, batch: pl.DataFrame, own: pl.DataFrame) -> Found:
    row = own["row"].to_numpy()

    def columns() -> Columns:
        return {"given": as_written(batch, row), "note": own["note"], "mend": own["mend"]}

    return Found(rule, row, columns)
