"""Open what the options shared by commands name: a claim file, a volume, a release and the terms it is priced by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from feecalc.cli.terminal.arguments import day_option, factor_option, place_option, words_option
from feecalc.cli.terminal.claim_options import ClaimLineOptions, EditOptions
from feecalc.cli.terminal.options import ReleaseChangeOptions
from feecalc.cli.terminal.output import quoted, say, wrapped
from feecalc.errors import InvalidValue, NotInstalled

if TYPE_CHECKING:
    from datetime import date

    import polars as pl

    from feecalc.edits.lines.codes import Bill
    from feecalc.files.claim_lines import LineDefaults
    from feecalc.pricing.places.locality import Locality
    from feecalc.pricing.release_terms import Terms
    from feecalc.pricing.schedule import FeeSchedule
    from feecalc.runs.edit_tables import Edits, EditWishes
    from feecalc.runs.reading import ClaimLines

_BILLS: tuple[Bill, ...] = ("professional", "asc", "hospital")


def given_for_all(options: ClaimLineOptions, bill: Bill = "professional") -> LineDefaults:
    """Return what holds for all lines of a claim file of a kind of bill. Raises InvalidValue."""
    from feecalc.files.claim_lines import LineDefaults

    own_place = None
    if bill != "professional":
        from feecalc.facility.lines import PLACES_OF_SERVICE
        from feecalc.runs.facility_bill import SETTINGS

        own_place = PLACES_OF_SERVICE[SETTINGS[bill]]
    return LineDefaults(
        locality=place_option(options.locality),
        day=day_option(options.date),
        place_of_service=own_place if options.pos is None else words_option(options.pos, "place of service"),
        of_facility=own_place is not None,
    )


def edit_wishes(options: EditOptions, setting: str) -> EditWishes:
    """Return what the edits are checked with; ``setting`` is one of ``_BILLS``. Raises InvalidValue."""
    from feecalc.runs.edit_tables import EditWishes

    bill = next((each for each in _BILLS if each == setting), None)
    if bill is None:
        raise InvalidValue(f"{quoted(setting)} is not a setting; give --setting professional, asc or hospital")
    policies, diagnoses = tuple(options.policy or ()), tuple(options.diagnoses or ())
    return EditWishes(policies, diagnoses, options.history, bill, options.left_out)


def opened_lines(
    file: Path, map_file: Path | None, given: LineDefaults, release: str | None, wishes: EditWishes | None
) -> tuple[ClaimLines, Edits | None]:
    """Return a file's lines and the edits for them, ready to run; say how they were read. Raises what both raise."""
    edits = None
    if wishes is not None:
        from feecalc.runs.edit_tables import open_edits, open_policies

        open_policies(wishes)  # what is wrong with them is said before the file is read
    lines = read_lines(file, map_file, given, release, edits=wishes is not None)
    for text in (*lines.columns.lines(), *lines.notes):
        say(wrapped(text))
    if wishes is not None:
        from feecalc.files.headings import read_column_map

        edits = open_edits(lines, wishes, column_map=None if map_file is None else read_column_map(map_file))
        for text in edits.notes:
            say(wrapped(text))
    return lines, edits


def read_lines(
    file: Path, map_file: Path | None, given: LineDefaults, release: str | None, *, edits: bool = False
) -> ClaimLines:
    """Return a claim file's lines, its columns named by ``map_file``. Errors as ``read_claims``."""
    from feecalc.files.headings import read_column_map
    from feecalc.runs.reading import read_claims

    column_map = None if map_file is None else read_column_map(map_file)
    return read_claims(file, column_map=column_map, defaults=given, release=release, edits=edits)


def volume_of(path: Path, schedules: Sequence[FeeSchedule], locality: str | None) -> pl.DataFrame:
    """Return the rows of a volume file, their places found in these releases. Errors as ``read_volume``."""
    from feecalc.files.volume import read_volume
    from feecalc.installed import open_zip_directory

    zips = open_zip_directory(day=schedules[-1].release.day(None))
    return read_volume(path, schedules, locality=locality, zips=zips)


def terms_of_change(
    change: ReleaseChangeOptions, *, qp_from: bool, qp_to: bool, factor_from: str | None = None
) -> tuple[Terms, Terms, list[str]]:
    """Return both releases opened with the terms they are priced by, and the notices of both, once.

    Raises InvalidValue, NotInstalled.
    """
    begin, of_begin = _terms_of(change.former, qp_from, change.no_gpci_floor_from, factor_from)
    end, of_end = _terms_of(change.latter, qp_to, change.no_gpci_floor_to, change.factor_to)
    return begin, end, list(dict.fromkeys((*of_begin, *of_end)))


def _terms_of(release: str, qp: bool, no_gpci_floor: bool, factor: str | None) -> tuple[Terms, list[str]]:
    """Return a release opened with the terms it is priced by, and its notices. Raises InvalidValue, NotInstalled."""
    from feecalc.installed import open_schedule
    from feecalc.pricing.release_terms import Terms

    opened = open_schedule(release)
    chosen = factor_option(factor)
    notices = list(opened.all_notices(gpci_floor=not no_gpci_floor))
    if qp and not opened.schedule.has_qp_track:
        notices.append(f"{opened.schedule.release.name}: one conversion factor for everybody, QPs too")
    return Terms(opened.schedule, qp=qp, gpci_floor=not no_gpci_floor, conversion_factor=chosen), notices


def year_notes(begin: Terms, end: Terms) -> list[str]:
    """Return what to say of claim lines that releases of different years price; nothing for one year."""
    from feecalc.pricing.release_terms import shifts_years

    if not shifts_years(begin, end):
        return []
    names = f"{begin.schedule.release.name} and {end.schedule.release.name}"
    return [f"{names} price different years: each line is priced as if given on the same day of either year"]


def locality_of_zip(schedule: FeeSchedule, text: str, day: date) -> tuple[Locality, str]:
    """Return the locality of a ZIP code on a day, and the file that says so. Errors as ``locality_of``."""
    from feecalc.installed import open_zip_directory

    found = open_zip_directory(day=day).locality_of(text, day.year)
    return schedule.find_locality(f"{found.mac}-{found.locality}"), found.source


@dataclass(frozen=True)
class CountyFound:
    """The localities that hold a county, each with CMS's words for its counties; none where it is not listed."""

    places: list[Locality]
    words: list[str]
    county: str  # its name without the state
    state: str | None
    release: str  # whose list of counties answered
    table: pl.DataFrame


def find_county(schedule: FeeSchedule, text: str, state: str | None = None) -> CountyFound:
    """Find a county as typed, ``Broward, FL``. Raises NotInstalled where no list of counties is at hand."""
    from feecalc.installed import counties_of
    from feecalc.pricing.places.locality import by_county, split_state

    counties = counties_of(schedule)
    if counties is None:
        raise NotInstalled(
            "no list of counties (LOCCO) is installed; load a release that has one: feecalc fetch "
            f"{schedule.release.name}, or feecalc build with its zip"
        )
    table, release = counties
    name, own_state = split_state(text, {place.state for place in schedule.all_localities})
    found = by_county(table, schedule.all_localities, name, own_state or state)
    places, words = [place for place, _ in found], [listed for _, listed in found]
    return CountyFound(places, words, name, own_state or state, release, table)
