"""The folder of feecalc's downloads and builds, and the lock that lets one process at a time change it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from feecalc.errors import FeeCalcError


def home_folder() -> Path:
    """Return FEECALC_HOME where it is set, else the user's data folder of the system."""
    chosen = os.environ.get("FEECALC_HOME", "").strip()
    if chosen:
        return Path(chosen).expanduser()
    import platformdirs

    return platformdirs.user_data_path("feecalc", appauthor=False)


def downloads_folder(home: Path) -> Path:
    """Return the folder of downloaded zips."""
    return home / "downloads"


@contextmanager
def locked(path: Path, wait: float, waiting: Callable[[], object], too_long: FeeCalcError) -> Iterator[None]:
    """Lock the file at ``path`` for a block. The system releases it when the process ends, however it ends.

    ``waiting`` is called once where another process holds it; after ``wait`` seconds ``too_long`` is raised. An
    OSError (a folder that cannot be written) is left to the caller.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        waiting()
        try:
            lock.acquire(timeout=wait, poll_interval=0.1)
        except Timeout as error:
            raise too_long from error
    try:
        yield
    finally:
        lock.release()
