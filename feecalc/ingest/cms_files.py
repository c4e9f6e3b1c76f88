"""The CMS files beside the releases that can be fetched: which are known, and which one a person asks for.

A file is asked for as ``opps 2026-01``, ``opps 2026q1`` or by the name of its entry in the store, ``OPPS-20261``; a
year alone means all of it.
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
        """Return the newest file's."""
        return self.addresses[0].address

    @property
    def year(self) -> int:
        """The year it is of."""
        return self.first_date_of_service.year

    @property
    def quarter(self) -> int:
        """Return the quarter it holds from."""
        return (self.first_date_of_service.month + 2) // 3

    @property
    def name(self) -> str:
        """As entries are called: OPPS-20261, ASC-20262, NCCI_PAIR-20262-F1."""
        part = f"-F{self.part}" if self.part else ""
        return f"{self.kind.upper()}-{self.year}{'' if self.annual else self.quarter}{part}"

    @property
    def zip_name(self) -> str:
        """Return what CMS calls the zip, without its ending and the day of an update."""
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
    return list(dict.fromkeys(each.kind for each in known_files()))


@dataclass(frozen=True)
class FileRequest:
    """What a person's words ask for: files, kinds named without a day, and the words that name no file."""

    files: tuple[KnownFile, ...]
    kinds: tuple[str, ...]
    others: tuple[str, ...]


def requested_files(words: Sequence[str]) -> FileRequest:
    """Sort the words: ``opps 2026-01 ASC-20262 RVU26C`` are two files and a word that names none.

    Raises UnknownRelease where a kind has no file of the days asked for.
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
            undated = [each for each in undated if each != kind]
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
    of_kind = [each for each in known_files() if each.kind == kind]
    found = [
        each for each in of_kind if each.year == year and (quarter is None or each.annual or each.quarter == quarter)
    ]
    if not found:
        days = ", ".join(dict.fromkeys(each.name.partition("-")[2][:5] for each in of_kind))
        raise UnknownRelease(
            f"no address of {kind} for {when} is known (known: {days}); "
            "download it in a browser, then run: feecalc build FILE"
        )
    return found


def newest_files(kind: str, today: date) -> list[KnownFile]:
    """Return the newest known file of a kind whose first day has come, in all its parts. Raises UnknownRelease."""
    begun = [each for each in known_files() if each.kind == kind and each.first_date_of_service <= today]
    if not begun:
        raise UnknownRelease(f"no known file of {kind} had begun by {today}")
    newest = max(each.first_date_of_service for each in begun)
    return [each for each in begun if each.first_date_of_service == newest]


def _named(text: str) -> list[KnownFile] | None:
    """Return the files called so: OPPS-20261, opps-2026q1, asc-2026-04, NCCI_PAIR-20262-F1; None for other words."""
    kinds = "|".join(file_kinds())
    match = re.fullmatch(rf"({kinds})-({_WHEN.pattern})(?:-f(\d))?", text, re.IGNORECASE)
    if match is None:
        return None
    found = files_of(match[1].lower(), match[2])
    part = match[match.re.groups]
    chosen = [each for each in found if part is None or each.part == int(part)]
    if not chosen:
        raise UnknownRelease(f"no part {part} of {match[1].lower()} for {match[2]} is known")
    return chosen
