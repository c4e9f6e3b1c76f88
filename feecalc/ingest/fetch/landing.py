"""The folder of downloads: the files of a release, their records, and its lock against other processes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feecalc.errors import DownloadError, StoreError
from feecalc.ingest.home import locked

LOCK_WAIT = 600.0  # seconds to wait for another process that fetches the same release


@dataclass(frozen=True)
class Version:
    """The address and version that the bytes on disk come from."""

    address: str
    etag: str | None = None
    last_modified: str | None = None

    @property
    def validator(self) -> str | None:
        """Return the value of If-Range: a strong ETag, or else the date."""
        return self.last_modified if self.etag is None or self.etag.startswith("W/") else self.etag


class Files:
    """The files of one release in the folder of downloads."""

    def __init__(self, downloads: Path, release: str) -> None:
        self.zip = downloads / f"{release}.zip"
        self.record = downloads / f"{release}.json"
        self.part = downloads / f"{release}.zip.part"
        self.part_record = downloads / f"{release}.zip.part.json"
        self.lock = downloads / f".{release}.lock"

    def discard_part(self) -> None:
        """Delete an unfinished transfer and its record."""
        self.part.unlink(missing_ok=True)
        self.part_record.unlink(missing_ok=True)

    def left_over(self, address: str) -> tuple[int, Version | None]:
        """Return the number of bytes of an earlier transfer from this address, and their version."""
        version = version_of(read_json(self.part_record))
        size = self.part.stat().st_size if self.part.is_file() else 0
        if not size or version is None or version.validator is None or version.address != address:
            return 0, None
        return size, version


@contextmanager
def storing(files: Files) -> Iterator[None]:
    """Raise StoreError in place of an OSError: a full disk, or a folder that cannot be written."""
    try:
        files.zip.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise StoreError(f"{error.filename or files.zip.parent}: {error.strerror or error}") from error


@contextmanager
def release_lock(files: Files, report: Callable[[str], None]) -> Iterator[None]:
    """Lock the release's download against other processes for a block; ``report`` takes a message while waiting."""
    name = files.zip.name
    too_long = DownloadError(f"another process still fetches {name}; try again when it is done")
    with locked(files.lock, LOCK_WAIT, lambda: report(f"another feecalc is fetching {name}: waiting for it"), too_long):
        try:
            yield
        except OSError:  # a full disk: what was written of the part is of no use and in the way
            with suppress(OSError):
                files.discard_part()
            raise


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def version_of(record: dict[str, Any]) -> Version | None:
    """Return the version in a record, None where it has no address."""
    if not isinstance(record.get("address"), str):
        return None
    return Version(record["address"], record.get("etag"), record.get("last_modified"))


def read_json(path: Path) -> dict[str, Any]:
    """Return a small JSON record, empty where it is missing or damaged."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def write_json(path: Path, record: dict[str, Any]) -> None:
    """Write a record as JSON, replacing the file in one step."""
    temporary = path.with_name(f"{path.name}.tmp")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(json.dumps(record, indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
