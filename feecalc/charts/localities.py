"""Charts of localities: a map, and the part of each GPCI in the difference from the national amount."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any

import altair as alt
import polars as pl

from feecalc.charts import look, us

_FIELDS = ("place", "amount", "rank", "index_to_national")
_TOOLTIP = (
    alt.Tooltip("place:N", title="Locality"),
    alt.Tooltip("amount:Q", title="Amount", format=look.MONEY),
    alt.Tooltip("rank:Q", title="Rank"),
    alt.Tooltip("index_to_national:Q", title="Of national", format=".1%"),
)
_RING = "#1d2a33"
_OUTLINE = "#ffffff"
# areas in pixels, smaller on a narrow screen
_TILE_SIZE = alt.ExprRef("min(620, pow(width * 0.026, 2))")
_POINT_SIZE = alt.ExprRef("max(12, min(62, pow(width * 0.0085, 2)))")
_TILE_NAME = alt.ExprRef("min(24, 9 + width * 0.018)")
_BAR_ROW = 24  # pixels of a bar's row
_LEGEND_ROOM = 36  # pixels of the legend below, beyond one row of it
_INDEX_NAMES = {"work_part": "Work", "pe_part": "Practice expense", "mp_part": "Malpractice"}


def locality_map(places: pl.DataFrame, national: Decimal, chosen: Collection[str] = ()) -> dict[str, Any]:
    """Return a map of localities colored by amount, as a specification for ``streamlit.vega_lite_chart``.

    Shape of ``places``: mac, locality, state, locality_name, place (label), amount (USD), rank, index_to_national; one
    row a locality. ``national``: the amount in the middle of the colors. ``chosen``: keys (09102-04) that get a ring.
    It is a plain dictionary because altair would copy and check the large shapes many times.
    """
    marked = places.with_columns(pl.format("{}-{}", "mac", "locality").is_in(list(chosen)).alias("chosen"))
    color = _color(marked, national)
    layers = [
        _states(us.state_localities(marked), color),
        _dots(us.point_localities(marked), color),
        *_tiles(us.tile_localities(marked), color),
    ]
    chart = alt.layer(*layers, height="container", padding=look.room()).project(type="identity", reflectY=False)
    specification: dict[str, Any] = chart.to_dict()
    specification["layer"][0]["data"] = {
        "values": us.states(),
        "format": {"type": "topojson", "feature": "states"},
    }
    return specification


def _color(places: pl.DataFrame, national: Decimal) -> alt.Color:
    middle = float(national)
    amounts = places["amount"].cast(pl.Float64)
    lowest, highest = amounts.min() or middle, amounts.max() or middle  # a picture's ends
    domain = [min(float(str(lowest)), middle), middle, max(float(str(highest)), middle)]
    return alt.Color(
        "amount:Q",
        scale=alt.Scale(domain=domain, range=[look.LOW, look.MIDDLE, look.HIGH], interpolate="rgb"),
        legend=alt.Legend(
            title="Amount, USD (gray: national)",
            labelExpr=look.MONEY_LABEL,
            orient="bottom",
            gradientLength=220,
            tickCount=5,
        ),
    )


def _states(places: pl.DataFrame, color: alt.Color) -> Any:
    rows = look.inline(places.select("id", *_FIELDS, "chosen"))
    return (
        alt.Chart(alt.NamedData("states"))  # the shapes are put in at the end
        .mark_geoshape(stroke=_OUTLINE, strokeWidth=0.7)
        .transform_lookup(lookup="id", from_=alt.LookupData(data=rows, key="id", fields=[*_FIELDS, "chosen"]))
        .encode(
            color=color,
            stroke=alt.condition("datum.chosen === true", alt.value(_RING), alt.value(_OUTLINE)),
            strokeWidth=alt.condition("datum.chosen === true", alt.value(2.5), alt.value(0.7)),
            tooltip=list(_TOOLTIP),
        )
    )


def _marks(places: pl.DataFrame, *more: str) -> Any:
    rows = look.inline(places.select(*_FIELDS, "chosen", "x", "y", *more))
    return alt.Chart(rows).encode(longitude="x:Q", latitude="y:Q", tooltip=list(_TOOLTIP))


def _dots(places: pl.DataFrame, color: alt.Color) -> Any:
    return (
        _marks(places)
        .mark_circle(size=_POINT_SIZE, opacity=1, stroke=_OUTLINE, strokeWidth=1)
        .encode(
            color=color,
            stroke=alt.condition("datum.chosen", alt.value(_RING), alt.value(_OUTLINE)),
            strokeWidth=alt.condition("datum.chosen", alt.value(2.5), alt.value(1)),
        )
    )


def _tiles(places: pl.DataFrame, color: alt.Color) -> list[Any]:
    squares = (
        _marks(places, "tile")
        .mark_square(size=_TILE_SIZE, opacity=1, stroke=_OUTLINE, strokeWidth=1)
        .encode(
            color=color,
            stroke=alt.condition("datum.chosen", alt.value(_RING), alt.value(_OUTLINE)),
            strokeWidth=alt.condition("datum.chosen", alt.value(2.5), alt.value(1)),
        )
    )
    names = _marks(places, "tile").mark_text(dy=_TILE_NAME, fontSize=11, color=look.INK).encode(text="tile:N")
    return [squares, names]


def driver_bars(places: pl.DataFrame) -> alt.Chart:
    """Draw the difference from the national amount as stacked parts by GPCI.

    Shape of ``places``: label (text, a row's label), work_part, pe_part, mp_part (USD); rows in order.
    """
    long = (
        places.select("label", *_INDEX_NAMES)
        .unpivot(on=list(_INDEX_NAMES), index="label", variable_name="index", value_name="part")
        .with_columns(pl.col("index").replace(_INDEX_NAMES))
    )
    scale = alt.Scale(domain=list(_INDEX_NAMES.values()), range=[look.WORK, look.PRACTICE_EXPENSE, look.MALPRACTICE])
    legend = alt.Legend(orient="bottom", direction="vertical")  # side by side they are cut on a narrow screen
    height = _BAR_ROW * places.height + look.AXIS_HEIGHT + _LEGEND_ROOM
    chart: alt.Chart = (
        alt.Chart(look.inline(long), height=height, padding=look.room(right=16))
        .mark_bar(height=look.BAR)
        .encode(
            y=alt.Y(
                "label:N",
                sort=None,
                title=None,
                axis=alt.Axis(labelLimit=look.LABEL_LIMIT, ticks=False, domain=False),
            ),
            x=alt.X("part:Q", **look.money_axis("More or less than national, USD", stack="zero")),
            color=alt.Color("index:N", title=None, scale=scale, legend=legend),
            order=alt.Order("index:N"),
            tooltip=[
                alt.Tooltip("label:N", title="Locality"),
                alt.Tooltip("index:N", title="Index"),
                alt.Tooltip("part:Q", title="Part", format=look.SIGNED_MONEY),
            ],
        )
    )
    return chart
