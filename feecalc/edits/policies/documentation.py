"""What the record must show for the claims at hand, and what could not be checked for want of a column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from feecalc.edits.policies.lines import PolicyLines, PolicyTables, diagnosis_columns, require
from feecalc.edits.policies.loading import shipped_policies
from feecalc.edits.policies.models import Documentation, Interval, RequiredBefore, Sessions
from feecalc.edits.policies.policy import DiagnosisList, Policy, in_force

SCHEMA: dict[str, type[pl.DataType]] = {
    "claim_id": pl.String,
    "policy": pl.String,
    "item": pl.String,
    "text": pl.String,
    "known": pl.String,  # what the files say of it: the dates of earlier sessions; "" where nothing
    "source": pl.String,
}
# What of a policy may be not looked at, and what a person can do about it.
MENDS = {
    "no_diagnosis": "give the line its diagnoses (diagnosis_1 and on)",
    "no_list": "give your contractor's list of diagnoses: --diagnoses {key}=FILE",
    "no_patient": "give the patient's number (beneficiary_id)",
    "no_history": "give the patients' earlier services: --history FILE",
}
# What is said over all lines. Of the others each line says it, with what mends it: reference/edit_gap.toml.
_SENTENCES = {
    "no_patient": "{count} of {all} lines name no patient; their earlier sessions are not counted",
    "no_history": "no history was given; only the sessions in this file are counted",
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
    if not done.height or not policy.rows(Documentation):
        return []
    claims = done.group_by("claim_id").agg(first_row=pl.col("row").min())
    dates = _prior_dates(lines)
    return [_item(done, claims, dates, policy, row) for row in policy.rows(Documentation)]


def _item(
    done: pl.DataFrame, claims: pl.DataFrame, dates: pl.DataFrame, policy: Policy, row: Documentation
) -> pl.DataFrame:
    purpose = pl.col("purpose").is_in(row.purposes) if row.purposes else pl.lit(True)
    place = pl.col("place_of_service").is_in(row.places) if row.places else pl.lit(True)
    meant = done.filter(in_force(row), purpose, place).select("claim_id").unique()
    known = pl.col("known").fill_null("none on file") if row.shows_prior_dates else pl.lit("")
    return (
        claims.join(meant, on="claim_id")
        .join(dates, on="claim_id", how="left")
        .select(
            "claim_id",
            "first_row",
            policy=pl.lit(policy.name),
            item=pl.lit(row.key),
            text=pl.lit(row.text),
            known=known,
            source=pl.lit(row.cited),
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
    """Return what of the policies could not be checked of any line here, a sentence each; empty where all could.

    What is lacking on single lines is theirs to say: ``not_looked_at``.
    """
    require(lines, history)
    given = shipped_policies() if policies is None else policies
    numbered = lines if "row" in lines.columns else lines.with_row_index("row")
    return [sentence for policy in given for sentence in _unchecked(numbered, policy, history)]


def _unchecked(numbered: pl.DataFrame, policy: Policy, history: pl.DataFrame | None) -> Iterator[str]:
    done = PolicyLines(numbered, PolicyTables(policy)).procedures
    if not done.height:
        return
    missed = _missed(done, policy, history)
    counts = dict(missed.group_by("what").len().iter_rows())
    for what, sentence in _SENTENCES.items():
        if what in counts:
            text = sentence.format(count=f"{counts[what]:,}", all=f"{done.height:,}")
            yield f"{policy.name}: {text}"
    before = [row for row in policy.rows(RequiredBefore) if done["purpose"].eq_missing(row.purpose).any()]
    if history is None and before:
        needed = ", ".join(f"{row.least} {row.before} before {row.purpose}" for row in before)
        yield f"{policy.name}: earlier sessions were not checked ({needed}): add --history FILE"
    used = [listed for listed, some in _lists_used(done, policy) if some.height]
    unfinished = [listed.label for listed in used if not listed.head.complete]
    if unfinished:
        yield f"{policy.name}: not a contractor's whole list of diagnoses: {', '.join(unfinished)}"


def not_looked_at(
    lines: pl.DataFrame, policies: Sequence[Policy] | None = None, history: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return what of a policy was not looked at on the lines it speaks of.

    Shape: [line x what]: row, policy, what (a key of ``MENDS``), mend (what a person can do). Raises MissingColumn.
    """
    require(lines, history)
    given = shipped_policies() if policies is None else policies
    numbered = lines if "row" in lines.columns else lines.with_row_index("row")
    parts = [_missed(PolicyLines(numbered, PolicyTables(policy)).procedures, policy, history) for policy in given]
    schema = pl.Schema({"row": pl.UInt32(), "policy": pl.String(), "what": pl.String(), "mend": pl.String()})
    found = pl.concat([pl.DataFrame(schema=schema), *(part.select(*schema).cast(schema) for part in parts)])
    return found.sort("row", "policy", "what")


def _missed(done: pl.DataFrame, policy: Policy, history: pl.DataFrame | None) -> pl.DataFrame:
    """Return the lines of a policy with what of it was not looked at, one row for each."""
    used = _lists_used(done, policy)
    blank = [pl.col(name).cast(pl.String).fill_null("") == "" for name in diagnosis_columns(done)]
    listed = pl.concat([done.clear(), *(some for _, some in used)])
    limited = done.filter(pl.col("purpose").is_in(sorted(_limited_purposes(policy))))
    missed = {
        "no_diagnosis": listed.filter(pl.all_horizontal(blank)) if blank else listed,
        "no_list": done.join(listed, on="row", how="anti", maintain_order="left"),
        "no_patient": limited.filter(pl.col("beneficiary_id") == ""),
        "no_history": limited if history is None else limited.clear(),
    }
    return pl.concat(
        some.select(
            "row", policy=pl.lit(policy.name), what=pl.lit(what), mend=pl.lit(MENDS[what].format(key=policy.key))
        )
        for what, some in missed.items()
    )


def _limited_purposes(policy: Policy) -> set[str]:
    """Return the purposes whose sessions over time the policy limits."""
    limits: tuple[Sessions | Interval | RequiredBefore, ...]
    limits = (*policy.rows(Sessions), *policy.rows(Interval), *policy.rows(RequiredBefore))
    return {row.purpose for row in limits}


def _lists_used(done: pl.DataFrame, policy: Policy) -> list[tuple[DiagnosisList, pl.DataFrame]]:
    """Return the policy's lists of diagnoses, each with the lines it is used for: of several, the first in force."""
    found, left = [], done
    for listed in policy.diagnosis_lists:
        found.append((listed, left.filter(in_force(listed.head))))
        left = left.filter(~in_force(listed.head))
    return found
