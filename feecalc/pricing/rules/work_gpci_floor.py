"""The floor under the work index: an act of Congress with an end date. Source: SSA 1848(e)(1)(E) and (G)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from feecalc import reference
from feecalc.errors import InvalidValue
from feecalc.pricing.scale import INDEX_PLACES, scaled, whole


@dataclass(frozen=True)
class Floor:
    """Whether the floor is applied, and why."""

    applies: bool
    note: str
    source: str


def work_gpci_floor(day: date, *, wanted: bool = True) -> Floor:
    """The national floor on ``day``, and whether it is applied: only where it is in force and wanted."""
    rows = reference.rows_on("work_gpci_floor", day, state=None)
    if not rows:
        return Floor(
            False, f"no act of Congress holds the work GPCI floor on {day}", "feecalc/reference: work_gpci_floor"
        )
    (row,) = rows
    if not wanted:
        return Floor(False, f"the work GPCI floor of {row['value']} is left out, as asked", row["source"])
    return Floor(True, f"the work GPCI floor of {row['value']} is in force", row["source"])


def work_indices(gpci: pl.DataFrame, day: date, *, floor: Floor) -> pl.Series:
    """The work index of each row of ``gpci``, with or without the floor. [thousandths]

    A file that prints only the floored index says nothing of what lies under it: without the floor, rows above it are
    as printed, rows of a state with a floor of its own too, and a row at the floor raises InvalidValue.
    """
    printed = gpci["work_gpci"]
    if floor.applies:
        return scaled(printed, INDEX_PLACES)
    own_floor = {row["state"] for row in reference.rows_on("work_gpci_floor", day) if "state" in row}
    national = [whole(row["value"], INDEX_PLACES) for row in reference.rows("work_gpci_floor") if "state" not in row]
    known = (
        gpci["work_gpci_unfloored"].is_not_null()
        | (scaled(printed, INDEX_PLACES) > max(national))
        | gpci["state"].is_in(list(own_floor))
    )
    if not known.all():
        row = gpci.filter(~known).row(0, named=True)
        raise InvalidValue(
            f"the work GPCI without the floor cannot be told for {row['mac']}-{row['locality']} {row['locality_name']} "
            f"and {(~known).sum() - 1} others: this release prints only the index with the floor in it "
            "(releases from 2026 on print both)"
        )
    return scaled(gpci["work_gpci_unfloored"].fill_null(printed), INDEX_PLACES)
