"""The standard codes a remittance would give for a pricing status. Source: reference/claim_adjustment.toml."""

from __future__ import annotations

from collections.abc import Sequence

from feecalc import reference


def adjustment_codes(statuses: Sequence[str]) -> tuple[list[str], list[str]]:
    """The claim adjustment reason code and the remark code of each status, "" where it has none."""
    by_status = {row["key"]: row for row in reference.rows("claim_adjustment") if row["kind"] == "status"}
    rows = [by_status.get(status, {}) for status in statuses]
    return [str(row.get("carc", "")) for row in rows], [str(row.get("rarc", "")) for row in rows]


def contractual_code() -> str:
    """The reason code of what is billed above the allowed amount."""
    (code,) = {
        str(row["carc"])
        for row in reference.rows("claim_adjustment")
        if row["kind"] == "reduction" and row["key"] == "billed"
    }
    return code
