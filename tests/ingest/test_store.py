"""The store: what is written is read, and no death, race or full disk leaves half of it."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stored import a_manifest, frames

from feecalc.errors import InvalidValue, NotInstalled, StoreError
from feecalc.ingest import store as store_module
from feecalc.ingest.home import home_folder
from feecalc.ingest.store import Manifest, Store

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "home")


def files_in(store: Store, name: str = "RVU26C") -> set[str]:
    folder = store.folder(name)
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


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


# --- damage -------------------------------------------------------------------------------------------------------


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
    read_manifest, raced = Store.manifest, []

    def slow(self, name):
        manifest = read_manifest(self, name)
        if not raced:
            raced.append(True)
            Store(self.home).write(a_manifest(), frames(2))
        return manifest

    monkeypatch.setattr(Store, "manifest", slow)
    assert store.read("RVU26C", "gpci")["seed"].to_list() == [2]


# --- the disk -----------------------------------------------------------------------------------------------------


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
        [sys.executable, "-c", SMALL_DISK, str(Path(__file__).parents[1]), str(store.home), str(most)],
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


# --- processes ----------------------------------------------------------------------------------------------------

# For each "write 3" it is sent, a copy of this process dies, without a word, at the third thing it does to the disk:
# every open, rename, removal and new folder is an audit event of Python's own. It answers with the exit code.
DYING = """
import os, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
import filelock
from feecalc.ingest import store as module
from stored import a_manifest, frames
home = sys.argv[2]
store, new = module.Store(Path(home)), frames(2)
ready = {id(frame): module._parquet(frame) for frame in new.values()}
module._parquet = lambda frame: ready[id(frame)]  # the threads of polars do not outlive a fork
def die(what, last):
    seen = 0
    def count(event, args):
        nonlocal seen
        if event in ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir") and str(args[0]).startswith(home):
            seen += 1
            if seen == last:
                os._exit(9)
    sys.addaudithook(count)
    store.write(a_manifest(), new) if what == "write" else store.remove("RVU26C")
    os._exit(0)
for line in sys.stdin:
    what, step = line.split()
    child = os.fork()
    if child == 0:
        die(what, int(step))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.fixture
def dying(store):
    """Write, or remove, in a process that dies at a step: its exit code, 9 where it died and 0 where it was done."""
    if os.name == "nt":
        pytest.skip("no fork")
    command = [sys.executable, "-c", DYING, str(Path(__file__).parents[1]), str(store.home)]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def die(step: int, what: str) -> int:
        process.stdin.write(f"{what} {step}\n")
        process.stdin.flush()
        code = int(process.stdout.readline())
        assert code in (0, 9)
        return code

    yield die
    process.communicate()


@pytest.mark.parametrize("installed", [True, False])
def test_killed_at_every_step_it_is_the_old_or_the_new(store, dying, installed):
    seen = set()
    for step in range(1, 60):
        if installed:
            store.write(a_manifest(), frames(1))
        elif store.names():
            store.remove("RVU26C")
        code = dying(step, "write")
        seeds = store.read("RVU26C", "gpci")["seed"].to_list() if store.names() else None
        if store.names():
            assert store.read("RVU26C", "rvu")["work_rvu"].unique().to_list() == [Decimal(seeds[0])]
        assert seeds in ([1] if installed else None, [2])
        seen.add(str(seeds))
        store.write(a_manifest(), frames(3))
        assert store.read("RVU26C", "gpci")["seed"].to_list() == [3]
        assert len(files_in(store)) == 3  # what the dead process left is gone
        if code == 0:
            break
    assert code == 0, "it never came to its end"
    assert step > 8
    assert seen == {"[1]" if installed else "None", "[2]"}


def test_killed_while_removing_it_is_there_or_not(store, dying):
    for step in range(1, 30):
        store.write(a_manifest(), frames(1))
        code = dying(step, "remove")
        assert store.names() == [] or store.read("RVU26C", "gpci")["seed"].to_list() == [1]
        if code == 0:
            break
    assert code == 0
    assert store.names() == []


LOOPING = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from feecalc.ingest.store import Store
from stored import a_manifest, frames
store = Store(Path(sys.argv[2]))
mine = [frames(seed) for seed in map(int, sys.argv[4:])]
print("ready", flush=True)
for turn in range(int(sys.argv[3])):
    store.write(a_manifest(), mine[turn % len(mine)])
"""


def looping(store: Store, turns: int, *seeds: int) -> subprocess.Popen[str]:
    arguments = [str(Path(__file__).parents[1]), str(store.home), str(turns), *map(str, seeds)]
    command = [sys.executable, "-c", LOOPING, *arguments]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n", process.stderr.read()
    return process


def one_piece(store: Store) -> int:
    """The seed of the release, which must be that of both its tables as one manifest names them."""
    manifest = store.manifest("RVU26C")
    seed = store.read("RVU26C", "gpci")["seed"].to_list()[0]
    assert manifest.tables["rvu"]["rows"] == 500
    assert store.read("RVU26C", "rvu")["work_rvu"].n_unique() == 1
    return seed


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_killed_at_any_time_it_is_the_old_or_the_new(store):
    store.write(a_manifest(), frames(1))
    for wait in range(12):
        process = looping(store, 100_000, 1, 2)
        time.sleep(0.0037 * wait)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert one_piece(store) in (1, 2)
    store.write(a_manifest(), frames(3))
    assert len(files_in(store)) == 3


def test_two_processes_write_the_same_release_while_it_is_read(store):
    store.write(a_manifest(), frames(1))
    processes = [looping(store, 60, 1, 2), looping(store, 60, 3, 4)]
    seen = set()
    while any(process.poll() is None for process in processes):
        seen.add(one_piece(store))
    for process in processes:
        assert process.communicate()[1] == ""
        assert process.returncode == 0
    assert len(seen) > 1
    assert one_piece(store) in (1, 2, 3, 4)
    assert len(files_in(store)) == 3


def test_waiting_for_another_writer_is_said_and_has_an_end(store, monkeypatch):
    monkeypatch.setattr(store_module, "LOCK_WAIT", 0.2)
    said = []
    folder = store.folder("RVU26C")
    with store._writing(folder, said.append), pytest.raises(StoreError, match="another process still writes RVU26C"):
        store.write(a_manifest(), frames(), said.append)
    assert said == ["another feecalc is writing RVU26C: waiting for it"]
    store.write(a_manifest(), frames())


def test_the_import_is_cheap():
    script = (
        "import feecalc.ingest.store, sys; "
        "assert not {'dataframely', 'filelock', 'requests', 'polars'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, check=True)
