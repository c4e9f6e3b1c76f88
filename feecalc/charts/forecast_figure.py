"""Charts of a forecast in matplotlib, for a file or a report: revenue, the fan of the draws, the tornado, events.

They compute no amounts. The same charts in altair are in ``forecast``. A report's picture is an SVG with its text drawn
as shapes, so that it looks the same on every machine.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib
import polars as pl
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from feecalc.charts.look import DARK, GRID, LIGHT, MANY, PAYERS, WARM, dollar_tick, printed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDE, _HIGH, _DOTS = 9.0, 3.6, 150  # inches, inches a picture, dots an inch
_PALEST = 0.35  # of an event that hardly comes
_PAGE_WIDE = 7.2  # inches: what A4 and Letter leave between margins
_LONGEST = 40  # characters of a label
# Text as shapes, dollar signs not read as formulas, and equal pictures with equal bytes.
_SETTINGS: Any = {"svg.fonttype": "path", "svg.hashsalt": "feecalc", "text.parse_math": False}


def revenue_by_year(axes: Axes, table: pl.DataFrame) -> None:
    """Draw a stacked bar of revenue for each year.

    Shape of ``table``: year, group (text), revenue, below (USD; where the bar begins).
    """
    for number, (name, rows) in enumerate(table.group_by("group", maintain_order=True)):
        years = [str(year) for year in rows["year"]]
        color = PAYERS[number % len(PAYERS)]
        axes.bar(
            years, _floats(rows["revenue"]), bottom=_floats(rows["below"]), width=0.6, color=color, label=str(name[0])
        )
    _format_axes(axes, "Revenue, USD")
    axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))


def fan(axes: Axes, table: pl.DataFrame) -> None:
    """Draw a band from the 10th to the 90th percentile with the median, the forecast and the target.

    Shape of ``table``: year, p10, p50, p90, planned, target (USD; target null where there is none).
    """
    years = [str(year) for year in table["year"]]
    lines = {name: _floats(table[name]) for name in ("p10", "p50", "p90", "planned")}
    axes.fill_between(years, lines["p10"], lines["p90"], color=LIGHT, alpha=0.6, label="P10 to P90")
    axes.plot(years, lines["p50"], color=DARK, marker="o", label="P50")
    axes.plot(years, lines["planned"], color=DARK, linestyle="--", label="forecast")
    if table["target"].is_not_null().any():
        axes.plot(years, _floats(table["target"]), color=WARM, label="target")
    _format_axes(axes, "Net, USD")
    axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))


def tornado(axes: Axes, table: pl.DataFrame) -> None:
    """Draw two bars from zero for each assumption, the one with the greatest effect first.

    Shape of ``table``: what, low, high (text), low_difference, high_difference (USD).
    """
    shown = table.head(MANY).reverse()
    names = shown["what"].to_list()
    for end, color in (("low", WARM), ("high", DARK)):
        bars = axes.barh(names, _floats(shown[f"{end}_difference"]), color=color, height=0.65)
        for bar, text in zip(bars, shown[end], strict=True):
            width = bar.get_width()
            if width:  # a bar of no length has no label
                is_positive = width > 0
                text_place: dict[str, Any] = {
                    "xytext": (3 if is_positive else -3, 2),
                    "ha": "left" if is_positive else "right",
                }
                anchor = (width, bar.get_y())
                axes.annotate(text, anchor, textcoords="offset points", fontsize=6, color="#444444", **text_place)
    axes.axvline(0, color="#444444", linewidth=0.8)
    axes.margins(x=0.2)
    axes.xaxis.set_major_formatter(dollar_tick)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.tick_params(labelsize=8)
    axes.set_xlabel("Difference over all years, USD", fontsize=9)
    axes.grid(axis="x", color=GRID)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)


def write_forecast(path: Path, tables: dict[str, pl.DataFrame], title: str, kind: str) -> None:
    """Write a file with a chart for each table (keys: revenue, fan, tornado), one below another.

    ``kind``: png, svg or pdf.
    """
    forecast_figure(tables, title).savefig(path, dpi=_DOTS, format=kind)


def forecast_figure(tables: dict[str, pl.DataFrame], title: str) -> Figure:
    """Return a figure with a chart for each table (keys: revenue, fan, tornado), one below another."""
    drawers: dict[str, Any] = {"revenue": revenue_by_year, "fan": fan, "tornado": tornado}
    names = [name for name in drawers if name in tables]
    figure = Figure(figsize=(_WIDE, _HIGH * len(names)), layout="constrained", dpi=_DOTS)
    figure.suptitle(title, fontsize=11, parse_math=False)
    for axes, name in zip(figure.subplots(len(names), 1, squeeze=False)[:, 0], names, strict=True):
        drawers[name](axes, tables[name])
    return figure


def _format_axes(axes: Axes, label: str) -> None:
    axes.set_ylabel(label, fontsize=9)
    axes.yaxis.set_major_formatter(dollar_tick)
    axes.tick_params(labelsize=8)
    axes.grid(axis="y", color=GRID)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _floats(column: pl.Series) -> list[float]:
    """Return decimals as floats: lengths in a picture, not amounts."""
    return column.cast(pl.Float64).to_list()


def events_figure(axes: Axes, table: pl.DataFrame) -> None:
    """Draw events as bars over time, with words in them.

    Shape of ``table``: name, begins, ends, axis_first, axis_last (years: 2027.5), odds (percent), words (text).
    """
    shown = table.head(MANY)
    for position, row in enumerate(shown.to_dicts()):
        strength = _PALEST + (1 - _PALEST) * row["odds"] / 100
        axes.barh(position, row["ends"] - row["begins"], left=row["begins"], color=DARK, alpha=strength, height=0.55)
        axes.annotate(
            row["words"], (row["begins"], position), textcoords="offset points", xytext=(5, -3), fontsize=7.5,
            color="white" if strength > 0.6 else "#1d2a33",
        )  # fmt: skip
    first, last = table["axis_first"][0], table["axis_last"][0]
    axes.set_xlim(first, last)
    axes.set_xticks(range(int(first), int(last) + 1))
    axes.set_yticks(range(shown.height), shown["name"].to_list())
    axes.invert_yaxis()
    axes.grid(axis="x", color=GRID)
    axes.grid(axis="y", visible=False)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right", "left"]].set_visible(False)


def picture(draw: Callable[[Axes, pl.DataFrame], None], table: pl.DataFrame, high: float = 3.0) -> bytes:
    """Return the SVG of the chart that ``draw`` makes of a table. ``high``: inches.

    Text in the table comes from a person: it is drawn literally, never read as a formula, and cut where it is long.
    """
    with printed(), matplotlib.rc_context(_SETTINGS):
        figure = Figure(figsize=(_PAGE_WIDE, high), layout="constrained")
        draw(figure.subplots(), table.with_columns(_as_drawn(name) for name in _texts(table)))
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()


def _texts(table: pl.DataFrame) -> list[str]:
    return [name for name, kind in table.schema.items() if kind == pl.String]


def _as_drawn(name: str) -> pl.Expr:
    """Return a column's text as drawn: cut, without control characters, with no leading underscore.

    Matplotlib leaves labels that begin with an underscore out of a legend.
    """
    text = pl.col(name)
    cut = pl.when(text.str.len_chars() > _LONGEST).then(text.str.head(_LONGEST - 1) + "…").otherwise(text)
    return cut.str.replace(r"^_", "‗").str.replace_all(r"\p{C}", "?").alias(name)
