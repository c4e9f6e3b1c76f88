"""A row's status letter says whether and how the code is paid. Source: RVU25D.pdf, Attachment A.

Some rows of restricted coverage carry RVUs and are priced from them; those without are the contractor's. RVUs printed
on rows of other letters never pay. A letter that is new to the rules prices nothing, and is said. Status T is paid only
where nothing else under the fee schedule is payable to the physician that day. What each letter means:
reference/status_indicator.toml; which other schedule pays a code: reference/other_schedule.toml.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from typing import Any

import numpy as np
import polars as pl

from feecalc import reference
from feecalc.pricing.arrays import Flags, Integers, RvuArrays
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.arrays import segments
from feecalc.pricing.claims.arrays.lines import Lines
from feecalc.pricing.claims.arrays.row_flags import RowFlags
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.rules.rule import LookUp, Others, RowChoice, Rule

PRICED = "priced"
CONTRACTOR = "contractor_priced"
PAYS_RVUS = "rvus"
PAYS_ANESTHESIA = "anesthesia"
UNKNOWN = "unknown_indicator"
RVUS = ("work_rvu", "pe_rvu_nonfacility", "pe_rvu_facility", "mp_rvu")
_COLUMN = "status_indicator"
_PAID_ONLY_ALONE = "T"


@dataclass(frozen=True)
class Status:
    """Hold a row's status: ``pays`` is rvus, anesthesia, contractor or nothing."""

    letter: str
    name: str
    pricing_status: str
    pays: str
    reason: str
    note: str
    source: str


@cache
def status(letter: str, day: date, *, has_rvus: bool) -> Status:
    """Return the status of rows with this letter on ``day``: not priced where the rules do not know the letter."""
    rows = reference.rows_on("status_indicator", day, code=letter)
    if not rows:
        reason = f"Status indicator {letter} is not one that feecalc's rules know: not priced."
        return Status(letter, "not known to feecalc's rules", UNKNOWN, "nothing", reason, "", "the release's own row")
    (row,) = rows
    pricing_status, pays, reason = row["pricing_status"], row["pays"], row["reason"]
    if pays == PAYS_RVUS and not has_rvus:
        contractor = reference.row_on("status_indicator", day, pays="contractor")
        pricing_status, pays, reason = contractor["pricing_status"], contractor["pays"], contractor["reason"]
    return Status(letter, row["name"], pricing_status, pays, reason, row.get("note", ""), row["source"])


def has_rvus(row: Mapping[str, Any]) -> bool:
    """Return whether a relative value row has relative values at all."""
    return any(row[name] for name in RVUS)


def paying_letters(day: date) -> list[str]:
    """Return the letters whose rows are priced from their RVUs on ``day``."""
    return [row["code"] for row in reference.rows_on("status_indicator", day, pays=PAYS_RVUS)]


def priced_rows(arrays: RvuArrays, day: date) -> Flags:
    """Mark the rows that are priced from their relative values on ``day``. Shape: [row]."""
    return arrays.rows_where(_is_paying, day) & arrays.has_rvus


def ever_anesthesia() -> pl.Expr:
    """Return whether a release's row has a letter that has meant anesthesia on some day."""
    letters = sorted({row["code"] for row in reference.rows(_COLUMN) if row["pays"] == PAYS_ANESTHESIA})
    return pl.col(_COLUMN).cast(pl.String).is_in(letters)


def _is_paying(day: date) -> pl.Expr:
    return pl.col(_COLUMN).is_in(paying_letters(day))


class StatusRows(LookUp):
    """Look up what the rows' status letters say."""

    @cached_property
    def outcome(self) -> Integers:
        """Return the outcome of each row's letter; 0 where relative values, or the rule of anesthesia, price it."""
        has_rvus = self.rows.arrays.has_rvus
        found = np.zeros(len(has_rvus), outcomes.KIND)
        for letter in self.rows.column(_COLUMN).unique():
            rows = self.rows.have(_COLUMN, letter)
            for with_rvus in (True, False):
                meant = status(letter, self.book.day, has_rvus=with_rvus)
                if meant.pays != PAYS_RVUS:
                    outcome = self.era.outcomes.number(meant.pricing_status, meant.reason)
                    found[rows & (has_rvus == with_rvus)] = outcome
        for number, outcome in self._of_other_schedules:
            found[number] = outcome
        found[self.is_anesthesia] = outcomes.PRICED
        return found

    @property
    def _of_other_schedules(self) -> Iterator[tuple[Integers, int]]:
        """Yield the rows that another schedule pays, with the outcome that names it."""
        code = self.rows.column("hcpcs").cast(pl.String)
        for letter_row in self.book.rows(_COLUMN):
            if not letter_row.get("by_another_schedule"):
                continue
            of_letter = self.rows.have(_COLUMN, letter_row["code"])
            for row in self.book.rows("other_schedule"):
                held = of_letter & code.is_between(row["first"], row["last"]).to_numpy()
                if held.any():
                    reason = f"{letter_row['reason']} See {row['schedule']}."
                    yield np.flatnonzero(held), self.era.outcomes.number(letter_row["pricing_status"], reason)

    @cached_property
    def is_anesthesia(self) -> Flags:
        """Mark the rows that anesthesia's own rule prices."""
        rows = self.book.rows(_COLUMN, pays=PAYS_ANESTHESIA)
        return self.rows.have(_COLUMN, *(row["code"] for row in rows))

    @cached_property
    def is_priced(self) -> Flags:
        """Mark the rows that relative values price."""
        return priced_rows(self.rows.arrays, self.book.day)

    @cached_property
    def is_paid_only_alone(self) -> Flags:
        """Mark the rows of status T."""
        return self.rows.have(_COLUMN, _PAID_ONLY_ALONE)


def refuse_row(choice: RowChoice) -> None:
    """Refuse the rows whose letter is not priced."""
    choice.lines.refuse_each(choice.era.look_up(StatusRows).outcome[choice.row])


def bundle_beside_others(lines: Lines, row_flags: Integers, rules: ClaimRules) -> None:
    """Bundle status T with whatever else is priced in its group."""
    alone, priced = (row_flags & RowFlags.ONLY_ALONE) != 0, lines.priced()
    at = np.flatnonzero(alone & priced)
    if len(at):
        beside = segments.has_any(lines.group, at, priced & ~alone)
        lines.status[at[beside]] = outcomes.PAID_ONLY_ALONE


RULE = Rule("status", refuse_row=refuse_row)
ALONE = Rule(
    "paid_only_alone",
    others=Others(lambda: pl.col(_COLUMN) == _PAID_ONLY_ALONE, any_line=True),
    beside=bundle_beside_others,
    bundles={outcomes.PAID_ONLY_ALONE: "RVU25D.pdf, Attachment A, status T"},
)
