"""Where a line's service was given: localities by key, by name and by ZIP code, each different one looked up once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import polars as pl

from feecalc.claims.cells import each_once, numbered
from feecalc.errors import FeeCalcError
from feecalc.pricing.places.locality import Locality
from feecalc.pricing.places.zip_code import ZipDirectory
from feecalc.pricing.schedule import FeeSchedule

FOUND = pl.Struct({"mac": pl.String, "locality": pl.String, "reason": pl.String})
MOST_NAMES = 5_000  # different names of localities, and
MOST_ZIPS = 100_000  # ZIP codes; more of them than there are places is another column
_FIELDS = ("mac", "locality", "reason")
_NOWHERE = (None, None, "no locality is given")
_Place = tuple[str | None, str | None, str | None]


@dataclass(frozen=True)
class Places:
    """What is asked for a place: the schedules of the years at hand, and the ZIP files that are installed."""

    schedules: Sequence[FeeSchedule]
    zips: ZipDirectory = field(default_factory=ZipDirectory)

    def locality(self, words: str, year: int | None) -> Locality:
        """The locality that a key or name means in a year. Raises UnknownLocality, AmbiguousLocality."""
        oldest_first = sorted(self.schedules, key=lambda each: each.release.first_date_of_service)
        of_year = [each for each in oldest_first if each.release.year == year]
        return (of_year or oldest_first)[-1].find_locality(words)

    def of(
        self, day: pl.Expr, *, mac: pl.Expr | None = None, words: pl.Expr | None = None, zips: pl.Expr | None = None
    ) -> pl.Expr:
        """mac, locality and, where they are not known, the reason, of each line. Shape: a struct a line.

        A number beside a MAC is taken as it is; other words are looked up as a key or a name, and where there are none
        the ZIP code is.
        """
        names, codes = _LookUp(self._by_name, MOST_NAMES), _LookUp(self._by_zip, MOST_ZIPS)
        given = {"mac": mac, "words": words, "zips": zips}
        asked = {name: column for name, column in given.items() if column is not None}

        def places(batch: Sequence[pl.Series]) -> pl.Series:
            day, lines = batch[0], len(batch[0])
            cells = dict.fromkeys(given, _blank(lines, ""))
            for name, column in zip(asked, batch[1:], strict=True):
                cells[name] = column if len(column) == lines else column.new_from_index(0, lines)
            return _places(day.dt.year(), **cells, names=names, codes=codes)

        return pl.map_batches([day, *asked.values()], places, return_dtype=FOUND, is_elementwise=True)

    def _by_name(self, name: str, year: int | None) -> _Place:
        found = self.locality(name, year)
        return found.mac, found.locality, None

    def _by_zip(self, code: str, year: int | None) -> _Place:
        if year is None:
            return None, None, "a ZIP code's locality depends on the date of service, which cannot be read"
        found = self.zips.locality_of(_with_zeros(code), year)
        return found.mac, found.locality, None


class _LookUp:
    """Places by their words and year, each looked up once."""

    def __init__(self, look_up: Callable[[str, int | None], _Place], most: int) -> None:
        self.look_up, self.most = look_up, most
        self.known: dict[tuple[str, int | None], _Place] = {}

    def __call__(self, words: str, year: int | None) -> _Place:
        if not words:
            return _NOWHERE
        asked = (words, year)
        if asked not in self.known:
            if len(self.known) >= self.most:
                return None, None, f"not looked up: the file names more than {self.most:,} different places"
            try:
                self.known[asked] = self.look_up(words, year)
            except FeeCalcError as error:
                self.known[asked] = None, None, " ".join(str(error).split())
        return self.known[asked]

    def all(self, words: pl.Series, year: pl.Series) -> pl.Series:
        """The places of a batch."""
        asked = pl.DataFrame({"words": words, "year": year})
        different = asked.unique()
        found = [dict(zip(_FIELDS, self(*row), strict=True)) for row in different.iter_rows()]
        places = different.with_columns(pl.Series("place", found, FOUND))
        return asked.join(places, on=["words", "year"], how="left", nulls_equal=True, maintain_order="left")["place"]


def _places(
    year: pl.Series, *, mac: pl.Series, words: pl.Series, zips: pl.Series, names: _LookUp, codes: _LookUp
) -> pl.Series:
    mac = each_once(mac, lambda cell: numbered(cell, 5), pl.String())
    number = each_once(words, lambda cell: numbered(cell, 2), pl.String())
    direct = (mac != "") & each_once(number, lambda cell: cell.str.contains(r"^\d\d$"), pl.Boolean())
    taken = pl.DataFrame({"mac": mac, "locality": number, "reason": _blank(len(year), None)}).to_struct("place")
    if direct.all():
        return taken
    words, zips = words.str.strip_chars(), zips.str.strip_chars()
    by_zip = ~direct & (words == "") & (zips != "")
    for asked, cells, look_up in ((~direct & ~by_zip, words, names), (by_zip, zips, codes)):
        if asked.any():
            found = look_up.all(cells.filter(asked), year.filter(asked))
            at = (asked.cum_sum().cast(pl.Int64) - 1).clip(0)
            taken = found.gather(at).zip_with(asked, taken)
    return taken


def _blank(lines: int, cell: str | None) -> pl.Series:
    return pl.Series([cell], dtype=pl.String).new_from_index(0, lines)


def _with_zeros(code: str) -> str:
    digits = code.removesuffix(".0").replace(" ", "")
    if not digits.isdecimal():
        return digits
    return digits.zfill(5 if len(digits) <= 5 else 9)
