"""What is wrong with a table its schema refuses: the cell, its line, how many; or the key that two rows have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

from feecalc.errors import BadValue, DuplicateKey

if TYPE_CHECKING:
    import dataframely as dy

_KEY_RULE = "primary_key"


def refuse_invalid(member: str, labels: Mapping[str, str], typed: pl.DataFrame, schema: type[dy.Schema]) -> None:
    """Raise BadValue or DuplicateKey where ``typed`` (the schema's columns, and ``line``) breaks its contract."""
    names = schema.column_names()
    frame = typed.select(names)
    if schema.is_valid(frame):
        return
    _, failure = schema.filter(frame)
    counts = failure.counts()
    broken = [rule for rule in counts if rule != _KEY_RULE]
    if not broken:
        _refuse_duplicates(member, typed, schema.primary_key())
    rule = broken[0]
    details = failure.details()
    rows = details.filter(pl.col(rule).cast(pl.String) == "invalid").select(names)
    first = typed.join(rows.head(1), on=names, how="semi", nulls_equal=True).row(0, named=True)
    name, _, kind = rule.partition("|")
    if not kind:
        wrong = f"{name.replace('_', ' ')} does not hold"
    else:
        label = f" ({labels[name]})" if name in labels else ""
        column = schema.columns()[name]
        bound = getattr(column, kind, None)
        wanted = f"{kind.replace('_', ' ')} {bound}" if bound is not None else "a value"
        wrong = f"{name}{label} is {str(first[name])[:60]!r}, where its column wants {wanted}"
    key = "".join(f", {key} {first[key]}" for key in schema.primary_key() if first[key] != "" and key != name)
    raise BadValue(f"{member}, line {first['line']}{key}: {wrong} ({counts[rule]} such rows)")


def _refuse_duplicates(member: str, typed: pl.DataFrame, key: list[str]) -> None:
    doubled = typed.group_by(key, maintain_order=True).agg(pl.col("line")).filter(pl.col("line").list.len() > 1)
    first = doubled.row(0, named=True)
    lines = ", ".join(str(line) for line in first["line"][:6])
    named = ", ".join(f"{name} {first[name] or 'blank'}" for name in key)
    raise DuplicateKey(f"{member}: {named} stands on lines {lines} ({doubled.height} such keys)")
