"""Choice of the members of a source to read: one for each table, whatever forms CMS ships, sorted by release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from feecalc.errors import CheckFailed, SourceFileError
from feecalc.ingest.assembly.identity import StatedDate, date_in_name
from feecalc.ingest.assembly.kinds import OF_SERVICES, OTHER_TABLES, part_named, services_named
from feecalc.ingest.files.archive import Member, Source
from feecalc.ingest.files.reading import Recognized, recognized_tables

FORMS = ("csv", "txt", "xlsx")  # the one read first, where a table comes in several
RELEASE_TABLES = ("rvu", "gpci", "oppscap", "anesthesia", "county")


@dataclass(frozen=True)
class Pick:
    """The member that is read for a table, and the other forms of it that are not."""

    table: str
    member: Member
    passed_over: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()  # columns that its header lacks

    @property
    def stated(self) -> StatedDate:
        """The year and month in the member's name."""
        return date_in_name(self.member.stem, self.member.name)

    @property
    def where(self) -> str:
        """The member's name, with the sheet where its workbook has more than one table."""
        return f"{self.member.name}, sheet {self.member.sheet}" if self.member.sheet else self.member.name


@dataclass(frozen=True)
class Choice:
    """The contents of a source: a pick for each table, the members that no layout knows, and the damaged ones."""

    picks: tuple[Pick, ...]
    unknown: tuple[str, ...]
    damaged: Mapping[str, SourceFileError] = field(default_factory=dict)

    def of(self, *tables: str) -> list[Pick]:
        """Return the picks of these tables."""
        return [pick for pick in self.picks if pick.table in tables]


def choose(source: Source) -> Choice:
    """Return the members to read, recognized by their first lines; their bytes are unpacked once.

    Raises SourceFileError for a damaged member if the source has no other table, or has a release.
    """
    forms_of: dict[str, list[Member]] = {}
    for member in source.members:
        whole = Member(member.name, cache(member.read))
        path = "/".join([*member.name.lower().split("/")[:-1], member.stem])
        forms_of.setdefault(path, []).append(whole)
    picks: list[Pick] = []
    unknown: list[str] = []
    damaged: dict[str, SourceFileError] = {}
    for forms in forms_of.values():
        forms.sort(key=lambda member: (FORMS.index(member.form), member.name))
        try:
            readable = next(((tables, form) for form in forms if (tables := recognized_tables(form))), None)
        except SourceFileError as error:
            damaged[forms[0].name] = error
            continue
        if readable is None:
            unknown += [member.name for member in forms]
        else:
            tables, chosen = readable
            others = tuple(member.name for member in forms if member is not chosen)
            picks += [replace(pick, passed_over=others) for pick in _of_member(tables, chosen)]
    if damaged and (not picks or any(pick.table in RELEASE_TABLES for pick in picks)):
        raise next(iter(damaged.values()))
    kept = _without_lesser(picks)
    lesser = [f"{pick.where} (lacks {', '.join(pick.missing)})" for pick in picks if pick not in kept]
    return Choice(tuple(_one_per_form(kept)), (*unknown, *lesser, *source.passed_over), damaged)


def _of_member(tables: Sequence[Recognized], member: Member) -> list[Pick]:
    """Return a pick for a member's table, or for each table of a workbook that has more (the ASC addenda)."""
    first = tables[0]
    others = [table for table in tables if table.table in OTHER_TABLES]
    if member.form != "xlsx" or first.table not in OTHER_TABLES or len(others) == 1:
        return [Pick(first.table, member, missing=first.missing)]
    return [Pick(other.table, replace(member, sheet=other.sheet), missing=other.missing) for other in others]


def _without_lesser(picks: Sequence[Pick]) -> list[Pick]:
    """Return picks less those with missing columns where a complete one of the same table and day is present.

    A pick of another day stays, and is refused for its missing columns: its headings may have changed that quarter.
    """
    complete = [pick for pick in picks if not pick.missing and pick.table in OTHER_TABLES]
    return [
        pick
        for pick in picks
        if not pick.missing
        or not any(complete_pick.table == pick.table and _same_day(complete_pick, pick) for complete_pick in complete)
    ]


def _same_day(one: Pick, other: Pick) -> bool:
    """Return whether two members can be of one quarter by their names; a name without a date fits any."""
    return all(
        None in days or days[0] == days[1]
        for days in ((one.stated.year, other.stated.year), (one.stated.month, other.stated.month))
    )


def _one_per_form(picks: Iterable[Pick]) -> list[Pick]:
    """Return picks with those merged that are one table in two forms: PPRRVU25_JAN.csv and PPRRVU2025_Jan.txt."""
    kept: list[Pick] = []
    for pick in sorted(picks, key=lambda pick: FORMS.index(pick.member.form)):
        for place, other in enumerate(kept):
            if _of_one_table(other) == _of_one_table(pick) and other.member.form != pick.member.form:
                kept[place] = replace(other, passed_over=(*other.passed_over, pick.member.name, *pick.passed_over))
                break
        else:
            kept.append(pick)
    return kept


def _of_one_table(pick: Pick) -> tuple[object, ...]:
    """Return what two members share that are one table in two forms."""
    stem = pick.member.stem
    apart = (services_named(stem), part_named(stem)) if pick.table in OF_SERVICES else ()
    return pick.table, pick.stated.year, pick.stated.month, track(pick.member), apart


def track(member: Member) -> str:
    """Return ``qp`` or ``other`` where the member's name says which conversion factor it carries, else ``""``."""
    name = member.stem.replace("-", "").replace("_", "").replace(" ", "")
    if "nonqp" in name:
        return "other"
    return "qp" if "qp" in name else ""


def bundles(source: str, choice: Choice) -> list[list[Pick]]:
    """Return the picks of each release in a source; a folder can have files of more than one release.

    Raises CheckFailed where the releases cannot be separated.
    """
    files = choice.of("rvu")
    rest = choice.of(*(table for table in RELEASE_TABLES if table != "rvu"))
    dates = {(pick.stated.year, pick.stated.month) for pick in files}
    if len(dates) <= 1:
        bundle = [*files, *(pick for pick in rest if _fits(pick, files) or len(_like(pick, rest)) == 1)]
        _refuse_doubles(source, bundle)
        return [bundle]
    names = ", ".join(pick.member.name for pick in files)
    problem = f"{source} holds the files of several releases ({names})"
    if any(None in stated for stated in dates):
        raise CheckFailed(f"{problem}, not all with year and month in their names; give each a folder of its own")
    release_picks = []
    for year, month in sorted(dates, key=str):
        release_files = [pick for pick in files if (pick.stated.year, pick.stated.month) == (year, month)]
        bundle = [*release_files, *(pick for pick in rest if _fits(pick, release_files))]
        _refuse_doubles(problem, bundle)
        release_picks.append(bundle)
    for pick in rest:
        years = {bundle[0].stated.year for bundle in release_picks if pick in bundle}
        if len(years) > 1:
            raise CheckFailed(f"{problem}; {pick.member.name} does not say whose it is; give each a folder of its own")
    return release_picks


def _like(pick: Pick, picks: list[Pick]) -> list[Pick]:
    return [other for other in picks if other.table == pick.table]


def _fits(pick: Pick, files: list[Pick]) -> bool:
    """Return whether a table's member may belong to the release of these relative value files, by their names."""
    stated = pick.stated
    return all(
        (stated.year is None or file.stated.year in (None, stated.year))
        and (stated.month is None or file.stated.month in (None, stated.month))
        for file in files
    )


def _refuse_doubles(source: str, bundle: list[Pick]) -> None:
    for table in RELEASE_TABLES:
        picks = [pick for pick in bundle if pick.table == table]
        tracks = {track(pick.member) for pick in picks}
        if len(picks) > 1 and not (len(picks) == len(tracks) == 2 and tracks == {"qp", "other"}):
            names = ", ".join(pick.member.name for pick in picks)
            raise CheckFailed(
                f"{source}: {len(picks)} members hold the {table} table ({names}); "
                "keep the right one, and give each release a folder of its own"
            )
