"""NCCI procedure-to-procedure (PTP) edits: column 2 is not paid beside column 1, for one patient, day and provider.

Indicator 0: never together. Indicator 1: a listed modifier passes the edit; on which line it may stand, by the kind of
bill and the day, and what the same side's modifiers on both lines do: reference/edit_pair_modifier.toml. A passed pair
is asked about where its modifiers show little: the same site on both lines, or one on column 1's line alone. Indicator
9: no edit. Another indicator is one that no rule here knows: the pair is warned of.
Source: Pub. 100-04 ch. 23 sec. 20.9.1.1; NCCI Policy Manual for Medicare Services, ch. 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from feecalc.edits.coding.visits import in_spans
from feecalc.edits.edit import Columns, Edit, Found
from feecalc.edits.lines.codes import Sources, numbers
from feecalc.edits.lines.lines import EditLines
from feecalc.edits.lines.modifier_uses import bit, site_bits
from feecalc.edits.lines.spans import Spans, SpansOfTwo, day_number, first_days, last_days
from feecalc.edits.lines.together import of_one_group
from feecalc.pricing.arrays import Flags, Integers
from feecalc.reference import rows
from feecalc.reference.indicators import ever_known

RULES = (
    "ncci_pair", "ncci_pair_never", "ncci_pair_same_modifier", "ncci_pair_same_site", "ncci_pair_column_1",
    "ncci_pair_undated", "ncci_pair_unknown_indicator",
)  # fmt: skip
_PLAIN, _NEVER, _SAME_MODIFIER, _SAME_SITE, _COLUMN_1, _UNDATED, _UNKNOWN = range(len(RULES))
_LIFTED = -1
_NO_EDIT, _NEVER_LIFTED = "9", "0"


@dataclass(frozen=True)
class Passing:
    """Which modifiers pass a pair, as bits of ``modifier_uses``, by span of days. Shape of each: [span].

    ``starts``: the first day of each span but the first, since 1970.
    """

    starts: Integers
    on_own: Integers  # on the line of column 2
    on_other: Integers  # on the line of column 1
    on_other_asked: Integers  # of these, those that alone leave a question
    same_denied: Flags  # the same site on both lines, and nothing more, is denied
    absent: dict[int, Flags]  # of a use's bit: the codes on whose lines it is read as absent [code + 1]
    both_sides: int  # the bits of the sites that a modifier for both sides stands for

    @classmethod
    def of(cls, sources: Sources) -> Passing:
        """Read the rows of the sources' kind of bill, without those that the person leaves out."""
        listed = [
            row for row in rows("edit_pair_modifier")
            if sources.bill in row["bills"] and row.get("switch") not in sources.tables.left_out
        ]  # fmt: skip
        days = {row["effective_from"] for row in listed}
        days |= {row["effective_to"] + timedelta(days=1) for row in listed if "effective_to" in row}
        starts = sorted(days)
        masks = np.zeros((3, len(starts) + 1), np.int64)
        denied = np.zeros(len(starts) + 1, np.bool_)
        for number, day in enumerate(starts, 1):
            for row in listed:
                if not row["effective_from"] <= day <= row.get("effective_to", date.max):
                    continue
                if row["column"] == "both":
                    denied[number] = row["is_denied"]
                    continue
                uses = sum(bit(use) for use in row["uses"])
                masks[0 if row["column"] == "2" else 1, number] |= uses
                if row["column"] == "1" and row["is_asked"]:
                    masks[2, number] |= uses
        sides = [side for row in rows("edit_modifier") if row["use"] == "both_sides" for side in row["sides"]]
        on_own, on_other, asked = masks
        begins = np.array([day_number(day) for day in starts])
        return cls(begins, on_own, on_other, asked, denied, _absent(sources), site_bits(sides))

    def read(self, lines: EditLines, at: Integers) -> Integers:
        """Return the bits of the lines at some positions, without what is read as absent on their codes."""
        found: Integers = lines.bits[at]
        for use, codes in self.absent.items():
            some = np.flatnonzero(found & use)
            some = some[codes[lines.code[at[some]]]]
            found[some] &= ~use
        return found


def _absent(sources: Sources) -> dict[int, Flags]:
    found: dict[int, Flags] = {}
    for row in rows("edit_pair_code"):
        use = bit(row["use"])
        of_row = in_spans(sources.codes, row["spans"])
        found[use] = found[use] | of_row if use in found else of_row
    return found


@dataclass(frozen=True)
class Pairs:
    """Millions of code pairs: whether two codes are one on some day, then the rows of those that are.

    Codes have numbers of their own here: those that stand in any pair. Shape of the flags and series: [row of spans].
    """

    number: Integers  # of each code that the edits know, -1 for one that is in no pair [code + 1]
    count: int
    spans: SpansOfTwo  # by column 1 and column 2 (``count`` for a code in no pair)
    never: Flags  # no modifier lifts the pair
    unknown: Flags  # the rules do not know the modifier indicator
    undated: Flags  # it is not known since when the row holds
    indicator: pl.Series
    rationale: pl.Series
    known_from: int  # the day since which an undated row is sure to hold
    passing: Passing


def prepare(sources: Sources) -> Pairs | None:
    """Make the look-up table of the pairs that are edits at all; None where none are installed."""
    if sources.pairs is None or sources.numbered_pairs is None:
        return None
    pairs, (kind, one, two), count = sources.pairs, sources.numbered_pairs, len(sources.numbered_pairs[0].categories)
    listed = sorted({_NO_EDIT, _NEVER_LIFTED} | ever_known("ncci_pair", "modifier_indicator"))
    means = numbers(pairs["modifier_indicator"].cast(pl.Categorical), pl.Enum(listed))
    is_edit = (means != listed.index(_NO_EDIT)) & pairs["modifier_indicator"].is_not_null().to_numpy()
    if not is_edit.all():
        pairs, one, two, means = pairs.filter(pl.Series(is_edit)), one[is_edit], two[is_edit], means[is_edit]
    never, unknown = means == listed.index(_NEVER_LIFTED), means < 0
    first, last = first_days(pairs["effective_from"]), last_days(pairs["deleted_on"])
    spans, order = Spans.of(one.astype(np.int64) * (count + 1) + two, first, last, ~never)
    indicator, rationale = (pairs[name].cast(pl.Categorical) for name in ("modifier_indicator", "rationale"))
    if not (order[1:] > order[:-1]).all():
        indicator, rationale = indicator[order], rationale[order]
    return Pairs(
        sources.codes.numbers_in(kind), count, SpansOfTwo.of(spans, count + 1), never[order], unknown[order],
        pairs["effective_from"].is_null().to_numpy()[order], indicator, rationale,
        _known_from(sources.tables.pairs_known_from), Passing.of(sources),
    )  # fmt: skip


def _known_from(day: date | None) -> int:
    return 0 if day is None else day_number(day)


def find(lines: EditLines, pairs: Pairs, wanted: frozenset[str]) -> Iterator[Found]:
    """Find the lines denied for, or doubtful beside, another of their group: each line once a rule."""
    number = pairs.number[lines.code]
    if lines.repeats is not None:
        number = np.where(lines.repeats, np.int32(-1), number)
    one, two, span = _on_some_day(lines, number, pairs)
    span = pairs.spans.holding(number[one], number[two], lines.day[two], span)
    known = np.flatnonzero(span >= 0)
    one, two, span = one[known], two[known], span[known]
    rule = _rules(lines, one, two, span, pairs)
    for place, name in enumerate(RULES):
        met = np.flatnonzero(rule == place)
        if name in wanted and len(met):
            yield _found(name, lines, pairs, one[met], two[met], span[met])


def _on_some_day(lines: EditLines, number: Integers, pairs: Pairs) -> tuple[Integers, Integers, Integers]:
    """Return every two lines of a group whose codes are a pair on any day, as column 1 and 2, and the pair's row."""
    at = np.flatnonzero(number >= 0)
    found = [(at[:0], at[:0], at[:0])]
    if lines.beside is None:
        for one, two in of_one_group(lines.group, _distinct(lines, number, at), at):
            held, row = pairs.spans.rows(number[one], number[two])
            found.append((one[held], two[held], row))
    else:
        code = np.where(number >= 0, number, np.int32(pairs.count))
        for former, latter in lines.beside:
            for one, two in ((former, latter), (latter, former)):
                held, row = pairs.spans.rows(code[one], code[two])
                found.append((one[held], two[held], row))
    one, two, first = (np.concatenate(each) for each in zip(*found, strict=True))
    return one, two, first


def _distinct(lines: EditLines, number: Integers, at: Integers) -> Integers:
    """Return one of the lines ``at`` for each group, code and modifiers: enough to look for as column 1."""
    alike = pl.DataFrame({"group": lines.group[at], "code": number[at], "bits": lines.bits[at], "at": at})
    return alike.unique(["group", "code", "bits"], keep="first", maintain_order=True)["at"].to_numpy()


def _rules(lines: EditLines, one: Integers, two: Integers, span: Integers, pairs: Pairs) -> Integers:
    """Return what the modifiers of the two lines make of their pair."""
    passing = pairs.passing
    of_day = np.searchsorted(passing.starts, lines.day[two], side="right")
    own, other = passing.read(lines, two), passing.read(lines, one)
    by_own, by_other = own & passing.on_own[of_day], other & passing.on_other[of_day]
    passes = (by_own | by_other) != 0
    asked = (by_own == 0) & ((by_other & ~passing.on_other_asked[of_day]) == 0)
    sites, more = site_bits(), bit("distinct") | bit("apart")
    same = ((own & sites) == (other & sites)) & ((own & sites) != 0) & (((own | other) & more) == 0)
    overlap = (_with_both_sides(own, passing) & _with_both_sides(other, passing) & sites) != 0
    never = pairs.never[span]
    certain = ~pairs.undated[span] | (lines.day[two] >= pairs.known_from)
    return np.select(
        [
            pairs.unknown[span], never & certain, never, passes & same & passing.same_denied[of_day] & certain,
            passes & same & passing.same_denied[of_day], passes & overlap, passes & asked, passes, ~certain,
        ],
        [_UNKNOWN, _NEVER, _UNDATED, _SAME_MODIFIER, _UNDATED, _SAME_SITE, _COLUMN_1, _LIFTED, _UNDATED],
        _PLAIN,
    )  # fmt: skip


def _with_both_sides(bits: Integers, passing: Passing) -> Integers:
    return np.where((bits & bit("both_sides")) != 0, bits | passing.both_sides, bits)


def _found(rule: str, lines: EditLines, pairs: Pairs, one: Integers, two: Integers, span: Integers) -> Found:
    row = lines.rows_of(two)

    def columns() -> Columns:
        """Return the column 1 codes met, the indicator and rationale of the first of them, and the modifiers."""
        met = pl.DataFrame(
            {
                "row": lines.row[two], "column_1": lines.text(one, "hcpcs"), "rationale": pairs.rationale[span],
                "indicator": pairs.indicator[span], "given": lines.modifiers_as_written(two),
                "beside": lines.modifiers_as_written(one),
            }
        ).sort("row", "column_1")  # fmt: skip
        worded = met.group_by("row", maintain_order=True).agg(
            pl.col("rationale", "indicator", "given", "beside").first(),
            pl.col("column_1").unique(maintain_order=True).alias("others"),
        )  # fmt: skip
        return worded.with_columns(pl.col("others").list.join(", ")).drop("row").to_dict()

    return Found(rule, row, columns)


EDIT = Edit("ncci pairs", RULES, prepare, find)
