"""From a zip or folder to the store: what is built."""

import hashlib
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from cms_shaped import (
    AREAS,
    SERVICES,
    anes_csv,
    base_units_xlsx,
    csv_of,
    gpci_csv,
    gpci_txt,
    gpci_xlsx,
    of_qps,
    oppscap_csv,
    oppscap_rows,
    pprrvu_cells,
    pprrvu_csv,
    pprrvu_txt,
    pprrvu_xlsx,
    release_members,
    release_zip,
    zip5_txt,
    zip_of,
    zip_plus4_csv,
)

from feecalc.errors import CheckFailed, InvalidValue, MissingMember, UnreadableFile
from feecalc.ingest.build import Order, build, build_sources
from feecalc.ingest.checks import CheckResult


def counts(manifest) -> dict[str, int]:
    return {table: entry["rows"] for table, entry in manifest.tables.items()}


def put(folder: Path, members: dict[str, bytes]) -> Path:
    for name, content in members.items():
        (folder / name).write_bytes(content)
    return folder


def test_a_whole_release(store, folder):
    path = release_zip(folder, "25D")
    (manifest,) = build(path, store=store)
    assert manifest == store.manifest("RVU25D")
    assert (manifest.kind, manifest.year, str(manifest.first_date_of_service)) == ("release", 2025, "2025-10-01")
    assert manifest.source == {
        "name": "rvu25d.zip",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "address": None,
        "retrieved": None,
        "etag": None,
        "last_modified": None,
    }
    assert counts(manifest) == {
        "rvu": len(SERVICES),
        "gpci": len(AREAS),
        "oppscap": len(oppscap_rows()),
        "anesthesia": len(AREAS),
        "county": len(AREAS),
    }
    assert manifest.tables["rvu"]["member"] == "PPRRVU2025_Oct.csv"
    assert [check for check in manifest.checks if check["failed"]] == []
    assert {"totals", "conversion_factor", "gpci_localities", "work_floor", "modifiers", "rvu_key"} <= {
        check["check"] for check in manifest.checks
    }
    assert {check["check"]: check["checked"] for check in manifest.checks}["totals"] == len(SERVICES)
    assert not manifest.allowed_warnings
    assert manifest.notes == ("RVU25D.pdf: not a table of the release, not read",)
    assert store.read("RVU25D", "rvu").height == len(SERVICES)
    assert store.read("RVU25D", "rvu")["conversion_factor"].unique().to_list() == [Decimal("32.3465")]


def test_two_tracks_are_one_release_with_a_table_each(store, folder):
    (manifest,) = build(release_zip(folder, "26C"), store=store)
    assert manifest.name == "RVU26C"
    assert manifest.tables["rvu"]["member"] == "PPRRVU2026_Jul_nonQPP.csv"
    assert manifest.tables["rvu_qp"]["member"] == "PPRRVU2026_Jul_QPP.csv"
    assert store.read("RVU26C", "rvu")["conversion_factor"].unique().to_list() == [Decimal("33.4009")]
    assert store.read("RVU26C", "rvu_qp")["conversion_factor"].unique().to_list() == [Decimal("33.5675")]
    assert {"conversion_factor_other", "conversion_factor_qp", "totals_qp", "modifiers_qp"} <= {
        check["check"] for check in manifest.checks
    }
    assert not manifest.allowed_warnings


def test_how_the_members_of_two_tracks_differ_is_noted_with_counts(store, folder):
    """By SERVICES: status J, B and I stand in the nonQPP member only; 70551 and 70551-TC have OPPS columns.

    7.96 x 33.4009 / 33.5675 = 7.9205, 7.43 x ... = 7.3931: other by two decimals; 0.11 and 0.04 stay as they are.
    """
    (manifest,) = build(release_zip(folder, "26C"), store=store)
    unpaid = [row for row in SERVICES if row.status in "JBI"]
    assert len(unpaid) == 3
    nonqpp, qpp = "PPRRVU2026_Jul_nonQPP.csv", "PPRRVU2026_Jul_QPP.csv"
    (alone,) = (note for note in manifest.notes if "only:" in note)
    assert alone.startswith(f"3 rows in {nonqpp} only: ")
    assert all(f"1 of status {letter}" in alone for letter in "JBI")
    (other,) = (note for note in manifest.notes if "other values" in note)
    assert other == (
        f"{qpp} has other values than {nonqpp} in {len(SERVICES) - 3} rows of {len(SERVICES) - 3} that stand in both: "
        f"pricing_indicator in {len(SERVICES) - 3}, "
        "opps_pe_rvu_nonfacility in 2, opps_pe_rvu_facility in 2; a QP is priced by its own member's"
    )


def test_one_track_alone_is_said(store, folder):
    path = release_zip(folder, "26C", without=["PPRRVU2026_Jul_QPP"])
    (manifest,) = build(path, store=store)
    assert "no QPP member: its conversion factor of 2026 comes from the dated rule" in manifest.notes
    assert "rvu_qp" not in manifest.tables


def test_the_qpp_member_alone_is_refused(store, folder):
    path = release_zip(folder, "26C", without=["PPRRVU2026_Jul_nonQPP"])
    with pytest.raises(MissingMember, match=r"members only PPRRVU2026_Jul_QPP\.csv could be read"):
        build(path, store=store)


@pytest.mark.parametrize("change", ["work", "missing", "more"])
def test_two_tracks_that_differ_are_kept_each_for_its_own(store, folder, change):
    """What differs in meaning is no contradiction: the rows are kept for their track, and the difference is counted."""
    services = [
        replace(row, work="9.99") if row.hcpcs == "43235" and change == "work" else row for row in of_qps(SERVICES)
    ]
    services = services[:-1] if change == "missing" else services
    services += [replace(SERVICES[0], hcpcs="00103")] if change == "more" else []
    qpp = pprrvu_csv(services, factor="33.5675", year=2026, month="July", pricing_column=True)
    (manifest,) = build(release_zip(folder, "26C", changed={"PPRRVU2026_Jul_QPP.csv": qpp}), store=store)
    rows = store.read("RVU26C", "rvu_qp")
    if change == "work":
        assert rows.filter(pl.col("hcpcs") == "43235")["work_rvu"].to_list() == [Decimal("9.99")]
        assert any("work_rvu in 1," in note for note in manifest.notes)
    elif change == "missing":
        assert SERVICES[-1].hcpcs not in rows["hcpcs"].to_list()
        assert any(note.startswith("4 rows in PPRRVU2026_Jul_nonQPP.csv only") for note in manifest.notes)
    else:
        assert "1 row in PPRRVU2026_Jul_QPP.csv only: 1 of status J" in manifest.notes


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"factor": "33.4009"}, "conversion_factor_qp"),
        ({"total_nonfacility": "9.99"}, "totals_qp"),
    ],
)
def test_a_qpp_member_that_contradicts_a_rule_or_itself_is_refused(store, folder, change, check):
    factor = change.get("factor", "33.5675")
    services = [replace(row, **{k: v for k, v in change.items() if k != "factor"}) for row in of_qps(SERVICES)]
    qpp = pprrvu_csv(services, factor=factor, year=2026, month="July", pricing_column=True)
    path = release_zip(folder, "26C", changed={"PPRRVU2026_Jul_QPP.csv": qpp})
    with pytest.raises(CheckFailed, match=rf"{check} \(error\)"):
        build(path, store=store)
    assert store.manifests() == []


def test_what_is_new_is_installed_and_counted(store, folder):
    """A status, an indicator and a column that no rule knows; a code of OPPSCAP that PPRRVU lacks is another test's."""
    services = [replace(row, status="K") if row.hcpcs == "99070" else row for row in SERVICES]
    services = [replace(row, mppr="8") if row.hcpcs == "43235" else row for row in services]
    cells = [[*row, "NEW" if at == 7 else "COLUMN" if at == 8 else ""] for at, row in enumerate(pprrvu_cells(services))]
    (manifest,) = build(release_zip(folder, changed={"PPRRVU2025_Oct.csv": csv_of(cells)}), store=store)
    (new,) = (check for check in manifest.checks if check["check"] == "indicators")
    assert (new["severity"], new["failed"]) == ("note", 2)
    assert "status_indicator 'K' in 1 row" in new["detail"]
    assert "mppr_indicator '8' in 1 row" in new["detail"]
    assert any("column 'NEW COLUMN' is not one this version knows" in note for note in manifest.notes)
    assert not manifest.allowed_warnings


def test_a_member_of_qps_beside_another_is_set_apart(store, folder):
    """Where a table that is kept once came in two tracks, everybody's is read."""
    path = release_zip(
        folder,
        "26C",
        without=["ANES2026.csv"],
        changed={
            "ANES2026_nonQPP.csv": anes_csv(national="20.4976"),
            "ANES2026_QPP.csv": anes_csv(national="20.5998"),
        },
    )
    (manifest,) = build(path, store=store)
    assert manifest.tables["anesthesia"]["member"] == "ANES2026_nonQPP.csv"
    words = "ANES2026_QPP.csv: of qualifying participants alone, not read"
    assert any(note.startswith(words) for note in manifest.notes)


def test_one_member_a_table_is_read_and_the_others_noted(store, folder):
    """The spreadsheet and the text are not even looked at: here they are rubbish."""
    rubbish = {"PPRRVU2025_Oct.txt": b"rubbish", "PPRRVU2025_Oct.xlsx": b"rubbish", "GPCI2025.xlsx": b"rubbish"}
    (manifest,) = build(release_zip(folder, changed=rubbish), store=store)
    assert manifest.tables["rvu"]["member"] == "PPRRVU2025_Oct.csv"
    assert (
        "PPRRVU2025_Oct.txt, PPRRVU2025_Oct.xlsx: passed over, the same table as PPRRVU2025_Oct.csv" in manifest.notes
    )
    assert "GPCI2025.xlsx: passed over, the same table as GPCI2025.csv" in manifest.notes


def test_csv_then_txt_then_xlsx(store, folder):
    no_csv = ["PPRRVU2025_Oct.csv", "GPCI2025.csv"]
    text = {"PPRRVU2025_Oct.txt": pprrvu_txt(), "GPCI2025.txt": gpci_txt()}
    sheets = {"PPRRVU2025_Oct.xlsx": pprrvu_xlsx(), "GPCI2025.xlsx": gpci_xlsx()}
    (manifest,) = build(release_zip(folder, without=no_csv, changed=text | sheets), store=store)
    assert manifest.tables["rvu"]["member"] == "PPRRVU2025_Oct.txt"
    assert manifest.tables["gpci"]["member"] == "GPCI2025.txt"
    by_text = store.read("RVU25D", "rvu").drop("source_line")
    (manifest,) = build(release_zip(folder, without=[*no_csv, *text], changed=sheets), store=store)
    assert manifest.tables["rvu"]["member"] == "PPRRVU2025_Oct.xlsx"
    assert store.read("RVU25D", "rvu").drop("source_line").equals(by_text)


def test_two_names_of_one_table(store, folder):
    (manifest,) = build(release_zip(folder, changed={"PPRRVU25_OCT.xlsx": pprrvu_xlsx()}), store=store)
    assert "PPRRVU25_OCT.xlsx: passed over, the same table as PPRRVU2025_Oct.csv" in manifest.notes


def test_a_folder_of_loose_files(store, tmp_path):
    (tmp_path / "rvu25d").mkdir()
    (manifest,) = build(put(tmp_path / "rvu25d", release_members("25D")), store=store)
    assert manifest.name == "RVU25D"
    assert manifest.source["name"] == "rvu25d"
    (tmp_path / "any").mkdir()
    (manifest,) = build(put(tmp_path / "any", release_members("25D")), store=store)
    assert manifest.name == "RVU25D"


def test_a_folder_of_zips_builds_each_and_loses_none_to_a_bad_one(store, folder):
    release_zip(folder, "25D")
    release_zip(folder, "25B")
    (folder / "rvu25c.zip").write_text("<html><title>Log in</title></html>")
    (folder / "readme.txt").write_text("nothing CMS would print")
    said: list[str] = []
    outcomes = dict(build_sources(folder, Order(store, report=said.append)))
    assert [manifest.name for manifest in outcomes["rvu25d.zip"]] == ["RVU25D"]
    assert [manifest.name for manifest in outcomes["rvu25b.zip"]] == ["RVU25B"]
    assert isinstance(outcomes["rvu25c.zip"], UnreadableFile)
    assert outcomes.keys() == {"rvu25d.zip", "rvu25b.zip", "rvu25c.zip"}
    assert said == ["readme.txt: no table that feecalc knows, not read"]
    assert [manifest.name for manifest in store.manifests()] == ["RVU25B", "RVU25D"]
    with pytest.raises(UnreadableFile):
        build(folder, store=store)


def test_a_folder_as_it_was_left(store, folder):
    """Zips, folders in folders, loose files and what other programs leave: all that is known is installed."""
    release_zip(folder, "26D").rename(folder / "rvu26d-updated-08-26-2026 (1).zip")
    (folder / "old" / "rvu25d").mkdir(parents=True)
    put(folder / "old" / "rvu25d", release_members("25D"))
    (folder / "ZIP codes").mkdir()
    (folder / "ZIP codes" / "ZIP5_OCT2025.txt").write_bytes(zip5_txt())
    (folder / "__MACOSX").mkdir()
    (folder / "__MACOSX" / "GPCI2025.csv").write_text("not looked at")
    (folder / "photos.zip").write_bytes(zip_of({"beach.jpg": b"no table"}))
    for name in ("notes.txt", "Thumbs.db", "letter.docx", ".DS_Store", "~$GPCI2025.xlsx"):
        (folder / name).write_text("a note to self")
    said: list[str] = []
    outcomes = list(build_sources(folder, Order(store, report=said.append)))
    installed = sorted(manifest.name for _, found in outcomes for manifest in found)
    assert installed == ["RVU25D", "RVU26D", "ZIP5-20254"]
    (passed_over,) = said
    assert passed_over.endswith(": no table that feecalc knows, not read")
    assert set(passed_over.partition(":")[0].split(", ")) == {"photos.zip", "notes.txt", "Thumbs.db", "letter.docx"}
    assert store.manifest("RVU25D").source["name"] == "old/rvu25d"


def test_the_later_update_of_a_release_is_built_whatever_sorts_first(store, folder):
    """``feecalc fetch --from`` the folder takes the same one."""
    release_zip(folder, "26D")
    update = release_zip(folder, "26D", areas=AREAS[:-1]).rename(folder / "rvu26d-updated-11-15-2026.zip")
    release_zip(folder, "26D")
    said: list[str] = []
    outcomes = list(build_sources(folder, Order(store, report=said.append)))
    assert [name for name, _ in outcomes] == [update.name]
    assert store.manifest("RVU26D").tables["gpci"]["rows"] == len(AREAS) - 1
    assert said == [f"rvu26d.zip: passed over, {update.name} is by its name the later RVU26D"]


def test_a_folder_in_which_nothing_is_known_is_refused(store, folder):
    (folder / "notes.txt").write_text("a note to self")
    (folder / "photos.zip").write_bytes(zip_of({"beach.jpg": b"no table"}))
    outcomes = dict(build_sources(folder, Order(store)))
    assert outcomes.keys() == {"photos.zip", "files"}
    assert all(isinstance(error, MissingMember) for error in outcomes.values())


def test_a_folder_of_several_releases_files_is_taken_apart_by_their_names(store, folder):
    put(folder, release_members("25D"))
    put(folder, release_members("25B"))
    put(folder, release_members("23A"))
    (folder / "ANES2023.csv").write_bytes(anes_csv(national="21.1249"))
    manifests = build(folder, store=store)
    assert [manifest.name for manifest in manifests] == ["RVU23A", "RVU25D", "RVU25B"]
    assert {m.name: m.tables["gpci"]["member"] for m in manifests} == {
        "RVU23A": "GPCI2023.csv",
        "RVU25B": "GPCI2025.csv",
        "RVU25D": "GPCI2025.csv",
    }
    assert {m.name: m.tables["oppscap"]["member"] for m in manifests}["RVU25B"] == "OPPSCAP_Apr.csv"
    with pytest.raises(InvalidValue, match="files holds 3 releases and --release names one"):
        build(folder, store=store, release="RVU25D")


def test_a_folder_that_cannot_be_taken_apart_is_refused(store, folder):
    put(folder, release_members("25D"))
    put(folder, release_members("23D"))  # OPPSCAP_Oct.csv: of which of the two?
    with pytest.raises(CheckFailed, match=r"PPRRVU2023_Oct\.csv.*OPPSCAP_Oct\.csv does not say whose it is"):
        build(folder, store=store)
    (folder / "PPRRVU.csv").write_bytes(pprrvu_csv())
    with pytest.raises(CheckFailed, match="not all with year and month in their names"):
        build(folder, store=store)
    assert store.manifests() == []


def test_one_table_twice_is_refused(store, folder):
    path = release_zip(folder, changed={"again/GPCI2025.csv": gpci_csv()})
    with pytest.raises(CheckFailed, match=r"2 members hold the gpci table \(GPCI2025\.csv, again/GPCI2025\.csv\)"):
        build(path, store=store)


def test_the_indices_of_another_year_beside_the_right_ones(store, folder):
    (manifest,) = build(release_zip(folder, changed={"GPCI2024.csv": gpci_csv(year=2024)}), store=store)
    assert manifest.tables["gpci"]["member"] == "GPCI2025.csv"
    assert "GPCI2024.csv: passed over, not of this release" in manifest.notes


def test_optional_members(store, folder):
    (manifest,) = build(release_zip(folder, without=["OPPSCAP", "ANES", "25LOCCO"]), store=store)
    assert list(manifest.tables) == ["rvu", "gpci"]
    assert "no OPPSCAP, no ANES, no LOCCO member: optional" in manifest.notes


def test_other_files_are_entries_of_their_own(store, folder):
    put(folder, {"ZIP5_OCT2025.txt": zip5_txt(), "anesthesia_base_units_2022.xlsx": base_units_xlsx([("00100", "5")])})
    put(folder, {"zip_plus4_2020-2025.csv": zip_plus4_csv([("33301", "", "09102", "03", "2020", "9999")])})
    names = {manifest.name: manifest for manifest in build(folder, store=store)}
    kinds = {name: manifest.kind for name, manifest in names.items()}
    assert set(kinds.values()) == {"zip5", "zip_plus4", "base_units"}
    assert kinds["BASE_UNITS-2022"] == "base_units"
    (zip5,) = [name for name, kind in kinds.items() if kind == "zip5"]
    assert store.read(zip5, "zip5").height == names[zip5].tables["zip5"]["rows"] > 0
    assert store.manifests("release") == []


def test_a_file_that_does_not_say_its_year(store, folder):
    mixed = zip5_txt(year_quarter="20254") + zip5_txt([("AK", "99502", "02102", "01", " ", "0")], year_quarter="20261")
    (folder / "zips.txt").write_bytes(mixed)
    with pytest.raises(InvalidValue, match=r"zips\.txt of zips\.txt does not say its year; put it into the file"):
        build(folder / "zips.txt", store=store)


def test_provenance_is_kept(store, folder):
    known = {"address": "https://example.org/rvu25d.zip", "retrieved": "2026-01-01", "etag": "1", "last_modified": None}
    (manifest,) = build(release_zip(folder), store=store, provenance=known)
    assert manifest.source.items() >= known.items()


def test_more_checks_are_asked(store, folder):
    asked = []

    def more(frames, name):
        asked.append((sorted(frames), name))
        return CheckResult("recomputed", "error", 5, failed, "as CMS prints it", ({"hcpcs": "74176"},) * failed)

    failed = 0
    (manifest,) = build(release_zip(folder), store=store, more_checks=[more])
    assert asked == [(["anesthesia", "county", "gpci", "oppscap", "rvu"], "RVU25D")]
    assert manifest.checks[-1]["check"] == "recomputed"
    failed = 1
    with pytest.raises(CheckFailed, match=r"recomputed \(error\): 1 of 5 failed.*\n    hcpcs 74176"):
        build(release_zip(folder), store=store, more_checks=[more])


def test_warnings_are_refused_unless_allowed_and_then_recorded(store, folder):
    apart = [replace(row, mp="0.05") if (row.hcpcs, row.modifier) == ("77003", "26") else row for row in SERVICES]
    path = release_zip(folder, services=apart)
    with pytest.raises(CheckFailed, match=r"modifiers \(warning\): 1 of .*\n    hcpcs 77003.*\n.*--allow-warnings"):
        build(path, store=store)
    assert store.manifests() == []
    (manifest,) = build(path, store=store, allow_warnings=True)
    assert manifest.allowed_warnings
    (failed,) = [check for check in manifest.checks if check["failed"]]
    assert (failed["check"], failed["sample"][0]["hcpcs"]) == ("modifiers", "77003")


def test_a_code_and_a_locality_of_oppscap_alone_are_noted(store, folder):
    """New in one table: installed, counted, and named by ``feecalc releases``."""
    more = [["99999", "", "A", "09102", "04", "1.00", "1.00"], ["70551", "TC", "A", "99102", "09", "1.00", "1.00"]]
    path = release_zip(folder, changed={"OPPSCAP_Oct.csv": oppscap_csv([*oppscap_rows(), *more])})
    (manifest,) = build(path, store=store)
    noted = {check["check"]: check["sample"] for check in manifest.checks if check["failed"]}
    assert noted == {
        "oppscap_codes": [{"hcpcs": "99999", "modifier": ""}],
        "oppscap_localities": [{"mac": "99102", "locality": "09"}],
    }
    assert {check["severity"] for check in manifest.checks if check["failed"]} == {"note"}
    assert not manifest.allowed_warnings


def test_errors_are_not_allowed_by_allowing_warnings(store, folder):
    path = release_zip(folder, changed={"PPRRVU2025_Oct.csv": pprrvu_csv(factor="32.3466")})
    with pytest.raises(CheckFailed, match=r"conversion_factor \(error\).*\n(.*\n)*.*conversion_factor 32\.3466"):
        build(path, store=store, allow_warnings=True)
