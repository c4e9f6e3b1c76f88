"""Claim lines made ready for the edits: which lines are of one patient, day and billing provider."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from feecalc.edits.lines.traits import MODIFIERS, TRAITS, of_use, traits, uses
from feecalc.pricing.claims.columns import complete
from feecalc.pricing.claims.grouping import groups
from feecalc.pricing.release_tables import ReleaseTables
from feecalc.reference import rows_on

__all__ = ["GROUP", "MODIFIERS", "carried", "of_use", "prepared", "uses", "with_indicators"]

GROUP = "group"


def prepared(claims: pl.DataFrame) -> pl.DataFrame:
    """The lines with every column, ``row`` (their place), ``group`` (a number for each patient, day and provider)
    and ``traits`` (what their modifiers mean).

    The patient is the beneficiary where one is given, else the claim. Other columns stay beside them.
    """
    whole = complete(claims)
    others = [name for name in claims.columns if name not in whole.columns]
    found = groups(whole)
    group = found.group
    if found.order is not None:
        group = np.empty_like(found.group)
        group[found.order] = found.group
    return whole.with_columns(
        pl.Series("row", np.arange(whole.height, dtype=np.uint32)),
        pl.Series(GROUP, group.astype(np.uint32)),
        traits(whole),
        *(claims[name] for name in others if name not in ("row", GROUP, TRAITS)),
    )


def with_indicators(lines: pl.DataFrame, releases: Sequence[ReleaseTables]) -> pl.DataFrame:
    """The lines with ``global_days`` and ``bilateral_indicator`` of their code's row, and whether it is a ``visit``.

    Null where the release has no such code.
    Of several releases the line's own is taken: by ``release``, which priced lines have.
    """
    rows_of = [
        indicators(each).lazy().with_columns(pl.lit(each.release.name).alias("of_release")) for each in releases
    ]
    if len(rows_of) == 1:
        return lines.join(rows_of[0].drop("of_release").collect(), on="hcpcs", how="left", maintain_order="left")
    own = lines.with_columns(pl.col("release").cast(pl.String).alias("of_release"))
    met = own.join(pl.concat(rows_of).collect(), on=["hcpcs", "of_release"], how="left", maintain_order="left")
    return met.drop("of_release")


def indicators(release: ReleaseTables) -> pl.DataFrame:
    """What the edits want to know of each code. Shape: hcpcs, global_days, bilateral_indicator, visit."""
    rows = release.rvu.filter(pl.col("modifier") == "")
    return rows.select("hcpcs", "global_days", "bilateral_indicator", _visit(release.release.first_date_of_service))


def _visit(day: date) -> pl.Expr:
    """Whether a code is a visit's, by the spans of codes that hold on a day."""
    spans = [span for row in rows_on("edit_visit", day) for span in row["spans"]]
    code = pl.col("hcpcs")
    return pl.any_horizontal(
        code.is_between(pl.lit(first), pl.lit(last)) & (code.str.len_bytes() == len(first)) for first, last in spans
    ).alias("visit")


def given() -> pl.Expr:
    """The line's modifiers as a list, without the blanks."""
    return pl.concat_list(MODIFIERS).list.eval(pl.element().filter(pl.element() != ""))


def carried() -> pl.Expr:
    """The line's modifiers as one text, "50 RT"."""
    return given().list.join(" ")
