"""What a remittance would say of a line, in the standard codes. Source: reference/claim_adjustment.toml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from feecalc import reference
from feecalc.pricing.claims import outcomes
from feecalc.pricing.rules import mips
from feecalc.pricing.rules.receipt_steps import Case, usd

_REASON = "claim_adjustment"


@dataclass(frozen=True)
class Adjustment:
    """Hold what a remittance would say of a part of the bill: group and codes, with this project's words. [USD]"""

    group: str
    carc: str
    rarc: str
    name: str
    amount: Decimal | None


def adjustment_codes(statuses: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the claim adjustment reason code and the remark code of each status, "" where it has none."""
    by_status = {row["key"]: row for row in _rows("status")}
    rows = [by_status.get(status, {}) for status in statuses]
    return [str(row.get("carc", "")) for row in rows], [str(row.get("rarc", "")) for row in rows]


def contractual_code() -> str:
    """Return the reason code of what is billed above the allowed amount."""
    (code,) = {str(row["carc"]) for row in _rows("reduction", "billed")}
    return code


def adjustments(results: Mapping[str, Any], case: Case | None, status: int) -> tuple[Adjustment, ...]:
    """Return the adjustments of a line. ``case``: None where no release prices it."""
    found = []
    if results["pricing_status"] != "priced":
        rows = [row for row in _rows("status") if row["key"] == results["pricing_status"] and row["carc"]]
        found += [_adjustment(row, results["contractual_adjustment"]) for row in rows]
        return tuple(found)
    if results["contractual_adjustment"] is not None and results["contractual_adjustment"] > 0:
        found += [_adjustment(row, results["contractual_adjustment"]) for row in _rows("reduction", "billed")]
    if case is not None and status == outcomes.PRICED:
        shares, line = case.followed.priced.shares, case.followed.line
        for kind, key, cents in (
            ("patient_share", "deductible", int(shares.deductible[line])),
            ("patient_share", "coinsurance", int(shares.coinsurance[line])),
            ("payment", "sequestration", int(shares.sequestration[line])),
        ):
            if cents:
                found += [_adjustment(row, usd(cents)) for row in _rows(kind, key)]
        for station in case.stations("therapy_assistant", mips.RAISES, mips.LOWERS):
            place = station.where[line]
            taken = int(station.before[place] - station.after[place])
            if taken:
                found += [_adjustment(row, usd(taken)) for row in _rows("payment", station.rule)]
    return tuple(found)


def _rows(kind: str, key: str | None = None) -> list[reference.Row]:
    return [row for row in reference.rows(_REASON) if row["kind"] == kind and key in (None, row["key"])]


def _adjustment(row: reference.Row, amount: Decimal | None) -> Adjustment:
    return Adjustment(row["group"], row["carc"], row["rarc"], row["name"], amount)
