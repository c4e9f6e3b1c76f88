"""Files by locality: GPCI, LOCCO, ANES."""

from __future__ import annotations

from collections.abc import Iterable

from cms_shaped.containers import csv_of, lines_of, xlsx_of
from cms_shaped.rows import AREAS, Area


def gpci_cells(
    areas: Iterable[Area] = AREAS, *, year: int = 2025, columns: int = 7, footnote: str = ""
) -> list[list[str]]:
    """GPCI as cells: 6 columns (no state, to 2020), 7, or 8 (with and without the floor: RVU26A, the first RVU26B).

    ``footnote``: the marks on the work index's heading, *** in the seven columns of 2026.
    """
    places = ["Medicare Administrative Contractor (MAC)", "State", "Locality Number", "Locality Name"]
    indices = [f"{year} PW GPCI (with 1.0 Floor){footnote}", f"{year} PE GPCI", f"{year} MP GPCI"]
    if columns == 6:
        places.remove("State")
    if columns == 8:
        indices.insert(0, f"{year} PW GPCI (without 1.0 Floor)")
    title = f"ADDENDUM E. FINAL CY {year} GEOGRAPHIC PRACTICE COST INDICES (GPCIs) BY STATE AND MEDICARE LOCALITY"
    blank = [""] * columns
    cells = [[title, *blank[1:]], blank, places + indices]
    for row in areas:
        state = [row.state] if columns > 6 else []
        unfloored = [row.unfloored] if columns == 8 else []
        cells.append([row.mac, *state, row.locality, row.name, *unfloored, row.work, row.pe, row.mp])
    notes = ["MAC Assignments as of November 22, 2023", "", "*Work GPCI reflects a 1.5 floor, and so on."]
    return cells + [[note, *blank[1:]] for note in notes]


def gpci_csv(
    areas: Iterable[Area] = AREAS, *, year: int = 2025, columns: int = 7, footnote: str = ""
) -> bytes:
    """GPCI as CMS's csv."""
    return csv_of(gpci_cells(areas, year=year, columns=columns, footnote=footnote))


def gpci_xlsx(areas: Iterable[Area] = AREAS, *, year: int = 2025, columns: int = 7) -> bytes:
    """GPCI as CMS's spreadsheet; the indices are numbers."""
    return xlsx_of(
        gpci_cells(areas, year=year, columns=columns), numbers={3, 4, 5, 6, 7} if columns < 8 else {4, 5, 6, 7}
    )


def gpci_txt(areas: Iterable[Area] = AREAS, *, year: int = 2025) -> bytes:
    """GPCI as CMS's text."""
    lines = [gpci_cells([], year=year)[0][0], "", "Medicare Admi State  Locality      Locality Name     2025 PW GPCI"]
    lines += [
        f"{row.mac:<16}{row.state:<8}{row.locality:<5}{row.name:<90}{row.work:>8}{row.pe:>12}{row.mp:>12}"
        for row in areas
    ]
    return lines_of([*lines, "MAC Assignments as of November 22, 2023", "", "*Work GPCI reflects a floor."])


def anes_csv(areas: Iterable[Area] = AREAS, *, national: str = "20.3178") -> bytes:
    """ANES as CMS's csv: cells padded with a space, a row of commas at the end."""
    header = ["Contractor", "Locality", "Locality Name", f"National Anes CF of {national}"]
    rows = [[f"{row.mac} ", f"{row.locality} ", row.name, f"{row.anesthesia} "] for row in areas]
    return csv_of([header, *rows, ["", "", "", ""]])


def anes_xlsx(areas: Iterable[Area] = AREAS, *, national: str = "20.3178") -> bytes:
    """ANES as CMS's spreadsheet: contractor and locality are numbers, without their zeros."""
    header = ["Contractor", "Locality", "Locality Name", f"Anes CF of {national}"]
    rows = [[row.mac, row.locality, row.name.rstrip("*"), row.anesthesia] for row in areas]
    return xlsx_of([header, *rows], numbers={0, 1, 3})


def anes_txt(areas: Iterable[Area] = AREAS) -> bytes:
    """ANES as CMS's text: the factor without its decimal point, the DOS end mark below."""
    rows = [
        f"{row.mac}       {row.locality}    {row.name.rstrip('*'):<55}{row.anesthesia.replace('.', '')}"
        for row in areas
    ]
    return lines_of(rows) + b"\x1a\r\n"


def locco_cells(areas: Iterable[Area] = AREAS, *, year: int = 2025, zeros: bool = False) -> list[list[str]]:
    """LOCCO as cells: the state on its first row only, a blank row between states, codes without their zeros."""
    title = f"COUNTIES INCLUDED IN {year} LOCALITIES. (ALPHABETICALLY BY STATE AND LOCALITY NAME WITHIN STATE)"
    header = ["Medicare Adminstrative Contractor", "Locality Number", "State ", "Fee Schedule Area ", "Counties"]
    blank = [""] * 5
    cells = [[title, *blank[1:]], blank, header]
    for row in areas:
        if row.state_name:
            cells.append(blank)
        codes = [row.mac, row.locality] if zeros else [str(int(row.mac)), str(int(row.locality))]
        cells.append([*codes, f"{row.state_name} ", f"{row.area} ", row.counties])
    return [*cells, blank, ["*  Payment locality is serviced by two carriers.", *blank[1:]]]


def locco_csv(areas: Iterable[Area] = AREAS, *, year: int = 2025) -> bytes:
    """LOCCO as CMS's csv."""
    return csv_of(locco_cells(areas, year=year))


def locco_xlsx(areas: Iterable[Area] = AREAS, *, year: int = 2025) -> bytes:
    """LOCCO as CMS's spreadsheet, codes as text with their zeros."""
    return xlsx_of(locco_cells(areas, year=year, zeros=True))


def locco_txt(areas: Iterable[Area] = AREAS, *, year: int = 2025) -> bytes:
    """LOCCO as CMS's text: California's state is not printed at all."""
    lines = [locco_cells([], year=year)[0][0], "", "Medicare AdmiLocality         State       Fee Schedule Area"]
    for row in areas:
        if row.state_name:
            lines.append("")
        state = "" if row.state == "CA" else row.state_name
        lines.append(f"    {row.mac}       {row.locality}    {state:<23}{row.area:<98}{row.counties}")
    return lines_of([*lines, "", "*  Payment locality is serviced by two carriers."])
