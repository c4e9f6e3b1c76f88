"""A page in two halves: what is asked at the left, the answer at the right (below it, on a narrow screen)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from feecalc.errors import FeeCalcError
from feecalc.ui.shared import problems


@contextmanager
def halves(widths: Sequence[int]) -> Iterator[tuple[DeltaGenerator, DeltaGenerator]]:
    """The two halves. What goes wrong in the block is told in the right one, in place of the rest of it."""
    left, right = st.columns(widths, gap="large")
    try:
        yield left, right
    except FeeCalcError as error:
        with right:
            problems.problem(error)
