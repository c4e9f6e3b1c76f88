"""The starter data: the schemas' contract, CMS's own figures row by row, and no word of CMS's descriptions.

Where CMS's zips are present they are read here with the csv module alone, not with the project's readers.
"""

import csv
import hashlib
import io
import re
import zipfile
from decimal import Decimal
from difflib import SequenceMatcher
from pathlib import Path

import polars as pl
import pytest
import write_starter

from feecalc.errors import InvalidValue, StoreError
from feecalc.ingest import starter
from feecalc.ingest.build import build
from feecalc.ingest.releases import known_release
from feecalc.ingest.starter import read_starter, services, starter_release, starter_releases
from feecalc.ingest.store import Store
from feecalc.tables import SCHEMAS

FOLDER = Path(__file__).parents[2] / "data" / "starter"
HELD = [(release.name, table) for release in starter_releases() for table in release.tables]

# PPRRVU's columns in the order of the file (RVU25D.pdf, record layout); 2026 has one more, before the endoscopic base.
PPRRVU = [name for name in SCHEMAS["rvu"].column_names() if name != "source_line"]
LOOKS_ALIKE = 0.55


def cms_rows(cms, release, table):
    """The cells of a member of CMS's zip, each with its line."""
    zip_name = starter_release(release).source["name"]
    with zipfile.ZipFile(cms / "zips" / zip_name) as archive:
        text = archive.read(starter_release(release).tables[table]["member"]).decode("latin-1")
    reader = csv.reader(io.StringIO(text, newline=""))
    return [(reader.line_num, [cell.strip() for cell in row]) for row in reader]


def cms_services(cms, release):
    """Every PPRRVU row as {column: text} by code and modifier."""
    found = {}
    for line, cells in cms_rows(cms, release, "rvu"):
        if re.fullmatch(r"[0-9A-Z]{5}", cells[0]) and cells[0] != "HCPCS":
            if len(cells) == len(PPRRVU) - 1:
                cells = [*cells[:23], "", *cells[23:]]
            found[cells[0], cells[1]] = dict(zip(PPRRVU, cells, strict=True)) | {"source_line": str(line)}
    return found


def same(value, text):
    """Whether a typed value is what CMS's cell says."""
    return value == (text if isinstance(value, str) else Decimal(text))


@pytest.mark.parametrize(("release", "table"), HELD)
def test_a_table_is_valid_and_typed_as_its_schema(release, table):
    frame = read_starter(release, table)
    assert frame.columns == SCHEMAS[table].column_names()
    assert frame.height
    SCHEMAS[table].validate(frame)  # types too: it does not cast


def test_the_releases_are_known_ones_oldest_first():
    assert [release.name for release in starter_releases()] == ["RVU25D", "RVU26C"]
    for release in starter_releases():
        known = known_release(release.name)
        assert (release.year, release.first_date_of_service) == (known.year, known.first_date_of_service)
        assert release.source["address"] == known.address


def test_facts_are_told_of_tables_that_are_held():
    for release in starter_releases():
        assert set(release.facts) <= set(release.tables)
        assert all(isinstance(fact, str) for facts in release.facts.values() for fact in facts.values())


def test_both_releases_hold_every_service_and_every_locality():
    older, newer = (read_starter(release.name, "rvu") for release in starter_releases())
    assert older.select("hcpcs", "modifier", "description").equals(newer.select("hcpcs", "modifier", "description"))
    assert set(older["hcpcs"]) == set(services()["hcpcs"])
    assert services()["hcpcs"].is_unique().all()
    keys = [read_starter(release.name, "gpci").select("mac", "locality") for release in starter_releases()]
    assert [key.height for key in keys] == [109, 109]
    assert keys[0].equals(keys[1])


def test_each_kind_of_answer_can_be_shown():
    rows = read_starter("RVU26C", "rvu")
    assert set("ABCEJNTX") <= set(rows["status_indicator"])
    assert {"000", "010", "090", "XXX", "ZZZ"} <= set(rows["global_days"])
    assert {"26", "TC", "53"} <= set(rows["modifier"])
    assert {"2", "3", "4", "5"} <= set(rows["mppr_indicator"])
    assert {"0", "1", "3", "5", "7"} <= set(rows["pctc_indicator"])
    assert "NA" in set(rows["na_indicator_facility"])
    assert "NA" in set(rows["na_indicator_nonfacility"])
    bases = set(rows["endoscopic_base"]) - {""}
    assert bases
    assert bases <= set(rows["hcpcs"])


@pytest.mark.parametrize("release", ["RVU25D", "RVU26C"])
def test_the_cap_binds_on_one_service_and_not_on_the_other_imaging(release):
    """By the RVUs: the cap is the fee with other PE and MP, so where these are fewer it is the lower (DRA 5102(b))."""
    cap = pl.col("opps_pe_rvu_nonfacility") + pl.col("opps_mp_rvu")
    fee = pl.col("pe_rvu_nonfacility") + pl.col("mp_rvu")
    capped = read_starter(release, "rvu").filter((cap > 0) & (cap < fee))
    assert capped.select("hcpcs", "modifier").rows() == [("70496", ""), ("70496", "TC")]


@pytest.mark.parametrize("release", ["RVU25D", "RVU26C"])
def test_global_is_professional_plus_technical(release):
    rows = read_starter(release, "rvu").filter(pl.col("pctc_indicator") == "1")
    parts = rows.filter(pl.col("modifier") != "").group_by("hcpcs").agg(pl.col("total_rvu_nonfacility").sum())
    whole = rows.filter(pl.col("modifier") == "").select("hcpcs", "total_rvu_nonfacility")
    assert parts.sort("hcpcs").equals(whole.sort("hcpcs"))
    assert whole.height == 5  # fluoroscopy, CT guidance, CT angiography, MRI, X-ray


def test_what_is_not_held_is_said():
    with pytest.raises(InvalidValue, match=r"no anesthesia of RVU26C \(it holds RVU25D: rvu, gpci, anesthesia"):
        read_starter("RVU26C", "anesthesia")
    with pytest.raises(InvalidValue, match="no rvu of RVU24A"):
        read_starter("RVU24A", "rvu")


def test_an_installation_without_its_files_says_so():
    with pytest.raises(StoreError, match=r"no absent\.csv; install feecalc again"):
        starter._file("absent.csv")


def test_no_type_stands_for_a_column_that_is_not_there():
    headers = [path.read_text(encoding="utf-8").partition("\n")[0] for path in FOLDER.glob("*.csv")]
    written = {name for header in headers for name in header.split(",")}
    about = starter._about()
    assert {*about["decimals"], *about["integers"]} <= written


def test_it_stays_small():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 150_000


@pytest.mark.parametrize("release", ["RVU25D", "RVU26C"])
def test_every_service_is_cms_row(cms, release):
    theirs = cms_services(cms, release)
    held = read_starter(release, "rvu")
    for row in held.drop("description").iter_rows(named=True):
        cells = theirs[row["hcpcs"], row["modifier"]]
        wrong = {name: (value, cells[name]) for name, value in row.items() if not same(value, cells[name])}
        assert not wrong, (row["hcpcs"], row["modifier"])
    codes = set(held["hcpcs"])
    assert held.height == sum(hcpcs in codes for hcpcs, _ in theirs), "a row of a held code is missing"


@pytest.mark.parametrize("release", ["RVU25D", "RVU26C"])
def test_every_index_is_cms_row(cms, release):
    theirs = {}
    for _, cells in cms_rows(cms, release, "gpci"):
        if cells[0].isdigit():
            mac, state, locality, name, *indices = cells
            floored, unfloored = (indices[1], indices[0]) if len(indices) == 4 else (indices[0], None)
            theirs[mac, locality] = (state, name.rstrip("*"), floored, unfloored, *indices[-2:])
    held = read_starter(release, "gpci")
    assert held.height == len(theirs)
    for mac, locality, *values in held.iter_rows():
        for value, text in zip(values, theirs[mac, locality], strict=True):
            assert (value is text is None) or same(value, text), (mac, locality)


def test_every_anesthesia_factor_is_cms_row(cms):
    theirs = {
        (cells[0], cells[1]): (cells[2].rstrip("*"), cells[3])
        for _, cells in cms_rows(cms, "RVU25D", "anesthesia")
        if cells[0].isdigit()
    }
    held = read_starter("RVU25D", "anesthesia")
    assert {(mac, locality): (name, str(factor)) for mac, locality, name, factor in held.iter_rows()} == theirs
    header = cms_rows(cms, "RVU25D", "anesthesia")[0][1]
    assert starter_release("RVU25D").facts["anesthesia"]["national_conversion_factor"] in header[3]


def test_every_county_row_is_cms_row(cms):
    theirs, state = set(), ""
    for _, cells in cms_rows(cms, "RVU25D", "county"):
        if cells[0].isdigit():
            state = cells[2] or state
            theirs.add((cells[0].zfill(5), cells[1].zfill(2), state, cells[3].rstrip("*"), cells[4]))
    held = read_starter("RVU25D", "county")
    assert set(held.iter_rows()) == theirs  # CMS prints Missouri's rest of state twice
    assert held.height == len(theirs)


@pytest.mark.parametrize("release", ["RVU25D", "RVU26C"])
def test_every_base_unit_is_cms_row(cms, release):
    about = starter_release(release).tables["base_units"]
    file = cms / about["member"]
    assert hashlib.sha256(file.read_bytes()).hexdigest() == about["sha256"]
    theirs = dict(pl.read_excel(file, has_header=False).iter_rows())
    for hcpcs, units in read_starter(release, "base_units").iter_rows():
        assert units == int(theirs[hcpcs])


@pytest.mark.parametrize("release", ["RVU25D", "RVU26C"])
def test_the_facts_are_those_of_the_zip(cms, release):
    known = starter_release(release)
    content = (cms / "zips" / known.source["name"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == known.source["sha256"]
    factor = known.facts["rvu"]["conversion_factor"]
    assert set(read_starter(release, "rvu")["conversion_factor"]) == {Decimal(factor)}
    assert {row["conversion_factor"] for row in cms_services(cms, release).values()} == {factor}


def test_it_is_what_the_built_releases_hold(cms, tmp_path):
    """Through the project's own readers and the store, byte for byte."""
    store = Store(tmp_path / "home")
    for file in ("zips/rvu25d.zip", "zips/rvu26c.zip", "anesthesia_base_units_2022.xlsx"):
        build(cms / file, store=store)
    write_starter.write(store, tmp_path)
    for table in {table for _, table in HELD}:
        assert (tmp_path / f"{table}.csv").read_bytes() == (FOLDER / f"{table}.csv").read_bytes(), table


def test_no_description_is_like_the_one_cms_prints(cms):
    ours = dict(services().select("hcpcs", "description").iter_rows())
    for release in starter_releases():
        for (hcpcs, _), row in cms_services(cms, release.name).items():
            if hcpcs in ours:
                mine, printed = ours[hcpcs].lower(), row["description"].lower()
                alike = SequenceMatcher(None, mine, printed, autojunk=False).ratio()
                assert alike < LOOKS_ALIKE, (hcpcs, ours[hcpcs])
                assert printed not in mine, hcpcs
