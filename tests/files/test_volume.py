"""A volume: found headings, read cells, places looked up; a cell that cannot be read names its row."""

from decimal import Decimal

import polars as pl
import pytest

from feecalc.errors import InvalidValue, MissingColumn, UnreadableFile
from feecalc.files import table
from feecalc.files.table import read_table
from feecalc.files.volume import COLUMNS, read_volume


def test_a_volume_in_our_columns(write, schedule):
    path = write(
        "Our volumes 2026\n"
        "Proc Code,Mods,POS,Units,Avg Charge,Plan,Department,City,ZIP\n"
        '64493.0,"50,kx",24,"1,200",$650.00,Gulf,pain,"Miami, FL",\n'
        '99213,,,12.0,,,,,33133\n'
        ",,,,,,,,\n"
        "00100,QK,11,3,(0.00),,,NATIONAL,\n"
    )
    said = {"City": "locality", "Avg Charge": "billed_amount"}
    with pytest.raises(InvalidValue, match="row 2 below the headings: no ZIP code file is installed"):
        read_volume(path, [schedule], column_map=said)
    path.write_text(path.read_text().replace(",33133", "09102-03,"))
    volume = read_volume(path, [schedule], column_map=said)
    assert dict(volume.schema) == dict(COLUMNS)
    assert volume.select("hcpcs", "modifier_1", "modifier_2", "place_of_service", "units").rows() == [
        ("64493", "50", "KX", "24", 1200),
        ("99213", "", "", "11", 12),
        ("00100", "QK", "", "11", 3),
    ]
    assert volume.select("mac", "locality").rows() == [("09102", "04"), ("09102", "03"), ("", "")]
    assert volume["billed_amount"].to_list() == [Decimal("650.00"), None, Decimal("0.00")]
    assert volume.select("payer", "category").row(0) == ("Gulf", "pain")
    assert volume.select("payer", "category").row(1) == (None, None)


def test_one_locality_for_rows_that_name_none(write, schedule):
    path = write("CPT,Units,Locality\n99213,1,\n99213,2,09102-03\n")
    volume = read_volume(path, [schedule], locality="Miami, FL", place_of_service="22")
    assert volume.select("locality", "place_of_service").rows() == [("04", "22"), ("03", "22")]
    nation = read_volume(path, [schedule], locality="national")
    assert nation.select("mac", "locality").rows() == [("", ""), ("09102", "03")]


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("CPT\n99213\n", MissingColumn, "no column for units; the file's headings: CPT; rename one. Looked for:"),
        ("CPT,Units\n99213,1\n", MissingColumn, "no column for locality"),
        ("CPT,Units,Locality\n", InvalidValue, "no rows below its headings"),
        ("CPT,Units,Locality\n992130,1,miami\n", InvalidValue, "row 1 below the headings: no procedure code"),
        ("CPT,Units,Locality\n99213,1,miami\n99213,1.5,miami\n", InvalidValue, r"row 2 .*: units are not a whole"),
        ("CPT,Units,Locality\n99213,0,miami\n", InvalidValue, "units must be above 0"),
        ("CPT,Units,Charge,Locality\n99213,1,much,miami\n", InvalidValue, "billed_amount cannot be read"),
        ("CPT,Units,Charge,Locality\n99213,1,-3,miami\n", InvalidValue, "a charge below 0"),
        ("CPT,Units,Locality\n99213,1,Atlantis\n", InvalidValue, r"row 1 below the headings: .*Atlantis"),
    ],
)
def test_a_cell_that_cannot_be_read_names_its_row(write, schedule, text, error, words):
    with pytest.raises(error, match=words):
        read_volume(write(text), [schedule])


def test_rows_beyond_the_first_three_are_not_named(write, schedule):
    path = write("CPT,Units,Locality\n" + "99213,x,miami\n" * 5)
    with pytest.raises(InvalidValue, match=r"row 1, 2, 3, \.\.\. below the headings"):
        read_volume(path, [schedule])


def test_a_table_has_the_headings_of_payers_too(write):
    fees = read_table(write("Code,Allowed Amount,Carrier Name\n99213,$95.50,Gulf\n"))
    assert dict(fees.theirs) == {"hcpcs": "Code", "amount": "Allowed Amount", "payer": "Carrier Name"}
    assert fees.frame.select(fees.money("amount")).to_series().to_list() == [Decimal("95.50")]
    assert read_table(write("CPT,Code,Fee\n99213,x,1\n")).theirs["hcpcs"] == "CPT"


def test_a_table_has_a_bound(write, monkeypatch):
    monkeypatch.setattr(table, "MOST_ROWS", 2)
    path = write("CPT,Fee\n99213,1\n99214,1\n")
    assert read_table(path).frame.height == 2
    path.write_text(path.read_text() + "99215,1\n")
    with pytest.raises(InvalidValue, match="more than 2 rows"):
        read_table(path)
    with pytest.raises(UnreadableFile):
        read_table(write(b"PAR1 and nothing more", "x.parquet"))


def test_rows_of_a_typed_file_are_taken_as_they_are(tmp_path, schedule):
    frame = pl.DataFrame({"hcpcs": ["99213", "00100"], "units": [5, 7], "locality": ["09102-04", "national"]})
    frame.write_parquet(tmp_path / "v.parquet")
    assert read_volume(tmp_path / "v.parquet", [schedule])["units"].to_list() == [5, 7]
