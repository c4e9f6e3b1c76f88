"""Figures as the pages show them: the facts beside them, tables with money at the right, charts.

Streamlit is handed Arrow. Given a polars frame it asks it for pandas; that keeps Python's lock while it waits for
polars' threads, and the pages of all persons wait with it. What gives Arrow lets go of the lock first, and makes no
copy in between. A chart is made once for the same figures, as altair takes longer to make one than a fee takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pyarrow as pa
import streamlit as st

from feecalc.pricing.places.locality import Locality
from feecalc.pricing.release import ReleaseIdentity
from feecalc.pricing.rules.conversion_factor import conversion_factor
from feecalc.ui.shared.words import one_line, plain, quarter

_MOST_ROWS_TALL = 12  # of a table before it scrolls in itself
_ROW_PIXELS = 35
_KEPT = 128  # specifications, a few kilobytes each


def release_facts(release: ReleaseIdentity, day: date | None, *, qp: bool = False) -> dict[str, str]:
    """Return release and conversion factor as ``facts`` shows them. ``day`` None: the release's first."""
    factor = conversion_factor(release.day(day), qp=qp)
    return {
        "Release": f"{release.name} ({quarter(release.first_date_of_service)})"
        + (", starter data" if release.starter else ""),
        "Conversion factor": f"${factor.value} per RVU" + (" (qualifying APM participant)" if qp else ""),
    }


def place_fact(locality: Locality | None) -> dict[str, str]:
    """Return the locality as ``facts`` shows it; None is the nation."""
    return {"Where": "National (no locality)" if locality is None else one_line(locality.label)}


def facts(about: Mapping[str, str]) -> None:
    """Show what the figures are of: release, locality, factor and so on, a line for each. For beside every figure."""
    st.markdown("  \n".join(f"**{label}:** {plain(text)}" for label, text in about.items()))


def facts_line(about: Mapping[str, str]) -> None:
    """Show the same in one small line, under a table or a chart."""
    st.caption(plain(" · ".join(f"{label}: {text}" for label, text in about.items())))


def money_table(
    table: pl.DataFrame,
    headings: Mapping[str, str],
    *,
    key: str,
    alt: str,
    height: int | None = None,
    formats: Mapping[str, str] | None = None,
    selectable: bool = False,
) -> Any:
    """Return a table on the page: the columns of ``headings`` under these names, in their order.

    Decimals of two places are money ($1,190.39), other numbers have separators; all numbers stand at the right. Text
    shows as it is, never as HTML or markdown. ``formats`` overrules by column with what streamlit's NumberColumn takes
    ("%.3f", "percent", "dollar"). ``alt`` says in words what the table holds, for screen readers. With ``selectable`` a
    row can be chosen; the return value is then streamlit's selection state.
    """
    shown = table.select(list(headings))
    chosen = dict(formats or {})
    config = {name: _column(shown.schema[name], heading, chosen.get(name)) for name, heading in headings.items()}
    floats = [name for name, kind in shown.schema.items() if isinstance(kind, pl.Decimal)]
    shown = shown.with_columns(pl.col(floats).cast(pl.Float64))  # a picture of the amount; exports hold the decimals
    tall = height or (min(shown.height, _MOST_ROWS_TALL) + 1) * _ROW_PIXELS + 3
    selection: dict[str, Any] = {"on_select": "rerun", "selection_mode": "single-row"} if selectable else {}
    return show_table(
        shown, column_config=config, hide_index=True, width="stretch", height=tall, key=key, alt=alt, placeholder="–",
        **selection,
    )


def _column(kind: pl.DataType, heading: str, chosen: str | None) -> Any:
    if kind == pl.Date:
        return st.column_config.DateColumn(heading, format="YYYY-MM-DD")
    if not kind.is_numeric():
        return st.column_config.Column(heading)
    is_money = isinstance(kind, pl.Decimal) and kind.scale == 2
    return st.column_config.NumberColumn(heading, format=chosen or ("dollar" if is_money else "localized"))


def arrow(table: pl.DataFrame) -> pa.Table:
    """Return the table as streamlit is to have it; words kept as numbers (Categorical, Enum) are written out."""
    return table.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String)).to_arrow()


def show_table(rows: pl.DataFrame, *, alt: str, **options: Any) -> Any:
    """Return ``st.dataframe``. ``alt`` says in words what the table holds, for screen readers."""
    return st.dataframe(arrow(rows), alt=alt, **options)


def grid(rows: pl.DataFrame, *, alt: str, **options: Any) -> list[dict[str, Any]]:
    """Return ``st.data_editor``: a table to type into. Returns its rows with what was typed."""
    typed: list[dict[str, Any]] = st.data_editor(arrow(rows), alt=alt, **options).to_pylist()
    return typed


def markdown_table(rows: Iterable[Mapping[str, str]]) -> None:
    """Draw a few rows whose cells are markdown, uncut (``st.table``)."""
    st.table(pa.Table.from_pylist([dict(row) for row in rows]))


def _content(table: pl.DataFrame) -> str:
    return f"{table.schema}{table.write_json()}"


# what tells one chart's figures from another's; streamlit knows neither exact decimals nor columns of them
_BY: dict[str | type, Callable[[Any], Any]] = {pl.DataFrame: _content, Decimal: str}


def picture(make: Callable[..., Any], *figures: Any, alt: str, height: Any = "content") -> None:
    """Show the chart that ``make`` draws of these figures, as wide as there is room.

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
