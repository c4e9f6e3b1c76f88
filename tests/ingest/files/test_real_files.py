"""Every member of CMS's own files reads; counts and figures are taken from the files by other means."""

import csv
import gzip
import re
import zipfile
from decimal import Decimal

import polars as pl
import pytest

from feecalc.ingest.files.archive import open_sources
from feecalc.ingest.files.conversion import quick_family, read_table
from feecalc.tables import SCHEMAS

YEARS = {20: "ad", 21: "ad", 22: "ad", 23: "ad", 24: "ac", 25: "abcd", 26: "bc"}
RELEASES = [f"{year}{letter}" for year, letters in YEARS.items() for letter in letters] + ["24ar"]
TABLES = {"pprrvu": "rvu", "gpci": "gpci", "oppscap": "oppscap", "anes": "anesthesia", "locco": "county"}


def members_of(cms, release):
    return {member.name: member for member in open_sources(cms / "zips" / f"rvu{release}.zip")[0].members}


def read(cms, release, name):
    return read_table(members_of(cms, release)[name])


def rows_by_hand(form, content):
    """How many rows a member holds, counted without the project's reader: those that begin with a code, and every code
    has a digit among its characters (three to five: 20D has lost the zeros of 00100). 25C ends its lines with CR."""
    begins = re.split(r"\r\n?|\n", content.decode("latin-1"))
    if form == "csv":
        begins = [row[0] for row in csv.reader(begins) if row]
    return sum(bool(re.match(r" *(?=[A-Z]*\d)[0-9A-Z]{3,5}([ 0-9A-Z]{2}|$)", begin)) for begin in begins)


@pytest.mark.parametrize("release", RELEASES)
def test_every_member_reads_with_every_row(cms, release):
    archive = zipfile.ZipFile(cms / "zips" / f"rvu{release}.zip")
    for name, member in members_of(cms, release).items():
        if member.form == "xlsx":
            continue  # compared with the csv below
        table = next(table for part, table in TABLES.items() if part in member.stem)
        found = read_table(member, expected=table)
        assert found.table == table == quick_family(member)
        assert SCHEMAS[table].is_valid(found.frame)
        repeated = 1 if table == "county" else 0  # 05302-99 stands twice
        assert found.frame.height == rows_by_hand(member.form, archive.read(name)) - repeated, name


@pytest.mark.parametrize("release", ["25a", "25b", "25c", "25d"])
def test_csv_text_and_spreadsheet_are_one_table(cms, release):
    forms = {}
    for member in members_of(cms, release).values():
        frame = read_table(member).frame.drop("source_line", strict=False)
        forms.setdefault(member.stem, {})[member.form] = frame
    for stem, frames in forms.items():
        for form, frame in frames.items():
            first = next(iter(frames.values()))
            # CMS cuts words short in its texts, prints LOCCO's differently, and one byte of a 25B description is A0.
            words = []
            if form == "txt" and "locco" in stem:
                words = ["counties", "fee_schedule_area"]
            if form == "txt" and "anes" in stem:
                words = ["locality_name"]
            if release == "25b" and "rvu" in stem:
                words = ["description"]
            assert frame.drop(words).equals(first.drop(words)), (stem, form)


def test_figures_of_26c(cms):
    rvu = read(cms, "26c", "PPRRVU2026_Jul_nonQPP.csv")
    row = rvu.frame.row(by_predicate=(pl.col("hcpcs") == "64493") & (pl.col("modifier") == ""), named=True)
    assert row["work_rvu"] == Decimal("1.48")
    assert row["total_rvu_nonfacility"] == Decimal("5.70")
    assert row["total_rvu_facility"] == Decimal("2.44")
    assert row["pricing_indicator"] == "9"
    assert rvu.facts == {
        "year": "2026", "month": "JUL", "released": "06/30/2026", "track": "other", "conversion_factor": "33.4009",
    }  # fmt: skip
    assert rvu.notes == ()
    gpci = read(cms, "26c", "GPCI2026.csv")
    miami = gpci.frame.row(by_predicate=(pl.col("mac") == "09102") & (pl.col("locality") == "04"), named=True)
    assert [miami[name] for name in ("work_gpci", "work_gpci_unfloored", "pe_gpci", "mp_gpci")] == [
        Decimal("1.000"), Decimal("0.994"), Decimal("1.041"), Decimal("2.529"),
    ]  # fmt: skip
    assert gpci.facts == {"year": "2026", "prints_floor": "both"}


def test_the_source_line_is_the_line_of_the_member(cms):
    member = members_of(cms, "25d")["PPRRVU2025_Oct.csv"]
    lines = member.read().decode("latin-1").split("\r\n")
    frame = read_table(member).frame
    for code in ("0001F", "J7999", "99213", "V5364"):  # J7999 is quoted
        first = frame.filter(pl.col("hcpcs") == code).row(0, named=True)
        assert lines[first["source_line"] - 1].startswith(f"{code},")


def test_facts_where_only_the_name_tells(cms):
    assert read(cms, "26b", "PPRRVU2026_Apr_nonQPP.txt").facts == {
        "year": "2026", "month": "APR", "track": "other", "conversion_factor": "33.4009",
    }  # fmt: skip
    said = read(cms, "25a", "PPRRVU25_JAN.txt").facts
    assert said == {"year": "2025", "month": "JAN", "conversion_factor": "32.3465"}
    assert read(cms, "24a", "PPRRVU24_JAN.csv").facts["conversion_factor"] == "32.7442"
    assert read(cms, "24ar", "PPRRVU24_JAN.csv").facts["conversion_factor"] == "33.2875"


@pytest.mark.parametrize("form", ["csv", "txt", "xlsx"])
def test_every_county_row_has_its_own_state(cms, form):
    county = read(cms, "25d", f"25LOCCO.{form}")
    states = dict(
        read(cms, "25d", "GPCI2025.csv").frame.select(pl.concat_str("mac", "locality"), "state").iter_rows()
    )
    by_state = county.frame.with_columns(pl.concat_str("mac", "locality").replace_strict(states).alias("state"))
    assert by_state.group_by("state").agg(pl.col("state_name").n_unique()).filter(pl.col("state_name") > 1).is_empty()
    # 23 localities under 01112 and six under 01182 (grep -c ',CA,' GPCI2025.csv: 29)
    assert by_state.filter(state_name="CALIFORNIA")["state"].to_list() == ["CA"] * 29
    assert county.frame.filter(mac="13282", locality="99")["state_name"].to_list() == ["NEW YORK"]
    assert county.notes == ("1 row that repeats another word for word was read once",)


def test_states_of_2020_are_those_of_2021(cms):
    older, newer = (read(cms, release, f"GPCI20{release[:2]}.csv").frame for release in ("20a", "21a"))
    key = ["mac", "locality"]
    assert older.sort(key).select(*key, "state").equals(newer.sort(key).select(*key, "state"))
    assert older.height == 112


def test_anesthesia_factors(cms):
    anesthesia = read(cms, "25d", "ANES2025.csv")
    assert anesthesia.frame.row(by_predicate=(pl.col("mac") == "02102"), named=True) == {
        "mac": "02102", "locality": "01", "locality_name": "ALASKA", "anesthesia_conversion_factor": Decimal("27.86"),
    }  # fmt: skip
    assert anesthesia.facts == {"year": "2025", "national_conversion_factor": "20.3178"}


def read_file(path):
    return read_table(open_sources(path)[0].members[0])


def test_zip5(cms):
    text, sheet = (read_file(cms / "zip" / name) for name in ("ZIP5_OCT2025.txt", "ZIP5_JAN2026.xlsx"))
    assert text.frame.height == (cms / "zip" / "ZIP5_OCT2025.txt").read_bytes().count(b"\n")
    assert text.facts == {"year_quarter": "20254"}
    assert sheet.facts == {"year_quarter": "20261"}
    assert sheet.frame.columns == text.frame.columns
    assert text.frame.row(by_predicate=pl.col("zip") == "33133", named=True)["locality"] == "04"


def test_zip_plus4(cms):
    path = cms / "zip" / "zip_plus4_carrier_locality_2020-2025.csv.gz"
    found = read_file(path)
    with gzip.open(path) as lines:
        assert found.frame.height == sum(1 for _ in lines) - 1
    assert found.frame.row(0) == ("00210", "", "14312", "40", 2020, 9999)


def test_base_units(cms):
    found = read_file(cms / "anesthesia_base_units_2022.xlsx")
    assert found.facts == {"year": "2022"}
    assert dict(found.frame.iter_rows())["00100"] == 5


def test_payment_amounts(cms):
    path = cms / "pfrev" / "PFREV4_2025.txt"
    found = read_file(path)
    assert found.frame.height == path.read_bytes().count(b'"2025",')
    assert found.facts == {"year": "2025"}
    rows = found.frame.filter(hcpcs="50688", locality="57").select("modifier", "nonfacility_amount", "facility_amount")
    assert rows.rows() == [("", Decimal("77.78"), Decimal("77.78"))] * 2  # the file repeats its rows


def test_what_no_layout_knows_is_none(cms):
    for name in ("releases.csv", "zip/ZIP5lyout.txt", "pos/place_of_service_codes.csv",
                 "utilization/rbcs_taxonomy.csv"):  # fmt: skip
        member = open_sources(cms / name)[0].members[0]
        assert quick_family(member) is None
        assert read_table(member) is None
