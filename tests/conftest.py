"""What every test may use: where CMS's real files are, if they are here at all."""

from pathlib import Path

import pytest

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
