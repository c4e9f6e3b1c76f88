"""Possible readings of a clause that a contract does not specify, and the releases and localities they choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from feecalc import reference
from feecalc.contracts.fields import SectionT, with_keys
from feecalc.pricing.places.locality import Locality
from feecalc.pricing.schedule import FeeSchedule


@dataclass(frozen=True)
class Reading:
    """One reading of a clause: its meaning, the contract sentence and file entry that specify it, and its keys."""

    clause: str
    name: str
    meaning: str
    sentence: str
    entry: str
    default: bool
    table: str = field(repr=False, compare=False)
    keys: Mapping[str, Any] = field(repr=False, compare=False)

    def terms(self, contract: SectionT) -> SectionT:
        """Return the contract with this reading."""
        return with_keys(contract, self.table, self.keys)

    @classmethod
    def from_row(
        cls, row: reference.Row, table: str, keys: Mapping[str, Any], name: str = "", **words: object
    ) -> Reading:
        """Return a reading from a row of contract_reading.toml; ``words`` fill the braces in its texts."""
        meaning, sentence, entry = (
            row[key].format(**words) if words else row[key] for key in ("says", "sentence", "entry")
        )
        is_default = row.get("default", False)
        return cls(row["clause"], name or row["reading"], meaning, sentence, entry, is_default, table, keys)


@dataclass(frozen=True)
class Choices:
    """The releases, oldest first, and the localities that a contract could mean."""

    schedules: Sequence[FeeSchedule]
    places: Sequence[Locality]
    day: date  # whose reference rows apply

    @classmethod
    def of(cls, schedules: Sequence[FeeSchedule], keys: Sequence[tuple[str, str]], day: date, most: int) -> Choices:
        """Return the choices with the localities of the states that the lines are in.

        ``keys`` (mac, locality) are the lines'; at most ``most`` localities are taken, the lines' own first.
        """
        newest = max(schedules, key=lambda schedule: schedule.release.first_date_of_service)
        by_key = {(place.mac, place.locality): place for place in newest.all_localities}
        own = [by_key[key] for key in dict.fromkeys(keys) if key in by_key]
        states = {place.state for place in own}
        same_states = [place for place in newest.all_localities if place.state in states and place not in own]
        in_order = sorted(schedules, key=lambda schedule: schedule.release.first_date_of_service)
        return cls(in_order, [*own, *same_states][:most], day)
