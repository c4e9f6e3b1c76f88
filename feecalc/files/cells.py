"""What one cell of a claim file means: codes, dates, money, whole numbers, yes and no. Expressions over whole columns.

A cell that cannot be read becomes null here; what a null means is decided where the column is known.

All of it is polars' own. A Python function in an expression waits for Python's lock inside polars' pool of threads, and
a thread that holds the lock and waits for the pool then waits for ever. What keeps it quick is the order of the
readings: most cells are written plainly, and only the others are shown to the slower ones. Dates are in ``dates``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import polars as pl

MONEY = pl.Decimal(12, 2)
MODIFIERS = ("modifier_1", "modifier_2", "modifier_3", "modifier_4")
_TEXT = pl.String()
_Reading = Callable[[pl.Expr], pl.Expr]  # what cells mean; null where they cannot be read so
_CENTS = 100
_NUMBER = 9  # digits that make each meaning of a list different from the others
_NOISE = 1e-4  # cents: what binary arithmetic in a spreadsheet leaves on 98.10


def text(column: str) -> pl.Expr:
    """Return a cell's text without spaces around it; "" for none."""
    return raw(column).str.strip_chars()


def hcpcs(column: str) -> pl.Expr:
    """Return a code, its zeros given back where a spreadsheet made a number of it: 99213.0, 100 for 00100."""
    return number_of(raw(column), 5)


def modifier(column: str) -> pl.Expr:
    """Return a modifier: 26, tc, 26.0."""
    return _code(raw(column), r"^[A-Z0-9]*$", lambda cell: without_point(capitals(cell)))


def modifier_of_list(column: str, place: int, places: int) -> pl.Expr:
    """Return the ``place``-th (from 0) modifier of a cell such as "26,59", "26 59" or "2659".

    The last place holds what is left as well, as no modifier there is: "76 LT" is unknown, not lost.
    """

    def parted(cell: pl.Expr) -> pl.Expr:
        plain = f"^([A-Z0-9]{{2}}([ ,;:/|+-][A-Z0-9]{{2}}){{0,{places - 1}}})?$"
        return pl.when(cell.str.contains(plain)).then(cell.str.slice(3 * place, 2))

    def split(cell: pl.Expr) -> pl.Expr:
        words = without_point(capitals(cell)).str.extract_all(r"[A-Z0-9]{2}|[^\s,;:/|+.\-]+")
        if place == places - 1:
            return words.list.slice(place).list.join(" ")
        return words.list.get(place, null_on_oob=True)

    return _read(raw(column), _TEXT, parted, split).fill_null("")


def modifiers(columns: Mapping[str, str]) -> dict[str, pl.Expr]:
    """Return the four modifiers of a line.

    ``columns``: our name to the file's column. That of ``modifiers`` may have more than one in a cell.
    """
    if "modifiers" in columns:
        together, places = columns["modifiers"], len(MODIFIERS)
        return {name: modifier_of_list(together, place, places) for place, name in enumerate(MODIFIERS)}
    return {name: modifier(columns[name]) if name in columns else pl.lit("") for name in MODIFIERS}


def diagnosis(column: str) -> pl.Expr:
    """Return a diagnosis in capitals, as written: m47.816, M47816."""
    return _code(raw(column), r"^[A-Z0-9.]*$", capitals)


def diagnosis_of_list(column: str, place: int) -> pl.Expr:
    """Return the ``place``-th (from 0) diagnosis of a cell such as "M47.816, M54.59"; "" where it has fewer."""

    def alone(cell: pl.Expr) -> pl.Expr:
        return pl.when(cell.str.contains(r"^[A-Z0-9.]*$")).then(pl.lit("") if place else cell)

    def split(cell: pl.Expr) -> pl.Expr:
        return capitals(cell).str.extract_all(r"[^\s,;:/|+]+").list.get(place, null_on_oob=True)

    return _read(raw(column), _TEXT, alone, split).fill_null("")


def numbered(cell: pl.Expr, width: int) -> pl.Expr:
    """Return a code of digits with its zeros: place of service 2 is 02, locality 4.0 is 04."""
    return _digits(without_point(capitals(cell)), width)


def number_of(cell: pl.Expr, width: int) -> pl.Expr:
    """Return what ``numbered`` does, quicker where most cells are written so; "" for none."""
    return _code(cell, f"^[A-Z0-9]{{{width}}}$", lambda cell: numbered(cell, width))


def place_of_service(column: str) -> pl.Expr:
    """Return a place of service with its zero."""
    return number_of(raw(column), 2)


def small_letters(column: str) -> pl.Expr:
    """Return a word in small letters: a type of provider."""
    return text(column).str.to_lowercase()


def money(column: str, kind: pl.DataType) -> pl.Expr:
    """Return an amount, exact: 1234.5, $1,234.50, (12.00) and -12 and 12.00- below zero. [USD]"""
    if kind == MONEY:
        return pl.col(column)
    if kind.is_integer():
        return pl.col(column).cast(MONEY, strict=False)
    if kind.is_float():
        cents = (pl.col(column) * _CENTS).round()
        exact = (pl.col(column) * _CENTS - cents).abs() < _NOISE
        as_text = without_point(cents.cast(pl.Int64, strict=False).cast(pl.String))
        return pl.when(exact).then(_from_cents(as_text)).cast(MONEY, strict=False)
    return _read(raw(column), MONEY, _plain_amount, _usual_amount, _amount)


def whole(column: str, kind: pl.DataType) -> pl.Expr:
    """Return a whole number: 2, 2.0; nothing else."""
    if kind.is_integer():
        return pl.col(column).cast(pl.Int32, strict=False)
    return _read(raw(column), pl.Int32(), _plain_whole, _whole)


def units(column: str, kind: pl.DataType) -> pl.Expr:
    """Return units as ``whole`` does; a blank cell is one unit."""
    if kind.is_integer():
        return pl.when(pl.col(column).is_null()).then(pl.lit(1, pl.Int32)).otherwise(whole(column, kind))
    return pl.when(text(column) == "").then(pl.lit(1, pl.Int32)).otherwise(whole(column, kind))


def count(column: str, kind: pl.DataType) -> pl.Expr:
    """Return a whole number from 0 up that may be large: 12000, 12,000, 12000.0; nothing else."""
    if kind.is_integer():
        return pl.col(column).cast(pl.Int64)
    cell = text(column).str.replace_all(",", "", literal=True)
    return cell.str.extract(r"^(\d{1,12})(?:\.0*)?$").cast(pl.Int64, strict=False)


def yes_or_no(column: str, kind: pl.DataType) -> pl.Expr:
    """Return True for Y, yes, true, T and 1, False for their opposites."""
    if kind == pl.Boolean:
        return pl.col(column)
    return _read(raw(column), pl.Boolean(), _yes_or_no, lambda cell: _yes_or_no(capitals(cell)))


def _read(cell: pl.Expr, kind: pl.DataType, *readings: _Reading) -> pl.Expr:
    """Read each cell by the first of the ``readings`` that can; each is shown what those before it could not read.

    A cell without anything is shown to the first one alone. The other cells are null to a reading, which costs it next
    to nothing.
    """
    read = readings[0](cell)
    for reading in readings[1:]:
        left = pl.when(read.is_null() & (cell != "")).then(cell)
        read = pl.coalesce(read, reading(left))
    return read.cast(kind)


def _code(cell: pl.Expr, plain: str, reading: _Reading) -> pl.Expr:
    """Read a text; cells that match ``plain`` are what they mean already."""
    return _read(cell, _TEXT, lambda cell: pl.when(cell.str.contains(plain)).then(cell), reading).fill_null("")


def raw(column: str) -> pl.Expr:
    """Return a cell's text as it stands; "" for none."""
    return pl.col(column).cast(pl.String, strict=False).fill_null("")


def capitals(cell: pl.Expr) -> pl.Expr:
    """Return the text in capitals, without spaces around it."""
    return cell.str.strip_chars().str.to_uppercase()


def without_point(cell: pl.Expr) -> pl.Expr:
    """Return a whole number that a spreadsheet wrote with a point, without it: 11 for 11.0; other text as it is."""
    return pl.when(cell.str.contains(r"^\d+\.0*$")).then(_before_zeros(cell)).otherwise(cell)


def _before_zeros(number: pl.Expr) -> pl.Expr:
    """Return what stands before the point of a number with a point and nothing but zeros after it."""
    return number.str.strip_chars_end("0").str.strip_suffix(".")


def _digits(cell: pl.Expr, width: int) -> pl.Expr:
    return pl.when(cell.str.contains(r"^\d+$")).then(cell.str.zfill(width)).otherwise(cell)


def _plain_amount(cell: pl.Expr) -> pl.Expr:
    return pl.when(cell.str.contains(r"^\d{1,10}(\.\d\d?)?$")).then(cell).cast(MONEY, strict=False)


def _usual_amount(cell: pl.Expr) -> pl.Expr:
    """Read $1,234.50: a dollar sign before it, commas at the thousands, cents."""
    usual = pl.when(cell.str.contains(r"^\$?([0-9]{1,3}(,[0-9]{3}){0,3}|[0-9]{4,10})\.[0-9]{2}$")).then(cell)
    return usual.str.strip_prefix("$").str.replace_all(",", "", literal=True).cast(MONEY, strict=False)


def _amount(cell: pl.Expr) -> pl.Expr:
    shorn = cell.str.replace_all(r"[$\s]", "")
    negative = shorn.str.contains(r"^\(.*\)$|^-|-$")
    figure = shorn.str.replace(r"^\((.*)\)$", "$1").str.replace(r"^-|-$", "").str.replace(r"^\+", "")
    readable = figure.str.contains(r"^(\d{1,10}|\d{1,3}(,\d{3}){1,3})?(\.\d{0,2}0*)?$") & figure.str.contains(r"\d")
    plain = figure.str.replace_all(",", "", literal=True).str.replace(r"(\.\d{2})0+$", "$1").str.strip_chars_end(".")
    plain = pl.when(plain.str.starts_with(".")).then(pl.lit("0") + plain).otherwise(plain)
    signed = pl.when(negative).then(pl.lit("-") + plain).otherwise(plain)
    return pl.when(readable).then(signed).cast(MONEY, strict=False)


def _from_cents(cents: pl.Expr) -> pl.Expr:
    digits = cents.str.replace("-", "", literal=True).str.zfill(3)
    unsigned = digits.str.head(-2) + pl.lit(".") + digits.str.tail(2)
    return pl.when(cents.str.starts_with("-")).then(pl.lit("-") + unsigned).otherwise(unsigned)


def _plain_whole(cell: pl.Expr) -> pl.Expr:
    return cell.cast(pl.Int32, strict=False)


def _whole(cell: pl.Expr) -> pl.Expr:
    bare = cell.str.strip_chars()
    number = pl.when(bare.str.contains(r"^-?[0-9]{1,9}(\.0*)?$")).then(bare)
    with_point = number.str.contains(".", literal=True)
    return pl.when(with_point).then(_before_zeros(number)).otherwise(number).cast(pl.Int32, strict=False)


def _yes_or_no(cell: pl.Expr) -> pl.Expr:
    yes = cell.is_in(["Y", "YES", "T", "TRUE", "1", "1.0"])
    no = cell.is_in(["N", "NO", "F", "FALSE", "0", "0.0"])
    return pl.when(yes).then(True).when(no).then(False)


def looked_up(cell: pl.Expr, cells: Sequence[str], meanings: Sequence[str]) -> pl.Expr:
    """Return the meaning of a cell, null where it is not in the list.

    ``cells`` differ from each other, ``meanings`` need not. As ``replace_strict``, for which polars' streaming engine
    takes all of a file into memory at once. Here the place in the list of cells becomes the same place in the list of
    meanings, line by line and without a copy of either.
    """
    if not cells:
        return pl.lit(None, pl.String)
    numbered = pl.Enum([f"{meaning}{number:0{_NUMBER}}" for number, meaning in enumerate(meanings)])
    place = cell.cast(pl.Enum(cells), strict=False).to_physical()
    return place.cat.to(numbered).cast(pl.String).str.head(-_NUMBER)
