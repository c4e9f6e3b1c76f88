"""A kind of rule that a coverage policy may hold, as an edit, and what it finds of a policy's lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from feecalc.edits.edit import Columns, Found, may_deny
from feecalc.edits.policies.lines import PolicyLines, PolicyTables
from feecalc.edits.policies.models import PLACES
from feecalc.edits.policies.policy import Policy
from feecalc.reference import Row

# A rule, the policy's row by which it was found (its source, ``most`` and ``months`` are named), and the lines: with
# ``row`` and those of PLACES that the edit fills.
PolicyFound = tuple[str, Row, pl.DataFrame]


@dataclass(frozen=True)
class PolicyEdit:
    """One kind of rule of policies. ``rules``: all that it may find; ``find``: finds lines of a policy."""

    name: str
    rules: tuple[str, ...]
    find: Callable[[PolicyLines], Iterable[PolicyFound]]

    def is_wanted(self, policy: Policy, *, denials_only: bool) -> bool:
        """Return whether somebody reads what it finds: a claim run reads what denies, as the policy words it."""
        return not denials_only or any(may_deny(policy.wordings(rule)) for rule in self.rules)


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


def _found(policy: Policy, rule: str, row: Row, lines: pl.DataFrame) -> Found:
    def columns() -> Columns:
        limits = {name: None if row.get(name) is None else str(row[name]) for name in ("most", "months")}
        fixed: dict[str, str | None] = {"policy": policy.name, **limits}
        return {name: lines[name] if name in lines.columns else fixed.get(name) for name in PLACES}

    dated = tuple({**wording, "source": _source(row, wording)} for wording in policy.wordings(rule))
    return Found(rule, lines["row"].to_numpy(), columns, dated)


def _source(row: Row, wording: Row) -> str:
    mark = "assumed; " if row.get("basis") == "assumed" else ""
    return f"{mark}{row['source']}" if row.get("source") else str(wording.get("source", ""))
