"""The columns of the scenario's tables, and the words by which a message names them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from feecalc.files.toml import TomlPlaces
from feecalc.ui.pages.forecast.form.sheet import Column, Row

PAYS_BY = "pays_by"
MEDICARE, PERCENT, CHARGE, CONTRACT = "Medicare's amounts", "% of Medicare", "% of the charge", "contract"
TERMS: Mapping[str, str] = {
    "medicare": MEDICARE, "percent": PERCENT, "percent_of_charge": CHARGE, "contract": CONTRACT,
}  # fmt: skip
EVENT_KINDS: Mapping[str, str] = {
    "conversion_factor": "conversion factor",
    "gpci_floor_lapse": "work GPCI floor ends",
    "sequestration": "sequestration",
    "site_shift": "services move",
    "hire": "hire",
    "contract_renewal": "contract renewed",
    "payer_mix": "payer mix",
}
_TABS = {
    "payer": "Payers", "location": "Practice, locations", "provider": "Practice, providers", "event": "Events",
    "alternative": "Alternatives", "growth": "Growth", "uncertainty": "Growth, how sure", "practice": "Practice",
}  # fmt: skip
_WORDS = {
    "name": "Name", "share": "Share %", "percent": "Percent", "percent_of_charge": "Percent", "contract": "Contract",
    "denial_rate": "Denied %", "collection_rate": "Collected %", "growth": "Growth %", "volume": "Volume",
    "facility_percent": "Center %", "locality": "Locality", "cbsa": "Area (CBSA)", "asc_share": "Center's share %",
    "provider_type": "Type", "qp": "QP", "mips_percent": "MIPS %", "effective_from": "From", "effective_to": "Until",
    "odds": "Odds %", "cost": "Cost a year", "without": "Without", "base_year": "Base year", "target": "Target",
    "codes": "Codes", "to_place": "To place", "from_place": "From place", "adds": "Adds %", "change": "Change %",
    "conversion_factor": "Conversion factor", "conversion_factor_qp": "Conversion factor of QPs", "payer": "Payer",
    "category": "a category's growth", "kind": "Kind", "provider": "who joins", "medicare": "Pays by",
}  # fmt: skip


def payer_columns(contracts: Sequence[str], *, shares: bool) -> list[Column]:
    """``shares``: whether the payers have shares; otherwise the volume names the payer of each row."""
    share = [Column("share", "Share %", "number", help="Percent of the units; together 100.")] if shares else []
    return [
        Column("name", "Payer", needed=True),
        *share,
        Column(PAYS_BY, "Pays by", "choice", tuple(TERMS.values())),
        Column("percent", "Percent", "number", help="Of Medicare or of the charge, as the payer pays."),
        Column("contract", "Contract", "choice", tuple(contracts), help="A contract's file, dropped in under Files."),
        Column("denial_rate", "Denied %", "number", help="Of what is billed, denied for good."),
        Column("collection_rate", "Collected %", "number", help="Of what is not denied; empty is all of it."),
        Column("growth", "Growth %", "number", help="A year, on top of the practice's own growth."),
        Column("facility_percent", "Center %", "number",
               help="Of Medicare's payment to the surgery center, where that is the practice's."),
    ]  # fmt: skip


def payer_shown(row: Row) -> Row:
    """A payer with its terms as two cells, by what it pays and how much."""
    kind = next((key for key in TERMS if row.get(key) is not None and row.get(key) is not False), None)
    told = {key: value for key, value in row.items() if key not in TERMS}
    told |= {PAYS_BY: TERMS[kind]} if kind else {}
    if kind in ("percent", "percent_of_charge"):
        told["percent"] = row[kind]
    return told | ({"contract": row["contract"]} if kind == "contract" else {})


def payer_read(row: Row) -> Row:
    """The payer as the scenario has it. An amount that is lacking is empty text, which the reader refuses."""
    told = {key: value for key, value in row.items() if key not in (PAYS_BY, *TERMS)}
    by = row.get(PAYS_BY)
    if by == MEDICARE:
        told["medicare"] = True
    elif by == PERCENT:
        told["percent"] = row.get("percent", "")
    elif by == CHARGE:
        told["percent_of_charge"] = row.get("percent", "")
    elif by == CONTRACT:
        told["contract"] = row.get("contract", "")
    return told


class PagePlaces(TomlPlaces):
    """Where a key stands on the page: the tab, the row by its name, the column."""

    def __init__(self, tables: Mapping[str, Any]) -> None:
        super().__init__("Scenario", "")
        self._tables = tables

    def row(self, table: str, number: int | None) -> str:
        tab = _TABS.get(table, table)
        if number is None:
            return tab
        rows = self._tables.get(table, ())
        name = rows[number].get("name") if number < len(rows) else None
        return f"{tab}, {name}" if name else f"{tab}, row {number + 1}"

    def of(self, table: str, number: int | None, key: str) -> str:
        parts = [self.row(table, number)] if table else []
        if key:
            parts.append(_WORDS.get(key, key.replace("_", " ")))
        return ", ".join(parts) or self.name
