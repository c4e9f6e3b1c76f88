"""The lines a policy speaks of: what each is in the policy's terms, on which sides, and to what purpose.

Only these lines are looked at further. A patient is the beneficiary where one is given, else the claim. A session is
what was done in one region for one patient on one day.
"""

from __future__ import annotations

import polars as pl

from feecalc.edits.policies.loading import purposes_of, shared_rows
from feecalc.edits.policies.policy import Policy, in_force

SESSION = ("patient", "date_of_service", "region", "kind")
_TEXTS = (
    "claim_id",
    "beneficiary_id",
    "billing_npi",
    "mac",
    "place_of_service",
    "purpose",
    "prior_authorization",
    "modifier_1",
    "modifier_2",
    "modifier_3",
    "modifier_4",
)
_MODIFIERS = tuple(name for name in _TEXTS if name.startswith("modifier_"))
_DIAGNOSIS = "diagnosis_"


def of_policy(lines: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """The lines with a code of the policy, on a day and of a contractor for which it holds. Shape: [line].

    Text columns are filled; added: ``patient`` and the joints of the line by side (right, left, unsided).
    """
    return named_lines(lines, policy).filter(in_force(policy.head))


def named_lines(lines: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """As ``of_policy``, on any day and of any contractor: what a history is read with, where it names none."""
    named = lines.filter(pl.col("hcpcs").cast(pl.String).is_in(policy.codes()))
    blank = pl.lit("", pl.String)
    kept = [name for name in named.columns if name.startswith(_DIAGNOSIS) or name == "row"]
    claim, beneficiary = pl.col("claim_id"), pl.col("beneficiary_id")
    return _with_sides(
        named.select(
            *kept,
            "date_of_service",
            pl.col("hcpcs").cast(pl.String),
            (pl.col("units") if "units" in named.columns else pl.lit(1)).cast(pl.Int64).fill_null(0).alias("units"),
            *(
                (pl.col(name).cast(pl.String).fill_null("") if name in named.columns else blank).alias(name)
                for name in _TEXTS
            ),
        )
        .with_columns(
            patient=pl.when(beneficiary != "").then("b " + beneficiary).otherwise("c " + claim),
            purpose=pl.col("purpose").str.strip_chars().str.to_lowercase(),
        )
        .filter(pl.col("date_of_service").is_not_null())
    )


def procedures(found: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """The lines of ``of_policy`` that are procedures of a region. Shape: [line], in the lines' order.

    Added: region, kind, level, each_further, and ``purpose`` with ``reading`` (how it is known).
    """
    parts = [
        found.filter(pl.col("hcpcs").is_in(row["codes"]), in_force(row)).with_columns(
            region=pl.lit(row["region"]),
            kind=pl.lit(row["kind"]),
            level=pl.lit(row["level"], pl.Int64),
            each_further=pl.lit(row.get("each_further", False)),
        )
        for row in policy.rows("code")
    ]
    return _with_purpose(pl.concat(parts).sort("row"), policy)


def has_modifier(*modifiers: str) -> pl.Expr:
    """Whether the line carries one of the modifiers."""
    return pl.any_horizontal(pl.col(name).is_in(modifiers) for name in _MODIFIERS)


def first_of(modifiers: list[str]) -> pl.Expr:
    """The first of the line's modifiers that is one of these, else null."""
    return pl.coalesce(pl.when(pl.col(name).is_in(modifiers)).then(pl.col(name)) for name in _MODIFIERS)


def region_name(policy: Policy) -> pl.Expr:
    """The region's name, for a sentence."""
    return pl.col("region").replace_strict(policy.region_names(), default=pl.col("region"), return_dtype=pl.String)


def _with_sides(lines: pl.DataFrame) -> pl.DataFrame:
    said = {
        side: has_modifier(*(row["modifier"] for row in shared_rows("side") if side in row["sides"]))
        for side in ("right", "left")
    }
    return lines.with_columns(
        right=pl.when(said["right"]).then("units").otherwise(0),
        left=pl.when(said["left"]).then("units").otherwise(0),
        unsided=pl.when(said["right"] | said["left"]).then(0).otherwise("units"),
    )


def _with_purpose(lines: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """A line's own word, else the one word of its session, else as the policy's kind reads the session."""
    purposes = sorted(purposes_of(policy))
    lines = lines.with_columns(said=pl.when(pl.col("purpose").is_in(purposes)).then(pl.col("purpose")))
    agreed = pl.col("said").drop_nulls().n_unique().over(SESSION) == 1
    lines = lines.with_columns(said=pl.coalesce("said", pl.when(agreed).then(pl.col("said").max().over(SESSION))))
    purpose, reading = pl.lit(None, pl.String), pl.lit(None, pl.String)
    for row in policy.rows("kind"):
        here = (pl.col("kind") == row["key"]) & in_force(row)
        if "purpose" in row:
            purpose = pl.when(here).then(pl.lit(row["purpose"])).otherwise(purpose)
            reading = pl.when(here).then(pl.lit("by its code")).otherwise(reading)
            continue
        marked = has_modifier(row["modifier"]).any().over(SESSION)
        with_it, without = (pl.lit(row[f"purpose_{which}_modifier"]) for which in ("with", "without"))
        read = pl.when(marked).then(with_it).otherwise(without)
        how = (
            pl.when(pl.col("said").is_not_null())
            .then(pl.lit("as the file says"))
            .when(marked)
            .then(pl.lit(f"read from modifier {row['modifier']} in the session"))
            .otherwise(pl.lit(f"read so because no line of the session carries modifier {row['modifier']}"))
        )
        purpose = pl.when(here).then(pl.coalesce("said", read)).otherwise(purpose)
        reading = pl.when(here).then(how).otherwise(reading)
    return lines.with_columns(purpose=purpose, reading=reading)
