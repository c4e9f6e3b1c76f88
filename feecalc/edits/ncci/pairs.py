"""NCCI procedure-to-procedure (PTP) edits: column 2 is not paid beside column 1, for one patient, day and provider.

Indicator 0: never together. Indicator 1: a modifier that NCCI recognizes, on either line, lifts the edit; a modifier of
the side or the site says nothing where both lines name the same one, and that is warned of. Indicator 9: no edit.
Another indicator is one that no rule here knows: the pair is warned of.
Source: NCCI Policy Manual for Medicare Services, ch. 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from feecalc.edits.edit import Columns, Edit, Found
from feecalc.edits.lines.codes import Sources
from feecalc.edits.lines.lines import EditLines
from feecalc.edits.lines.modifier_uses import bit, site_bits
from feecalc.edits.lines.spans import Spans, day_number, first_days, last_days
from feecalc.edits.lines.together import of_one_group
from feecalc.pricing.arrays import Flags, Integers
from feecalc.reference.indicators import ever_known

RULES = ("ncci_pair", "ncci_pair_never", "ncci_pair_same_site", "ncci_pair_undated", "ncci_pair_unknown_indicator")
_PLAIN, _NEVER, _SAME_SITE, _UNDATED, _UNKNOWN = range(len(RULES))
_LIFTED = -1
_NO_EDIT, _NEVER_LIFTED = "9", "0"


@dataclass(frozen=True)
class Pairs:
    """Millions of code pairs: a bit for every two codes, then the rows of those that are a pair on some day.

    Codes have numbers of their own here: those that stand in any pair. Shape of the flags and series: [row of spans].
    """

    number: Integers  # of each code that the edits know, -1 for one that is in no pair [code + 1]
    count: int
    bits: Integers  # of the two numbers (``count`` for a code in no pair), the lesser x (count + 1) + the greater
    spans: Spans  # by column 1 x count + column 2
    never: Flags  # no modifier lifts the pair
    unknown: Flags  # the rules do not know the modifier indicator
    undated: Flags  # it is not known since when the row holds
    indicator: pl.Series
    rationale: pl.Series
    known_from: int  # the day since which an undated row is sure to hold

    def hold(self, one: Integers, two: Integers) -> Flags:
        """Return whether every two codes are a pair on any day, whichever is column 1."""
        either = _either(one, two, self.count)
        found: Flags = (self.bits[either >> 3] >> (either & 7).astype(np.uint8)) & 1 != 0
        return found


def prepare(sources: Sources) -> Pairs | None:
    """Make the look-up table of the pairs that are edits at all; None where none are installed."""
    if sources.pairs is None:
        return None
    pairs = sources.pairs.filter(pl.col("modifier_indicator").cast(pl.String) != _NO_EDIT)
    columns = [pairs[name] for name in ("column_1", "column_2")]
    words = pl.concat([each.unique().cast(pl.String) for each in columns]).unique().sort()
    kind, count = pl.Enum(words), len(words)
    one, two = (each.cast(kind).to_physical().cast(pl.Int64).to_numpy() for each in columns)
    indicator = pairs["modifier_indicator"].cast(pl.Categorical)
    never = (indicator == _NEVER_LIFTED).to_numpy()
    unknown = ~indicator.cast(pl.String).is_in(sorted(ever_known("ncci_pair", "modifier_indicator"))).to_numpy()
    spans, order = Spans.of(
        one * count + two, first_days(pairs["effective_from"]), last_days(pairs["deleted_on"]), ~never
    )
    return Pairs(
        sources.codes.numbers_in(kind), count, _bits(one, two, count), spans, never[order], unknown[order],
        pairs["effective_from"].is_null().to_numpy()[order], indicator[order],
        pairs["rationale"].cast(pl.Categorical)[order], _known_from(sources.tables.pairs_known_from),
    )  # fmt: skip


def _known_from(day: date | None) -> int:
    return 0 if day is None else day_number(day)


def _bits(one: Integers, two: Integers, count: int) -> Integers:
    bits = np.zeros((count + 1) ** 2 // 8 + 1, np.uint8)
    either = _either(one, two, count)
    np.bitwise_or.at(bits, either >> 3, np.left_shift(1, either & 7).astype(np.uint8))
    return bits


def _either(one: Integers, two: Integers, count: int) -> Integers:
    return np.minimum(one, two).astype(np.int64) * (count + 1) + np.maximum(one, two)


def find(lines: EditLines, pairs: Pairs, wanted: frozenset[str]) -> Iterator[Found]:
    """Find the lines denied for, or doubtful beside, another of their group: each line once a rule."""
    number = pairs.number[lines.code]
    one, two = _on_some_day(lines, number, pairs)
    span = pairs.spans.holding(number[one].astype(np.int64) * pairs.count + number[two], lines.day[two])
    known = np.flatnonzero(span >= 0)
    one, two, span = one[known], two[known], span[known]
    rule = _rules(lines, one, two, span, pairs)
    for place, name in enumerate(RULES):
        met = np.flatnonzero(rule == place)
        if name in wanted and len(met):
            yield _found(name, lines, pairs, one[met], two[met], span[met])


def _on_some_day(lines: EditLines, number: Integers, pairs: Pairs) -> tuple[Integers, Integers]:
    """Return every two lines of a group whose codes are a pair on any day, as column 1 and 2: both ways round."""
    at = np.flatnonzero(number >= 0)
    found = [(at[:0], at[:0])]
    if lines.beside is None:
        for one, two in of_one_group(lines.group, _distinct(lines, number, at), at):
            held = np.flatnonzero(pairs.hold(number[one], number[two]))
            found.append((one[held], two[held]))
    else:
        code = np.where(number >= 0, number, pairs.count)
        for one, two in lines.beside:
            held = np.flatnonzero(pairs.hold(code[one], code[two]))
            found += [(one[held], two[held]), (two[held], one[held])]
    one, two = (np.concatenate(each) for each in zip(*found, strict=True))
    return one, two


def _distinct(lines: EditLines, number: Integers, at: Integers) -> Integers:
    """Return one of the lines ``at`` for each group, code and modifiers: enough to look for as column 1."""
    alike = pl.DataFrame({"group": lines.group[at], "code": number[at], "bits": lines.bits[at], "at": at})
    return alike.unique(["group", "code", "bits"], keep="first", maintain_order=True)["at"].to_numpy()


def _rules(lines: EditLines, one: Integers, two: Integers, span: Integers, pairs: Pairs) -> Integers:
    """Return what the modifiers of the two lines make of their pair."""
    own, other = lines.bits[two], lines.bits[one]
    lifted = ((own & bit("apart")) != 0) | (((other & bit("apart")) != 0) & ((own & bit("on_either")) != 0))
    sited = ((own | other) & bit("site")) != 0
    same = (own & other & site_bits()) != 0
    never = pairs.never[span]
    certain = ~pairs.undated[span] | (lines.day[two] >= pairs.known_from)
    return np.select(
        [pairs.unknown[span], never & certain, ~never & (lifted | (sited & ~same)), ~certain, sited],
        [_UNKNOWN, _NEVER, _LIFTED, _UNDATED, _SAME_SITE],
        _PLAIN,
    )


def _found(rule: str, lines: EditLines, pairs: Pairs, one: Integers, two: Integers, span: Integers) -> Found:
    row = np.unique(lines.row[two])

    def columns() -> Columns:
        """Return the column 1 codes met, and the indicator and rationale of the first of them."""
        met = pl.DataFrame(
            {
                "row": lines.row[two], "column_1": lines.text(one, "hcpcs"), "rationale": pairs.rationale[span],
                "indicator": pairs.indicator[span],
            }
        ).sort("row", "column_1")  # fmt: skip
        worded = met.group_by("row", maintain_order=True).agg(
            pl.col("rationale", "indicator").first(),
            pl.col("column_1").unique(maintain_order=True).alias("others"),
        )  # fmt: skip
        return worded.with_columns(pl.col("others").list.join(", ")).drop("row").to_dict()

    return Found(rule, row, columns)


EDIT = Edit("ncci pairs", RULES, prepare, find)
