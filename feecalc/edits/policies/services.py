"""Services that a policy does not pay, pays within another, or pays with a modifier or a prior authorization only."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from feecalc.edits.policies.edit import PolicyEdit, PolicyFound
from feecalc.edits.policies.lines import PATIENT_DAY, SESSION, PolicyLines, first_of, has_modifier
from feecalc.edits.policies.policy import in_force

_SHOWN = {"right": "right side", "left": "left side"}


def noncovered(lines: PolicyLines) -> Iterator[PolicyFound]:
    """Find codes that the policy does not cover, or pays on appeal only."""
    for row, held in lines.by_row("coverage"):
        yield row["rule"], row, held


def included(lines: PolicyLines) -> Iterator[PolicyFound]:
    """Find services that are part of a procedure of the same patient, day and provider (where both are named)."""
    for row, held in lines.by_row("included"):
        others = (
            lines.procedures.group_by(*PATIENT_DAY, "billing_npi", maintain_order=True)
            .agg(pl.col("hcpcs").first().alias("with_code"))
            .rename({"billing_npi": "other_npi"})
        )
        own, other = pl.col("billing_npi"), pl.col("other_npi")
        beside = held.join(others, on=PATIENT_DAY, maintain_order="left_right")
        beside = beside.filter((own == other) | (own == "") | (other == ""))
        beside = beside.unique("row", keep="first", maintain_order=True)
        if beside.height:
            beside = beside.with_columns(modifier=first_of(row.get("passing_modifiers", [])))
            passes = pl.col("modifier").is_not_null()
            yield "included_service", row, beside.filter(~passes)
            yield "included_service_with_modifier", row, beside.filter(passes)


def next_level_for_other_side(lines: PolicyLines) -> Iterator[PolicyFound]:
    """Find a first level on one side only, a further level on the other side only: perhaps one level, both sides."""
    done = lines.procedures
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
    yield "next_level_for_other_side", {}, found


def modifiers(lines: PolicyLines) -> Iterator[PolicyFound]:
    """Find lines that lack the modifier of their purpose, or carry that of another."""
    for row in lines.policy.rows("required_modifier"):
        kinds = [kind["key"] for kind in lines.policy.rows("kind") if kind.get("modifier") == row["modifier"]]
        held = lines.procedures.filter(in_force(row), pl.col("kind").is_in(kinds) if kinds else pl.lit(True))
        held = held.with_columns(modifier=pl.lit(row["modifier"]))
        has, meant = has_modifier(row["modifier"]), pl.col("purpose") == row["purpose"]
        yield "modifier_missing", row, held.filter(meant, ~has)
        yield "modifier_of_other_purpose", row, held.filter(~meant, has)


def prior_authorization(lines: PolicyLines) -> Iterator[PolicyFound]:
    """Find lines that need prior authorization and show none (column ``prior_authorization``)."""
    shows = pl.col("prior_authorization").str.strip_chars() != ""
    for row, held in lines.by_row("prior_authorization"):
        yield "prior_authorization", row, held.filter(pl.col("place_of_service").is_in(row["places"]), ~shows)


EDITS = (
    PolicyEdit("noncovered services", ("not_covered", "appeal_only"), noncovered),
    PolicyEdit("included services", ("included_service", "included_service_with_modifier"), included),
    PolicyEdit("level or other side", ("next_level_for_other_side",), next_level_for_other_side),
    PolicyEdit("required modifiers", ("modifier_missing", "modifier_of_other_purpose"), modifiers),
    PolicyEdit("prior authorization", ("prior_authorization",), prior_authorization),
)
