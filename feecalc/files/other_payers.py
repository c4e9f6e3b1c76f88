"""Lines of a claim file whose payer is no payer by Medicare's schedule: workers' compensation, automobile insurance."""

from __future__ import annotations

import polars as pl

from feecalc import reference
from feecalc.files.headings import RecognizedColumns, by_usual_names
from feecalc.files.opening import OpenedFile, kept_name, plain_errors

_TABLE = "payer_of_state_schedule"
_NAMED = 3  # payers, in a sentence


def other_payers(file: OpenedFile, columns: RecognizedColumns) -> list[str]:
    """Return a sentence for each kind of payer that a state's schedule pays for, where a column of payers names it.

    Raises UnreadableFile.
    """
    taken = {heading for heading in columns.theirs.values() if heading is not None}
    headings = by_usual_names(file.headings, "payer_column_name", taken).get("payer")
    if not headings:
        return []
    payer = pl.col(kept_name(headings[0])).cast(pl.String).str.strip_chars()
    with plain_errors(file.path):
        named = file.frame.select(payer.alias("payer")).group_by("payer").len().collect(engine="streaming")
    plain = pl.col("payer").str.to_lowercase().str.replace_all(r"[^a-z0-9]+", " ")
    sentences = []
    for row in reference.rows(_TABLE):
        found = named.filter(plain.str.contains(rf"\b(?:{'|'.join(row['words'])})\b")).sort("len", "payer")
        if found.height:
            shown = ", ".join(found["payer"].reverse().head(_NAMED))[:80]
            lines = "1 line is" if found["len"].sum() == 1 else f"{found['len'].sum():,} lines are"
            sentences.append(
                f"{lines} {row['kind']} by the column {headings[0]} ({shown}): Medicare's amounts do not apply to it, "
                "a state's fee schedule does; price it by a contract with that schedule as its fee table"
            )
    return sentences
