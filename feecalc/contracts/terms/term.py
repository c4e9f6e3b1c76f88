"""The base class of contract terms: one file for each term, with everything that feecalc knows of it.

A term's file has its keys (as a pydantic section of the contract), its cells in the workbook, its checks, its effect on
amounts, Medicare's own rule for comparison, and its possible readings where a contract does not specify it. The words
of clauses and readings are in reference/contract_clause.toml and contract_reading.toml.
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
from feecalc.contracts.fields import DatedSection, Section
from feecalc.contracts.lines import CodedLines
from feecalc.contracts.terms.cells import Cell, Column
from feecalc.contracts.terms.payment import Payment
from feecalc.contracts.terms.silence import Choices, Reading
from feecalc.files.toml import Places
from feecalc.pricing.arrays import Integers

KeysT = TypeVar("KeysT", bound=Section)
Keys = Mapping[str, Any]  # values of some of a term's keys


class InferenceKind(Enum):
    """The way a term's readings are inferred from payments."""

    PRICE = "affects every amount: its readings are tried with those of all other terms of this kind"
    RULE = "affects some amounts: its readings are tried on the basis that explains most"
    CUT = "applied last: tried with every basis"
    CEILING = "limits amounts at the end: tried on the inferred contract"


@dataclass(frozen=True)
class ContractDay:
    """The day whose terms apply, and what they need to be applied."""

    payer: str
    day: date
    taxonomy: Taxonomy | None
    fees: FixedAmounts  # of the payer's own table
    escalated: Callable[
        [Decimal, int], Decimal
    ]  # a percent or amount after the rises until the day, of so many decimals


class DayTerm:
    """A term on one day, applied to many lines. The methods are called in this order, each for all terms in turn."""

    def set_percents(self, payment: Payment) -> None:
        """Write percents of Medicare into ``payment.percent``, by code."""

    def set_amounts(self, payment: Payment) -> None:
        """Write amounts into ``payment.cents``, replacing those of earlier terms."""

    def limit(self, cents: Integers, lines: CodedLines, claims: Integers | None) -> Integers:
        """Return the amounts limited to a ceiling. ``claims``: each line's claim as a number, where it is needed."""
        return cents

    def cut(self, cents: Integers) -> Integers:
        """Return the amounts less a cut."""
        return cents


class Term(Generic[KeysT]):
    """A term of a contract. A subclass overrides what concerns it; the defaults change nothing."""

    name: ClassVar[str]  # in reports, and as a clause in reference/
    section: type[KeysT]  # the keys of a contract's file that are this term's own
    table: ClassVar[str] = ""  # the table of the file they stand in; "" is its head

    # How it is written.
    cells: ClassVar[Mapping[str, Cell]] = {}  # its keys on the workbook's first sheet
    sheet: ClassVar[str] = ""  # its own sheet, of rows
    columns: ClassVar[Mapping[str, Column]] = {}
    heading: ClassVar[str] = ""  # of the sheet, in the app's form
    can_be: ClassVar[Mapping[str, str]] = {}  # the message for a key with more than one type of value

    # What it decides.
    pays_alone: ClassVar[str] = ""  # its name in a file, if a contract may consist of this term alone
    compared: ClassVar[tuple[str, str] | None] = None  # a key that is not a rate, and its words in a report
    needs_sessions: ClassVar[bool] = False  # a volume, which has no sessions, does not show its worth
    may_be_unspecified: ClassVar[bool] = False  # a clause of reference/contract_clause.toml
    inferred: ClassVar[InferenceKind | None] = None

    def keys_of(self, contract: Section) -> KeysT:
        """Return the part of a contract that has this term's keys."""
        return cast(KeysT, getattr(contract, self.table) if self.table else contract)

    def check(self, keys: KeysT, days: DatedSection, places: Places) -> None:
        """Check what involves more than one key; ``days`` are the contract's. Raises InvalidValue, DuplicateKey."""

    def help(self, day: date) -> str:
        """Return the app form's help for the rows."""
        return ""

    def is_given(self, keys: KeysT) -> bool:
        """Return whether the contract has this term; for terms that can be a contract's only one (``pays_alone``)."""
        return False

    def medicare_defaults(self, keys: KeysT) -> Keys:
        """Return the keys with Medicare's value where the contract does not specify them."""
        return {}

    def keys_matching_medicare(self, keys: KeysT) -> Keys | None:
        """Return keys that replace the term by Medicare's rule; None where it already is Medicare's."""
        return None

    def as_medicare_allows(self, keys: KeysT) -> Keys:
        """Return keys under which this term pays what Medicare allows; for terms that pay another amount."""
        return {}

    # The Medicare amount that percents apply to.
    def rules(self, keys: KeysT) -> Keys:
        """Return the fields of ``ClaimRules`` that this term sets."""
        return {}

    def basis(self, keys: KeysT, payer: str, home: Path | None) -> Keys:
        """Return the fields of ``OpenBasis`` that this term sets. Raises NotInstalled, UnknownRelease."""
        return {}

    # What is paid on a day.
    def escalated(self, keys: KeysT, value: Decimal, places: int, day: date) -> Decimal:
        """Return a percent or amount of the contract as this term has changed it by a day."""
        return value

    def state_on(self, keys: KeysT, day: date) -> object:
        """Return a value that changes between days exactly when the term does."""
        return None

    def on(self, keys: KeysT, day: ContractDay) -> DayTerm | None:
        """Return the term as applied on a day; None where it has no effect. Raises InvalidValue."""
        return None

    # Readings where the contract does not specify the term.
    def is_specified(self, keys: KeysT) -> bool:
        """Return whether the contract specifies the term."""
        return True

    def readings(self, keys: KeysT, row: reference.Row, choices: Choices) -> list[Reading]:
        """Return the readings of a row of contract_reading.toml."""
        return [Reading.from_row(row, self.table, self.read_as(row))]

    def read_as(self, row: reference.Row) -> Keys:
        """Return the keys that specify the reading of a row of contract_reading.toml."""
        return {}
