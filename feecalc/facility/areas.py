"""Wage index areas: the index of each area, looked up by number or name, never guessed."""

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
    """Return the wage index of each area for ASCs. Shape: cbsa, area, index (10^-8), area_status, area_note.

    An area for which the file prints more than one index has none here: the file does not say to whom each applies.
    """
    by_area = table.group_by("cbsa", maintain_order=True).agg(
        pl.col("name").first().alias("area"), pl.col("wage_index").drop_nulls().unique(maintain_order=True)
    )
    count = pl.col("wage_index").list.len()
    text = pl.element().cast(pl.Decimal(38, INDEX_PLACES)).cast(pl.String)
    trailing_zeros = f"0{{1,{INDEX_PLACES - _PRINTED}}}$"
    printed = pl.col("wage_index").list.eval(text.str.replace(trailing_zeros, "")).list.join(", ")
    status = pl.when(count == 0).then(pl.lit("no_wage_index")).when(count > 1).then(pl.lit("several_wage_indices"))
    return by_area.select(
        "cbsa",
        "area",
        pl.when(count == 1).then(_as_integer(pl.col("wage_index").list.first())).alias("index"),
        status.alias("area_status"),
        pl.when(count > 1)
        .then(pl.format("the file prints {} for this area: give the ASC's own", printed))
        .alias("area_note"),
    )


def hospital_areas(table: pl.DataFrame, day: date) -> pl.DataFrame:
    """Return the wage index of each area for hospitals, after its state's floor. Shape: as ``surgery_center_areas``.

    The floor is the state's rural index or imputed floor. In an area of more than one state the hospital's own state
    decides: no floor is applied, and a note says so. Source: reference/opps_state_floor.toml.
    """
    rows = {row["cbsa"]: row for row in table.iter_rows(named=True)}
    rural = {row["state"]: row["cbsa"] for row in reference.rows_on("opps_state_floor", day)}
    floors = {state: _floor(rows.get(cbsa)) for state, cbsa in rural.items()}
    areas = []
    for cbsa, row in rows.items():
        own_index = _scaled_index(row["wage_index"])
        states = _STATES.search(row["name"])
        state_codes = states[1].split("-") if states else []
        floor = floors.get(state_codes[0], 0) if len(state_codes) == 1 else _floor(row) if not state_codes else 0
        note = ""
        if floor > own_index:
            floor_name = f"wage index floor of {state_codes[0]}" if state_codes else "wage index floor of the state"
            note = (
                f"{floor_name}, in place of the area's own {shown_index(exact(own_index, INDEX_PLACES))}"
                if own_index
                else floor_name
            )
        elif len(state_codes) > 1 and any(floors.get(state, 0) > own_index for state in state_codes):
            listed = " or ".join(state_codes)
            note = f"the floor of the hospital's state ({listed}) is not applied: give its own wage index"
        index = max(own_index, floor)
        areas.append((cbsa, row["name"], index or None, None if index else "no_wage_index", note or None))
    return pl.DataFrame(areas, schema=_SCHEMA, orient="row")


def _floor(row: dict[str, Decimal | None] | None) -> int:
    if row is None:
        return 0
    values = [row["wage_index"], row["imputed_floor"]]
    return max(map(_scaled_index, values))


def _as_integer(index: pl.Expr) -> pl.Expr:
    return index.cast(pl.Decimal(38, INDEX_PLACES)).to_physical().cast(pl.Int64)


def _scaled_index(index: Decimal | None) -> int:
    """Return an index in units of 10^-8, 0 for None."""
    return 0 if index is None else int(index.scaleb(INDEX_PLACES))


def shown_index(index: Decimal) -> Decimal:
    """Return an index with its own decimals, but at least four, as CMS prints it."""
    return fewest(index, _PRINTED)


def find_area(areas: pl.DataFrame, text: str, source: str) -> Area:
    """Return the one area whose number is ``text``, or whose name contains all its words.

    ``source`` names the file in errors. Raises UnknownLocality, or AmbiguousLocality with the areas that match.
    """
    query = text.strip()
    all_areas = [Area(*row) for row in areas.select("cbsa", "area").iter_rows()]
    if _NUMBER.fullmatch(query):
        matches = [area for area in all_areas if area.cbsa == query]
        if matches:
            return matches[0]
        raise UnknownLocality(f"no area {query} in {source}; give its CBSA, or words of its name (Miami, FL)")
    matches = areas_with_words(all_areas, query)
    if len(matches) == 1:
        return matches[0]
    if matches:
        listed = "".join(f"\n  {area.label}" for area in matches[:_MOST_NAMED])
        more = f"\n  and {len(matches) - _MOST_NAMED} more" if len(matches) > _MOST_NAMED else ""
        raise AmbiguousLocality(
            f"{query[:80]!r} fits {len(matches)} areas of {source}:{listed}{more}\nGive one number."
        )
    raise UnknownLocality(f"no area named {query[:80]!r} in {source}; give its number, as 33124")


def areas_with_words(areas: list[Area], text: str) -> list[Area]:
    """Return the areas whose name contains every word of ``text``."""
    query_words = set(words(text))
    return [area for area in areas if query_words and query_words <= set(words(area.name))]


def with_index(lines: pl.DataFrame, areas: pl.DataFrame) -> pl.DataFrame:
    """Return lines with index (10^-8), area, area_status, area_note: the line's own index, else its area's, else 1."""
    own_index = _as_integer(pl.col("wage_index"))
    joined = lines.join(areas, on="cbsa", how="left", maintain_order="left")
    is_given, is_national = pl.col("wage_index").is_not_null(), pl.col("cbsa") == ""
    return joined.with_columns(
        pl.when(is_given).then(own_index).when(is_national).then(ONE_INDEX).otherwise("index").alias("index"),
        pl.when(is_given | is_national)
        .then(None)
        .when(pl.col("area").is_null())
        .then(pl.lit("unknown_area"))
        .otherwise("area_status")
        .alias("area_status"),
        pl.when(is_given)
        .then(pl.lit(GIVEN))
        .when(is_national)
        .then(pl.lit(NATIONAL))
        .otherwise("area_note")
        .alias("area_note"),
    )
