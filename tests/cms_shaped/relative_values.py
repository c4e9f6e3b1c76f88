"""PPRRVU as csv, spreadsheet and fixed-width text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypedDict, Unpack

from cms_shaped.containers import csv_of, lines_of, xlsx_of
from cms_shaped.rows import SERVICES, Service

# The stacked header of PPRRVU, one column a string, top to bottom: the service, its relative values, its indicators.
SERVICE_HEADER = """
||||HCPCS
||||MOD
||||DESCRIPTION
|||STATUS|CODE
|NOT USED|FOR|MEDICARE |PAYMENT
|||WORK|RVU
"""
_VALUES_HEADER = """
|||NON-FAC|PE RVU
||NON-FAC|NA|INDICATOR
|||FACILITY|PE RVU
||FACILITY |NA|INDICATOR
|||MP|RVU
|||NON-FACILITY|TOTAL
|||FACILITY|TOTAL
"""
_INDICATORS = """
|||PCTC|IND
|||GLOB|DAYS
|||PRE|OP
|||INTRA|OP
|||POST|OP
|||MULT|PROC
|||BILAT|SURG
|||ASST|SURG
|||CO-|SURG
|||TEAM|SURG
"""
_FROM_BASE = """
|||ENDO|BASE
|||CONV|FACTOR
|PHYSICIAN|SUPERVISION OF|DIAGNOSTIC|PROCEDURES
|||CALCULATION|FLAG
|DIAGNOSTIC|IMAGING|FAMILY|INDICATOR
NON-FACILITY|PE USED|FOR OPPS|PAYMENT|AMOUNT
FACILITY|PE USED|FOR OPPS|PAYMENT|AMOUNT
|MP USED|FOR OPPS|PAYMENT|AMOUNT
"""
INDICATORS_HEADER = _INDICATORS.rstrip("\n") + _FROM_BASE


class Banner(TypedDict, total=False):
    """What a release says of itself, as ``pprrvu_cells`` takes it."""

    year: int
    month: str
    factor: str
    pricing_column: bool


def pprrvu_cells(
    services: Iterable[Service] = SERVICES,
    *,
    year: int = 2025,
    month: str = "October",
    factor: str = "32.3465",
    pricing_column: bool = False,
) -> list[list[str]]:
    """PPRRVU as cells, banner and stacked header first; 32 columns with ``pricing_column``, 31 without."""
    pricing_header = "\n|||PRIC|IND\n" if pricing_column else ""
    cells = header_cells(
        [SERVICE_HEADER, _VALUES_HEADER, _INDICATORS, pricing_header, _FROM_BASE],
        [
            f"{year} National Physician Fee Schedule Relative Value File {month} Release",
            "Copyright lines stand here, with commas, and so on.",
            " ",
            f"RELEASED 09/11/{year}",
        ],
    )
    for row in services:
        pricing = [row.pricing] if pricing_column else []
        # fmt: off
        cells.append([
            *service_cells(row), row.pe_nonfacility, row.na_nonfacility, row.pe_facility, row.na_facility, row.mp,
            row.total("nonfacility"), row.total("facility"), *indicator_cells(row, factor, pricing),
        ])
        # fmt: on
    return cells


def header_cells(stacks: Iterable[str], banner: Iterable[str]) -> list[list[str]]:
    """Return the banner and the five rows of the stacked header."""
    columns = [stack.split("|") for part in stacks for stack in part.strip("\n").splitlines()]
    cells = [["", "", text, *[""] * (len(columns) - 3)] for text in banner]
    return cells + [[column[height] for column in columns] for height in range(5)]


def service_cells(row: Service) -> list[str]:
    """Return the cells under ``SERVICE_HEADER``."""
    return [row.hcpcs, row.modifier, row.description, row.status, "", row.work]


def indicator_cells(row: Service, factor: str, pricing: Sequence[str] = ()) -> list[str]:
    """Return the cells under ``INDICATORS_HEADER``; ``pricing`` stands before the endoscopic base."""
    # fmt: off
    return [
        row.pctc, row.global_days, row.pre, row.intra, row.post, row.mppr, row.bilateral, row.assistant, row.cosurgeon,
        row.team, *pricing, row.endoscopic_base, factor, row.supervision, row.calculation_flag, row.imaging_family,
        row.opps_pe_nonfacility, row.opps_pe_facility, row.opps_mp,
    ]
    # fmt: on


def pprrvu_csv(services: Iterable[Service] = SERVICES, **banner: Unpack[Banner]) -> bytes:
    """PPRRVU as CMS's csv (CRLF)."""
    return csv_of(pprrvu_cells(services, **banner))


def pprrvu_xlsx(services: Iterable[Service] = SERVICES, **banner: Unpack[Banner]) -> bytes:
    """PPRRVU as CMS's spreadsheet: figures are numbers, codes text."""
    figures = {5, 6, 8, 10, 11, 12, 15, 16, 17, *range(23, 32)} - {25, 26, 27, 28}
    if banner.get("pricing_column"):
        figures = {5, 6, 8, 10, 11, 12, 15, 16, 17, 25, 29, 30, 31}
    return xlsx_of(pprrvu_cells(services, **banner), numbers=figures)


def pprrvu_txt(
    services: Iterable[Service] = SERVICES, *, factor: str = "32.3465", pricing_column: bool = False, year: int = 2025
) -> bytes:
    """PPRRVU as CMS's fixed-width text, by the record layout of RVU25D.pdf, with its HDR records."""
    lines = hdr_records("COPYRIGHT WORDS STAND HERE", f"{year} AND SOME MORE OF THEM")
    for row in services:
        line = f"{row.hcpcs:<5}{row.modifier:<2}{row.description:<50}{row.status} {row.work:>6} {row.pe_nonfacility:>6}"
        line += f"{row.na_nonfacility:<2} {row.pe_facility:>6}{row.na_facility:<2} {row.mp:>5} "
        line += f"{row.total('nonfacility'):>6}{row.total('facility'):>6}"
        lines.append(line + indicator_text(row, factor, row.pricing if pricing_column else ""))
    return lines_of(lines)


def hdr_records(*texts: str) -> list[str]:
    """Return the HDR records that stand before the lines of text."""
    return [f"HDR {text:<46}" for text in texts]


def indicator_text(row: Service, factor: str, pricing: str = "") -> str:
    """Return the end of a line of text, from the PC/TC indicator on, by the record layout of RVU25D.pdf."""

    def short(rate: str) -> str:
        return rate[1:] if rate.startswith("0.") else rate

    return (
        f"{row.pctc:<1}{row.global_days:<3}{short(row.pre):>3}{short(row.intra):>3}{short(row.post):>3}"
        f"{row.mppr:<1}{row.bilateral:<1}{row.assistant:<1}{row.cosurgeon:<1}{row.team:<1}{pricing:<1}{'':<6}"
        f"{row.endoscopic_base:<5}{factor:>8} {row.supervision:<2}{row.calculation_flag:<1} {row.imaging_family:<2}"
        f"{'':<4}{row.opps_pe_nonfacility:>6} {row.opps_pe_facility:>6} {row.opps_mp:>6}"
    )
