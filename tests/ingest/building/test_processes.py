"""Builds of one release by several processes, and builds that are killed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cms_shaped import SERVICES, release_zip

from feecalc.ingest.build import build

REPOSITORY = Path(__file__).parents[3]

BUILD = """
import sys
from pathlib import Path
from feecalc.ingest.build import build
from feecalc.ingest.store import Store
for _ in range(int(sys.argv[3])):
    build(Path(sys.argv[1]), store=Store(Path(sys.argv[2])))
"""


def test_two_processes_build_the_same_release(store, folder):
    path = release_zip(folder)
    command = [sys.executable, "-c", BUILD, str(path), str(store.home), "5"]
    processes = [subprocess.Popen(command, cwd=REPOSITORY, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    while any(process.poll() is None for process in processes):
        if store.manifests():
            assert store.read("RVU25D", "rvu").height == len(SERVICES)
    for process in processes:
        assert (process.communicate()[1], process.returncode) == ("", 0)
    assert len(list(store.folder("RVU25D").iterdir())) == 6


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_a_build_that_is_killed(store, folder, installed):
    import time

    path = release_zip(folder)
    for wait in range(4):
        command = [sys.executable, "-c", BUILD, str(path), str(store.home), "1000"]
        process = subprocess.Popen(command, cwd=REPOSITORY)
        time.sleep(0.9 + 0.013 * wait)
        process.kill()
        process.wait()
        assert store.read("RVU25D", "rvu").height == len(SERVICES)
    shutil.rmtree(store.home)
    build(path, store=store)  # what the fixture looks at
    store.write(installed, {table: store.read("RVU25D", table) for table in installed.tables})
