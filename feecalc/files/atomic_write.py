"""A file written beside its place and renamed when whole: a run that ends early leaves the old one."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from feecalc.errors import StoreError

try:
    import fcntl
except ImportError:  # Windows: a dead run's file cannot be distinguished from a live one's, and stays
    fcntl = None  # type: ignore[assignment]  # a module elsewhere

_OURS = "feecalc"
_PARTS = ".parts"  # of the folder that a workbook's pieces are kept in


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Give a temporary file beside ``path`` that takes its place at the end, and is gone where something fails.

    What killed runs to the same path left behind is taken away; a live run's file is not touched. Raises StoreError
    where it cannot be written.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():
        raise StoreError(f"{path} is not a file that can be replaced; give another name")
    with suppress(OSError):
        _clear_dead(target)
    temporary = target.with_name(f"{_start(target)}{os.getpid()}-{secrets.token_hex(4)}{target.suffix}")
    handle = -1
    try:
        with _as_store_error(path):
            handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
            if not _lock(handle):
                os.close(handle)  # of no use, and Windows renames no open file
                handle = -1
            yield temporary
            _flush(temporary)
            temporary.chmod(_mode_of(target))
            temporary.replace(target)
    finally:
        if handle >= 0:
            os.close(handle)
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        shutil.rmtree(parts_folder(temporary), ignore_errors=True)


def parts_folder(temporary: Path) -> Path:
    """Return where pieces of a temporary file may be kept while it is written; goes when the file does."""
    return temporary.with_name(temporary.name + _PARTS)


def _start(target: Path) -> str:
    """Return how the name of every temporary file for ``target`` begins."""
    return f".{target.name[:100]}.{_OURS}-"


def _clear_dead(target: Path) -> None:
    """Take away the temporary files for ``target`` whose process is gone.

    Two signs are needed: no process has the number in the name, and no process has the file's lock, which the system
    lets go of when a process ends; so a live run's file stays, also one of another container or user.
    """
    if fcntl is None:
        return
    named = re.compile(re.escape(_start(target)) + r"(\d+)-[0-9a-f]{8}" + re.escape(target.suffix))
    for entry in os.scandir(target.parent):
        match = named.fullmatch(entry.name)
        if match is None or not entry.is_file(follow_symlinks=False) or _is_alive(int(match[1])):
            continue
        left = Path(entry.path)
        with suppress(OSError):
            handle = os.open(left, os.O_RDONLY)
            try:
                if _lock(handle):
                    shutil.rmtree(parts_folder(left), ignore_errors=True)
                    left.unlink()
            finally:
                os.close(handle)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # another user's process
        return True
    return True


def _lock(handle: int) -> bool:
    """Lock the file until ``handle`` is closed. Returns whether the lock could be had."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # locked by another, or a file system without locks
        return False
    return True


@contextmanager
def _as_store_error(path: Path) -> Iterator[None]:
    import polars as pl

    try:
        yield
    except (OSError, pl.exceptions.PolarsError) as error:
        why = getattr(error, "strerror", None) or error
        raise StoreError(f"{path} was not written: {why}; choose a folder that can be written and has room") from error


def _flush(file: Path) -> None:
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _mode_of(target: Path) -> int:
    """Return the mode of the file to be replaced, or what the shell gives a new one."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
