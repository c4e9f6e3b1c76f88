"""The map of states (us-atlas 3, the Census Bureau's shapes; license beside it) and the localities' places on it."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl

WIDTH, HEIGHT = 975, 610  # the space the shapes are projected to
_REST = "REST OF"
_SPELLED = {"Nyc": "NYC", "Nj": "NJ", "Dc ": "DC ", "Md/Va": "MD/VA", "Rest Of": "Rest of", "/N ": "/N. "}


@cache
def states() -> dict[str, Any]:
    """Return the shapes of the map as topojson, objects ``states`` (id: FIPS code) and ``nation``."""
    shapes: dict[str, Any] = json.loads(files(__name__).joinpath("states-albers-10m.json").read_text(encoding="utf-8"))
    return shapes


@cache
def positions() -> dict[str, list[dict[str, Any]]]:
    """Return the rows of positions.toml: state, point, tile."""
    return tomllib.loads(files(__name__).joinpath("positions.toml").read_text(encoding="utf-8"))


def state_localities(places: pl.DataFrame) -> pl.DataFrame:
    """Return the localities that fill a state's shape: its only one, or its "rest of state". Adds ``id``.

    Shape of ``places``: mac, locality, state, locality_name and other columns.
    """
    statewide = places.filter((pl.len().over("state") == 1) | pl.col("locality_name").str.starts_with(_REST))
    return statewide.unique("state", maintain_order=True).join(_table("state", "state", "id"), on="state", how="inner")


def point_localities(places: pl.DataFrame) -> pl.DataFrame:
    """Return the localities drawn as points, with ``x`` and ``y``. Shape of ``places``: as ``state_localities``."""
    return places.join(_table("point", "mac", "locality", "x", "y"), on=["mac", "locality"], how="inner")


def tile_localities(places: pl.DataFrame) -> pl.DataFrame:
    """Return the localities drawn as tiles beside the map, with ``tile``, ``x`` and ``y``."""
    return places.join(_table("tile", "state", "tile", "x", "y"), on="state", how="inner")


def unmapped_localities(places: pl.DataFrame) -> pl.DataFrame:
    """Return the localities that are not on the map: new or renumbered ones, not yet in positions.toml."""
    mapped = pl.concat(
        [
            places_on_map.select("mac", "locality")
            for places_on_map in (state_localities(places), point_localities(places), tile_localities(places))
        ]
    )
    return places.join(mapped, on=["mac", "locality"], how="anti")


def short_names(places: pl.DataFrame) -> pl.Series:
    """Return short names of localities, such as San Jose, CA; with the locality's number where two share a name."""
    first = pl.col("locality_name").str.split("(").list.first().str.strip_chars()
    parts = pl.when(first.str.count_matches("-") > 1).then(first.str.split("-").list.first()).otherwise(first)
    name = pl.concat_str(parts.str.to_titlecase().str.replace_many(_SPELLED), pl.lit(", "), "state")
    number = pl.format(" ({}-{})", "mac", "locality")
    return places.with_columns(name.alias("name")).select(
        pl.when(pl.col("name").is_duplicated()).then(pl.col("name") + number).otherwise("name")
    )["name"]


def _table(kind: str, *columns: str) -> pl.DataFrame:
    return pl.DataFrame([{name: row[name] for name in columns} for row in positions()[kind]])
