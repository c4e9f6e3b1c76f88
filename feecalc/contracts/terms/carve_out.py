"""Carve-outs: a fixed amount for one unit of a code, whatever Medicare allows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from feecalc.contracts.amounts import ANY, FixedAmounts
from feecalc.contracts.codes import HcpcsCode, Modifier, PlaceOfService
from feecalc.contracts.fields import Amount, DatedSection, Section
from feecalc.contracts.terms.cells import FROM_AND_TO, Column, code, digits
from feecalc.contracts.terms.payment import Payment
from feecalc.contracts.terms.rows import check_days, same_on_one_day
from feecalc.contracts.terms.solvable import SolvableTerm, steps
from feecalc.contracts.terms.term import ContractDay, DayTerm, Keys, Term
from feecalc.errors import DuplicateKey
from feecalc.files.toml import Places
from feecalc.money import MONEY_PLACES, whole

_LABEL = "carve_out"
_MOST_AMOUNT = Decimal(1_000_000)


class CarveOut(DatedSection):
    """A fixed amount for one unit of a code; no payment rule raises or lowers it. [USD]

    With a ``modifier`` or a place of service it applies to lines that have them; the most specific row is taken. One
    without a modifier applies to the global service, not to a component (26, TC).
    """

    hcpcs: HcpcsCode
    modifier: Modifier = ""
    place_of_service: PlaceOfService | None = None
    amount: Amount

    @property
    def service(self) -> tuple[str, str, str | None]:
        """Code, modifier and place of service."""
        return self.hcpcs, self.modifier, self.place_of_service


class CarveOutKeys(Section):
    """The rows of carve-outs."""

    carve_out: tuple[CarveOut, ...] = ()


@dataclass(frozen=True)
class _DayCarveOuts(DayTerm):
    amounts: FixedAmounts

    def set_amounts(self, payment: Payment) -> None:
        line, row = payment.lines_of(self.amounts)
        payment.cents[line] = self.amounts.cents[row] * payment.units_of(line)
        payment.basis[line] = payment.number(_LABEL)


class CarveOuts(Term[CarveOutKeys]):
    """Fixed amounts by code, in place of every other payment."""

    name = "carve_out"
    section = CarveOutKeys
    sheet = "carve_out"
    columns: ClassVar = {
        "hcpcs": Column("Code", "", code),
        "modifier": Column("Modifier", "Empty: the whole service.", digits),
        "place_of_service": Column("Place", "Two digits; empty: everywhere.", digits),
        "amount": Column("Amount, USD", "For one unit."),
        **FROM_AND_TO,
    }
    heading = "Carve-outs: a fixed amount for a code"
    pays_alone = "[[carve_out]]"

    def is_given(self, keys: CarveOutKeys) -> bool:
        return bool(keys.carve_out)

    def check(self, keys: CarveOutKeys, days: DatedSection, places: Places) -> None:
        """Check that no service has two rows for one day. Raises DuplicateKey, InvalidValue."""
        for (first_number, first), (second_number, second) in same_on_one_day(keys.carve_out, lambda row: row.service):
            service = f"{second.hcpcs}-{second.modifier}" if second.modifier else second.hcpcs
            raise DuplicateKey(
                f"{places.of('carve_out', second_number, 'hcpcs')}: {service} "
                f"is also in {places.row('carve_out', first_number)} for the same days, at {first.amount}; "
                "keep one of them"
            )
        check_days("carve_out", keys.carve_out, days, places)

    def state_on(self, keys: CarveOutKeys, day: date) -> object:
        return [row.applies_on(day) for row in keys.carve_out]

    def as_medicare_allows(self, keys: CarveOutKeys) -> Keys:
        return {"carve_out": ()}

    def on(self, keys: CarveOutKeys, day: ContractDay) -> DayTerm | None:
        rows = [
            (
                row.hcpcs,
                row.modifier,
                row.place_of_service or ANY,
                whole(day.escalated(row.amount, MONEY_PLACES), MONEY_PLACES),
            )
            for row in keys.carve_out
            if row.applies_on(day.day)
        ]
        return _DayCarveOuts(FixedAmounts.from_rows(rows)) if rows else None


def solvable(keys: CarveOutKeys, hcpcs: str, modifier: str = "", place_of_service: str | None = None) -> SolvableTerm:
    """Return a code's carve-out as a term to solve for; it is added where the contract has none for the code."""
    service = (hcpcs, modifier, place_of_service)
    now = next((row.amount for row in keys.carve_out if row.service == service), None)

    def with_amount(contract_keys: CarveOutKeys, amount: Decimal) -> Keys:
        others = (row for row in contract_keys.carve_out if row.service != service)
        new = CarveOut(hcpcs=hcpcs, modifier=modifier, place_of_service=place_of_service, amount=amount)
        return {"carve_out": (*others, new)}

    code = f"{hcpcs}-{modifier}" if modifier else hcpcs
    what = f"the carve-out of {code}" + (f" at place of service {place_of_service}" if place_of_service else "")
    return SolvableTerm(what, "USD", now, 0, steps(_MOST_AMOUNT), with_amount)
