"""The store: one folder for each built release, Parquet files and the manifest that names them.

::

    HOME/releases/RVU26C/manifest.json  rvu-0a1b2c3d4e5f.parquet  gpci-....parquet
    HOME/other/ZIP5-20261/manifest.json  zip5-....parquet

Only what the manifest names counts, and the manifest is replaced in one step after its files are on disk: whenever a
process is killed, the release is the old one or the new one. A lock beside the folder keeps two writers apart.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from feecalc.errors import InvalidValue, NotInstalled, StoreError
from feecalc.ingest.home import held, home_folder
from feecalc.ingest.manifest import Manifest

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Manifest", "Store"]

LOCK_WAIT = 600.0  # seconds to wait for another process that writes the same release
_MANIFEST = "manifest.json"
_NAME = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,40}")


class Store:
    """The installed releases and other CMS files under ``home`` (by default FEECALC_HOME or the user's data folder)."""

    def __init__(self, home: Path | None = None) -> None:
        self.home = home_folder() if home is None else home

    def names(self) -> list[str]:
        """The name of everything installed, also of what has been damaged since."""
        found: list[str] = []
        for shelf in (self.home / "releases", self.home / "other"):
            with _disk(shelf), suppress(FileNotFoundError, NotADirectoryError):
                found += sorted(
                    entry.name
                    for entry in shelf.iterdir()
                    if _NAME.fullmatch(entry.name) and (entry / _MANIFEST).is_file()
                )
        return found

    def manifests(self, kind: str | None = None) -> list[Manifest]:
        """What is installed, oldest first. Raises StoreError where one of them is damaged."""
        found = [manifest for name in self.names() if (manifest := self.manifest(name)) is not None]
        return sorted((each for each in found if kind in (None, each.kind)), key=lambda each: each.age)

    def manifest(self, name: str) -> Manifest | None:
        """The manifest of ``name``, None where it is not installed. Raises StoreError where it is damaged."""
        path = self.folder(name) / _MANIFEST
        with _disk(path):
            try:
                text = path.read_text(encoding="utf-8")
            except (FileNotFoundError, NotADirectoryError):
                return None
            except UnicodeDecodeError as error:
                raise _damaged(path, name, "it is not text") from error
        try:
            manifest = Manifest.from_json(text)
        except (ValueError, RecursionError) as error:
            raise _damaged(path, name, str(error)) from error
        if manifest.name != name:
            raise _damaged(path, name, f"it is the manifest of {manifest.name}")
        return manifest

    def has(self, name: str, table: str) -> bool:
        """Whether ``name`` is installed and holds ``table``."""
        manifest = self.manifest(name)
        return manifest is not None and table in manifest.tables

    def read(self, name: str, table: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The table of an installed release, its bytes held against the manifest. Raises NotInstalled, StoreError."""
        import polars as pl

        path, content = self._content(name, table)
        try:
            return pl.read_parquet(io.BytesIO(content), columns=None if columns is None else list(columns))
        except (pl.exceptions.PolarsError, OSError) as error:
            raise _damaged(path, name, str(error).splitlines()[0][:120]) from error

    def _content(self, name: str, table: str) -> tuple[Path, bytes]:
        for attempt in (1, 2):
            manifest = self.manifest(name)
            if manifest is None:
                raise NotInstalled(f"{name} is not installed in {self.home} (feecalc releases lists what is)")
            if table not in manifest.tables:
                there = ", ".join(sorted(manifest.tables))
                raise NotInstalled(f"{name} holds no {table} table, only {there}; build it from a file that has one")
            path = self.folder(name) / str(manifest.tables[table]["file"])
            with _disk(path):
                try:
                    content = path.read_bytes()
                except FileNotFoundError as error:
                    if attempt == 1:  # replaced between the two reads: the new manifest names the new file
                        continue
                    raise _damaged(path, name, "it is missing") from error
            if hashlib.sha256(content).hexdigest() != manifest.tables[table]["sha256"]:
                raise _damaged(path, name, "its bytes are not those that were written")
            return path, content
        raise AssertionError("unreachable")

    def write(
        self, manifest: Manifest, frames: Mapping[str, pl.DataFrame], say: Callable[[str], object] = lambda text: None
    ) -> Manifest:
        """Install ``frames`` as ``manifest.name`` in place of what was there; the manifest as written, files filled in.

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
        new = {_MANIFEST, *(str(table["file"]) for table in tables.values())}
        with self._writing(folder, say):
            before = {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()
            try:
                folder.mkdir(exist_ok=True)
                for table, content in contents.items():
                    _put(folder / str(tables[table]["file"]), content)
                _put(folder / _MANIFEST, text)
                _sync(folder.parent)
            except BaseException:
                swapped = _is(folder / _MANIFEST, text)
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
            (folder / _MANIFEST).unlink(missing_ok=True)  # from here on it is not installed
            _sync(folder)
            _clear(folder, set())

    def folder(self, name: str, kind: str | None = None) -> Path:
        """The folder of ``name``, whether it is there or not."""
        if not _NAME.fullmatch(name):
            raise InvalidValue(f"{name!r} is not the name of anything installed; feecalc releases lists what is")
        is_release = name.startswith("RVU") if kind is None else kind == "release"
        return self.home / ("releases" if is_release else "other") / name

    @contextmanager
    def _writing(self, folder: Path, say: Callable[[str], object]) -> Iterator[None]:
        name = folder.name
        too_long = StoreError(f"another process still writes {name} in {self.home}; try again when it is done")
        with _disk(folder):
            folder.parent.mkdir(parents=True, exist_ok=True)
            lock = folder.parent / f".{name}.lock"
            with held(lock, LOCK_WAIT, lambda: say(f"another feecalc is writing {name}: waiting for it"), too_long):
                yield


def _parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd")
    return buffer.getvalue()


def _put(path: Path, content: bytes) -> None:
    """The file on disk, whole, under its name."""
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
    """Take away the files that are not to be kept, and a folder left empty. What a reader still holds stays."""
    with suppress(OSError):
        for entry in list(folder.iterdir()):
            if entry.name not in keep:
                with suppress(OSError):
                    entry.unlink()
        folder.rmdir()  # fails, as it should, where anything is left


@contextmanager
def _disk(path: Path) -> Iterator[None]:
    """Turn what the disk refuses into StoreError."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{error.filename or path}: {error.strerror or error}; "
            "free the disk or mend the folder, or set FEECALC_HOME to another"
        ) from error


def _damaged(path: Path, name: str, what: str) -> StoreError:
    return StoreError(
        f"{path} is damaged: {what}. Build {name} again (feecalc build FILE, or feecalc fetch), "
        f"or take it out: feecalc releases --remove {name}"
    )
