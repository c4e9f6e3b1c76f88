"""A contract's TOML file read; what is wrong with it is said with the key and the line it stands on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from feecalc.contracts.contract import CarveOut, Contract
from feecalc.contracts.files.sentences import sentence
from feecalc.errors import DuplicateKey, InvalidValue
from feecalc.files.toml import Places, read_toml

_MOST_TOLD = 5


def read_contract(path: Path) -> Contract:
    """A contract from its file: TOML, or the spreadsheet template filled in. Raises InvalidValue, UnreadableFile.

    A fee table's path is taken from the contract's folder.
    """
    if path.suffix.lower() == ".xlsx":
        from feecalc.contracts.files.template import read_template

        found = read_template(path)
    else:
        file = read_toml(path, "contract", "write a contract's file with feecalc contract template")
        found = contract_of(file.tables, file.places)
    if found.fee_table is not None:
        own = path.parent / found.fee_table.path
        found = found.model_copy(update={"fee_table": found.fee_table.model_copy(update={"path": str(own)})})
    return found


def read_contracts(paths: Iterable[Path]) -> list[Contract]:
    """Several contracts; raises InvalidValue also where two of one payer hold on one day."""
    listed = list(paths)
    found = [read_contract(path) for path in listed]
    refuse_overlaps(found, [path.name for path in listed])
    return found


def refuse_overlaps(contracts: Sequence[Contract], names: Sequence[str]) -> None:
    """Raises InvalidValue where two contracts of one payer hold on one day."""
    for (former, name), (latter, other) in combinations(zip(contracts, names, strict=True), 2):
        if former.payer == latter.payer and former.meets(latter):
            raise InvalidValue(
                f"{name} and {other}: both are contracts of {former.payer!r} and hold on one day; end the one "
                "(effective_to) before the other begins"
            )


def contract_of(tables: Mapping[str, Any], places: Places) -> Contract:
    """A contract from the tables of its file. Raises InvalidValue and DuplicateKey, naming the key and its place."""
    if not tables:
        raise InvalidValue(f"{places.name}: there is nothing in it; the least a contract says is payer and percent")
    try:
        contract = Contract.model_validate(dict(tables))
    except ValidationError as error:
        told = list(dict.fromkeys(sentence(each, places) for each in error.errors(include_url=False)))
        more = f"\nand {len(told) - _MOST_TOLD} more" if len(told) > _MOST_TOLD else ""
        raise InvalidValue("\n".join(told[:_MOST_TOLD]) + more) from None
    _check(contract, places)
    return contract


def _check(contract: Contract, places: Places) -> None:
    """What no single key shows. Raises InvalidValue and DuplicateKey."""
    if contract.percent is None and not (contract.category or contract.carve_out or contract.fee_table):
        raise InvalidValue(
            f"{places.name}: nothing says what is paid; give percent, [[category]], [[carve_out]] or [fee_table]"
        )
    _check_rows_once(contract, places)
    _check_dates(contract, places)
    _check_codes(contract, places)
    if contract.basis.conversion_factor is not None and contract.basis.qp:
        raise InvalidValue(
            f"{places.of('basis', None, 'qp')}: qp chooses between Medicare's factors, and conversion_factor gives "
            "one; take one of them out"
        )


def _check_rows_once(contract: Contract, places: Places) -> None:
    """No carve-out stands twice for one day, and no category's name."""
    for (at, one), (again, other) in _pairs(contract.carve_out):
        same = (one.hcpcs, one.modifier, one.place_of_service) == (other.hcpcs, other.modifier, other.place_of_service)
        if same and one.meets(other):
            raise DuplicateKey(
                f"{places.of('carve_out', again, 'hcpcs')}: {other.hcpcs}{'-' * bool(other.modifier)}{other.modifier} "
                f"is also in {places.row('carve_out', at)} for the same days, at {one.amount}; keep one of them"
            )
    for (at, term), (again, twin) in _pairs(contract.category):
        if term.name.lower() == twin.name.lower() and term.meets(twin):
            raise InvalidValue(
                f"{places.of('category', again, 'name')}: {twin.name!r} is also {places.row('category', at)} for the "
                "same days; overlapping dates leave open which percent holds"
            )


def _pairs(rows: Sequence[Any]) -> Iterable[tuple[tuple[int, Any], tuple[int, Any]]]:
    """Rows that may be of the same thing, with their numbers: near each other once they are in order."""
    groups: dict[str, list[tuple[int, Any]]] = {}
    for number, row in enumerate(rows):
        groups.setdefault(row.hcpcs if isinstance(row, CarveOut) else row.name.lower(), []).append((number, row))
    return (pair for group in groups.values() for pair in combinations(group, 2))


def _check_dates(contract: Contract, places: Places) -> None:
    """No row holds on days the contract does not."""
    for table, rows in (("category", contract.category), ("carve_out", contract.carve_out)):
        for number, row in enumerate(rows):
            if not contract.meets(row):
                key = "effective_from" if row.effective_from else "effective_to"
                raise InvalidValue(
                    f"{places.of(table, number, key)}: the row holds on no day of the contract, which is from "
                    f"{contract.effective_from or 'the beginning'} to {contract.effective_to or 'no end'}"
                )
    for number, test in enumerate(contract.test):
        if test.date_of_service is not None and not contract.holds_on(test.date_of_service):
            raise InvalidValue(
                f"{places.of('test', number, 'date_of_service')}: {test.date_of_service} is outside the contract's days"
            )


def _check_codes(contract: Contract, places: Places) -> None:
    """Categories that are named by codes have none in common; those by RBCS are looked at when they are priced."""
    from feecalc.contracts.categories import contract_categories

    for day in boundary_days(contract):
        held = [(number, term) for number, term in enumerate(contract.category) if term.holds_on(day) and not term.rbcs]
        contract_categories(
            [term for _, term in held],
            day,
            where=[f"{places.of('category', number, '')} ({term.name})" for number, term in held],
        )


def boundary_days(contract: Contract) -> list[Any]:
    """Days on which another set of rows begins to hold, the contract's own first day before all."""
    from datetime import date, timedelta

    begin = contract.effective_from or date(2009, 1, 1)
    days = {begin}
    for row in (*contract.category, *contract.carve_out):
        days |= {row.effective_from} if row.effective_from else set()
        days |= {row.effective_to + timedelta(days=1)} if row.effective_to and row.effective_to < date.max else set()
    return sorted(day for day in days if day >= begin and day <= (contract.effective_to or date.max))
