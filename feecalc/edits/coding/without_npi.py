"""Lines without an NPI whose claim names two: whose service it is is not known.

A line takes the only NPI that its claim names elsewhere; of two and more it takes none, is a physician by itself, and
is asked about. Source: Pub. 100-04 ch. 12 sec. 30.6.5; ch. 26 sec. 10.4, items 24J and 33a.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from feecalc.edits.edit import Columns, Edit, Found
from feecalc.edits.lines.codes import Sources
from feecalc.edits.lines.lines import EditLines
from feecalc.pricing.claims.grouping import patient

RULES = ("npi_not_known",)
_KINDS = {"rendering_npi": "rendering NPI", "billing_npi": "billing NPI"}
_CLAIM = "claim"


def prepare(_: Sources) -> bool:
    """Return that nothing is looked up."""
    return True


def find(lines: EditLines, _: bool, wanted: frozenset[str]) -> Iterator[Found]:
    """Find the lines that are still without an NPI that others of their claim have."""
    if not wanted:
        return
    frame = lines.frame
    some = []
    for name, kind in _KINDS.items():
        blank = frame[name] == "" if name in frame.columns else pl.Series([True])
        if not blank.any() or blank.all():
            continue
        key = frame.select(*patient(frame), pl.col("claim_id").fill_null("")).hash_rows()
        named = pl.DataFrame([key.alias(_CLAIM), frame[name].alias("npi")]).filter(~blank)
        named = named.group_by(_CLAIM).agg(pl.col("npi").unique().sort().str.join(", "))
        open_ = pl.DataFrame([key.alias(_CLAIM)]).with_row_index("row").filter(blank & (frame["claim_id"] != ""))
        met = open_.join(named, on=_CLAIM, maintain_order="left").with_columns(kind=pl.lit(kind))
        if met.height:
            some.append(met.select("row", "kind", "npi"))
    if some:
        met = pl.concat(some).unique("row", keep="first", maintain_order=True).sort("row")

        def columns() -> Columns:
            return met.select("kind", "npi").to_dict()

        yield Found(RULES[0], met["row"].to_numpy().astype(np.int64), columns)


EDIT = Edit("NPIs not known", RULES, prepare, find)
