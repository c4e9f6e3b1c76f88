"""The clauses a contract may be silent on, and the readings of each: words from reference/, terms of the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from feecalc import reference
from feecalc.contracts.contract import CURRENT, NATIONAL, OWN, Contract, WithoutPrice
from feecalc.pricing.places.locality import Locality
from feecalc.pricing.schedule import FeeSchedule

RELEASE, LOCALITY = "release", "locality"


@dataclass(frozen=True)
class Reading:
    """One way to read a clause: what it says, the sentence and the entry of a file that say so, and the terms."""

    clause: str
    name: str
    says: str
    sentence: str
    entry: str
    default: bool
    terms: Callable[[Contract], Contract] = field(repr=False, compare=False)


@dataclass(frozen=True)
class Choices:
    """What there is to read a contract by: the releases at hand, oldest first, and places it could mean."""

    schedules: Sequence[FeeSchedule]
    places: Sequence[Locality]
    day: date  # in force on it: the rows of reference/

    @classmethod
    def of(cls, schedules: Sequence[FeeSchedule], keys: Sequence[tuple[str, str]], day: date, most: int) -> Choices:
        """With the localities of the states that lines lie in; ``keys`` (mac, locality) are the lines', at most
        ``most`` are taken, the lines' own first."""
        newest = max(schedules, key=lambda each: each.release.first_date_of_service)
        at = {(place.mac, place.locality): place for place in newest.all_localities}
        own = [at[key] for key in dict.fromkeys(keys) if key in at]
        states = {place.state for place in own}
        near = [place for place in newest.all_localities if place.state in states and place not in own]
        listed = sorted(schedules, key=lambda each: each.release.first_date_of_service)
        return cls(listed, [*own, *near][:most], day)


def question(clause: str, day: date) -> str:
    """What the silence leaves open."""
    return str(reference.row_on("contract_clause", day, clause=clause)["question"])


def clauses(day: date) -> list[str]:
    """All clauses, in the order of the table."""
    return [row["clause"] for row in reference.rows_on("contract_clause", day)]


def unsaid(contract: Contract, day: date) -> list[str]:
    """The clauses a contract says nothing on. A year without its quarter leaves the release unsaid."""
    return [name for name in clauses(day) if not _says(contract, name)]


def _says(contract: Contract, clause: str) -> bool:
    basis, rules = contract.basis, contract.rules
    said: Mapping[str, bool] = {
        RELEASE: basis.release is not None or basis.year == CURRENT,
        LOCALITY: basis.locality is not None,
        "conversion_factor": basis.qp is not None or basis.conversion_factor is not None,
        "gpci_floor": basis.gpci_floor is not None,
        "lesser_of_billed": contract.lesser_of_billed is not None,
        "without_medicare_price": contract.without_medicare_price is not None,
    }
    return said[clause] if clause in said else getattr(rules, clause) is not None


def readings(clause: str, contract: Contract, choices: Choices) -> list[Reading]:
    """The readings of a clause; the one this tool takes for the silence comes first."""
    found = [
        reading
        for row in reference.rows_on("contract_reading", choices.day, clause=clause)
        for reading in _of_row(row, contract, choices)
    ]
    return sorted(found, key=lambda each: not each.default)


def _of_row(row: reference.Row, contract: Contract, choices: Choices) -> list[Reading]:
    if row["clause"] == RELEASE:
        return _of_release(row, contract, choices.schedules)
    if row["clause"] == LOCALITY:
        return _of_locality(row, choices.places)
    return [_reading(row, _TERMS[row["clause"]](row))]


def _of_release(row: reference.Row, contract: Contract, schedules: Sequence[FeeSchedule]) -> list[Reading]:
    year = contract.basis.year
    if row["reading"] == CURRENT:
        return [] if year else [_reading(row, _basis(year=CURRENT, release=None))]
    found = []
    for schedule in schedules:
        release = schedule.release
        if year and release.year != year:
            continue
        first = release.first_date_of_service.isoformat()
        told = {"release": release.name, "year": release.year, "first_day": first}
        found.append(_reading(row, _basis(year=None, release=release.name), release.name, **told))
    if year and found:
        usual = reference.row_on("payer_rule", date(int(year), 1, 1), rule="year_release")["letter"]
        taken = next((at for at, each in enumerate(found) if each.name.endswith(usual)), len(found) - 1)
        found[taken] = replace(found[taken], default=True)
    return found


def _of_locality(row: reference.Row, places: Sequence[Locality]) -> list[Reading]:
    if row["reading"] in (OWN, NATIONAL):
        return [_reading(row, _basis(locality=row["reading"]))]
    return [
        _reading(row, _basis(locality=place.key), place.key, place=f"{place.key} ({place.name})", key=place.key)
        for place in places
    ]


def _reading(row: reference.Row, terms: Callable[[Contract], Contract], name: str = "", **told: object) -> Reading:
    said, sentence, entry = (row[key].format(**told) if told else row[key] for key in ("says", "sentence", "entry"))
    return Reading(row["clause"], name or row["reading"], said, sentence, entry, row.get("default", False), terms)


def _basis(**terms: Any) -> Callable[[Contract], Contract]:
    return lambda contract: contract.model_copy(update={"basis": contract.basis.model_copy(update=terms)})


def _rules(**terms: Any) -> Callable[[Contract], Contract]:
    return lambda contract: contract.model_copy(update={"rules": contract.rules.model_copy(update=terms)})


def _contract(**terms: Any) -> Callable[[Contract], Contract]:
    return lambda contract: contract.model_copy(update=terms)


def _percents(row: reference.Row) -> tuple[Decimal, ...]:
    return tuple(Decimal(text) for text in row["percents"])


def _several(row: reference.Row) -> Callable[[Contract], Contract]:
    return _rules(multiple_procedure=row["reading"] if row["reading"] in ("medicare", "none") else _percents(row))


def _bilateral(row: reference.Row) -> Callable[[Contract], Contract]:
    return _rules(bilateral=next(iter(_percents(row)), None))


def _without_price(row: reference.Row) -> Callable[[Contract], Contract]:
    percent = next(iter(_percents(row)), None)
    return _contract(without_medicare_price="not_paid" if percent is None else WithoutPrice(percent_of_charge=percent))


_TERMS: Mapping[str, Callable[[reference.Row], Callable[[Contract], Contract]]] = {
    "conversion_factor": lambda row: _basis(qp=row["qp"]),
    "gpci_floor": lambda row: _basis(gpci_floor=row["gpci_floor"]),
    "multiple_procedure": _several,
    "bilateral": _bilateral,
    "site_of_service": lambda row: _rules(site_of_service=row["applies"]),
    "practitioner_percent": lambda row: _rules(practitioner_percent=row["applies"]),
    "sequestration": lambda row: _rules(sequestration=row["applies"]),
    "lesser_of_billed": lambda row: _contract(lesser_of_billed=row["reading"]),
    "without_medicare_price": _without_price,
}
