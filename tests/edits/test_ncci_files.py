"""NCCI's files as CMS publishes them (a notice, a header of several rows, tabs; xlsx; csv): written small and built."""

import io
import zipfile
from datetime import date

import polars as pl
import pytest
import xlsxwriter

from feecalc.edits.tables import open_edit_tables
from feecalc.errors import SourceFileError
from feecalc.ingest.build import build
from feecalc.ingest.store import Snapshot, Store

NOTICE = "Codes are somebody's; all rights are kept."
PTP_HEAD = [
    [NOTICE, "", "", "", "", "", ""],
    ["Column1/Column2 Edits", "", "", "", "", "", ""],
    ["Column 1", "Column 2", "*=in existence prior to 1996", "Effective Date", "Deletion Date", "Modifier",
     "PTP Edit Rationale"],
    ["", "", "", "", "", "0=not allowed", ""],
    ["", "", "", "", "*=no data", "1=allowed", ""],
    ["", "", "", "", "", "9=not applicable", ""],
]  # fmt: skip
# the same header as it is stacked in some quarters' files
STACKED = [
    [NOTICE, "", "", "", "", "", ""],
    ["Column 1", "Column 2", "*=in existence", "Effective", "Deletion", "Modifier", "PTP Edit Rationale"],
    ["", "", "prior to 1996", "Date", "Date", "0=not allowed", ""],
    ["", "", "", "", "*=no data", "1=allowed", ""],
    ["", "", "", "", "", "9=not applicable", ""],
]
PTP_ROWS = [
    ["00100", "64493", "", "20100101", "*", "1", "Anesthesia in surgery"],
    ["0213T", "64490", "", "20130401", "20221231", "0", "More extensive"],
    ["0213T", "64490", "*", "20230101", "*", "9", "More extensive"],
]
READ = [
    ("00100", "64493", date(2010, 1, 1), None, "1"),
    ("0213T", "64490", date(2013, 4, 1), date(2022, 12, 31), "0"),
    ("0213T", "64490", date(2023, 1, 1), None, "9"),
]
MUE_ROWS = [["64493", "1", "2 Date of Service Edit: Policy", "CMS Policy"], ["00100", "3", "1 Line Edit", "Nature"]]
AOC_HEAD = ["AOC_Edit_Type", "Add-On_Code", "AOC_DelDT", "Primary_Code", "Primary_Code_DelDT", "AOC_Edit_EffDT",
            "AOC_Edit_DelDT", "Special_Instruction_Notes"]  # fmt: skip
AOC_ROWS = [
    ["1", "64494", "", "64493", "", "2013091", "", ""],
    ["2", "0054T", "2024366", "CCCCC", "", "2013091", "2024366", "Contractor Defined Primary Codes"],
]


def tabs(rows):
    return "\r\n".join("\t".join(row) for row in rows).encode("latin-1")


def sheet(rows, numbers=()):
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    page = book.add_worksheet("edits")
    for place, row in enumerate(rows):
        for column, cell in enumerate(row):
            if column in numbers and cell.isdigit():
                page.write_number(place, column, int(cell))
            elif cell:
                page.write_string(place, column, cell)
    book.close()
    return buffer.getvalue()


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "home")


def built(tmp_path, store, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    return build(path, store=store)


@pytest.mark.parametrize("head", [PTP_HEAD, STACKED])
@pytest.mark.parametrize("form", ["txt", "xlsx"])
def test_pairs(tmp_path, store, form, head):
    rows = [*head, *PTP_ROWS]
    content = tabs(rows) if form == "txt" else sheet(rows, numbers=(0, 3, 5))
    (entry,) = built(tmp_path, store, f"ccipra-v322r0-f1.{form}", content)
    assert (entry.kind, entry.first_date_of_service) == ("ncci_pair", date(2026, 7, 1))
    read = store.read(entry.name, "ncci_pair").sort("column_1", "effective_from")
    assert read.select("column_1", "column_2", "effective_from", "deleted_on", "modifier_indicator").rows() == READ


def test_parts_are_read_together(tmp_path, store):
    """Four parts in a folder, some zipped, as they are downloaded: one table when the edits are opened."""
    folder = tmp_path / "ptp"
    folder.mkdir()
    for part in (1, 2, 3, 4):
        row = [f"0000{part}", "64493", "", "20100101", "*", "1", "Words"]
        content = tabs([*PTP_HEAD, row])
        if part % 2:
            (folder / f"ccipra-v322r0-f{part}.txt").write_bytes(content)
        else:
            with zipfile.ZipFile(folder / f"ccipra-v322r0-f{part}.zip", "w") as archive:
                archive.writestr(f"ccipra-v322r0-f{part}.TXT", content)
    build(folder, store=store)
    tables = open_edit_tables(store, date(2026, 8, 1))
    assert sorted(tables.pairs["column_1"]) == ["00001", "00002", "00003", "00004"]
    assert len(tables.files) == len(set(tables.files))


def test_parts_built_while_they_are_opened_are_read_together(tmp_path, store, monkeypatch):
    """A pair that a new build moves from the second part to the first must not be lost, nor stand twice."""

    def build_parts(first, second):
        for part, rows in (("f1", first), ("f2", second)):
            built(tmp_path, store, f"ccipra-v322r0-{part}.txt", tabs([*PTP_HEAD, *rows]))

    build_parts(PTP_ROWS[:1], PTP_ROWS[1:])
    read, raced = Snapshot.read_tables, []

    def slow(self, name, tables, columns=None):
        found = read(self, name, tables, columns)
        if not raced:
            raced.append(name)
            build_parts(PTP_ROWS[:2], PTP_ROWS[2:])
        return found

    monkeypatch.setattr(Snapshot, "read_tables", slow)
    pairs = open_edit_tables(store, date(2026, 8, 1), date(2013, 1, 1)).pairs
    assert raced == ["NCCI_PAIR-20263-F1"]
    assert pairs.sort("column_1", "effective_from").select("column_1", "effective_from").rows() == [
        ("00100", date(2010, 1, 1)),
        ("0213T", date(2013, 4, 1)),
        ("0213T", date(2023, 1, 1)),
    ]


def test_parts_of_two_versions_are_said(tmp_path, store):
    """CMS corrects a quarter's file under a new version: a part of it beside a part of the old one is no whole."""
    for part, version in (("f1", "v322r0"), ("f2", "v322r0")):
        built(tmp_path, store, f"ccipra-{version}-{part}.txt", tabs([*PTP_HEAD, *PTP_ROWS[:1]]))
    assert open_edit_tables(store, date(2026, 8, 1)).missing[2:] == ()
    built(tmp_path, store, "ccipra-v322r1-f2.txt", tabs([*PTP_HEAD, *PTP_ROWS[1:]]))
    assert open_edit_tables(store, date(2026, 8, 1)).missing[2:] == (
        "against NCCI pairs of one version: NCCI_PAIR-20263-F1 is of v322r0, NCCI_PAIR-20263-F2 is of v322r1; "
        "build all parts of one version",
    )


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_units(tmp_path, store, form):
    head = ["HCPCS/\nCPT Code", "Practitioner Services MUE Values", "MUE Adjudication Indicator", "MUE Rationale"]
    rows = [[NOTICE, "", "", ""], head, *MUE_ROWS]
    text = "\n".join(",".join(f'"{cell}"' for cell in row) for row in rows).encode()
    name = f"MCR_MUE_PractitionerServices_Eff_07-01-2026.{form}"
    (entry,) = built(tmp_path, store, name, text if form == "csv" else sheet(rows, numbers=(0, 1)))
    assert (entry.kind, entry.first_date_of_service) == ("mue", date(2026, 7, 1))
    read = store.read(entry.name, "mue").sort("hcpcs").select("hcpcs", "mue_units", "mai", "rationale").rows()
    assert read == [("00100", 3, "1", "Nature"), ("64493", 1, "2", "CMS Policy")]


@pytest.mark.parametrize("form", ["txt", "xlsx"])
def test_add_ons(tmp_path, store, form):
    rows = [[NOTICE, *[""] * 7], AOC_HEAD, *AOC_ROWS]
    content = tabs(rows) if form == "txt" else sheet(rows)
    (entry,) = built(tmp_path, store, f"AOC_V2026Q2-MCR.{form}", content)
    read = store.read(entry.name, "add_on").sort("add_on")
    columns = ["edit_type", "add_on", "add_on_deleted_on", "primary", "effective_from", "deleted_on"]
    assert read.select(columns).rows() == [
        ("2", "0054T", date(2024, 12, 31), "CCCCC", date(2013, 4, 1), date(2024, 12, 31)),
        ("1", "64494", None, "64493", date(2013, 4, 1), None),
    ]


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        (["00100", "64493", "", "20101301", "*", "1", "x"], "effective_from"),
        (["00100", "6449", "", "20100101", "never", "1", "x"], "deleted_on"),
    ],
)
def test_a_bad_cell_is_named(tmp_path, store, row, wrong):
    with pytest.raises(SourceFileError, match=wrong):
        built(tmp_path, store, "ccipra-v322r0-f1.txt", tabs([*PTP_HEAD, *PTP_ROWS, row]))


def test_an_indicator_that_is_new_is_installed_and_noted(tmp_path, store):
    """Whatever CMS may add to 0, 1 and 9 of the pairs, to MAI 1 to 3, and to add-on types 1 to 3."""
    more = [["00100", "64494", "", "20100101", "*", "2", "x"], ["00100", "64495", "", "20100101", "*", "2", "x"]]
    (entry,) = built(tmp_path, store, "ccipra-v322r0-f1.txt", tabs([*PTP_HEAD, *PTP_ROWS, *more]))
    assert store.read(entry.name, "ncci_pair").filter(modifier_indicator="2").height == 2
    assert entry.notes == (
        "ccipra-v322r0-f1.txt: modifier_indicator '2' in 2 rows: new, no rule reads it; a pair with it is a question "
        "on the line, never a denial",
    )
    head = "HCPCS/CPT Code,Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale"
    text = f"{head}\n64493,1,2 Date of Service Edit: Policy,x\n64494,1,4 Something new: Policy,x\n64495,1,X,x\n"
    (entry,) = built(tmp_path, store, "MCR_MUE_PractitionerServices_Eff_07-01-2026.csv", text.encode())
    assert store.read(entry.name, "mue")["mai"].to_list() == ["2", "4", "X"]
    assert "mai '4' in 1 row, mai 'X' in 1 row: new, no rule reads it" in entry.notes[0]
    rows = [AOC_HEAD, *AOC_ROWS, ["4", "64495", "", "64493", "", "2013091", "", ""]]
    (entry,) = built(tmp_path, store, "AOC_V2026Q2-MCR.txt", tabs(rows))
    assert "edit_type '4' in 1 row: new, no rule reads it" in entry.notes[0]


def test_a_column_that_is_new_is_noted_and_not_read(tmp_path, store):
    heads = [[*row, cell] for row, cell in zip(PTP_HEAD, ["", "", "Edit Class", "", "", ""], strict=True)]
    (entry,) = built(tmp_path, store, "ccipra-v322r0-f1.txt", tabs([*heads, *([*row, "New"] for row in PTP_ROWS)]))
    assert store.read(entry.name, "ncci_pair").height == len(PTP_ROWS)
    assert entry.notes == (
        "ccipra-v322r0-f1.txt: column 'EDIT CLASS' is not one this version knows; it was not read",
    )
    head = "HCPCS/CPT Code,Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale,Notes"
    text = f"{head}\n64493,1,2,x,y\n"
    (entry,) = built(tmp_path, store, "MCR_MUE_PractitionerServices_Eff_07-01-2026.csv", text.encode())
    assert "column 'NOTES' is not one this version knows" in entry.notes[0]
    rows = [[*AOC_HEAD, "Comment"], *([*row, "New"] for row in AOC_ROWS)]
    (entry,) = built(tmp_path, store, "AOC_V2026Q2-MCR.txt", tabs(rows))
    assert "column 'COMMENT' is not one this version knows" in entry.notes[0]


def test_what_is_missing_is_said(tmp_path, store):
    tables = open_edit_tables(store, date(2026, 1, 1))
    assert (tables.pairs, tables.units, tables.add_ons) == (None, None, None)
    assert len(tables.missing) == 3
    built(tmp_path, store, "ccipra-v322r0-f1.txt", tabs([*PTP_HEAD, *PTP_ROWS]))
    later = open_edit_tables(store, date(2027, 2, 1))
    assert any("NCCI_PAIR-20263" in sentence for sentence in later.missing)
    assert later.pairs.filter(pl.col("deleted_on").is_not_null()).height == 0  # none holds any more


def test_units_by_quarter(tmp_path, store):
    """The files of the quarters that the lines are of, and none of a later one."""
    for name, most in (("2025-01", 1), ("2025-04", 2), ("2026-01", 3)):
        year, month = name.split("-")
        head = "HCPCS/CPT Code,Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale"
        text = f"{head}\n64493,{most},2,x\n"
        built(tmp_path, store, f"MCR_MUE_PractitionerServices_Eff_{month}-01-{year}.csv", text.encode())
    units = open_edit_tables(store, date(2025, 12, 31), date(2025, 2, 1)).units
    assert units.select("effective_from", "mue_units").rows() == [(date(2025, 1, 1), 1), (date(2025, 4, 1), 2)]
