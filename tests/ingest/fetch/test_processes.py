"""Downloads of killed and of competing processes."""

import hashlib
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ingest.fetch.serving import DROP, KNOWN, REPOSITORY, ZIP, names_in

from feecalc.errors import DownloadError
from feecalc.ingest.fetch import landing
from feecalc.ingest.fetch.download import download_release

RUN = """
import functools, sys
from pathlib import Path
from feecalc.ingest.fetch.download import download_release
report = functools.partial(print, flush=True)
got = download_release("RVU26C", sys.argv[1], Path(sys.argv[2]), report=report)
print(got.sha256, got.from_cache)
"""


def start_process(address: str, downloads: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", RUN, address, str(downloads)]
    return subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def until_begun(process: subprocess.Popen[str], part: Path) -> None:
    """Wait until the process has written some of the part."""
    deadline = time.monotonic() + 60
    while not part.exists() or part.stat().st_size < DROP // 2:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_killed_process_leaves_nothing_half_done(breaking, downloads):
    server = breaking(ZIP, [DROP])
    server.stall.clear()
    process = start_process(server.address, downloads)
    part = downloads / "RVU26C.zip.part"
    try:
        until_begun(process, part)
    finally:
        process.kill()
        process.communicate()
    assert names_in(downloads) == ["RVU26C.zip.part", "RVU26C.zip.part.json"]
    kept = part.stat().st_size
    assert download_release("RVU26C", server.address, downloads).path.read_bytes() == ZIP
    assert server.sent[-1] == (206, kept, len(ZIP) - kept)


def test_two_processes_fetch_it_once(breaking, downloads):
    server = breaking(ZIP, [DROP])
    server.stall.clear()
    processes = [start_process(server.address, downloads)]
    try:
        until_begun(processes[0], downloads / "RVU26C.zip.part")
        processes.append(start_process(server.address, downloads))
        said = processes[1].stdout.readline()
        assert said == "another feecalc is fetching RVU26C.zip: waiting for it\n"
        server.stall.set()
        outputs = [process.communicate(timeout=60) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    sha256 = hashlib.sha256(ZIP).hexdigest()
    assert [out for out, _ in outputs] == [f"{sha256} False\n", f"{sha256} True\n"], outputs
    assert [status for status, _, _ in server.sent] == [200, 206, 304]
    assert (downloads / "RVU26C.zip").read_bytes() == ZIP
    assert names_in(downloads) == ["RVU26C.json", "RVU26C.zip"]


def test_waiting_for_another_process_has_an_end(httpserver, downloads, monkeypatch):
    monkeypatch.setattr(landing, "LOCK_WAIT", 0.2)
    downloads.mkdir()
    with (
        landing.release_lock(landing.Files(downloads, "RVU26C"), print),
        pytest.raises(DownloadError, match="another process still fetches"),
    ):
        download_release("RVU26C", httpserver.url_for(KNOWN), downloads)
    assert not httpserver.log
