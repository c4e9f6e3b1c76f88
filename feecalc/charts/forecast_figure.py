"""A forecast's pictures in matplotlib, for a file or a report: revenue, the fan of the draws, the tornado, the events.

Tables in, no arithmetic; the altair twins are in ``forecast``. A report's picture is an SVG of its own, text drawn as
shapes, so that it looks the same on every machine.
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
# Text as shapes, a person's dollar signs no formula, and the same picture the same bytes.
_SETTINGS: Any = {"svg.fonttype": "path", "svg.hashsalt": "feecalc", "text.parse_math": False}


def revenue_by_year(axes: Axes, table: pl.DataFrame) -> None:
    """Draw a stacked bar for each year. Shape: year, group (text), revenue, below (USD; what the bar stands on)."""
    for number, (name, rows) in enumerate(table.group_by("group", maintain_order=True)):
        years = [str(year) for year in rows["year"]]
        color = PAYERS[number % len(PAYERS)]
        axes.bar(
            years, _floats(rows["revenue"]), bottom=_floats(rows["below"]), width=0.6, color=color, label=str(name[0])
        )
    _dressed(axes, "Revenue, USD")
    axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))


def fan(axes: Axes, table: pl.DataFrame) -> None:
    """Draw a band from the tenth to the ninetieth percentile, its middle, the forecast and the target.

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
    """Draw two bars a row from zero, what moves most above.

    Shape: what, low, high (text), low_difference, high_difference (USD).
    """
    shown = table.head(MANY).reverse()
    names = shown["what"].to_list()
    for end, color in (("low", WARM), ("high", DARK)):
        bars = axes.barh(names, _floats(shown[f"{end}_difference"]), color=color, height=0.65)
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
    """Draw the same as a figure, to be saved where one likes."""
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
    """Return decimals as binary numbers: a picture's lengths, not amounts."""
    return column.cast(pl.Float64).to_list()


def events_figure(axes: Axes, table: pl.DataFrame) -> None:
    """Draw ``table``: name, begins, ends, axis_first, axis_last (years: 2027.5), odds (percent), words (in it)."""
    shown = table.head(MANY)
    for at, row in enumerate(shown.to_dicts()):
        strength = _PALEST + (1 - _PALEST) * row["odds"] / 100
        axes.barh(at, row["ends"] - row["begins"], left=row["begins"], color=DARK, alpha=strength, height=0.55)
        axes.annotate(
            row["words"], (row["begins"], at), textcoords="offset points", xytext=(5, -3), fontsize=7.5,
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
    """Return what ``draw`` makes of a table, as an SVG's bytes. ``high``: inches.

    Text in the table is a person's: it is drawn as it stands, never read as a formula, and cut where it is long.
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
    """Cut, without control characters, and with another dash where matplotlib would leave a label out of a legend."""
    text = pl.col(name)
    cut = pl.when(text.str.len_chars() > _LONGEST).then(text.str.head(_LONGEST - 1) + "…").otherwise(text)
    return cut.str.replace(r"^_", "‗").str.replace_all(r"\p{C}", "?").alias(name)
