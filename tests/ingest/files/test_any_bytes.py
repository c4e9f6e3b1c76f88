"""Whatever the bytes, the readers give a table, None or an error of this project, and never another exception."""

import gzip
import io
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path

import cms_shaped as shaped
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from feecalc.errors import FeeCalcError
from feecalc.ingest.files.archive import Member, open_sources
from feecalc.ingest.files.conversion import quick_family, read_table
from feecalc.tables import SCHEMAS

TABLES = [None, *SCHEMAS]
SHAPED = {
    "PPRRVU2025_Oct.csv": shaped.pprrvu_csv(),
    "PPRRVU2025_Oct.txt": shaped.pprrvu_txt(),
    "GPCI2026.csv": shaped.gpci_csv(columns=8),
    "GPCI2020.csv": shaped.gpci_csv(columns=6),
    "GPCI2025.txt": shaped.gpci_txt(),
    "OPPSCAP_Oct.csv": shaped.oppscap_csv(),
    "OPPSCAP_Oct.txt": shaped.oppscap_txt(),
    "ANES2025.csv": shaped.anes_csv(),
    "ANES2025.txt": shaped.anes_txt(),
    "25LOCCO.csv": shaped.locco_csv(),
    "25LOCCO.txt": shaped.locco_txt(),
    "ZIP5_OCT2025.txt": shaped.zip5_txt(),
    "ZIP9_OCT2025.txt": shaped.zip9_txt([("FL", "33301", "09102", "03", "0001")]),
    "zip4.csv": shaped.zip_plus4_csv([("33301", "", "09102", "03", "2020", "9999")]),
    "PFALL25D.txt": shaped.payment_amount_txt([("09102", "04", "99213", "", "A", "95.12", "66.01")]),
    "GPCI2025.xlsx": shaped.gpci_xlsx(),
    "Addendum_B.csv": shaped.opps_csv(),
    "Addendum_AA.csv": shaped.asc_csv(),
    "Addendum_AA.txt": shaped.tabs_of(shaped.asc_cells()),
    "Addendum_BB.txt": shaped.tabs_of(shaped.ancillary_cells()),
    "Addendum_EE.csv": shaped.csv_of(shaped.excluded_cells()),
    "Addendum_FF.csv": shaped.csv_of(shaped.device_offset_cells()),
    "base_units.xlsx": shaped.base_units_xlsx([("00100", "5")]),
}
PACKED = {
    "rvu25d.zip": shaped.zip_of(shaped.release_members("25D", shaped.SERVICES[:4], shaped.AREAS[:3])),
    "GPCI2025.csv.gz": gzip.compress(shaped.gpci_csv()),
}
MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
# Cells and bytes that mean something to one parser or another.
TELLING = st.sampled_from(
    [b"", b",", b'"', b'""', b"\n", b"\r", b"\x00", b"\x1a", b"\x1f", b"\xa0", b"\xff\xfe", b"\xef\xbb\xbf", b"-",
     b"1e9", b"9" * 60, b"NaN", b"HCPCS", b"," * 500, b"\n" * 70, b"PK\x03\x04", b'r="XFD1048576"', "٣".encode(),
     b"(" * 40]
)  # fmt: skip


def answer(name, content, expected=None):
    """Read as far as it goes; what is returned keeps its table's contract."""
    member = Member(name, lambda: content)
    with suppress(FeeCalcError):
        quick_family(member)
    found = None
    with suppress(FeeCalcError):
        found = read_table(member, expected=expected)
    assert found is None or SCHEMAS[found.table].is_valid(found.frame)


@st.composite
def mutated(draw, whole):
    """Bytes cut, doubled, overwritten and interspersed in up to four places."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(whole)))
        end = min(len(whole), start + draw(st.sampled_from([0, 0, 1, 2, 5, 30, 400])))
        piece = draw(st.one_of(TELLING, st.binary(max_size=12), st.just(whole[start:end] * 2)))
        whole = whole[:start] + piece + whole[end:]
    return whole[: draw(st.integers(0, len(whole)))] if draw(st.booleans()) else whole


@MANY
@given(content=st.binary(max_size=600), form=st.sampled_from(["csv", "txt", "xlsx"]), expected=st.sampled_from(TABLES))
@example(content=b"HCPCS\n1", form="csv", expected="rvu")
@example(content=b'HCPCS,MOD\n"', form="csv", expected="oppscap")
@example(content=b"\xff\xfe\x00", form="txt", expected=None)
def test_random_bytes(content, form, expected):
    answer(f"random.{form}", content, expected)


@MANY
@given(text=st.text(alphabet='HCPS MOD,"\n\r\t0129.-*\x1a', max_size=400), form=st.sampled_from(["csv", "txt"]))
def test_random_tables(text, form):
    answer(f"random.{form}", text.encode())


@pytest.mark.parametrize("name", SHAPED)
@MANY
@given(bytes_of=st.data())
def test_mutated_members(name, bytes_of):
    answer(name, bytes_of.draw(mutated(SHAPED[name])))


@MANY
@given(bytes_of=st.data())
def test_mutated_spreadsheet_parts(bytes_of):
    whole = zipfile.ZipFile(io.BytesIO(SHAPED["GPCI2025.xlsx"]))
    parts = {name: whole.read(name) for name in whole.namelist()}
    hit = bytes_of.draw(st.sampled_from(sorted(parts)))
    answer("GPCI2025.xlsx", shaped.zip_of({**parts, hit: bytes_of.draw(mutated(parts[hit]))}))


@pytest.mark.parametrize("name", PACKED)
@MANY
@given(bytes_of=st.data())
def test_mutated_archives(name, bytes_of):
    content = bytes_of.draw(st.one_of(mutated(PACKED[name]), st.binary(max_size=300)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            members = [member for source in open_sources(path) for member in source.members]
        except FeeCalcError:
            return
        for member in members:
            try:
                content = member.read()
            except FeeCalcError:
                continue
            answer(member.name, content)
