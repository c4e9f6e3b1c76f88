"""``--map FILE``: a person's word on which column is which, as TOML or as lines ``theirs,ours``."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path

from feecalc.errors import InvalidValue, UnreadableFile
from feecalc.files.headings import shown

_MOST_BYTES = 2**20
_HEADING = ("their", "theirs", "heading", "column")


def read_column_map(path: Path) -> dict[str, str]:
    """Their heading to our name, "" for a column that is to be left alone.

    TOML holds ``"Svc Date" = "date_of_service"``, at its top or under ``[columns]``.

    Raises InvalidValue, UnreadableFile.
    """
    text = _text(path)
    found = _toml(path, text) if path.suffix.lower() == ".toml" else _lines(path, text)
    if not found:
        raise InvalidValue(f'{path}: maps no column; write lines such as "Svc Date,date_of_service"')
    return found


def _text(path: Path) -> str:
    if not path.is_file():
        raise InvalidValue(f"{path}: no such file")
    with path.open("rb") as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise UnreadableFile(f"{path}: more than {_MOST_BYTES:,} bytes, which no map of columns has")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"{path}: not text in UTF-8") from error


def _toml(path: Path, text: str) -> dict[str, str]:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UnreadableFile(f"{path}: not TOML ({error})") from error
    table = table.get("columns", table) if isinstance(table.get("columns", table), dict) else table
    for heading, name in table.items():
        if not isinstance(name, str):
            raise InvalidValue(f'{path}: write "{shown(heading)}" = "our_name", with text on both sides')
    return table


def _lines(path: Path, text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(text.splitlines()) if any(row)]
    except csv.Error as error:
        raise UnreadableFile(f"{path}: not a csv file ({error})") from error
    for number, row in enumerate(rows, start=1):
        if len(row) != 2 or not row[0]:
            raise InvalidValue(f'{path}, row {number}: write "heading,our_name", such as "Svc Date,date_of_service"')
        if number == 1 and row[0].lower() in _HEADING and row[1].lower() in ("our", "ours", "name"):
            continue
        if found.setdefault(row[0], row[1]) != row[1]:
            raise InvalidValue(f"{path}, row {number}: {shown(row[0])} is mapped twice")
    return found
