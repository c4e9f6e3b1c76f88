"""Files of amounts: OPPSCAP and CMS's payment amount files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from cms_shaped.containers import csv_of, lines_of, xlsx_of
from cms_shaped.rows import AREAS, SERVICES, Area, Service

CENT = Decimal("0.01")


def oppscap_rows(
    services: Iterable[Service] = SERVICES, areas: Sequence[Area] = AREAS, *, factor: str = "32.3465"
) -> list[list[str]]:
    """Rows of OPPSCAP for the services that have a cap: the lower of the fee and the OPPS amount, in both settings.

    Amount = (work x work GPCI + PE x PE GPCI + MP x MP GPCI) x factor, rounded once, half away from zero.
    """
    rows = []
    for row in services:
        if Decimal(row.opps_pe_nonfacility) == 0:
            continue
        for area in areas:
            amounts = [
                min(_amount(row, area, pe, row.mp, factor), _amount(row, area, opps_pe, row.opps_mp, factor))
                for pe, opps_pe in (
                    (row.pe_facility, row.opps_pe_facility),
                    (row.pe_nonfacility, row.opps_pe_nonfacility),
                )
            ]
            rows.append([row.hcpcs, row.modifier, row.status, area.mac, area.locality, *map(str, amounts)])
    return rows


def _amount(row: Service, area: Area, pe: str, mp: str, factor: str) -> Decimal:
    relative = Decimal(row.work) * Decimal(area.work) + Decimal(pe) * Decimal(area.pe) + Decimal(mp) * Decimal(area.mp)
    return (relative * Decimal(factor)).quantize(CENT, ROUND_HALF_UP)


_OPPSCAP_HEADER = ["HCPCS", "MOD", "PROCSTAT", "CARRIER", "LOCALITY", "FACILITY PRICE", "NON-FACILTY PRICE"]


def oppscap_csv(rows: Sequence[Sequence[str]] | None = None) -> bytes:
    """OPPSCAP as CMS's csv, with the row of commas it ends in."""
    return csv_of([_OPPSCAP_HEADER, *(oppscap_rows() if rows is None else rows), [""] * 7])


def oppscap_xlsx(rows: Sequence[Sequence[str]] | None = None) -> bytes:
    """OPPSCAP as CMS's spreadsheet, with the DOS end mark one of them ends in."""
    return xlsx_of([_OPPSCAP_HEADER, *(oppscap_rows() if rows is None else rows), ["\x1a"]], numbers={5, 6})


def oppscap_txt(rows: Sequence[Sequence[str]] | None = None) -> bytes:
    """OPPSCAP as CMS's text."""
    return lines_of(
        f"{hcpcs:<5}{modifier:<2} {status} {mac}  {locality}{facility:>9}{nonfacility:>10}"
        for hcpcs, modifier, status, mac, locality, facility, nonfacility in (oppscap_rows() if rows is None else rows)
    )


def payment_amount_txt(rows: Iterable[Sequence[str]], *, year: int = 2025) -> bytes:
    """A payment amount file (PFALL, PFREV). A row: carrier, locality, hcpcs, modifier, status, nonfacility amount,
    facility amount."""

    def line(mac: str, locality: str, hcpcs: str, modifier: str, status: str, *amounts: str) -> str:
        fees = [f"{Decimal(amount):010.2f}" for amount in amounts]
        none = "0000000.00"
        fields = [str(year), mac, locality, hcpcs, f"{modifier:<2}", *fees, " ", "0", status, "0"]
        fields += [none, none, "9", none, none]
        return ",".join(f'"{field}"' for field in fields)

    return lines_of([*(line(*row) for row in rows), '"TRL- COPYRIGHT WORDS STAND HERE."'])
