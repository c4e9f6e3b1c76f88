"""A text of more lines or cells than CMS's files have is refused before each of them takes memory."""

import os
import subprocess
import sys
from pathlib import Path

import cms_shaped as shaped
import pytest

from feecalc.errors import BadValue, UnsafeArchive
from feecalc.ingest.files import text
from feecalc.ingest.files.archive import Member, open_sources
from feecalc.ingest.files.conversion import read_table

RVU = "PPRRVU2025_Oct.csv"
ROWS = len(shaped.SERVICES)
# Reads a zip under a limit of memory, as much as the limit names beside what Python and its modules take.
LIMITED = """
import resource, sys
from pathlib import Path
from feecalc.errors import FeeCalcError
from feecalc.ingest.build import build
from feecalc.ingest.store import Store
status = Path("/proc/self/status").read_text()
used = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmSize"))
resource.setrlimit(resource.RLIMIT_AS, ((used + 2**20) * 1024,) * 2)
try:
    build(Path(sys.argv[1]), store=Store(Path(sys.argv[2])))
except FeeCalcError as error:
    print(type(error).__name__, error)
"""


def read(content, **options):
    return read_table(Member(RVU, lambda: content), **options)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="sets a limit of memory as on Linux")
@pytest.mark.parametrize("line", [b"\n", b"\r\n", b",", b",\n"])
def test_sixty_million_bytes_in_a_small_zip_are_refused(tmp_path, line):
    members = shaped.release_members("25D")
    members[RVU] = shaped.pprrvu_csv() + line * (60_000_000 // len(line))
    (tmp_path / "rvu25d.zip").write_bytes(shaped.zip_of(members))
    command = [sys.executable, "-c", LIMITED, str(tmp_path / "rvu25d.zip"), str(tmp_path / "store")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=300)
    assert ended.stdout.startswith(f"UnsafeArchive {RVU}: "), (ended.stdout, ended.stderr[-2000:])
    assert "of CMS's files none has" in ended.stdout


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_whatever_ends_them(monkeypatch, end):
    content = shaped.csv_of(shaped.pprrvu_cells(), end=end)
    lines = len(shaped.pprrvu_cells())
    monkeypatch.setattr(text, "MOST_LINES", lines)
    assert read(content).frame.height == ROWS
    with pytest.raises(UnsafeArchive, match=rf"{RVU}: {lines + 1} lines; of CMS's files none has {lines}$"):
        read(content + end.encode())


def test_cells_are_counted_blank_ones_too(monkeypatch):
    content = shaped.pprrvu_csv() + b"\r\n" * 100
    # the rows below the nine lines above them, the hundred blank ones and what follows the last, of 31 cells each
    cells = (ROWS + 101) * 31
    monkeypatch.setattr(text, "MOST_CELLS", cells)
    assert read(content).frame.height == ROWS
    monkeypatch.setattr(text, "MOST_CELLS", cells - 1)
    with pytest.raises(UnsafeArchive, match=f"{cells:,} cells, blank ones too"):
        read(content)


def test_separators_are_counted_before_anything_is_split(monkeypatch):
    content = shaped.pprrvu_csv()
    monkeypatch.setattr(text, "MOST_CELLS", content.count(b",") - 1)
    with pytest.raises(UnsafeArchive, match=f"{content.count(b','):,} cells"):
        read(content)


def test_cells_over_several_lines_are_read_up_to_a_number(monkeypatch):
    cells = [["a title\nof two lines"], *shaped.pprrvu_cells()]
    content = shaped.csv_of(cells, end="\n")
    count = content.count(b",") + content.count(b"\n")
    monkeypatch.setattr(text, "MOST_PARSED", count)
    assert read(content).frame.height == ROWS
    monkeypatch.setattr(text, "MOST_PARSED", count - 1)
    with pytest.raises(UnsafeArchive, match=rf"{count:,} cells, of which some run over several lines"):
        read(content)


def test_a_loose_file_and_a_packed_one_are_counted_alike(tmp_path, monkeypatch):
    import gzip

    monkeypatch.setattr(text, "MOST_LINES", 10)
    for name, content in ((RVU, shaped.pprrvu_csv()), (f"{RVU}.gz", gzip.compress(shaped.pprrvu_csv()))):
        (tmp_path / name).write_bytes(content)
        (source,) = open_sources(tmp_path / name)
        with pytest.raises(UnsafeArchive, match="lines; of CMS's files none has 10"):
            read_table(source.members[0])


def test_lines_far_too_wide_are_named_by_the_first_and_blank_cells_beyond_the_header_are_none():
    cells = shaped.pprrvu_cells()
    wide = [*cells[:11], [*cells[11], "", "", "7", ""], *cells[12:]]
    with pytest.raises(BadValue, match=r"line 12: more cells than the header's 31, ',,7,' being left over \(1 such"):
        read(shaped.csv_of(wide))
    blank = [*cells[:11], [*cells[11], "", " ", ""], *cells[12:]]
    assert read(shaped.csv_of(blank)).frame.equals(read(shaped.pprrvu_csv()).frame)
