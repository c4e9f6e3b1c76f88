"""``--map FILE``: a person's word on which column is which, as TOML or as lines ``theirs,ours``."""

from __future__ import annotations

import csv
from pathlib import Path

from feecalc.errors import InvalidValue, UnreadableFile
from feecalc.files.headings import shown
from feecalc.files.toml import parse_toml, read_text

_MOST_BYTES = 2**20
_HEADING = ("their", "theirs", "heading", "column")


def read_column_map(path: Path) -> dict[str, str]:
    """Read a map: their heading to our name, "" for a column that is to be left alone.

    TOML holds ``"Svc Date" = "date_of_service"``, at its top or under ``[columns]``.

    Raises InvalidValue, UnreadableFile.
    """
    text = read_text(path, "column map", 'write one with lines such as "Svc Date,date_of_service"', _MOST_BYTES)
    found = _of_toml(path, text) if path.suffix.lower() == ".toml" else _lines(path, text)
    if not found:
        raise InvalidValue(f'{path}: maps no column; write lines such as "Svc Date,date_of_service"')
    return found


def _of_toml(path: Path, text: str) -> dict[str, str]:
    tables = parse_toml(text, str(path)).tables
    inner = tables.get("columns")
    table = inner if isinstance(inner, dict) else tables
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
