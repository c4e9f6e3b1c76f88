"""CMS's four releases of 2025, built once for all comparisons."""

from __future__ import annotations

from pathlib import Path

import pytest

from feecalc.conformance.check import oppscap_check
from feecalc.ingest.build import build
from feecalc.ingest.store import Store

QUARTERS = ("25A", "25B", "25C", "25D")


@pytest.fixture(scope="session")
def year_2025(cms: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with RVU25A to RVU25D, each built from CMS's zip with the OPPSCAP check on."""
    store = Store(tmp_path_factory.mktemp("year-2025"))
    for quarter in QUARTERS:
        build(cms / "zips" / f"rvu{quarter.lower()}.zip", store=store, more_checks=(oppscap_check,))
    return store
