"""Facility addenda in the shapes CMS publishes: banner, header with the quarter in its labels, stray columns, notes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from cms_shaped.containers import csv_of, xlsx_of, zip_of

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


# APC, status indicator, weight, rate, minimum copayment
APCS = (("5431", "J1", "21.8997", "$1,952.77", "$390.56"), ("5443", "T", "9.9843", "$890.29", "$178.06"))
# primary, its APC, secondary, its status indicator, the APC it is raised to
RAISED = (("64633", "5431", "64634", "N", "5432"), ("64633", "5431", "64633", "J1", "5432"))
# code, APC, rank
RANKS = (("69930", "5166", "1"), ("64633", "5431", "2"))


def apc_cells(rows: Iterable[Sequence[str]] = APCS, *, year: int = 2025) -> list[list[str]]:
    """OPPS Addendum A."""
    header = ["APC ", "Group Title", "SI", "Relative Weight ", "Payment Rate ", "National Unadjusted Copayment",
              "Minimum Unadjusted Copayment", "IRA Coinsurance percentage ",
              "Adjusted Beneficiary Copayment"]  # fmt: skip
    cells = ([apc, "Made up", status, weight, rate, ".", least, "", ""] for apc, status, weight, rate, least in rows)
    return [["", f"Addendum A.- OPPS APCs for CY {year}"], ["", NOTICE], header, *cells]


_PAIR = ["Primary HCPCS Code", "Primary Short Descriptor", "Primary SI", "Primary APC Assignment",
         "Secondary J1 or Add-on HCPCS Code", "Secondary Short Descriptor", "Secondary SI",
         "Secondary APC Assignment"]  # fmt: skip


def _pair(primary: str, apc: str, secondary: str, status: str) -> list[str]:
    return [primary, "Made up", "J1", apc, secondary, "Made up", status, apc if status == "J1" else ""]


def complexity_cells(rows: Iterable[Sequence[str]] = RAISED, *, year: int = 2025) -> list[list[str]]:
    """OPPS Addendum J: the pairs that raise the primary service."""
    title = ["", f"Addendum J for CY{year} complexity adjustments of combinations of comprehensive HCPCS codes"]
    header = [*_PAIR, "Complexity Adjusted HCPCS Assignment", "Complexity Adjusted APC Assignment"]
    return [title, header, *([*_pair(*pair), f"{pair[0][:4]}A", raised] for *pair, raised in rows)]


def evaluation_cells(*, year: int = 2025, whole: bool = False) -> list[list[str]]:
    """OPPS Addendum J: every pair that was looked at, most of which raise nothing. ``whole``: with all columns that the
    adjustments have."""
    title = ["", f"Addendum J for CY{year}: evaluation of pairs for a complexity adjustment"]
    more = ["Paired Claim Frequency", "Geometric Mean Cost of the Pair", "Qualifies for Complexity Adjustment"]
    raised = ["Complexity Adjusted HCPCS Assignment", "Complexity Adjusted APC Assignment"] if whole else []
    pairs = [("64633", "5431", "64634", "N"), ("64633", "5431", "20610", "N"), ("64633", "5431", "77003", "N")]
    answers = (["812", "2,410.17", "Yes"], ["3", "1,999.00", "No"], ["4", "1,998.00", "No"])
    rows = [[*_pair(*pair), *answer, *(["6463A", "5432"] if whole else [])]
            for pair, answer in zip(pairs, answers, strict=True)]  # fmt: skip
    return [title, [*_PAIR, *more, *raised], *rows]


def rank_cells(rows: Iterable[Sequence[str]] = RANKS, *, year: int = 2025) -> list[list[str]]:
    """OPPS Addendum J: the ranks."""
    title = ["", f"Addendum J for CY{year} ranks to determine primary assignment of comprehensive HCPCS codes"]
    header = ["HCPCS Code", "Short Descriptor", "SI", "APC Assignment",
              "APC Geometric Mean Cost of Single J1 Unit Claims", "Full Claim Population Service Frequency",
              "Single J1 Unit Claim Service Frequency", "Geometric Mean Cost of Single J1 Unit Claims",
              "Rank Used for Primary Assignment", "Deleted Code"]  # fmt: skip
    return [title, header, *([code, "Made up", "J1", apc, "1,952.77", "9", "8", "1,900.10", rank, ""]
                             for code, apc, rank in rows)]  # fmt: skip


def addendum_j(*, year: int = 2025, whole: bool = False) -> bytes:
    """OPPS Addendum J as CMS's workbook: what was looked at stands before what was decided."""
    overview = [["Addendum J: comprehensive APCs"], ["What the sheets hold"], ["Rank", "made up"]]
    return xlsx_of(
        {
            "Overview": overview,
            "Rank for Primary Assignment": rank_cells(year=year),
            "Complexity Adj. Evaluation": evaluation_cells(year=year, whole=whole),
            "Complexity Adjustments": complexity_cells(year=year),
        }
    )


def other_addenda(year: int = 2025) -> dict[str, list[list[str]]]:
    """Addenda that nothing is priced by, by their letter; C, M and P have most of Addendum B's columns."""
    rated = ["HCPCS Code", "Short Descriptor", "SI", "APC", "Relative Weight", "Payment Rate",
             "National Unadjusted Copayment", "Minimum Unadjusted Copayment"]  # fmt: skip
    row = ["64490", "Made up", "T", "5443", "9.9843", "$890.29", ".", "$178.06"]
    return {
        "C": [["", f"Addendum C.- OPPS HCPCS Codes by APC for CY {year}; see Addendum B"], ["5443", "A group"],
              rated, row],
        "D1": [["", f"Addendum D1.- Status Indicators for CY {year}"],
               ["Status Indicator", "Item/Code/Service", "OPPS Payment Status"], ["N", "a", "b"]],
        "D2": [["", f"Addendum D2.- Comment Indicators for CY {year}"],
               ["Comment Indicator", "Descriptor"], ["NI", "a"]],
        "E": [["", f"Addendum E.- HCPCS Codes Paid Only as Inpatient Procedures for CY {year}"],
              ["HCPCS Code", "Short Descriptor", "CI", "SI"], ["00176", "Made up", "", "C"]],
        "L": [["", f"Addendum L.- Out-Migration Adjustment for CY {year}"],
              ["Provider Number", "Adjustment", "County"], ["010005", "0.0289", "MARSHALL"]],
        "M": [["", f"Addendum M.- HCPCS Codes of Composite APCs for CY {year}"],
              ["HCPCS Code", "Short Descriptor", "SI", "APC", "Composite APC"],
              ["70551", "Made up", "Q3", "5523", "8007"]],
        "P": [["", f"Addendum P.- Device-Intensive Procedures for CY {year}"],
              [*rated[:4], "Relative Weight", "Payment Rate", "Device Offset Percentage"],
              [*row[:4], "9.9843", "$890.29", "41.20%"]],
    }  # fmt: skip


def opps_addenda_zip(*, year: int = 2025, prefix: str = "2025 NFRM ", without: Sequence[str] = ()) -> bytes:
    """All addenda of a rule in one zip, each as text and as a workbook, as CMS zips them."""
    tables = {"A": apc_cells(year=year), "B": opps_cells(year=year), **other_addenda(year)}
    members = {f"{prefix}Addendum {letter}.11.01.txt": tabs_of(cells) for letter, cells in tables.items()}
    members |= {f"{prefix}Addendum {letter}.11.01.xlsx": xlsx_of(cells) for letter, cells in tables.items()}
    members[f"{prefix}Addendum J.11.01.xlsx"] = addendum_j(year=year)
    members["Read me.pdf"] = b"%PDF"
    letters = tuple(f"{prefix}Addendum {letter}." for letter in without)
    return zip_of({name: content for name, content in members.items() if not (letters and name.startswith(letters))})
