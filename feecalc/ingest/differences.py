"""How a difference in a CMS file is judged: by what it means. Every reader follows this, for every kind of file.

Refused, with its rows: what contradicts itself (two rows of one key, parts that do not add up, a figure that is none),
or a dated rule (a conversion factor, a floor, a year), and a table cut short, as the other tables of its release
show it (many rows or localities gone, not a few). A price made of it could be wrong, or missing.

Installed, noted with counts, and shown by ``feecalc releases NAME``: what is new. A column, a member, a status or an
indicator that no rule knows yet; a row set that differs between two members; a locality or a code that another table of
the release lacks. Nothing is read into it: a row of a status that no rule knows is not priced, and says so.

In a facility's or an edits' file, which holds thousands of prices that have nothing to do with each other, a cell that
is no figure stops no file either: its row is kept without it, and that is noted (``files/figures.py``).

Read all the same: what is only written otherwise. A heading is matched without its footnote marks, spaces, year and
case (``files/header.py``), a code and a figure without their footnote marks; marks on figures are counted and noted
(``files/cells.py``).

What differs between the two members of a year with two conversion factors is kept for its track: a QP is priced by the
QPP member's row. What differs and has no meaning for a price (PRIC IND, the row's place in the file) is noted alone.
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
    """Say of each column of indicators which ones the rules of ``day`` do not know, with how many rows have each."""
    return tuple(
        f"{_counted(known.column, strange)}: new, no rule reads it; {known.effect}"
        for table, frame in frames.items()
        for known in known_indicators(table, day)
        if (strange := _strange(frame[known.column], known.values))
    )


def _strange(column: pl.Series, known: frozenset[str]) -> list[tuple[str, int]]:
    """Return the indicators that are not known with their rows, the most frequent first."""
    others = column.filter(~column.is_in(sorted(known)))
    return sorted(others.value_counts().iter_rows(), key=lambda each: (-each[1], each[0])) if len(others) else []


def _counted(column: str, strange: list[tuple[str, int]]) -> str:
    return _listed({code: f"{column} {code!r} in {rows(count)}" for code, count in strange})


def between_tracks(names: tuple[str, str], other: pl.DataFrame, qp: pl.DataFrame) -> Iterator[str]:
    """Say how the QPP member differs from the nonQPP member, with counts; nothing where only the factor does.

    ``names``: of the nonQPP and the QPP member.
    """
    keys = {"nonQPP": other.select(*_KEY, "status_indicator"), "QPP": qp.select(*_KEY, "status_indicator")}
    for name, theirs, own in (("nonQPP", "QPP", names[0]), ("QPP", "nonQPP", names[1])):
        alone = keys[name].join(keys[theirs], on=_KEY, how="anti")
        if alone.height:
            counts = alone["status_indicator"].value_counts(sort=True).rows()
            letters = _listed({letter: f"{count:,} of status {letter}" for letter, count in counts})
            yield f"{rows(alone.height)} in {own} only: {letters}"
    both = other.join(qp, on=_KEY, suffix="_of_qp", maintain_order="left")
    columns = [name for name in other.columns if name not in (*_KEY, *_OF_THE_FILE)]
    differs = both.select(pl.col(name).ne_missing(pl.col(f"{name}_of_qp")).sum().alias(name) for name in columns)
    counted = {name: f"{name} in {count:,}" for name, count in differs.row(0, named=True).items() if count}
    if counted:
        some = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_of_qp")) for name in columns)
        yield (
            f"{names[1]} has other values than {names[0]} in {rows(both.filter(some).height)} of {both.height:,} "
            f"that stand in both: {_listed(counted)}; "
            "a QP is priced by its own member's"
        )


def rows(count: int) -> str:
    """Return "1 row", "7,447 rows"."""
    return f"{count:,} row" + ("" if count == 1 else "s")


def _listed(words: Mapping[str, str]) -> str:
    shown = list(words.values())[:_MOST_NAMED]
    more = len(words) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
