"""The forms of 2009 to 2019, as public code and record layouts show them: no file of CMS of those years was at hand.

Every writer says what it is based on. The figures of ``SERVICES_2019`` and ``AREAS_2019`` are CMS's, of PPRRVU19_OCT
and GPCI2019 as GitHub Psuncode/RVU-Calculator decoded them (70551, the indicators, the indices without the floor and
the anesthesia factors are made up); those of ``TRANSITION_SERVICES`` and ``CARRIER_AREAS`` are made up and add up as
CMS's do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from cms_shaped.amounts import oppscap_csv, oppscap_rows
from cms_shaped.containers import csv_of, lines_of, xlsx_of
from cms_shaped.localities import locco_cells
from cms_shaped.relative_values import (
    INDICATORS_HEADER,
    SERVICE_HEADER,
    hdr_records,
    header_cells,
    indicator_cells,
    indicator_text,
    service_cells,
)
from cms_shaped.rows import MONTHS, Area, Service, areas_of, with_figures

# Practice expense as paid in the transition; FULLY_IMPLEMENTED has what it would be once that was over.
TRANSITION_SERVICES = with_figures("""
00100|
27447||23.25|16.40|16.40|4.30
43235||2.39|5.60|1.30|0.34
43239||2.87|6.55|1.48|0.40
64493||1.52|3.05|0.98|0.12
70551||1.48|10.50|10.50|0.12|6.10|0.08
70551|26|1.48|0.55|0.55|0.09
70551|TC|0.00|9.95|9.95|0.03|5.55|0.02
97110||0.45|0.43|0.43|0.01
99070|
99213||0.97|1.03|0.42|0.07
99499|
""")
FULLY_IMPLEMENTED = {
    ("27447", ""): ("15.75", "15.75"),
    ("43235", ""): ("6.20", "1.21"),
    ("43239", ""): ("7.35", "1.40"),
    ("64493", ""): ("3.40", "0.91"),
    ("70551", ""): ("9.10", "9.10"),
    ("70551", "26"): ("0.50", "0.50"),
    ("70551", "TC"): ("8.60", "8.60"),
    ("97110", ""): ("0.47", "0.47"),
    ("99213", ""): ("1.08", "0.40"),
}
_FIGURES_2019 = with_figures("""
27447||20.72|14.32|14.32|4.03
43235||2.09|5.24|1.21|0.28
43239||2.39|7.48|1.34|0.32
64493||1.52|3.26|0.93|0.13
64494||1.00|1.40|0.40|0.09
70551||1.48|4.70|4.70|0.10|7.96|0.11
70551|26|1.48|0.55|0.55|0.08
70551|TC|0.00|4.15|4.15|0.02|7.43|0.04
97110||0.45|0.40|0.40|0.02
99213||0.97|1.05|0.40|0.07
""")
_OTHERS_2019 = (
    Service("93000", "", "Heart tracing", "A", "0.17", "0.29", "0.29", "0.02", "", "NA", "4"),
    Service("99214", "", "Visit, 25 minutes", "A", "1.50", "1.46", "0.62", "0.10"),
)
SERVICES_2019 = tuple(sorted((*_FIGURES_2019, *_OTHERS_2019), key=lambda row: row.hcpcs))

# Contractor numbers that are no longer those of the state, names as CMS wrote them then.
CARRIER_AREAS = areas_of("""
00510|00|AL|ALABAMA|1.000|0.853|0.496|0.978|ALABAMA|STATEWIDE|ALL COUNTIES|20.12
00831|01|AK|ALASKA*|1.500|1.090|0.646|1.500|ALASKA|STATEWIDE|ALL COUNTIES|29.18
31146|18|CA|LOS ANGELES, CA|1.041|1.156|0.804|1.041|CALIFORNIA|LOS ANGELES|LOS ANGELES|22.55
31140|03|CA|MARIN/NAPA/SOLANO, CA|1.034|1.340|0.432|1.034||MARIN/NAPA/SOLANO|MARIN, NAPA, AND SOLANO|22.98
00590|04|FL|MIAMI, FL|1.000|1.069|3.167|0.998|FLORIDA|MIAMI|DADE AND MONROE|24.71
00590|99|FL|REST OF FLORIDA|1.000|0.937|1.724|0.973||REST OF STATE|ALL OTHER COUNTIES|21.05
00833|01|HI|HAWAII, GUAM|1.000|1.124|0.665|0.997|HAWAII/GUAM|STATEWIDE|ALL COUNTIES|21.90
""")
AREAS_2019 = areas_of("""
10112|00|AL|ALABAMA|1.000|0.890|0.492|0.983|ALABAMA|STATEWIDE|ALL COUNTIES|21.03
02102|01|AK|ALASKA**|1.500|1.117|0.708|1.500|ALASKA|STATEWIDE|ALL COUNTIES|29.91
01182|18|CA|LOS ANGELES-LONG BEACH-ANAHEIM (LOS ANGELES CNTY), CA|1.046|1.177|0.694|1.046|CALIFORNIA|LOS ANGELES|LOS ANGELES|23.01
09102|04|FL|MIAMI, FL|1.000|1.029|2.566|0.992|FLORIDA|MIAMI|DADE AND MONROE|24.62
13202|01|NY|MANHATTAN, NY|1.052|1.180|1.615|1.052|NEW YORK|MANHATTAN|NEW YORK|24.95
""")  # noqa: E501

_VALUES_HEADER_2009 = """
||TRANSITIONED|NON-FAC|PE RVU
|TRANSITIONED|NON-FAC|NA|INDICATOR
|FULLY|IMPLEMENTED|NON-FAC|PE RVU
FULLY|IMPLEMENTED|NON-FAC|NA|INDICATOR
||TRANSITIONED|FACILITY|PE RVU
|TRANSITIONED|FACILITY |NA|INDICATOR
|FULLY|IMPLEMENTED|FACILITY|PE RVU
FULLY|IMPLEMENTED|FACILITY |NA|INDICATOR
|||MP|RVU
||TRANSITIONED|NON-FACILITY|TOTAL
|FULLY|IMPLEMENTED|NON-FACILITY|TOTAL
||TRANSITIONED|FACILITY|TOTAL
|FULLY|IMPLEMENTED|FACILITY|TOTAL
"""


def _in_full(row: Service, fully: Mapping[tuple[str, str], tuple[str, str]]) -> Service:
    nonfacility, facility = fully.get((row.hcpcs, row.modifier), (row.pe_nonfacility, row.pe_facility))
    return replace(row, pe_nonfacility=nonfacility, pe_facility=facility)


def pprrvu_2009_cells(
    services: Iterable[Service] = TRANSITION_SERVICES,
    fully: Mapping[tuple[str, str], tuple[str, str]] = FULLY_IMPLEMENTED,
    *,
    year: int = 2012,
    month: str = "January",
    factor: str = "34.0376",
) -> list[list[str]]:
    """PPRRVU of 2009 to 2013 as cells: 37 columns, practice expense and the totals twice.

    Columns and their order: GitHub brendan-bassett/MedicareAnalysis (PPRRVU10_U22.csv) and HealthBus.ImportCmsRvu2011
    (PPRRVU11_OCT_082511_v2.csv; data from line 11 on). Labels, over rows 6 to 10: FULLY IMPLEMENTED ..., WORK RVU, MP
    RVU, CONV FACTOR by GitHub mike-cochran/cms-ffs-processing, TRANSITIONED ... by the column names of a loader; in
    which of the rows each word stands is made up. Banner: that of 2019.
    """
    cells = header_cells(
        [SERVICE_HEADER, _VALUES_HEADER_2009, INDICATORS_HEADER],
        [
            f"{year} National Physician Fee Schedule Relative Value File {month} Release",
            "Copyright lines stand here, with commas, and so on.",
            " ",
            "More of them.",
            f"RELEASED 11/01/{year - 1}",
        ],
    )
    for row in services:
        full = _in_full(row, fully)
        # fmt: off
        cells.append([
            *service_cells(row),
            row.pe_nonfacility, row.na_nonfacility, full.pe_nonfacility, row.na_nonfacility,
            row.pe_facility, row.na_facility, full.pe_facility, row.na_facility, row.mp,
            row.total("nonfacility"), full.total("nonfacility"), row.total("facility"), full.total("facility"),
            *indicator_cells(row, factor),
        ])
        # fmt: on
    return cells


def pprrvu_2009_txt(
    services: Iterable[Service] = TRANSITION_SERVICES,
    fully: Mapping[tuple[str, str], tuple[str, str]] = FULLY_IMPLEMENTED,
    *,
    factor: str = "34.0376",
) -> bytes:
    """PPRRVU of 2009 to 2013 as fixed-width text.

    1 to 110: VA's routine FBZRVUY9 for PPRRVU09.TXT (work 60-65, transitioned 67-72 and 85-90, MP 104-110; HDR
    records). To 176: a public parser by CMS's documentation (FIELD_SPECS: fully implemented 76-81 and 94-99, totals
    110-115, 117-122, 124-129, 131-136, PC/TC 139, factor 169-176). From 177 on: RVU25D's positions, moved as those
    before are.
    """
    lines = hdr_records("COPYRIGHT WORDS STAND HERE", "AND SOME MORE OF THEM")
    for row in services:
        full = _in_full(row, fully)
        line = f"{row.hcpcs:<5}{row.modifier:<2}{row.description:<50}{row.status} {row.work:>6}"
        line += f" {row.pe_nonfacility:>6}{row.na_nonfacility:<2} {full.pe_nonfacility:>6}{row.na_nonfacility:<2}"
        line += f" {row.pe_facility:>6}{row.na_facility:<2} {full.pe_facility:>6}{row.na_facility:<2}  {row.mp:>5}"
        line += f" {row.total('nonfacility'):>6} {full.total('nonfacility'):>6}"
        line += f" {row.total('facility'):>6} {full.total('facility'):>6}  "
        lines.append(line + indicator_text(row, factor))
    return lines_of(lines)


def pprrvu_2009_xlsx(**banner: object) -> bytes:
    """PPRRVU of 2009 to 2013 as a workbook: the cells of ``pprrvu_2009_cells``, figures as numbers."""
    figures = {5, 6, 8, 10, 12, 14, 15, 16, 17, 18, 21, 22, 23, 30, 34, 35, 36}
    return xlsx_of(pprrvu_2009_cells(**banner), numbers=figures)  # type: ignore[arg-type]


def gpci_2009_cells(areas: Iterable[Area] = CARRIER_AREAS, *, year: int = 2012, banner: bool = True) -> list[list[str]]:
    """GPCI of 2009 to 2019 as cells: contractor, locality, name, work, PE, MP, and a column without a cell.

    Columns: VA's routine FBZFSG09 (GPCI09.CSV) and HealthBus.ImportGpci2012 (GPCI2012.csv: the header is line 3,
    footnotes below). Without ``banner`` the header is line 1, as in 2014 to 2016, and blank columns are there:
    GitHub mike-cochran/cms-ffs-processing. The words of the labels are made up after those of 2019.
    """
    title = f"ADDENDUM E. FINAL CY {year} GEOGRAPHIC PRACTICE COST INDICES (GPCIs) BY STATE AND MEDICARE LOCALITY"
    head = [[title, *[""] * 6], [""] * 7] if banner else []
    cells = [*head, ["Contractor", "Locality", "Locality Name", "Work GPCI", "PE GPCI", "MP GPCI", ""]]
    cells += [[row.mac, row.locality, row.name, row.work, row.pe, row.mp, ""] for row in areas]
    return [*cells, ["* A footnote, and so on.", *[""] * 6]]


def gpci_2011_cells(areas: Iterable[Area] = CARRIER_AREAS) -> list[list[str]]:
    """GPCI of 2011, from the revised January release on: 2010's three indices stand before 2011's.

    HealthBus.ImportGpci2011 (Gpci2011Record.cs names them) and GitHub mike-cochran/cms-ffs-processing (drops the
    first three). That the labels carry the years is made up: without, two columns read as one and the file is refused.
    """
    labels = [f"{year} {index} GPCI" for year in (2010, 2011) for index in ("PW", "PE", "MP")]
    cells = [["ADDENDUM E", *[""] * 8], [""] * 9, ["Contractor", "Locality", "Locality Name", *labels]]
    return cells + [
        [row.mac, row.locality, row.name, "1.000", "0.999", "0.998", row.work, row.pe, row.mp] for row in areas
    ]


def gpci_2009_txt(areas: Iterable[Area] = CARRIER_AREAS, *, later: bool = True) -> bytes:
    """GPCI of 2009 as text without banner or header, by the two layouts VA's routine FBZFSG09 names.

    ``later``: carrier 1-5, locality 9-10, work 45-49, PE 53-57, MP 61-65; else 1-5, 7-8, 34-38, 43-47, 53-57.
    """
    if later:
        lines = [f"{row.mac}   {row.locality}  {row.name:<32}{row.work}   {row.pe}   {row.mp}" for row in areas]
    else:
        lines = [f"{row.mac} {row.locality} {row.name:<24}{row.work}    {row.pe}     {row.mp}" for row in areas]
    return lines_of(lines)


def anes_2009_csv(areas: Iterable[Area] = CARRIER_AREAS) -> bytes:
    """ANES of 2009 to 2019 as csv. Based on 2025's: no file or code of those years was seen; the label is made up."""
    header = ["Carrier Number", "Locality", "Locality Name", "Anesthesia Conversion Factor"]
    return csv_of([header, *([row.mac, row.locality, row.name, row.anesthesia] for row in areas)])


def locco_2009_csv(areas: Iterable[Area] = CARRIER_AREAS, *, year: int = 2012) -> bytes:
    """LOCCO as csv: 2025's cells under the labels of 2020, carrier number first (GitHub subramv/cms, R/data.R)."""
    header = ["Carrier Number", "Locality", "State", "Fee Schedule Area", "Counties"]
    cells = locco_cells(areas, year=year, zeros=True)
    return csv_of([*cells[:2], header, *cells[3:]])


def transition_members(
    release: str,
    *,
    factor: str,
    names: Sequence[str] | None = None,
    services: Sequence[Service] = TRANSITION_SERVICES,
    areas: Sequence[Area] = CARRIER_AREAS,
) -> dict[str, bytes]:
    """The csv members of a release of 2009 to 2013; ``names`` are those of PPRRVU and GPCI."""
    year, (month, _) = 2000 + int(release[:2]), MONTHS[release[2]]
    relative, gpci = names or (f"PPRRVU{release[:2]}.csv", f"GPCI{year}.csv")
    return {
        relative: csv_of(pprrvu_2009_cells(services, year=year, month=month, factor=factor)),
        gpci: csv_of(gpci_2009_cells(areas, year=year)),
        "OPPSCAP.csv": oppscap_csv(oppscap_rows(services, areas, factor=factor)),
        f"ANES{year}.csv": anes_2009_csv(areas),
        f"{release[:2]}LOCCO.csv": locco_2009_csv(areas, year=year),
        f"RVUPUF{release[:2]}.doc": b"not read",
    }
