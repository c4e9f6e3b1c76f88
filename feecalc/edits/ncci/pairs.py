"""NCCI procedure-to-procedure edits: column 2 is not paid beside column 1, for one patient, day and billing provider.

Indicator 0: never together. Indicator 1: a modifier that NCCI knows, on either line, lifts the edit; a modifier of the
side or the site says nothing where both lines name the same one, and that is warned of. Indicator 9: no edit. Another
indicator is one that no rule here knows: the pair is warned of.
Source: NCCI Policy Manual for Medicare Services, ch. 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from feecalc.edits.finding import findings, no_findings
from feecalc.edits.lines.numbered import Numbered
from feecalc.edits.lines.traits import bit, site_bits
from feecalc.edits.ncci.pair_index import PairIndex
from feecalc.edits.ncci.together import of_one_group
from feecalc.edits.tables import EditTables
from feecalc.pricing.arrays import Whole

RULES = ("ncci_pair", "ncci_pair_never", "ncci_pair_same_site", "ncci_pair_undated", "ncci_pair_unknown_indicator")
_PLAIN, _NEVER, _SAME_SITE, _UNDATED, _UNKNOWN = range(len(RULES))
_LIFTED = -1


@dataclass(frozen=True)
class Met:
    """Two lines of a group that a pair is of, and what follows for the second. Shape of each: [pair of lines]."""

    one: Whole  # position of the column 1 line
    two: Whole
    span: Whole  # the index's row
    rule: Whole  # place in RULES


def find(lines: pl.DataFrame, tables: EditTables) -> pl.DataFrame:
    """The lines denied for, or doubtful beside, another of the same group. Shape: ``finding.SCHEMA``.

    ``lines`` are ``prepared``. One finding a line and rule, which names every column 1 code met.
    """
    index = tables.pair_index
    if index is None or lines.height < 2:
        return no_findings()
    numbered = Numbered.of_prepared(lines)
    found = met(numbered, numbered.codes(index.codes), index)
    if not len(found.two):
        return no_findings()
    worded = _worded(found, numbered, index)
    parts = worded.partition_by("rule", as_dict=True)
    return pl.concat(findings(str(rule), each) for (rule,), each in sorted(parts.items())).sort("row", "rule")


def met(lines: Numbered, number: Whole, index: PairIndex) -> Met:
    """Every two lines of a group that a pair of their day is of, and that no modifier lifts.

    ``number``: the lines' codes in ``index.codes``, -1 for others.
    """
    one, two = _on_some_day(lines, number, index)
    span = index.spans.holding(number[one].astype(np.int64) * index.count + number[two], lines.day[two])
    known = np.flatnonzero(span >= 0)
    one, two, span = one[known], two[known], span[known]
    rule = _rules(lines, one, two, span, index)
    left = np.flatnonzero(rule != _LIFTED)
    return Met(one[left], two[left], span[left], rule[left])


def _on_some_day(lines: Numbered, number: Whole, index: PairIndex) -> tuple[Whole, Whole]:
    """Every two lines of a group whose codes are a pair on any day, as column 1 and column 2: both ways round."""
    at = np.flatnonzero(number >= 0)
    found = [(at[:0], at[:0])]
    if lines.beside is None:
        for one, two in of_one_group(lines.group, _distinct(lines, number, at), at):
            held = np.flatnonzero(index.holds(number[one], number[two]))
            found.append((one[held], two[held]))
    else:
        code = np.where(number >= 0, number, index.count)
        for one, two in lines.beside:
            held = np.flatnonzero(index.holds(code[one], code[two]))
            found += [(one[held], two[held]), (two[held], one[held])]
    one, two = (np.concatenate(each) for each in zip(*found, strict=True))
    return one, two


def _distinct(lines: Numbered, number: Whole, at: Whole) -> Whole:
    """Of the lines ``at`` one for each group, code and modifiers: enough to look for as column 1."""
    told = pl.DataFrame({"group": lines.group[at], "code": number[at], "bits": lines.traits(at), "at": at})
    return told.unique(["group", "code", "bits"], keep="first", maintain_order=True)["at"].to_numpy()


def _rules(lines: Numbered, one: Whole, two: Whole, span: Whole, index: PairIndex) -> Whole:
    """What the modifiers of the two lines make of their pair."""
    own, other = lines.traits(two), lines.traits(one)
    lifted = ((own & bit("apart")) != 0) | (((other & bit("apart")) != 0) & ((own & bit("on_either")) != 0))
    sited = ((own | other) & bit("site")) != 0
    same = (own & other & site_bits()) != 0
    never = index.never[span]
    certain = ~index.undated[span] | (lines.day[two] >= index.known_from)
    return np.select(
        [index.strange[span], never & certain, ~never & (lifted | (sited & ~same)), ~certain, sited],
        [_UNKNOWN, _NEVER, _LIFTED, _UNDATED, _SAME_SITE],
        _PLAIN,
    )


def _worded(found: Met, lines: Numbered, index: PairIndex) -> pl.DataFrame:
    """Each line and rule once, with its code, the column 1 codes met and the first one's rationale."""
    rows, others = lines.row[found.two], lines.row[found.one]
    frame = lines.frame
    told = pl.DataFrame(
        {
            "row": frame["row"][rows], "date_of_service": frame["date_of_service"][rows],
            "hcpcs": frame["hcpcs"][rows], "column_1": frame["hcpcs"][others],
            "rationale": index.rationale[found.span], "indicator": index.indicator[found.span],
            "rule": pl.Series(RULES)[found.rule],
        }
    ).sort("row", "rule", "column_1")  # fmt: skip
    worded = told.group_by("row", "rule", maintain_order=True).agg(
        pl.col("date_of_service", "hcpcs", "rationale", "indicator").first(),
        pl.col("column_1").unique(maintain_order=True).alias("others"),
    )  # fmt: skip
    return worded.with_columns(pl.col("others").list.join(", "))
