"""The row that holds for two codes on a day, found by bits, against a search through all rows."""

from __future__ import annotations

import numpy as np
import pytest

from feecalc.edits.lines.spans import Spans, SpansOfTwo

WIDTH = 23  # 529 pairs of numbers: more than eight times 64 bits, and no whole number of times


@pytest.mark.parametrize("rows_of_a_key", [1, 3])
def test_as_a_search_through_all_rows_finds_it(rows_of_a_key):
    chance = np.random.default_rng(rows_of_a_key)
    keys = np.append(chance.choice(WIDTH**2, 90, replace=False), [0, WIDTH**2 - 1])
    keys = np.repeat(np.unique(keys), rows_of_a_key)
    first = np.tile(np.arange(rows_of_a_key) * 10, len(keys) // rows_of_a_key)
    last = first + 5  # days 0 to 5, 10 to 15, 20 to 25
    spans, _ = Spans.of(keys, first, last)
    one, two, day = (chance.integers(most, size=4000) for most in (WIDTH, WIDTH, 30))
    one[:2], two[:2], day[:2] = (0, WIDTH - 1), (0, WIDTH - 1), 3
    of_two = SpansOfTwo.of(spans, WIDTH)
    at, row = of_two.rows(one, two)
    wanted = one * WIDTH + two
    assert at.tolist() == [place for place, key in enumerate(wanted) if key in keys]
    assert row.tolist() == [int(np.argmax(keys == wanted[place])) for place in at]
    held = of_two.holding(one[at], two[at], day[at], row)
    rows = [np.flatnonzero((keys == wanted[place]) & (first <= day[place]) & (last >= day[place])) for place in at]
    assert held.tolist() == [int(each[0]) if len(each) else -1 for each in rows]
    assert (held >= 0).any()
    assert (held < 0).any()


def test_of_no_rows():
    none = np.zeros(0, np.int64)
    at, row = SpansOfTwo.of(Spans.of(none, none, none)[0], WIDTH).rows(np.array([3]), np.array([4]))
    assert not len(at)
    assert not len(row)
