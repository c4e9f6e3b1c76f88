"""A forecast's pictures in matplotlib, for a file: revenue by year, the fan of the draws, the tornado.

Tables in, no arithmetic; the altair twins are in ``forecast``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from feecalc.charts.look import DARK, GRID, LIGHT, MANY, PAYERS, WARM, dollar_tick

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDE, _HIGH, _DOTS = 9.0, 3.6, 150  # inches, inches a picture, dots an inch


def revenue_by_year(axes: Axes, table: pl.DataFrame) -> None:
    """A stacked bar for each year. Shape: year, group (text), revenue, below (USD; what the bar stands on)."""
    for number, (name, rows) in enumerate(table.group_by("group", maintain_order=True)):
        years = [str(each) for each in rows["year"]]
        colour = PAYERS[number % len(PAYERS)]
        axes.bar(
            years, _floats(rows["revenue"]), bottom=_floats(rows["below"]), width=0.6, color=colour, label=str(name[0])
        )
    _dressed(axes, "Revenue, USD")
    axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))


def fan(axes: Axes, table: pl.DataFrame) -> None:
    """A band from the tenth to the ninetieth percentile, its middle, the forecast and the target.

    Shape: year, p10, p50, p90, planned, target (USD; target null where there is none).
    """
    years = [str(each) for each in table["year"]]
    lines = {name: _floats(table[name]) for name in ("p10", "p50", "p90", "planned")}
    axes.fill_between(years, lines["p10"], lines["p90"], color=LIGHT, alpha=0.6, label="P10 to P90")
    axes.plot(years, lines["p50"], color=DARK, marker="o", label="P50")
    axes.plot(years, lines["planned"], color=DARK, linestyle="--", label="forecast")
    if table["target"].is_not_null().any():
        axes.plot(years, _floats(table["target"]), color=WARM, label="target")
    _dressed(axes, "Net, USD")
    axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))


def tornado(axes: Axes, table: pl.DataFrame) -> None:
    """Two bars a row from zero, what moves most above.

    Shape: what, low, high (text), low_difference, high_difference (USD).
    """
    shown = table.head(MANY).reverse()
    names = shown["what"].to_list()
    for end, colour in (("low", WARM), ("high", DARK)):
        bars = axes.barh(names, _floats(shown[f"{end}_difference"]), color=colour, height=0.65)
        for bar, text in zip(bars, shown[end], strict=True):
            width = bar.get_width()
            if width:  # a bar of no length has no label
                right = width > 0
                at: dict[str, Any] = {"xytext": (3 if right else -3, 2), "ha": "left" if right else "right"}
                where = (width, bar.get_y())
                axes.annotate(text, where, textcoords="offset points", fontsize=6, color="#444444", **at)
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
    """The pictures whose tables are given (revenue, fan, tornado), one below the other. ``kind``: png, svg or pdf."""
    forecast_figure(tables, title).savefig(path, dpi=_DOTS, format=kind)


def forecast_figure(tables: dict[str, pl.DataFrame], title: str) -> Figure:
    """The same as a figure, to be saved where one likes."""
    drawn: dict[str, Any] = {"revenue": revenue_by_year, "fan": fan, "tornado": tornado}
    wanted = [name for name in drawn if name in tables]
    figure = Figure(figsize=(_WIDE, _HIGH * len(wanted)), layout="constrained", dpi=_DOTS)
    figure.suptitle(title, fontsize=11, parse_math=False)
    for axes, name in zip(figure.subplots(len(wanted), 1, squeeze=False)[:, 0], wanted, strict=True):
        drawn[name](axes, tables[name])
    return figure


def _dressed(axes: Axes, label: str) -> None:
    axes.set_ylabel(label, fontsize=9)
    axes.yaxis.set_major_formatter(dollar_tick)
    axes.tick_params(labelsize=8)
    axes.grid(axis="y", color=GRID)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _floats(column: pl.Series) -> list[float]:
    """Decimals as binary numbers: a picture's lengths, not amounts."""
    return column.cast(pl.Float64).to_list()
