"""The contract of every table of lines that a person's file becomes: columns, types, row rules, checked at the door.

A reader keeps these rules whatever the file held: a cell that cannot be read is null where the column may be null, else
the row is refused with a sentence of its own. So a rule that is broken is a fault of the reader, not of the file. Codes
are text with their zeros, "" where a file has none; amounts are exact. [USD]
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import dataframely as dy
import polars as pl

from feecalc.errors import BadValue
from feecalc.facility.amounts import INDEX_PLACES

_DIGITS, _CENTS, _SUM_DIGITS = 12, 2, 18
Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)


def _money(*, nullable: bool = True, least: int | None = None) -> dy.Decimal:
    """Return dollars and cents. [USD]"""
    return dy.Decimal(_DIGITS, _CENTS, nullable=nullable, min=least)


def _place_is_whole() -> pl.Expr:
    return (pl.col("mac") == "") == (pl.col("locality") == "")


def _place_is_explained() -> pl.Expr:
    return (pl.col("mac") != "") | pl.col("intake_reason").is_not_null()


def _charge_is_read_or_marked() -> pl.Expr:
    return ~pl.col("billed_unreadable") | pl.col("billed_amount").is_null()


def _payment_is_allowed_or_paid() -> pl.Expr:
    paid = pl.col("payer_paid") + pl.col("patient_amount").fill_null(0)
    return pl.col("payer_amount").eq_missing(pl.coalesce("payer_allowed", paid))


class ClaimLine(dy.Schema):
    """A line of a professional claim, ready to be priced."""

    claim_id = dy.String(min_length=1)
    line = dy.Int32()
    date_of_service = dy.Date(nullable=True)
    hcpcs = dy.String()
    modifier_1 = dy.String()
    modifier_2 = dy.String()
    modifier_3 = dy.String()
    modifier_4 = dy.String()
    place_of_service = dy.String()
    mac = dy.String()
    locality = dy.String()
    units = dy.Int32(nullable=True)
    billed_amount = _money()
    beneficiary_id = dy.String()
    billing_npi = dy.String()
    rendering_npi = dy.String()
    specialty = dy.String()
    provider_type = dy.String()
    participating = dy.Bool()
    qp = dy.Bool()
    minutes = dy.Int32(nullable=True)
    postoperative_days = dy.Int32(nullable=True)
    deductible_left = _money(nullable=False)
    billed_unreadable = dy.Bool()  # then billed_amount is null, and the line is not to be priced without it
    intake_reason = dy.String(nullable=True)  # why a line must not be priced, or its place is not known; null in most

    @dy.rule()
    def place_is_whole(cls) -> pl.Expr:
        """Return whether a line has both a contractor and a locality, or neither."""
        return _place_is_whole()

    @dy.rule()
    def place_is_explained(cls) -> pl.Expr:
        """Return whether a line without a locality says why."""
        return _place_is_explained()

    @dy.rule()
    def charge_is_read_or_marked(cls) -> pl.Expr:
        """Return whether a charge that is marked as unreadable is no amount."""
        return _charge_is_read_or_marked()


class FacilityLine(dy.Schema):
    """A line of a facility's claim, ready to be priced."""

    claim_id = dy.String(min_length=1)
    line = dy.Int32(min=1)
    date_of_service = dy.Date(nullable=True)
    hcpcs = dy.String()
    modifier_1 = dy.String()
    modifier_2 = dy.String()
    modifier_3 = dy.String()
    modifier_4 = dy.String()
    setting = dy.String()  # asc, opps, or what the file says in their place
    units = dy.Int32(nullable=True)
    cbsa = dy.String()  # "" is no area: the national rate
    wage_index = dy.Decimal(_DIGITS, INDEX_PLACES, nullable=True)
    billed_amount = _money()
    billed_unreadable = dy.Bool()  # then billed_amount is null, and the line is not to be priced without it
    intake_reason = dy.String()  # which of its cells could not be read; "" in most
    beneficiary_id = dy.String()
    billing_npi = dy.String()

    @dy.rule()
    def charge_is_read_or_marked(cls) -> pl.Expr:
        """Return whether a charge that is marked as unreadable is no amount."""
        return _charge_is_read_or_marked()


class VolumeRow(dy.Schema):
    """So many units of a code at one place: a row of a volume."""

    hcpcs = dy.String(min_length=5)
    modifier_1 = dy.String()
    modifier_2 = dy.String()
    modifier_3 = dy.String()
    modifier_4 = dy.String()
    place_of_service = dy.String()
    mac = dy.String()  # "" with locality "" is the nation
    locality = dy.String()
    units = dy.Int64(min=1)
    billed_amount = _money(least=0)  # of one unit, null where none is given
    payer = dy.String(nullable=True)  # null where none is given
    category = dy.String(nullable=True)  # the person's own word for it; null where none is given
    provider_type = dy.String()
    minutes = dy.Int32(nullable=True)  # of anesthesia, for a unit

    @dy.rule()
    def place_is_whole(cls) -> pl.Expr:
        """Return whether a line has both a contractor and a locality, or neither."""
        return _place_is_whole()


class PaidLine(dy.Schema):
    """What a payer did with a line of a claim."""

    payer_allowed = _money()
    payer_paid = _money()
    patient_amount = _money()
    payer_reason = dy.String()
    payer_amount = dy.Decimal(_SUM_DIGITS, _CENTS, nullable=True)

    @dy.rule()
    def payment_is_allowed_or_paid(cls) -> pl.Expr:
        """Return whether the payer's amount is what it allowed, or what it paid and left to the patient."""
        return _payment_is_allowed_or_paid()


class HistoryLine(dy.Schema):
    """A line of an earlier, paid session."""

    beneficiary_id = dy.String(min_length=1)
    date_of_service = dy.Date()
    hcpcs = dy.String(min_length=1)
    units = dy.Int32()
    modifier_1 = dy.String()
    modifier_2 = dy.String()
    modifier_3 = dy.String()
    modifier_4 = dy.String()
    purpose = dy.String()  # the policy's word for what it was for; "" where the file has none


# The rules of a claim line over more than one column, for lines that are checked while they are read.
_OF_CLAIM_LINE: tuple[Callable[[], pl.Expr], ...] = (_place_is_whole, _place_is_explained, _charge_is_read_or_marked)


def columns_of(contract: type[dy.Schema]) -> dict[str, pl.DataType]:
    """Return the columns of a table and their types, in its order."""
    return {name: column.dtype for name, column in contract.columns().items()}


def keeps_claim_line() -> pl.Expr:
    """Return whether a line keeps every rule of ``ClaimLine``, for lines read batch by batch. Shape: [line]."""
    columns = ClaimLine.columns().items()
    own = (rule for name, column in columns for rule in column.validation_rules(pl.col(name)).values())
    return pl.all_horizontal(*own, *(rule() for rule in _OF_CLAIM_LINE)).fill_null(False)


def with_types(contract: type[dy.Schema], lines: Frame, name: str) -> Frame:
    """Return the lines, which have the columns of their table, of its types. Other columns may stand beside them.

    ``name``: the file's. Raises BadValue.
    """
    schema = lines.collect_schema()
    for column, kind in columns_of(contract).items():
        if schema.get(column) != kind:
            found = schema.get(column, "none")
            raise BadValue(f"{name}: the column {column} of its lines is {found}, not {kind}; please report this")
    return lines


def checked(contract: type[dy.Schema], lines: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return the lines, which keep every rule of their table. Other columns may stand beside the table's.

    ``name``: the file's. Raises BadValue, which names the rule and counts the lines, never their cells.
    """
    with_types(contract, lines, name)
    _, failures = contract.filter(lines.select(contract.column_names()))
    if len(failures):
        broken = ", ".join(f"{rule} ({count:,} lines)" for rule, count in failures.counts().items())
        raise BadValue(f"{name}: lines as they were read do not keep {broken}; please report this")
    return lines
