"""Wage index areas: what an area's index is, found by its number or its name, never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import polars as pl

from feecalc import reference
from feecalc.errors import AmbiguousLocality, UnknownLocality
from feecalc.facility.amounts import INDEX_PLACES, ONE_INDEX
from feecalc.money import exact, fewest
from feecalc.pricing.places.locality import words

_NUMBER = re.compile(r"\d{2}|\d{5}")
_STATES = re.compile(r",\s*([A-Z]{2}(?:-[A-Z]{2})*)\s*$")
_MOST_NAMED = 8
_PRINTED = 4  # decimals of an index, at least
NATIONAL, GIVEN = "national rate: no area given", "wage index as given"
_SCHEMA = {"cbsa": pl.String, "area": pl.String, "index": pl.Int64, "area_status": pl.String, "area_note": pl.String}


@dataclass(frozen=True)
class Area:
    """A core-based statistical area, or the rural area of a state (two digits)."""

    cbsa: str
    name: str

    @property
    def label(self) -> str:
        return f"{self.cbsa} {self.name}"


def surgery_center_areas(table: pl.DataFrame) -> pl.DataFrame:
    """Return the index of each area for ASCs. Shape: cbsa, area, index (10^-8), area_status, area_note.

    An area that the file prints with several indices has none here: which holds for whom it does not say.
    """
    by_area = table.group_by("cbsa", maintain_order=True).agg(
        pl.col("name").first().alias("area"), pl.col("wage_index").drop_nulls().unique(maintain_order=True)
    )
    count = pl.col("wage_index").list.len()
    text = pl.element().cast(pl.Decimal(38, INDEX_PLACES)).cast(pl.String)
    spare = f"0{{1,{INDEX_PLACES - _PRINTED}}}$"
    printed = pl.col("wage_index").list.eval(text.str.replace(spare, "")).list.join(", ")
    status = pl.when(count == 0).then(pl.lit("no_wage_index")).when(count > 1).then(pl.lit("several_wage_indices"))
    return by_area.select(
        "cbsa",
        "area",
        pl.when(count == 1).then(_whole(pl.col("wage_index").list.first())).alias("index"),
        status.alias("area_status"),
        pl.when(count > 1)
        .then(pl.format("the file prints {} for this area: give the ASC's own", printed))
        .alias("area_note"),
    )


def hospital_areas(table: pl.DataFrame, day: date) -> pl.DataFrame:
    """Return the index of each area for hospitals, after the floor of its state. Shape: as ``surgery_center_areas``.

    The floor is the state's rural index or imputed floor. In an area of several states the hospital's own decides: its
    floor is not applied, and that is said. Source: reference/opps_state_floor.toml.
    """
    rows = {row["cbsa"]: row for row in table.iter_rows(named=True)}
    rural = {row["state"]: row["cbsa"] for row in reference.rows_on("opps_state_floor", day)}
    floors = {state: _floor(rows.get(cbsa)) for state, cbsa in rural.items()}
    found = []
    for cbsa, row in rows.items():
        own = _of(row["wage_index"])
        states = _STATES.search(row["name"])
        named = states[1].split("-") if states else []
        floor = floors.get(named[0], 0) if len(named) == 1 else _floor(row) if not named else 0
        note = ""
        if floor > own:
            what = f"wage index floor of {named[0]}" if named else "wage index floor of the state"
            note = f"{what}, in place of the area's own {shown_index(exact(own, INDEX_PLACES))}" if own else what
        elif len(named) > 1 and any(floors.get(state, 0) > own for state in named):
            note = f"the floor of the hospital's state ({' or '.join(named)}) is not applied: give its own wage index"
        index = max(own, floor)
        found.append((cbsa, row["name"], index or None, None if index else "no_wage_index", note or None))
    return pl.DataFrame(found, schema=_SCHEMA, orient="row")


def _floor(row: dict[str, Decimal | None] | None) -> int:
    if row is None:
        return 0
    values = [row["wage_index"], row["imputed_floor"]]
    return max(map(_of, values))


def _whole(index: pl.Expr) -> pl.Expr:
    return index.cast(pl.Decimal(38, INDEX_PLACES)).to_physical().cast(pl.Int64)


def _of(index: Decimal | None) -> int:
    """Return an index as a whole number, 0 where there is none."""
    return 0 if index is None else int(index.scaleb(INDEX_PLACES))


def shown_index(index: Decimal) -> Decimal:
    """Return the index with its own decimals, and four at least, as CMS prints it."""
    return fewest(index, _PRINTED)


def find_area(areas: pl.DataFrame, text: str, source: str) -> Area:
    """Return the one area that ``text`` is the number of, or whose name holds all its words.

    Raises UnknownLocality with the nearest names, AmbiguousLocality with the ones that fit.
    """
    asked = text.strip()
    all_areas = [Area(*row) for row in areas.select("cbsa", "area").iter_rows()]
    if _NUMBER.fullmatch(asked):
        found = [each for each in all_areas if each.cbsa == asked]
        if found:
            return found[0]
        raise UnknownLocality(f"no area {asked} in {source}; give its CBSA, or words of its name (Miami, FL)")
    found = named(all_areas, asked)
    if len(found) == 1:
        return found[0]
    if found:
        listed = "".join(f"\n  {each.label}" for each in found[:_MOST_NAMED])
        more = f"\n  and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
        raise AmbiguousLocality(f"{asked[:80]!r} fits {len(found)} areas of {source}:{listed}{more}\nGive one number.")
    raise UnknownLocality(f"no area named {asked[:80]!r} in {source}; give its number, as 33124")


def named(areas: list[Area], text: str) -> list[Area]:
    """Return the areas whose name holds every word of ``text``."""
    wanted = set(words(text))
    return [area for area in areas if wanted and wanted <= set(words(area.name))]


def with_index(lines: pl.DataFrame, areas: pl.DataFrame) -> pl.DataFrame:
    """Add index (10^-8), area, area_status and area_note: the line's own wage index, else its area's, else 1."""
    own = _whole(pl.col("wage_index"))
    joined = lines.join(areas, on="cbsa", how="left", maintain_order="left")
    given, national = pl.col("wage_index").is_not_null(), pl.col("cbsa") == ""
    return joined.with_columns(
        pl.when(given).then(own).when(national).then(ONE_INDEX).otherwise("index").alias("index"),
        pl.when(given | national)
        .then(None)
        .when(pl.col("area").is_null())
        .then(pl.lit("unknown_area"))
        .otherwise("area_status")
        .alias("area_status"),
        pl.when(given)
        .then(pl.lit(GIVEN))
        .when(national)
        .then(pl.lit(NATIONAL))
        .otherwise("area_note")
        .alias("area_note"),
    )
