"""CMS's addenda as it zips them: what is known is installed, the rest passed over in one sentence; what replaces it."""

import cms_shaped as shaped
import pytest
from cms_shaped.facility import OPPS, RAISED

from feecalc.errors import CheckFailed, FeeCalcError, MissingColumn, MissingMember, UnreadableFile
from feecalc.ingest.build import Order, build, build_sources
from feecalc.ingest.files.archive import Member
from feecalc.ingest.files.conversion import read_table
from feecalc.ingest.store import Store


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "home")


@pytest.fixture
def built(tmp_path, store):
    """Build the bytes as a file: the outcomes, and what was said."""

    def build_file(name, content):
        path = tmp_path / name
        path.write_bytes(content)
        said = []
        outcomes = [outcome for _, outcome in build_sources(path, Order(store, report=said.append))]
        manifests = [each for outcome in outcomes if not isinstance(outcome, FeeCalcError) for each in outcome]
        errors = [outcome for outcome in outcomes if isinstance(outcome, FeeCalcError)]
        return {each.name: each for each in manifests}, errors, said

    return build_file


def test_a_whole_zip_of_opps_addenda(built, store):
    entries, errors, said = built("2025-nfrm-opps-addenda.zip", shaped.opps_addenda_zip())
    assert errors == []
    assert sorted(entries) == ["APC-2025", "COMPLEXITY_ADJUSTMENT-2025", "COMPREHENSIVE_RANK-2025", "OPPS-2025"]
    assert store.read("OPPS-2025", "opps")["hcpcs"].to_list() == [row[0].strip("\xff") for row in OPPS]
    (passed_over,) = [text for text in said if "not read" in text]
    for letter in "CELMP":
        assert f"2025 NFRM Addendum {letter}.11.01.txt" in passed_over
    assert "2025 NFRM Addendum D2.11.01.txt" in passed_over
    assert not any(f"Addendum {letter}.11" in passed_over for letter in ("A", "B", "J", "D1"))
    assert [text for text in said if "Addendum D1" in text and "not installed" in text]
    assert len(said) == 2


@pytest.mark.parametrize("letter", ["C", "D2", "E", "L", "M", "P"])
def test_an_addendum_that_nothing_is_priced_by_is_no_other_addendum(built, letter):
    """Alone, whatever its columns are like: an error that says so; and never Addendum B of the year."""
    content = shaped.csv_of(shaped.other_addenda()[letter])
    entries, errors, _ = built(f"2025 Addendum {letter}.csv", content)
    assert entries == {}
    assert [type(error) for error in errors] == [MissingMember]
    entries, errors, _ = built("2025_table.csv", content)  # its banner says it, too
    assert (entries, [type(error) for error in errors]) == ({}, [MissingMember])


def test_a_workbook_named_after_all_its_addenda(built):
    entries, errors, _ = built("July 2026 ASC Addendum AA_BB_DD1_EE and FF.xlsx", shaped.asc_workbook())
    assert errors == []
    assert sorted(entries) == [
        "ASC-20263", "ASC_ANCILLARY-20263", "ASC_DEVICE_OFFSET-20263", "ASC_EXCLUDED-20263",
    ]  # fmt: skip


def test_nothing_known_inside_is_an_error(built):
    entries, errors, _ = built("2025.zip", shaped.opps_addenda_zip(without=("A", "B", "J")))
    assert (entries, [type(error) for error in errors]) == ({}, [MissingMember])


def test_a_file_like_a_table_beside_the_table_itself_is_passed_over(built):
    """Without a letter anywhere: of two that look like Addendum B the one that lacks columns is not it."""
    alike = [["Device-intensive procedures of 2025"], *shaped.other_addenda()["P"][1:]]
    members = {"OPPS_2025_rates.csv": shaped.opps_csv(), "OPPS_2025_devices.csv": shaped.csv_of(alike)}
    entries, errors, said = built("opps.zip", shaped.zip_of(members))
    assert (sorted(entries), errors) == (["OPPS-2025"], [])
    assert said == ["OPPS_2025_devices.csv (lacks copayment): no table that feecalc knows, not read"]
    entries, errors, _ = built("devices_2025.csv", shaped.csv_of(alike))  # alone it may be one whose columns changed
    assert (entries, [type(error) for error in errors]) == ({}, [MissingColumn])


def test_a_damaged_member_does_not_lose_the_others(built):
    members = {"2025 Addendum B.csv": shaped.opps_csv(), "2025 Addendum P.xlsx": b"PK\x03\x04 cut short"}
    entries, errors, _ = built("2025.zip", shaped.zip_of(members))
    assert sorted(entries) == ["OPPS-2025"]
    assert [type(error) for error in errors] == [UnreadableFile]
    assert "2025 Addendum P.xlsx" in str(errors[0])
    entries, errors, _ = built("p_2025.xlsx", b"PK\x03\x04 cut short")
    assert [type(error) for error in errors] == [UnreadableFile]


# ---- sheets ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("whole", [False, True])
def test_addendum_j_is_read_from_the_sheet_of_the_adjustments(built, store, whole):
    """The evaluation stands before it, and holds pairs that raise nothing; with all columns of the adjustments, too."""
    entries, errors, _ = built("2025 NFRM Addendum J.xlsx", shaped.addendum_j(whole=whole))
    assert errors == []
    assert sorted(entries) == ["COMPLEXITY_ADJUSTMENT-2025", "COMPREHENSIVE_RANK-2025"]
    pairs = store.read("COMPLEXITY_ADJUSTMENT-2025", "complexity_adjustment")
    assert pairs.select("primary_hcpcs", "secondary_hcpcs", "adjusted_apc").rows() == [
        (primary, secondary, raised) for primary, _, secondary, _, raised in RAISED
    ]
    read_from = entries["COMPLEXITY_ADJUSTMENT-2025"].tables["complexity_adjustment"]["member"]
    assert read_from == "2025 NFRM Addendum J.xlsx, sheet Complexity Adjustments"
    read_from = entries["COMPREHENSIVE_RANK-2025"].tables["comprehensive_rank"]["member"]
    assert read_from == "2025 NFRM Addendum J.xlsx, sheet Rank for Primary Assignment"


def test_the_evaluation_alone_is_not_the_adjustments(built):
    sheets = {"Complexity Adj. Evaluation": shaped.evaluation_cells(whole=True), "Ranks": shaped.rank_cells()}
    entries, errors, _ = built("2025 Addendum J.xlsx", shaped.xlsx_of(sheets))
    assert (sorted(entries), errors) == (["COMPREHENSIVE_RANK-2025"], [])


def read(sheets, name="2025 Addendum J.xlsx", **options):
    return read_table(Member(name, lambda: shaped.xlsx_of(sheets)), **options)


def test_of_sheets_of_one_table_the_one_that_fits_best_is_read_and_that_is_said():
    short = [["HCPCS Code", "SI", "APC Assignment", "Rank Used for Primary Assignment", "Deleted Code"],
             ["69930", "J1", "5166", "7", ""]]  # fmt: skip
    found = read({"Changes": shaped.rank_cells([("69930", "5166", "3")]), "Ranks": shaped.rank_cells()})
    assert found.frame["rank"].to_list() == [1, 2]  # by its name, though the other stands before it
    assert found.notes == ("sheet 'Ranks' was read and not 'Changes'",)
    found = read({"First": short, "Second": shaped.rank_cells()})
    assert found.frame["rank"].to_list() == [1, 2]  # by its columns
    extra = [[*row, ""] for row in shaped.rank_cells([("69930", "5166", "3")])]
    extra[1][-1] = "Proposed Rank"
    found = read({"First": extra, "Second": shaped.rank_cells()})
    assert found.frame["rank"].to_list() == [1, 2]  # by what is strange in the other
    found = read({"First": shaped.rank_cells(), "Second": shaped.rank_cells([("69930", "5166", "3")])})
    assert found.frame["rank"].to_list() == [1, 2]  # as good as the other, and first
    assert found.notes == ("sheet 'First' was read and not 'Second'",)


def test_of_several_tables_in_a_workbook_what_was_not_read_is_said_where_it_is_alike():
    sheets = {"Ranks": shaped.rank_cells(), "More": shaped.rank_cells([("69930", "5166", "3")]),
              "Complexity Adjustments": shaped.complexity_cells(), "Words": [["a", "b"]]}  # fmt: skip
    content = shaped.xlsx_of(sheets)
    found = read_table(Member("J.xlsx", lambda: content, sheet="Ranks"), expected="comprehensive_rank")
    assert found.notes == ("sheet 'Ranks' was read and not 'More'",)
    found = read_table(Member("J.xlsx", lambda: content, sheet="Complexity Adjustments"))
    assert found.notes == ()


# ---- what replaces what ---------------------------------------------------------------------------------------------


def test_a_second_addendum_b_of_a_quarter_says_what_it_replaces(built, tmp_path, store):
    first, errors, _ = built("January_2025_Web_Addendum_B.csv", shaped.opps_csv())
    assert errors == []
    assert first["OPPS-20251"].notes == ()
    again, *_ = built("January_2025_Web_Addendum_B.csv", shaped.opps_csv())
    assert again["OPPS-20251"].notes == ()  # the same bytes
    changed = [("64490", "T", "5443", "9.9843", "$891.00", ".", "$178.20", "", ""), *OPPS[1:-1]]
    second, errors, _ = built("January_2025_Web_Addendum_B_corrected.csv", shaped.opps_csv(changed))
    assert errors == []
    (note,) = second["OPPS-20251"].notes
    digits = first["OPPS-20251"].source["sha256"][:12]
    day = first["OPPS-20251"].built[:10]
    assert note == (
        f"replaces OPPS-20251 (quarterly addendum) built {day} from January_2025_Web_Addendum_B.csv (sha256 {digits}): "
        "opps: 1 of its 4 rows are new or changed, 2 of the 5 before are gone or changed"
    )
    assert second["OPPS-20251"].facts["opps"]["edition"] == "quarterly addendum, corrected"
    assert store.manifest("OPPS-20251").notes == (note,)


def test_the_same_rows_in_other_bytes(built):
    built("January_2025_Web_Addendum_B.csv", shaped.opps_csv())
    entries, *_ = built("january-2025-addendum-b.zip", shaped.zip_of({"Addendum B.csv": shaped.opps_csv()}))
    assert entries["OPPS-20251"].notes[0].endswith("): the rows are the same")


def test_the_final_rules_addenda_are_named_and_stand_beside_the_quarters(built):
    final, *_ = built("2025_NFRM_Addendum_B.csv", shaped.opps_csv())
    quarter, *_ = built("January_2025_Web_Addendum_B.csv", shaped.opps_csv())
    assert final["OPPS-2025"].facts["opps"]["edition"] == "final rule"
    assert quarter["OPPS-20251"].facts["opps"]["edition"] == "quarterly addendum"
    assert quarter["OPPS-20251"].notes == ()  # another entry: nothing is replaced
    again, *_ = built("2025_NFRM_CN_Addendum_B.csv", shaped.opps_csv([*OPPS[:4]]))
    assert again["OPPS-2025"].facts["opps"]["edition"] == "final rule, corrected"
    assert again["OPPS-2025"].notes[0].startswith("replaces OPPS-2025 (final rule) built ")
    plain, *_ = built("Addendum_B_2025.csv", shaped.opps_csv())
    assert "edition" not in plain["OPPS-2025"].facts["opps"]


def test_every_other_kind_and_a_release_say_it_too(built, tmp_path, store):
    built("ZIP5_2025Q4.txt", shaped.zip5_txt())
    entries, *_ = built("ZIP5_OCT2025.txt", shaped.zip5_txt(shaped.ZIPS[:-1]))
    assert "zip5: 0 of its 5 rows are new or changed, 1 of the 6 before are gone" in entries["ZIP5-20254"].notes[0]
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    build(shaped.release_zip(folders[0]), store=store)
    path = shaped.release_zip(folders[1], services=shaped.SERVICES[:-1])
    (manifest,) = build(path, store=store)
    (note,) = [each for each in manifest.notes if each.startswith("replaces")]
    assert note.startswith("replaces RVU25D built ")
    assert "from rvu25d.zip (sha256 " in note
    assert "rvu: 0 of its 17 rows are new or changed, 1 of the 18 before are gone or changed" in note
    (again,) = build(path, store=store)
    assert not [each for each in again.notes if each.startswith("replaces")]


def test_a_damaged_entry_is_replaced_and_that_is_said(built, store):
    built("January_2025_Web_Addendum_B.csv", shaped.opps_csv())
    (store.folder("OPPS-20251") / "manifest.json").write_text("{")
    entries, errors, _ = built("January_2025_Web_Addendum_B.csv", shaped.opps_csv())
    assert errors == []
    assert entries["OPPS-20251"].notes == ("replaces OPPS-20251, which was damaged",)


def test_two_of_one_entry_in_a_source_are_still_an_error(built):
    members = {"2025 Addendum B one.csv": shaped.opps_csv(), "2025 Addendum B two.csv": shaped.opps_csv(OPPS[:2])}
    entries, errors, _ = built("2025.zip", shaped.zip_of(members))
    assert (sorted(entries), [type(error) for error in errors]) == (["OPPS-2025"], [CheckFailed])
