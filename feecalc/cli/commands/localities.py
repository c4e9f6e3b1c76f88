"""``feecalc localities``: which payment locality a ZIP code, a place or a county is in."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feecalc.cli.commands.inputs import CountyFound, find_county, locality_of_zip
from feecalc.cli.terminal.arguments import bounded, words_option
from feecalc.cli.terminal.options import JsonOption, ReleaseOption, add_command
from feecalc.cli.terminal.output import print_json, print_table, quoted, say, show, wrapped
from feecalc.errors import InvalidValue, NotInstalled, UnknownLocality

if TYPE_CHECKING:
    from feecalc.pricing.places.locality import Locality
    from feecalc.pricing.schedule import FeeSchedule

_ZIP = re.compile(r"\d{5}(-?\d{4})?")
_HEADINGS = {
    "key": "locality",
    "state": "state",
    "locality_name": "name",
    "work_gpci": "work",
    "work_gpci_unfloored": "no floor",
    "pe_gpci": "PE",
    "mp_gpci": "MP",
}


@dataclass(frozen=True)
class _Answer:
    """The localities found, and the file that answered; ``counties`` in CMS's words where a county was named."""

    file: str
    places: list[Locality]
    counties: list[str]
    elsewhere: str = ""  # the counties CMS names in the state, where only "all other counties" is left to answer


def register(app: typer.Typer) -> None:
    """Add the command ``localities``."""
    add_command(
        app,
        "localities",
        localities,
        example='Examples: feecalc localities 33133; feecalc localities --county "Broward, FL"',
    )


def localities(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="WORDS",
            help="A ZIP code (33133, 33133-1234), a place (miami), or a key (09102-04). Default: all.",
            show_default=False,
        ),
    ] = None,
    county: Annotated[
        str | None,
        typer.Option("--county", metavar="NAME", help='County, with its state: --county Broward FL, or "Broward, FL".'),
    ] = None,
    state: Annotated[
        str | None, typer.Option("--state", metavar="XX", help="Only localities of this state, such as FL.")
    ] = None,
    release: ReleaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find payment localities by ZIP code, name or county.

    Each comes with its cost indices (GPCIs): work with and without the floor of 1.0, practice expense, malpractice. The
    answer names the CMS file it was read from. ZIP codes need CMS's ZIP5 file: feecalc build ZIP5_OCT2025.txt
    """
    from feecalc.installed import open_schedule

    opened = open_schedule(release)
    schedule = opened.schedule
    typed = " ".join(bounded(words or [], "words"))
    within = _state(schedule, state)
    if county is not None:
        answer = _by_county(schedule, words_option(f"{county} {typed}", "county"), within)
    elif not typed:
        answer = _named(schedule, [place for place in schedule.all_localities if within in (None, place.state)])
    elif _ZIP.fullmatch(typed):
        answer = _by_zip(schedule, typed)
    else:
        answer = _by_words(schedule, words_option(typed, "locality"), within)
    for notice in opened.notices:
        say(notice)
    indices = schedule.rows_of_localities(answer.places).to_dicts()
    rows = [
        {"key": place.key, **row, "counties": counties or None}
        for place, row, counties in zip(answer.places, indices, answer.counties, strict=True)
    ]
    if as_json:
        print_json(
            {
                "release": schedule.release.name,
                "starter": schedule.release.starter,
                "answered_by": answer.file,
                "localities": rows,
                "counties_named_elsewhere": answer.elsewhere or None,
                "notices": (*opened.notices, *schedule.unfloored.notices),
            }
        )
    else:
        _print(rows, answer, schedule)


def _print(rows: list[dict[str, Any]], answer: _Answer, schedule: FeeSchedule) -> None:
    print_table(rows, _HEADINGS)
    for row in rows:
        if row["counties"]:
            show(wrapped(f"{row['key']} holds, in CMS's words: {row['counties']}"))
    if answer.elsewhere:
        show(
            wrapped(
                "No locality of the state names this county, so it counts among the others. Check that it is none of "
                f"those named: {answer.elsewhere}"
            )
        )
    elsewhere = schedule.unfloored.source
    no_floor = f", without the floor of {elsewhere}" if elsewhere else ""
    show(wrapped(f"Answered by {answer.file}; indices of {schedule.release.name}{no_floor}."))


def _state(schedule: FeeSchedule, text: str | None) -> str | None:
    if text is None:
        return None
    state = text.strip().upper()
    known = {place.state for place in schedule.all_localities}
    if state not in known:
        raise InvalidValue(f"no locality in a state {quoted(text)}; the states are {', '.join(sorted(known))}")
    return state


def _named(schedule: FeeSchedule, places: list[Locality]) -> _Answer:
    return _Answer(schedule.release.member("gpci"), places, [""] * len(places))


def _by_zip(schedule: FeeSchedule, text: str) -> _Answer:
    place, source = locality_of_zip(schedule, text, schedule.release.first_date_of_service)
    return _Answer(source, [place], [""])


def _by_words(schedule: FeeSchedule, text: str, state: str | None) -> _Answer:
    """Find localities by key or name; a name that no locality has may be a county's."""
    from feecalc.pricing.places.locality import matching

    named = matching(schedule.all_localities, f"{text}, {state}" if state else text)
    if named:
        return _named(schedule, named)
    try:
        return _named(schedule, [schedule.find_locality(text)])
    except UnknownLocality:
        with suppress(UnknownLocality, NotInstalled):
            answer = _by_county(schedule, text, state)
            if not answer.elsewhere:  # a word that is no county's name would fit every "all other counties"
                return answer
        raise


def _by_county(schedule: FeeSchedule, text: str, state: str | None) -> _Answer:
    found = find_county(schedule, text, state)
    if not found.places:
        hint = "" if found.state else "; name its state too: a locality of all other counties is found by that"
        raise UnknownLocality(f"no county {quoted(found.county)} in the counties of {found.release}{hint}")
    elsewhere = _named_elsewhere(schedule, found) if _is_the_rest(found.words) else ""
    return _Answer(f"the counties (LOCCO) of {found.release}", found.places, found.words, elsewhere)


def _is_the_rest(listed: list[str]) -> bool:
    return any("OTHER" in words.upper() for words in listed)


def _named_elsewhere(schedule: FeeSchedule, found: CountyFound) -> str:
    """Return the counties that CMS names in a state."""
    keys = {place.key for place in schedule.all_localities if place.state == found.places[0].state}
    return "; ".join(
        words
        for mac, locality, words in found.table.select("mac", "locality", "counties").iter_rows()
        if f"{mac}-{locality}" in keys and not _is_the_rest([words])
    )
