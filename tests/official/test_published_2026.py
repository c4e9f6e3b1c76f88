"""The releases of 2026 in the form in which CMS publishes them: built, fetched and priced.

The zips are composed: rows of PPRRVU2026_Jul_nonQPP and indices of GPCI2026 as CMS prints them, in members of the form
of RVU26D; the QPP member's OPPS columns by the ratio that CMS's own rows of ``layouts_2026`` stand in.
"""

from __future__ import annotations

import csv
import io
import zipfile
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from cms_shaped.containers import csv_of, zip_of
from cms_shaped.published import published_zip
from cms_shaped.releases import QP_FACTOR_2026

from feecalc.cli import app
from feecalc.conformance import run
from feecalc.conformance.running import oppscap_check
from feecalc.ingest.build import build
from feecalc.ingest.files.archive import Member, open_sources
from feecalc.ingest.files.conversion import ReadTable, read_table
from feecalc.ingest.store import Store
from feecalc.installed import open_schedule

MIAMI = "09102-04"
LETTERS = ("26A", "26B", "26C", "26D")


@pytest.fixture(scope="session")
def zips(cms: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The four releases of 2026 as published, by their letters."""
    (source,) = open_sources(cms / "zips" / "rvu26c.zip")
    tables = {read.table: read.frame for member in source.members if (read := read_table(member)) is not None}
    folder = tmp_path_factory.mktemp("published")
    return {letter: published_zip(folder, letter, tables["rvu"], tables["gpci"]) for letter in LETTERS}


@pytest.fixture(scope="session")
def store(zips, tmp_path_factory) -> Store:
    """A store with all four, built with the OPPSCAP check on and without --allow-warnings."""
    found = Store(tmp_path_factory.mktemp("store-2026"))
    for path in zips.values():
        build(path, store=found, more_checks=(oppscap_check,))
    return found


def layout(cms: Path, name: str) -> ReadTable:
    path = cms / "layouts_2026" / name
    found = read_table(Member(name, path.read_bytes))
    assert found is not None
    return found


class TestCmsOwnMembers:
    """The members' own headers and rows: layouts_2026."""

    def test_the_seven_columns_of_gpci(self, cms):
        found = layout(cms, "GPCI2026_from_RVU26B-0501_on_3rows.csv")
        assert (found.table, found.facts["prints_floor"], found.facts["year"]) == ("gpci", "with", "2026")
        rows = {row["mac"] + row["locality"]: row for row in found.frame.to_dicts()}
        assert rows["1320201"]["work_gpci"] == Decimal("1.064")
        assert rows["1011200"]["mp_gpci"] == Decimal("0.566")
        assert not found.notes

    @pytest.mark.parametrize(("track", "factor", "pe"), [("QPP", "33.5675", "2.69"), ("nonQPP", "33.4009", "2.70")])
    def test_the_two_relative_value_members(self, cms, track, factor, pe):
        found = layout(cms, f"PPRRVU2026_Oct_{track}_rows.csv")
        assert found.facts["track"] == ("qp" if track == "QPP" else "other")
        assert found.frame["conversion_factor"].unique().to_list() == [Decimal(factor)]
        chest = found.frame.filter((pl.col("hcpcs") == "71046") & (pl.col("modifier") == ""))
        assert chest["opps_pe_rvu_nonfacility"].to_list() == [Decimal(pe)]
        assert not found.notes

    def test_the_ratio_of_the_factors_makes_the_one_of_the_other(self, cms):
        """Every OPPS value CMS prints for QPs is the nonQPP one x 33.4009 / 33.5675, rounded to two decimals."""
        columns = ("opps_pe_rvu_nonfacility", "opps_pe_rvu_facility", "opps_mp_rvu")
        other = layout(cms, "PPRRVU2026_Oct_nonQPP_rows.csv").frame
        own = layout(cms, "PPRRVU2026_Oct_QPP_rows.csv").frame
        both = other.join(own, on=["hcpcs", "modifier"], suffix="_qp")
        assert both.height == other.height == own.height
        for row in both.to_dicts():
            for name in columns:
                scaled = row[name] * row["conversion_factor"] / row["conversion_factor_qp"]
                assert row[f"{name}_qp"] == scaled.quantize(Decimal("0.01"), "ROUND_HALF_UP"), (row["hcpcs"], name)

    def test_members_of_cms_own_rows_build(self, cms, tmp_path):
        """CMS's own members in one zip: a few rows and three localities, and nothing is refused."""
        names = {
            "PPRRVU2026_Oct_nonQPP.csv": "PPRRVU2026_Oct_nonQPP_rows.csv",
            "PPRRVU2026_Oct_QPP.csv": "PPRRVU2026_Oct_QPP_rows.csv",
            "GPCI2026.csv": "GPCI2026_from_RVU26B-0501_on_3rows.csv",
        }
        members = {member: (cms / "layouts_2026" / name).read_bytes() for member, name in names.items()}
        path = tmp_path / "rvu26d-updated-08-26-2026.zip"
        path.write_bytes(zip_of(members))
        store = Store(tmp_path / "home")
        (manifest,) = build(path, store=store, more_checks=(oppscap_check,))
        assert (manifest.name, manifest.allowed_warnings) == ("RVU26D", False)
        assert any("pricing_indicator in" in note and "opps_pe_rvu" in note for note in manifest.notes)
        # Manhattan, 71046: (0.21 x 1.064 + 0.76 x 1.162 + 0.02 x 1.586) x 33.5675 = 1.13828 x 33.5675 = 38.2092...
        schedule = open_schedule("RVU26D", home=tmp_path / "home").schedule
        assert schedule.price("71046", locality="13202-01", qp=True).allowed_amount == Decimal("38.21")


@pytest.mark.parametrize("letter", LETTERS)
def test_each_installs_whole(store, letter):
    manifest = store.manifest(f"RVU{letter}")
    assert manifest is not None
    assert not manifest.allowed_warnings
    assert [check for check in manifest.checks if check["failed"]] == []
    assert manifest.tables.keys() == {"rvu", "rvu_qp", "gpci", "oppscap", "anesthesia", "county"}
    assert manifest.tables["county"]["member"].endswith(".xlsx")
    assert manifest.facts["gpci"]["prints_floor"] == ("both" if letter == "26A" else "with")
    (rows,) = (note for note in manifest.notes if "only:" in note)
    assert rows.startswith("7,447 rows in")  # of 19,356, those whose status is none of A, C, R, T
    assert run(f"RVU{letter}", store=store).agrees


def test_a_qp_gets_the_ceiling_of_the_qpp_row(store):
    """70496 in Miami, July 2026: OPPS PE 5.94 and MP 0.12, QPs' 5.91 and 0.12.

    (1.71 + 5.91 x 1.041 + 0.12 x 2.529) x 33.5675 = 274.11; with the nonQPP columns 0.1.0 said 275.15.
    """
    schedule = open_schedule("RVU26C", home=store.home).schedule
    price = schedule.price("70496", locality=MIAMI, qp=True)
    assert price.allowed_amount == Decimal("274.11")
    assert any("PPRRVU2026_Jul_QPP.csv" in step.source for step in price.steps)
    assert schedule.price("70496", locality=MIAMI).allowed_amount == Decimal("273.79")
    table = schedule.table(codes=["70496"], localities=[MIAMI], qp=True)
    assert table.filter(pl.col("modifier") == "")["nonfacility_amount"].to_list() == [Decimal("274.11")]


def test_every_qp_price_is_that_of_the_qpp_members_row(zips, store):
    """All paid rows in Miami, by the csv module and decimals from the QPP member itself."""
    with zipfile.ZipFile(zips["26C"]) as archive:
        text = archive.read("PPRRVU2026_Jul_QPP.csv").decode("latin-1")
    rows = [row for row in csv.reader(io.StringIO(text)) if len(row) == 32 and row[25] == QP_FACTOR_2026]
    assert len(rows) == 11_909
    work_gpci, pe_gpci, mp_gpci = Decimal("1.000"), Decimal("1.041"), Decimal("2.529")

    def amount(work: str, pe: str, mp: str) -> Decimal:
        total = Decimal(work) * work_gpci + Decimal(pe) * pe_gpci + Decimal(mp) * mp_gpci
        return (total * Decimal(QP_FACTOR_2026)).quantize(Decimal("0.01"), "ROUND_HALF_UP")

    expected = {}
    for row in rows:
        if row[3] not in "ART" or not any(Decimal(row[place]) for place in (5, 6, 8, 10)) or row[13] == "8":
            continue  # PC/TC 8: an interpretation that is paid for inpatients only (RVU25D.pdf, Attachment A)
        fee = amount(row[5], row[6], row[10])
        ceiling = any(Decimal(row[place]) for place in (29, 30, 31)) and (
            (row[13] == "1" and row[1] in ("", "TC") and row[3] in "AR") or (row[13] == "3" and row[3] == "A")
        )
        expected[row[0], row[1]] = min(fee, amount(row[5], row[29], row[31])) if ceiling else fee
    schedule = open_schedule("RVU26C", home=store.home).schedule
    table = schedule.table(localities=[MIAMI], qp=True).filter(pl.col("nonfacility_amount").is_not_null())
    found = {row[:2]: row[2] for row in table.select("hcpcs", "modifier", "nonfacility_amount").iter_rows()}
    assert found == expected
    assert len(found) > 9_000


def test_fetch_latest_from_a_server_of_the_published_form(zips, httpserver, monkeypatch, capsys):
    """``feecalc fetch --latest`` ends with the release installed and 64493 priced in Miami.

    (1.48 x 1.000 + 4.08 x 1.041 + 0.14 x 2.529) x 33.4009 = 6.08134 x 33.4009 = 203.12.
    """
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("FEECALC_CMS_URL", httpserver.url_for(""))
    httpserver.no_handler_status_code = 404
    content = zips["26D"].read_bytes()
    httpserver.expect_request("/files/zip/rvu26d-updated-08-26-2026.zip").respond_with_data(
        content, content_type="application/zip"
    )

    def shell(*words: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            app(list(words))
        return int(ended.value.code or 0), capsys.readouterr().out

    code, out = shell("fetch", "--latest", "--accept-ama-license")
    assert code == 0, out
    assert "RVU26D installed" in out
    code, out = shell("price", "64493", "--locality", "Miami, FL")
    assert (code, out.split()[0]) == (0, "$203.12")
    assert "RVU26D, date of service 2026-10-01" in out


def test_a_gpci_whose_heading_is_written_otherwise(cms):
    """Marks, spaces, year and case of a heading mean nothing: 2027 as it may come."""
    text = (cms / "layouts_2026" / "GPCI2026_from_RVU26B-0501_on_3rows.csv").read_text()
    cells = list(csv.reader(text.splitlines()))
    cells[2] = [
        "medicare administrative contractor (mac)*", "STATE", "Locality  Number**", "Locality Name",
        "CY 2027 PW  GPCI (with 1.0 floor) §", "2027 PEGPCI", "2027 MP GPCI",
    ]  # fmt: skip
    found = read_table(Member("GPCI2027.csv", lambda: csv_of(cells)))
    assert found is not None
    assert found.frame.height == 3
