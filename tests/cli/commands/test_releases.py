"""``feecalc releases``: what is known, what is installed, taking one out."""

import json

import pytest
from cms_shaped import csv_of, excluded_cells, opps_csv, release_zip, zip5_txt

from feecalc.ingest.build import build
from feecalc.ingest.releases import known_releases
from feecalc.ingest.store import Store


@pytest.fixture
def installed(tmp_path):
    for release in ("25D", "25C"):
        build(release_zip(tmp_path, release), store=Store())
    (tmp_path / "ZIP5_OCT2025.txt").write_bytes(zip5_txt())
    build(tmp_path / "ZIP5_OCT2025.txt", store=Store())


def test_every_known_release(run):
    code, out, err = run("releases")
    assert (code, err) == (0, "")
    names = [line.split()[0] for line in out.splitlines()[2 : 2 + len(known_releases())]]
    assert names == [release.name for release in known_releases()]
    rows = [line.split() for line in out.splitlines()]
    assert ["RVU09AR", "2009-01-01", "cms.gov", "2026-02", "RVU09A"] in rows
    assert ["RVU18AR1", "2018-01-01", "cms.gov", "2026-02", "RVU18AR"] in rows
    assert ["RVU26D", "2026-10-01", "third", "parties"] in rows
    assert f"{len(names)} releases, 0 installed" in out
    assert max(len(line) for line in out.splitlines()[:-1]) <= 80


def test_the_zips_of_a_year_and_where_each_was_seen(run):
    """RVU26D has two addresses, both known from public projects; RVU26A was listed on cms.gov."""
    code, out, _ = run("releases", "--year", "2026")
    rows = [" ".join(line.split()) for line in out.splitlines()]
    assert code == 0
    listed = rows.index("RVU26A rvu26a-updated-12-29-2025.zip listed on cms.gov, 2026-02")
    newest = rows.index("RVU26D rvu26d-updated-08-26-2026.zip named by third parties")
    assert rows[newest + 1] == "RVU26D rvu26d.zip answered third parties, 2026-10-09"
    assert listed < newest
    assert max(len(line) for line in out.splitlines()[:-1]) <= 80
    document = json.loads(run("releases", "--year", "2026", "--json")[1])
    (row,) = [each for each in document["releases"] if each["name"] == "RVU26D"]
    assert row["address"] == "https://www.cms.gov/files/zip/rvu26d-updated-08-26-2026.zip"
    assert row["addresses"] == [
        {"address": row["address"], "how": "named by", "where": "third parties", "when": None},
        {
            "address": "https://www.cms.gov/files/zip/rvu26d.zip",
            "how": "answered",
            "where": "third parties",
            "when": "2026-10-09",
        },
    ]


@pytest.mark.parametrize(
    ("address", "zips"),
    [
        ("https://www.cms.gov/files/zip/rvu25d-updated-09/11/2025.zip", ["rvu25d-updated-09/11/2025.zip"]),
        (
            "https://www.cms.gov/files/zip/rvu25d-updated-12-01-2025.zip",
            ["rvu25d-updated-12-01-2025.zip", "rvu25d-updated-09/11/2025.zip"],
        ),
        ("http://mirror.example/rvu25d.zip", ["http://mirror.example/rvu25d.zip", "rvu25d-updated-09/11/2025.zip"]),
        ("file:///shared/rvu25d.zip", ["rvu25d-updated-09/11/2025.zip"]),
    ],
)
def test_where_it_was_fetched_from_onto_this_computer(run, tmp_path, address, zips):
    fetched = {"address": address, "retrieved": "2026-11-03T10:00:00+00:00", "etag": None, "last_modified": None}
    build(release_zip(tmp_path, "25D"), store=Store(), provenance=fetched)
    rows = [line.split() for line in run("releases", "--installed")[1].splitlines()]
    here = address.startswith("http")
    assert rows[2][2:4] == (["here", "2026-11-03"] if here else ["cms.gov", "2026-02"])
    told = [row for row in rows[3:] if row[:1] == ["RVU25D"]]
    assert [row[1] for row in told] == zips
    assert (told[0][2:] == ["fetched", "here,", "2026-11-03"]) == here


def test_a_narrow_terminal_cuts_the_widest_column(run, tmp_path, monkeypatch):
    path = release_zip(tmp_path, "25D")
    build(path.rename(tmp_path / "rvu25d-as-named-on-the-shared-drive.zip"), store=Store())
    monkeypatch.setenv("COLUMNS", "80")
    assert max(len(line) for line in run("releases", "--year", "2025")[1].splitlines()[:-1]) <= 80
    monkeypatch.setenv("COLUMNS", "120")
    assert "rvu25d-as-named-on-the-shared-drive.zip" in run("releases", "--year", "2025")[1]


def test_of_a_year(run, installed):
    code, out, _ = run("releases", "--year", "2025")
    rows = [line.split() for line in out.splitlines()]
    assert code == 0
    assert ["RVU25A", "2025-01-01", "cms.gov", "2026-02"] in rows
    assert [row[-1] for row in rows if row[:2] == ["RVU25D", "2025-10-01"]] == ["rvu25d.zip"]
    assert ["ZIP5-20254", "ZIP", "codes", "6", "ZIP5_OCT2025.txt"] in rows
    assert "4 releases, 2 installed" in out
    code, _, err = run("releases", "--year", "1999")
    assert (code, err) == (2, "feecalc: no release of 1999 is known; releases are known for 2009 to 2026\n")


def test_installed_as_json(run, installed):
    code, out, err = run("releases", "--installed", "--json")
    document = json.loads(out)
    assert (code, err) == (0, "")
    assert [row["name"] for row in document["releases"]] == ["RVU25C", "RVU25D"]
    assert all(row["installed"] and len(row["sha256"]) == 64 for row in document["releases"])
    assert [(row["name"], row["rows"]) for row in document["other_files"]] == [("ZIP5-20254", 6)]
    assert document["damaged"] == {}
    whole = json.loads(run("releases", "--json")[1])
    assert len(whole["releases"]) == len(known_releases())


def test_remove(run, installed):
    code, out, err = run("releases", "--remove", "2025d", "--remove", "zip5-20254")
    assert (code, out, err) == (0, "", "RVU25D is no longer installed\nZIP5-20254 is no longer installed\n")
    assert [each.name for each in Store().manifests()] == ["RVU25C"]
    code, _, err = run("releases", "--remove", "RVU25D")
    assert code == 2
    assert "RVU25D is not installed" in err
    for odd in ("../..", "", "what", "RVU25D/../RVU25C"):
        code, _, err = run("releases", "--remove", odd)
        assert code == 2
        assert "neither installed nor a release" in err
    assert json.loads(run("releases", "--remove", "RVU25C", "--json")[1]) == {"removed": ["RVU25C"]}


def test_a_damaged_one_is_told_and_hides_no_other(run, installed):
    (Store().folder("RVU25D") / "manifest.json").write_text("{")
    code, out, err = run("releases", "--installed")
    assert code == 0
    assert "RVU25C" in out
    assert "manifest.json is damaged" in err
    assert run("releases", "--remove", "RVU25D")[0] == 0
    assert run("releases")[2] == ""


def test_a_release_that_only_this_store_knows(run, tmp_path, installed):
    from dataclasses import replace

    manifest = Store().manifest("RVU25D")
    Store().write(replace(manifest, name="RVU40A", year=2040), {"gpci": Store().read("RVU25D", "gpci")})
    assert "RVU40A" in run("releases", "--year", "2040")[1]


def test_facility_files_are_listed_by_what_they_are(run, tmp_path):
    (tmp_path / "October_2025_Web_Addendum_B.csv").write_bytes(opps_csv())
    (tmp_path / "asc_20250401_Addendum_EE.csv").write_bytes(csv_of(excluded_cells()))
    build(tmp_path / "October_2025_Web_Addendum_B.csv", store=Store())
    build(tmp_path / "asc_20250401_Addendum_EE.csv", store=Store())
    lines = [" ".join(line.split()) for line in run("releases", "--installed")[1].splitlines()]
    assert "OPPS-20254 OPPS Addendum B, by code 5 October_2025_Web_Addendum_B.csv" in lines
    assert "ASC_EXCLUDED-20252 ASC Addendum EE, excluded 3 asc_20250401_Addendum_EE.csv" in lines
    document = json.loads(run("releases", "--json")[1])
    assert [(row["name"], row["first_date_of_service"]) for row in document["other_files"]] == [
        ("ASC_EXCLUDED-20252", "2025-04-01"),
        ("OPPS-20254", "2025-10-01"),
    ]
    assert run("releases", "--remove", "opps-20254")[2] == "OPPS-20254 is no longer installed\n"
