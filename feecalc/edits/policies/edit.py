"""A kind of rule that a coverage policy may hold, as an edit, and what it finds of a policy's lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from feecalc.edits.edit import SHARE, Columns, Found
from feecalc.edits.policies.lines import PolicyLines, PolicyTables
from feecalc.edits.policies.models import PLACES, Interval, LimitRow, PolicyRow, RequiredBefore, Sessions
from feecalc.edits.policies.policy import Policy
from feecalc.edits.severity import DENIES

# A rule, the policy's row by which it was found, if by one (its source, ``most`` and ``months`` are named), and the
# lines: with ``row`` and those of PLACES that the edit fills.
PolicyFound = tuple[str, PolicyRow | None, pl.DataFrame]


@dataclass(frozen=True)
class PolicyEdit:
    """One kind of rule of policies. ``rules``: all that it may find; ``find``: finds lines of a policy."""

    name: str
    rules: tuple[str, ...]
    find: Callable[[PolicyLines], Iterable[PolicyFound]]

    def is_wanted(self, policy: Policy, *, denials_only: bool) -> bool:
        """Return whether somebody reads what it finds: a claim run reads what denies, as the policy words it."""
        return not denials_only or any(row.severity == DENIES for rule in self.rules for row in policy.wordings(rule))


def found_by_policies(
    batch: pl.DataFrame, policies: Sequence[PolicyTables], edits: Sequence[PolicyEdit], *, denials_only: bool
) -> Iterator[Found]:
    """Find what policies say of lines. ``batch``: whole patients together, with ``row``, the place of each line."""
    for tables in policies:
        lines = PolicyLines(batch, tables)
        if not lines.lines.height:
            continue
        for edit in edits:
            if edit.is_wanted(tables.policy, denials_only=denials_only):
                for rule, row, some in edit.find(lines):
                    if some.height:
                        yield _found(tables.policy, rule, row, some)


def _limit(row: PolicyRow | None) -> str | None:
    if isinstance(row, RequiredBefore):
        return str(row.least)
    return str(row.most) if isinstance(row, LimitRow) else None


def _found(policy: Policy, rule: str, row: PolicyRow | None, lines: pl.DataFrame) -> Found:
    def columns() -> Columns:
        fixed = {
            "policy": policy.name,
            "most": _limit(row),
            "months": str(row.months) if isinstance(row, Sessions) else None,
            "interval": row.words if isinstance(row, Interval) else None,
            "before": row.before if isinstance(row, RequiredBefore) else None,
            "noun": policy.head.noun,
            "nouns": policy.head.plural,
        }
        found = {name: lines[name] if name in lines.columns else fixed.get(name) for name in PLACES}
        return found | {name: lines[name] for name in SHARE if name in lines.columns}

    source = row.cited if row is not None else ""
    dated = tuple(
        {**wording.model_dump(exclude={"macs", "not_macs"}), "source": source or wording.source}
        for wording in policy.wordings(rule)
    )
    return Found(rule, lines["row"].to_numpy(), columns, dated)
