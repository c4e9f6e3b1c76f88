"""A scenario's events over its years, in print: a bar each from its first day to its last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from feecalc.charts.look import DARK, GRID, MANY

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PALEST = 0.35  # of an event that hardly comes


def events_figure(axes: Axes, table: pl.DataFrame) -> None:
    """Shape of ``table``: name, begins, ends, axis_first, axis_last (years: 2027.5), odds (percent), words (in it)."""
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
