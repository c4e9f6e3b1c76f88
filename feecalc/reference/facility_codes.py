"""Services that a facility bills by a code of its own in place of the physician's: G0463 for a visit, G0260 for 27096.

Source: reference/facility_code.toml.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from feecalc.reference import Row, rows, rows_on

ON_PROFESSIONAL_BILL = "facility_code_on_professional_bill"  # the rule that finds the facility's code there
BILLERS = {"asc": "an ASC", "hospital": "a hospital"}  # who writes a kind of bill, in a sentence
_TABLE = "facility_code"


def facility_code(hcpcs: str, bill: str, day: date) -> str | None:
    """Return the code that a facility's bill has in place of the physician's; None where it has the same."""
    for row in rows_on(_TABLE, day):
        if bill in row["bills"] and any(_within(hcpcs, span) for span in row["codes"]):
            return str(row["instead"])
    return None


def is_facility_code(hcpcs: str, day: date) -> bool:
    """Return whether a code is one that facilities bill in place of a physician's, and physicians do not."""
    return bool(rows_on(_TABLE, day, instead=hcpcs))


def physicians_codes(day: date) -> dict[str, str]:
    """Return the physician's code by the facility's, where one stands for one: 27096 by G0260."""
    alone = [row for row in rows_on(_TABLE, day) if len(row["codes"]) == 1 and row["codes"][0][0] == row["codes"][0][1]]
    return {row["instead"]: row["codes"][0][0] for row in alone}


def said(instead: str, bill: str) -> str:
    """Return the sentence on the code that the facility bills instead."""
    return f"{BILLERS[bill]} bills {instead} for it"


def said_of_lines(bill: str) -> pl.Expr:
    """Return that sentence of each line, by ``hcpcs`` and ``date_of_service``; "" where there is none."""
    code, day = pl.col("hcpcs").cast(pl.String), pl.col("date_of_service")
    words = pl.lit("")
    for row in rows(_TABLE):
        if bill in row["bills"]:
            meant = pl.any_horizontal(
                code.is_between(pl.lit(first), pl.lit(last)) & (code.str.len_bytes() == len(first))
                for first, last in row["codes"]
            )
            held = day.is_between(row["effective_from"], row.get("effective_to", date.max))
            words = pl.when(meant & held).then(pl.lit(said(row["instead"], bill))).otherwise(words)
    return words


def wrong_on(bill: str) -> list[tuple[str, Row, list[list[str]], str]]:
    """Return the rules of codes that belong on another bill: rule, row, codes, and what this bill has instead."""
    if bill == "professional":
        return [
            (ON_PROFESSIONAL_BILL, row, [[row["instead"]] * 2], _physicians_codes(row)) for row in rows(_TABLE)
        ]
    return [
        (row["rule"], row, row["codes"], row["instead"])
        for row in rows(_TABLE) if bill in row["bills"] and "rule" in row
    ]  # fmt: skip


def rules() -> tuple[str, ...]:
    """Return the rules that find codes of another bill."""
    return (*(row["rule"] for row in rows(_TABLE) if "rule" in row), ON_PROFESSIONAL_BILL)


def billers(row: Row) -> str:
    """Return who bills the facility's code of a row, in a sentence: "an ASC or a hospital"."""
    return " or ".join(BILLERS[bill] for bill in row["bills"])


def _physicians_codes(row: Row) -> str:
    first, last = row["codes"][0][0], row["codes"][-1][1]
    return first if first == last else f"{first} to {last}"


def _within(hcpcs: str, span: list[str]) -> bool:
    first, last = span
    return len(hcpcs) == len(first) and first <= hcpcs <= last
