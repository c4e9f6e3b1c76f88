"""What a payer could mean where a contract is silent: a reading of a clause, and what there is to read it by."""

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
    """One way to read a clause: what it says, the sentence and the entry of a file that say so, and its keys."""

    clause: str
    name: str
    says: str
    sentence: str
    entry: str
    default: bool
    table: str = field(repr=False, compare=False)
    keys: Mapping[str, Any] = field(repr=False, compare=False)

    def terms(self, contract: SectionT) -> SectionT:
        """Return the contract that says so."""
        return with_keys(contract, self.table, self.keys)

    @classmethod
    def of_row(
        cls, row: reference.Row, table: str, keys: Mapping[str, Any], name: str = "", **words: object
    ) -> Reading:
        """Return a reading of contract_reading.toml. ``words`` stand where its texts have braces."""
        says, sentence, entry = (
            row[key].format(**words) if words else row[key] for key in ("says", "sentence", "entry")
        )
        is_default = row.get("default", False)
        return cls(row["clause"], name or row["reading"], says, sentence, entry, is_default, table, keys)


@dataclass(frozen=True)
class Choices:
    """What there is to read a contract by: the releases at hand, oldest first, and places it could mean."""

    schedules: Sequence[FeeSchedule]
    places: Sequence[Locality]
    day: date  # in force on it: the rows of reference/

    @classmethod
    def of(cls, schedules: Sequence[FeeSchedule], keys: Sequence[tuple[str, str]], day: date, most: int) -> Choices:
        """Return the choices with the localities of the states that lines lie in.

        ``keys`` (mac, locality) are the lines'; at most ``most`` localities are taken, the lines' own first.
        """
        newest = max(schedules, key=lambda schedule: schedule.release.first_date_of_service)
        at = {(place.mac, place.locality): place for place in newest.all_localities}
        own = [at[key] for key in dict.fromkeys(keys) if key in at]
        states = {place.state for place in own}
        near = [place for place in newest.all_localities if place.state in states and place not in own]
        in_order = sorted(schedules, key=lambda schedule: schedule.release.first_date_of_service)
        return cls(in_order, [*own, *near][:most], day)
