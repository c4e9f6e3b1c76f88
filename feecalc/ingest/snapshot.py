"""A snapshot of the store at one moment: its manifests, taken together, and the tables they name.

A build replaces a release by replacing its manifest, and takes the old files away right after. So who reads a release
takes its manifest once and reads every table by it; where a file is gone by then, a newer build has taken the place of
the one that was begun, and all of it is read anew. ``Store.read_at_once`` does that.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from feecalc.errors import InvalidValue, NotInstalled, StoreError
from feecalc.ingest.manifest import Manifest

if TYPE_CHECKING:
    import polars as pl

MANIFEST = "manifest.json"
RELEASE = "release"
_NAME = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,40}")
_MOST_TAKES = 50  # each takes a few milliseconds, and only a build between two of them asks for another


class Replaced(Exception):
    """A table's file is gone since the snapshot was taken. Not an error of feecalc's: nobody may catch it as one."""

    def __init__(self, path: Path, name: str) -> None:
        super().__init__(f"{path} is gone")
        self.path, self.name = path, name


class Snapshot:
    """The manifests of what is installed under ``home``, taken together, and the tables they name."""

    def __init__(self, home: Path, only: str | None = None) -> None:
        """Take the manifests of everything installed, or the one of ``only``: no other may be asked for then."""
        self.home = home
        self.only = only
        self._taken = _all_taken(home) if only is None else _contents_of(home, [only])
        self._manifests: dict[str, Manifest] = {}

    def names(self) -> list[str]:
        """Return the name of everything installed, also of what has been damaged since."""
        return list(self._taken)

    def manifests(self, kind: str | None = None) -> list[Manifest]:
        """Return what is installed, oldest first. Raises StoreError where one of them is damaged."""
        names = [name for name in self._taken if kind is None or is_release_folder(name) == (kind == RELEASE)]
        manifests = [manifest for name in names if (manifest := self.manifest(name)) is not None]
        of_kind = (manifest for manifest in manifests if kind in (None, manifest.kind))
        return sorted(of_kind, key=lambda manifest: manifest.age)

    def manifest(self, name: str) -> Manifest | None:
        """Return the manifest of ``name``, None where it is not installed. Raises StoreError where it is damaged."""
        assert self.only in (None, name), "a snapshot of one entry"
        path = folder_of(self.home, name) / MANIFEST
        content = self._taken.get(name)
        if content is None:
            return None
        if name not in self._manifests:
            self._manifests[name] = _manifest(path, name, content)
        return self._manifests[name]

    def is_current(self, name: str) -> bool:
        """Return whether the manifest of ``name`` on disk is still the one taken: a file that is gone then is lost."""
        return _contents_of(self.home, [name]).get(name) == self._taken.get(name)

    def has(self, name: str, table: str) -> bool:
        """Return whether ``name`` is installed and holds ``table``."""
        manifest = self.manifest(name)
        return manifest is not None and table in manifest.tables

    def read(self, name: str, table: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Return one table, as ``read_tables`` reads several."""
        return self.read_tables(name, [table], columns)[table]

    def read_tables(
        self, name: str, tables: Iterable[str], columns: Sequence[str] | None = None
    ) -> dict[str, pl.DataFrame]:
        """Return the tables of an installed release, all of one build, their bytes held against its manifest.

        Raises NotInstalled, StoreError; and ``Replaced``, for ``Store.read_at_once`` to begin anew.
        """
        import polars as pl

        contents = self._contents(name, tables)  # all bytes before the first is worked on: it takes a millisecond
        found = {}
        for table, (path, content) in contents.items():
            try:
                found[table] = pl.read_parquet(io.BytesIO(content), columns=None if columns is None else list(columns))
            except (pl.exceptions.PolarsError, OSError) as error:
                raise damaged(path, name, str(error).splitlines()[0][:120]) from error
        return found

    def _contents(self, name: str, tables: Iterable[str]) -> dict[str, tuple[Path, bytes]]:
        manifest = self.manifest(name)
        if manifest is None:
            raise NotInstalled(f"{name} is not installed in {self.home} (feecalc releases lists what is)")
        found = {}
        for table in tables:
            if table not in manifest.tables:
                there = ", ".join(sorted(manifest.tables))
                raise NotInstalled(f"{name} holds no {table} table, only {there}; build it from a file that has one")
            path = folder_of(self.home, name) / str(manifest.tables[table]["file"])
            with disk(path):
                try:
                    found[table] = path, path.read_bytes()
                except FileNotFoundError as error:
                    raise Replaced(path, name) from error
        for table, (path, content) in found.items():
            if hashlib.sha256(content).hexdigest() != manifest.tables[table]["sha256"]:
                raise damaged(path, name, "its bytes are not those that were written")
        return found


def folder_of(home: Path, name: str, kind: str | None = None) -> Path:
    """Return the folder of ``name``, whether it is there or not. Raises InvalidValue."""
    if not _NAME.fullmatch(name):
        raise InvalidValue(f"{name!r} is not the name of anything installed; feecalc releases lists what is")
    is_release = is_release_folder(name) if kind is None else kind == RELEASE
    return home / ("releases" if is_release else "other") / name


def is_release_folder(name: str) -> bool:
    """Return whether what has this name is kept among the releases."""
    return name.startswith("RVU")


def installed_names(home: Path) -> list[str]:
    """Return the name of everything installed, also of what has been damaged since."""
    found: list[str] = []
    for shelf in (home / "releases", home / "other"):
        with disk(shelf), suppress(FileNotFoundError, NotADirectoryError):
            found += sorted(
                entry.name for entry in shelf.iterdir() if _NAME.fullmatch(entry.name) and (entry / MANIFEST).is_file()
            )
    return found


@contextmanager
def disk(path: Path) -> Iterator[None]:
    """Raise StoreError in place of an OSError from the disk."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{error.filename or path}: {error.strerror or error}; "
            "free the disk or mend the folder, or set FEECALC_HOME to another"
        ) from error


def damaged(path: Path, name: str, what: str) -> StoreError:
    """Return the error for an installed file that is not as written."""
    return StoreError(
        f"{path} is damaged: {what}. Build {name} again (feecalc build FILE, or feecalc fetch), "
        f"or take it out: feecalc releases --remove {name}"
    )


def being_replaced(name: str, home: Path) -> StoreError:
    """Return the error for builds that other processes replace faster than they can be read."""
    return StoreError(f"other processes keep on replacing {name} in {home}; try again when they are done")


def _all_taken(home: Path) -> dict[str, bytes]:
    """Return every manifest as they stood together: taken again until nothing changed in between."""
    taken = _contents_of(home, installed_names(home))
    for _ in range(_MOST_TAKES):
        again = _contents_of(home, installed_names(home))
        if again == taken:
            return taken
        taken = again
    raise being_replaced("what is installed", home)


def _contents_of(home: Path, names: list[str]) -> dict[str, bytes]:
    found = {}
    for name in names:
        path = folder_of(home, name) / MANIFEST
        with disk(path), suppress(FileNotFoundError, NotADirectoryError):
            found[name] = path.read_bytes()
    return found


def _manifest(path: Path, name: str, content: bytes) -> Manifest:
    try:
        manifest = Manifest.from_json(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise damaged(path, name, "it is not text") from error
    except (ValueError, RecursionError) as error:
        raise damaged(path, name, str(error)) from error
    if manifest.name != name:
        raise damaged(path, name, f"it is the manifest of {manifest.name}")
    return manifest
