"""Files from the person: bounded, kept in memory, read as a path for as long as that takes, and gone."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import streamlit as st

from feecalc.errors import InvalidValue, StoreError
from feecalc.ui.shared.words import one_line
from feecalc.ui.start import FOLDER

MOST_MB = 64  # as server.maxUploadSize of .streamlit/config.toml has it
_MEGABYTE = 2**20
_MEMORY = Path("/dev/shm")  # on Linux a folder that is memory
_LONGEST_NAME = 100
_open: set[str] = set()  # folders that hold a file just now


@dataclass(frozen=True)
class Upload:
    """A file that was dropped in. ``name`` is the person's, without a folder and without what no file name holds;
    ``digest`` changes with the bytes (for the key of a cached result)."""

    name: str
    content: bytes
    digest: str

    @property
    def size(self) -> int:
        return len(self.content)


def upload_box(
    label: str, endings: Sequence[str], key: str, *, most_mb: int = MOST_MB, help: str = ""
) -> Upload | None:
    """Draw the box to drop a file into. Returns the file, or None. Raises InvalidValue for an empty or too large file.

    ``endings``: csv, xlsx, zip ...
    """
    given = st.file_uploader(
        label, type=list(endings), key=key, max_upload_size=min(most_mb, MOST_MB), help=help or None
    )
    return None if given is None else taken(given.name, given.getvalue(), most_mb)


def kept_box(
    label: str, endings: Sequence[str], key: str, *, most_mb: int = MOST_MB, help: str = ""
) -> Upload | None:
    """Draw the same box; the file is kept while other pages are looked at, until it is removed."""
    kept, here = f"{key}_kept", f"{key}_here"
    drawn_before = key in st.session_state
    given = upload_box(label, endings, key, most_mb=most_mb, help=help)
    if given is not None:
        st.session_state[kept], st.session_state[here] = given, True
    elif not drawn_before:  # the person comes back from another page: the box is empty, the file is not gone
        st.session_state[here] = False
    elif st.session_state.get(here):
        st.session_state[here] = False
        st.session_state.pop(kept, None)
    found: Upload | None = st.session_state.get(kept)
    if found is not None and given is None:
        st.button(
            f"Leave {found.name} out", key=f"{key}_leave", icon=":material/close:", on_click=st.session_state.pop,
            args=(kept, None),
        )  # fmt: skip
    return found


def taken(name: str, content: bytes, most_mb: int = MOST_MB) -> Upload:
    """Return a file's bytes as an ``Upload``. Errors as ``upload_box``."""
    import hashlib

    called = _safe(name)
    if not content:
        raise InvalidValue(f"{called} is empty; choose a file that holds something")
    if len(content) > most_mb * _MEGABYTE:
        size = f"{len(content) / _MEGABYTE:,.0f} MB"
        raise InvalidValue(f"{called} has {size}; at most {most_mb} MB can be dropped in here")
    return Upload(called, content, hashlib.sha256(content).hexdigest())


def sample_file(name: str) -> Upload:
    """Return a file of data/samples as if it were dropped in. Raises StoreError where the installation lacks it."""
    package = files("feecalc")
    for folder in (package / "data", Path(str(package)).parent / "data"):
        file = folder.joinpath("samples", *name.split("/"))
        if file.is_file():
            return taken(name.rsplit("/", 1)[-1], file.read_bytes())
    raise StoreError(f"the samples of this installation are incomplete: no {name}; install feecalc again")


@contextmanager
def as_path(upload: Upload) -> Iterator[Path]:
    """Give a path to the file's bytes for code that reads files.

    It is in a folder of its own, in memory where the system has such a folder, and is removed at the end.
    """
    given = Path(os.environ.get(FOLDER, "") or _MEMORY)
    where = next((folder for folder in (given, _MEMORY) if folder.is_dir()), None)
    try:
        folder = tempfile.TemporaryDirectory(prefix="feecalc-", dir=where, ignore_cleanup_errors=True)
    except OSError:
        folder = tempfile.TemporaryDirectory(prefix="feecalc-", ignore_cleanup_errors=True)
    with folder as name:
        _open.add(name)
        try:
            path = Path(name) / upload.name
            path.write_bytes(upload.content)
            yield path
        finally:
            _open.discard(name)


def forget() -> None:
    """Take away what is kept of files that are just being read: the process ends."""
    for name in tuple(_open):
        shutil.rmtree(name, ignore_errors=True)


def _safe(name: str) -> str:
    """Return a name that is one file's in its folder, whatever the browser sent."""
    last = one_line(name).replace("\\", "/").rsplit("/", 1)[-1]
    kept = re.sub(r"[^\w .,()+-]", "_", last).strip(" .") or "file"
    return kept if len(kept) <= _LONGEST_NAME else kept[-_LONGEST_NAME:].lstrip(" .")
