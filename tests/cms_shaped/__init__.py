"""Small files in the shapes CMS publishes, for tests: few rows, descriptions of our own, any of them to be broken.

Figures of SERVICES are those of release RVU25D, of AREAS those of GPCI2025. Every writer returns bytes; ``release_zip``
packs them. A row is changed with ``dataclasses.replace``.
"""

from cms_shaped.amounts import (
    CENT,
    lookup_cells,
    lookup_csv,
    oppscap_csv,
    oppscap_rows,
    oppscap_txt,
    oppscap_xlsx,
    payment_amount_txt,
)
from cms_shaped.containers import csv_of, lines_of, xlsx_of, zip_of
from cms_shaped.facility import (
    ancillary_cells,
    asc_cells,
    asc_csv,
    asc_workbook,
    device_offset_cells,
    excluded_cells,
    opps_cells,
    opps_csv,
    tabs_of,
)
from cms_shaped.localities import (
    anes_csv,
    anes_txt,
    anes_xlsx,
    gpci_cells,
    gpci_csv,
    gpci_txt,
    gpci_xlsx,
    locco_cells,
    locco_csv,
    locco_txt,
    locco_xlsx,
)
from cms_shaped.other import ZIPS, base_units_xlsx, zip5_txt, zip5_xlsx, zip9_txt, zip_plus4_csv
from cms_shaped.relative_values import pprrvu_cells, pprrvu_csv, pprrvu_txt, pprrvu_xlsx
from cms_shaped.releases import of_qps, release_members, release_zip
from cms_shaped.rows import AREAS, MONTHS, SERVICES, Area, Service

__all__ = [
    "AREAS",
    "CENT",
    "MONTHS",
    "SERVICES",
    "ZIPS",
    "Area",
    "Service",
    "ancillary_cells",
    "anes_csv",
    "anes_txt",
    "anes_xlsx",
    "asc_cells",
    "asc_csv",
    "asc_workbook",
    "base_units_xlsx",
    "csv_of",
    "device_offset_cells",
    "excluded_cells",
    "gpci_cells",
    "gpci_csv",
    "gpci_txt",
    "gpci_xlsx",
    "lines_of",
    "locco_cells",
    "locco_csv",
    "locco_txt",
    "locco_xlsx",
    "lookup_cells",
    "lookup_csv",
    "of_qps",
    "opps_cells",
    "opps_csv",
    "oppscap_csv",
    "oppscap_rows",
    "oppscap_txt",
    "oppscap_xlsx",
    "payment_amount_txt",
    "pprrvu_cells",
    "pprrvu_csv",
    "pprrvu_txt",
    "pprrvu_xlsx",
    "release_members",
    "release_zip",
    "tabs_of",
    "xlsx_of",
    "zip5_txt",
    "zip5_xlsx",
    "zip9_txt",
    "zip_of",
    "zip_plus4_csv",
]
