"""What the record must show for the claims at hand, and what could not be checked for want of a column."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from feecalc.edits.policies.lines import PolicyLines, PolicyTables, diagnosis_columns, require
from feecalc.edits.policies.loading import shipped_policies
from feecalc.edits.policies.policy import Policy, in_force
from feecalc.reference import Row

SCHEMA: dict[str, type[pl.DataType]] = {
    "claim_id": pl.String,
    "policy": pl.String,
    "item": pl.String,
    "text": pl.String,
    "known": pl.String,  # what the files say of it: the dates of earlier sessions; "" where nothing
    "source": pl.String,
}


def documentation(
    lines: pl.DataFrame, policies: Sequence[Policy] | None = None, history: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return the checklist of each claim that a policy speaks of. Shape: [claim x item], columns of ``SCHEMA``.

    Claims in the order of their first line, items in the policy's. ``lines`` and ``history`` as ``find`` takes them.
    Raises MissingColumn.
    """
    require(lines, history)
    numbered = lines if "row" in lines.columns else lines.with_row_index("row")
    given = shipped_policies() if policies is None else policies
    parts = [part for policy in given for part in _of_policy(numbered, policy, history)]
    if not parts:
        return pl.DataFrame(schema=SCHEMA)
    return pl.concat(parts).sort("first_row", maintain_order=True).select(*SCHEMA)


def _of_policy(batch: pl.DataFrame, policy: Policy, history: pl.DataFrame | None) -> list[pl.DataFrame]:
    lines = PolicyLines(batch, PolicyTables(policy, history))
    done = lines.procedures
    if not done.height or not policy.rows("documentation"):
        return []
    claims = done.group_by("claim_id").agg(first_row=pl.col("row").min())
    dates = _prior_dates(lines)
    return [_item(done, claims, dates, policy, row) for row in policy.rows("documentation")]


def _item(done: pl.DataFrame, claims: pl.DataFrame, dates: pl.DataFrame, policy: Policy, row: Row) -> pl.DataFrame:
    purpose = pl.col("purpose").is_in(row["purposes"]) if "purposes" in row else pl.lit(True)
    place = pl.col("place_of_service").is_in(row["places"]) if "places" in row else pl.lit(True)
    meant = done.filter(in_force(row), purpose, place).select("claim_id").unique()
    known = pl.col("known").fill_null("none on file") if row.get("shows_prior_dates", False) else pl.lit("")
    assumed = "assumed; " if row.get("basis") == "assumed" else ""
    return (
        claims.join(meant, on="claim_id")
        .join(dates, on="claim_id", how="left")
        .select(
            "claim_id",
            "first_row",
            policy=pl.lit(policy.name),
            item=pl.lit(row["key"]),
            text=pl.lit(row["text"]),
            known=known,
            source=pl.lit(assumed + row["source"]),
        )
    )


def _prior_dates(lines: PolicyLines) -> pl.DataFrame:
    """Return each claim's earlier sessions in its regions, as one text; claims without one are left out."""
    key, done = ["patient", "region"], lines.procedures
    both = pl.concat([done, lines.earlier], how="diagonal_relaxed")
    sessions = both.select(*key, "date_of_service", "purpose").unique()
    claims = done.group_by("claim_id", *key).agg(day=pl.col("date_of_service").min())
    before = claims.join(sessions, on=key).filter(pl.col("date_of_service") < pl.col("day"))
    shown = pl.concat_str("date_of_service", lines.region_name(), "purpose", separator=" ")
    return (
        before.sort("claim_id", "date_of_service", "region", "purpose")
        .group_by("claim_id")
        .agg(known=shown.str.join(", "))
    )


def unchecked(
    lines: pl.DataFrame, policies: Sequence[Policy] | None = None, history: pl.DataFrame | None = None
) -> list[str]:
    """Return what of the policies could not be checked here, a sentence each; empty where all could."""
    require(lines, history)
    given = shipped_policies() if policies is None else policies
    numbered = lines if "row" in lines.columns else lines.with_row_index("row")
    said = []
    for policy in given:
        done = PolicyLines(numbered, PolicyTables(policy)).procedures
        if not done.height:
            continue
        blank = [pl.col(name).cast(pl.String).fill_null("") == "" for name in diagnosis_columns(done)]
        without = done.filter(pl.all_horizontal(blank)).height if blank else done.height
        if without and policy.diagnosis_lists:
            said.append(f"{policy.name}: {without:,} of {done.height:,} lines give no diagnosis; theirs is not judged")
        unknown = done.filter(pl.col("beneficiary_id") == "").height
        if unknown and policy.rows("sessions"):
            said.append(f"{policy.name}: {unknown:,} lines name no patient; their earlier sessions are not counted")
        if history is None and policy.rows("sessions"):
            said.append(f"{policy.name}: no history was given; only the sessions in this file are counted")
        unfinished = [each.label for each in policy.diagnosis_lists if not each.head["complete"]]
        if unfinished:
            said.append(f"{policy.name}: not a contractor's whole list of diagnoses: {', '.join(unfinished)}")
    return said
