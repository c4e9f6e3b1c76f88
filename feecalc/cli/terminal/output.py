"""What commands print: notices, tables, amounts and JSON, safe for a terminal whatever a file or a person wrote."""

from __future__ import annotations

import json
import os
import sys
import textwrap
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

WIDTH = 100  # columns; a table is never wider
QUOTED_CHARACTERS = 80
_NARROWEST_COLUMN = 8
_LABEL = 12  # columns of the words before a value
_ROWS_AT_ONCE = 50_000


def one_line(text: object) -> str:
    """Return ``text`` without anything that moves a terminal's cursor: control and format characters print as ``?``."""
    shown = str(text)
    if shown.isascii() and shown.isprintable():
        return shown
    return "".join(" " if c in "\t\r\n" else "?" if unicodedata.category(c) in _UNSAFE else c for c in shown)


_UNSAFE = ("Cc", "Cf", "Cs", "Zl", "Zp")  # controls, format (bidirectional) characters, lone surrogates, separators


def lines(text: str) -> str:
    """Return ``one_line`` of every line of ``text``."""
    return "\n".join(one_line(line) for line in text.split("\n"))


def quoted(text: str) -> str:
    """Return what a person wrote, for a message: in quotes, escaped, cut at 80 characters."""
    return repr(text if len(text) <= QUOTED_CHARACTERS else text[:QUOTED_CHARACTERS] + "…")


def say(text: str) -> None:
    """Print a notice or an error to standard error."""
    print(lines(text), file=sys.stderr)


def show(text: str = "") -> None:
    """Print a line, or lines, of the result to standard output."""
    print(lines(text))


def show_large(text: str) -> None:
    """Print the line that a person looks for first, bold where standard output is a terminal that shows it."""
    bold = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") not in (None, "", "dumb")
    print(f"\x1b[1m{one_line(text)}\x1b[0m" if bold else one_line(text))


def wrapped(text: str, first: str = "", width: int = WIDTH) -> str:
    """Return ``text`` in lines of at most ``width``, after ``first``; the other lines are indented as far."""
    parts = textwrap.wrap(one_line(text), width - len(first)) or [""]
    return f"\n{' ' * len(first)}".join([first + parts[0], *parts[1:]])


def show_labeled(label: str, text: str) -> None:
    """Print a value after its label, as a receipt has them."""
    show(wrapped(text, f"{label:<{_LABEL}}"))


def money(amount: Decimal | None) -> str:
    """Return ``$1,190.39``, ``-$1,190.39`` below 0; a dash where there is no amount."""
    from feecalc.money import usd  # which needs polars, and help does not

    return "-" if amount is None else usd(amount)


def counted(number: int, what: str) -> str:
    """Return ``1 line``, ``1,200 lines``, ``0 lines``; for a thing whose plural takes an s."""
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def print_json(document: object) -> None:
    """Print one JSON document to standard output.

    A Decimal is a number with all its decimals, a date is ISO text, a polars frame a list of its rows.
    """
    for part in _json(document, ""):
        sys.stdout.write(part)
    sys.stdout.write("\n")


def print_table(
    rows: pl.DataFrame | Sequence[Mapping[str, Any]],
    columns: Mapping[str, str] | Sequence[str] | None = None,
    *,
    width: int = WIDTH,
) -> None:
    """Print a plain text table, at most ``width`` characters wide, to standard output.

    ``columns`` chooses and orders the columns; as a mapping it also gives their headings, which may have line breaks.
    Numbers stand to the right, a null is a dash; where the table is too wide its widest text column is cut.
    """
    for line in table_lines(rows, columns, width=width):
        print(line)


def table_lines(
    rows: pl.DataFrame | Sequence[Mapping[str, Any]],
    columns: Mapping[str, str] | Sequence[str] | None = None,
    *,
    width: int = WIDTH,
) -> list[str]:
    """Return the lines of ``print_table``, the headings first."""
    records = rows if isinstance(rows, Sequence) else rows.to_dicts()
    names = list(columns) if columns is not None else list(records[0]) if records else []
    headings = columns if isinstance(columns, Mapping) else {name: name for name in names}
    cells = [[_cell(record.get(name)) for name in names] for record in records]
    to_the_right = [_numeric(rows, name) for name in names]
    above = _stacked([headings[name] for name in names])
    widths = [max(len(row[i]) for row in [*above, *cells]) for i in range(len(names))]
    _narrow(widths, to_the_right, width)
    table = [*above, ["-" * w for w in widths], *cells]
    return ["  ".join(_placed(*cell) for cell in zip(row, widths, to_the_right, strict=True)).rstrip() for row in table]


def _numeric(rows: pl.DataFrame | Sequence[Mapping[str, Any]], name: str) -> bool:
    if not isinstance(rows, Sequence):
        return name in rows.schema and rows.schema[name].is_numeric()
    values = [row.get(name) for row in rows]
    given = [value for value in values if value is not None]
    return bool(given) and all(isinstance(value, int | Decimal) for value in given)


def _stacked(headings: Sequence[str]) -> list[list[str]]:
    """Return headings of one line or more as rows of cells, the last row full."""
    parts = [[one_line(part) for part in heading.split("\n")] for heading in headings]
    height = max((len(part) for part in parts), default=1)
    return [[part[row - height] if height - row <= len(part) else "" for part in parts] for row in range(height)]


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | Decimal):
        return f"{value:,}"
    return one_line(value)


def _narrow(widths: list[int], keep: Sequence[bool], width: int) -> None:
    def over() -> int:
        return sum(widths) + 2 * (len(widths) - 1) - width

    while over() > 0:
        texts = [i for i, kept in enumerate(keep) if not kept and widths[i] > _NARROWEST_COLUMN]
        if not texts:
            return
        widest = max(texts, key=lambda i: widths[i])
        widths[widest] = max(_NARROWEST_COLUMN, widths[widest] - over())


def _placed(text: str, width: int, to_the_right: bool) -> str:
    cut = text if len(text) <= width else text[: width - 1] + "…"
    return cut.rjust(width) if to_the_right else cut.ljust(width)


def _json(value: Any, indent: str) -> Iterable[str]:
    """Give the parts of the document's text. ``json`` itself has no exact decimals."""
    deeper = indent + "  "
    if isinstance(value, Mapping):
        members = ([f"{json.dumps(str(key))}: ", *_json(item, deeper)] for key, item in value.items())
        yield from _braced("{", members, "}", indent)
    elif isinstance(value, list | tuple | set | frozenset):
        yield from _braced("[", (_json(item, deeper) for item in value), "]", indent)
    elif isinstance(value, Decimal):
        yield f"{value:f}" if value.is_finite() else "null"
    elif isinstance(value, date | PurePath):
        yield json.dumps(value.isoformat() if isinstance(value, date) else str(value))
    elif hasattr(value, "iter_slices"):
        yield from _braced("[", _frame_rows(value, f",\n{deeper}"), "]", indent)
    else:
        yield json.dumps(value)


def _frame_rows(frame: pl.DataFrame, separator: str) -> Iterable[Iterable[str]]:
    """Give the rows as JSON objects, many at a time; polars writes decimals as text, here they become numbers."""
    import polars as pl

    decimals = "|".join(name for name, kind in frame.schema.items() if isinstance(kind, pl.Decimal))
    for part in frame.iter_slices(_ROWS_AT_ONCE):
        encoded = part.select(pl.struct(pl.all()).struct.json_encode().alias("row"))["row"]
        if decimals:
            encoded = encoded.str.replace_all(rf'"({decimals})":"(-?[0-9.]+)"', '"$1":$2')
        if len(encoded):
            yield (separator.join(encoded),)


def _braced(opening: str, members: Iterable[Iterable[str]], closing: str, indent: str) -> Iterable[str]:
    separator = f"\n{indent}  "
    empty = True
    yield opening
    for member in members:
        yield separator if empty else "," + separator
        yield from member
        empty = False
    yield closing if empty else f"\n{indent}{closing}"
