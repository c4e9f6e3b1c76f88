"""Codes side by side: across localities, across settings, across releases. Every amount is the fee table's own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TypedDict, Unpack

import polars as pl

from feecalc.pricing.fee_table import fee_table
from feecalc.pricing.places.locality import Locality
from feecalc.pricing.schedule import FeeSchedule

_KEYS = ("hcpcs", "modifier")
_PLACE = ("mac", "locality", "state", "locality_name")
_AMOUNTS = ("nonfacility_amount", "facility_amount")


class Terms(TypedDict, total=False):
    """Hold what an amount depends on beside the code and the place; defaults are those of ``across_localities``."""

    modifier: str
    day: date | None
    qp: bool
    gpci_floor: bool


def across_localities(
    schedule: FeeSchedule,
    codes: Sequence[str],
    *,
    modifier: str = "",
    localities: Sequence[Locality | str] | None = None,
    day: date | None = None,
    qp: bool = False,
    gpci_floor: bool = True,
) -> pl.DataFrame:
    """Compare the codes in every locality, or the chosen ones, the dearest first. [USD]

    Shape: hcpcs, modifier, mac, locality, state, locality_name, nonfacility_amount, facility_amount, rank (1 the
    highest nonfacility amount of the code; equal amounts share a rank; null where not priced).
    """
    table = schedule.table(codes=codes, localities=localities, day=day, qp=qp, gpci_floor=gpci_floor)
    named = _of_modifier(schedule, table, codes, modifier).join(
        schedule.localities.select(_PLACE), on=["mac", "locality", "state"], how="left", maintain_order="left"
    )
    rank = pl.col(_AMOUNTS[0]).rank("min", descending=True).over(_KEYS).cast(pl.UInt32)
    ranked = named.select(*_KEYS, *_PLACE, *_AMOUNTS, rank.alias("rank"))
    order = {code.strip().upper(): index for index, code in enumerate(codes)}
    return ranked.sort(
        pl.col("hcpcs").replace_strict(order, return_dtype=pl.UInt32), "rank", "mac", "locality", nulls_last=True
    )


def across_settings(
    schedule: FeeSchedule,
    codes: Sequence[str],
    *,
    localities: Sequence[Locality | str] | None = None,
    **terms: Unpack[Terms],
) -> pl.DataFrame:
    """Compare office and facility amounts of the physician, national where no locality is given. [USD]

    Shape: hcpcs, modifier, mac, locality, state, locality_name, nonfacility_amount, facility_amount,
    office_difference (nonfacility less facility, null where either is not priced). For the nation mac, locality,
    state and locality_name are "".
    """
    if localities:
        table = across_localities(schedule, codes, localities=localities, **terms).drop("rank")
    else:
        table = _national(schedule, codes, terms.get("modifier", ""), terms.get("day"), qp=terms.get("qp", False))
    return table.with_columns((pl.col(_AMOUNTS[0]) - pl.col(_AMOUNTS[1])).alias("office_difference"))


def across_releases(
    schedules: Sequence[FeeSchedule],
    codes: Sequence[str],
    *,
    modifier: str = "",
    locality: str | None = None,
    qp: bool = False,
    gpci_floor: bool = True,
) -> pl.DataFrame:
    """Compare the codes in each release, oldest first, national or in one locality. [USD]

    Shape: release, first_date_of_service, hcpcs, modifier, nonfacility_amount, facility_amount,
    nonfacility_change (from the release before in the list; null for the first). A code that a release does not hold
    has a row with null amounts.
    """
    ordered = sorted(schedules, key=lambda schedule: schedule.release.first_date_of_service)
    parts = []
    for schedule in ordered:
        codes_there = [code for code in codes if schedule.holds(code, modifier)]
        tracks = qp and schedule.has_qp_track
        if locality is None:
            amounts = _national(schedule, codes_there, modifier, None, qp=tracks)
        else:
            amounts = across_localities(
                schedule, codes_there, modifier=modifier, localities=[locality], qp=tracks, gpci_floor=gpci_floor
            )
        keys = pl.DataFrame({"hcpcs": [code.strip().upper() for code in codes], "modifier": modifier.strip().upper()})
        parts.append(
            keys.join(amounts.select(*_KEYS, *_AMOUNTS), on=_KEYS, how="left", maintain_order="left").select(
                pl.lit(schedule.release.name).alias("release"),
                pl.lit(schedule.release.first_date_of_service).alias("first_date_of_service"),
                pl.all(),
            )
        )
    nonfacility = pl.col(_AMOUNTS[0])
    change = (nonfacility - nonfacility.shift(1)).over(_KEYS).alias("nonfacility_change")
    return pl.concat(parts).with_columns(change)


def _of_modifier(schedule: FeeSchedule, table: pl.DataFrame, codes: Sequence[str], modifier: str) -> pl.DataFrame:
    for code in codes:
        schedule.row_index(code, modifier)  # a code without such a row is an error, not an empty table
    return table.filter(pl.col("modifier") == modifier.strip().upper())


def _national(
    schedule: FeeSchedule, codes: Sequence[str], modifier: str, day: date | None, *, qp: bool
) -> pl.DataFrame:
    on = schedule.release.day(day)
    table = fee_table(schedule.national(on), on, codes=codes, localities=None, qp=qp, gpci_floor=True)
    named = _of_modifier(schedule, table, codes, modifier)
    return named.select(*_KEYS, *_PLACE[:-1], pl.lit("").alias(_PLACE[-1]), *_AMOUNTS)
