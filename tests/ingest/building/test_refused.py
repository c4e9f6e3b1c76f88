"""What is not built, with the old release left as it was."""

import io
import zipfile
from dataclasses import replace

import pytest
from cms_shaped import SERVICES, gpci_csv, payment_amount_txt, pprrvu_csv, release_zip, zip_of

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
from feecalc.ingest.build import build
from feecalc.ingest.store import Store


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
