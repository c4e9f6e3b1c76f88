"""The view of the contracts' own tests: lines and what they must pay."""

from __future__ import annotations

import polars as pl
import streamlit as st

from feecalc.ui.pages.contracts import offers, priced
from feecalc.ui.pages.contracts.form import facts, pick_contract
from feecalc.ui.pages.contracts.priced import Inputs
from feecalc.ui.shared.exports import downloads
from feecalc.ui.shared.figures import facts_line, money_table
from feecalc.ui.shared.problems import remarks

_HEADINGS = {
    "number": "Test", "name": "What", "expected": "Must pay", "found": "Pays", "basis": "By", "passed": "Outcome",
    "reason": "Why no amount",
}  # fmt: skip
_MONEY = pl.Decimal(18, 2)
_SCHEMA: dict[str, pl.DataType] = {
    "number": pl.Int64(), "name": pl.String(), "expected": _MONEY, "found": _MONEY, "basis": pl.String(),
    "passed": pl.String(), "reason": pl.String(),
}  # fmt: skip


def show(inputs: Inputs) -> None:
    """Run the tests of a contract. Raises a FeeCalcError for a test that cannot be priced."""
    offer = pick_contract()
    found, notices = priced.tested(inputs, inputs.key, offer.text)
    if not found:
        st.info(
            "This contract has no tests. A test is a line and what it must pay: write one under Terms, so that you "
            "and the payer read the contract alike.",
            icon=":material/rule:",
        )
        return
    failed = sum(not test.passed for test in found)
    if failed:
        st.error(f"{failed} of {len(found)} tests fail.", icon=":material/error:")
    else:
        st.success(f"All {len(found)} tests pay what they must.", icon=":material/check_circle:")
    rows = [vars(test) | {"passed": "pays it" if test.passed else "FAILS"} for test in found]
    table = pl.DataFrame(rows, schema=_SCHEMA)
    about = facts(inputs) | {"Contract": offers.label(offer), "Volume": "each test's own line"}
    words = f"{table.height} tests, each with what it must pay and what it pays"
    money_table(table.with_columns(_basis_words()), _HEADINGS, key="contracts_tests_table", alt=words)
    downloads(table, "contract-tests", about, key="contracts_tests_files")
    facts_line({"Contract": offers.label(offer), "Release": "the one in force on each test's day"})
    remarks(notices)


def _basis_words() -> pl.Expr:
    """Return by which term a line is paid, in words; the name of a category stays as the contract writes it."""
    basis = pl.col("basis")
    words = basis.replace("carve_out", "carve-out").str.replace_all("_", " ")
    return pl.when(basis.str.starts_with("category ")).then(basis).otherwise(words).alias("basis")
