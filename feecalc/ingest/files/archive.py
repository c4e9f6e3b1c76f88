"""Sources of a build: a zip, a folder or single files, opened without trusting their content."""

from __future__ import annotations

import gzip
import hashlib
import io
import lzma
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from feecalc.errors import InvalidValue, StoreError, UnreadableFile, UnsafeArchive

READABLE_SUFFIXES = (".csv", ".txt", ".prn", ".xlsx", ".csv.gz", ".txt.gz")
OLD_WORKBOOK = ".xls"  # Excel's binary workbook, which CMS's zips held beside csv and txt until xlsx took its place
MOST_MEMBERS = 500
MOST_ENTRIES = 10_000  # with those of the workbooks inside, which may stand in it unpacked
# The largest file CMS publishes among those read here is ZIP+4 (some 95 MB); a whole RVU release unpacks to 11 MB.
MOST_BYTES = 400 * 2**20
_CHUNK = 2**20
_ENTRY = b"PK\x01\x02"  # begins each entry of a zip's directory
# What the unpackers of the standard library raise at damaged bytes.
DAMAGE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, OSError, EOFError, ValueError, RuntimeError,
    NotImplementedError, IndexError,
)  # fmt: skip


@dataclass(frozen=True)
class Member:
    """A readable file of a source: its name in the source, and its bytes on demand."""

    name: str
    read: Callable[[], bytes]
    sheet: str = ""  # of a workbook, the one to read; "" the first that holds a known table

    @property
    def stem(self) -> str:
        """The file name without folder and ending, in lower case."""
        return _without_suffix(PurePosixPath(self.name).name).lower()

    @property
    def form(self) -> str:
        """The form of the file: ``csv``, ``txt`` or ``xlsx``."""
        name = self.name.lower().removesuffix(".gz")
        return {"csv": "csv", "xlsx": "xlsx"}.get(name.rsplit(".", 1)[-1], "txt")


@dataclass(frozen=True)
class Source:
    """The source of a build: file name, sha256 of its bytes, members."""

    name: str
    sha256: str
    members: tuple[Member, ...]
    passed_over: tuple[str, ...] = ()
    sha256_of: Mapping[str, str] = field(default_factory=dict)  # of loose files, by their names


def _without_suffix(name: str) -> str:
    for suffix in sorted(READABLE_SUFFIXES, key=len, reverse=True):
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name


def _readable(name: str) -> bool:
    base = PurePosixPath(name).name
    return name.lower().endswith(READABLE_SUFFIXES) and not base.startswith((".", "~$")) and "__MACOSX" not in name


def old_workbooks(names: Iterable[str]) -> str:
    """Return what to do with the old Excel workbooks among the names, in a sentence; "" where there is none.

    One that stands beside a csv, text or xlsx of the same name is not needed.
    """
    names = list(names)
    readable = {_without_suffix(name).lower() for name in names if _readable(name)}
    old = [name for name in names if name.lower().endswith(OLD_WORKBOOK)]
    old = [name for name in old if name[: -len(OLD_WORKBOOK)].lower() not in readable]
    if not old:
        return ""
    what, object_ = ("is an old Excel workbook", "it") if len(old) == 1 else ("are old Excel workbooks", "each")
    return (
        f"{', '.join(old)} {what} (.xls), which feecalc does not read: open {object_} in a spreadsheet program, save "
        "it as .xlsx or .csv under the same name, and build the folder it lies in with the release's other files"
    )


def open_sources(path: Path) -> list[Source]:
    """Return the sources at ``path``: one for a zip or a file; for a folder, one for every zip and one for the rest."""
    if not path.exists():
        raise InvalidValue(f"{path}: no such file or folder")
    if path.is_dir():
        return _folder_sources(path)
    if _looks_like_table(path):
        return [_file_source(path.name, [path])]
    if old := old_workbooks([path.name]):
        raise UnreadableFile(old)
    return [open_zip(path)]


def _looks_like_table(path: Path) -> bool:
    if not _readable(path.name):
        return False
    # An .xlsx is a zip too; everything else that is not a zip but ends like a table is read as one.
    return path.name.lower().endswith(".xlsx") or not zipfile.is_zipfile(path)


def _folder_sources(folder: Path) -> list[Source]:
    entries = sorted(entry for entry in folder.iterdir() if entry.is_file())
    sources = [open_zip(entry) for entry in entries if entry.suffix.lower() == ".zip"]
    tables = [entry for entry in entries if _readable(entry.name)]
    if tables:
        sources.append(_file_source(folder.name, tables))
    if not sources:
        raise InvalidValue(nothing_to_build(folder, entries))
    return sources


def nothing_to_build(folder: Path, entries: Iterable[Path]) -> str:
    """Return the message that a folder has no file to build from, and what to do with old workbooks in it."""
    old = old_workbooks(entry.name for entry in entries)
    return f"{folder}: holds no zip, csv, txt or xlsx file" + (f"; {old}" if old else "")


def _bytes_of(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise UnsafeArchive(f"{path.name}: {size:,} bytes, more than any CMS file read here ({MOST_BYTES:,})")
        return path.read_bytes()
    except OSError as error:
        raise StoreError(f"{path}: cannot be read ({error.strerror})") from error


def _file_source(name: str, paths: list[Path]) -> Source:
    contents = {path.name: _bytes_of(path) for path in paths}
    digest = hashlib.sha256()
    for file_name in sorted(contents):
        digest.update(contents[file_name])
    members = tuple(
        Member(file_name, _unpacking(file_name, content) if file_name.lower().endswith(".gz") else _giving(content))
        for file_name, content in contents.items()
    )
    return Source(name, digest.hexdigest(), members)


def _giving(content: bytes) -> Callable[[], bytes]:
    return lambda: content


def _unpacking(name: str, content: bytes) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
                return _bounded(stream.read, name)
        except DAMAGE as error:
            raise UnreadableFile(f"{name}: damaged or truncated gzip ({error})") from error

    return read


def _bounded(read: Callable[[int], bytes], name: str) -> bytes:
    chunks: list[bytes] = []
    total = 0
    while chunk := read(_CHUNK):
        total += len(chunk)
        if total > MOST_BYTES:
            raise UnsafeArchive(f"{name}: unpacks to more than {MOST_BYTES:,} bytes; no CMS release does")
        chunks.append(chunk)
    return b"".join(chunks)


def refuse_many_entries(name: str, file: IO[bytes], most: int) -> None:
    """Raise UnsafeArchive for a zip with more than ``most`` entries, before memory is taken for each; then rewind."""
    file.seek(0)
    entries, rest = 0, b""
    while chunk := file.read(_CHUNK):
        seen = rest + chunk
        entries += seen.count(_ENTRY)
        rest = seen[1 - len(_ENTRY) :]
    file.seek(0)
    if entries > most:
        raise UnsafeArchive(f"{name}: a zip of more than {most:,} files; none read here has as many")


def file_type_words(content: bytes) -> str:
    """Return in a few words what bytes that are not a zip look like."""
    head = content[:2048].lstrip().lower()
    if not content:
        return "an empty file"
    if head.startswith((b"<!doctype html", b"<html", b"<head", b"<?xml")) or b"<html" in head:
        title = re.search(rb"<title[^>]*>([^<]{1,120})", content[:65536], re.IGNORECASE)
        named = f" titled {' '.join(title[1].decode('latin-1').split())!r}" if title else ""
        return f"an HTML page{named}"
    if head.startswith(b"%pdf"):
        return "a PDF"
    if content.startswith(b"PK\x03\x04"):
        return "a zip that was cut short"
    return "not a zip"


def open_zip(path: Path) -> Source:
    """Return a CMS zip as a source. Nothing is written to disk: members are read into memory, within bounds.

    Raises UnreadableFile (not a zip, truncated, encrypted) and UnsafeArchive (a path that climbs out, a link, too
    many members, too many bytes).
    """
    content = _bytes_of(path)
    refuse_many_entries(path.name, io.BytesIO(content), MOST_ENTRIES)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        infos = archive.infolist()
    except DAMAGE as error:
        raise UnreadableFile(
            f"{path.name}: {file_type_words(content)}, where a CMS zip was expected; "
            "download it again or take it in a browser"
        ) from error
    _refuse_unsafe(path.name, infos)
    members = tuple(
        Member(info.filename, _reading(path.name, archive, info))
        for info in infos
        if not info.is_dir() and _readable(info.filename)
    )
    others = tuple(info.filename for info in infos if not info.is_dir() and not _readable(info.filename))
    return Source(path.name, hashlib.sha256(content).hexdigest(), members, others)


def _refuse_unsafe(archive_name: str, infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > MOST_MEMBERS:
        raise UnsafeArchive(f"{archive_name}: {len(infos):,} members, more than any CMS release holds")
    for info in infos:
        # info.filename is cut at a NUL and its separators are normalized; orig_filename is what the zip really says
        parts = re.split(r"[\\/]", info.orig_filename)
        if ".." in parts or info.orig_filename.startswith(("/", "\\")) or re.match(r"^[A-Za-z]:", info.orig_filename):
            raise UnsafeArchive(f"{archive_name}: member {info.orig_filename!r} climbs out of its folder; refused")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise UnsafeArchive(f"{archive_name}: member {info.orig_filename!r} is a link; refused")
        if info.flag_bits & 0x1:
            raise UnreadableFile(f"{archive_name}: member {info.filename!r} is encrypted; CMS's zips are not")
    total = sum(info.file_size for info in infos)
    if total > MOST_BYTES:
        raise UnsafeArchive(f"{archive_name}: unpacks to {total:,} bytes, over {MOST_BYTES:,}; no CMS release does")


def _reading(archive_name: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            with archive.open(info) as stream:
                return _bounded(stream.read, f"{archive_name}: {info.filename}")
        except DAMAGE as error:
            raise UnreadableFile(f"{archive_name}: member {info.filename!r} is damaged ({error})") from error

    return read
