"""Files outside a release: ZIP5, ZIP9, ZIP+4, anesthesia base units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cms_shaped.containers import csv_of, lines_of, xlsx_of

ZIPS = (
    ("AK", "99501", "02102", "01", " ", "0"),
    ("CA", "90012", "01182", "18", " ", "0"),
    ("CA", "94105", "01112", "05", " ", "0"),
    ("FL", "33133", "09102", "04", " ", "0"),
    ("FL", "33301", "09102", "03", " ", "1"),
    ("FL", "34741", "09102", "99", "R", "0"),
)


def zip5_txt(rows: Iterable[Sequence[str]] = ZIPS, *, year_quarter: str = "20254") -> bytes:
    """ZIP5 as CMS's text. A row: state, ZIP, carrier, locality, rural indicator, plus four flag."""
    return lines_of(
        f"{state}{code}{mac}{locality}{rural:<1}Z9   {flag} A{'':<52}{year_quarter}"
        for state, code, mac, locality, rural, flag in rows
    )


def zip5_xlsx(rows: Iterable[Sequence[str]] = ZIPS, *, year_quarter: str = "20261") -> bytes:
    """ZIP5 as CMS's spreadsheet."""
    header = ["STATE", "ZIP CODE", "CARRIER", "LOCALITY", "RURAL IND", "LAB CB LOCALITY", "RURAL IND2", "PLUS 4 FLAG"]
    cells = [
        [state, code, mac, locality, rural.strip(), "Z9", "", flag, "A", year_quarter]
        for state, code, mac, locality, rural, flag in rows
    ]
    return xlsx_of([[*header, "PART B DRUG INDICATOR", "YEAR/QTR"], *cells])


def zip9_txt(rows: Iterable[Sequence[str]], *, year_quarter: str = "20254") -> bytes:
    """ZIP9 as CMS's text. A row: state, ZIP, carrier, locality, plus four."""
    return lines_of(
        f"{state}{code}{mac}{locality}      1{plus_four}      A{'':<43}{year_quarter}"
        for state, code, mac, locality, plus_four in rows
    )


def zip_plus4_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """The decoded ZIP+4 file. A row: ZIP, plus four, carrier, locality, first year, last year."""
    return csv_of([["zip5", "plus4", "carrier", "locality", "start_year", "end_year"], *rows])


def base_units_xlsx(rows: Iterable[Sequence[str]], *, year: int = 2022) -> bytes:
    """The anesthesia base units file: the header is stacked downward from its first cell. A row: code, units."""
    return xlsx_of([["CODE", str(year)], ["", "BASE"], ["", "UNIT"], *rows], numbers={1})
