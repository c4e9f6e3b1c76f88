"""What was taken of a person's file, in words: which heading as which column, what was assumed, what was left out.

Every reader of ``files/`` gives one, and every command, page and Python call shows it the same way.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FileMapping:
    """How a file was read.

    ``recognized``: ``CPT -> hcpcs``, a line a column, in the file's order. ``assumed``: what moves dollars and the file
    does not say, ``no place of service column: all as an office (11)``. ``left_out``: columns that were not taken and
    look like money, units, a place or modifiers, and rows that are no services. ``notes``: how the file was opened.
    """

    recognized: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def lines(self) -> tuple[str, ...]:
        """Return all of it, a sentence each, what moves dollars first after the columns."""
        return (*self.recognized, *self.assumed, *self.left_out, *self.notes)
