"""How it is coded: included services, the other side billed as the next level, modifiers, prior authorization."""

from __future__ import annotations

import polars as pl

from feecalc.edits.policies.policy import Policy, in_force
from feecalc.edits.policies.procedures import SESSION, first_of, has_modifier
from feecalc.edits.policies.wording import as_findings
from feecalc.reference import Row

_DAY = ("patient", "date_of_service")
_SHOWN = {"right": "right side", "left": "left side"}


def included(lines: pl.DataFrame, procedures: pl.DataFrame, policy: Policy) -> list[pl.DataFrame]:
    """Services that are part of a procedure of the same patient, day and billing provider (where both are named)."""
    others = (
        procedures.group_by(*_DAY, "billing_npi", maintain_order=True)
        .agg(pl.col("hcpcs").first().alias("with_code"))
        .rename({"billing_npi": "other_npi"})
    )
    found = []
    for row in policy.rows("included"):
        held = lines.filter(pl.col("hcpcs").is_in(row["codes"]), in_force(row)).join(others, on=_DAY)
        same = (pl.col("billing_npi") == pl.col("other_npi")) | (pl.col("billing_npi") == "") | (
            pl.col("other_npi") == ""
        )
        held = held.filter(same).unique("row", keep="first", maintain_order=True)
        held = held.with_columns(modifier=first_of(row.get("passing_modifiers", [])))
        passes = pl.col("modifier").is_not_null()
        found.append(as_findings(policy, "included_service", row, held.filter(~passes)))
        found.append(as_findings(policy, "included_service_with_modifier", row, held.filter(passes)))
    return found


def next_level_for_other_side(procedures: pl.DataFrame, policy: Policy) -> list[pl.DataFrame]:
    """First level on one side only, a further level on the other side only: perhaps one level, both sides."""
    keys = (*SESSION, "billing_npi")
    sides = procedures.group_by(*keys, "level", "hcpcs", maintain_order=True).agg(
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
    found = procedures.join(apart, on=[*keys, "hcpcs"]).unique("row", keep="first").sort("row")
    return [as_findings(policy, "next_level_for_other_side", {}, found)]


def modifiers(procedures: pl.DataFrame, policy: Policy) -> list[pl.DataFrame]:
    """A modifier that every line of a purpose carries is missing, or stands on a line of another purpose."""
    found = []
    for row in policy.rows("required_modifier"):
        kinds = [kind["key"] for kind in policy.rows("kind") if kind.get("modifier") == row["modifier"]]
        held = procedures.filter(in_force(row), pl.col("kind").is_in(kinds) if kinds else pl.lit(True))
        held = held.with_columns(modifier=pl.lit(row["modifier"]))
        has, meant = has_modifier(row["modifier"]), pl.col("purpose") == row["purpose"]
        found.append(as_findings(policy, "modifier_missing", row, held.filter(meant, ~has)))
        found.append(as_findings(policy, "modifier_of_other_purpose", row, held.filter(~meant, has)))
    return found


def prior_authorization(lines: pl.DataFrame, policy: Policy) -> list[pl.DataFrame]:
    """Lines that need prior authorization and show none (column ``prior_authorization``)."""
    return [_unauthorized(lines, policy, row) for row in policy.rows("prior_authorization")]


def _unauthorized(lines: pl.DataFrame, policy: Policy, row: Row) -> pl.DataFrame:
    asked = pl.col("hcpcs").is_in(row["codes"]) & pl.col("place_of_service").is_in(row["places"])
    shows = pl.col("prior_authorization").str.strip_chars() != ""
    return as_findings(policy, "prior_authorization", row, lines.filter(in_force(row), asked, ~shows))
