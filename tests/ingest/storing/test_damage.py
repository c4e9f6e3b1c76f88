"""Damaged entries are named, whatever stands in them."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stored import a_manifest, frames

from feecalc.errors import StoreError
from feecalc.ingest.store import Manifest, Snapshot, Store


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"name": "RVU26C"}', "null", "\udcff"],
)
def test_a_damaged_manifest_is_named(store, text):
    store.write(a_manifest(), frames())
    path = store.folder("RVU26C") / "manifest.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    for ask in (store.manifests, lambda: store.manifest("RVU26C"), lambda: store.read("RVU26C", "rvu")):
        with pytest.raises(StoreError, match=r"manifest\.json is damaged: .*feecalc releases --remove RVU26C"):
            ask()
    assert store.names() == ["RVU26C"]
    store.write(a_manifest(), frames(2))
    assert store.read("RVU26C", "gpci")["seed"].to_list() == [2]
    path.write_text(text, errors="replace")
    store.remove("RVU26C")
    assert store.names() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("year", "2026"),
        ("tables", {"rvu": 1}),
        ("tables", {"rvu": {"file": "x"}}),
        ("checks", {}),
        ("checks", [1]),
        ("notes", [1]),
        ("source", {}),
        ("facts", {"rvu": 1}),
        ("first_date_of_service", "July"),
    ],
)
def test_a_manifest_with_a_wrong_field(store, field, value):
    store.write(a_manifest(), frames())
    path = store.folder("RVU26C") / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {field: value}))
    with pytest.raises(StoreError, match=r"manifest\.json is damaged"):
        store.manifest("RVU26C")


_VALUES = st.none() | st.booleans() | st.integers() | st.text()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.recursive(_VALUES, lambda each: st.lists(each) | st.dictionaries(st.text(), each)))
def test_whatever_stands_in_a_manifest_is_an_error_or_a_manifest(tmp_path_factory, value):
    store = Store(tmp_path_factory.mktemp("home"))
    store.write(a_manifest(), {})
    path = store.folder("RVU26C") / "manifest.json"
    whole = json.loads(path.read_text())
    for field in (*whole, None):
        path.write_text(json.dumps(value if field is None else {**whole, field: value}))
        with suppress(StoreError):
            assert isinstance(store.manifest("RVU26C"), Manifest)
    path.write_text("[" * 100_000)
    with pytest.raises(StoreError, match="is damaged"):
        store.manifest("RVU26C")


def test_a_manifest_of_another_release(store):
    store.write(a_manifest(), frames())
    store.folder("RVU26C").rename(store.folder("RVU26B"))
    with pytest.raises(StoreError, match="it is the manifest of RVU26C"):
        store.manifests()


@pytest.mark.parametrize("harm", ["truncate", "flip", "delete", "text"])
def test_a_damaged_table_is_named(store, harm):
    name = store.write(a_manifest(), frames()).tables["rvu"]["file"]
    path = store.folder("RVU26C") / name
    content = path.read_bytes()
    middle = len(content) // 2
    changed = {
        "truncate": content[:-20],
        "flip": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
        "text": b"not parquet",
    }
    if harm == "delete":
        path.unlink()
    else:
        path.write_bytes(changed[harm])
    with pytest.raises(StoreError, match=rf"{name} is damaged: .*Build RVU26C again"):
        store.read("RVU26C", "rvu")
    store.write(a_manifest(), frames())
    assert store.read("RVU26C", "rvu").height == 500


def test_a_reader_that_loses_the_race_reads_the_new_release(store, monkeypatch):
    store.write(a_manifest(), frames(1))
    read_manifest, raced = Snapshot.manifest, []

    def slow(self, name):
        manifest = read_manifest(self, name)
        if not raced:
            raced.append(True)
            Store(self.home).write(a_manifest(), frames(2))
        return manifest

    monkeypatch.setattr(Snapshot, "manifest", slow)
    assert store.read("RVU26C", "gpci")["seed"].to_list() == [2]


def test_manifests_are_taken_together(store, monkeypatch):
    """One entry is listed, both are built anew, the other is listed: what never stood beside each other is not seen."""
    for name in ("RVU26A", "RVU26B"):
        store.write(a_manifest(name), frames(1))
    read_bytes, raced = Path.read_bytes, []

    def slow(self):
        content = read_bytes(self)
        if not raced:
            raced.append(self.parent.name)
            for name in ("RVU26A", "RVU26B"):
                store.write(a_manifest(name), frames(2))
        return content

    monkeypatch.setattr(Path, "read_bytes", slow)
    files = {manifest.tables["gpci"]["sha256"] for manifest in store.manifests()}
    assert raced == ["RVU26A"]
    assert files == {store.manifest("RVU26B").tables["gpci"]["sha256"]}


def test_a_file_that_the_next_build_takes_away_is_no_damage(store):
    """A reader who loses every race is told so: build the release again would be the wrong advice."""
    store.write(a_manifest(), frames(1))
    seeds = iter(range(2, 1000))

    def unlucky(now):
        store.write(a_manifest(), frames(next(seeds)))
        return now.read("RVU26C", "rvu")

    with pytest.raises(StoreError, match=r"other processes keep on replacing RVU26C .*; try again when they are done"):
        store.read_at_once(unlucky)
