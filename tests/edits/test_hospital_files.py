"""NCCI's files of hospitals beside those of practitioners: told apart, installed apart, and each used for its bills.

No hospital's file of CMS was at hand. These are written after what public readers of those files say of them: pairs as
the practitioners' (ccioph-v322r0-f1 in place of ccipra-..., the same columns), units under the heading Outpatient
Hospital Services MUE Values, in MCR_MUE_OutpatientHospitalServices_Eff_07-01-2026.
"""

import zipfile
from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from edits import oracle
from edits.made_up import found_by, lines, tables
from edits.test_ncci_files import AOC_HEAD, AOC_ROWS, NOTICE, PTP_HEAD, built, sheet, tabs

from feecalc.edits.ncci import units
from feecalc.edits.tables import open_edit_tables
from feecalc.errors import CheckFailed, InvalidValue
from feecalc.ingest.build import Order, build, build_sources
from feecalc.ingest.cms_files import known_files, requested_files
from feecalc.ingest.store import Store

AUGUST = date(2026, 8, 3)
HOSPITAL, PRACTITIONER = "Outpatient Hospital Services MUE Values", "Practitioner Services MUE Values"


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "home")


def pair(one, two, indicator="1"):
    return [one, two, "", "20100101", "*", indicator, "Words"]


def ptp(*rows, title="Column1/Column2 Edits"):
    return tabs([[title if cell == "Column1/Column2 Edits" else cell for cell in row] for row in [*PTP_HEAD, *rows]])


def mue(heading, *rows, form="csv"):
    table = [[NOTICE, "", "", ""], ["HCPCS/\nCPT Code", heading, "MUE Adjudication Indicator", "MUE Rationale"], *rows]
    if form == "xlsx":
        return sheet(table, numbers=(0, 1))
    return "\n".join(",".join(f'"{cell}"' for cell in row) for row in table).encode()


def limit(code, most):
    return [code, str(most), "2 Date of Service Edit: Policy", "CMS Policy"]


@pytest.mark.parametrize("form", ["txt", "xlsx"])
def test_pairs_are_told_apart_by_the_name(tmp_path, store, form):
    for name, one in (("ccipra-v322r0-f1", "00100"), ("ccioph-v322r0-f1", "00200")):
        rows = [*PTP_HEAD, pair(one, "64493")]
        content = tabs(rows) if form == "txt" else sheet(rows, numbers=(0, 3, 5))
        built(tmp_path, store, f"{name}.{form}", content)
    assert store.names() == ["NCCI_PAIR-20263-F1", "NCCI_PAIR_HOSPITAL-20263-F1"]
    assert store.read("NCCI_PAIR_HOSPITAL-20263-F1", "ncci_pair_hospital")["column_1"].to_list() == ["00200"]
    assert store.manifest("NCCI_PAIR_HOSPITAL-20263-F1").first_date_of_service == date(2026, 7, 1)


def test_pairs_are_told_apart_by_the_zip_or_the_title_row(tmp_path, store):
    with zipfile.ZipFile(tmp_path / "medicare-ncci-2026q2-hospital-ptp-edits-ccioph-v321r0-f2.zip", "w") as archive:
        archive.writestr("part.txt", ptp(pair("00200", "64493")))
    (entry,) = build(tmp_path / "medicare-ncci-2026q2-hospital-ptp-edits-ccioph-v321r0-f2.zip", store=store)
    assert (entry.name, entry.kind) == ("NCCI_PAIR_HOSPITAL-20262-F2", "ncci_pair_hospital")
    for whose, kind in (("Hospital", "ncci_pair_hospital"), ("Practitioner", "ncci_pair")):
        content = ptp(pair("00200", "64493"), title=f"{whose} PTP Edits")
        (entry,) = built(tmp_path, store, "edits_2026q3.txt", content)
        assert entry.kind == kind


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_units_are_told_apart_by_their_heading(tmp_path, store, form):
    for name, heading, most in (("a", PRACTITIONER, 1), ("b", HOSPITAL, 2)):
        built(tmp_path, store, f"{name}_2026q3.{form}", mue(heading, limit("64493", most), form=form))
    (entry,) = built(tmp_path, store, "MCR_MUE_OutpatientHospitalServices_Eff_10-01-2026.csv",
                     mue(HOSPITAL, limit("64493", 3)))  # fmt: skip
    assert (entry.name, entry.facts["mue_hospital"]["services"]) == ("MUE_HOSPITAL-20264", "OUTPATIENT HOSPITAL")
    assert store.names() == ["MUE-20263", "MUE_HOSPITAL-20263", "MUE_HOSPITAL-20264"]
    most = [store.read(f"{kind.upper()}-20263", kind)["mue_units"].item() for kind in ("mue", "mue_hospital")]
    assert most == [1, 2]


def test_a_folder_of_both_is_installed_whole(tmp_path, store):
    """The practitioners' csv and the hospitals' xlsx of a day are two tables, and so are two parts of the pairs."""
    folder = tmp_path / "ncci"
    folder.mkdir()
    (folder / "MCR_MUE_PractitionerServices_Eff_07-01-2026.csv").write_bytes(mue(PRACTITIONER, limit("64493", 1)))
    (folder / "MCR_MUE_OutpatientHospitalServices_Eff_07-01-2026.xlsx").write_bytes(
        mue(HOSPITAL, limit("64493", 2), form="xlsx")
    )
    (folder / "ccipra-v322r0-f1.txt").write_bytes(ptp(pair("00100", "64493")))
    (folder / "ccioph-v322r0-f1.xlsx").write_bytes(sheet([*PTP_HEAD, pair("00200", "64493")], numbers=(0, 3, 5)))
    (folder / "ccioph-v322r0-f2.txt").write_bytes(ptp(pair("00300", "64493")))
    build(folder, store=store)
    assert store.names() == [
        "MUE-20263", "MUE_HOSPITAL-20263", "NCCI_PAIR-20263-F1", "NCCI_PAIR_HOSPITAL-20263-F1",
        "NCCI_PAIR_HOSPITAL-20263-F2",
    ]  # fmt: skip


def test_what_cannot_be_told_is_asked_for(tmp_path, store):
    content = ptp(pair("00200", "64493"))
    with pytest.raises(InvalidValue, match=r"practitioners' or hospitals'.*--services"):
        built(tmp_path, store, "edits_2026q3.txt", content)
    (entry,) = build_as(tmp_path, store, "edits_2026q3.txt", content, "hospital")
    assert entry.kind == "ncci_pair_hospital"
    with pytest.raises(InvalidValue, match="--services"):
        built(tmp_path, store, "units_2026q3.csv", mue("MUE Values", limit("64493", 1)))
    (entry,) = build_as(tmp_path, store, "units_2026q3.csv", mue("MUE Values", limit("64493", 1)), "practitioner")
    assert entry.kind == "mue"


def build_as(tmp_path, store, name, content, services):
    (tmp_path / name).write_bytes(content)
    ((_, outcome),) = build_sources(tmp_path / name, Order(store, services=services))
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def test_what_contradicts_itself_is_refused(tmp_path, store):
    name = "MCR_MUE_PractitionerServices_Eff_07-01-2026.csv"
    with pytest.raises(CheckFailed, match="holds edits of hospital services, but its name says practitioner"):
        built(tmp_path, store, name, mue(HOSPITAL, limit("64493", 1)))
    with pytest.raises(CheckFailed, match="--services practitioner says practitioner"):
        build_as(tmp_path, store, "units_2026q3.csv", mue(HOSPITAL, limit("64493", 1)), "practitioner")
    with pytest.raises(CheckFailed, match="dme supplier services"):
        built(tmp_path, store, "units_2026q3.csv", mue("DME Supplier Services MUE Values", limit("E0100", 1)))
    assert store.names() == []


def test_each_kind_of_bill_is_looked_at_by_its_own(tmp_path, store):
    """A hospital by the hospitals' lists; physicians, and ASCs, whose claims are Part B's, by the practitioners'."""
    built(tmp_path, store, "ccipra-v322r0-f1.txt", ptp(pair("00100", "64493")))
    built(tmp_path, store, "MCR_MUE_PractitionerServices_Eff_07-01-2026.csv", mue(PRACTITIONER, limit("64493", 1)))
    built(tmp_path, store, "AOC_V2026Q3-MCR.txt", tabs([AOC_HEAD, *AOC_ROWS]))
    by = open_edit_tables(store, AUGUST, bill="hospital")  # none of the hospitals' own yet
    assert (by.pairs["column_1"].to_list(), by.of_hospitals) == (["00100"], frozenset())
    assert by.missing == (
        "hospitals' own NCCI pairs and unlikely units are not installed: looked at by the practitioners' files "
        "(NCCI_PAIR-20263-F1, MUE-20263), from which CMS's hospital edits may differ",
    )
    built(tmp_path, store, "ccioph-v322r0-f1.txt", ptp(pair("00200", "64493")))
    by = open_edit_tables(store, AUGUST, bill="hospital")
    assert (by.pairs["column_1"].to_list(), by.of_hospitals) == (["00200"], {"ncci_pair"})
    assert by.missing == (
        "hospitals' own unlikely units are not installed: looked at by the practitioners' files "
        "(MUE-20263), from which CMS's hospital edits may differ",
    )
    built(tmp_path, store, "MCR_MUE_OutpatientHospitalServices_Eff_07-01-2026.csv", mue(HOSPITAL, limit("64493", 2)))
    by = open_edit_tables(store, AUGUST, bill="hospital")
    assert (by.units["mue_units"].to_list(), by.of_hospitals, by.missing) == ([2], {"ncci_pair", "mue"}, ())
    assert by.files[0] == "NCCI_PAIR_HOSPITAL-20263-F1"
    for bill in ("professional", "asc"):
        by = open_edit_tables(store, AUGUST, bill=bill)
        assert (by.pairs["column_1"].to_list(), by.units["mue_units"].to_list()) == (["00100"], [1])
        assert (by.of_hospitals, by.missing) == (frozenset(), ())


def test_hospitals_limits_of_a_later_quarter_do_not_serve_an_earlier_day(tmp_path, store):
    """Pairs carry their days; limits are of one quarter, and before it the practitioners' serve, and that is said."""
    built(tmp_path, store, "MCR_MUE_PractitionerServices_Eff_04-01-2026.csv", mue(PRACTITIONER, limit("64493", 1)))
    built(tmp_path, store, "MCR_MUE_OutpatientHospitalServices_Eff_07-01-2026.csv", mue(HOSPITAL, limit("64493", 2)))
    built(tmp_path, store, "ccioph-v322r0-f1.txt", ptp(pair("00200", "64493")))
    by = open_edit_tables(store, date(2026, 5, 4), bill="hospital")
    assert (by.units["mue_units"].to_list(), by.pairs["column_1"].to_list()) == ([1], ["00200"])
    assert any("hospitals' own unlikely units are not installed" in text for text in by.missing)


def test_only_hospitals_lists_serve_no_physician(tmp_path, store):
    built(tmp_path, store, "ccioph-v322r0-f1.txt", ptp(pair("00200", "64493")))
    by = open_edit_tables(store, AUGUST)
    assert by.pairs is None
    assert by.missing[0] == (
        "no NCCI pairs of practitioners are installed, only hospitals': that edit is not checked (feecalc build FILE)"
    )


def test_a_limit_of_zero_in_the_hospitals_own_file_denies():
    """The practitioners' 0 says nothing of a hospital; the hospitals' own does."""
    claims = lines("ADDN3", "PRIM1")
    for own, found in (((), []), (("mue",), ["mue_zero"]), (("ncci_pair",), [])):
        by = replace(tables(), of_hospitals=frozenset(own))
        assert found_by(units.RULES, claims, by, bill="hospital")["rule"].to_list() == found
        plain = oracle.with_physicians(claims.to_dicts())
        zeros = {each for each in oracle.units(plain, "hospital", own_list="mue" in own) if each[1] == "mue_zero"}
        assert [rule for _, rule in zeros] == found


def test_how_they_are_fetched():
    names = [each.name for each in requested_files(["ncci_pair_hospital", "2026-04", "mue_hospital", "2026-10"]).files]
    assert names == [*(f"NCCI_PAIR_HOSPITAL-20262-F{part}" for part in (1, 2, 3, 4)), "MUE_HOSPITAL-20264"]
    assert next(each.name for each in requested_files(["ncci_pair", "2026-04"]).files) == "NCCI_PAIR-20262-F1"
    address = next(each.address for each in known_files() if each.name == "NCCI_PAIR_HOSPITAL-20262-F3")
    assert address.endswith("/medicare-ncci-2026q2-hospital-ptp-edits-ccioph-v321r0-f3.zip")


def test_the_same_columns_are_kept(tmp_path, store):
    (entry,) = built(tmp_path, store, "ccioph-v322r0-f1.txt", ptp(pair("00200", "64493", "0")))
    read = store.read(entry.name, "ncci_pair_hospital")
    assert read.select("column_1", "column_2", "effective_from", "deleted_on", "modifier_indicator").rows() == [
        ("00200", "64493", date(2010, 1, 1), None, "0")
    ]
    assert read.schema["deleted_on"] == pl.Date()
