"""TOML that a person writes or keeps: read with a bound and the line of every key, written so that it reads back equal.

Contracts, scenarios, column maps and policies are such files.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feecalc.errors import InvalidValue, UnreadableFile

if TYPE_CHECKING:
    from tomlkit.container import Container
    from tomlkit.items import AoT, Item, Table

MOST_BYTES = 2**22
_TWICE = re.compile(r"Cannot (?:overwrite a value|declare .* twice|redefine)")
_AT = re.compile(r"\(at (?:line (\d+), column \d+|end of document)\)")
_NAME = re.compile(r"\s*(\[\[?[^\]]*\]\]?(?=\s*(?:#|$))|[\w.\"'-]+(?=\s*=))")


class Places:
    """Where the keys of a file's tables stand in it; this one knows only their names."""

    def __init__(self, name: str) -> None:
        self.name = name

    def row(self, table: str, number: int | None) -> str:
        """Return a table, or the ``number``-th (from 0) of its rows, as a person finds it."""
        return f"[[{table}]] {number + 1}" if number is not None else f"[{table}]"

    def of(self, table: str, number: int | None, key: str) -> str:
        """Return a key, with its table."""
        where = f"{self.row(table, number)}, " if table else ""
        return f"{self.name}, {where}key {key!r}" if key else f"{self.name}, {where}".rstrip(", ")


class TomlPlaces(Places):
    """Places of a TOML text, with the numbers of its lines."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(name)
        self.lines = text.splitlines()

    def of(self, table: str, number: int | None, key: str) -> str:
        """Return a key, with its table and its line."""
        line = self._line(table, number or 0, key)
        return super().of(table, number, key) + (f" (line {line})" if line else "")

    def _line(self, table: str, number: int, key: str) -> int | None:
        """Return the line of a key, or of its table's head where the key does not stand in it."""
        head, seen, inside = None, -1, not table
        for at, text in enumerate(self.lines, 1):
            header = re.match(r"\s*\[\[?\s*([A-Za-z_.\"]+)\s*\]\]?", text)
            if header:
                if (inside and head is not None) or (inside and not table):
                    break
                seen += header[1].strip('"') == table
                inside = header[1].strip('"') == table and seen == number
                head = at if inside else None
            elif inside and key and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", text):
                return at
        return head


@dataclass(frozen=True)
class TomlFile:
    """A TOML file that was read. ``tables``: its keys; numbers with a point are exact decimals."""

    name: str
    text: str
    tables: dict[str, Any]

    @cached_property
    def places(self) -> TomlPlaces:
        """Return where its keys stand, for what is wrong with them."""
        return TomlPlaces(self.name, self.text)


def read_toml(path: Path, what: str, otherwise: str, most_bytes: int = MOST_BYTES) -> TomlFile:
    """Read a TOML file of at most ``most_bytes``, in UTF-8. Errors as ``read_text``, and as ``parse_toml``."""
    return parse_toml(read_text(path, what, otherwise, most_bytes), path.name)


def parse_toml(text: str, name: str) -> TomlFile:
    """Read a TOML text; ``name`` is its file's.

    Raises UnreadableFile, which names the line, and a key or table that is there twice.
    """
    try:
        return TomlFile(name, text, tomllib.loads(text, parse_float=Decimal))
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(f"{name}: not TOML ({_problem(text, error)})") from error


def read_text(path: Path, what: str, otherwise: str, most_bytes: int = MOST_BYTES) -> str:
    """Return a file's text.

    ``what`` it should be, as "contract"; ``otherwise``: what to do where there is no such file.
    Raises InvalidValue where it cannot be read, UnreadableFile where it is too large or not text in UTF-8.
    """
    try:
        with path.open("rb") as file:
            content = file.read(most_bytes + 1)
    except FileNotFoundError:
        raise InvalidValue(f"{path}: no such file; {otherwise}") from None
    except OSError as error:
        raise InvalidValue(f"{path}: cannot be read ({error.strerror}); give a {what}'s file") from error
    if len(content) > most_bytes:
        raise UnreadableFile(f"{path.name}: more than {most_bytes:,} bytes, which no {what}'s file has")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"{path.name}: not text in UTF-8 ({error.reason})") from error


def toml_text(tables: Mapping[str, Any]) -> str:
    """Return the text of a file with these tables, which ``parse_toml`` reads as equal.

    Plain keys go first, then [tables] and [[tables]] in their order. Of a table's keys a mapping stands on one line,
    and a list of mappings as tables after it. Values are texts, truths, numbers, exact decimals, dates, and lists.
    """
    import tomlkit

    document = tomlkit.document()
    _fill(document, tables, inline=False)
    return tomlkit.dumps(document).strip("\n") + "\n"


def _problem(text: str, error: Exception) -> str:
    """Return what is wrong with a text; of a key or table that is there twice, its name and line."""
    if isinstance(error, RecursionError):
        return "brackets within brackets without end"
    found = _AT.search(str(error))
    if found is None or not _TWICE.search(str(error)):
        return str(error)
    lines = text.splitlines()
    for line in range(int(found[1] or len(lines)), 0, -1):  # a value may go over more than one line
        if name := _NAME.match(lines[line - 1]):
            return f"{name[1]} is there twice, again in line {line}; keep one"
    return str(error)


def _fill(target: Container | Table, values: Mapping[str, Any], *, inline: bool) -> None:
    """Add the values to a document or table; with ``inline`` a mapping stands on its key's line."""

    def is_plain(value: Any) -> bool:
        return not _is_rows(value) and (inline or not isinstance(value, Mapping))

    for key, value in values.items():
        if is_plain(value):
            target.add(_key(key), _item(value))
    for key, value in values.items():
        if not is_plain(value):
            target.add(_key(key), _rows(value) if _is_rows(value) else _table(value))


def _is_rows(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(row, Mapping) for row in value)


def _rows(values: list[Mapping[str, Any]]) -> AoT:
    import tomlkit

    rows = tomlkit.aot()
    for row in values:
        rows.append(_table(row))
    return rows


def _table(values: Mapping[str, Any]) -> Table:
    import tomlkit

    table = tomlkit.table()
    _fill(table, values, inline=True)
    return table


def _key(key: str) -> Any:
    from tomlkit.items import SingleKey

    return SingleKey(key)


def _item(value: Any) -> Item:
    """Return a value as TOML writes it; a decimal keeps its digits."""
    import tomlkit
    from tomlkit.items import Float, Integer, Trivia

    if isinstance(value, Decimal):
        digits = f"{value:f}"
        if "." in digits:
            return Float(float(value), Trivia(), digits)
        return Integer(int(value), Trivia(), digits)
    if isinstance(value, Mapping):
        inline = tomlkit.inline_table()
        for key, member in value.items():
            inline.append(_key(key), _item(member))
        return inline
    if isinstance(value, list | tuple):
        array = tomlkit.array()
        for member in value:
            array.append(_item(member))
        return array
    return tomlkit.item(value if isinstance(value, bool | int | date) else str(value))
