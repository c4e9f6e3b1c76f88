"""Bars for what is long enough to be watched, on standard error where that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from feecalc.cli.terminal.output import lines

if TYPE_CHECKING:
    from feecalc.ingest.fetch.download import Progress as Download

_LONG_RUN = 250_000  # lines; a shorter one is over before a bar is read


@contextmanager
def progress(rows: int) -> Iterator[Callable[[int], None]]:
    """Show a bar where the run is long. Gives a function to call with the lines done since the last call."""
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


@contextmanager
def download_progress(name: str) -> Iterator[Download | None]:
    """Show a bar for the download of ``name``. Gives what downloading reports to, None off a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(lines(name), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
