"""A store, a folder of files to build from, and a release that is there already."""

import pytest
from cms_shaped import SERVICES, release_zip

from feecalc.ingest.build import build
from feecalc.ingest.store import Store


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "home")


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "files"
    path.mkdir()
    return path


@pytest.fixture
def installed(store, tmp_path):
    """A release from before, which whatever is refused must leave as it is."""
    (tmp_path / "before").mkdir()
    (manifest,) = build(release_zip(tmp_path / "before"), store=store)
    yield manifest
    assert store.manifests() == [manifest]
    assert store.read("RVU25D", "rvu").height == len(SERVICES)
    names = {path.name for path in store.folder("RVU25D").iterdir()}
    assert names == {"manifest.json", *(table["file"] for table in manifest.tables.values())}
