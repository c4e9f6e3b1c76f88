"""Runs of equal keys in sorted arrays: the groups that several-line rules work on."""

from __future__ import annotations

import numpy as np

from feecalc.pricing.arrays import Flags, Integers

_BITS = 62  # of a packed key


def order(*keys: Integers) -> Integers:
    """Return the positions sorted by the keys, the first one leading; equal ones stay as they are.

    The keys are packed into one number where they fit: lines come nearly sorted, and one sort of such is quick.
    """
    if not len(keys[0]):
        return np.zeros(0, np.int64)
    lowest = [int(key.min()) for key in keys]
    widths = [(int(key.max()) - low).bit_length() for key, low in zip(keys, lowest, strict=True)]
    if sum(widths) > _BITS:
        return np.lexsort(keys[::-1])
    packed = np.zeros(len(keys[0]), np.int64)
    for key, low, width in zip(keys, lowest, widths, strict=True):
        packed <<= width
        packed += key
        packed -= low
    return np.argsort(packed, kind="stable")


def starts(*keys: Integers) -> Flags:
    """Return whether each position begins a run of equal keys. Shape: as the keys, which are sorted together."""
    first = np.empty(len(keys[0]), np.bool_)
    first[:1] = True
    first[1:] = False
    for key in keys:
        first[1:] |= key[1:] != key[:-1]
    return first


def of_each(first: Flags, counts: Integers) -> Integers:
    """Return the sum of ``counts`` over each position's run."""
    if not len(counts):
        return counts
    run = np.cumsum(first) - 1
    totals: Integers = np.add.reduceat(counts, np.flatnonzero(first))[run]
    return totals


def before(first: Flags, counts: Integers) -> Integers:
    """Return the sum of ``counts`` over the positions before each one in its run."""
    if not len(counts):
        return counts
    running = np.cumsum(counts) - counts
    base: Integers = running[np.flatnonzero(first)][np.cumsum(first) - 1]
    return running - base


def place_among(*keys: Integers, number: Integers) -> Integers:
    """Return the place of each position among those of equal keys, from 0, by its number."""
    found = np.empty(len(number), np.int64)
    at = order(*keys, number)
    found[at] = before(starts(*(key[at] for key in keys)), np.ones(len(number), np.int64))
    return found


def has_any(groups: Integers, at: Integers, what: Flags) -> Flags:
    """Return whether any position of the group of each one ``at`` is so."""
    wanted = np.zeros(int(groups.max()) + 1, np.bool_)
    wanted[groups[at]] = True
    found = np.zeros_like(wanted)
    found[groups[wanted[groups] & what]] = True
    return found[groups[at]]


def shared(groups: Integers, counts: Integers) -> Flags:
    """Return whether a position's run (of sorted ``groups``) holds more than one procedure."""
    return of_each(starts(groups), counts) > 1
