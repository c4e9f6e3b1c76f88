"""Contracts read from TOML or from the workbook; a mistake is reported with its key and line."""

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

    A fee table's path is relative to the contract's folder.
    """
    if path.suffix.lower() == ".xlsx":
        contract = read_workbook(path)
    else:
        file = read_toml(path, "contract", "write a contract's file with feecalc contract template")
        contract = contract_of(file.tables, file.places)
    if contract.fee_table is not None:
        fee_table_path = path.parent / contract.fee_table.path
        contract = contract.model_copy(
            update={"fee_table": contract.fee_table.model_copy(update={"path": str(fee_table_path)})}
        )
    return contract


def refuse_overlaps(contracts: Sequence[Contract], names: Sequence[str]) -> None:
    """Raise InvalidValue where two contracts of one payer are in force on the same day."""
    for (earlier, name), (later, later_name) in combinations(zip(contracts, names, strict=True), 2):
        if earlier.payer == later.payer and earlier.overlaps(later):
            raise InvalidValue(
                f"{name} and {later_name}: both are contracts of {earlier.payer!r} and hold on one day; end the one "
                "(effective_to) before the other begins"
            )
