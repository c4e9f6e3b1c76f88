"""Workbooks that would take all memory or time are refused, whichever way they come in.

They are read in a process of its own under limits of memory and time: a reader that takes more ends there.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import hostile_workbooks
import pytest
from hostile_workbooks import HOSTILE, SECONDS

PEAK_KB = 2**20

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="sets a limit of memory and reads the memory taken as on Linux"
)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """What came of each file in each way: the error, the seconds of the processor, the most memory until then."""
    folder = tmp_path_factory.mktemp("hostile")
    files = {str(number): name for number, name in enumerate(HOSTILE)}
    for number, name in files.items():
        (folder / number).write_bytes(HOSTILE[name]())
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    found = {}
    left = list(files)
    while left:
        command = [sys.executable, hostile_workbooks.__file__, str(folder), *left]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        said = [json.loads(line) for line in ended.stdout.splitlines()]
        assert said, ended.stderr
        for number, reader, *outcome in said:
            found[files[number], reader] = outcome or [f"ended the process ({ended.returncode})", 0.0, 0]
        left = left[left.index(said[-1][0]) + 1 :]
    return found


@pytest.mark.parametrize("reader", ["CMS", "claims", "contract"])
@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_hostile_workbook_is_refused(outcomes, name, reader):
    error, seconds, peak = outcomes[name, reader]
    assert error.startswith(("UnreadableFile: book.xlsx", "UnsafeArchive: book.xlsx"))
    assert seconds < SECONDS
    assert peak < PEAK_KB
