"""No full or closed disk leaves half of a release."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from ingest.storing.looking import files_in
from stored import a_manifest, frames

from feecalc.errors import StoreError
from feecalc.ingest import store as store_module
from feecalc.ingest.store import Store

REPOSITORY = Path(__file__).parents[3]


def test_a_home_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"file.*: Not a directory; .*FEECALC_HOME"):
        Store(tmp_path / "file").write(a_manifest(), frames())
    assert Store(tmp_path / "file").manifests() == []


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the system lets root write anywhere")
def test_a_folder_without_permission(store):
    store.write(a_manifest(), frames())
    store.folder("RVU26C").chmod(0o500)
    try:
        with pytest.raises(StoreError, match="Permission denied"):
            store.write(a_manifest(), frames(2))
    finally:
        store.folder("RVU26C").chmod(0o700)
    assert store.read("RVU26C", "gpci")["seed"].to_list() == [1]


SMALL_DISK = """
import resource, sys
sys.path.insert(0, sys.argv[1])
from dataclasses import replace
from pathlib import Path
from feecalc.ingest.store import Store
from stored import a_manifest, frames
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
Store(Path(sys.argv[2])).write(replace(a_manifest(), notes=("a long note" * 1000,)), frames(2))
"""


@pytest.mark.skipif(os.name == "nt", reason="no limit on the size of a file")
@pytest.mark.parametrize("most", [100, 3000])
@pytest.mark.parametrize("installed", [True, False])
def test_a_disk_without_room(store, most, installed):
    """The system itself refuses the bytes: of the first table, or, a long one, of the manifest."""
    if installed:
        store.write(a_manifest(), frames(1))
    before = files_in(store)
    run = subprocess.run(
        [sys.executable, "-c", SMALL_DISK, str(Path(__file__).parents[2]), str(store.home), str(most)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "StoreError" in run.stderr, run.stderr
    assert "File too large" in run.stderr
    assert files_in(store) == before
    assert [each.name for each in store.manifests()] == (["RVU26C"] if installed else [])
    if installed:
        assert store.read("RVU26C", "gpci")["seed"].to_list() == [1]


@pytest.mark.parametrize("step", range(1, 20))
def test_a_failure_at_any_sync(store, monkeypatch, step):
    """Whichever write the disk refuses to make last, the release is the old or the new one, without leftovers."""
    old = store.write(a_manifest(), frames(1))
    calls, sync = [], os.fsync

    def failing(descriptor):
        calls.append(descriptor)
        if len(calls) == step:
            raise OSError(28, "No space left on device")
        sync(descriptor)

    monkeypatch.setattr(store_module.os, "fsync", failing)
    with suppress(StoreError):
        store.write(a_manifest(), frames(2))
        assert len(calls) < step, "a refused write went unsaid"
    seed = store.read("RVU26C", "gpci")["seed"].to_list()[0]
    now = store.manifest("RVU26C")
    assert seed == (1 if now == old else 2)
    assert files_in(store) == {"manifest.json", *(table["file"] for table in now.tables.values())}
