"""No death and no race leaves half of a release."""

import os
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest
from ingest.storing.looking import files_in
from stored import a_manifest, frames

from feecalc.errors import StoreError
from feecalc.ingest import store as store_module
from feecalc.ingest.store import Snapshot, Store

REPOSITORY = Path(__file__).parents[3]

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
    command = [sys.executable, "-c", DYING, str(Path(__file__).parents[2]), str(store.home)]
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
    arguments = [str(Path(__file__).parents[2]), str(store.home), str(turns), *map(str, seeds)]
    command = [sys.executable, "-c", LOOPING, *arguments]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n", process.stderr.read()
    return process


def one_piece(store: Store) -> int:
    """The seed of the release, which must be that of both its tables, as one manifest names them."""

    def both(now: Snapshot) -> tuple[int, set[Decimal], int]:
        manifest = now.manifest("RVU26C")
        rvu, gpci = (now.read("RVU26C", table) for table in ("rvu", "gpci"))
        return gpci["seed"].item(), set(rvu["work_rvu"]), manifest.tables["rvu"]["rows"]

    seed, works, rows = store.read_at_once(both)
    assert (works, rows) == ({Decimal(seed)}, 500)
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
        both = store.read_at_once(lambda now: now.read_tables("RVU26C", ["rvu", "gpci"]))
        assert set(both["rvu"]["work_rvu"]) == {Decimal(both["gpci"]["seed"].item())}
    for process in processes:
        assert process.communicate()[1] == ""
        assert process.returncode == 0
    assert len(seen) > 1
    assert one_piece(store) in (1, 2, 3, 4)
    assert len(files_in(store)) == 3


# A, then B, each time with the next number: at any moment A is where B is, or one ahead of it. Five times, and a rest.
ONE_AFTER_THE_OTHER = """
import sys, time
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from feecalc.ingest.store import Store
from stored import a_manifest, frames
store = Store(Path(sys.argv[2]))
print("ready", flush=True)
for seed in range(1, int(sys.argv[3])):
    for name in ("RVU26A", "RVU26B"):
        store.write(a_manifest(name), {"gpci": frames(seed)["gpci"]})
    time.sleep(0 if seed % 5 else 0.2)
"""


def test_two_entries_are_read_as_they_stood_at_one_moment(store):
    for name in ("RVU26A", "RVU26B"):
        store.write(a_manifest(name), {"gpci": frames(0)["gpci"]})
    command = [sys.executable, "-c", ONE_AFTER_THE_OTHER, str(Path(__file__).parents[2]), str(store.home), "60"]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n", process.stderr.read()

    def slowly(now: Snapshot) -> tuple[int, int]:
        first = now.read("RVU26A", "gpci")["seed"].item()
        time.sleep(0.03)
        return first, now.read("RVU26B", "gpci")["seed"].item()

    seen = []
    while process.poll() is None:
        seen.append(store.read_at_once(slowly))
    assert process.communicate()[1] == ""
    assert len({first for first, _ in seen}) > 5
    assert [pair for pair in seen if pair[0] - pair[1] not in (0, 1)] == []


def test_waiting_for_another_writer_is_said_and_has_an_end(store, monkeypatch):
    monkeypatch.setattr(store_module, "LOCK_WAIT", 0.2)
    said = []
    folder = store.folder("RVU26C")
    with store._writing(folder, said.append), pytest.raises(StoreError, match="another process still writes RVU26C"):
        store.write(a_manifest(), frames(), said.append)
    assert said == ["another feecalc is writing RVU26C: waiting for it"]
    store.write(a_manifest(), frames())
