"""Work on a whole file: a few files at a time, however many people are at the app."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

# More at once would not be done sooner, and each takes memory for its lines. Each also holds a few of the 512 threads
# that polars reads and writes with: were all of them to wait for work, none would be left to do it.
_AT_ONCE = max(4, os.cpu_count() or 0)
_turns = BoundedSemaphore(_AT_ONCE)


@contextmanager
def turn() -> Iterator[None]:
    """Wait for one's turn, and have it for as long as the work takes."""
    with _turns:
        yield
