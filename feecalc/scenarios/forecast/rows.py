"""A scenario's volumes as rows to price, the atoms they are summed by, and the rows as other providers do them.

Rows of other kinds of providers and of other places are priced at once, since a call of the engine is what costs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from feecalc.contracts.categories import reporting_categories
from feecalc.contracts.codes import code_keys
from feecalc.errors import FeeCalcError, InvalidValue
from feecalc.files.volume import NATIONAL, read_volume
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.places.zip_code import ZipDirectory
from feecalc.pricing.schedule import FeeSchedule
from feecalc.scenarios.scenario.events import Hire, SiteShift
from feecalc.scenarios.scenario.model import Scenario
from feecalc.scenarios.scenario.parts import Location

OTHER = "other"
PHYSICIAN = "physician"
_MOST_ROWS = 200_000
_MOST_CENTS = 10**9  # of a unit
_WHOLE_64 = 2**63

ShiftKey = tuple[tuple[str, ...], str, tuple[str, ...]]
Variant = tuple[str | None, str | None]  # provider type and place of service; None leaves each row's own


@dataclass(frozen=True)
class Rows:
    """Volume rows, sorted by atom: rows of one location, category and payer that the same site shifts move.

    Shape of ``frame``: contracts.volumes.COLUMNS and location, category, payer ("" where a share says), atom. Shape of
    ``atoms``: location, category, payer, units, one row an atom.
    """

    frame: pl.DataFrame
    atoms: pl.DataFrame
    starts: Integers  # the first row of each atom
    touched: Mapping[ShiftKey, Flags]  # shape: [atom]

    @cached_property
    def units(self) -> Integers:
        return self.frame["units"].to_numpy()

    def sums(self, cents: Integers) -> list[int]:
        """Return units times cents, summed over each atom; exact. Shape: [atom]."""
        return [int(amount) for amount in np.add.reduceat(self.units * cents, self.starts)]

    def touched_by(self, shift: SiteShift) -> Flags:
        """Return which atoms a site shift moves."""
        return self.touched[shift_key(shift)]

    def at(self, location: Sequence[str]) -> Flags:
        """Return the atoms of these locations; all where none is named."""
        if not location:
            return np.ones(self.atoms.height, np.bool_)
        return self.atoms["location"].is_in(list(location)).to_numpy()


def shift_key(shift: SiteShift) -> ShiftKey:
    """Return what a shift moves: its codes, the place it moves them from, the locations."""
    return (shift.codes, shift.from_place, shift.locations)


def read_rows(scenario: Scenario, folder: Path, schedule: FeeSchedule, zips: ZipDirectory | None = None) -> Rows:
    """Return the volumes of a scenario, each location's at its locality. ``folder``: the one of the scenario's file.

    Raises InvalidValue and what ``read_volume`` raises.
    """
    parts = []
    for location in scenario.location:
        path = folder / str(location.volume or scenario.volume)
        if not path.is_file():
            raise InvalidValue(f"volume {str(location.volume or scenario.volume)!r}: no such file beside the scenario")
        try:
            volume = read_volume(path, [schedule], locality=location.locality, zips=zips)
        except FeeCalcError as error:
            raise type(error)(f"location {location.name}: {error}") from error
        own = _of_location(scenario, location, volume, schedule)
        parts.append(own.with_columns(pl.lit(location.name).alias("location")))
    if scenario.volume is not None and len(scenario.location) > 1 and scenario.location[0].share is None:
        _refuse_lost(volume, parts)
    return rows_of(scenario, pl.concat(parts), schedule.release.first_date_of_service)


def rows_of(scenario: Scenario, volume: pl.DataFrame, day: date) -> Rows:
    """Return rows of a volume that names the location of each. Raises InvalidValue."""
    if not 1 <= volume.height <= _MOST_ROWS:
        raise InvalidValue(f"the volumes have {volume.height:,} rows; a scenario has from 1 to {_MOST_ROWS:,}")
    most = int(volume["units"].max() or 0)  # type: ignore[arg-type]  # whole numbers
    if most * _MOST_CENTS * volume.height >= _WHOLE_64:
        raise InvalidValue(f"{most:,} units in a row of the volume; that is more than can be summed")
    named = reporting_categories(day)
    numbers = pl.Series(named.numbers(volume.select(code_keys("hcpcs").fill_null(-1))["hcpcs"].to_numpy()))
    known = numbers.replace_strict(dict(enumerate(named.names)), default=OTHER, return_dtype=pl.String)
    frame = volume.with_columns(
        pl.coalesce(pl.col("category"), known).alias("category"),
        (pl.col("payer") if scenario.names_payers else pl.lit("")).alias("payer"),
    )
    _payers(scenario, volume)
    _provider_types(scenario, frame)
    shifts = list(dict.fromkeys(map(shift_key, _shifts(scenario))))
    moved = [
        pl.col("hcpcs").is_in(list(codes))
        & (pl.col("place_of_service") == place)
        & (pl.col("location").is_in(list(at)) if at else pl.lit(True))
        for codes, place, at in shifts
    ]
    keys = ["location", "category", "payer", *(f"moved_{n}" for n in range(len(moved)))]
    frame = frame.with_columns(change.alias(f"moved_{n}") for n, change in enumerate(moved))
    order = {location.name: number for number, location in enumerate(scenario.location)}
    frame = frame.sort(pl.col("location").replace_strict(order), *keys[1:], maintain_order=True)
    frame = frame.with_columns(pl.struct(keys).rle_id().alias("atom"))
    atoms = frame.group_by("atom", maintain_order=True).agg(
        *(pl.col(name).first() for name in keys), pl.col("units").sum()
    )
    starts = frame.select(pl.arg_where(pl.col("atom").is_first_distinct())).to_series().to_numpy()
    touched = {key: atoms[f"moved_{number}"].to_numpy() for number, key in enumerate(shifts)}
    return Rows(frame.drop(keys[3:]), atoms.select("location", "category", "payer", "units"), starts, touched)


def _of_location(scenario: Scenario, location: Location, volume: pl.DataFrame, schedule: FeeSchedule) -> pl.DataFrame:
    """Return the rows of one location: all of its own file, else those of its locality. Raises InvalidValue."""
    if scenario.volume is None or len(scenario.location) == 1:
        return volume
    mac, locality = _place(location, schedule)
    own = (volume["mac"] == mac) & (volume["locality"] == locality)
    if location.share is None:
        if not own.any():
            raise InvalidValue(f"location {location.name}: no row of the volume is in {location.locality}")
        if own.all() and len(scenario.location) > 1:
            raise InvalidValue(
                "the volume does not say which rows are of which location; give it a column for locality, or each "
                "[[location]] a share or a volume"
            )
        return volume.filter(own)
    if not own.all():
        raise InvalidValue(f"location {location.name}: it has a share of the volume, whose rows name their localities")
    return volume


def _place(location: Location, schedule: FeeSchedule) -> tuple[str, str]:
    if location.locality.lower() == NATIONAL:
        return "", ""
    found = schedule.find_locality(location.locality)
    return found.mac, found.locality


def _refuse_lost(volume: pl.DataFrame, parts: Sequence[pl.DataFrame]) -> None:
    """Raise InvalidValue where a row of the volume is of no location, or of two."""
    keys = ["mac", "locality"]
    counted = pl.concat([part.select(keys).unique() for part in parts])
    if counted.is_duplicated().any():
        raise InvalidValue("two locations are in one locality: give each [[location]] a share or a volume of its own")
    lost = volume.join(counted, on=keys, how="anti")
    if lost.height:
        mac, locality = lost.select(keys).row(0)
        raise InvalidValue(f"the volume has rows in {mac}-{locality}, and no [[location]] is there")


def _shifts(scenario: Scenario) -> list[SiteShift]:
    events = [*scenario.event, *(event for alternative in scenario.alternative for event in alternative.event)]
    return [event for event in events if isinstance(event, SiteShift)]


def _payers(scenario: Scenario, volume: pl.DataFrame) -> None:
    if not scenario.names_payers:
        if volume["payer"].is_not_null().any():
            raise InvalidValue("the volume names payers and the scenario gives shares; take one of the two out")
        return
    known = [payer.name for payer in scenario.payer]
    lost = volume.filter(~pl.col("payer").is_in(known) | pl.col("payer").is_null())
    if lost.height:
        raise InvalidValue(
            f"the volume's row of {lost['hcpcs'][0]} names the payer {lost['payer'][0] or ''!r}; without shares every "
            f"row has one of the scenario's payers: {', '.join(known)}"
        )


def _provider_types(scenario: Scenario, frame: pl.DataFrame) -> None:
    if scenario.provider and frame["provider_type"].ne(PHYSICIAN).any():
        raise InvalidValue("the volume names provider types, and so does the scenario; take one of the two out")


def variants_of(scenario: Scenario) -> tuple[Variant, ...]:
    """Return every kind of provider of a scenario and its alternatives, at every place."""
    events = [*scenario.event, *(event for alternative in scenario.alternative for event in alternative.event)]
    kinds: list[str | None] = [provider.provider_type for provider in scenario.provider] or [None]
    kinds += [event.provider.provider_type for event in events if isinstance(event, Hire)]
    places = [None, *(event.to_place for event in events if isinstance(event, SiteShift))]
    return tuple((kind, place) for kind in dict.fromkeys(kinds) for place in dict.fromkeys(places))


def as_variant(rows: pl.DataFrame, variant: Variant) -> pl.DataFrame:
    """Return the rows done by another kind of provider, at another place."""
    changed = dict(zip(("provider_type", "place_of_service"), variant, strict=True))
    return rows.with_columns(pl.lit(value).alias(name) for name, value in changed.items() if value is not None)


@dataclass(frozen=True)
class Stack:
    """Variants of the rows, one below the other."""

    rows: pl.DataFrame
    variants: Sequence[Variant]

    @cached_property
    def frame(self) -> pl.DataFrame:
        return pl.concat([as_variant(self.rows, variant) for variant in self.variants])

    def of(self, variant: Variant, values: Integers) -> Integers:
        """Return the part of the frame's values that is a variant's. Shape: [row]."""
        first = self.variants.index(variant) * self.rows.height
        return values[first : first + self.rows.height]
