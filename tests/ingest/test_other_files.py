"""CMS files that belong to no release in the store: an entry for each table and quarter, and what is refused."""

from datetime import date

import cms_shaped as shaped
import pytest

from feecalc.errors import CheckFailed, InvalidValue, MissingColumn, MissingMember
from feecalc.ingest.build import Order, build, build_sources
from feecalc.ingest.store import Store

D1 = shaped.tabs_of(
    [["", "ADDENDUM D1.-- STATUS"], ["Status Indicator", "Item/Code/Service", "OPPS Payment Status"], ["N", "a", "b"]]
)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "home")


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "files"
    path.mkdir()
    return path


def put(folder, members):
    for name, content in members.items():
        (folder / name).write_bytes(content)
    return folder


def test_the_quarters_of_a_folder_are_entries_each(store, folder):
    put(folder, {
        "asc_20250101_Addendum_AA.csv": shaped.asc_csv(),
        "asc_20251001_Addendum_AA.csv": shaped.asc_csv(month="October"),
        "asc_20240101_Addendum_AA.txt": shaped.tabs_of(shaped.asc_cells(year=2024)),
        "asc_20250101_Addendum_EE.csv": shaped.csv_of(shaped.excluded_cells()),
        "asc_20250401_Addendum_EE.csv": shaped.csv_of(shaped.excluded_cells()),
        "October_2025_Web_Addendum_B.csv": shaped.opps_csv(),
        "2025_NFRM_Addendum_B.txt": shaped.tabs_of(shaped.opps_cells()),
    })  # fmt: skip
    entries = {manifest.name: manifest for manifest in build(folder, store=store)}
    assert {name: (each.kind, str(each.first_date_of_service)) for name, each in entries.items()} == {
        "ASC-20241": ("asc", "2024-01-01"),
        "ASC-20251": ("asc", "2025-01-01"),
        "ASC-20254": ("asc", "2025-10-01"),
        "ASC_EXCLUDED-20251": ("asc_excluded", "2025-01-01"),
        "ASC_EXCLUDED-20252": ("asc_excluded", "2025-04-01"),
        "OPPS-2025": ("opps", "2025-01-01"),
        "OPPS-20254": ("opps", "2025-10-01"),
    }
    assert [each.name for each in store.manifests("asc")] == ["ASC-20241", "ASC-20251", "ASC-20254"]
    assert entries["ASC-20254"].source["name"] == "asc_20251001_Addendum_AA.csv"
    alone = build(folder / "asc_20251001_Addendum_AA.csv", store=store)
    assert alone[0].source == entries["ASC-20254"].source  # a file is the same file alone
    assert store.read("OPPS-20254", "opps")["hcpcs"].to_list()[-1] == "A4341"


def test_a_zip_and_the_name_of_a_zip(store, folder):
    members = {"Addendum_B.csv": shaped.opps_csv(), "Addendum_B.xlsx": b"not looked at", "read me.pdf": b"%PDF"}
    path = folder / "july-2025-opps-addendum-b.zip"
    path.write_bytes(shaped.zip_of(members))
    (manifest,) = build(path, store=store)
    assert (manifest.name, manifest.first_date_of_service) == ("OPPS-20253", date(2025, 7, 1))
    assert manifest.notes == ("Addendum_B.xlsx: passed over, the same table as Addendum_B.csv",)
    (folder / "OPPS-20254.zip").write_bytes(shaped.zip_of(members))  # as feecalc fetch keeps it
    assert [each.name for each in build(folder / "OPPS-20254.zip", store=store)] == ["OPPS-20254"]


def test_a_workbook_of_several_addenda(store, folder):
    path = put(folder, {"July 2026 ASC Addenda.07.08.26.xlsx": shaped.asc_workbook()})
    manifests = {each.name: each for each in build(path, store=store)}
    assert sorted(manifests) == [
        "ASC-20263", "ASC_ANCILLARY-20263", "ASC_DEVICE_OFFSET-20263", "ASC_EXCLUDED-20263",
    ]  # fmt: skip
    member = manifests["ASC_EXCLUDED-20263"].tables["asc_excluded"]["member"]
    assert member == "July 2026 ASC Addenda.07.08.26.xlsx, sheet July 2026 ASC EE"


def test_a_bad_file_does_not_lose_the_others(store, folder):
    bad = shaped.asc_csv([("64490", "Y", "G2", "8.7x", "$1.00")], month="April")
    put(folder, {"april_AA.csv": bad, "january_AA.csv": shaped.asc_csv()})
    outcomes = dict(build_sources(folder, Order(store)))
    assert [manifest.name for manifest in outcomes["january_AA.csv"]] == ["ASC-20251"]
    assert "payment_weight" in str(outcomes["april_AA.csv"])


def test_addendum_d1_is_told_and_not_installed(store, folder):
    said = []
    put(folder, {"2025_NFRM_Addendum_D1.txt": D1, "2025_NFRM_Addendum_B.csv": shaped.opps_csv(), "x.csv": b"a,b\n1,2"})
    outcomes = [outcome for _, outcome in build_sources(folder, Order(store, report=said.append))]
    assert [manifest.name for outcome in outcomes for manifest in outcome] == ["OPPS-2025"]
    assert any("2025_NFRM_Addendum_D1.txt is Addendum D1" in text and "not installed" in text for text in said)
    assert "x.csv: no table that feecalc knows, not read" in said
    with pytest.raises(MissingMember, match=r"D1\.txt is Addendum D1, the meaning of each status indicator"):
        build(folder / "2025_NFRM_Addendum_D1.txt", store=store)


def test_a_proposed_rule_is_refused(store, folder):
    proposed = shaped.opps_csv().replace(b"OPPS Payment", b"Proposed OPPS Payment")
    put(folder, {"2025_Addendum_B.csv": proposed, "2026_NPRM_Addendum_B.csv": shaped.opps_csv(year=2026)})
    outcomes = dict(build_sources(folder, Order(store)))
    assert all("is of a proposed rule, by which nothing is paid" in str(each) for each in outcomes.values())
    assert len(outcomes) == 2
    assert store.manifests() == []


def test_a_name_that_contradicts_its_content_is_refused(store, folder):
    put(folder, {"asc_20250701_Addendum_AA.csv": shaped.asc_csv(month="April")})
    with pytest.raises(CheckFailed, match=r"inside, says April 2025, but its name says July 2025"):
        build(folder, store=store)


def test_one_entry_from_two_files_is_refused(store, folder):
    put(folder, {"2025_NFRM_Addendum_B.csv": shaped.opps_csv(), "2025_corrected_Addendum_B.csv": shaped.opps_csv()})
    with pytest.raises(CheckFailed, match=r"NFRM_Addendum_B.csv and 2025_corrected_Addendum_B.csv are both OPPS-2025"):
        build(folder, store=store)


def test_a_file_of_no_known_year(store, folder):
    cells = [["CBSA", "CBSA Name", "WI"], ["01", "ALABAMA", "0.6471"]]
    pairs = [["device_hcpcs", "procedure_hcpcs", "device_modifier", "procedure_modifier", "percent_multiplier",
              "effective_date", "end_date"], ["C1601", "31615", "", "", "0.0003", "20260101", ""]]  # fmt: skip
    put(folder, {"pairs.csv": shaped.csv_of(pairs)})
    with pytest.raises(InvalidValue, match=r"does not say its year; put it into the file's name, as in asc_code_pair_"):
        build(folder, store=store)
    (folder / "pairs.csv").rename(folder / "pairs_2026.csv")
    assert [each.name for each in build(folder, store=store)] == ["ASC_CODE_PAIR-2026"]
    put(folder, {"pairs_2026.csv": shaped.csv_of(cells)})
    with pytest.raises(MissingColumn, match=r"as ASC wage index it lacks wage_index"):
        build(folder, store=store)


def test_parts_of_one_table_are_entries_each(store, folder):
    notice = ["", "Copyright of its owner", "", "", "", ""]
    header = ["Column 1", "Column 2", "*=in existence", "Effective Date", "Deletion Date *=no data",
              "Modifier 0=not allowed 1=allowed 9=not applicable", "PTP Edit Rationale"]  # fmt: skip
    for part, code in enumerate(("0001A", "64490"), 1):
        rows = [notice, header, [code, "64491", "", "20260401", "*", "1", "Because"]]
        name = f"medicare-ncci-2026q2-practitioner-ptp-edits-ccipra-v321r0-f{part}.zip"
        (folder / name).write_bytes(shaped.zip_of({f"ccipra-v321r0-f{part}.txt": shaped.tabs_of(rows)}))
    names = [each.name for each in build(folder, store=store)]
    assert names == ["NCCI_PAIR-20262-F1", "NCCI_PAIR-20262-F2"]
    assert [store.read(name, "ncci_pair")["column_1"].to_list() for name in names] == [["0001A"], ["64490"]]
