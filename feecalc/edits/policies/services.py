"""Services that a policy does not pay, pays within another, or pays with a modifier or a prior authorization only."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from feecalc.edits.policies.edit import PolicyEdit, PolicyFound
from feecalc.edits.policies.lines import PATIENT_DAY, SESSION, PolicyLines, first_of, has_modifier
from feecalc.edits.policies.models import (
    Coverage,
    Included,
    Kind,
    NotTogether,
    OneRegion,
    PriorAuthorization,
    RequiredModifier,
)
from feecalc.edits.policies.policy import in_force

_SHOWN = {"right": "right side", "left": "left side"}


def noncovered(lines: PolicyLines) -> Iterator[PolicyFound]:
    """Find codes that the policy does not cover, or pays on appeal only."""
    for row, billed in lines.by_row(Coverage):
        yield row.rule, row, billed


def included(lines: PolicyLines) -> Iterator[PolicyFound]:
    """Find services that are part of a procedure of the same patient, day and provider (where both are named)."""
    for row, billed in lines.by_row(Included):
        beside = _beside(billed, lines.procedures)
        if beside.height:
            beside = beside.with_columns(modifier=first_of(row.passing_modifiers or []))
            passes = pl.col("modifier").is_not_null()
            yield "included_service", row, beside.filter(~passes)
            yield "included_service_with_modifier", row, beside.filter(passes)


def not_together(lines: PolicyLines) -> Iterator[PolicyFound]:
    """Find codes that a policy does not expect beside others of the same patient, day and provider."""
    found: list[pl.Series] = []  # a line is asked about once, by the first row that meets it
    for row, billed in lines.by_row(NotTogether):
        if row.with_codes is not None:
            others = lines.lines.filter(pl.col("hcpcs").is_in(row.with_codes))
        else:
            others = lines.procedures.filter(pl.col("kind").is_in(row.with_kinds or []))
        beside = _beside(billed, others)
        for before in found:
            beside = beside.filter(~pl.col("row").is_in(before.implode()))
        found.append(beside["row"])
        yield row.rule, row, beside


def one_region(lines: PolicyLines) -> Iterator[PolicyFound]:
    """Find codes of two regions that are read as one region, where the contractor's own words are not known."""
    done = lines.procedures
    for place, row in enumerate(lines.policy.rows(OneRegion)):
        if row.rule:
            yield row.rule, row, done.filter(pl.col("joined") == place).with_columns(region=lines.region_name())


def _beside(billed: pl.DataFrame, done: pl.DataFrame) -> pl.DataFrame:
    """Return the lines beside one of those ``done``, none twice, with its code (``with_code``)."""
    others = (
        done.group_by(*PATIENT_DAY, "billing_npi", maintain_order=True)
        .agg(pl.col("hcpcs").first().alias("with_code"))
        .rename({"billing_npi": "other_npi"})
    )
    own, other = pl.col("billing_npi"), pl.col("other_npi")
    beside = billed.join(others, on=PATIENT_DAY, maintain_order="left_right")
    beside = beside.filter((own == other) | (own == "") | (other == ""))
    return beside.unique("row", keep="first", maintain_order=True)


def next_level_for_other_side(lines: PolicyLines) -> Iterator[PolicyFound]:
    """Find a first level on one side only, a further level on the other side only: perhaps one level of two sides."""
    done = lines.procedures.filter(pl.col("joined").is_null())  # of two regions: the codes tell the levels apart
    if not done.filter(pl.col("level") > 1).height:
        return
    keys = (*SESSION, "billing_npi")
    sides = done.group_by(*keys, "level", "hcpcs", maintain_order=True).agg(
        has_right=(pl.col("right") > 0).any(),
        has_left=(pl.col("left") > 0).any(),
        is_open=(pl.col("unsided") > 0).any(),
    )
    one_side = sides.filter(~pl.col("is_open"), pl.col("has_right") != pl.col("has_left"))
    named = one_side.with_columns(
        sides=pl.when("has_right").then(pl.lit(_SHOWN["right"])).otherwise(pl.lit(_SHOWN["left"]))
    )
    first = named.filter(pl.col("level") == 1).select(
        *keys, pl.col("hcpcs").alias("with_code"), pl.col("sides").alias("other_sides")
    )
    further = named.filter(pl.col("level") > 1).select(*keys, "hcpcs", "sides")
    apart = further.join(first, on=keys).filter(pl.col("sides") != pl.col("other_sides"))
    found = done.join(apart, on=[*keys, "hcpcs"]).unique("row", keep="first").sort("row")
    yield "next_level_for_other_side", None, found


def modifiers(lines: PolicyLines) -> Iterator[PolicyFound]:
    """Find lines that lack the modifier of their purpose, or carry that of another."""
    for row in lines.policy.rows(RequiredModifier):
        kinds = [kind.key for kind in lines.policy.rows(Kind) if kind.modifier == row.modifier]
        of_kind = lines.procedures.filter(in_force(row), pl.col("kind").is_in(kinds) if kinds else pl.lit(True))
        of_kind = of_kind.with_columns(modifier=pl.lit(row.modifier))
        has, meant = has_modifier(row.modifier), pl.col("purpose") == row.purpose
        yield "modifier_missing", row, of_kind.filter(meant, ~has)
        yield "modifier_of_other_purpose", row, of_kind.filter(~meant, has)


def prior_authorization(lines: PolicyLines) -> Iterator[PolicyFound]:
    """Find lines that need prior authorization and show none (column ``prior_authorization``)."""
    shows = pl.col("prior_authorization").str.strip_chars() != ""
    for row, billed in lines.by_row(PriorAuthorization):
        yield "prior_authorization", row, billed.filter(pl.col("place_of_service").is_in(row.places), ~shows)


EDITS = (
    PolicyEdit("noncovered services", ("not_covered", "appeal_only"), noncovered),
    PolicyEdit("included services", ("included_service", "included_service_with_modifier"), included),
    PolicyEdit("not together", ("not_together", "sedation"), not_together),
    PolicyEdit("two regions that are one", ("one_region_elsewhere",), one_region),
    PolicyEdit("level or other side", ("next_level_for_other_side",), next_level_for_other_side),
    PolicyEdit("required modifiers", ("modifier_missing", "modifier_of_other_purpose"), modifiers),
    PolicyEdit("prior authorization", ("prior_authorization",), prior_authorization),
)
