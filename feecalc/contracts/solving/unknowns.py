"""What may be solved for: a term of a contract as a whole number of its smallest steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from feecalc.contracts.contract import CarveOut, Contract, Escalator
from feecalc.errors import InvalidValue

_STEP = Decimal("0.01")  # of a percent, or of a dollar
_MOST_PERCENT = Decimal(1000)
_MOST_AMOUNT = Decimal(1_000_000)
_MOST_RISE = Decimal(100)


@dataclass(frozen=True)
class Unknown:
    """A term to be found: steps of a hundredth, from ``least`` to ``most``."""

    what: str  # for a person: "the percent of surgery and imaging"
    unit: str  # "percent", "points" or "USD"
    now: Decimal | None  # as the contract has it; None where it has none
    least: int
    most: int
    put: Callable[[Contract, Decimal], Contract]

    def value(self, steps: int) -> Decimal:
        return steps * _STEP

    def contract(self, contract: Contract, steps: int) -> Contract:
        """The contract with this value of the term."""
        return self.put(contract, self.value(steps))


def common_percent(contract: Contract) -> Unknown:
    """The percent of all that no other term speaks of."""

    def put(terms: Contract, percent: Decimal) -> Contract:
        return terms.model_copy(update={"percent": percent})

    return Unknown("the percent", "percent", contract.percent, 0, _steps(_MOST_PERCENT), put)


def category_percents(contract: Contract, names: Sequence[str], *, by_points: bool = False) -> Unknown:
    """The percent of categories: one for all of them or, ``by_points``, as many points more for each.

    Raises InvalidValue for a category that the contract does not have.
    """
    wanted = [_category(contract, name) for name in names]
    terms = [each for each in contract.category if each.name in wanted]
    what = f"the percent of {_listed(wanted)}"
    lowest = min(each.percent for each in terms)
    if by_points:

        def raised(given: Contract, points: Decimal) -> Contract:
            return _with_percents(given, {each.name: each.percent + points for each in terms})

        return Unknown(
            f"points added to {what}", "points", Decimal(0), -int(lowest / _STEP), _steps(_MOST_PERCENT), raised
        )

    def put(given: Contract, percent: Decimal) -> Contract:
        return _with_percents(given, dict.fromkeys(wanted, percent))

    same = len({each.percent for each in terms}) == 1
    return Unknown(what, "percent", lowest if same else None, 0, _steps(_MOST_PERCENT), put)


def carve_out(contract: Contract, hcpcs: str, modifier: str = "", place_of_service: str | None = None) -> Unknown:
    """The fixed amount of a code; a carve-out is added where the contract has none for it."""
    key = (hcpcs, modifier, place_of_service)
    held = [each for each in contract.carve_out if (each.hcpcs, each.modifier, each.place_of_service) == key]

    def put(terms: Contract, amount: Decimal) -> Contract:
        others = [each for each in terms.carve_out if (each.hcpcs, each.modifier, each.place_of_service) != key]
        new = CarveOut(hcpcs=hcpcs, modifier=modifier, place_of_service=place_of_service, amount=amount)
        return terms.model_copy(update={"carve_out": (*others, new)})

    code = f"{hcpcs}-{modifier}" if modifier else hcpcs
    what = f"the carve-out of {code}" + (f" at place of service {place_of_service}" if place_of_service else "")
    return Unknown(what, "USD", held[0].amount if held else None, 0, _steps(_MOST_AMOUNT), put)


def escalator(contract: Contract, day: date, first_applied: date | None = None) -> Unknown:
    """The rise of a year, as it has been applied by ``day``. Raises InvalidValue where it has not been yet."""
    held = contract.escalator
    first = first_applied or (held.first_applied if held else None)
    if first is None:
        raise InvalidValue(
            f"{contract.payer}: no escalator, so no day it is first applied on; give that day"
        )
    if Escalator(percent=Decimal(0), first_applied=first).times(day) < 1:
        raise InvalidValue(
            f"the escalator is first applied on {first}, after {day}, the day that is priced: no rise reaches the "
            "target; price a later day"
        )

    def put(terms: Contract, percent: Decimal) -> Contract:
        return terms.model_copy(update={"escalator": Escalator(percent=percent, first_applied=first)})

    now = held.percent if held else None
    return Unknown("the escalator a year", "percent", now, 1 - _steps(_MOST_RISE), _steps(_MOST_RISE), put)


def _category(contract: Contract, name: str) -> str:
    for each in contract.category:
        if each.name.lower() == name.strip().lower():
            return each.name
    has = ", ".join(each.name for each in contract.category) or "none"
    raise InvalidValue(
        f"{contract.payer}: no category {name!r} in the contract (it has {has}); or solve for the percent of all else"
    )


def _with_percents(contract: Contract, percents: dict[str, Decimal]) -> Contract:
    terms = tuple(
        each.model_copy(update={"percent": percents[each.name]}) if each.name in percents else each
        for each in contract.category
    )
    return contract.model_copy(update={"category": terms})


def _steps(value: Decimal) -> int:
    return int(value / _STEP)


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
