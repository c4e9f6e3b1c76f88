"""The options that several commands share, and the bounds of what a person may type into them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
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


def taken(name: str, metavar: str, what: str, short: str = "") -> typer.models.OptionInfo:
    """An option that takes a value: ``--name METAVAR``."""
    names = (name, short) if short else (name,)
    option: typer.models.OptionInfo = typer.Option(*names, metavar=metavar, help=what)
    return option


def listed(metavar: str, what: str) -> typer.models.ArgumentInfo:
    """Arguments of which there may be several, or none."""
    argument: typer.models.ArgumentInfo = typer.Argument(metavar=metavar, help=what, show_default=False)
    return argument


def without(rule: str, what: str) -> typer.models.OptionInfo:
    """``--no-rule``: one thing left out."""
    option: typer.models.OptionInfo = typer.Option(f"--no-{rule}", help=f"Leave out: {what}.")
    return option


ReleaseOption = Annotated[
    str | None, taken("--release", "NAME", "CMS release, 2026C or RVU26C. Default: the newest installed.")
]
LocalitiesOption = Annotated[
    list[str] | None,
    taken("--locality", "PLACE", 'Payment locality, 09102-04 or "Miami, FL"; repeat it for several. Default: all.'),
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

# Of the commands that read a claim file.
ClaimFileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="Claim lines: .csv, .parquet or .xlsx.")]
MapOption = Annotated[
    Path | None, taken("--map", "FILE", 'Which column is which: lines "Svc Date,date_of_service", or TOML.')
]
ReleaseOfAllOption = Annotated[
    str | None,
    taken("--release", "NAME", "CMS release for all lines, 2026C. Default: the one in force on each date."),
]
LocalityOfAllOption = Annotated[
    str | None, taken("--locality", "PLACE", 'Payment locality of all lines, 09102-04 or "Miami, FL".')
]
PosOfRestOption = Annotated[str | None, taken("--pos", "CODE", "Place of service where the file gives none.")]
DateOfAllOption = Annotated[str | None, taken("--date", "YYYY-MM-DD", "Date of service of all lines.")]
PolicyOption = Annotated[
    list[Path] | None,
    taken("--policy", "PATH", "A coverage policy as TOML, or a folder of them, beside feecalc's own; may repeat."),
]
DiagnosesOption = Annotated[
    list[str] | None,
    taken("--diagnoses", "FILE", "Your contractor's list of diagnoses, .csv or .toml, or POLICY=FILE; may repeat."),
]
HistoryOption = Annotated[
    Path | None,
    taken("--history", "FILE", "Earlier sessions: lines with beneficiary_id, date_of_service, hcpcs."),
]
BillOption = Annotated[
    str, taken("--setting", "professional|asc", "Whose claims: a physician's, or a surgical center's own.")
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
