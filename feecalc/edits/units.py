"""Medically unlikely edits: more units of a code than a patient is likely to have from one provider in a day.

MAI 1 looks at each line; MAI 2 and 3 at the day: all lines of the code are denied together. Lines for a part of a
service (26 and TC, an assistant, shared care) count apart from each other. Source: NCCI Policy Manual, ch. 1 sec. V.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl

from feecalc.edits.finding import findings, no_findings
from feecalc.edits.lines import GROUP, MODIFIERS, uses
from feecalc.edits.tables import EditTables
from feecalc.edits.traits import TRAITS
from feecalc.reference import rows

_RULES = {"1": "mue_line", "2": "mue_day", "3": "mue_day_evidence"}


def find(lines: pl.DataFrame, tables: EditTables, *, words: bool = True) -> pl.DataFrame:
    """The lines whose units pass the code's edit of their quarter. Shape: ``finding.SCHEMA``; ``lines`` prepared."""
    if tables.units is None or lines.height == 0:
        return no_findings()
    starts = tables.units["effective_from"].unique().sort()
    codes = pl.Enum(tables.units["hcpcs"].unique().sort())
    place = _places(tables.units, codes, starts)
    day = lines["date_of_service"].fill_null(starts[0] - timedelta(days=1))
    file = starts.search_sorted(day, side="right").to_numpy().astype(np.int64) - 1
    code = lines["hcpcs"].cast(codes, strict=False).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
    units = lines["units"].cast(pl.Int64).fill_null(0).to_numpy()
    edit = np.where((file >= 0) & (code >= 0) & (units > 0), place[file, code], -1)
    most = np.append(tables.units["mue_units"].cast(pl.Int64).to_numpy(), np.iinfo(np.int64).max)[edit]
    group = lines[GROUP].to_numpy().astype(np.int64)
    # beyond the edit by itself, or not the only line of its code in the group
    same = np.where(edit >= 0, group * len(codes.categories) + code, -1)
    again = pl.Series(same).is_duplicated().to_numpy()
    at = np.flatnonzero((edit >= 0) & ((units > most) | again))
    if not len(at):
        return no_findings()
    held = lines.select("row", "date_of_service", "hcpcs", *MODIFIERS, TRAITS)[at]
    held = held.with_columns(pl.Series("units", units[at]), pl.Series("same", same[at]))
    held = held.with_columns(_part(), *tables.units.select("mue_units", "mai", "rationale")[edit[at]].get_columns())
    total = pl.col("units").sum().over("same", "part")
    by_line = pl.col("mai") == "1"
    counted = pl.when(by_line).then(pl.col("units")).otherwise(total)
    found = held.with_columns(counted.alias("counted")).filter(pl.col("counted") > pl.col("mue_units"))
    return pl.concat(
        findings(rule, found.filter(pl.col("mai") == mai), words=words) for mai, rule in _RULES.items()
    ).sort("row")


def _places(units: pl.DataFrame, codes: pl.Enum, starts: pl.Series) -> np.ndarray:
    """The row of each file's edit of each code, -1 for none. Shape: [file, code]."""
    place = np.full((len(starts), len(codes.categories)), -1)
    file = starts.search_sorted(units["effective_from"]).to_numpy()
    place[file, units["hcpcs"].cast(codes).to_physical().to_numpy()] = np.arange(units.height)
    return place


def _part() -> pl.Expr:
    """The modifiers that say a line is a part of the service, as one text; "" for the whole."""
    listed = sorted({word for row in rows("edit_modifier") if row["use"] == "unit_share" for word in row["listed"]})
    own = [pl.when(pl.col(name).is_in(listed)).then(pl.col(name)).otherwise(pl.lit("")) for name in MODIFIERS]
    return pl.when(uses("unit_share")).then(pl.concat_str(own)).otherwise(pl.lit("")).alias("part")
