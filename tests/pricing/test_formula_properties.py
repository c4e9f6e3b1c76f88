"""The one formula against decimal arithmetic: 42 CFR 414.20 and 414.22, one rounding, halves away from zero."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feecalc.money import exact, money, percent_of, rounded, whole
from feecalc.pricing.arrays import Indices, RvuColumns
from feecalc.pricing.formula import adjusted_rvus, cents
from feecalc.pricing.grid import fees, opps_amounts

RVU = st.integers(0, 99_999)  # hundredths: 0 to 999.99
INDEX = st.integers(0, 2_000)  # thousandths: 0 to 2
FACTOR = st.integers(0, 999_999)  # ten-thousandths: 0 to 99.9999
LINE = st.tuples(RVU, INDEX, RVU, INDEX, RVU, INDEX, FACTOR)
LARGEST = (99_999, 2_000, 99_999, 2_000, 99_999, 2_000, 999_999)
# 0.01 RVU x 0.500 x 1.0000 is half a cent; so is 0.01 x 1.000 x 0.5000, and 1.00 x 1.000 x 0.1250 is 12.5 cents.
TIES = [
    ((1, 500, 0, 0, 0, 0, 10_000), 1),
    ((0, 0, 1, 1_000, 0, 0, 5_000), 1),
    ((0, 0, 0, 0, 100, 1_000, 1_250), 13),
    ((200, 1_000, 100, 1_000, 0, 1_000, 350), 11),  # 3.00 x 0.0350 is 10.5 cents: half to even would say 10
]


def amount(line: tuple[int, ...]) -> int:
    *parts, factor = line
    return cents(adjusted_rvus(*parts), factor)


def by_decimal(line: tuple[int, ...]) -> Decimal:
    """The same amount in dollars, by Decimal and its own rounding."""
    work, work_gpci, pe, pe_gpci, mp, mp_gpci, factor = line
    with localcontext(prec=50):
        relative = sum(
            Decimal(rvu).scaleb(-2) * Decimal(index).scaleb(-3)
            for rvu, index in ((work, work_gpci), (pe, pe_gpci), (mp, mp_gpci))
        )
        return (relative * Decimal(factor).scaleb(-4)).quantize(Decimal("0.01"), ROUND_HALF_UP)


@given(LINE)
@example(LARGEST)
def test_equals_decimal_arithmetic_rounded_once(line: tuple[int, ...]) -> None:
    assert exact(amount(line), 2) == by_decimal(line)


@pytest.mark.parametrize(("line", "expected"), TIES)
def test_a_half_cent_goes_away_from_zero(line: tuple[int, ...], expected: int) -> None:
    assert amount(line) == expected


@given(st.integers(0, 10**9))
def test_every_half_cent_goes_away_from_zero(whole_cents: int) -> None:
    # A tie made on purpose: (n + 1/2) cents, from adjusted RVUs of (n + 1/2) x 10^7 and a factor of 0.0001.
    assert cents((2 * whole_cents + 1) * 5_000_000, 1) == whole_cents + 1
    assert cents((2 * whole_cents + 1) * 5_000_000 - 1, 1) == whole_cents


@given(LINE, st.sampled_from([0, 2, 4]), st.integers(0, 1_000))
def test_more_of_one_rvu_never_pays_less(line: tuple[int, ...], part: int, more: int) -> None:
    raised = list(line)
    raised[part] += more
    assert amount(tuple(raised)) >= amount(line)


@given(LINE)
def test_the_amount_lies_within_half_a_cent_of_the_product(line: tuple[int, ...]) -> None:
    *parts, factor = line
    product = adjusted_rvus(*parts) * factor  # in 10^-9 dollars: 10^7 are a cent
    assert abs(amount(line) * 10**7 - product) <= 5 * 10**6


@given(st.lists(LINE, min_size=1, max_size=50))
@example([LARGEST])
def test_numbers_arrays_and_expressions_give_the_same_cents(lines: list[tuple[int, ...]]) -> None:
    one_by_one = [amount(line) for line in lines]
    columns = [np.array(column, np.int64) for column in zip(*lines, strict=True)]
    array = amount(tuple(columns))
    assert array.dtype == np.int64
    assert array.tolist() == one_by_one
    frame = pl.DataFrame({str(position): column for position, column in enumerate(columns)})
    expression = cents(adjusted_rvus(*(pl.col(str(position)) for position in range(6))), pl.col("6"))
    assert frame.select(expression.alias("cents"))["cents"].to_list() == one_by_one


@given(
    st.lists(st.tuples(*[RVU] * 7), min_size=1, max_size=20),
    st.lists(st.tuples(*[INDEX] * 3), min_size=1, max_size=5),
    FACTOR,
)
def test_the_grid_gives_the_same_cents(rows: list[tuple[int, ...]], places: list[tuple[int, ...]], factor: int) -> None:
    columns = RvuColumns(*(np.array(column, np.int64) for column in zip(*rows, strict=True)))
    indices = Indices(*(np.array(column, np.int64) for column in zip(*places, strict=True)))
    grids = (fees(columns, indices, factor), opps_amounts(columns, indices, factor))
    for row, (work, pe, facility_pe, mp, opps_pe, opps_facility_pe, opps_mp) in enumerate(rows):
        for place, (work_gpci, pe_gpci, mp_gpci) in enumerate(places):
            for grid, used, used_mp in zip(
                grids, ((pe, facility_pe), (opps_pe, opps_facility_pe)), (mp, opps_mp), strict=True
            ):
                found = (grid.nonfacility[row, place], grid.facility[row, place])
                assert found == tuple(
                    amount((work, work_gpci, each, pe_gpci, used_mp, mp_gpci, factor)) for each in used
                )


def test_the_largest_product_fits_64_bits() -> None:
    # 3 parts x 999.99 x 2 x 99.9999 is some 6 x 10^14 in the formula's unit; int64 ends at 9.2 x 10^18.
    *parts, factor = LARGEST
    assert adjusted_rvus(*parts) * factor + 5 * 10**6 < np.iinfo(np.int64).max // 1000


@given(st.decimals(0, 10**6, places=3))
def test_scaling_gives_the_decimal_back(value: Decimal) -> None:
    assert exact(whole(value, 3), 3) == value


def test_scaling_drops_no_digit() -> None:
    with pytest.raises(ValueError, match="more than 2 decimal places"):
        whole("1.005", 2)


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=20))
def test_a_column_of_money_is_the_cents_it_was_made_of(amounts: list[int]) -> None:
    column = pl.DataFrame({"cents": amounts}).select(money(pl.col("cents")))["cents"]
    assert column.to_list() == [Decimal(amount).scaleb(-2) for amount in amounts]


@given(st.integers(0, 10**12), st.integers(1, 10**6))
def test_a_rounded_is_decimals(number: int, divisor: int) -> None:
    with localcontext(prec=60):
        assert rounded(number, divisor) == (Decimal(number) / divisor).quantize(Decimal(1), ROUND_HALF_UP)


@given(st.integers(0, 10**9), st.integers(0, 20_000))
def test_a_percentage_of_an_amount_is_decimals(amount_cents: int, hundredths: int) -> None:
    percent = Decimal(hundredths).scaleb(-2)  # 0 to 200 percent, two places, as 109.25
    expected = (exact(amount_cents, 2) * percent / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert exact(percent_of(amount_cents, str(percent)), 2) == expected
