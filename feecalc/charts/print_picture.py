"""Pictures for a report: an SVG of its own, text drawn as shapes, so that it looks the same on every machine."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import matplotlib
import polars as pl
from matplotlib.figure import Figure

from feecalc.charts.look import printed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDE = 7.2  # inches: what A4 and Letter leave between margins
_LONGEST = 40  # characters of a label
# Text as shapes, a person's dollar signs no formula, and the same picture the same bytes.
_SETTINGS: Any = {"svg.fonttype": "path", "svg.hashsalt": "feecalc", "text.parse_math": False}


def picture(draw: Callable[[Axes, pl.DataFrame], None], table: pl.DataFrame, high: float = 3.0) -> bytes:
    """What ``draw`` makes of a table, as an SVG's bytes. ``high``: inches.

    Text in the table is a person's: it is drawn as it stands, never read as a formula, and cut where it is long.
    """
    with printed(), matplotlib.rc_context(_SETTINGS):
        figure = Figure(figsize=(_WIDE, high), layout="constrained")
        draw(figure.subplots(), table.with_columns(_as_drawn(name) for name in _texts(table)))
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()


def _texts(table: pl.DataFrame) -> list[str]:
    return [name for name, kind in table.schema.items() if kind == pl.String]


def _as_drawn(name: str) -> pl.Expr:
    """Cut, without control characters, and with another dash where matplotlib would leave a label out of a legend."""
    text = pl.col(name)
    cut = pl.when(text.str.len_chars() > _LONGEST).then(text.str.head(_LONGEST - 1) + "…").otherwise(text)
    return cut.str.replace(r"^_", "‗").str.replace_all(r"\p{C}", "?").alias(name)
