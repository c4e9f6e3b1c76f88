"""A bar for a run that is long enough to be watched."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_LONG_RUN = 250_000  # lines; a shorter one is over before a bar is read


@contextmanager
def progress(rows: int) -> Iterator[Callable[[int], None]]:
    """A bar on standard error, on a terminal and where the run is long; called with the lines done since."""
    if rows < _LONG_RUN or not sys.stderr.isatty():
        yield lambda lines: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    with Progress(
        BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=Console(stderr=True), transient=True
    ) as bar:
        task = bar.add_task("lines", total=rows)
        yield lambda lines: bar.advance(task, lines)
