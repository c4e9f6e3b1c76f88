"""What every test may use: where CMS's real files are, if they are here at all."""

from pathlib import Path

import pytest
from hypothesis import settings

# A machine that is busy is no fault of the code: speed is measured in tests/benchmarks.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")

REPOSITORY = Path(__file__).parents[1]
CMS = REPOSITORY.parent / "shared" / "cms"


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
