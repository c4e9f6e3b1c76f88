"""What a term of a contract is: one file a term, which answers everything that feecalc asks of it.

A term's file holds its keys (as a pydantic section of the contract), its cells in the workbook, what is checked, what
it makes of Medicare's amount, how it compares with Medicare's own way, and what a payer could mean where it is unsaid.
The words of clauses and readings stand in reference/contract_clause.toml and contract_reading.toml.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar, cast

from feecalc import reference
from feecalc.contracts.amounts import FixedAmounts
from feecalc.contracts.categories import Taxonomy
from feecalc.contracts.fields import Dated, Section
from feecalc.contracts.lines import Coded
from feecalc.contracts.terms.cells import Cell, Column
from feecalc.contracts.terms.payment import Payment
from feecalc.contracts.terms.silence import Choices, Reading
from feecalc.files.toml import Places
from feecalc.pricing.arrays import Integers

KeysT = TypeVar("KeysT", bound=Section)
Keys = Mapping[str, Any]  # values of some of a term's keys


class Inferred(Enum):
    """How a term's readings are told from one another by payments."""

    PRICE = "every amount turns on it: its readings are tried with those of all others of the kind"
    RULE = "some amounts turn on it: its readings are tried on the basis that explains most"
    CUT = "taken off at the end: tried with every basis"
    CEILING = "holds amounts down at the end: tried on the contract that was found"


@dataclass(frozen=True)
class ContractDay:
    """The day whose terms hold, and what they are made ready with."""

    payer: str
    day: date
    taxonomy: Taxonomy | None
    fees: FixedAmounts  # of the payer's own table
    risen: Callable[[Decimal, int], Decimal]  # a percent or amount after the rises until the day, of so many decimals


class DayTerm:
    """A term on one day, ready for many lines. The steps come in this order, each over the terms in theirs."""

    def set_percents(self, payment: Payment) -> None:
        """Write percents of Medicare into ``payment.percent``, by code."""

    def set_amounts(self, payment: Payment) -> None:
        """Write amounts into ``payment.cents``, in place of those of the terms before."""

    def limit(self, cents: Integers, lines: Coded, claims: Integers | None) -> Integers:
        """Return the amounts held to a ceiling. ``claims``: each line's claim as a number, where it is needed."""
        return cents

    def cut(self, cents: Integers) -> Integers:
        """Return the amounts less what is taken off at the end."""
        return cents


class Term(Generic[KeysT]):
    """One term of a contract. A subclass answers the questions that concern it; the rest have the answer of none."""

    name: ClassVar[str]  # in reports, and as a clause in reference/
    section: type[KeysT]  # the keys of a contract's file that are this term's own
    table: ClassVar[str] = ""  # the table of the file they stand in; "" is its head

    # How it is written.
    cells: ClassVar[Mapping[str, Cell]] = {}  # its keys on the workbook's first sheet
    sheet: ClassVar[str] = ""  # its own sheet, of rows
    columns: ClassVar[Mapping[str, Column]] = {}
    heading: ClassVar[str] = ""  # of the sheet, in the app's form
    can_be: ClassVar[Mapping[str, str]] = {}  # what is said of a key that may be of several kinds and is of none

    # What it decides.
    pays_alone: ClassVar[str] = ""  # as it is written in a file, if a contract may consist of it
    compared: ClassVar[tuple[str, str] | None] = None  # a key that is not a rate, and how it reads in a report
    needs_sessions: ClassVar[bool] = False  # a volume, which has no sessions, cannot tell what it is worth
    may_be_unsaid: ClassVar[bool] = False  # a clause of reference/contract_clause.toml
    inferred: ClassVar[Inferred | None] = None

    def of(self, contract: Section) -> KeysT:
        """Return the part of a contract that has this term's keys."""
        return cast(KeysT, getattr(contract, self.table) if self.table else contract)

    def check(self, keys: KeysT, days: Dated, places: Places) -> None:
        """Check what no single key shows; ``days`` are the contract's. Raises InvalidValue, DuplicateKey."""

    def help(self, day: date) -> str:
        """Return what the form says of the rows."""
        return ""

    def is_given(self, keys: KeysT) -> bool:
        """Return whether the contract has this term; asked of those that can make a contract alone."""
        return False

    def as_medicare_fills(self, keys: KeysT) -> Keys:
        """Return the keys as Medicare has them, where the contract does not say."""
        return {}

    def unlike_medicare(self, keys: KeysT) -> Keys | None:
        """Return keys that put the term as Medicare has it; None where it is so."""
        return None

    def as_medicare_allows(self, keys: KeysT) -> Keys:
        """Return the keys under which this term pays what Medicare allows; asked of those that pay something else."""
        return {}

    # What a percent is a percent of.
    def rules(self, keys: KeysT) -> Keys:
        """Return fields of ``ClaimRules`` that differ from Medicare's."""
        return {}

    def basis(self, keys: KeysT, payer: str, home: Path | None) -> Keys:
        """Return fields of ``OpenBasis``. Raises NotInstalled, UnknownRelease."""
        return {}

    # What is paid on a day.
    def risen(self, keys: KeysT, value: Decimal, places: int, day: date) -> Decimal:
        """Return a percent or amount of the contract as this term changes it by a day."""
        return value

    def changes_with(self, keys: KeysT, day: date) -> object:
        """Return what differs on days with other terms."""
        return None

    def on(self, keys: KeysT, day: ContractDay) -> DayTerm | None:
        """Return the term ready for the lines of a day. Raises InvalidValue."""
        return None

    # How a silence is read.
    def is_said(self, keys: KeysT) -> bool:
        """Return whether the contract says it."""
        return True

    def readings(self, keys: KeysT, row: reference.Row, choices: Choices) -> list[Reading]:
        """Return the readings of a row of contract_reading.toml."""
        return [Reading.of_row(row, self.table, self.read_as(row))]

    def read_as(self, row: reference.Row) -> Keys:
        """Return the keys that say what a row of contract_reading.toml says."""
        return {}
