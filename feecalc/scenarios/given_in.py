"""Claim lines as if given in a release's own year: the same days, so that two years' releases price the same claims."""

from __future__ import annotations

import polars as pl

from feecalc.scenarios.basket.terms import Terms

GIVEN_ON = "given_on"


def shifts_years(former: Terms, latter: Terms) -> bool:
    """Whether the two releases price different years, so that one prices the lines as if given in its own."""
    return former.schedule.release.year != latter.schedule.release.year


def as_given_in(claims: pl.LazyFrame, side: Terms, paid_by: Terms | None = None) -> pl.LazyFrame:
    """The lines on the same days of the release's year, the days they were given on kept as ``given_on``.

    ``paid_by`` is the side whose conversion factor is taken, by default the same. A person's choice of the QP factor
    is for all lines; without it each line has what its file says, but a year with one factor has no other.
    """
    factor = paid_by or side
    schema = claims.collect_schema()
    day = pl.col(GIVEN_ON if GIVEN_ON in schema else "date_of_service")
    years = pl.lit(side.schedule.release.year) - day.dt.year()
    moved = [day.alias(GIVEN_ON), day.dt.offset_by(pl.format("{}y", years)).alias("date_of_service")]
    if not factor.schedule.has_qp_track or factor.qp:
        moved.append(pl.lit(factor.tracks_qp).alias("qp"))
    return claims.with_columns(moved)
