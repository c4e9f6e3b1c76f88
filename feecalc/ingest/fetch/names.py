"""CMS's names of zips: rvu26d.zip, and after a correction rvu26d-updated-08-26-2026.zip.

In older years the date is written with slashes. Other files have names of several words: july-2026-opps-addendum-b.zip.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

_UPDATE = r"(?:[-_ ]*(?:updated|posted|revised|corrected)[-_ ]*)"
_DAY = re.compile(r"(\d{1,2})[-_/. ](\d{1,2})[-_/. ](\d{4})|(\d{7,8})")


@dataclass(frozen=True)
class SeenAddress:
    """An address of a zip on cms.gov: how and where it was seen, and when where that is known."""

    address: str
    how: str = ""
    where: str = ""
    when: str = ""

    @property
    def seen(self) -> str:
        """Where and when it was seen, in words: listed on cms.gov, 2026-02."""
        return f"{self.how} {self.where}".strip() + (f", {self.when}" if self.when else "")


def seen_addresses(rows: Iterable[Mapping[str, Any]]) -> tuple[SeenAddress, ...]:
    """Return the ``addresses`` of a row of reference/release.toml or cms_file.toml, the newest file first."""
    return tuple(SeenAddress(row["address"], row["how"], row["where"], row.get("when", "")) for row in rows)


def names_release(path: str, release: str) -> bool:
    """Return whether the path of a file or address ends in a zip named after this release and no other.

    What follows the name may not carry it on: rvu24ar.zip is not RVU24A, rvu10c_pct0.zip is not RVU10C. CMS writes
    some dates with slashes (rvu25a-updated-01/10/2025.zip), so a name may run over several numbered segments. Other
    files have names of several words (july-2026-opps-addendum): after those only a date or a word of an update may
    stand, for july-2026-opps-addendum-b is another file.
    """
    name = re.escape(release)
    if "-" in release:
        update = r"(?:[-_ ]*(?:\(\d+\)|(?:updated|posted|revised|corrected)?[-_ ]*[\d/._-]*))"
        return re.search(rf"(?:^|/){name}{update}\.zip$", path, re.IGNORECASE) is not None
    return re.search(rf"(?:^|/){name}(?:[^a-z0-9_/][^/]*(?:/\d+)*)?\.zip$", path, re.IGNORECASE) is not None


def file_name(address: str) -> str:
    """Return the file's name in an address, a date in slashes and all: rvu25a-updated-01/10/2025.zip."""
    path = unquote(urlsplit(address).path)
    match = re.search(r"[^/]+(?:/\d+)*\.zip$", path, re.IGNORECASE)
    return match[0] if match else path.rpartition("/")[2]


def without_update(name: str) -> str:
    """Return a file's name without .zip and what an update adds: rvu26d of rvu26d-updated-08-26-2026.zip."""
    stem = re.sub(r"\.zip$", "", name, flags=re.IGNORECASE)
    return re.sub(rf"{_UPDATE}[\d/._-]*$", "", stem, flags=re.IGNORECASE)


def plain_address(address: str, name: str) -> str:
    """Return where a zip is under its plain name, beside another address of it."""
    parts = urlsplit(address)
    folder = unquote(parts.path).removesuffix(file_name(address))
    return urlunsplit(parts._replace(path=f"{folder}{name.lower()}.zip", query="", fragment=""))


def update_day(path: str, release: str) -> date | None:
    """Return the day of the update that a file's name gives; None where it gives none that can be read one way only."""
    name = file_name(path)
    dated = name[len(release) :] if name.lower().startswith(release.lower()) else ""
    if re.match(_UPDATE, dated, re.IGNORECASE) is None:
        return None
    days = set()
    for month, day, year, together in _DAY.findall(dated):
        days |= _days_of(together) if together else _days_of(f"{int(month):02}{int(day):02}{year}")
    return days.pop() if len(days) == 1 else None


def _days_of(digits: str) -> set[date]:
    """Return the days that 01312020 or, its month without the zero, 6302021 may be."""
    year, rest = int(digits[-4:]), digits[:-4]
    splits = [(rest[:2], rest[2:])] if len(rest) == 4 else [(rest[:1], rest[1:]), (rest[:2], rest[2:])]
    found = set()
    for month, day in splits:
        try:
            found.add(date(year, int(month), int(day)))
        except ValueError:
            continue
    return found


def latest_update(paths: Sequence[str], release: str) -> str | None:
    """Return the latest of a release's zips: all others are plain or of an earlier update. None if it is not clear."""
    days = {path: update_day(path, release) for path in paths}
    if any(day is None and file_name(path).lower() != f"{release}.zip".lower() for path, day in days.items()):
        return None
    newest = max((day for day in days.values() if day is not None), default=None)
    found = [path for path, day in days.items() if day is not None and day == newest]
    return found[0] if len(found) == 1 else None
