"""A file is whole or not there, and what dead runs left beside it goes; a live run's file never does."""

import fcntl
import signal
import subprocess
import sys

import pytest

from feecalc.errors import StoreError
from feecalc.files.atomic_write import atomic_write

SCRIPT = (
    "import sys, time; from pathlib import Path; from feecalc.files.atomic_write import *\n"
    "with atomic_write(Path(sys.argv[1])) as temporary:\n"
    "    parts_folder(temporary).mkdir(); (parts_folder(temporary) / 'piece').write_text('x')\n"
    "    temporary.write_text('half'); print('ready', flush=True); time.sleep(60)\n"
)


@pytest.fixture
def writing(tmp_path):
    """A process that is writing tmp_path/out.csv; ended after the test."""
    started = subprocess.Popen([sys.executable, "-c", SCRIPT, tmp_path / "out.csv"], stdout=subprocess.PIPE, text=True)
    assert started.stdout.readline() == "ready\n"
    yield started
    started.kill()
    started.wait()


def write(path, text="new"):
    with atomic_write(path) as temporary:
        temporary.write_text(text)


def hidden(folder):
    return sorted(each.name for each in folder.iterdir() if each.name.startswith("."))


def test_what_a_killed_run_left_goes_at_the_next_run_to_the_same_file(writing, tmp_path):
    writing.send_signal(signal.SIGKILL)
    writing.wait()
    assert len(hidden(tmp_path)) == 2  # the half file and its folder of pieces
    write(tmp_path / "other.csv")
    assert len(hidden(tmp_path)) == 2
    write(tmp_path / "out.csv")
    assert hidden(tmp_path) == []
    assert (tmp_path / "out.csv").read_text() == "new"


def test_a_live_runs_file_stays(writing, tmp_path):
    write(tmp_path / "out.csv")
    assert len(hidden(tmp_path)) == 2
    assert writing.poll() is None


def test_a_held_file_stays_though_no_process_has_its_number(tmp_path):
    """A live run of another container: its number means nothing here, its lock does."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left = tmp_path / f".out.csv.feecalc-{ended.pid}-0123abcd.csv"
    left.write_text("half")
    with left.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        write(tmp_path / "out.csv")
        assert left.exists()
    write(tmp_path / "out.csv")
    assert not left.exists()


def test_other_hidden_files_stay(tmp_path):
    marks = ("", ".feecalc-1x-0123abcd.csv", ".abcdefgh.csv", ".feecalc-99999999-zz.csv")
    names = [f".out.csv{mark}" for mark in marks]
    for name in names:
        (tmp_path / name).write_text("mine")
    write(tmp_path / "out.csv")
    assert hidden(tmp_path) == sorted(names)


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("old")
    with pytest.raises(StoreError, match="No space left"), atomic_write(path):
        raise OSError(28, "No space left on device")
    assert (path.read_text(), hidden(tmp_path)) == ("old", [])


def test_the_mode_of_the_old_file_is_kept(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("old")
    path.chmod(0o640)
    write(path)
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o640)
    assert list(tmp_path.iterdir()) == [path]
