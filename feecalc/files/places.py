"""Where a line's service was given: localities by key, by name and by ZIP code, each different one looked up once.

What the lines ask for is gathered first (``PlaceCells``, ``PlaceQueries``) and looked up in Python, outside polars'
threads (``Places.found``); the lines then get it from a list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import polars as pl

from feecalc.errors import FeeCalcError
from feecalc.files.cells import looked_up, number_of
from feecalc.pricing.places.locality import Locality
from feecalc.pricing.places.zip_code import ZipDirectory
from feecalc.pricing.schedule import FeeSchedule

MOST_NAMES = 5_000  # different names of localities, and
MOST_ZIPS = 100_000  # ZIP codes; more of them than there are places is another column
_MAC, _NUMBER, _NAME, _ZIP, _YEAR = "numbered_mac", "numbered_locality", "name", "zip", "year"
_NONE, _BLANK = pl.lit(None, pl.String), pl.lit("")
NO_PLACE = "no locality is given"
_FOUND = {"key": pl.String, "mac": pl.String, "locality": pl.String, "reason": pl.String}
_Place = tuple[str | None, str | None, str | None]  # mac, locality, and why they are not known
_Key = tuple[str, int | None]
_Lines = TypeVar("_Lines", pl.DataFrame, pl.LazyFrame)


@dataclass(frozen=True)
class PlaceCells:
    """What each line says of its place: expressions of its cells as text, "" for none.

    A number beside a MAC is taken as it is; other words are looked up as a key or a name, and where there are none the
    ZIP code is.
    """

    mac: pl.Expr | None = None
    words: pl.Expr | None = None
    zips: pl.Expr | None = None

    def on(self, lines: _Lines) -> _Lines:
        """Return the lines with the MAC and number of those that have both, and what is to be looked up of the others.

        Columns added: numbered_mac, numbered_locality, name, zip; null for none.
        """
        mac, number, both = _NONE, _NONE, pl.lit(False)
        if self.mac is not None and self.words is not None:
            mac, number = number_of(self.mac, 5), number_of(self.words, 2)
            both = (pl.col(_MAC) != "") & pl.col(_NUMBER).str.contains(r"^\d\d$")
        name, code = (_BLANK if cell is None else cell.str.strip_chars() for cell in (self.words, self.zips))
        numbered = lines.with_columns(mac.alias(_MAC), number.alias(_NUMBER), name.alias(_NAME), code.alias(_ZIP))
        return numbered.with_columns(
            pl.when(both).then(_MAC).alias(_MAC),
            pl.when(both).then(_NUMBER).alias(_NUMBER),
            pl.when(~both & (pl.col(_NAME) != "")).then(_NAME).alias(_NAME),
            pl.when(~both & (pl.col(_NAME) == "") & (pl.col(_ZIP) != "")).then(_ZIP).alias(_ZIP),
        )

    @property
    def plain(self) -> pl.Expr:
        """Return whether a line has MAC and number, written plainly: quick, and so of most lines of most files."""
        if self.mac is None or self.words is None:
            return pl.lit(False)
        return self.mac.str.contains("^[0-9]{5}$") & self.words.str.contains("^[0-9]{2}$")


class PlaceQueries:
    """The different names and ZIP codes of a file's lines, with the years of their lines, in the file's order."""

    def __init__(self) -> None:
        self.names: dict[_Key, None] = {}
        self.zips: dict[_Key, None] = {}

    def add(self, lines: pl.DataFrame, cells: PlaceCells, day: pl.Expr) -> None:
        """Note what lines ask for on their date of service."""
        open_ = lines.filter(~cells.plain)
        if not open_.height:
            return
        found = cells.on(open_.with_columns(day.dt.year().alias(_YEAR)))
        for name, wanted, most in ((_NAME, self.names, MOST_NAMES), (_ZIP, self.zips, MOST_ZIPS)):
            for key in found.select(name, _YEAR).drop_nulls(name).unique(maintain_order=True).iter_rows():
                if len(wanted) >= most:
                    break
                wanted.setdefault(key)


@dataclass(frozen=True)
class FoundPlaces:
    """The places that were looked up, by name and by ZIP code. Shape: [key]: key, mac, locality, reason."""

    names: pl.DataFrame
    zips: pl.DataFrame

    def columns(self, day: pl.Expr) -> dict[str, pl.Expr]:
        """Return mac, locality and, where they are not known, the reason, of lines as ``PlaceCells.on`` gives them."""
        name, code = (_key(pl.col(column), day.dt.year()) for column in (_NAME, _ZIP))

        def found_in(column: str) -> list[pl.Expr]:
            known = ((key, found.drop_nulls(column)) for key, found in ((name, self.names), (code, self.zips)))
            return [looked_up(key, found["key"].to_list(), found[column].to_list()) for key, found in known]

        reason = pl.coalesce(
            *found_in("reason"),
            pl.when(pl.col(_NAME).is_not_null()).then(_too_many(MOST_NAMES)),
            pl.when(pl.col(_ZIP).is_not_null()).then(_too_many(MOST_ZIPS)),
            pl.lit(NO_PLACE),
        )
        mac = pl.coalesce(_MAC, *found_in("mac"))
        return {
            "mac": mac,
            "locality": pl.coalesce(_NUMBER, *found_in("locality")),
            "reason": pl.when(mac.is_null()).then(reason),
        }


@dataclass(frozen=True)
class Places:
    """Where a place is looked up: in the schedules of the years at hand, and the ZIP files that are installed."""

    schedules: Sequence[FeeSchedule]
    zips: ZipDirectory = field(default_factory=ZipDirectory)

    def locality(self, words: str, year: int | None) -> Locality:
        """Return the locality that a key or name means in a year. Raises UnknownLocality, AmbiguousLocality."""
        oldest_first = sorted(self.schedules, key=lambda schedule: schedule.release.first_date_of_service)
        of_year = [schedule for schedule in oldest_first if schedule.release.year == year]
        return (of_year or oldest_first)[-1].find_locality(words)

    def found(self, wanted: PlaceQueries) -> FoundPlaces:
        """Return the places of names and ZIP codes; where one is not known, the reason."""
        return FoundPlaces(_table(wanted.names, self._by_name), _table(wanted.zips, self._by_zip))

    def of(self, lines: pl.DataFrame, cells: PlaceCells, day: pl.Expr) -> pl.DataFrame:
        """Return mac, locality and reason of the lines at hand."""
        wanted = PlaceQueries()
        wanted.add(lines, cells, day)
        return cells.on(lines).select(column.alias(name) for name, column in self.found(wanted).columns(day).items())

    def _by_name(self, name: str, year: int | None) -> _Place:
        found = self.locality(name, year)
        return found.mac, found.locality, None

    def _by_zip(self, code: str, year: int | None) -> _Place:
        if year is None:
            return None, None, "a ZIP code's locality depends on the date of service, which cannot be read"
        found = self.zips.locality_of(_with_zeros(code), year)
        return found.mac, found.locality, None


def _table(wanted: dict[_Key, None], look_up: Callable[[str, int | None], _Place]) -> pl.DataFrame:
    rows = []
    for words, year in wanted:
        try:
            place = look_up(words, year)
        except FeeCalcError as error:
            place = None, None, " ".join(str(error).split())
        rows.append((_key_text(words, year), *place))
    return pl.DataFrame(rows, schema=_FOUND, orient="row")


def _too_many(most: int) -> pl.Expr:
    return pl.lit(f"not looked up: the file names more than {most:,} different places")


def _key_text(words: str, year: int | None) -> str:
    return f"{'' if year is None else year} {words}"


def _key(words: pl.Expr, year: pl.Expr) -> pl.Expr:
    """Return the key of each line as ``_key_text`` writes it; null where there are no words."""
    return pl.concat_str(year.cast(pl.String).fill_null(""), words, separator=" ")


def _with_zeros(code: str) -> str:
    digits = code.removesuffix(".0").replace(" ", "")
    if not digits.isdecimal():
        return digits
    return digits.zfill(5 if len(digits) <= 5 else 9)
