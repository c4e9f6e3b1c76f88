"""Medically unlikely edits (MUE): more units of a code than a patient is likely to have from one provider in a day.

MAI 1 looks at each line; MAI 2 and 3 at the day: all lines of the code are denied together. Another MAI is one that no
rule here knows: the line and the day are looked at, and warned of. Lines for a part of a service (26 and TC, an
assistant, shared care) count apart from each other. Source: NCCI Policy Manual, ch. 1 sec. V.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from feecalc.edits.edit import Columns, Edit, Found
from feecalc.edits.lines.codes import Sources
from feecalc.edits.lines.lines import EditLines
from feecalc.edits.lines.modifier_uses import MODIFIERS, modifiers_of
from feecalc.pricing.arrays import Flags, Integers
from feecalc.reference.indicators import ever_known

_BY_LINE, _OF_DAY = 1, 2  # MAI, from which on the day's units count
RULES = ("mue_line", "mue_day", "mue_day_evidence", "mue_unknown_indicator")  # by MAI, from 1 on
_UNKNOWN = len(RULES)


@dataclass(frozen=True)
class UnitLimits:
    """The most units of each code, by the file of the day. Shape of the tables: [file, code + 1]."""

    starts: Integers  # the first day of each file, since 1970
    most: Integers  # units
    mai: Integers  # 1, 2 or 3; _UNKNOWN for one that no rule knows; 0 for no edit
    place: Integers  # row of ``edits``
    edits: pl.DataFrame  # mue_units, rationale, printed_mai


def prepare(sources: Sources) -> UnitLimits | None:
    """Make the look-up table of the limits; None where none are installed."""
    units = sources.tables.units
    if units is None:
        return None
    codes = sources.codes
    days = units["effective_from"].to_physical()
    starts = days.unique().sort()
    code = codes.numbers(units["hcpcs"])
    known = np.flatnonzero(code >= 0)
    at = (starts.search_sorted(days).to_numpy()[known], code[known])
    most = np.full((len(starts), len(codes.words) + 1), np.iinfo(np.int32).max, np.int32)
    mai, place = np.zeros(most.shape, np.int8), np.zeros(most.shape, np.int32)
    most[at] = units["mue_units"].cast(pl.Int32).to_numpy()[known]
    number = {code: int(code) for code in ever_known("mue", "mai")}
    mai[at] = units["mai"].replace_strict(number, default=_UNKNOWN, return_dtype=pl.Int8).to_numpy()[known]
    place[at] = known
    edits = units.select("mue_units", "rationale", pl.col("mai").alias("printed_mai"))
    return UnitLimits(starts.to_numpy(), most, mai, place, edits)


def find(lines: EditLines, limits: UnitLimits, wanted: frozenset[str]) -> Iterator[Found]:
    """Find the lines whose units pass the limit of their code in the file of their quarter."""
    if len(limits.starts) == 1:
        most, mai = limits.most[0][lines.code], limits.mai[0][lines.code]
        known = (lines.day >= limits.starts[0]) & (lines.units > 0)
    else:
        file = np.searchsorted(limits.starts, lines.day, side="right") - 1
        most, mai = limits.most[file, lines.code], limits.mai[file, lines.code]
        known = (file >= 0) & (lines.units > 0)
    beyond = known & (lines.units > most)
    again, counted = _over_day(lines, most, np.flatnonzero(known & (mai >= _OF_DAY)))
    beyond[again] = False
    alone = np.flatnonzero(beyond)
    at = np.concatenate([alone, again])
    counted = np.concatenate([lines.units[alone], counted])
    for number, rule in enumerate(RULES, _BY_LINE):
        held = np.flatnonzero(mai[at] == number)
        if rule in wanted and len(held):
            yield _found(rule, lines, limits, at[held], counted[held])


def _found(rule: str, lines: EditLines, limits: UnitLimits, at: Integers, counted: Integers) -> Found:
    def columns() -> Columns:
        file = np.searchsorted(limits.starts, lines.day[at], side="right") - 1
        edits = limits.edits[limits.place[file, lines.code[at]]]
        return {"counted": pl.Series(counted), **edits.to_dict()}

    return Found(rule, lines.row[at], columns)


def _over_day(lines: EditLines, most: Integers, at: Integers) -> tuple[Integers, Integers]:
    """Return those of the lines ``at`` that with others of their code pass the day's limit; and the day's units."""
    at = at[_again(lines)[at]]
    key = lines.group[at].astype(np.int64) * (int(lines.code.max(initial=0)) + 1) + lines.code[at]
    order = np.argsort(key, kind="stable")
    at, key = at[order], key[order]
    if not len(at):
        return at, at
    starts = np.flatnonzero(np.append(True, key[1:] != key[:-1]))
    lengths = np.diff(starts, append=len(at))
    beyond = (lengths > 1) & (np.add.reduceat(lines.units[at], starts) > most[at[starts]])
    held = np.flatnonzero(np.repeat(beyond, lengths))
    if not len(held):
        return held, held
    own = lines.modifiers(at[held]).select(_part()).with_columns(
        pl.Series("same", key[held]), pl.Series("units", lines.units[at[held]]),
        pl.Series("is_part", lines.uses(at[held], "unit_share")),
    )  # fmt: skip
    part = pl.when("is_part").then("part").otherwise(pl.lit(""))
    counted = own.select(pl.col("units").sum().over("same", part)).to_series().to_numpy()
    passes = np.flatnonzero(counted > most[at[held]])
    return at[held][passes], counted[passes]


def _again(lines: EditLines) -> Flags:
    """Mark the lines of a code that another line of their group has too; all of them where that takes long to see."""
    if lines.beside is None:
        return np.ones(len(lines.code), np.bool_)  # set apart by what follows
    found = np.zeros(len(lines.code), np.bool_)
    for one, two in lines.beside:
        same = lines.code[one] == lines.code[two]
        found[one[same]] = found[two[same]] = True
    return found


def _part() -> pl.Expr:
    """Return the modifiers that say a line is a part of the service, as one text."""
    listed = modifiers_of("unit_share")
    own = [pl.when(pl.col(name).is_in(listed)).then(pl.col(name)).otherwise(pl.lit("")) for name in MODIFIERS]
    return pl.concat_str(own).alias("part")


EDIT = Edit("medically unlikely units", RULES, prepare, find)
