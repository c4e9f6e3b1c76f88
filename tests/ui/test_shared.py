"""What the pages share: exports safe in a spreadsheet, uploads bounded, scenario files checked, navigation."""

import io
import json
from decimal import Decimal
from importlib import import_module

import fastexcel
import polars as pl
import pytest

from feecalc.errors import InvalidValue
from feecalc.ui.navigation import PAGES
from feecalc.ui.shared import scenario_files
from feecalc.ui.shared.exports import csv_bytes, xlsx_bytes
from feecalc.ui.shared.problems import in_page_words
from feecalc.ui.shared.uploads import as_path, forget, sample_file, taken
from feecalc.ui.shared.words import sentence
from feecalc.ui.start import FOLDER

TABLE = pl.DataFrame(
    {
        "hcpcs": ["00100", "64493"],
        "name": ["=HYPERLINK(1)", "+cmd"],
        "amount": pl.Series([Decimal("1190.39"), None], dtype=pl.Decimal(12, 2)),
    }
)


def test_a_csv_file_runs_nothing_and_keeps_zeros():
    lines = csv_bytes(TABLE).decode("utf-8-sig").splitlines()
    assert lines == ["hcpcs,name,amount", "00100,'=HYPERLINK(1),1190.39", "64493,'+cmd,"]


def test_a_workbook_has_texts_as_texts_and_amounts_as_numbers():
    book = fastexcel.read_excel(xlsx_bytes(TABLE, {"Release": "=RVU26C"}))
    assert book.sheet_names == ["table", "about"]
    read = book.load_sheet("table").to_polars()
    assert read["hcpcs"].to_list() == ["00100", "64493"]
    assert read["name"].to_list() == ["=HYPERLINK(1)", "+cmd"]
    assert read["amount"].to_list() == [1190.39, None]
    assert b"<f>" not in io.BytesIO(xlsx_bytes(TABLE, {})).read()


@pytest.mark.parametrize(
    ("name", "kept"),
    [("../../etc/passwd", "passwd"), ("C:\\a\\b.csv", "b.csv"), ("..", "file"), ("a\x00<b>.zip", "a__b_.zip")],
)
def test_an_upload_has_the_name_of_one_file(name, kept):
    upload = taken(name, b"x")
    assert upload.name == kept
    with as_path(upload) as path:
        assert path.name == kept
        assert path.read_bytes() == b"x"
    assert not path.parent.exists()


def test_an_upload_is_kept_in_the_folder_of_the_server_and_goes_with_it(monkeypatch, tmp_path):
    monkeypatch.setenv(FOLDER, str(tmp_path))
    with as_path(taken("a.csv", b"x")) as path:
        assert path.parent.parent == tmp_path
        forget()
        assert not path.parent.exists()
    monkeypatch.setenv(FOLDER, str(tmp_path / "gone"))
    with as_path(taken("a.csv", b"x")) as path:
        assert path.read_bytes() == b"x"


def test_an_upload_is_bounded():
    with pytest.raises(InvalidValue, match="is empty"):
        taken("a.csv", b"")
    with pytest.raises(InvalidValue, match="at most 1 MB"):
        taken("a.csv", bytes(2**20 + 1), most_mb=1)


def test_a_sample_is_there():
    assert sample_file("volume.csv").content.startswith(b"CPT,")


def test_a_scenario_comes_back_as_it_was_saved():
    written = scenario_files.written("forecast", 1, {"percent": Decimal("150.5"), "codes": ["64493"]})
    again = scenario_files.read(taken("a.json", written), "forecast", 1)
    assert again == {"percent": "150.5", "codes": ["64493"]}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "cannot be read"),
        (b"[" * 100_000, "cannot be read"),
        (b"[]", "not a scenario"),
        (json.dumps({"kind": "feecalc scenario", "page": "x", "version": 1, "inputs": {}}).encode(), "another page"),
        (json.dumps({"kind": "feecalc scenario", "page": "a", "version": 2, "inputs": {}}).encode(), "another version"),
    ],
)
def test_another_file_is_no_scenario(content, said):
    with pytest.raises(InvalidValue, match=said):
        scenario_files.read(taken("a.json", content), "a", 1)


def test_every_page_of_the_bar_can_be_drawn():
    assert len({each.path for each in PAGES}) == len(PAGES)
    for each in PAGES:
        assert callable(import_module(each.module).page)


def test_a_sentence_begins_with_a_capital_unless_a_file_s_name_does():
    assert sentence("no code") == "No code"
    assert sentence("rvu26c.zip: broken") == "rvu26c.zip: broken"
    assert sentence("") == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("choose one with --release", "choose one with the box Release"),
        ("say which: --release RVU26C", "say which: the box Release RVU26C"),
        ("no index: give --wage-index, or load it with feecalc build",
         "no index: fill in the box Wage index, or load it with feecalc build"),
        ("load it: feecalc build ADDENDUM_AA, or give --date",
         "load it: feecalc build ADDENDUM_AA, or fill in the box Date of service"),
        ("give --date YYYY-MM-DD", "fill in the box Date of service"),
        ("feecalc conformance --release 2025D FILE", "feecalc conformance --release 2025D FILE"),
        ("To install it all the same: feecalc build FILE --allow-warnings",
         "To install it all the same: tick “Install in spite of warnings that touch no price”"),
        ("an option --of-no-page", "an option --of-no-page"),
    ],
)  # fmt: skip
def test_a_message_names_the_page_s_boxes(text, shown):
    assert in_page_words(text) == shown
