"""The technical part of imaging in an ambulatory surgical center: the center's to bill, where Addendum BB lists it.

Not for a center's own claim. Source: reference/edit_technical.toml.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from feecalc.edits.edit import Columns, Edit, Found
from feecalc.edits.lines.codes import Indicator, Sources
from feecalc.edits.lines.lines import EditLines
from feecalc.edits.lines.modifier_uses import MODIFIERS
from feecalc.edits.lines.spans import day_number
from feecalc.pricing.arrays import Flags, Integers
from feecalc.reference import Row, rows

RULES = ("technical_part_in_asc", "technical_code_in_asc")


def places() -> list[str]:
    """Return the places of service that this edit looks at."""
    return sorted({place for row in rows("edit_technical") for place in row["places"]})


@dataclass(frozen=True)
class Ancillary:
    """The codes of ASC Addendum BB, by the list of the quarter, and their PC/TC indicators."""

    starts: Integers  # the first day of each list, since 1970
    listed: Indicator  # the payment indicator [list, code + 1]
    part: Indicator  # the PC/TC indicator [release, code + 1]


def prepare(sources: Sources) -> Ancillary | None:
    """Make the look-up tables; None where no list is installed, and for a center's own bill."""
    ancillary = sources.tables.ancillary
    if ancillary is None or sources.bill == "asc":
        return None
    codes = sources.codes
    days = ancillary["effective_from"].to_physical()
    starts = days.unique().sort()
    words = ancillary["payment_indicator"].unique().drop_nulls().sort()
    number = np.full((len(starts), len(codes.words) + 1), len(words), np.int16)
    own = ancillary["payment_indicator"].cast(pl.Enum(words)).to_physical().cast(pl.Int16).fill_null(len(words))
    code = codes.numbers(ancillary["hcpcs"])
    known = np.flatnonzero(code >= 0)
    number[starts.search_sorted(days).to_numpy()[known], code[known]] = own.to_numpy()[known]
    return Ancillary(starts.to_numpy(), Indicator(tuple(words), number), codes.indicator("pctc_indicator"))


def find(lines: EditLines, ancillary: Ancillary, wanted: frozenset[str]) -> Iterator[Found]:
    """Find physicians' lines that hold a center's technical work."""
    if not wanted:
        return
    inside = lines.frame["place_of_service"].is_in(places()).fill_null(False).to_numpy()
    if not inside.any():
        return
    at = np.flatnonzero(inside[lines.row] & (lines.day >= ancillary.starts[0]))
    quarter = np.searchsorted(ancillary.starts, lines.day[at], side="right") - 1
    for row in rows("edit_technical"):
        if row["rule"] not in wanted:
            continue
        listed = ancillary.listed.one_of(*row["payment_indicators"])[quarter, lines.code[at]]
        part = lines.of_release(at, ancillary.part.one_of(row["pctc_indicator"]))
        first, last = day_number(row["effective_from"]), day_number(row.get("effective_to", date.max))
        some = at[listed & part & (lines.day[at] >= first) & (lines.day[at] <= last)]
        held = some[_is_meant(row, lines, some)]
        if len(held):
            yield _found(row["rule"], lines, ancillary, held)


def _is_meant(row: Row, lines: EditLines, at: Integers) -> Flags:
    """Return whether the place is one of the row's, and no modifier spares the line."""
    spared = pl.any_horizontal(pl.col(name).is_in(row["unless"]) for name in MODIFIERS)
    given = lines.modifiers(at).with_columns(lines.text(at, "place_of_service"))
    meant: Flags = given.select(pl.col("place_of_service").is_in(row["places"]) & ~spared).to_series().to_numpy()
    return meant


def _found(rule: str, lines: EditLines, ancillary: Ancillary, at: Integers) -> Found:
    def columns() -> Columns:
        given = pl.col("given")
        said = pl.when(given == "").then(pl.lit("is billed whole")).otherwise("is billed with " + given)
        quarter = np.searchsorted(ancillary.starts, lines.day[at], side="right") - 1
        return {
            "said": lines.modifiers_as_written(at).to_frame("given").select(said).to_series(),
            "place": lines.text(at, "place_of_service"),
            "indicator": ancillary.listed.named(ancillary.listed.number[quarter, lines.code[at]]),
        }

    return Found(rule, lines.row[at], columns)


EDIT = Edit("technical part in a surgical center", RULES, prepare, find)
