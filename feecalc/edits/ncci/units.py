"""Medically unlikely edits: more units of a code than a patient is likely to have from one provider in a day.

MAI 1 looks at each line; MAI 2 and 3 at the day: all lines of the code are denied together. Another MAI is one that no
rule here knows: the line and the day are looked at, and warned of. Lines for a part of a
service (26 and TC, an assistant, shared care) count apart from each other. Source: NCCI Policy Manual, ch. 1 sec. V.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from feecalc.edits.finding import findings, no_findings
from feecalc.edits.lines.numbered import Numbered
from feecalc.edits.lines.traits import MODIFIERS, uses
from feecalc.edits.ncci.unit_index import UnitIndex
from feecalc.edits.tables import EditTables
from feecalc.pricing.arrays import Flags, Whole
from feecalc.reference import rows

RULES = ("", "mue_line", "mue_day", "mue_day_evidence", "mue_unknown_indicator")  # by MAI, the last UNKNOWN
_BY_LINE = 1


@dataclass(frozen=True)
class Over:
    """Lines beyond their edit. Shape of each: [line found], ordered by nothing."""

    at: Whole
    mai: Whole
    counted: Whole  # units on the line, or in the day
    place: Whole  # row of the edits


def find(lines: pl.DataFrame, tables: EditTables) -> pl.DataFrame:
    """The lines whose units pass the code's edit of their quarter. Shape: ``finding.SCHEMA``; ``lines`` prepared."""
    index = tables.unit_index
    if index is None or lines.height == 0:
        return no_findings()
    numbered = Numbered.of_prepared(lines)
    found = over(numbered, numbered.codes(index.codes), index)
    if not len(found.at):
        return no_findings()
    told = lines.select("row", "date_of_service", "hcpcs")[numbered.row[found.at]].with_columns(
        pl.Series("counted", found.counted), pl.Series("mai", found.mai), *index.edits[found.place].get_columns()
    )
    return pl.concat(
        findings(rule, told.filter(pl.col("mai") == mai)) for mai, rule in enumerate(RULES) if rule
    ).sort("row")


def over(lines: Numbered, number: Whole, index: UnitIndex) -> Over:
    """The lines beyond their edit. ``number``: the lines' codes in ``index.codes``, -1 for others."""
    if len(index.starts) == 1:
        most, mai = index.most[0][number], index.mai[0][number]
        known = (lines.day >= index.starts[0]) & (lines.units > 0)
    else:
        file = np.searchsorted(index.starts, lines.day, side="right") - 1
        most, mai = index.most[file, number], index.mai[file, number]
        known = (file >= 0) & (lines.units > 0)
    beyond = known & (lines.units > most)
    again, counted = _over_day(lines, number, most, np.flatnonzero(known & (mai > _BY_LINE)))
    beyond[again] = False
    alone = np.flatnonzero(beyond)
    at = np.concatenate([alone, again])
    file = np.searchsorted(index.starts, lines.day[at], side="right") - 1
    return Over(at, mai[at], np.concatenate([lines.units[alone], counted]), index.place[file, number[at]])


def _over_day(lines: Numbered, number: Whole, most: Whole, at: Whole) -> tuple[Whole, Whole]:
    """Of the lines ``at``, those that with others of their code pass the day's edit; and the day's units."""
    at = at[_again(lines, number)[at]]
    key = lines.group[at].astype(np.int64) * (int(number.max(initial=0)) + 1) + number[at]
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
    told = lines.some(at[held]).select(_part()).with_columns(
        pl.Series("same", key[held]), pl.Series("units", lines.units[at[held]])
    )
    counted = told.select(pl.col("units").sum().over("same", "part")).to_series().to_numpy()
    passes = np.flatnonzero(counted > most[at[held]])
    return at[held][passes], counted[passes]


def _again(lines: Numbered, code: Whole) -> Flags:
    """Lines of a code that another line of their group has too; all of them where that takes long to see."""
    if lines.beside is None:
        return np.ones(len(code), np.bool_)  # told apart by what follows
    found = np.zeros(len(code), np.bool_)
    for one, two in lines.beside:
        same = code[one] == code[two]
        found[one[same]] = found[two[same]] = True
    return found


def _part() -> pl.Expr:
    """The modifiers that say a line is a part of the service, as one text; "" for the whole."""
    listed = sorted({word for row in rows("edit_modifier") if row["use"] == "unit_share" for word in row["listed"]})
    own = [pl.when(pl.col(name).is_in(listed)).then(pl.col(name)).otherwise(pl.lit("")) for name in MODIFIERS]
    return pl.when(uses("unit_share")).then(pl.concat_str(own)).otherwise(pl.lit("")).alias("part")
