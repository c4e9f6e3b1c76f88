"""Charts on the page: each made once for the same figures, as altair takes longer to make one than a fee takes."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import polars as pl
import streamlit as st

_KEPT = 128  # specifications, a few kilobytes each


def _content(table: pl.DataFrame) -> str:
    return f"{table.schema}{table.write_json()}"


# what tells one chart's figures from another's; streamlit knows neither exact decimals nor columns of them
_BY: dict[str | type, Callable[[Any], Any]] = {pl.DataFrame: _content, Decimal: str}


def picture(make: Callable[..., Any], *figures: Any, alt: str, height: Any = "content") -> None:
    """The chart that ``make`` draws of these figures, as wide as there is room.

    ``make``: a function of feecalc.charts; ``figures``: what it is given (tables, texts, numbers: all that the chart
    depends on). ``alt`` says in words what the chart shows, for screen readers.
    """
    specification = _specification(make, f"{make.__module__}.{make.__qualname__}", *figures)
    st.vega_lite_chart(specification, width="stretch", height=height, alt=alt)


@st.cache_data(max_entries=_KEPT, show_spinner=False, hash_funcs=_BY)
def _specification(_make: Callable[..., Any], name: str, *figures: Any) -> dict[str, Any]:
    made = _make(*figures)
    # the tests check each chart against vega-lite's schema; doing so again for every person costs more than making it
    specification: dict[str, Any] = made if isinstance(made, dict) else made.to_dict(validate=False)
    return specification
