"""``feecalc conformance -o``: the proof as a file, and what the command says where there is no proof.

The small release's amounts are worked by hand in ``tests/conformance/small_files.py``: 64493 in Miami 183.03 and 96.99.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from decimal import Decimal
from pathlib import Path

import fastexcel
import pytest
from cms_shaped import SERVICES, lookup_csv, oppscap_csv, payment_amount_txt, release_zip
from typer.testing import CliRunner

from feecalc import __version__
from feecalc.cli import app
from feecalc.conformance import printed
from feecalc.ingest.build import build
from feecalc.ingest.store import Store

MIAMI = ("09102", "04")
EQUAL = (*MIAMI, "64493", "", "A", "183.03", "96.99")
OFF = (*MIAMI, "64493", "", "A", "183.04", "96.99")


def run(*arguments: object, code: int = 0):
    result = CliRunner().invoke(app, ["conformance", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def zip_path(tmp_path: Path) -> Path:
    """A release without OPPSCAP, installed; the zip it came from."""
    path = release_zip(tmp_path, "25D", without=["OPPSCAP"])
    build(path, store=Store())
    return path


def given(folder: Path, *rows: tuple[str, ...], name: str = "PFREV4_2025.txt") -> Path:
    path = folder / name
    path.write_bytes(payment_amount_txt(rows))
    return path


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def csv_lines(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def values(path: Path, section: str) -> dict[str, str]:
    return {line["item"]: line["value"] for line in csv_lines(path) if line["section"] == section}


class TestCsv:
    def test_it_says_what_was_compared_with_what_and_how_to_repeat_it(self, tmp_path, zip_path):
        file, out = given(tmp_path, EQUAL, EQUAL), tmp_path / "proof.csv"
        run("--release", "2025D", file, "-o", out)
        about = [(line["item"], line["value"]) for line in csv_lines(out) if line["section"] == "about"]
        assert about[0] == ("result", "All amounts are equal.")
        assert ("its file", "rvu25d.zip") in about
        assert ("its SHA-256", digest(zip_path)) in about
        assert ("its SHA-256", digest(file)) in about
        assert ("feecalc version", __version__) in about
        assert ("command", f"feecalc conformance --release 2025D {file} -o {out}") in about
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", dict(about)["made"])
        counts = values(out, "count")
        assert counts["rows, both settings: rows"] == counts["rows, both settings: equal"] == "2"
        assert counts["rows, both settings: CMS's own differences"] == "0"

    def test_every_differing_row_is_in_it_and_the_exit_code_is_1(self, tmp_path, zip_path):
        out = tmp_path / "proof.csv"
        run("--release", "2025D", given(tmp_path, EQUAL, *[OFF] * 70), "-o", out, code=1)
        rows = [line for line in csv_lines(out) if line["section"] == "different"]
        assert len(rows) == 70
        assert (rows[0]["mac"], rows[0]["locality"], rows[0]["modifier"]) == (*MIAMI, "")
        assert (rows[0]["nonfacility_printed"], rows[0]["nonfacility_recomputed"]) == ("183.04", "183.03")

    def test_why_a_row_is_not_compared(self, tmp_path, zip_path):
        out = tmp_path / "proof.csv"
        run("--release", "2025D", given(tmp_path, EQUAL, (*MIAMI, "12345", "", "A", "1.00", "1.00")), "-o", out)
        assert values(out, "not computable") == {"no row for the code and modifier in RVU25D": "1"}

    def test_what_a_spreadsheet_would_run_is_text(self, tmp_path, zip_path):
        path = tmp_path / "=cmd() 2025.txt"
        path.write_bytes(payment_amount_txt([EQUAL]))
        run("--release", "2025D", path, "-o", tmp_path / "proof.csv")
        assert {line["file"] for line in csv_lines(tmp_path / "proof.csv")} == {"", "'=cmd() 2025.txt"}


class TestXlsx:
    def test_the_sheets(self, tmp_path, zip_path):
        file, out = given(tmp_path, EQUAL, OFF), tmp_path / "proof.xlsx"
        run("--release", "2025D", file, "-o", out, code=1)
        book = fastexcel.read_excel(out)
        assert book.sheet_names == ["about", "counts", "different"]
        about = dict(book.load_sheet("about", header_row=None).to_polars().iter_rows())
        assert about["result"] == "The amounts do not agree: 1 of 2 rows differ."
        counts = book.load_sheet("counts").to_polars().row(0, named=True)
        assert (counts["rows"], counts["equal"], counts["different"]) == (2, 1, 1)
        row = book.load_sheet("different", dtypes={"mac": "string"}).to_polars().row(0, named=True)
        assert (row["mac"], row["hcpcs"], row["nonfacility printed"]) == ("09102", "64493", 183.04)

    def test_headings_are_frozen_and_amounts_have_two_places(self, tmp_path, zip_path):
        out = tmp_path / "proof.xlsx"
        run("--release", "2025D", given(tmp_path, OFF), "-o", out, code=1)
        with zipfile.ZipFile(out) as parts:
            sheets = [parts.read(name).decode() for name in sorted(parts.namelist()) if "worksheets/sheet" in name]
            styles = parts.read("xl/styles.xml").decode()
        assert all('state="frozen"' in sheet for sheet in sheets[1:])
        assert 'formatCode="#,##0.00"' in styles


class TestHtml:
    def test_one_file_that_fetches_nothing_and_escapes_what_it_was_given(self, tmp_path, zip_path):
        path = tmp_path / "<script>alert(1)<b>2025.txt"
        path.write_bytes(payment_amount_txt([EQUAL]))
        run("--release", "2025D", path, "-o", tmp_path / "proof.html")
        page = (tmp_path / "proof.html").read_text(encoding="utf-8")
        assert "<script" not in page
        assert "&lt;script&gt;alert(1)" in page
        assert "default-src 'none'" in page
        assert not re.search(r"(src|href)\s*=|url\(|@import", page)
        assert digest(zip_path) in page
        assert "All amounts are equal." in page
        assert ">Proof<" in page

    def test_the_first_60_differing_rows_and_how_many_there_are(self, tmp_path, zip_path):
        run("--release", "2025D", given(tmp_path, EQUAL, *[OFF] * 70), "-o", tmp_path / "proof.html", code=1)
        page = (tmp_path / "proof.html").read_text(encoding="utf-8")
        assert page.count("$183.04") == 60
        assert "70 different rows, the first 60: the .xlsx and .csv hold all" in page
        assert ">Proof<" not in page

    def test_how_cms_printed_its_own_and_how_that_is_known(self, tmp_path, monkeypatch):
        rule = {"printed": "by a conversion factor of 30.0000", "source": "made up", "conversion_factor": "30.0000"}
        monkeypatch.setattr(printed, "rules", lambda table, release, day: [rule])
        build(release_zip(tmp_path, "25D", without=["OPPSCAP"]), store=Store())
        # 64493 in Miami, 5.65828 and 2.99835 at 30.0000: 169.7484 and 89.9505
        run("--release", "2025D", given(tmp_path, (*MIAMI, "64493", "", "A", "169.75", "89.95")), "-o",
            tmp_path / "proof.html")  # fmt: skip
        page = (tmp_path / "proof.html").read_text(encoding="utf-8")
        assert "CMS printed it by a conversion factor of 30.0000" in page
        assert "made up" in page
        assert "No amount equals the release&#39;s own" in page


def test_several_files_are_one_proof(tmp_path, zip_path):
    look = tmp_path / "2025-all.csv"
    look.write_bytes(lookup_csv([("64493", "", "0910204", "$183.03", "$96.99")]))
    out = tmp_path / "proof.csv"
    run("--release", "2025D", given(tmp_path, OFF), look, "-o", out, code=1)
    assert values(out, "about")["result"] == "1 of 2 files agree with their release."
    assert {line["file"] for line in csv_lines(out) if line["section"] == "count"} == {"PFREV4_2025.txt", look.name}


class TestNoProof:
    """A release that came without OPPSCAP: exit code 1, and no word that sounds like a proof."""

    def test_the_command(self, zip_path):
        result = run("--release", "2025D", code=1)
        told = "RVU25D came without OPPSCAP: none of CMS's amounts was compared, and nothing is proven."
        assert told in result.stdout
        assert "row totals add up" in result.stdout
        assert "not proven: that the amounts are those CMS computed" in result.stdout
        assert "agree" not in result.stdout
        assert "equal" not in result.stdout
        assert max(map(len, result.stdout.splitlines())) <= 100

    def test_as_json(self, zip_path):
        report = json.loads(run("--release", "2025D", "--json", code=1).stdout)
        assert (report["agrees"], report["comparisons"]) == (False, [])
        assert report["instead"]["release"] == "RVU25D"
        assert report["instead"]["checks"][0] == {
            "check": "row totals add up", "rows": len(SERVICES), "outcome": "ok",
            "detail": "work + PE + MP = the printed total, in both settings",
        }  # fmt: skip

    @pytest.mark.parametrize("ending", ["csv", "xlsx", "html"])
    def test_as_a_file(self, tmp_path, zip_path, ending):
        out = tmp_path / f"proof.{ending}"
        run("--release", "2025D", "-o", out, code=1)
        if ending == "csv":
            (totals, *_) = values(out, "checked instead")
            assert totals.startswith("row totals add up: work + PE + MP = the printed total, in both settings")
            assert values(out, "about")["result"].startswith("No amount was compared, so nothing is proven")
        elif ending == "xlsx":
            assert fastexcel.read_excel(out).sheet_names == ["about", "checks"]
        else:
            page = out.read_text(encoding="utf-8")
            assert ">No proof<" in page
            assert "What is not proven" in page


def test_another_ending_is_refused_before_anything_is_computed(tmp_path):
    result = run("-o", tmp_path / "proof.pdf", code=2)
    assert ".html, .xlsx, .csv" in str(result.exception) + result.output


def test_the_installed_table_names_the_file_it_came_in(tmp_path):
    rows = [["64493", "TC", "A", *MIAMI, "1.00", "1.00"]]
    path = release_zip(tmp_path, "25D", changed={"OPPSCAP_Oct.csv": oppscap_csv(rows)})
    build(path, store=Store(), allow_warnings=True)
    out = tmp_path / "proof.csv"
    run("--release", "2025D", "-o", out, code=1)
    shas = [line["value"] for line in csv_lines(out) if line["item"] == "its SHA-256"]
    assert shas == [digest(path), "that of the release's file, in which it came"]
    assert Decimal(values(out, "count")["rows, both settings: not computable"]) == 1
