"""Differences in CMS files, and how every reader treats them.

Refused, with its rows: a file that contradicts itself (two rows with one key, parts that do not add up, a cell that is
not a figure) or a dated rule (a conversion factor, a floor, a year), and a table that is cut short, as the other tables
of its release show (many rows or localities are missing, not a few). A price from it could be wrong or missing.

Installed, noted with counts, and shown by ``feecalc releases NAME``: what is new. A column, a member, a status or an
indicator that no rule knows yet; rows that differ between two members; a locality or a code that another table of the
release does not have. No meaning is assumed: a row with a status that no rule knows is not priced, and says so.

In a facility or edit file, which has thousands of independent prices, a cell that is not a figure does not stop the
file: its row is kept without it, and that is noted (``files/figures.py``).

Read as usual: what is only written differently. A heading is matched without its footnote marks, spaces, year and case
(``files/header.py``), a code and a figure without their footnote marks; marks on figures are counted and noted
(``files/cells.py``).

A difference between the two members of a year with two conversion factors is kept for its track: a QP is priced by the
QPP member's row. A difference without meaning for a price (PRIC IND, the row's place in the file) is only noted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import polars as pl

from feecalc.reference.indicators import known_indicators

_KEY = ["hcpcs", "modifier"]
_OF_THE_FILE = ("description", "conversion_factor", "source_line")  # each member's own, and no difference
_MOST_NAMED = 14


def rows_of_new_indicators(rvu: pl.DataFrame, day: date) -> pl.DataFrame:
    """Return the rows with an indicator that no rule knows: hcpcs, modifier, column, value, source_line."""
    found = [
        rvu.filter(~pl.col(known.column).is_in(sorted(known.values))).select(
            *_KEY, pl.lit(known.column).alias("column"), pl.col(known.column).alias("value"), "source_line"
        )
        for known in known_indicators("rvu", day)
    ]
    return pl.concat(found)


def new_indicators(frames: Mapping[str, pl.DataFrame], day: date) -> tuple[str, ...]:
    """Return a sentence for each column with indicators that the rules of ``day`` do not know, with counts of rows."""
    return tuple(
        f"{_counted(known.column, strange)}: new, no rule reads it; {known.effect}"
        for table, frame in frames.items()
        for known in known_indicators(table, day)
        if (strange := _strange(frame[known.column], known.values))
    )


def _strange(column: pl.Series, known: frozenset[str]) -> list[tuple[str, int]]:
    """Return the indicators that are not known and their numbers of rows, the most frequent first."""
    others = column.filter(~column.is_in(sorted(known)))
    return sorted(others.value_counts().iter_rows(), key=lambda row: (-row[1], row[0])) if len(others) else []


def _counted(column: str, strange: list[tuple[str, int]]) -> str:
    return _listed({code: f"{column} {code!r} in {rows(count)}" for code, count in strange})


def between_tracks(names: tuple[str, str], other: pl.DataFrame, qp: pl.DataFrame) -> Iterator[str]:
    """Yield how the QPP member differs from the nonQPP member, with counts; nothing where only the factor does.

    ``names``: those of the nonQPP and the QPP member.
    """
    keys = {"nonQPP": other.select(*_KEY, "status_indicator"), "QPP": qp.select(*_KEY, "status_indicator")}
    for name, theirs, own in (("nonQPP", "QPP", names[0]), ("QPP", "nonQPP", names[1])):
        alone = keys[name].join(keys[theirs], on=_KEY, how="anti")
        if alone.height:
            counts = alone["status_indicator"].value_counts(sort=True).rows()
            letters = _listed({letter: f"{count:,} of status {letter}" for letter, count in counts})
            yield f"{rows(alone.height)} in {own} only: {letters}"
    joined = other.join(qp, on=_KEY, suffix="_of_qp", maintain_order="left")
    columns = [name for name in other.columns if name not in (*_KEY, *_OF_THE_FILE)]
    differs = joined.select(pl.col(name).ne_missing(pl.col(f"{name}_of_qp")).sum().alias(name) for name in columns)
    counted = {name: f"{name} in {count:,}" for name, count in differs.row(0, named=True).items() if count}
    if counted:
        some = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_of_qp")) for name in columns)
        yield (
            f"{names[1]} has other values than {names[0]} in {rows(joined.filter(some).height)} of {joined.height:,} "
            f"that stand in both: {_listed(counted)}; "
            "a QP is priced by its own member's"
        )


def rows(count: int) -> str:
    """Return a count of rows in words: "1 row", "7,447 rows"."""
    return f"{count:,} row" + ("" if count == 1 else "s")


def _listed(words: Mapping[str, str]) -> str:
    shown = list(words.values())[:_MOST_NAMED]
    more = len(words) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
