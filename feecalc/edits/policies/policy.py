"""A coverage policy: dated, sourced rows by subject, and which lines each row speaks of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from feecalc.edits.policies.models import (
    AnyRow,
    Code,
    CodeRow,
    Diagnosis,
    Head,
    Kind,
    ListHead,
    OneRegion,
    PolicyRow,
    Region,
    Rule,
    one_of,
)


def in_force(row: PolicyRow) -> pl.Expr:
    """Return whether a row of a policy holds for the line: its day and its contractor (column ``mac``)."""
    holds = pl.col("date_of_service").is_between(row.effective_from, row.effective_to)
    if row.macs is not None:
        holds = holds & pl.col("mac").is_in(row.macs)
    if row.not_macs is not None:
        holds = holds & ~pl.col("mac").is_in(row.not_macs)
    return holds


@dataclass(frozen=True)
class DiagnosisList:
    """Which diagnoses support the policy's codes, and who says so.

    ``head`` says whether the list is complete: a diagnosis that is not on a complete list is not covered.
    """

    head: ListHead
    entries: tuple[Diagnosis, ...]

    @property
    def label(self) -> str:
        """Return the list's name, and its contractors where it is only theirs."""
        return f"{self.head.name} (MAC {', '.join(self.head.macs)})" if self.head.macs else self.head.name


@dataclass(frozen=True)
class Policy:
    """One policy. ``sections`` hold its rows by their model, each with its days."""

    head: Head
    sections: Mapping[type[PolicyRow], tuple[PolicyRow, ...]]
    diagnosis_lists: tuple[DiagnosisList, ...]  # the first that holds for a line is used
    rules: tuple[Rule, ...]  # how findings are worded

    @property
    def key(self) -> str:
        """Return the key by which a person names the policy."""
        return self.head.key

    @property
    def name(self) -> str:
        """Return the policy's name, for a sentence."""
        return self.head.name

    def rows(self, model: type[AnyRow]) -> tuple[AnyRow, ...]:
        """Return the rows of a subject, in the file's order; empty where the policy says nothing of it."""
        return tuple(row for row in self.sections.get(model, ()) if isinstance(row, model))

    def wordings(self, rule: str) -> list[Rule]:
        """Return the dated sentences of a rule."""
        return [row for row in self.rules if row.rule == rule]

    def codes(self) -> list[str]:
        """Return every procedure code that the policy speaks of."""
        rows = (row for model, rows in self.sections.items() if model is not Diagnosis for row in rows)
        return sorted({code for row in rows if isinstance(row, CodeRow) for code in row.named_codes})

    def primaries(self) -> list[tuple[str, str, date, date]]:
        """Return each code of a further level, the first level of another region it may stand beside, first and last
        day.
        """
        further = {code for row in self.rows(Code) if row.level > 1 for code in row.codes}
        return [
            (add_on, primary, row.effective_from, row.effective_to)
            for row in self.rows(OneRegion)
            for add_on in row.codes
            for primary in row.codes
            if add_on in further and primary not in further
        ]

    def purposes(self) -> set[str]:
        """Return every purpose that a session of the policy may have."""
        return {purpose for kind in self.rows(Kind) for purpose in kind.purposes}

    def region_names(self) -> dict[str, str]:
        """Return the name of each region by its key."""
        return {row.key: row.name for row in self.rows(Region)}

    def with_list(self, diagnoses: DiagnosisList) -> Policy:
        """Return the policy with another list before its own: for the list's contractors, or all where none is named.

        Raises InvalidValue where the list names a region that the policy does not have.
        """
        for row in diagnoses.entries:
            for region in row.regions or ():
                one_of(f"{diagnoses.label}, {row.codes[0]}", "regions", region, self.region_names())
        return replace(self, diagnosis_lists=(diagnoses, *self.diagnosis_lists))
