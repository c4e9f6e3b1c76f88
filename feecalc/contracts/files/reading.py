"""A contract's file read, TOML or the workbook; what is wrong with it is said with its key and line."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

from feecalc.contracts.contract import Contract
from feecalc.contracts.files.tables import contract_of
from feecalc.contracts.files.workbook import read_workbook
from feecalc.errors import InvalidValue
from feecalc.files.toml import read_toml


def read_contract(path: Path) -> Contract:
    """Return a contract from its file: TOML, or the workbook filled in. Raises InvalidValue, UnreadableFile.

    A fee table's path is taken from the contract's folder.
    """
    if path.suffix.lower() == ".xlsx":
        found = read_workbook(path)
    else:
        file = read_toml(path, "contract", "write a contract's file with feecalc contract template")
        found = contract_of(file.tables, file.places)
    if found.fee_table is not None:
        own = path.parent / found.fee_table.path
        found = found.model_copy(update={"fee_table": found.fee_table.model_copy(update={"path": str(own)})})
    return found


def refuse_overlaps(contracts: Sequence[Contract], names: Sequence[str]) -> None:
    """Raise InvalidValue where two contracts of one payer hold on one day."""
    for (former, name), (latter, other) in combinations(zip(contracts, names, strict=True), 2):
        if former.payer == latter.payer and former.meets(latter):
            raise InvalidValue(
                f"{name} and {other}: both are contracts of {former.payer!r} and hold on one day; end the one "
                "(effective_to) before the other begins"
            )
