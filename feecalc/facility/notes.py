"""What is said of a facility's line: each note by a name, and which of them are questions.

A note's text stands with the rule that makes it. One that asks something, or rests on what is assumed or not installed,
is a finding of ``feecalc check`` too, by the row of reference/edit_rule.toml that names it (``facility_note``). The
others only tell how an amount came about.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

ASKED = "asked"  # the questions of a line: names, texts and remedies
TELLS = frozenset(
    {"raised", "observation", "one_unit_paid", "pair_offset", "below_rate", "area", "composite"}
)  # notes that ask nothing
Note = tuple[str, pl.Expr]  # its name, and its text; null where it is not said
_BETWEEN, _PART = "\x1e", "\x1f"  # stand in no text
_PARTS = ("kind", "said", "remedy")


def question(name: pl.Expr, text: pl.Expr, remedy: pl.Expr) -> pl.Expr:
    """Return a question as ``ASKED`` has it; null where the text is."""
    return pl.concat_str([name, text, remedy], separator=_PART)


def together(questions: pl.Expr) -> pl.Expr:
    """Return the questions of one line as one text, for an aggregation."""
    return questions.str.join(_BETWEEN)


def with_notes(lines: pl.DataFrame, notes: Sequence[Note], worded: pl.Expr) -> pl.DataFrame:
    """Return lines with ``note``, all that is said of each, and ``ASKED``, the questions among it.

    ``worded``: questions of more than one name that are among the notes already, under the name "worded".
    """
    none = pl.lit("")
    asked = [
        worded if name == "worded" else question(pl.lit(name), text, none) for name, text in notes if name not in TELLS
    ]
    return lines.with_columns(
        pl.concat_str([text for _, text in notes], separator="; ", ignore_nulls=True).alias("note"),
        pl.concat_str(asked, separator=_BETWEEN, ignore_nulls=True).alias(ASKED),
    )


def questions_of(asked: pl.Series) -> pl.DataFrame:
    """Return the questions of lines, each name once a line. Shape: [question]: row (the place), kind, said, remedy."""
    at = (asked.fill_null("") != "").arg_true()
    each = pl.DataFrame({"row": at, "text": asked.gather(at)}).with_columns(pl.col("text").str.split(_BETWEEN))
    parts = each.explode("text").with_columns(pl.col("text").str.split(_PART))
    named = parts.select("row", *(pl.col("text").list.get(place).alias(name) for place, name in enumerate(_PARTS)))
    return named.group_by("row", "kind", maintain_order=True).agg(
        pl.col("said").unique(maintain_order=True).str.join("; "),
        pl.col("remedy").unique(maintain_order=True).str.join(" "),
    )
