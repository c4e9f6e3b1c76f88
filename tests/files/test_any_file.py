"""Whatever bytes a file holds: an error of ours, or a frame of exactly our columns with a line for each row."""

import io
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feecalc.errors import FeeCalcError
from feecalc.files.claim_lines import LINE_COLUMNS, LineDefaults, claim_lines
from feecalc.files.headings import recognize
from feecalc.files.line_tables import ClaimLine
from feecalc.files.opening import open_file, plain_errors
from feecalc.files.places import Places

OFTEN = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
HEADINGS = st.sampled_from(
    ["CPT", "DOS", "POS", "Mod", "MOD1", "Mod 2", "Units", "Charge", "Claim", "Line", "zip", "mac", "locality", "qp",
     "Par", "Minutes", "Deductible Remaining", "Postop Days", "NPI", "Billing NPI", "DX", "", "Note", "hcpcs", "reason"]
)  # fmt: skip
BEGINNINGS = [b"PAR1", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf", b'CPT,DOS,POS\n"']
CELLS = st.one_of(
    st.sampled_from(["64493", "2026-08-03", "8/3/26", "11", "26,59", "$1,200.50", "(3)", "Y", "46085", "miami", ""]),
    st.text(max_size=12),
    st.integers().map(str),
    st.floats().map(str),
)


def read(content, schedule):
    """The lines of a file of these bytes, or None where it is refused."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "claims"
        path.write_bytes(content)
        try:
            file = open_file(path)
            columns = recognize(file.headings)
            placed = "locality" in columns or "zip_code" in columns
            defaults = LineDefaults() if placed else LineDefaults(locality="miami")
            with plain_errors(path):
                lines = claim_lines(file, columns, defaults, Places([schedule])).collect(engine="streaming")
        except FeeCalcError:
            return None
    assert dict(list(lines.schema.items())[: len(LINE_COLUMNS)]) == dict(LINE_COLUMNS)
    ClaimLine.validate(lines)
    assert not lines["intake_reason"].str.contains("fault of feecalc").any()
    return lines


@OFTEN
@given(st.binary(max_size=300))
def test_any_bytes(schedule, content):
    read(content, schedule)


@OFTEN
@given(st.sampled_from(BEGINNINGS), st.binary(max_size=200))
def test_any_bytes_after_a_beginning_we_know(schedule, start, content):
    read(start + content, schedule)


@OFTEN
@given(st.text(alphabet='CPTDOSUnits64493,;\t|"\n\r $-/.', max_size=200))
def test_any_text_of_a_files_characters(schedule, content):
    read(("CPT,DOS,POS,Claim\n" + content).encode(), schedule)


@OFTEN
@given(st.data())
def test_any_table(schedule, data):
    headings = ["CPT", "DOS", "POS", *data.draw(st.lists(HEADINGS, max_size=8))]
    row = st.lists(CELLS, min_size=len(headings), max_size=len(headings))
    rows = data.draw(st.lists(row, max_size=8))
    out = io.StringIO()
    for cells in [headings, *rows]:
        out.write(",".join('"' + cell.replace('"', '""') + '"' for cell in cells) + "\n")
    lines = read(out.getvalue().encode("utf-8", errors="replace"), schedule)
    held = [cells for cells in rows if any(cells)]
    if lines is not None and "\r" not in out.getvalue():
        assert lines.height == len(held)


@pytest.mark.parametrize("cut", range(0, 4000, 97))
def test_a_parquet_file_cut_anywhere(schedule, cut):
    buffer = io.BytesIO()
    pl.DataFrame({"CPT": ["64493"] * 50, "DOS": ["2026-08-03"] * 50, "POS": ["11"] * 50}).write_parquet(buffer)
    whole = buffer.getvalue()
    if cut < len(whole):
        assert read(whole[:cut], schedule) is None
        read(whole[:cut] + b"\x00" + whole[cut + 1 :], schedule)
