"""Lines beside others of their group."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from feecalc.pricing.arrays import Integers

_AT_ONCE = 1 << 20  # pairs of lines looked at at once
NEAR = 32  # lines of a group, up to which each is compared with the next, the one after it, and so on


def is_long(group: Integers) -> bool:
    """Return whether a group has more lines than ``NEAR``; ``group`` never decreases."""
    return bool((group[NEAR:] == group[:-NEAR]).any())


def pairs_of_group(group: Integers) -> Iterator[tuple[Integers, Integers]]:
    """Yield every two lines of one group, the former first, as positions; of groups that are not long."""
    at, step = np.arange(len(group)), 0
    while len(at):
        step += 1
        at = at[: np.searchsorted(at, len(group) - step)]
        at = at[group[at + step] == group[at]]
        yield at, at + step


def of_one_group(group: Integers, ones: Integers, twos: Integers) -> Iterator[tuple[Integers, Integers]]:
    """Yield every line of ``ones`` with every line of ``twos`` of its group, so many at once.

    ``group`` never decreases from line to line; both are positions of lines, in order.
    """
    own = group[ones]
    starts = np.searchsorted(own, group[twos], side="left")
    beside = np.searchsorted(own, group[twos], side="right") - starts
    total = np.cumsum(beside)
    first = 0
    while first < len(twos):
        done = total[first - 1] if first else 0
        last = max(int(np.searchsorted(total, done + _AT_ONCE, side="right")), first + 1)
        count = beside[first:last]
        step = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
        yield ones[np.repeat(starts[first:last], count) + step], np.repeat(twos[first:last], count)
        first = last
