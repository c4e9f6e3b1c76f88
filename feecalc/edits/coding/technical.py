"""The technical part of imaging in an ambulatory surgical center: the center's to bill, where Addendum BB lists it.

Not for a center's own claim. Source: reference/edit_technical.toml.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from feecalc.edits.edit import Columns, Edit, Found, wordings
from feecalc.edits.lines.codes import Indicator, Sources
from feecalc.edits.lines.lines import EditLines
from feecalc.edits.lines.modifier_uses import MODIFIERS, by_letters
from feecalc.edits.lines.spans import day_number
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims.adjustments import code_of
from feecalc.reference import Row, rows

_TECHNICAL = "TC"
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
    meant: Flags  # whether a row may speak of a code, by any list and release [code + 1]


def prepare(sources: Sources) -> Ancillary | None:
    """Make the look-up tables; None where no list is installed, and for a facility's own bill."""
    ancillary = sources.tables.ancillary
    if ancillary is None or sources.bill != "professional":
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
    listed, part = Indicator(tuple(words), number), codes.indicator("pctc_indicator")
    meant = np.zeros(number.shape[1], np.bool_)
    for row in rows("edit_technical"):
        of_lists = listed.one_of(*row["payment_indicators"]).any(axis=0)
        meant |= of_lists & part.one_of(row["pctc_indicator"]).any(axis=0)
    return Ancillary(starts.to_numpy(), listed, part, meant)


def find(lines: EditLines, ancillary: Ancillary, wanted: frozenset[str]) -> Iterator[Found]:
    """Find physicians' lines that hold a center's technical work."""
    if not wanted:
        return
    at = np.flatnonzero(by_letters(dict.fromkeys(places(), 1), 0, np.bool_)[lines.place])
    at = at[ancillary.meant[lines.code[at]] & (lines.day[at] >= ancillary.starts[0])]
    if not len(at):
        return
    quarter = np.searchsorted(ancillary.starts, lines.day[at], side="right") - 1
    for row in rows("edit_technical"):
        if row["rule"] not in wanted:
            continue
        listed = ancillary.listed.one_of(*row["payment_indicators"])[quarter, lines.code[at]]
        part = lines.of_release(at, ancillary.part.one_of(row["pctc_indicator"]))
        first, last = day_number(row["effective_from"]), day_number(row.get("effective_to", date.max))
        some = at[listed & part & (lines.day[at] >= first) & (lines.day[at] <= last)]
        found = some[_is_meant(row, lines, some)]
        technical = lines.modifiers(found).select(
            pl.any_horizontal(pl.col(name) == _TECHNICAL for name in MODIFIERS).fill_null(False)
        )
        alone = technical.to_series().to_numpy() if row["whole_too"] else np.ones(len(found), np.bool_)
        for some, dated in ((found[alone], None), (found[~alone], _of_whole(row["rule"]))):
            if len(some):
                yield _found(row["rule"], lines, ancillary, some, dated)


def _of_whole(rule: str) -> list[Row]:
    """Return the rule's dated rows with the codes of a service that is billed whole."""
    code = code_of("edit", "ancillary_billed_whole")
    return [{**row, "carc": code.carc, "rarc": code.rarc} for row in wordings(rule)]


def _is_meant(row: Row, lines: EditLines, at: Integers) -> Flags:
    """Return whether the place is one of the row's, and no modifier spares the line."""
    spared = pl.any_horizontal(pl.col(name).is_in(row["unless"]) for name in MODIFIERS)
    given = lines.modifiers(at).with_columns(lines.text(at, "place_of_service"))
    meant: Flags = given.select(pl.col("place_of_service").is_in(row["places"]) & ~spared).to_series().to_numpy()
    return meant


def _found(
    rule: str, lines: EditLines, ancillary: Ancillary, at: Integers, dated: Sequence[Row] | None
) -> Found:
    def columns() -> Columns:
        given = pl.col("given")
        billed = pl.when(given == "").then(pl.lit("is billed whole")).otherwise("is billed with " + given)
        quarter = np.searchsorted(ancillary.starts, lines.day[at], side="right") - 1
        return {
            "said": lines.modifiers_as_written(at).to_frame("given").select(billed).to_series(),
            "place": lines.text(at, "place_of_service"),
            "indicator": ancillary.listed.named(ancillary.listed.number[quarter, lines.code[at]]),
        }

    return Found(rule, lines.row[at], columns, dated)


EDIT = Edit("technical part in a surgical center", RULES, prepare, find)
