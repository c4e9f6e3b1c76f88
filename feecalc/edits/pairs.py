"""NCCI procedure-to-procedure edits: column 2 is not paid beside column 1, for one patient, day and billing provider.

Indicator 0: never together. Indicator 1: a modifier that NCCI knows, on either line, lifts the edit; a modifier of the
side or the site says nothing where both lines name the same one, and that is warned of. Indicator 9: no edit.
Source: NCCI Policy Manual for Medicare Services, ch. 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import polars as pl

from feecalc.edits.finding import findings, no_findings
from feecalc.edits.lines import GROUP
from feecalc.edits.pair_index import PairIndex
from feecalc.edits.tables import EditTables
from feecalc.edits.traits import TRAITS, bit, site_bits

_AT_ONCE = 1 << 20  # pairs of lines looked up at once
_LONG = 64  # lines of a group, beyond which its codes are looked at once each
_NEVER = "0"


def find(lines: pl.DataFrame, tables: EditTables, *, words: bool = True) -> pl.DataFrame:
    """The lines denied for, or doubtful beside, another of the same group. Shape: ``finding.SCHEMA``.

    ``lines`` are ``prepared``. One finding a line and rule, which names every column 1 code met.
    """
    index = tables.pair_index
    if index is None or lines.height < 2:
        return no_findings()
    met = _in_force(_met(lines, index), index)
    judged = met.with_columns(_rule().alias("rule")).drop_nulls("rule")
    if judged.height == 0:
        return no_findings()
    found = _worded(judged, index) if words else judged.select("row", "rule", "date_of_service").unique()
    parts = found.partition_by("rule", as_dict=True)
    said = (findings(str(rule), each, words=words) for (rule,), each in sorted(parts.items()))
    return pl.concat(said).sort("row", "rule")


def _worded(judged: pl.DataFrame, index: PairIndex) -> pl.DataFrame:
    """Each line and rule once, with its code, the column 1 codes met and the first one's rationale."""
    codes = pl.lit(pl.Series(index.codes.categories))
    judged = judged.with_columns(
        codes.gather(pl.col("key") // index.count).alias("column_1"),
        codes.gather(pl.col("key") % index.count).alias("hcpcs"),
    ).sort("row", "rule", "column_1")
    found = judged.group_by("row", "rule", maintain_order=True).agg(
        pl.col("date_of_service", "hcpcs", "rationale").first(),
        pl.col("column_1").unique(maintain_order=True).alias("others"),
    )  # fmt: skip
    return found.with_columns(pl.col("others").list.join(", "))


def _met(lines: pl.DataFrame, index: PairIndex) -> pl.DataFrame:
    """Every two lines of a group whose codes are a pair on some day.

    Shape: row (of column 2), key, date_of_service, traits (of column 2), traits_1.
    """
    number = lines["hcpcs"].cast(index.codes, strict=False).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
    groups, bits = lines[GROUP].to_numpy(), lines[TRAITS].to_numpy()
    day = lines["date_of_service"].is_not_null().to_numpy()
    at = np.flatnonzero((number >= 0) & day)
    at = at[np.bincount(groups[at], minlength=1)[groups[at]] > 1]
    if (groups[at][1:] < groups[at][:-1]).any():
        at = at[np.argsort(groups[at], kind="stable")]
    ones = _distinct(groups, number, bits, at)
    found = []
    for one, two in _of_one_group(groups, ones, at):
        key = number[one] * index.count + number[two]
        held = np.flatnonzero(index.holds(key))
        found.append((one[held], two[held], key[held]))
    one, two, key = (np.concatenate(each) for each in zip(*found, strict=True)) if found else (at[:0], at[:0], at[:0])
    return pl.DataFrame(
        {"row": lines["row"].gather(two), "key": key.astype(np.int64),
         "date_of_service": lines["date_of_service"].gather(two), TRAITS: bits[two], "traits_1": bits[one]}
    )  # fmt: skip


def _distinct(groups: np.ndarray, number: np.ndarray, bits: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Of the lines ``at``, those to look for as column 1: all; of a long group one for each code and modifiers."""
    if not len(at) or np.bincount(groups[at]).max() <= _LONG:
        return at
    told = pl.DataFrame({"group": groups[at], "code": number[at], "bits": bits[at], "at": at})
    return told.unique(["group", "code", "bits"], keep="first", maintain_order=True)["at"].to_numpy()


def _of_one_group(
    groups: np.ndarray, ones: np.ndarray, twos: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Every line of ``ones`` with every line of ``twos`` of its group, so many at once. Both are in groups' order."""
    starts = np.searchsorted(groups[ones], groups[twos], side="left")
    beside = np.searchsorted(groups[ones], groups[twos], side="right") - starts
    total = np.cumsum(beside)
    first = 0
    while first < len(twos):
        done = total[first - 1] if first else 0
        last = max(int(np.searchsorted(total, done + _AT_ONCE, side="right")), first + 1)
        count = beside[first:last]
        step = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
        yield ones[np.repeat(starts[first:last], count) + step], twos[np.repeat(np.arange(first, last), count)]
        first = last


def _in_force(met: pl.DataFrame, index: PairIndex) -> pl.DataFrame:
    """The pairs that are edits on their line's day, each with the one row that holds then.

    Where a pair was deleted and made again without a first day, the row that ends first holds.
    """
    day, begins, ends = pl.col("date_of_service"), pl.col("effective_from"), pl.col("deleted_on")
    spans = index.rows.join(met.select("key").unique(), on="key", how="semi")
    last = ends.fill_null(date.max)
    held = met.with_row_index("pair").join(spans, on="key").filter((begins.is_null() | (begins <= day)) & (last >= day))
    if spans["key"].is_duplicated().any():
        held = held.sort("pair", last, "modifier_indicator").unique("pair", keep="first", maintain_order=True)
    known = pl.lit(True) if index.known_from is None else day >= index.known_from
    return held.with_columns((begins.is_not_null() | known).alias("certain"))


def _rule() -> pl.Expr:
    """What the modifiers of the two lines make of the pair; null where they lift it."""
    own, other = pl.col(TRAITS), pl.col("traits_1")
    lifted = ((own & bit("apart")) != 0) | (((other & bit("apart")) != 0) & ((own & bit("on_either")) != 0))
    sited = ((own | other) & bit("site")) != 0
    same = (own & other & site_bits()) != 0
    never = pl.col("modifier_indicator") == _NEVER
    return (
        pl.when(never & pl.col("certain")).then(pl.lit("ncci_pair_never"))
        .when(~never & (lifted | (sited & ~same))).then(pl.lit(None))
        .when(~pl.col("certain")).then(pl.lit("ncci_pair_undated"))
        .when(sited).then(pl.lit("ncci_pair_same_site"))
        .otherwise(pl.lit("ncci_pair"))
    )  # fmt: skip
