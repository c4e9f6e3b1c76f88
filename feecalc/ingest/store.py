"""The store: one folder for each built release, Parquet files and the manifest that names them.

::

    HOME/releases/RVU26C/manifest.json  rvu-0a1b2c3d4e5f.parquet  gpci-....parquet
    HOME/other/ZIP5-20261/manifest.json  zip5-....parquet

Only what the manifest names counts, and the manifest is replaced in one step after its files are on disk: whenever a
process is killed, the release is the old one or the new one. A lock beside the folder keeps two writers apart. Who
reads more than one table reads them at once, by one manifest: ``Store.read_at_once``.
"""

from __future__ import annotations

import hashlib
import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from feecalc.errors import NotInstalled, StoreError
from feecalc.ingest.home import home_folder, locked
from feecalc.ingest.manifest import Manifest
from feecalc.ingest.snapshot import (
    MANIFEST,
    Replaced,
    Snapshot,
    being_replaced,
    damaged,
    disk,
    folder_of,
    installed_names,
)

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Manifest", "Snapshot", "Store"]

LOCK_WAIT = 600.0  # seconds to wait for another process that writes the same release
_MOST_READINGS = 50
_MISSING_FOR_GOOD = 3  # times in a row that the manifest names a file which is not there
_Read = TypeVar("_Read")


class Store:
    """The installed releases and other CMS files under ``home`` (by default FEECALC_HOME or the user's data folder)."""

    def __init__(self, home: Path | None = None) -> None:
        self.home = home_folder() if home is None else home

    def names(self) -> list[str]:
        """Return the name of everything installed, also of what has been damaged since."""
        return installed_names(self.home)

    def manifests(self, kind: str | None = None) -> list[Manifest]:
        """Return what is installed, oldest first. Raises StoreError where one of them is damaged."""
        return Snapshot(self.home).manifests(kind)

    def manifest(self, name: str) -> Manifest | None:
        """Return the manifest of ``name``, None where it is not installed. Raises StoreError where it is damaged."""
        return Snapshot(self.home, name).manifest(name)

    def has(self, name: str, table: str) -> bool:
        """Return whether ``name`` is installed and holds ``table``."""
        return Snapshot(self.home, name).has(name, table)

    def read(self, name: str, table: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Return one table of what is installed; two of them, read so, may be of two builds: see ``read_at_once``.

        Its bytes are held against the manifest. Raises NotInstalled, StoreError.
        """
        return self._read_at_once(lambda snapshot: snapshot.read(name, table, columns), name)

    def read_at_once(self, reading: Callable[[Snapshot], _Read]) -> _Read:
        """Return what ``reading`` makes of the store as it stood at one moment, whatever is built meanwhile.

        ``reading`` is given all manifests as they stood together and reads tables by them. Where another process has
        replaced one of them before its table was read, it is called anew, with what is installed then: it must do
        nothing but read. Raises what ``reading`` does, and StoreError.
        """
        return self._read_at_once(reading, None)

    def _read_at_once(self, reading: Callable[[Snapshot], _Read], only: str | None) -> _Read:
        missed: list[Replaced] = []
        for _ in range(_MOST_READINGS):
            try:
                return reading(Snapshot(self.home, only))
            except Replaced as gone:
                missed.append(gone)
                if [replaced.path for replaced in missed[-_MISSING_FOR_GOOD:]] == [gone.path] * _MISSING_FOR_GOOD:
                    raise damaged(gone.path, gone.name, "it is missing") from gone
        raise being_replaced(missed[-1].name, self.home)

    def write(
        self,
        manifest: Manifest,
        frames: Mapping[str, pl.DataFrame],
        report: Callable[[str], object] = lambda text: None,
    ) -> Manifest:
        """Install ``frames`` as the entry ``manifest.name``, replacing any, and return the manifest as written.

        ``manifest.tables`` gives what else is to be kept on each table (its member). Raises StoreError, and then the
        old release is as it was.
        """
        folder = self.folder(manifest.name, manifest.kind)
        contents = {table: _parquet(frame) for table, frame in frames.items()}
        tables = {
            table: {
                **manifest.tables.get(table, {}),
                "file": f"{table}-{hashlib.sha256(content).hexdigest()[:12]}.parquet",
                "rows": frames[table].height,
                "sha256": hashlib.sha256(content).hexdigest(),
                "bytes": len(content),
            }
            for table, content in contents.items()
        }
        whole = replace(manifest, tables=tables)
        text = whole.to_json().encode()
        new = {MANIFEST, *(str(table["file"]) for table in tables.values())}
        with self._writing(folder, report):
            before = {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()
            try:
                folder.mkdir(exist_ok=True)
                for table, content in contents.items():
                    _put(folder / str(tables[table]["file"]), content)
                _put(folder / MANIFEST, text)
                _sync(folder.parent)
            except BaseException:
                swapped = _is(folder / MANIFEST, text)
                old = {name for name in before if not name.endswith(".tmp")}
                _clear(folder, new if swapped else old)
                raise
            _clear(folder, new)
        return whole

    def remove(self, name: str) -> None:
        """Take ``name`` out of the store. Raises NotInstalled, StoreError."""
        folder = self.folder(name)
        if not folder.is_dir():
            raise NotInstalled(f"{name} is not installed in {self.home} (feecalc releases lists what is)")
        with self._writing(folder, lambda text: None):
            (folder / MANIFEST).unlink(missing_ok=True)  # from here on it is not installed
            _sync(folder)
            _clear(folder, set())

    def folder(self, name: str, kind: str | None = None) -> Path:
        """Return the folder of ``name``, whether it is there or not."""
        return folder_of(self.home, name, kind)

    @contextmanager
    def _writing(self, folder: Path, report: Callable[[str], object]) -> Iterator[None]:
        name = folder.name
        too_long = StoreError(f"another process still writes {name} in {self.home}; try again when it is done")
        with disk(folder):
            folder.parent.mkdir(parents=True, exist_ok=True)
            lock = folder.parent / f".{name}.lock"
            waiting = f"another feecalc is writing {name}: waiting for it"
            with locked(lock, LOCK_WAIT, lambda: report(waiting), too_long):
                yield


def _parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd")
    return buffer.getvalue()


def _put(path: Path, content: bytes) -> None:
    """Write a file to disk, complete, under its name."""
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """Make the names in a folder last through a power cut, where the system has a way to."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _is(path: Path, content: bytes) -> bool:
    with suppress(OSError):
        return path.read_bytes() == content
    return False


def _clear(folder: Path, keep: set[str]) -> None:
    """Delete the files that are not to be kept, and an empty folder. Files that a reader has open stay."""
    with suppress(OSError):
        for entry in list(folder.iterdir()):
            if entry.name not in keep:
                with suppress(OSError):
                    entry.unlink()
        folder.rmdir()  # fails, as it should, where anything is left
