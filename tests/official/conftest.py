"""CMS's releases of 2020 to 2025, built once for all comparisons."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from pathlib import Path

import pytest
from cms_shaped import MONTHS, csv_of

from feecalc.conformance.running import oppscap_check
from feecalc.ingest.build import build
from feecalc.ingest.store import Store

QUARTERS = ("25A", "25B", "25C", "25D")
# Releases of which the zip here holds PPRRVU and GPCI only, and OPPSCAP lies beside it.
EARLIER = ("20A", "20D", "21D", "22A", "22D", "23D", "24A", "24C")


@pytest.fixture(scope="session")
def year_2025(cms: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with RVU25A to RVU25D, each built from CMS's zip with the OPPSCAP check on."""
    store = Store(tmp_path_factory.mktemp("year-2025"))
    for quarter in QUARTERS:
        build(cms / "zips" / f"rvu{quarter.lower()}.zip", store=store, more_checks=(oppscap_check,))
    return store


@pytest.fixture(scope="session")
def earlier(cms: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with the releases of ``EARLIER``, each built whole, no warning allowed, the OPPSCAP check on."""
    folder = tmp_path_factory.mktemp("earlier")
    store = Store(folder / "home")
    for quarter in EARLIER:
        build(composed(cms, quarter, folder), store=store, more_checks=(oppscap_check,))
    return store


def composed(cms: Path, quarter: str, folder: Path, *, oppscap: bytes | None = None) -> Path:
    """``rvu20a.zip`` in ``folder``: PPRRVU and GPCI of CMS's zip, and OPPSCAP, ANES and LOCCO where they lie beside it.

    ANES and LOCCO are decoded tables and get CMS's headings back. ``oppscap`` takes the place of CMS's own.
    """
    year = 2000 + int(quarter[:2])
    path = folder / f"rvu{quarter.lower()}.zip"
    with zipfile.ZipFile(cms / "zips" / path.name) as given, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name in given.namelist():
            made.writestr(name, given.read(name))
        made.writestr(f"OPPSCAP_{MONTHS[quarter[2]][1]}.csv", oppscap or oppscap_of(cms, quarter))
        anes = cms / "anes" / f"ANES_RVU{quarter}.csv"
        if anes.is_file():
            heading = ["Contractor", "Locality", "Locality Name", f"{year} Anesthesia Conversion Factor"]
            made.writestr(f"ANES{year}.csv", csv_of([heading, *_cells(anes, 4)]))
        locco = cms / "locco" / f"LOCCO_RVU{quarter}.csv"
        if locco.is_file():
            title = f"COUNTIES INCLUDED IN {year} LOCALITIES. (ALPHABETICALLY BY STATE AND LOCALITY NAME WITHIN STATE)"
            heading = ["Medicare Adminstrative Contractor", "Locality Number", "State", "Fee Schedule Area", "Counties"]
            made.writestr(f"{quarter[:2]}LOCCO.csv", csv_of([[title, *[""] * 4], heading, *_cells(locco, 5)]))
    return path


def oppscap_of(cms: Path, quarter: str) -> bytes:
    """CMS's OPPSCAP of a release as csv."""
    return gzip.decompress((cms / "oppscap" / f"OPPSCAP_RVU{quarter}.csv.gz").read_bytes())


def _cells(path: Path, columns: int) -> list[list[str]]:
    """The rows of a decoded table, without its heading and the footnote that it took for a row."""
    rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8")))
    return [row[:columns] for row in rows if row[0].isdigit()]
