"""A contract's own tests, run: lines and the amounts they must pay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from feecalc.contracts.categories import Taxonomy
from feecalc.contracts.contract import Contract
from feecalc.contracts.paying.claim_lines import ClaimContract
from feecalc.contracts.pricing import within
from feecalc.contracts.terms.locality import OWN
from feecalc.contracts.terms.own_tests import ContractTest
from feecalc.errors import InvalidValue
from feecalc.installed import open_schedule
from feecalc.pricing.schedule import FeeSchedule
from feecalc.runs.release_days import open_schedules, release_days


@dataclass(frozen=True)
class ContractTestResult:
    """The result of one of a contract's own tests. Amounts in USD; None is not paid."""

    number: int
    name: str
    expected: Decimal | None
    found: Decimal | None
    basis: str  # the term that decided
    reason: str

    @property
    def passed(self) -> bool:
        return (self.found or None) == (self.expected or None)


def run_tests(
    contract: Contract, *, taxonomy: Taxonomy | None = None, home: Path | None = None
) -> tuple[list[ContractTestResult], tuple[str, ...]]:
    """Price each ``[[test]]`` as a claim of its own, and return the results and notices.

    An add-on code is priced as if its primary procedure were on the claim. A test without a day is priced on the newest
    release's first day, or the nearest day in the contract's days. Raises InvalidValue, NotInstalled, UnknownLocality.
    """
    if not contract.test:
        return [], ()
    newest = open_schedule(home=home).schedule
    default_day = within(contract, newest.release.first_date_of_service)
    days = [test.date_of_service or default_day for test in contract.test]
    opened = open_schedules(days, home=home)
    rows = [
        _line(number, test, day, contract, opened.schedules)
        for number, (test, day) in enumerate(zip(contract.test, days, strict=True), 1)
    ]
    pricer = ClaimContract(contract, release_days(opened), taxonomy, home, alone=True)
    priced = pricer.price(pl.DataFrame(rows, schema_overrides=_KINDS))
    tested = [
        ContractTestResult(
            number,
            test.name or "-".join((test.hcpcs, *test.modifiers)),
            test.amount,
            row["contract_amount"],
            row["contract_basis"] or "",
            "" if row["contract_amount"] is not None else row["contract_reason"] or row["reason"] or "",
        )
        for number, (test, row) in enumerate(zip(contract.test, priced.iter_rows(named=True), strict=True), 1)
    ]
    return tested, (*opened.notices, *pricer.basis.notices, *pricer.basis.floor_notices(opened.schedules))


_KINDS: dict[str, pl.DataType] = {"billed_amount": pl.Decimal(12, 2), "units": pl.Int32(), "line": pl.Int32()}


def _line(
    number: int, test: ContractTest, day: date, contract: Contract, schedules: tuple[FeeSchedule, ...]
) -> dict[str, object]:
    mac, locality = "", ""
    if test.locality is not None:
        place = max(
            (schedule for schedule in schedules if schedule.release.first_date_of_service <= day),
            key=lambda schedule: schedule.release.first_date_of_service,
            default=schedules[-1],
        ).find_locality(test.locality)
        mac, locality = place.mac, place.locality
    elif (contract.basis.locality or OWN) == OWN:
        raise InvalidValue(
            f"{contract.payer}, [[test]] {number} ({test.hcpcs}): the key 'locality' is missing, and the contract pays "
            "by the line's own"
        )
    modifiers = {
        f"modifier_{place}": modifier for place, modifier in enumerate((*test.modifiers, "", "", "", "")[:4], 1)
    }
    return {
        "claim_id": f"test {number}",
        "line": 1,
        "date_of_service": day,
        "hcpcs": test.hcpcs,
        **modifiers,
        "place_of_service": test.place_of_service,
        "mac": mac,
        "locality": locality,
        "units": test.units,
        "billed_amount": test.billed_amount,
        "provider_type": test.provider_type,
    }
