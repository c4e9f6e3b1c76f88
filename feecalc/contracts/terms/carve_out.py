"""Carve-outs: a fixed amount for one unit of a code, whatever Medicare allows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from feecalc.contracts.amounts import ANY, FixedAmounts
from feecalc.contracts.codes import HcpcsCode, Modifier, PlaceOfService
from feecalc.contracts.fields import Amount, Dated, Section
from feecalc.contracts.terms.cells import FROM_AND_TO, Column, code, digits
from feecalc.contracts.terms.payment import Payment
from feecalc.contracts.terms.rows import check_days, same_on_one_day
from feecalc.contracts.terms.term import ContractDay, DayTerm, Keys, Term
from feecalc.contracts.terms.unknown import Unknown, steps
from feecalc.errors import DuplicateKey
from feecalc.files.toml import Places
from feecalc.money import MONEY_PLACES, whole

_LABEL = "carve_out"
_MOST_AMOUNT = Decimal(1_000_000)


class CarveOut(Dated):
    """A fixed amount for one unit of a code, as it stands: no rule raises or lowers it. [USD]

    With a ``modifier`` or a place it is of lines that have them; the row that says most goes before the others. One
    without a modifier is of the global service, not of a component (26, TC).
    """

    hcpcs: HcpcsCode
    modifier: Modifier = ""
    place_of_service: PlaceOfService | None = None
    amount: Amount

    @property
    def service(self) -> tuple[str, str, str | None]:
        """Code, modifier and place."""
        return self.hcpcs, self.modifier, self.place_of_service


class CarveOutKeys(Section):
    """The rows of carve-outs."""

    carve_out: tuple[CarveOut, ...] = ()


@dataclass(frozen=True)
class _OnDay(DayTerm):
    amounts: FixedAmounts

    def set_amounts(self, payment: Payment) -> None:
        line, row = payment.lines_of(self.amounts)
        payment.cents[line] = self.amounts.cents[row] * payment.units_of(line)
        payment.basis[line] = payment.number(_LABEL)


class CarveOuts(Term[CarveOutKeys]):
    """Fixed amounts by code, in place of all else."""

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

    def check(self, keys: CarveOutKeys, days: Dated, places: Places) -> None:
        """Check that no service stands twice for one day. Raises DuplicateKey, InvalidValue."""
        for (at, one), (again, other) in same_on_one_day(keys.carve_out, lambda row: row.service):
            service = f"{other.hcpcs}-{other.modifier}" if other.modifier else other.hcpcs
            raise DuplicateKey(
                f"{places.of('carve_out', again, 'hcpcs')}: {service} "
                f"is also in {places.row('carve_out', at)} for the same days, at {one.amount}; keep one of them"
            )
        check_days("carve_out", keys.carve_out, days, places)

    def changes_with(self, keys: CarveOutKeys, day: date) -> object:
        return [row.holds_on(day) for row in keys.carve_out]

    def as_medicare_allows(self, keys: CarveOutKeys) -> Keys:
        return {"carve_out": ()}

    def on(self, keys: CarveOutKeys, day: ContractDay) -> DayTerm | None:
        rows = [
            (
                row.hcpcs,
                row.modifier,
                row.place_of_service or ANY,
                whole(day.risen(row.amount, MONEY_PLACES), MONEY_PLACES),
            )
            for row in keys.carve_out
            if row.holds_on(day.day)
        ]
        return _OnDay(FixedAmounts.of_rows(rows)) if rows else None


def unknown(keys: CarveOutKeys, hcpcs: str, modifier: str = "", place_of_service: str | None = None) -> Unknown:
    """Return the fixed amount of a code, to be solved for; a carve-out is added where the contract has none for it."""
    service = (hcpcs, modifier, place_of_service)
    now = next((row.amount for row in keys.carve_out if row.service == service), None)

    def with_amount(given: CarveOutKeys, amount: Decimal) -> Keys:
        others = (row for row in given.carve_out if row.service != service)
        new = CarveOut(hcpcs=hcpcs, modifier=modifier, place_of_service=place_of_service, amount=amount)
        return {"carve_out": (*others, new)}

    code = f"{hcpcs}-{modifier}" if modifier else hcpcs
    what = f"the carve-out of {code}" + (f" at place of service {place_of_service}" if place_of_service else "")
    return Unknown(what, "USD", now, 0, steps(_MOST_AMOUNT), with_amount)
