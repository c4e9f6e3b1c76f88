"""The table's file: three formats, whole or not at all."""

import os
import stat
from decimal import Decimal

import polars as pl
import pytest

from feecalc.cli.terminal import output_files
from feecalc.errors import InvalidValue, StoreError
from feecalc.files import sheets
from feecalc.files.sheets import SHEET_ROWS

AMOUNTS = pl.Decimal(12, 2)
TABLE = pl.DataFrame(
    {
        "hcpcs": ["00100", "64493"],
        "locality": ["02", "99"],
        "facility_amount": [None, Decimal("1190.50")],
    },
    schema={"hcpcs": pl.String, "locality": pl.String, "facility_amount": AMOUNTS},
)


def test_csv_has_two_decimals_and_empty_cells(tmp_path):
    size = output_files.write_table(TABLE, tmp_path / "fees.csv")
    written = (tmp_path / "fees.csv").read_bytes()
    assert written == b"hcpcs,locality,facility_amount\n00100,02,\n64493,99,1190.50\n"
    assert size == len(written)


def test_parquet_keeps_the_decimals(tmp_path):
    output_files.write_table(TABLE, tmp_path / "fees.PARQUET")
    read = pl.read_parquet(tmp_path / "fees.PARQUET")
    assert read.equals(TABLE)
    assert read.schema == TABLE.schema


def test_xlsx_has_codes_as_text_and_amounts_as_numbers(tmp_path):
    output_files.write_table(TABLE, tmp_path / "fees.xlsx")
    read = pl.read_excel(tmp_path / "fees.xlsx")
    assert read["hcpcs"].to_list() == ["00100", "64493"]
    assert read["locality"].to_list() == ["02", "99"]
    assert read["facility_amount"].to_list() == [None, 1190.5]
    assert [path.name for path in tmp_path.iterdir()] == ["fees.xlsx"]


@pytest.mark.parametrize("name", ["fees", "fees.xls", "fees.csv.gz", "csv"])
def test_another_ending_is_refused(tmp_path, name):
    with pytest.raises(InvalidValue, match=r"\.csv, \.parquet, \.xlsx"):
        output_files.write_table(TABLE, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_more_rows_than_a_sheet_holds_are_refused_before_writing(tmp_path):
    many = pl.DataFrame({"n": pl.repeat("1", SHEET_ROWS + 1, eager=True)})
    with pytest.raises(InvalidValue, match=r"1,048,576 rows do not fit .* --locality"):
        output_files.write_table(many, tmp_path / "fees.xlsx")
    assert list(tmp_path.iterdir()) == []
    output_files.refuse_what_a_sheet_cannot_hold(tmp_path / "fees.xlsx", SHEET_ROWS)
    output_files.refuse_what_a_sheet_cannot_hold(tmp_path / "fees.csv", SHEET_ROWS + 1)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(StoreError, match="No such file or directory"):
        output_files.write_table(TABLE, tmp_path / "none" / "fees.csv")


def test_a_folder_in_the_files_place(tmp_path):
    (tmp_path / "fees.csv").mkdir()
    with pytest.raises(StoreError, match="not a file"):
        output_files.write_table(TABLE, tmp_path / "fees.csv")


@pytest.mark.parametrize("name", ["fees.csv", "fees.parquet", "fees.xlsx"])
def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch, name):
    (tmp_path / name).write_text("old")
    if name.endswith("xlsx"):
        full = lambda rows, table: (_ for _ in ()).throw(OSError(28, "No space left"))  # noqa: E731
        monkeypatch.setattr(sheets.SheetRows, "append", full)
    else:
        monkeypatch.setattr(os, "fsync", lambda number: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(StoreError, match="No space left"):
        output_files.write_table(TABLE, tmp_path / name)
    assert (tmp_path / name).read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX's")
def test_a_new_file_has_the_shells_mode_and_an_old_one_keeps_its_own(tmp_path):
    before = os.umask(0o027)
    try:
        output_files.write_table(TABLE, tmp_path / "new.csv")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new.csv").stat().st_mode) == 0o640
    (tmp_path / "old.csv").write_text("")
    (tmp_path / "old.csv").chmod(0o600)
    output_files.write_table(TABLE, tmp_path / "old.csv")
    assert stat.S_IMODE((tmp_path / "old.csv").stat().st_mode) == 0o600


@pytest.mark.skipif(os.name != "posix", reason="symbolic links")
def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "fees.csv").symlink_to(tmp_path / "real.csv")
    output_files.write_table(TABLE, tmp_path / "fees.csv")
    assert (tmp_path / "fees.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text().startswith("hcpcs,")


def test_a_file_is_not_written_over_one_that_is_read(tmp_path):
    claims = tmp_path / "claims.csv"
    with pytest.raises(InvalidValue, match=r"^--output .*claims.csv is the claim file; give another name"):
        output_files.refuse_clashes({"the claim file": claims, "the map": None}, {"--output": tmp_path / "." / claims})


def test_two_outputs_are_not_one_file(tmp_path):
    same = tmp_path / "same.csv"
    with pytest.raises(InvalidValue, match=r"^--output and --lines are both .*same.csv; give another name to one"):
        output_files.refuse_clashes({}, {"--output": same, "--chart": None, "--lines": same})
    output_files.refuse_clashes({"the claim file": same}, {"--output": tmp_path / "other.csv", "--lines": None})
