"""Files of amounts: OPPSCAP and CMS's payment amount files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

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


# The columns of a look-up download, type of information "All", in CMS's order.
_LOOKUP_HEADER = [
    "HCPCS Code", "Modifier", "Short Description", "Mac Locality", "Non-Facility Price", "Facility Price",
    "Non-Facility Limiting Charge", "Facility Limiting Charge", "GPCI Work", "GPCI PE", "GPCI MP", "Proc Stat",
    "Work RVU", "NA Flag for Trans Non-FAC PE RVU", "Transitioned Non-FAC PE RVU",
    "NA Flag for Fully IMP Non-FAC PE RVU", "Fully Implemented Non-FAC PE RVU", "NA Flag for Trans facility PE RVU",
    "Transitioned Facility PE RVU", "NA Flag for Fully IMP FAC PE RVU", "Fully Implemented Facility PE RVU", "MP RVU",
    "Transitioned Non-FAC Total", "Transitioned Facility Total", "Fully Implemented Non-Fac Total",
    "Fully Implemented Facility Total", "PCTC", "Global", "Pre Op", "Intra Op", "Post Op", "Mult Surg", "Bilt Surg",
    "Asst Surg", "Co Surg", "Team Surg", "Phys Supv", "Endobase", "Conv Fact", "Not Used for Medicare",
    "Diag Imaging Family Ind", "Opps Non-Facility Payment Amount", "Opps Facility Payment Amount",
    "Non-Fac PE Used For Opps PMT AMT", "Facility PE Used For Opps PMT AMT", "Malpractice Used For Opps PMT AMT",
]  # fmt: skip


def lookup_cells(
    rows: Iterable[Sequence[str]], *, factor: str = "32.3465", opps: Sequence[str] = ("NA", "NA")
) -> list[list[str]]:
    """A look-up download as cells. A row: hcpcs, modifier, MAC locality, nonfacility and facility price, as printed:
    ``$1,241.66``, or NA where not paid there."""
    cells = [list(_LOOKUP_HEADER)]
    for hcpcs, modifier, where, *prices in rows:
        limits = ["NA" if price == "NA" else "$0.01" for price in prices]
        known = {
            "HCPCS Code": hcpcs, "Modifier": f"{modifier:<2}", "Short Description": "Made up, and \"quoted\"",
            "Mac Locality": where, "Non-Facility Price": prices[0], "Facility Price": prices[1],
            "Non-Facility Limiting Charge": limits[0], "Facility Limiting Charge": limits[1], "Proc Stat": "A",
            "Conv Fact": factor, "Opps Non-Facility Payment Amount": opps[0], "Opps Facility Payment Amount": opps[1],
        }  # fmt: skip
        cells.append([known.get(name, "0.00") for name in _LOOKUP_HEADER])
    return cells


def lookup_csv(rows: Iterable[Sequence[str]], **changes: Any) -> bytes:
    """A look-up download as CMS's csv: all cells in quotes, UTF-8 with a byte order mark."""
    quoted = (",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in lookup_cells(rows, **changes))
    return "\n".join(quoted).encode("utf-8-sig")


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
