"""The add-on code edits as look-up tables: which codes are add-ons on a day, and which primaries each has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from feecalc.edits.ncci.spans import Spans, first_days, last_days
from feecalc.pricing.arrays import Flags, Whole
from feecalc.reference import rows
from feecalc.reference.indicators import ever_known

_DEFINED, _FREE = "2", "3"
_KINDS = 4  # what ``of_day`` tells of a code


@dataclass(frozen=True)
class AddOnIndex:
    """The edits that are applied: suspended ones are not."""

    edits: pl.DataFrame  # hcpcs (the add-on), edit_type, primary, effective_from, ends (null: none)
    codes: pl.Enum
    count: int
    is_add_on: Flags  # on any day. [code + 1]
    primaries: Spans  # by add-on x count + primary
    types: Spans  # by the add-on's code: the days of each of its types
    defined: Flags  # whether a row of ``types`` is of type 2 [row of types]
    free: Flags  # the same of type 3
    strange: Flags  # the same of a type that no rule knows
    of_group: Spans  # codes whose primary another physician of the group may have billed

    @classmethod
    def of(cls, add_ons: pl.DataFrame) -> AddOnIndex:
        """The index of CMS's list."""
        ends = pl.min_horizontal("deleted_on", "primary_deleted_on", "add_on_deleted_on").alias("ends")
        applied = add_ons.filter(~pl.col("note").str.contains(_suspended()))
        edits = applied.select(pl.col("add_on").alias("hcpcs"), "edit_type", "primary", "effective_from", ends)
        words = pl.concat([edits["hcpcs"], edits["primary"]]).unique().sort()
        codes, count = pl.Enum(words), len(words)
        add_on, primary = (_numbers(edits[name], codes) for name in ("hcpcs", "primary"))
        is_add_on = np.zeros(count + 1, np.bool_)
        is_add_on[add_on] = True
        primaries, _ = Spans.of(
            add_on * count + primary, first_days(edits["effective_from"]), last_days(edits["ends"])
        )
        kinds = edits.select("hcpcs", "edit_type", "effective_from", "ends").unique(maintain_order=True)
        types, order = Spans.of(
            _numbers(kinds["hcpcs"], codes), first_days(kinds["effective_from"]), last_days(kinds["ends"])
        )
        kind = kinds["edit_type"][order]
        return cls(
            edits, codes, count, is_add_on, primaries, types,
            (kind == _DEFINED).to_numpy(), (kind == _FREE).to_numpy(),
            ~kind.is_in(sorted(ever_known("add_on", "edit_type"))).to_numpy(), _of_group(codes),
        )  # fmt: skip

    def of_day(self, number: Whole, day: Whole) -> tuple[Flags, Flags, Flags, Flags]:
        """Whether each code is an add-on on its day, and whether of type 2, of type 3, of one that no rule knows.

        Shape of each: [code].
        """
        start, end = (np.searchsorted(self.types.keys, number, side=side) for side in ("left", "right"))
        line = np.repeat(np.arange(len(number)), end - start)
        row = np.arange(len(line)) - np.repeat(np.cumsum(end - start) - end + start, end - start)
        row += np.repeat(start, end - start)
        holds = (self.types.first[row] <= day[line]) & (self.types.last[row] >= day[line])
        held, defined, free, strange = (np.zeros(len(number), np.bool_) for _ in range(_KINDS))
        held[line[holds]] = True
        defined[line[holds & self.defined[row]]] = True
        free[line[holds & self.free[row]]] = True
        strange[line[holds & self.strange[row]]] = True
        return held, defined, free, strange


def _of_group(codes: pl.Enum) -> Spans:
    listed = rows("add_on_of_group")
    held = pl.DataFrame(
        {
            "code": [[code for code in row["codes"] if code in codes.categories] for row in listed],
            "first": [row["effective_from"] for row in listed],
            "last": pl.Series([row.get("effective_to") for row in listed], dtype=pl.Date),
        },
        schema_overrides={"code": pl.List(pl.String)},
    ).explode("code").drop_nulls("code")  # fmt: skip
    spans, _ = Spans.of(_numbers(held["code"], codes), first_days(held["first"]), last_days(held["last"]))
    return spans


def _numbers(column: pl.Series, codes: pl.Enum) -> Whole:
    return column.cast(codes).to_physical().cast(pl.Int64).to_numpy()


def _suspended() -> str:
    """The words of CMS's notes that say an edit is not applied, as one pattern."""
    return "|".join(word for row in rows("edit_note") if row["means"] == "suspended" for word in row["listed"])
