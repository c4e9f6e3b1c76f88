"""Duplicate lines: a service billed twice for one patient, day, provider and place of service.

Exact: the charge is the same too; the later line is denied. A modifier that tells the lines apart (the other side, a
part of the service, another discipline) makes them two services; one that says the service was done again leaves a
question where both lines carry the same. Source: Pub. 100-04 ch. 1 sec. 120; reference/edit_duplicate.toml.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from feecalc.edits.edit import Columns, Edit, Found
from feecalc.edits.lines.codes import Sources
from feecalc.edits.lines.lines import EditLines
from feecalc.edits.lines.modifier_uses import MODIFIERS
from feecalc.pricing.arrays import Integers
from feecalc.reference import rows

RULES = ("duplicate_line", "duplicate_suspect")
_EXACT, _SUSPECT = RULES
_PART, _AGAIN, _ANOTHER = "part", "again", "another_surgeon"
_PROVIDERS = ("billing_npi", "rendering_npi")
_SERVICE = ("group", "hcpcs", "place_of_service", "rendering_npi", "modifiers")


@dataclass(frozen=True)
class Modifiers:
    """The modifiers that bear on duplicates: all of them, and those of two uses."""

    apart: list[str]
    again: list[str]
    another: list[str]


def prepare(sources: Sources) -> Modifiers:
    """Return the modifiers by use."""
    of_use = {use: [word for row in rows("edit_duplicate") if row["use"] == use for word in row["listed"]]
              for use in (_PART, _AGAIN, _ANOTHER)}  # fmt: skip
    return Modifiers(of_use[_PART] + of_use[_AGAIN], of_use[_AGAIN], of_use[_ANOTHER])


def find(lines: EditLines, known: Modifiers, wanted: frozenset[str]) -> Iterator[Found]:
    """Find the later lines of each service that is billed twice."""
    at = _repeated(lines, exactly=_SUSPECT not in wanted) if wanted else lines.row[:0]
    if not len(at):
        return
    found = _compared(lines, at, known)
    for rule, marked in ((_EXACT, pl.col("exact")), (_SUSPECT, ~pl.col("exact"))):
        some = found.filter(marked)
        if rule in wanted and some.height:
            yield _found(rule, some)


def _found(rule: str, found: pl.DataFrame) -> Found:
    def columns() -> Columns:
        return {name: found[name] for name in ("other_line", "compared", "apart_by")}

    return Found(rule, found["row"].to_numpy(), columns)


def _repeated(lines: EditLines, *, exactly: bool) -> Integers:
    """Return the positions of the lines of a code that another line of their group has too.

    ``exactly``: only those with the other's units and charge, where that is quickly seen.
    """
    if lines.alike is None:
        key = lines.group.astype(np.int64) * (len(lines.codes.words) + 1) + lines.code
        order = np.argsort(key, kind="stable")
        same = key[order][1:] == key[order][:-1]
        return np.sort(order[np.append(False, same) | np.append(same, False)])
    charge = lines.frame["billed_amount"] if "billed_amount" in lines.frame.columns else None
    marked = np.zeros(len(lines.code), np.bool_)
    for one, two in lines.alike:
        at = np.arange(len(one))
        if exactly and len(at):
            at = np.flatnonzero(lines.units[one] == lines.units[two])
            if charge is not None:
                first, second = (charge[lines.row[each[at]]] for each in (one, two))
                at = at[first.eq_missing(second).to_numpy()]
        marked[one[at]] = marked[two[at]] = True
    return np.flatnonzero(marked)


def _compared(lines: EditLines, at: Integers, known: Modifiers) -> pl.DataFrame:
    """Return the lines that repeat an earlier one. Shape: [line]: row, exact, and what their sentences name."""
    frame = lines.frame
    has = [name for name in MODIFIERS if name in frame.columns]
    given = pl.concat_list(pl.col(name) for name in has) if has else pl.lit([], pl.List(pl.String))
    charge = "billed_amount" in frame.columns
    own = (
        frame[lines.row[at]]
        .select(
            pl.Series("row", lines.row[at], pl.UInt32),
            pl.Series("group", lines.group[at]),
            "claim_id", "line", "hcpcs", "place_of_service",
            *(_or_blank(lines, name, at) for name in _PROVIDERS),
            units=pl.col("units") if "units" in frame.columns else pl.lit(None),
            charge=pl.col("billed_amount") if charge else pl.lit(None),
            given=given,
        )
        .with_columns(
            modifiers=pl.col("given").list.set_intersection(known.apart).list.sort().list.join(" "),
            again=pl.col("given").list.set_intersection(known.again).list.len() > 0,
            another=pl.col("given").list.set_intersection(known.another).list.len() > 0,
        )
        .filter(~pl.col("another") | (pl.col("rendering_npi") != ""))  # one surgeon may bill his part twice too
        .sort("row")
    )  # fmt: skip
    whole = (*_SERVICE, "charge", "units")
    is_first = pl.col("row") == pl.col("row").first().over(whole)
    first = {  # of the lines that are alike in all, else of those of the service
        name: pl.when(is_first).then(pl.col(name).first().over(_SERVICE)).otherwise(pl.col(name).first().over(whole))
        for name in ("row", "claim_id", "line")
    }
    same_claim = pl.col("claim_id") == pl.col("claim_id").first().over(whole)
    has_provider = pl.any_horizontal(pl.col(name) != "" for name in _PROVIDERS)
    alike = pl.col("row") > pl.col("row").first().over(whole)
    no_provider = ~has_provider & ~same_claim
    named = pl.format("line {}", first["line"])
    return own.with_columns(
        exact=alike & ~pl.col("again") & ~no_provider,
        other_line=pl.when(pl.col("claim_id") == first["claim_id"])
        .then(named)
        .otherwise(pl.format("{} of claim {}", named, first["claim_id"])),
        compared=pl.when(pl.col("charge").is_null())
        .then(pl.lit("the file gives no charge, and is compared without it"))
        .otherwise(pl.lit("the charge is the same too")),
        apart_by=pl.when(alike & pl.col("again"))
        .then(pl.format("both carry {}", "modifiers"))
        .when(alike & no_provider)
        .then(pl.lit("they are on two claims that name no provider"))
        .otherwise(pl.lit("the charges or units differ")),
    ).filter(pl.col("row") > pl.col("row").first().over(_SERVICE))  # fmt: skip


def _or_blank(lines: EditLines, name: str, at: Integers) -> pl.Series:
    if name not in lines.given.columns:
        return pl.Series(name, [""]).new_from_index(0, len(at))
    return lines.given[name][lines.row[at]].cast(pl.String).fill_null("").alias(name)


EDIT = Edit("duplicates", RULES, prepare, find)
