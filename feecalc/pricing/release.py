"""What a schedule says of the release it prices by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from feecalc.errors import InvalidValue


@dataclass(frozen=True)
class ReleaseIdentity:
    """Name a release and where its figures came from. ``starter``: the embedded selection, not the whole release."""

    name: str
    year: int
    first_date_of_service: date
    source_name: str
    sha256: str
    retrieved: str | None = None
    starter: bool = False
    members: Mapping[str, str] = field(default_factory=dict)

    def member(self, table: str) -> str:
        """Return the file of CMS's that filled a table."""
        return self.members.get(table, self.source_name)

    def day(self, wanted: date | None) -> date:
        """Return the date to price: the release's first unless given. Raises InvalidValue for another year's."""
        day = wanted or self.first_date_of_service
        if day.year != self.year:
            raise InvalidValue(
                f"{self.name} prices services of {self.year}, not of {day}; leave the release out and the one in force "
                "on that day is taken"
            )
        return day
