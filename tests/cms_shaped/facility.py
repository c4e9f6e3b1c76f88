"""Facility addenda in the shapes CMS publishes: banner, header with the quarter in its labels, stray columns, notes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from cms_shaped.containers import csv_of, xlsx_of

NOTICE = "Codes and their names are copyright of their owners.\xff All rights reserved."

# code, status indicator, APC, weight, rate, copayment, minimum copayment, coinsurance, adjusted copayment
OPPS = (
    ("64490", "T", "5443", "9.9843", "$890.290", ".", "$178.06", "", ""),
    ("64491", "N", "", "", " ", "", "", "", ""),
    ("64633", "J1", "5431", "21.8997", "$1,952.77", ".", "$390.56", "", ""),
    ("90371", "K", "1630", "", "$139.931", ".", "$27.99", "20.000%", "$27.99"),
    ("A4341\xff", "N", "", "", "", "", "", "", ""),
)
# code, subject to discounting, indicator, weight, rate
ASC = (
    ("0101T", "Y", "R2", "2.3486", "$128.93"),
    ("64490", "Y", "G2", "8.7064", "$1,477.94 "),
    ("64491", "N", "N1", "", ""),
)
# code, mark, indicator, weight, rate, adjusted copayment
ANCILLARY = (
    ("0331T", "", "Z2", "12.983", "$712.70", ""),
    ("J0892", "*", "k5", "", "$1.25", "$0.25"),
    ("J0892", "*", "k5", "", "$1.25", "$0.25"),
    ("L8600", "", "N1", "", "", ""),
)
# code, indicator, APC, offset of the APC, rate, offset, amount
OFFSETS = (
    ("0101T", "R2", "5111", "0.08%", "$240.17", "0.00%", "$0.00"),
    ("0200T", "J8", "5114", "21.29%", "$6,539.97", "35.62%", "$2,329.54"),
    ("64491", "N1", "", "", "", "", ""),
)
EXCLUDED = ("00176", "0213T", "G0341")


def opps_cells(rows: Iterable[Sequence[str]] = OPPS, *, year: int = 2025) -> list[list[str]]:
    """Addendum B: four lines of banner, the header, a row a code."""
    header = ["HCPCS Code", "Short Descriptor", "SI", "APC ", "Relative Weight", "Payment Rate",
              "National Unadjusted Copayment", "Minimum Unadjusted Copayment", "IRA Coinsurance percentage ",
              "Adjusted Beneficiary Copayment", "Note"]  # fmt: skip
    title = f"Addendum B.-- OPPS Payment by HCPCS Code for CY {year}"
    banner = [["", title], ["", NOTICE], [""], ["", "Rounded, too."]]
    return [*banner, header, *([code, "Made up", *rest, "A note"] for code, *rest in rows)]


def asc_cells(
    rows: Iterable[Sequence[str]] = ASC, *, month: str = "January", year: int = 2025, banner_year: int | None = None
) -> list[list[str]]:
    """Addendum AA: the banner, the header with the month in its labels, an empty column, notes and blanks below."""
    said = f"{month} {year}"
    header = ["HCPCS Code", "", "Short Descriptor", "Subject to Multiple Procedure Discounting",
              f"{said} Payment Indicator", f"{said}  Payment Weight  ", f"{said} Payment Rate ", ""]  # fmt: skip
    banner = [[f"Addendum AA -- ASC Covered Surgical Procedures for CY {banner_year or year} \n(and what is packaged)"]]
    notes = [[""] * 7, ['NOTE 1: "office-based" is a kind (P2) of 2026, and not a row.'], [""] * 7]
    return [*banner, [NOTICE], [""], header, *([code, "", "Made up", *rest, ""] for code, *rest in rows), *notes]


def ancillary_cells(
    rows: Iterable[Sequence[str]] = ANCILLARY, *, month: str = "January", year: int = 2025
) -> list[list[str]]:
    """Addendum BB."""
    said = f"{month} {year}"
    header = ["HCPCS Code", "", "Short Descriptor", "Drug and Device Pass-Through Expiration during Calendar Year",
              f"{said} Payment Indicator", f"{said} Payment Weight  ", f"{said} Payment Rate ",
              f"{said} IRA-22 Adjusted Copayment1"]  # fmt: skip
    cells = ([code, "**", "Made up", mark, *rest] for code, mark, *rest in rows)
    return [[f"Addendum BB -- ASC Covered Ancillary Services for CY {year}"], [NOTICE], [""], header, *cells]


def device_offset_cells(
    rows: Iterable[Sequence[str]] = OFFSETS, *, month: str = "January", year: int = 2025
) -> list[list[str]]:
    """Addendum FF."""
    said = f"{month} {year}"
    header = ["HCPCS Code", "", "Short Descriptor", f"{said} Payment Indicator", f"{said} APC",
              f"{said} APC Device Offset Percentage", f"{said} OPPS Payment Rate", f"{said} Device Offset Percentage",
              f"{said} Device Offset Amount / Device Portion"]  # fmt: skip
    cells = ([code, "", "Made up", *rest] for code, *rest in rows)
    return [[f"Addendum FF -- ASC Device Offset Percentages for CY {year}"], [NOTICE], [""], header, *cells]


def excluded_cells(
    codes: Iterable[str] = EXCLUDED, *, year: int = 2025, banner: str = "Addendum EE"
) -> list[list[str]]:
    """Addendum EE: codes and names alone."""
    title = [f"{banner} -- Surgical Procedures to be Excluded from Payment in ASCs for CY {year}", ""]
    return [title, [NOTICE, ""], ["", ""], ["HCPCS Code", "Short Descriptor"], *([code, "Made up"] for code in codes)]


def tabs_of(cells: Iterable[Iterable[str]]) -> bytes:
    """Cells as CMS's tab separated text, Latin-1."""
    stream = io.StringIO()
    csv.writer(stream, delimiter="\t", lineterminator="\r\n").writerows(cells)
    return stream.getvalue().encode("latin-1")


def opps_csv(rows: Iterable[Sequence[str]] = OPPS, *, year: int = 2025) -> bytes:
    """Addendum B as csv."""
    return csv_of(opps_cells(rows, year=year))


def asc_csv(rows: Iterable[Sequence[str]] = ASC, *, month: str = "January", year: int = 2025) -> bytes:
    """Addendum AA as csv."""
    return csv_of(asc_cells(rows, month=month, year=year))


def asc_workbook(month: str = "July", year: int = 2026) -> bytes:
    """The addenda as sheets of one workbook, a sheet of words among them."""
    words = [["Addendum DD1"], ["Indicator", "Its meaning"], ["G2", "A kind of payment"]]
    return xlsx_of(
        {
            f"{month} {year} ASC AA": asc_cells(month=month, year=year),
            f"{month} {year} ASC BB": ancillary_cells(month=month, year=year),
            f"{month} {year} ASC DD1": words,
            f"{month} {year} ASC EE": excluded_cells(year=year, banner="Codes"),
            f"{month} {year} ASC FF": device_offset_cells(month=month, year=year),
        }
    )
