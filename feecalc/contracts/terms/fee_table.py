"""A payer's own fees, read from a file; payment rules apply to them as to Medicare's amounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import reduce
from math import prod
from operator import mul
from pathlib import Path
from typing import ClassVar

import numpy as np
import polars as pl

from feecalc import reference
from feecalc.contracts.amounts import ANY, RATE_PLACES, FixedAmounts
from feecalc.contracts.fields import Percent, Section, Words
from feecalc.contracts.terms.cells import Cell
from feecalc.contracts.terms.payment import Payment
from feecalc.contracts.terms.term import ContractDay, DayTerm, Keys, Term
from feecalc.errors import DuplicateKey, FeeCalcError
from feecalc.files import cells as file_cells
from feecalc.files.table import read_table
from feecalc.money import FACTOR_PLACES, rounded
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims.results import OWN_FEE_SCHEMA

# The engine's factors of a line that a payer's own fee is multiplied by.
FACTORS = ("bilateral_factor", "modifier_factor", *OWN_FEE_SCHEMA)
_MODIFIER_PLACES = 8
_LABEL = "fee_table"


class FeeTable(Section):
    """A file of the payer's own fees (hcpcs, modifier, amount, place_of_service), and the percent of them paid."""

    path: Words
    percent: Percent = Decimal(100)  # of the table's amounts


class FeeTableKeys(Section):
    """The payer's own fees."""

    fee_table: FeeTable | None = None


@dataclass(frozen=True)
class _DayFeeTable(DayTerm):
    fees: FixedAmounts
    day: date

    def set_amounts(self, payment: Payment) -> None:
        line, row = payment.lines_of(self.fees)
        fee, units, factors = self.fees.cents[row], payment.units_of(line), payment.allowed.factors
        if factors is None:
            payment.cents[line] = fee * units
        else:
            includes = [self.fees.has_modifier(_including(self.day, what))[row] for what in ("sides", "percents")]
            payment.cents[line] = own_fee(fee, units, factors[line], *includes)
        payment.basis[line] = payment.number(_LABEL)


class OwnFees(Term[FeeTableKeys]):
    """The payer's own fees, in place of a percent of Medicare."""

    name = "fee_table"
    section = FeeTableKeys
    cells: ClassVar = {
        "fee_table.path": Cell("the payer's own fees, a csv beside this file"),
        "fee_table.percent": Cell("of those fees, 100"),
    }
    pays_alone = "[fee_table]"

    def is_given(self, keys: FeeTableKeys) -> bool:
        return keys.fee_table is not None

    def as_medicare_allows(self, keys: FeeTableKeys) -> Keys:
        return {"fee_table": None}

    def on(self, keys: FeeTableKeys, day: ContractDay) -> DayTerm | None:
        if keys.fee_table is None or day.fees.is_empty:
            return None
        return _DayFeeTable(day.fees.at_percent(day.escalated(keys.fee_table.percent, RATE_PLACES)), day.day)


def factors_of(keys: FeeTableKeys) -> tuple[str, ...]:
    """Return the engine's columns that a contract needs besides the amounts: ``FACTORS`` with a fee table, or none."""
    return () if keys.fee_table is None else FACTORS


def fees_of(keys: FeeTableKeys, payer: str) -> FixedAmounts:
    """Return the fees of a contract's own table, empty where it has none.

    Raises as ``read_fee_table``, with the payer's name in the message.
    """
    if keys.fee_table is None:
        return FixedAmounts.from_rows(())
    try:
        return read_fee_table(Path(keys.fee_table.path))
    except FeeCalcError as error:
        raise type(error)(f"{payer}, [fee_table], key 'path': {error}") from error


def read_fee_table(path: Path) -> FixedAmounts:
    """Return a payer's own fees from a csv, xlsx or parquet file: code, amount and, if present, modifier and place.

    Raises InvalidValue, MissingColumn, DuplicateKey, UnreadableFile.
    """
    table = read_table(path)
    amount = table.column("amount")
    fees = table.frame.select(
        "row",
        pl.col(amount),
        file_cells.hcpcs(table.column("hcpcs")).alias("hcpcs"),
        *(modifier.alias(name) for name, modifier in table.modifiers().items()),
        table.place_of_service(ANY).alias("place_of_service"),
        table.money("amount").alias("read"),
    )
    table.refuse(fees, pl.col("hcpcs").str.len_chars() != 5, "no procedure code, which has five digits and letters")
    table.refuse(fees, pl.col("modifier_2") != "", "two modifiers; a fee has one, so give each modifier a row")
    table.refuse(fees, pl.col("read").is_null(), "the amount is missing or cannot be read")
    table.refuse(fees, pl.col("read") < 0, "an amount below 0")
    key = ["hcpcs", "modifier_1", "place_of_service"]
    repeated = fees.filter(pl.struct(key).is_duplicated() & ~pl.struct(key).is_first_distinct())
    if repeated.height:
        code, modifier, place = repeated.select(key).row(0)
        raise DuplicateKey(
            f"{path.name}, row {repeated['row'][0]} below the headings: {code} {modifier} {place}".rstrip()
            + " stands twice; keep one of them"
        )
    cents = (pl.col("read") * 100).cast(pl.Int64)
    return FixedAmounts(
        fees.select("hcpcs", pl.col("modifier_1").alias("modifier"), "place_of_service", cents.alias("cents"))
    )


def own_fee(
    fee: Integers, units: Integers, factors: pl.DataFrame, includes_bilateral: Flags, includes_modifier_percent: Flags
) -> Integers:
    """Return what lines are paid of a payer's own fee for one procedure: the exact product, rounded once. [cents]

    ``factors``: ``FACTORS``, null where a rule does not apply to the line; without any, every unit is paid the fee.
    ``includes_bilateral``, ``includes_modifier_percent``: whether the fee already covers both sides of a bilateral
    procedure, or a modifier's percent.
    """
    parts = [
        (fee, np.ones_like(fee)),
        _fraction(factors["bilateral_factor"], FACTOR_PLACES, includes_bilateral),
        _fraction(factors["modifier_factor"], _MODIFIER_PLACES, includes_modifier_percent),
        _fraction(factors["practitioner_factor"], FACTOR_PLACES, np.zeros(len(fee), np.bool_)),
        (
            factors["procedures_paid"].fill_null(pl.Series(units)).to_numpy(),
            factors["procedures_paid_of"].fill_null(1).to_numpy(),
        ),
    ]
    numbers, divisors = zip(*parts, strict=True)
    most = sum(
        prod(int(part.max(initial=1)) for part in factors_of_fraction) for factors_of_fraction in (numbers, divisors)
    )
    if 2 * most < 2**63:
        whole: Integers = rounded(reduce(mul, numbers), reduce(mul, divisors))
        return whole
    wide_products = [
        reduce(mul, (pl.lit(pl.Series(part)).cast(pl.Int128) for part in factors_of_fraction))
        for factors_of_fraction in (numbers, divisors)
    ]
    return pl.select(rounded(wide_products[0], wide_products[1]).cast(pl.Int64)).to_series().to_numpy()


def _fraction(factor: pl.Series, places: int, is_included: Flags) -> tuple[Integers, Integers]:
    """Return a factor as numerator and denominator in lowest terms, so that products fit 64 bits.

    It is 1 where the factor is null or the fee includes it.
    """
    hundred_percent = 10**places
    scaled = factor.cast(pl.Decimal(18, places)).to_physical().cast(pl.Int64).fill_null(hundred_percent).to_numpy()
    number = np.where(is_included, hundred_percent, scaled)
    common = np.gcd(number, hundred_percent)
    return number // common, hundred_percent // common


def _including(day: date, included: str) -> frozenset[str]:
    """Return the modifiers whose fee already includes both sides ("sides") or the modifier's percent ("percents")."""
    tables = reference.row_on("payer_rule", day, rule="row_holds")[included]
    return frozenset(row["modifier"] for row in reference.rows_on("modifier", day) if row.get("table") in tables)
