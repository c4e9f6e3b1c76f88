"""The store: what is written is read, listed and removed."""

import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from ingest.storing.looking import files_in
from stored import a_manifest, frames

from feecalc.errors import InvalidValue, NotInstalled
from feecalc.ingest.home import home_folder
from feecalc.ingest.store import Store

REPOSITORY = Path(__file__).parents[3]


def test_what_is_written_is_read(store):
    written = store.write(a_manifest(), frames())
    assert store.manifests() == [written]
    assert store.manifest("RVU26C") == written
    assert written.tables["rvu"]["rows"] == 500
    assert written.tables["rvu"]["member"] == "PPRRVU2026_Jul_nonQPP.csv"
    assert store.read("RVU26C", "rvu").equals(frames()["rvu"])
    assert store.read("RVU26C", "rvu", ["work_rvu"]).columns == ["work_rvu"]
    assert store.read("RVU26C", "rvu").schema["work_rvu"] == pl.Decimal(8, 2)
    assert store.has("RVU26C", "gpci")
    assert not store.has("RVU26C", "oppscap")
    assert not store.has("RVU26B", "rvu")
    assert files_in(store) == {"manifest.json", *(table["file"] for table in written.tables.values())}


def test_a_new_build_takes_the_place_of_the_old(store):
    old = store.write(a_manifest(), frames(1))
    new = store.write(replace(a_manifest(), built="later"), frames(2))
    assert store.manifests() == [new]
    assert store.read("RVU26C", "gpci")["seed"].to_list() == [2]
    assert old.tables["gpci"]["file"] not in files_in(store)


def test_oldest_first_and_by_kind(store):
    store.write(a_manifest(), frames())
    store.write(a_manifest("RVU26A", date(2026, 1, 1)), frames())
    store.write(replace(a_manifest("RVU18AR", None), year=2018), frames())
    store.write(a_manifest("ZIP5-20261", date(2026, 1, 1), "zip5"), frames())
    assert [each.name for each in store.manifests("release")] == ["RVU18AR", "RVU26A", "RVU26C"]
    assert [each.name for each in store.manifests("zip5")] == ["ZIP5-20261"]
    assert (store.home / "other" / "ZIP5-20261" / "manifest.json").is_file()
    assert len(store.manifests()) == 4


def test_nothing_installed(store):
    assert store.manifests() == []
    assert store.manifest("RVU26C") is None
    with pytest.raises(NotInstalled, match="RVU26C is not installed"):
        store.read("RVU26C", "rvu")
    with pytest.raises(NotInstalled, match="RVU26C is not installed"):
        store.remove("RVU26C")
    store.write(a_manifest(), frames())
    with pytest.raises(NotInstalled, match="RVU26C holds no oppscap table, only gpci, rvu"):
        store.read("RVU26C", "oppscap")


def test_remove(store):
    store.write(a_manifest(), frames())
    store.write(a_manifest("RVU26A", date(2026, 1, 1)), frames())
    store.remove("RVU26C")
    assert [each.name for each in store.manifests()] == ["RVU26A"]
    assert not store.folder("RVU26C").exists()


@pytest.mark.parametrize("name", ["../RVU26C", "RVU26C/..", "", ".", "rvu26c", "RVU26C\n", "A" * 99])
def test_a_name_never_leaves_the_store(store, name):
    with pytest.raises(InvalidValue, match="not the name of anything installed"):
        store.folder(name)


def test_home(monkeypatch, tmp_path):
    monkeypatch.setenv("FEECALC_HOME", str(tmp_path / "there"))
    assert Store().home == tmp_path / "there"
    monkeypatch.setenv("FEECALC_HOME", " ")
    assert home_folder().name == "feecalc"


def test_the_import_is_cheap():
    script = (
        "import feecalc.ingest.store, sys; "
        "assert not {'dataframely', 'filelock', 'requests', 'polars'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, check=True)
