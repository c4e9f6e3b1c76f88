"""Known CMS files outside the releases that can be fetched, and how a user requests one.

A file is requested as ``opps 2026-01``, ``opps 2026q1`` or by its name in the store, ``OPPS-20261``; a year alone means
all files of the year.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from feecalc import reference
from feecalc.errors import UnknownRelease
from feecalc.ingest.fetch.names import SeenAddress, file_name, seen_addresses, without_update

_WHEN = re.compile(r"(20\d\d)(?:-?q?([1-4])|-(0[1-9]|1[0-2]))?", re.IGNORECASE)


@dataclass(frozen=True)
class KnownFile:
    """One zip of reference/cms_file.toml."""

    kind: str
    first_date_of_service: date
    addresses: tuple[SeenAddress, ...]  # where it was seen, the newest file first
    page: str | None
    annual: bool = False
    part: int | None = None

    @property
    def address(self) -> str:
        """The address of the newest file."""
        return self.addresses[0].address

    @property
    def year(self) -> int:
        """The year of its first day."""
        return self.first_date_of_service.year

    @property
    def quarter(self) -> int:
        """The quarter of its first day."""
        return (self.first_date_of_service.month + 2) // 3

    @property
    def name(self) -> str:
        """Its name as an entry of the store: OPPS-20261, ASC-20262, NCCI_PAIR-20262-F1."""
        part = f"-F{self.part}" if self.part else ""
        return f"{self.kind.upper()}-{self.year}{'' if self.annual else self.quarter}{part}"

    @property
    def zip_name(self) -> str:
        """CMS's name of the zip, without its ending and the day of an update."""
        return without_update(file_name(self.address))


@cache
def known_files() -> tuple[KnownFile, ...]:
    """Return every file of reference/cms_file.toml, in its order."""
    return tuple(
        KnownFile(
            kind=row["kind"],
            first_date_of_service=row["effective_from"],
            addresses=seen_addresses(row["addresses"]),
            page=row.get("page"),
            annual=row.get("annual", False),
            part=row.get("part"),
        )
        for row in reference.rows("cms_file")
    )


def file_kinds() -> list[str]:
    """Return the kinds that can be fetched, in the file's order."""
    return list(dict.fromkeys(file.kind for file in known_files()))


@dataclass(frozen=True)
class FileRequest:
    """A user's request: files, kinds without a day, and the words that name no file."""

    files: tuple[KnownFile, ...]
    kinds: tuple[str, ...]
    others: tuple[str, ...]


def requested_files(words: Sequence[str]) -> FileRequest:
    """Return the files that words request: ``opps 2026-01 ASC-20262 RVU26C`` are two files and another word.

    Raises UnknownRelease where a kind has no file of the requested days.
    """
    files: list[KnownFile] = []
    undated: list[str] = []
    others: list[str] = []
    kind = ""
    for word in words:
        text = word.strip()
        if text.lower() in file_kinds():
            kind = text.lower()
            undated.append(kind)
        elif kind and _WHEN.fullmatch(text):
            files += files_of(kind, text)
            undated = [undated_kind for undated_kind in undated if undated_kind != kind]
        elif (named := _named(text)) is not None:
            files += named
            kind = ""
        else:
            others.append(word)
            kind = ""
    return FileRequest(tuple(dict.fromkeys(files)), tuple(dict.fromkeys(undated)), tuple(others))


def files_of(kind: str, when: str) -> list[KnownFile]:
    """Return the known files of a kind for 2026, 2026-01 or 2026q1. Raises UnknownRelease."""
    match = _WHEN.fullmatch(when)
    year = int(match[1]) if match else 0
    quarter = None
    if match and (match[2] or match[3]):
        quarter = int(match[2]) if match[2] else (int(match[3]) + 2) // 3
    of_kind = [file for file in known_files() if file.kind == kind]
    files = [
        file for file in of_kind if file.year == year and (quarter is None or file.annual or file.quarter == quarter)
    ]
    if not files:
        days = ", ".join(dict.fromkeys(file.name.partition("-")[2][:5] for file in of_kind))
        raise UnknownRelease(
            f"no address of {kind} for {when} is known (known: {days}); "
            "download it in a browser, then run: feecalc build FILE"
        )
    return files


def newest_files(kind: str, today: date) -> list[KnownFile]:
    """Return all parts of the newest known file of a kind that is in force by ``today``. Raises UnknownRelease."""
    begun = [file for file in known_files() if file.kind == kind and file.first_date_of_service <= today]
    if not begun:
        raise UnknownRelease(f"no known file of {kind} had begun by {today}")
    newest = max(file.first_date_of_service for file in begun)
    return [file for file in begun if file.first_date_of_service == newest]


def _named(text: str) -> list[KnownFile] | None:
    """Return the files of a name: OPPS-20261, opps-2026q1, asc-2026-04, NCCI_PAIR-20262-F1; None for other words."""
    kinds = "|".join(file_kinds())
    match = re.fullmatch(rf"({kinds})-({_WHEN.pattern})(?:-f(\d))?", text, re.IGNORECASE)
    if match is None:
        return None
    files = files_of(match[1].lower(), match[2])
    part = match[match.re.groups]
    chosen = [file for file in files if part is None or file.part == int(part)]
    if not chosen:
        raise UnknownRelease(f"no part {part} of {match[1].lower()} for {match[2]} is known")
    return chosen
