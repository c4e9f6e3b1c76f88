"""Files that a command would write over: one that it reads, or another that it writes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from feecalc.errors import InvalidValue


def refuse_clashes(read: Mapping[str, Path | None], written: Mapping[str, Path | None]) -> None:
    """Raises InvalidValue where a file of ``written`` (option -> path) is one of ``read`` (what it is -> path).

    Two of ``written`` in one file are refused too. A path of None is none.
    """
    taken = {path.resolve(): what for what, path in read.items() if path is not None}
    for option, path in written.items():
        if path is None:
            continue
        place = path.resolve()
        if place in taken:
            raise InvalidValue(f"{option} {path} is {taken[place]}; give another name")
        taken[place] = option
