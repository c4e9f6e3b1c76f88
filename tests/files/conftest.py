"""Small claim files, and the frame that comes of them."""

import polars as pl
import pytest

from feecalc.files.claim_lines import LineDefaults, claim_lines
from feecalc.files.headings import recognize
from feecalc.files.opening import open_file
from feecalc.files.places import Places
from feecalc.installed import open_schedule
from feecalc.pricing.places.zip_code import ZipDirectory


@pytest.fixture(scope="session")
def schedule():
    """The starter data's release of July 2026."""
    return open_schedule("2026C").schedule


@pytest.fixture
def write(tmp_path):
    """Write a claim file of some text or bytes; its path."""

    def written(content, name="claims.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


@pytest.fixture
def lines(schedule):
    """The canonical lines of a file."""

    def read(path, said=None, zips=None, engine="streaming", **given):
        file = open_file(path, said or ())
        columns = recognize(file.headings, said)
        places = Places([schedule], zips or ZipDirectory())
        return claim_lines(file, columns, LineDefaults(**given), places).collect(engine=engine)

    return read


@pytest.fixture
def column(write, lines):
    """One column of ours, read from cells in a column of that name; the rest of each line is sound."""
    sound = {"hcpcs": "64493", "date_of_service": "2026-08-03", "place_of_service": "11", "locality": "09102-04"}

    def read(name, cells, ours=None):
        others = {each: [value] * len(cells) for each, value in sound.items() if each != name}
        frame = pl.DataFrame({**others, name: cells}, strict=False)
        return lines(write(frame.write_csv().encode()))[ours or name].to_list()

    return read
