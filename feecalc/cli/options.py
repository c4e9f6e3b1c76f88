"""The options that several commands share, and the bounds of what a person may type into them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated, TypeVar

import typer

from feecalc.cli.output import quoted
from feecalc.errors import InvalidValue

MAX_LISTED = 1000  # codes, localities or releases in one command
_MAX_WORDS = 200  # characters of a locality's or county's name
_Listed = TypeVar("_Listed")
_CODE = re.compile(r"[0-9A-Z]{5}")
_MODIFIER = re.compile(r"[0-9A-Z]{2}")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")

ReleaseOption = Annotated[
    str | None,
    typer.Option("--release", metavar="NAME", help="CMS release, 2026C or RVU26C. Default: the newest installed."),
]
DateOption = Annotated[
    str | None,
    typer.Option("--date", metavar="YYYY-MM-DD", help="Date of service; picks the release in force on that day."),
]
QpOption = Annotated[
    bool,
    typer.Option("--qp", help="Conversion factor of qualifying APM participants (from 2026)."),
]
NoGpciFloorOption = Annotated[
    bool,
    typer.Option("--no-gpci-floor", help="Work GPCI as it would be without the floor of 1.0."),
]


def day_option(text: str | None) -> date | None:
    """The date of ``--date``; raises InvalidValue unless it is written YYYY-MM-DD and exists."""
    if text is None:
        return None
    try:
        if _ISO_DATE.fullmatch(text.strip()):
            return date.fromisoformat(text.strip())
    except ValueError:
        pass
    raise InvalidValue(f"{quoted(text)} is not a date; write it as YYYY-MM-DD, for example 2026-08-03")


def code_argument(text: str) -> str:
    """A HCPCS or CPT code, trimmed and in capitals; raises InvalidValue unless it is five letters and digits."""
    code = text.strip().upper()
    if _CODE.fullmatch(code) is None:
        raise InvalidValue(f"{quoted(text)} is not a procedure code: it has five digits and letters, as 64493 or G0105")
    return code


def code_arguments(texts: Sequence[str]) -> list[str]:
    """``code_argument`` of each, without repeats, in the order given; at most 1000."""
    return list(dict.fromkeys(code_argument(text) for text in bounded(texts, "procedure codes")))


def modifier_option(text: str) -> str:
    """A modifier, trimmed and in capitals; "" is the global service. Raises InvalidValue unless two characters."""
    modifier = text.strip().upper()
    if modifier and _MODIFIER.fullmatch(modifier) is None:
        raise InvalidValue(f"{quoted(text)} is not a modifier: two digits or letters, for example 26 or TC")
    return modifier


def words_option(text: str, what: str) -> str:
    """A name a person typed, trimmed; raises InvalidValue when empty or longer than any name CMS prints."""
    words = " ".join(text.split())
    if not words or len(words) > _MAX_WORDS:
        raise InvalidValue(f"{quoted(text)} is not a {what}")
    return words


def bounded(texts: Sequence[_Listed], what: str) -> Sequence[_Listed]:
    """``texts`` when a command line could mean them; raises InvalidValue for more than 1000."""
    if len(texts) > MAX_LISTED:
        raise InvalidValue(f"{len(texts):,} {what} given; one command takes at most {MAX_LISTED:,}")
    return texts
