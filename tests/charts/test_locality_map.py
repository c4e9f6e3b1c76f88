"""The map: each point lies in its state, every locality is somewhere, the shapes are put in whole."""

from decimal import Decimal

import polars as pl
import pytest

from feecalc import open_schedule
from feecalc.charts import us
from feecalc.charts.localities import locality_map


@pytest.fixture(scope="module")
def places():
    localities = open_schedule().localities.select("mac", "locality", "state", "locality_name")
    return localities.with_columns(
        pl.col("locality_name").alias("place"),
        (100 + pl.int_range(pl.len())).cast(pl.Decimal(12, 2)).alias("amount"),
        pl.int_range(1, pl.len() + 1).alias("rank"),
        pl.lit(Decimal("1.0000")).alias("index_to_national"),
    )


def rings(topology, geometry):
    """The outlines of a topojson geometry, as lists of points."""
    scale, origin = topology["transform"]["scale"], topology["transform"]["translate"]

    def arc(number):
        x = y = 0
        points = []
        for dx, dy in topology["arcs"][number if number >= 0 else ~number]:
            x, y = x + dx, y + dy
            points.append((x * scale[0] + origin[0], y * scale[1] + origin[1]))
        return points if number >= 0 else points[::-1]

    polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    return [[point for number in ring for point in arc(number)] for polygon in polygons for ring in polygon]


def is_inside(point, ring):
    x, y = point
    crossings = 0
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            crossings += 1
    return crossings % 2 == 1


def test_each_point_lies_in_its_state_or_beside_its_shore(places):
    topology = us.states()
    shapes = {shape["id"]: rings(topology, shape) for shape in topology["objects"]["states"]["geometries"]}
    ids = {row["state"]: row["id"] for row in us.positions()["state"]}
    points = us.point_localities(places)
    assert points.height > 40
    for row in points.iter_rows(named=True):
        outlines = shapes[ids[row["state"]]]
        shore = min((row["x"] - x) ** 2 + (row["y"] - y) ** 2 for ring in outlines for x, y in ring) ** 0.5
        assert any(is_inside((row["x"], row["y"]), ring) for ring in outlines) or shore < 6, row["locality_name"]


def test_every_locality_is_somewhere_and_every_state_is_filled(places):
    assert us.unmapped_localities(places).height == 0
    assert us.state_localities(places).height == 51
    assert us.tile_localities(places)["tile"].sort().to_list() == ["GU", "PR", "VI"]
    assert us.short_names(places).is_unique().all()


def test_a_locality_that_the_map_does_not_know_is_named(places):
    moved = places.with_columns(pl.col("locality").replace("04", "98"))
    assert us.unmapped_localities(moved)["locality_name"].to_list() == ["MIAMI", "QUEENS"]


def test_the_specification_holds_the_shapes_once(places):
    specification = locality_map(places, Decimal("150"), ["09102-04"])
    shapes = specification["layer"][0]["data"]["values"]
    assert shapes["objects"]["states"]["geometries"]
    assert "states" not in specification.get("datasets", {})
    rows = [row for rows in specification["datasets"].values() for row in rows]
    assert [row["place"] for row in rows if row["chosen"]] == ["MIAMI"]
