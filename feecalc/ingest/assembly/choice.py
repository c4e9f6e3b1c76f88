"""Which members of a source are read: one for each table, whatever forms CMS ships it in, sorted by release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from feecalc.errors import CheckFailed, SourceFileError
from feecalc.ingest.assembly.identity import Said, said_by_name
from feecalc.ingest.assembly.kinds import OTHER_TABLES
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
    def said(self) -> Said:
        """Return what the member's name says."""
        return said_by_name(self.member.stem, self.member.name)

    @property
    def where(self) -> str:
        """Return the member's name, and the sheet where its workbook holds several tables."""
        return f"{self.member.name}, sheet {self.member.sheet}" if self.member.sheet else self.member.name


@dataclass(frozen=True)
class Choice:
    """What a source holds: a pick for each table found, the members no layout knows, and those that are damaged."""

    picks: tuple[Pick, ...]
    unknown: tuple[str, ...]
    damaged: Mapping[str, SourceFileError] = field(default_factory=dict)

    def of(self, *tables: str) -> list[Pick]:
        """Return the picks of these tables."""
        return [pick for pick in self.picks if pick.table in tables]


def choose(source: Source) -> Choice:
    """Return the members to read. Only their first lines are looked at here; their bytes are unpacked once.

    Raises SourceFileError where a member is damaged, and the source holds nothing beside it, or a release.
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
            found = next(((tables, form) for form in forms if (tables := recognized_tables(form))), None)
        except SourceFileError as error:
            damaged[forms[0].name] = error
            continue
        if found is None:
            unknown += [member.name for member in forms]
        else:
            tables, chosen = found
            others = tuple(member.name for member in forms if member is not chosen)
            picks += [replace(pick, passed_over=others) for pick in _of_member(tables, chosen)]
    if damaged and (not picks or any(pick.table in RELEASE_TABLES for pick in picks)):
        raise next(iter(damaged.values()))
    kept = _without_lesser(picks)
    lesser = [f"{pick.where} (lacks {', '.join(pick.missing)})" for pick in picks if pick not in kept]
    return Choice(tuple(_one_per_form(kept)), (*unknown, *lesser, *source.passed_over), damaged)


def _of_member(tables: Sequence[Recognized], member: Member) -> list[Pick]:
    """The table of a member; of a workbook with several files' tables, as CMS ships the ASC addenda, each of them."""
    first = tables[0]
    others = [table for table in tables if table.table in OTHER_TABLES]
    if member.form != "xlsx" or first.table not in OTHER_TABLES or len(others) == 1:
        return [Pick(first.table, member, missing=first.missing)]
    return [Pick(other.table, replace(member, sheet=other.sheet), missing=other.missing) for other in others]


def _without_lesser(picks: Sequence[Pick]) -> list[Pick]:
    """The picks without those that lack columns beside one of their table and day that lacks none: another file, alike.

    One of another day is not dropped: it is refused for what it lacks, for it may be a quarter whose headings changed.
    """
    complete = [pick for pick in picks if not pick.missing and pick.table in OTHER_TABLES]
    return [
        pick
        for pick in picks
        if not pick.missing or not any(each.table == pick.table and _same_day(each, pick) for each in complete)
    ]


def _same_day(one: Pick, other: Pick) -> bool:
    """Return whether two names may speak of one quarter: where one says none, it may."""
    return all(
        None in days or days[0] == days[1]
        for days in ((one.said.year, other.said.year), (one.said.month, other.said.month))
    )


def _one_per_form(picks: Iterable[Pick]) -> list[Pick]:
    """Put together what is one table under two names: PPRRVU25_JAN.csv and PPRRVU2025_Jan.txt."""
    kept: list[Pick] = []
    for pick in sorted(picks, key=lambda each: FORMS.index(each.member.form)):
        for place, other in enumerate(kept):
            same = (other.table, other.said.year, other.said.month, track(other.member)) == (
                pick.table,
                pick.said.year,
                pick.said.month,
                track(pick.member),
            )
            if same and other.member.form != pick.member.form:
                kept[place] = replace(other, passed_over=(*other.passed_over, pick.member.name, *pick.passed_over))
                break
        else:
            kept.append(pick)
    return kept


def track(member: Member) -> str:
    """Return ``qp`` or ``other`` where the member's name says which conversion factor it carries, else ``""``."""
    name = member.stem.replace("-", "").replace("_", "").replace(" ", "")
    if "nonqp" in name:
        return "other"
    return "qp" if "qp" in name else ""


def bundles(source: str, choice: Choice) -> list[list[Pick]]:
    """Return the picks of each release in a source: mostly one; several where a folder holds several releases' files.

    Raises CheckFailed where they cannot be told apart.
    """
    files = choice.of("rvu")
    rest = choice.of(*(table for table in RELEASE_TABLES if table != "rvu"))
    dates = {(pick.said.year, pick.said.month) for pick in files}
    if len(dates) <= 1:
        bundle = [*files, *(pick for pick in rest if _fits(pick, files) or len(_like(pick, rest)) == 1)]
        _refuse_doubles(source, bundle)
        return [bundle]
    names = ", ".join(pick.member.name for pick in files)
    what = f"{source} holds the files of several releases ({names})"
    if any(None in said for said in dates):
        raise CheckFailed(f"{what}, not all with year and month in their names; give each a folder of its own")
    found = []
    for year, month in sorted(dates, key=str):
        own = [pick for pick in files if (pick.said.year, pick.said.month) == (year, month)]
        bundle = [*own, *(pick for pick in rest if _fits(pick, own))]
        _refuse_doubles(what, bundle)
        found.append(bundle)
    for pick in rest:
        years = {bundle[0].said.year for bundle in found if pick in bundle}
        if len(years) > 1:
            raise CheckFailed(f"{what}; {pick.member.name} does not say whose it is; give each a folder of its own")
    return found


def _like(pick: Pick, picks: list[Pick]) -> list[Pick]:
    return [each for each in picks if each.table == pick.table]


def _fits(pick: Pick, files: list[Pick]) -> bool:
    """Return whether a table's member may belong to the release of these relative value files, by their names."""
    said = pick.said
    return all(
        (said.year is None or file.said.year in (None, said.year))
        and (said.month is None or file.said.month in (None, said.month))
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
