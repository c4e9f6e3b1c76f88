"""Medically unlikely edits (MUE): more units of a code than a patient is likely to have from one provider in a day.

MAI 1 looks at each line; MAI 2 and 3 at the day: all lines of the code are denied together. Another MAI is one that no
rule here knows: the line and the day are looked at, and warned of. A limit of 0 is a code that is not payable here.
Lines for a part of a service (26 and TC, an assistant, shared care) and of two rendering physicians count apart from
each other, those of one of two surgeons alone, and days of care (55) and lines denied as duplicates not at all; visits
of physicians of one group and specialty count together (Pub. 100-04 ch. 12 sec. 30.6.5). How an ASC's limits are read:
reference/edit_unit.toml.
Source: Pub. 100-04 ch. 23 sec. 20.9.1.1 C, 20.9.3.2; NCCI Policy Manual, ch. 1 sec. V.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from feecalc.edits.coding.visits import visits
from feecalc.edits.edit import Columns, Edit, Found
from feecalc.edits.lines.codes import Sources
from feecalc.edits.lines.lines import EditLines
from feecalc.edits.lines.modifier_uses import MODIFIERS, modifiers_of
from feecalc.pricing.arrays import Flags, Integers
from feecalc.reference import Row, rows
from feecalc.reference.indicators import ever_known

_BY_LINE, _OF_DAY = 1, 2  # MAI, from which on the day's units count
_BY_MAI = ("mue_line", "mue_day", "mue_day_evidence", "mue_unknown_indicator")  # from 1 on
_ZERO = "mue_zero"
RULES = (*_BY_MAI, _ZERO)
_UNKNOWN = len(_BY_MAI)


@dataclass(frozen=True)
class UnitLimits:
    """The most units of each code, by the file of the day. Shape of the tables: [file, code + 1]."""

    starts: Integers  # the first day of each file, since 1970
    most: Integers  # units
    least: Integers  # of the files' limits [code + 1]
    mai: Integers  # 1, 2 or 3; _UNKNOWN for one that no rule knows; 0 for no edit
    place: Integers  # row of ``edits``
    edits: pl.DataFrame  # mue_units, rationale, printed_mai
    visit: Flags  # whether a code is a visit's [release, code + 1]
    zero: bool  # whether a limit of 0 denies on this kind of bill
    times: Integers | None  # of the limit, for codes that have two sides; None: once [release, code + 1]
    times_of_mai: Flags  # the MAI for which that holds
    two_sided: Flags  # [release, code + 1]
    way: str  # how both sides of such a code are billed

    def of(self, lines: EditLines, at: Integers) -> tuple[Integers, Integers]:
        """Return the limit and the MAI of the lines at some positions, by the file of each line's quarter.

        MAI 0 where no file holds it.
        """
        code = lines.code[at]
        if len(self.starts) == 1:
            most, mai = self.most[0][code], self.mai[0][code]
            known = lines.day[at] >= self.starts[0]
        else:
            file = np.searchsorted(self.starts, lines.day[at], side="right") - 1
            most, mai = self.most[file, code], self.mai[file, code]
            known = file >= 0
        if self.times is not None:
            of_mai = np.flatnonzero(self.times_of_mai[mai])
            most[of_mai] *= np.maximum(lines.of_release(at[of_mai], self.times), 1)
        return most, np.where(known, mai, mai.dtype.type(0))


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
    least, is_visit = most.min(axis=0), visits(sources)
    return UnitLimits(starts.to_numpy(), most, least, mai, place, edits, is_visit, **_readings(sources))


def _readings(sources: Sources) -> dict[str, Any]:
    """Return how the limits are read on the sources' kind of bill, without what the person leaves out."""
    by_kind: dict[str, Row] = {
        row["kind"]: row for row in rows("edit_unit")
        if sources.bill in row["bills"] and row.get("switch") not in sources.tables.left_out
    }  # fmt: skip
    indicator = sources.codes.indicator("bilateral_indicator")
    times, of_mai = None, np.zeros(_UNKNOWN + 1, np.bool_)
    if both := by_kind.get("both_sides"):
        sided = indicator.one_of(*both["bilateral_indicators"])
        times = np.where(sided, int(both["value"]), 1).astype(np.int32)
        of_mai[[int(mai) for mai in both["mai"]]] = True
    way = by_kind["way"]
    return {
        "zero": "zero" in by_kind or ("zero_own_list" in by_kind and "mue" in sources.tables.of_hospitals),
        "times": times, "times_of_mai": of_mai,
        "two_sided": indicator.one_of(*way["bilateral_indicators"]), "way": way["words"],
    }  # fmt: skip


def find(lines: EditLines, limits: UnitLimits, wanted: frozenset[str]) -> Iterator[Found]:
    """Find the lines whose units pass the limit of their code in the file of their quarter."""
    over = lines.units > limits.least[lines.code]
    look = lines.counting(np.flatnonzero((over | _again(lines)) & (lines.units > 0)))
    most, mai = limits.of(lines, look)
    alone = look[(mai > 0) & (lines.units[look] > most)]
    again, counted = _over_day(lines, look[mai >= _OF_DAY], most[mai >= _OF_DAY], limits.visit)
    alone = alone[~np.isin(alone, again) & ~lines.uses(alone, "unit_days")]
    at = np.concatenate([alone, again])
    counted = np.concatenate([lines.units[alone], counted])
    most, mai = limits.of(lines, at)
    nothing = most == 0
    for number, rule in enumerate(_BY_MAI, _BY_LINE):
        held = np.flatnonzero((mai == number) & (~nothing | (number == _UNKNOWN)))
        if rule in wanted and len(held):
            yield _found(rule, lines, limits, at[held], counted[held])
    held = np.flatnonzero(nothing & (mai != _UNKNOWN))
    if limits.zero and _ZERO in wanted and len(held):
        yield _found(_ZERO, lines, limits, at[held], counted[held])


def _found(rule: str, lines: EditLines, limits: UnitLimits, at: Integers, counted: Integers) -> Found:
    def columns() -> Columns:
        file = np.searchsorted(limits.starts, lines.day[at], side="right") - 1
        edits = limits.edits[limits.place[file, lines.code[at]]]
        most, _ = limits.of(lines, at)
        two_sided = pl.Series(lines.of_release(at, limits.two_sided))
        return {
            "counted": pl.Series(counted), **edits.to_dict(), "most": pl.Series(most),
            "sides": pl.select(
                pl.when(two_sided)
                .then("; both sides of " + lines.text(at, "hcpcs") + f" are {limits.way}")
                .otherwise(pl.lit(""))
            ).to_series(),
        }  # fmt: skip

    return Found(rule, lines.row[at], columns)


def _over_day(lines: EditLines, at: Integers, most: Integers, visit: Flags) -> tuple[Integers, Integers]:
    """Return those of the lines ``at`` that with others of their code pass the day's limit; and the day's units.

    ``most``: the limit of each of them; ``visit``: whether a code is a visit's.
    """
    counts = ~lines.uses(at, "unit_days")
    at, most = at[counts], most[counts]
    key = lines.group[at].astype(np.int64) * (int(lines.code.max(initial=0)) + 1) + lines.code[at]
    order = np.argsort(key, kind="stable")
    at, key, most = at[order], key[order], most[order]
    if not len(at):
        return at, at
    starts = np.flatnonzero(np.append(True, key[1:] != key[:-1]))
    lengths = np.diff(starts, append=len(at))
    beyond = (lengths > 1) & (np.add.reduceat(lines.units[at], starts) > most[starts])
    held = np.flatnonzero(np.repeat(beyond, lengths))
    if not len(held):
        return held, held
    # Physicians of one specialty are paid one visit a day: sec. 30.6.5.
    apart = np.where(lines.of_release(at[held], visit), -1, lines.rendering(at[held]))
    own = lines.modifiers(at[held]).select(_part()).with_columns(
        pl.Series("same", key[held]), pl.Series("units", lines.units[at[held]]),
        pl.Series("is_part", lines.uses(at[held], "unit_share")),
        pl.Series("alone", np.where(lines.uses(at[held], "unit_alone"), held, -1)), pl.Series("apart", apart),
    )  # fmt: skip
    part = pl.struct(pl.when("is_part").then("part").otherwise(pl.lit("")), "alone", "apart")
    counted = own.select(pl.col("units").sum().over("same", part)).to_series().to_numpy()
    passes = np.flatnonzero(counted > most[held])
    return at[held][passes], counted[passes]


def _again(lines: EditLines) -> Flags:
    """Mark the lines of a code that another line of their group has too; all of them where that takes long to see."""
    if lines.alike is None:
        return np.ones(len(lines.code), np.bool_)  # set apart by what follows
    found = np.zeros(len(lines.code), np.bool_)
    for one, two in lines.alike:
        found[one] = found[two] = True
    return found


def _part() -> pl.Expr:
    """Return the modifiers that say a line is a part of the service, as one text."""
    listed = modifiers_of("unit_share")
    own = [pl.when(pl.col(name).is_in(listed)).then(pl.col(name)).otherwise(pl.lit("")) for name in MODIFIERS]
    return pl.concat_str(own).alias("part")


EDIT = Edit("medically unlikely units", RULES, prepare, find)
