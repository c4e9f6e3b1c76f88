"""All that coverage policies say of claim lines: one look at the lines, then each rule on the few that are meant."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from feecalc.edits import finding
from feecalc.edits.policies import coding, diagnoses, levels
from feecalc.edits.policies.loading import shipped_policies
from feecalc.edits.policies.policy import Policy
from feecalc.edits.policies.procedures import named_lines, of_policy, procedures
from feecalc.edits.policies.sessions import sessions_over
from feecalc.errors import MissingColumn

_NEEDED = ("claim_id", "date_of_service", "hcpcs")
_NEEDED_OF_HISTORY = ("beneficiary_id", "date_of_service", "hcpcs")


def find(
    lines: pl.DataFrame,
    policies: Sequence[Policy] | None = None,
    history: pl.DataFrame | None = None,
    *,
    denials_only: bool = False,
) -> pl.DataFrame:
    """What the policies deny, reduce or question. Shape: [finding], columns of ``edits.finding.SCHEMA``, rule by rule.

    ``lines`` are canonical claim lines, whole patients together, with ``row`` (their place; counted where it is
    missing). Read beside the usual columns, where they are there: ``diagnosis_1`` and on, ``purpose`` (the policy's
    words, such as diagnostic), ``prior_authorization`` (its number). ``history`` holds lines of earlier, paid sessions
    (beneficiary_id, date_of_service, hcpcs; modifiers and purpose where known): they count, and get no finding.
    ``policies``: those that come with feecalc where None. ``denials_only``: nothing is said of rules that never deny.
    Raises MissingColumn.
    """
    require(lines, history)
    numbered = lines if "row" in lines.columns else lines.with_row_index("row")
    given = shipped_policies() if policies is None else policies
    found = [part for policy in given for part in _of_policy(numbered, policy, history, denials_only)]
    return pl.concat(found) if found else finding.no_findings()


def require(lines: pl.DataFrame, history: pl.DataFrame | None) -> None:
    """Raises MissingColumn for what the policies cannot do without."""
    for what, frame, needed in (("claim lines", lines, _NEEDED), ("history lines", history, _NEEDED_OF_HISTORY)):
        missing = [] if frame is None else [name for name in needed if name not in frame.columns]
        if frame is not None and missing:
            raise MissingColumn(f"{what} lack the column {missing[0]}; they have {', '.join(frame.columns)}")


def earlier_procedures(history: pl.DataFrame | None, like: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """The history's procedures as ``procedures`` has them, without rows. Blank beneficiaries are left out."""
    if history is None:
        return like.clear()
    known = history.filter(pl.col("beneficiary_id").fill_null("") != "")
    told = named_lines(known.drop("row", strict=False).with_row_index("row"), policy)
    return procedures(told, policy)


def _of_policy(
    lines: pl.DataFrame, policy: Policy, history: pl.DataFrame | None, denials_only: bool
) -> list[pl.DataFrame]:
    meant = of_policy(lines, policy)
    if not meant.height:
        return []
    done = procedures(meant, policy)
    not_paid = levels.not_paid(meant, policy)
    denied = pl.concat(not_paid)["row"] if not_paid else pl.Series([], dtype=pl.UInt32)
    # What each says: its rules, and how it is found.
    parts: tuple[tuple[tuple[str, ...], Callable[[], list[pl.DataFrame]]], ...] = (
        (
            ("levels_over_limit", "levels_partly_over_limit", "levels_unclear"),
            lambda: levels.levels_over(done, policy, denied),
        ),
        (("units_over_day",), lambda: levels.units_over(meant, policy)),
        (("regions_over_limit",), lambda: levels.regions_over(done, policy)),
        (
            ("sessions_over_limit",),
            lambda: sessions_over(done, earlier_procedures(history, done, policy), policy),
        ),
        (
            ("included_service", "included_service_with_modifier"),
            lambda: coding.included(meant, done, policy),
        ),
        (("next_level_for_other_side",), lambda: coding.next_level_for_other_side(done, policy)),
        (("modifier_missing", "modifier_of_other_purpose"), lambda: coding.modifiers(done, policy)),
        (("prior_authorization",), lambda: coding.prior_authorization(meant, policy)),
        (("diagnosis_not_supported", "diagnosis_not_listed"), lambda: diagnoses.unsupported(done, policy)),
    )
    said = [part for rules, found in parts if not denials_only or _may_deny(policy, rules) for part in found()]
    return [*not_paid, *said]


def _may_deny(policy: Policy, rules: Sequence[str]) -> bool:
    return any(wording["severity"] == finding.DENIES for rule in rules for wording in policy.wordings(rule))
