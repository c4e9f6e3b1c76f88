"""Limits of a day: too many levels or sites in a session, a code too often, two regions.

A site is one level on one side. One without a side may be of either: it is over only where it is over on any of them,
and then as many are as would be on one side, where the session's first level has one site.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from feecalc.edits.policies.edit import PolicyEdit, PolicyFound
from feecalc.edits.policies.lines import PATIENT_DAY, SESSION, PolicyLines
from feecalc.edits.policies.models import Coverage, Levels, PerDay, Regions, Sites
from feecalc.edits.policies.policy import in_force

_SIDES = ("right", "left")


def levels(lines: PolicyLines) -> Iterator[PolicyFound]:
    """Find more levels of a region in a session than the policy covers; sides are not counted.

    A code that names its level is over by itself; of a code for each further joint the units count, side by side.
    Lines that are not covered are denied for their code already.
    """
    limits = lines.policy.rows(Levels)
    named = lines.procedures
    not_covered = [denied["row"] for _, denied in lines.by_row(Coverage)]
    if not_covered:
        named = named.filter(~pl.col("row").is_in(pl.concat(not_covered).implode()))
    many = pl.col("each_further") | (pl.col("level") > min((row.most for row in limits), default=0))
    if not limits or not named.filter(many).height:
        return  # no line can be over
    named = named.with_columns(region=lines.region_name())
    for row in limits:
        yield from _levels_over(named, row)


def _levels_over(named: pl.DataFrame, row: Levels) -> Iterator[PolicyFound]:
    limited = named.filter(in_force(row), pl.col("kind").is_in(row.kinds) if row.kinds else pl.lit(True))
    first = (pl.col("level") == 1) & ~pl.col("each_further")
    two_sided = ((pl.col("right") > 0) & first).any() & ((pl.col("left") > 0) & first).any()
    sites = pl.sum_horizontal(*_SIDES, "unsided")
    limited = limited.with_columns(
        two_sided=two_sided.over(SESSION), first_sites=pl.when(first).then(sites).otherwise(0).sum().over(SESSION)
    )
    yield "levels_over_limit", row, limited.filter(~pl.col("each_further"), pl.col("level") > row.most)
    left = pl.lit(row.most) - pl.col("level") + 1
    counted = _with_over(limited.filter("each_further"), SESSION, left.clip(lower_bound=0))
    over, joints = pl.col("over"), pl.col("joints")
    yield "levels_over_limit", row, counted.filter(over > 0, over >= joints)
    on_one_side = (pl.col("first_sites") == 1) & (pl.col("unsided_after") == pl.col("all_after"))
    most_likely = pl.when(on_one_side).then("over_on_one_side").otherwise("over")
    yield "levels_partly_over_limit", row, _with_share(counted.filter(over > 0, over < joints), most_likely)
    unclear = counted.filter(over == 0, "if_one_side", ~pl.col("two_sided"))
    in_doubt = pl.when(on_one_side).then("over_on_one_side").otherwise("joints")
    yield "levels_unclear", row, _with_share(unclear, in_doubt)


def sites(lines: PolicyLines) -> Iterator[PolicyFound]:
    """Find more sites (levels times sides) of a region in a session than the policy covers, in the lines' order."""
    for row in lines.policy.rows(Sites):
        done = lines.procedures.filter(in_force(row), pl.col("kind").is_in(row.kinds) if row.kinds else pl.lit(True))
        counted = done.with_columns(joints=pl.sum_horizontal(*_SIDES, "unsided"), region=lines.region_name())
        counted = counted.with_columns(after=pl.col("joints").cum_sum().over(SESSION))
        counted = counted.with_columns(over=_beyond("after", "joints", pl.lit(row.most)))
        over, joints = pl.col("over"), pl.col("joints")
        yield "sites_over_limit", row, counted.filter(over > 0, over >= joints)
        yield "sites_partly_over_limit", row, _with_share(counted.filter(over > 0, over < joints), over)


def _with_share(counted: pl.DataFrame, over: pl.Expr) -> pl.DataFrame:
    """Return the lines with ``over`` and, of their dollars, the share that is over."""
    return counted.with_columns(over=over).with_columns(share_lost=pl.col("over"), share_of=pl.col("joints"))


def units_of_a_day(lines: PolicyLines) -> Iterator[PolicyFound]:
    """Find a code more often in a patient's day than the policy has it; two sides are one time."""
    for row, billed in lines.by_row(PerDay):
        counted = _with_over(billed, (*PATIENT_DAY, "hcpcs"), pl.lit(row.most))
        again = (pl.col("unsided") > 0) & (pl.col("unsided_after") > row.most)  # the bare code, once more
        yield "units_over_day", row, counted.filter((pl.col("over") > 0) | again)


def regions(lines: PolicyLines) -> Iterator[PolicyFound]:
    """Find more regions in a patient's day than the policy expects; the lines of the first ones are fine."""
    done = lines.procedures
    if done["region"].n_unique() < 2:
        return
    firsts = done.group_by(*PATIENT_DAY, "region").agg(pl.col("row").min()).sort("row")
    firsts = firsts.select(*PATIENT_DAY, "region", place=pl.int_range(1, pl.len() + 1).over(PATIENT_DAY))
    placed = done.join(firsts.filter(pl.col("place") > 1), on=[*PATIENT_DAY, "region"]).sort("row")
    named = placed.with_columns(region=lines.region_name())
    for row in lines.policy.rows(Regions):
        yield "regions_over_limit", row, named.filter(in_force(row), pl.col("place") > row.most)


def _with_over(lines: pl.DataFrame, keys: Sequence[str], most: pl.Expr) -> pl.DataFrame:
    """Return the lines with ``joints``, ``over`` and ``if_one_side``, counted in order through those of ``keys``.

    ``over``: joints of the line that are beyond ``most`` on their side, or beyond twice as many together.
    ``if_one_side``: whether some would be, were the unsided ones all on the fuller side. Shape: [line].
    """
    counted = lines.sort("row").with_columns(
        joints=pl.sum_horizontal(*_SIDES, "unsided"),
        **{f"{name}_after": pl.col(name).cum_sum().over(keys) for name in (*_SIDES, "unsided")},
    )
    counted = counted.with_columns(all_after=pl.sum_horizontal("right_after", "left_after", "unsided_after"))
    by_side = [_beyond(f"{side}_after", side, most) for side in _SIDES]
    fuller = pl.max_horizontal("right_after", "left_after")
    return counted.with_columns(
        over=pl.max_horizontal(pl.sum_horizontal(by_side), _beyond("all_after", "joints", 2 * most)),
        over_on_one_side=_beyond("all_after", "joints", most),
        if_one_side=(pl.col("unsided_after") > 0) & (fuller + pl.col("unsided_after") > most),
    )


def _beyond(after: str, own: str, most: pl.Expr) -> pl.Expr:
    """Return how much of the line's own count is above ``most``."""
    reached = pl.col(after)
    before = reached - pl.col(own)
    return (reached - most).clip(lower_bound=0) - (before - most).clip(lower_bound=0)


EDITS = (
    PolicyEdit("levels", ("levels_over_limit", "levels_partly_over_limit", "levels_unclear"), levels),
    PolicyEdit("sites", ("sites_over_limit", "sites_partly_over_limit"), sites),
    PolicyEdit("units of a day", ("units_over_day",), units_of_a_day),
    PolicyEdit("regions", ("regions_over_limit",), regions),
)
