"""What every test may use: where CMS's real files are, if they are here at all."""

from pathlib import Path

import pytest
from hypothesis import settings

# A machine that is busy is no fault of the code: speed is measured in tests/benchmarks.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")

REPOSITORY = Path(__file__).parents[1]
# A worker takes a file at a time (pyproject.toml: loadfile), so that what a file's tests share is made once. The files
# that take longest come first, a browser's between the others: one begun at the end would keep a worker busy while the
# other has none left.
LONGEST = (
    "test_spark.py",
    "test_readme.py",
    "ui/test_browser_forecast.py",
    "ingest/workbook/test_hostile.py",
    "ui/test_browser.py",
    "pricing/claims/test_engine_properties.py",
    "ui/test_browser_data.py",
    "test_notebooks.py",
    "ui/test_browser_contracts.py",
    "pricing/test_properties.py",
    "ui/test_browser_bridge.py",
    "pricing/claims/test_against_oracle.py",
    "ui/test_browser_claims_sites.py",
    "ui/test_forecast_page.py",
    "pricing/test_service.py",
    "ingest/workbook/test_reading.py",
    "ingest/files/test_any_bytes.py",
    "pricing/test_one_answer.py",
    "test_installed.py",
    "scenarios/forecast/test_properties.py",
    "scenarios/test_bridge_claims.py",
    "ingest/files/test_real_files.py",
    "ingest/storing/test_processes.py",
    "official/test_ncci_edits.py",
    "edits/test_sound_claims_of_practices.py",
    "official/test_facility_bills.py",
    "official/test_published_2026.py",
    "ingest/building/test_cms_zips.py",
)
CMS = REPOSITORY.parent / "shared" / "cms"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest."""
    places = {Path(__file__).parent / name: at for at, name in enumerate(LONGEST)}
    missing = [str(path) for path in places if not path.is_file()]
    assert not missing, f"take out of LONGEST in tests/conftest.py, or name as it is named now: {missing}"
    items.sort(key=lambda item: places.get(item.path, len(places)))


@pytest.fixture(scope="session")
def cms() -> Path:
    """The folder of real CMS files beside the project; tests that need it skip where it is absent."""
    if not CMS.is_dir():
        pytest.skip("needs CMS's own files in ../shared/cms, which are not in the repository")
    return CMS


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    """No test reads or writes the person's own releases."""
    monkeypatch.setenv("FEECALC_HOME", str(tmp_path / "feecalc-home"))
    monkeypatch.delenv("FEECALC_CMS_URL", raising=False)
