"""From a zip or folder to the store: what is built, and what is refused with the old release left as it was."""

import hashlib
import io
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from cms_shaped import (
    AREAS,
    SERVICES,
    anes_csv,
    base_units_xlsx,
    gpci_csv,
    gpci_txt,
    gpci_xlsx,
    oppscap_csv,
    oppscap_rows,
    payment_amount_txt,
    pprrvu_csv,
    pprrvu_txt,
    pprrvu_xlsx,
    release_members,
    release_zip,
    zip5_txt,
    zip_of,
    zip_plus4_csv,
)

from feecalc.errors import (
    BadValue,
    CheckFailed,
    DuplicateKey,
    InvalidValue,
    MissingColumn,
    MissingMember,
    StoreError,
    UnreadableFile,
    UnsafeArchive,
)
from feecalc.ingest import store as store_module
from feecalc.ingest.build import Order, build, build_each
from feecalc.ingest.checks import CheckResult
from feecalc.ingest.store import Store

REPOSITORY = Path(__file__).parents[2]
CMS_ZIPS = REPOSITORY.parent / "shared" / "cms" / "zips"
ANES_2026 = {"ANES2026.csv": anes_csv(national="20.4976")}


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "home")


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "files"
    path.mkdir()
    return path


def counts(manifest) -> dict[str, int]:
    return {table: entry["rows"] for table, entry in manifest.tables.items()}


def put(folder: Path, members: dict[str, bytes]) -> Path:
    for name, content in members.items():
        (folder / name).write_bytes(content)
    return folder


# --- what is built ------------------------------------------------------------------------------------------------


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


def test_two_tracks_are_one_release_with_two_factors(store, folder):
    (manifest,) = build(release_zip(folder, "26C", changed=ANES_2026), store=store)
    assert manifest.name == "RVU26C"
    assert manifest.tables["rvu"]["member"] == "PPRRVU2026_Jul_nonQPP.csv and PPRRVU2026_Jul_QPP.csv"
    assert manifest.facts["rvu"]["conversion_factor.other"] == "33.4009"
    assert manifest.facts["rvu"]["conversion_factor.qp"] == "33.5675"
    assert store.read("RVU26C", "rvu")["conversion_factor"].unique().to_list() == [Decimal("33.4009")]
    assert {"conversion_factor_other", "conversion_factor_qp"} <= {check["check"] for check in manifest.checks}


def test_one_track_alone_is_said(store, folder):
    path = release_zip(folder, "26C", changed=ANES_2026, without=["PPRRVU2026_Jul_QPP"])
    (manifest,) = build(path, store=store)
    assert "no QPP member: its conversion factor of 2026 comes from the dated rule" in manifest.notes


@pytest.mark.parametrize("change", ["work", "missing", "more"])
def test_two_tracks_that_differ_in_rvus_are_refused(store, folder, change):
    services = [replace(row, work="9.99") if row.hcpcs == "43235" and change == "work" else row for row in SERVICES]
    services = services[:-1] if change == "missing" else services
    services += [replace(SERVICES[0], hcpcs="00103")] if change == "more" else []
    qpp = pprrvu_csv(services, factor="33.5675", year=2026, month="July", pricing_column=True)
    path = release_zip(folder, "26C", changed={**ANES_2026, "PPRRVU2026_Jul_QPP.csv": qpp})
    words = r"nonQPP\.csv and PPRRVU2026_Jul_QPP\.csv may differ in the conversion factor only"
    with pytest.raises(CheckFailed, match=words) as no:
        build(path, store=store)
    assert {"work": "43235", "missing": SERVICES[-1].hcpcs, "more": "00103"}[change] in str(no.value)
    assert store.manifests() == []


def test_a_wrong_factor_of_the_other_track_is_refused(store, folder):
    qpp = pprrvu_csv(factor="33.4009", year=2026, month="July", pricing_column=True)
    path = release_zip(folder, "26C", changed={**ANES_2026, "PPRRVU2026_Jul_QPP.csv": qpp})
    with pytest.raises(CheckFailed, match=r"conversion_factor_qp \(error\)"):
        build(path, store=store)


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
    outcomes = dict(build_each(folder, Order(store)))
    assert [manifest.name for manifest in outcomes["rvu25d.zip"]] == ["RVU25D"]
    assert [manifest.name for manifest in outcomes["rvu25b.zip"]] == ["RVU25B"]
    assert isinstance(outcomes["rvu25c.zip"], UnreadableFile)
    assert isinstance(outcomes["files"], MissingMember)
    assert [manifest.name for manifest in store.manifests()] == ["RVU25B", "RVU25D"]
    with pytest.raises(UnreadableFile):
        build(folder, store=store)


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
    row = ["99999", "", "A", "09102", "04", "1.00", "1.00"]
    path = release_zip(folder, changed={"OPPSCAP_Oct.csv": oppscap_csv([*oppscap_rows(), row])})
    with pytest.raises(CheckFailed, match=r"oppscap_codes \(warning\): 1 of .*\n    hcpcs 99999.*\n.*--allow-warnings"):
        build(path, store=store)
    assert store.manifests() == []
    (manifest,) = build(path, store=store, allow_warnings=True)
    assert manifest.allowed_warnings
    (failed,) = [check for check in manifest.checks if check["failed"]]
    assert (failed["check"], failed["sample"]) == ("oppscap_codes", [{"hcpcs": "99999", "modifier": ""}])


def test_errors_are_not_allowed_by_allowing_warnings(store, folder):
    path = release_zip(folder, changed={"PPRRVU2025_Oct.csv": pprrvu_csv(factor="32.3466")})
    with pytest.raises(CheckFailed, match=r"conversion_factor \(error\).*\n(.*\n)*.*conversion_factor 32\.3466"):
        build(path, store=store, allow_warnings=True)


# --- what is refused ----------------------------------------------------------------------------------------------


def member(services=SERVICES, **options) -> dict[str, bytes]:
    return {"PPRRVU2025_Oct.csv": pprrvu_csv(services, **options)}


def with_row(**fields) -> dict[str, bytes]:
    return member([replace(row, **fields) if row.hcpcs == "43239" else row for row in SERVICES])


def without_column(name: bytes) -> dict[str, bytes]:
    return {"PPRRVU2025_Oct.csv": pprrvu_csv().replace(name, b"SOMETHING ELSE")}


BAD_RELEASES = {
    "missing PPRRVU": ({"without": ["PPRRVU"]}, MissingMember, r"no member holds PPRRVU.*Seen: GPCI2025\.csv"),
    "missing GPCI": ({"without": ["GPCI"]}, MissingMember, r"no member holds GPCI.*Seen: PPRRVU2025_Oct\.csv"),
    "missing column": (
        {"changed": {"GPCI2025.csv": gpci_csv().replace(b"2025 PE GPCI", b"Another index")}},
        MissingColumn,
        r"GPCI2025\.csv.*PE GPCI",
    ),
    "duplicate key": ({"changed": member([*SERVICES, SERVICES[3]])}, DuplicateKey, "43239"),
    "not a number": (
        {"changed": with_row(work="2.3x", total_nonfacility="1.00", total_facility="1.00")},
        BadValue,
        "43239.*not a number",
    ),
    "negative": ({"changed": with_row(work="-2.39")}, BadValue, "43239.*negative"),
    "total": ({"changed": with_row(total_facility="4.11")}, CheckFailed, r"totals \(error\): 1 of .*\n    hcpcs 43239"),
    "factor": ({"changed": member(factor="33.2875")}, CheckFailed, r"conversion_factor \(error\).*on 2025-10-01"),
    "GPCI of another year": (
        {"changed": {"GPCI2024.csv": gpci_csv(year=2024)}, "without": ["GPCI2025"]},
        CheckFailed,
        r"gpci_year \(error\).*\n    gpci_year 2024, release RVU25D",
    ),
    "another month": ({"changed": member(month="July")}, CheckFailed, "rvu25d.zip says RVU25D.*says July 2025"),
    "another year": ({"changed": member(year=2026)}, CheckFailed, "rvu25d.zip says RVU25D.*says October 2026"),
    "nothing known": (
        {"without": ["PPRRVU", "GPCI", "OPPSCAP", "ANES", "25LOCCO"]},
        MissingMember,
        r"no table that feecalc knows.*Seen: RVU25D\.pdf",
    ),
    "payment amounts": (
        {
            "without": ["PPRRVU", "GPCI", "OPPSCAP", "ANES", "25LOCCO"],
            "changed": {"PFREV4_2025.txt": payment_amount_txt([("09102", "04", "99213", "", "A", "95.00", "70.00")])},
        },
        MissingMember,
        "feecalc conformance FILE",
    ),
}


@pytest.fixture
def installed(store, tmp_path):
    """A release from before, which whatever is refused must leave as it is."""
    (tmp_path / "before").mkdir()
    (manifest,) = build(release_zip(tmp_path / "before"), store=store)
    yield manifest
    assert store.manifests() == [manifest]
    assert store.read("RVU25D", "rvu").height == len(SERVICES)
    names = {path.name for path in store.folder("RVU25D").iterdir()}
    assert names == {"manifest.json", *(table["file"] for table in manifest.tables.values())}


@pytest.mark.parametrize("case", BAD_RELEASES)
def test_a_bad_release_is_refused(store, folder, installed, case):
    options, error, words = BAD_RELEASES[case]
    with pytest.raises(error, match=words):
        build(release_zip(folder, **options), store=store)


def encrypted(content: bytes) -> bytes:
    """The zip with the encryption bit of its first member set, in both its headers."""
    at = content.index(b"PK\x01\x02") + 8
    changed = bytearray(content)
    changed[6] |= 1
    changed[at] |= 1
    return bytes(changed)


def bomb() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("PPRRVU2025_Oct.csv", "w") as file:
        for _ in range(500):
            file.write(bytes(2**20))
    return stream.getvalue()


BAD_ZIPS = {
    "HTML page": (lambda good: b"<!DOCTYPE html><title>Page not found</title>", UnreadableFile, "an HTML page titled"),
    "truncated": (lambda good: good[: len(good) // 2], UnreadableFile, "cut short"),
    "truncated inside": (lambda good: good[:200] + bytes(300) + good[500:], UnreadableFile, "damaged"),
    "encrypted": (encrypted, UnreadableFile, "encrypted"),
    "climbing": (lambda good: zip_of({"../PPRRVU2025_Oct.csv": b""}), UnsafeArchive, "climbs out of its folder"),
    "bomb": (lambda good: bomb(), UnsafeArchive, "unpacks to"),
    "empty": (lambda good: b"", UnreadableFile, "an empty file"),
    "no member": (lambda good: zip_of({}), MissingMember, "no member at all"),
}


@pytest.mark.parametrize("case", BAD_ZIPS)
def test_a_bad_zip_is_refused(store, folder, installed, case):
    change, error, words = BAD_ZIPS[case]
    path = release_zip(folder)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(error, match=words):
        build(path, store=store)


def test_a_path_that_is_not_there(store, folder, installed):
    with pytest.raises(InvalidValue, match="no such file or folder"):
        build(folder / "rvu25d.zip", store=store)
    with pytest.raises(InvalidValue, match="holds no zip, csv, txt or xlsx"):
        build(folder, store=store)


def test_a_full_disk(store, folder, installed, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    services = [replace(row, description="Another") for row in SERVICES]
    path = release_zip(folder, services=services)
    with monkeypatch.context() as patch:
        patch.setattr(store_module.os, "fsync", full)
        with pytest.raises(StoreError, match="No space left on device; free the disk"):
            build(path, store=store)


def test_a_home_that_cannot_be_written(folder):
    (folder / "file").write_text("")
    with pytest.raises(StoreError, match="Not a directory"):
        build(release_zip(folder), store=Store(folder / "file"))


BUILD = """
import sys
from pathlib import Path
from feecalc.ingest.build import build
from feecalc.ingest.store import Store
for _ in range(int(sys.argv[3])):
    build(Path(sys.argv[1]), store=Store(Path(sys.argv[2])))
"""


def test_two_processes_build_the_same_release(store, folder):
    path = release_zip(folder)
    command = [sys.executable, "-c", BUILD, str(path), str(store.home), "5"]
    processes = [subprocess.Popen(command, cwd=REPOSITORY, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    while any(process.poll() is None for process in processes):
        if store.manifests():
            assert store.read("RVU25D", "rvu").height == len(SERVICES)
    for process in processes:
        assert (process.communicate()[1], process.returncode) == ("", 0)
    assert len(list(store.folder("RVU25D").iterdir())) == 6


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_a_build_that_is_killed(store, folder, installed):
    import time

    path = release_zip(folder)
    for wait in range(4):
        command = [sys.executable, "-c", BUILD, str(path), str(store.home), "1000"]
        process = subprocess.Popen(command, cwd=REPOSITORY)
        time.sleep(0.9 + 0.013 * wait)
        process.kill()
        process.wait()
        assert store.read("RVU25D", "rvu").height == len(SERVICES)
    shutil.rmtree(store.home)
    build(path, store=store)  # what the fixture looks at
    store.write(installed, {table: store.read("RVU25D", table) for table in installed.tables})


# --- CMS's own ----------------------------------------------------------------------------------------------------

ZIPS = sorted(path.name for path in CMS_ZIPS.glob("*.zip")) or ["rvu26c.zip"]


@pytest.mark.parametrize("name", ZIPS)
def test_every_zip_of_cms_builds_without_allowing_anything(cms, store, name):
    (manifest,) = build(cms / "zips" / name, store=store)
    assert manifest.name == name.removesuffix(".zip").upper()
    assert not [check for check in manifest.checks if check["failed"]]
    assert not manifest.allowed_warnings
    # the retirement of three California localities with 2024: CMS's footnote to GPCI2024
    assert manifest.tables["gpci"]["rows"] == (112 if manifest.year < 2024 else 109)
    assert store.read(manifest.name, "rvu").height == manifest.tables["rvu"]["rows"] > 17_000


@pytest.mark.parametrize("form", ["txt", "xlsx"])
def test_the_three_forms_of_a_release_are_one(cms, store, tmp_path, form):
    """In every figure; some of CMS's words on places differ between its own csv and txt."""
    with zipfile.ZipFile(cms / "zips" / "rvu25d.zip") as archive:
        kept = [each for each in archive.namelist() if each.endswith(f".{form}")]
        archive.extractall(tmp_path / "rvu25d", kept)
    (manifest,) = build(tmp_path / "rvu25d", store=store)
    assert {entry["member"].rsplit(".", 1)[1] for entry in manifest.tables.values()} == {form}
    by_csv = Store(tmp_path / "csv")
    build(cms / "zips" / "rvu25d.zip", store=by_csv)
    words = {"rvu": ["source_line"], "anesthesia": ["locality_name"], "county": ["fee_schedule_area", "counties"]}
    for table in manifest.tables:
        mine, theirs = (each.read("RVU25D", table).drop(words.get(table, [])) for each in (store, by_csv))
        assert mine.equals(theirs), table


def test_other_files_of_cms(cms, store):
    names = [manifest.name for manifest in build(cms / "zip", store=store)]
    assert sorted(names) == ["ZIP5-20254", "ZIP5-20261", "ZIP_PLUS4-2025"]
    assert [m.name for m in build(cms / "anesthesia_base_units_2022.xlsx", store=store)] == ["BASE_UNITS-2022"]


def test_a_zip_under_a_name_that_does_not_say_its_release(cms, store, tmp_path):
    shutil.copy(cms / "zips" / "rvu24ar.zip", tmp_path / "2024.zip")
    with pytest.raises(InvalidValue, match="it can be RVU24A or RVU24AR"):
        build(tmp_path / "2024.zip", store=store)
    with pytest.raises(CheckFailed, match="conversion_factor"):  # 33.2875, and in January 32.7442 was in force
        build(tmp_path / "2024.zip", store=store, release="RVU24A")
    assert build(tmp_path / "2024.zip", store=store, release="RVU24AR")[0].name == "RVU24AR"
    shutil.copy(cms / "zips" / "rvu26b.zip", tmp_path / "rvu26c.zip")
    with pytest.raises(CheckFailed, match=r"RVU26C.*April 2026"):
        build(tmp_path / "rvu26c.zip", store=store)
