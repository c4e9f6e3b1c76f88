"""A coverage policy: dated, sourced rows by subject, and which lines each row speaks of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from feecalc.edits.policies.models import one_of
from feecalc.reference import Row


def in_force(row: Row) -> pl.Expr:
    """Return whether a row of a policy holds for the line: its day and its contractor (column ``mac``)."""
    held = pl.col("date_of_service").is_between(row["effective_from"], row.get("effective_to", date.max))
    if "macs" in row:
        held = held & pl.col("mac").is_in(row["macs"])
    if "not_macs" in row:
        held = held & ~pl.col("mac").is_in(row["not_macs"])
    return held


@dataclass(frozen=True)
class DiagnosisList:
    """Which diagnoses support the policy's codes, and who says so.

    ``head`` has the list's key, name, source, days, contractors and whether it is complete (a diagnosis that is not on
    a complete list is not covered). ``entries`` are its rows: codes, supports, regions, and_below.
    """

    head: Row
    entries: tuple[Row, ...]

    @property
    def label(self) -> str:
        """Return the list's name, and its contractors where it is only theirs."""
        macs = self.head.get("macs")
        return f"{self.head['name']} (MAC {', '.join(macs)})" if macs else str(self.head["name"])


@dataclass(frozen=True)
class Policy:
    """One policy. ``sections`` hold its checked rows by subject, each with its days."""

    head: Row
    sections: Mapping[str, tuple[Row, ...]]
    diagnosis_lists: tuple[DiagnosisList, ...]  # the first that holds for a line is used
    rules: tuple[Row, ...]  # how findings are worded

    @property
    def key(self) -> str:
        return str(self.head["key"])

    @property
    def name(self) -> str:
        return str(self.head["name"])

    def rows(self, section: str) -> tuple[Row, ...]:
        """Return the rows of a subject, in the file's order; empty where the policy says nothing of it."""
        return self.sections.get(section, ())

    def wordings(self, rule: str) -> list[Row]:
        """Return the dated sentences of a rule."""
        return [row for row in self.rules if row["rule"] == rule]

    def codes(self) -> list[str]:
        """Return every procedure code that the policy speaks of."""
        sections = ("code", "coverage", "included", "per_day", "prior_authorization")
        return sorted({code for section in sections for row in self.rows(section) for code in row["codes"]})

    def region_names(self) -> dict[str, str]:
        return {row["key"]: row["name"] for row in self.rows("region")}

    def with_list(self, diagnoses: DiagnosisList) -> Policy:
        """Return the policy with another list before its own: for the list's contractors, or all where none is named.

        Raises InvalidValue where the list names a region that the policy does not have.
        """
        for row in diagnoses.entries:
            for region in row.get("regions", ()):
                one_of(f"{diagnoses.label}, {row['codes'][0]}", "regions", region, self.region_names())
        return replace(self, diagnosis_lists=(diagnoses, *self.diagnosis_lists))
