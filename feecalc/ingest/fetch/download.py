"""Download of a release's zip from cms.gov, a mirror or a folder: the file is complete or not kept.

One process at a time fetches a release (a lock on ``.RVU26C.lock``). Bytes go to ``RVU26C.zip.part``;
``RVU26C.zip.part.json`` says which version of which address they belong to, so that a broken transfer goes on where it
stopped, in this run or the next. Only a file that opens as a zip is renamed to ``RVU26C.zip``, with ``RVU26C.json``.
"""

from __future__ import annotations

import logging
import os
import re
import time
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from feecalc.errors import DownloadError, InvalidValue, UnreadableFile
from feecalc.ingest.fetch import origin as origins
from feecalc.ingest.fetch.landing import (
    Files,
    Version,
    read_json,
    release_lock,
    sha256_of,
    storing,
    version_of,
    write_json,
)
from feecalc.ingest.fetch.names import SeenAddress
from feecalc.ingest.fetch.origin import BROWSER, Broken, NotThere, shown
from feecalc.ingest.fetch.search import Search
from feecalc.ingest.files.archive import file_type_words

if TYPE_CHECKING:
    import requests

MOST_BYTES = 512 * 2**20  # a release is 2 to 10 MB
RESUMES = 5  # of a transfer that broke off

Progress = Callable[[int, int | None], None]
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Download:
    """A release's zip on disk and its origin. ``from_cache``: it was downloaded earlier."""

    path: Path
    address: str
    sha256: str
    retrieved: str
    etag: str | None
    last_modified: str | None
    from_cache: bool


def download_release(
    release: str,
    address: str,
    downloads: Path,
    *,
    addresses: Sequence[SeenAddress] = (),
    origin: str | None = None,
    page: str | None = None,
    zip_name: str | None = None,
    progress: Progress | None = None,
    report: Callable[[str], None] = _log.info,
) -> Download:
    """Download the zip of a release, or of another file, into ``downloads``, unless the one there is current.

    ``address`` and ``page`` are those CMS gave the release; ``addresses``, in place of the one, are all it was seen at,
    the newest file first. ``origin`` is a folder or a mirror to use in place of cms.gov. What is tried: ``search``.
    ``zip_name`` is what CMS calls the zip of another file (july-2026-opps-addendum-b); a release's is its own name.
    ``progress`` is told bytes so far and in all; it falls back to 0 where a server has to start again. Whoever calls
    has seen to the license first. Raises InvalidValue, DownloadError, UnreadableFile and StoreError.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]+" if zip_name else r"[A-Za-z0-9_]+", release):
        raise InvalidValue(f"{release!r} is not a release name; write it as RVU26C")
    place = None if origin is None else origins.place_of(origin)
    called = zip_name or release
    files = Files(downloads, release)
    report_progress = progress or (lambda done, total: None)
    with storing(files), release_lock(files, report):
        if isinstance(place, Path):
            return _copied(origins.zip_in_folder(place, called, report), files, report_progress)
        with origins.open_session() as session:
            search = Search(session, release, called, addresses or (SeenAddress(address),), page, place, report)
            for candidate in search:
                try:
                    return _fetched(session, candidate, files, report_progress)
                except NotThere as miss:
                    search.miss(candidate, miss)
                except (DownloadError, UnreadableFile) as error:
                    raise search.failed(error) from error
    raise search.not_found()


def _before(files: Files) -> Download | None:
    """Return the finished download of an earlier run, if its record still describes the zip; else None."""
    record = read_json(files.record)
    version = version_of(record)
    if version is None or not files.zip.is_file() or record.get("sha256") != sha256_of(files.zip):
        return None
    retrieved = str(record.get("retrieved"))
    return Download(files.zip, sha256=record["sha256"], retrieved=retrieved, from_cache=True, **asdict(version))


def _fetched(session: requests.Session, address: str, files: Files, progress: Progress) -> Download:
    """Return the zip of an address, downloaded. Raises NotThere if the address has something else."""
    before = _before(files)
    broken = Broken("")
    for attempt in range(RESUMES + 1):
        if attempt:
            time.sleep(min(origins.BACKOFF * 2**attempt, origins.LONGEST_WAIT))
        try:
            version = _transferred(session, address, files, before, progress)
        except Broken as error:
            broken = error
            continue
        if version is None and before is not None:
            return before
        return _settled(version or Version(shown(address)), files, before)
    if not files.part_record.exists():  # nothing a later run could go on from
        files.discard_part()
    raise DownloadError(
        f"{shown(address)}: the transfer broke off {RESUMES + 1} times, last with {broken}; "
        f"run the command again, or {BROWSER}"
    )


def _transferred(
    session: requests.Session, address: str, files: Files, before: Download | None, progress: Progress
) -> Version | None:
    """Return one request, its bytes added to the part. None if the server says the zip of before is still the one."""
    start, part_version = files.left_over(shown(address))
    headers: dict[str, str] = {}
    if part_version is not None:
        headers = {"Range": f"bytes={start}-", "If-Range": part_version.validator or ""}
    elif before is not None and before.address == shown(address):
        conditions = {"If-None-Match": before.etag, "If-Modified-Since": before.last_modified}
        headers = {name: value for name, value in conditions.items() if value}
    with origins.open_response(session, address, headers) as response:
        version = Version(shown(address), response.headers.get("ETag"), response.headers.get("Last-Modified"))
        encoded = response.headers.get("Content-Encoding", "identity").lower() != "identity"
        total: int | None = None
        if response.status_code == 304 and headers and part_version is None:
            return None
        if response.status_code == 206 and part_version is not None:
            spans = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", response.headers.get("Content-Range", "").strip())
            same = version.etag in (None, part_version.etag) and (
                version.last_modified in (None, part_version.last_modified)
            )
            if spans is None or int(spans[1]) != start or encoded or not same:
                files.discard_part()
                raise Broken("an answer to another range or version than was asked for")
            version, total = part_version, int(spans[2])
        elif response.status_code == 416 and part_version is not None:
            files.discard_part()
            raise Broken("416 Range Not Satisfiable")
        elif response.status_code == 200:
            start = 0
            length = response.headers.get("Content-Length", "")
            total = int(length) if length.isdecimal() and not encoded else None
        else:
            raise DownloadError(f"{shown(address)}: the server answered {response.status_code}; {BROWSER}")
        ranges = response.headers.get("Accept-Ranges", "").lower() == "bytes" and not encoded
        _received(origins.body(response), files, version, progress, start=start, total=total, resumable=ranges)
        return version


def _received(
    pieces: Iterable[bytes],
    files: Files,
    version: Version,
    progress: Progress,
    *,
    start: int = 0,
    total: int | None = None,
    resumable: bool = False,
) -> None:
    """Add the pieces to the part, from ``start`` on. Raises Broken if they are not as many bytes as announced."""
    size = start
    with files.part.open("ab" if start else "wb") as part:
        if not start:  # the part is empty by now: no record of another version may meet these bytes
            files.part_record.unlink(missing_ok=True)
            if resumable:
                write_json(files.part_record, asdict(version))
        progress(size, total)
        for piece in pieces:
            size += len(piece)
            if max(size, total or 0) > MOST_BYTES:
                break
            part.write(piece)
            progress(size, total)
        part.flush()
        os.fsync(part.fileno())
    if max(size, total or 0) > MOST_BYTES:
        files.discard_part()
        raise DownloadError(f"{version.address}: more than the {MOST_BYTES:,} bytes a release may have; {BROWSER}")
    if total is not None and size != total:
        if size > total:
            files.discard_part()
        raise Broken(f"{size:,} of {total:,} bytes")


def _settled(version: Version, files: Files, before: Download | None) -> Download:
    """Rename the part to the release's zip if it is a zip, and record it."""
    with files.part.open("rb") as part:
        head = part.read(2**16)
    try:
        if not head.startswith(b"PK\x03\x04"):
            raise zipfile.BadZipFile
        zipfile.ZipFile(files.part).close()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, IndexError) as error:
        files.discard_part()
        what = file_type_words(head)
        if "HTML page" in what:
            raise NotThere(f"{what} in place of a zip", page=True) from error
        raise UnreadableFile(f"{version.address}: {what}, where a CMS zip was expected; {BROWSER}") from error
    sha256 = sha256_of(files.part)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    done = Download(files.zip, sha256=sha256, retrieved=now, from_cache=False, **asdict(version))
    size = files.part.stat().st_size
    files.part.replace(files.zip)
    record = {**asdict(version), "sha256": sha256, "retrieved": now, "size": size}
    write_json(files.record, record)
    files.discard_part()
    return replace(done, from_cache=before is not None and before.sha256 == sha256)


def _copied(source: Path, files: Files, progress: Progress) -> Download:
    """Return the zip of a folder on disk, copied."""
    before = _before(files)
    version = Version(source.resolve().as_uri())
    try:
        with source.open("rb") as file:
            pieces = iter(lambda: file.read(2**16), b"")
            _received(pieces, files, version, progress, total=source.stat().st_size)
        return _settled(version, files, before)
    except Broken as error:
        files.discard_part()
        raise UnreadableFile(f"{source} changed while it was copied: {error}") from error
    except NotThere as error:
        raise UnreadableFile(f"{source}: {error}") from error
