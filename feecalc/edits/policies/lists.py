"""A contractor's list of diagnoses, from TOML or CSV, to use in place of the one a policy comes with."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from feecalc.edits.policies.loading import read_toml
from feecalc.edits.policies.models import checked
from feecalc.edits.policies.policy import DiagnosisList
from feecalc.errors import BadValue, InvalidValue, MissingColumn, UnreadableFile

_COLUMNS = ("code", "supports", "regions", "and_below", "effective_from", "effective_to")
_YES = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}
_FIRST_DAY = date(1, 1, 1)


def read_diagnosis_list(path: Path, *, macs: Sequence[str] = (), complete: bool = True) -> DiagnosisList:
    """Return a list of diagnoses from a file.

    TOML: a table ``[diagnosis_list]`` (key, name, complete, source) and rows ``[[diagnosis]]`` (codes, supports).
    CSV: a column ``code`` and, where wanted, ``supports`` (yes or no; yes where it is missing), ``regions`` (the
    policy's keys, with blanks between), ``and_below``, ``effective_from``, ``effective_to``. ``macs`` (default: all)
    and ``complete`` are for a CSV file, which cannot say them.

    Raises InvalidValue, UnreadableFile, MissingColumn, BadValue, naming the row and the key.
    """
    if not path.is_file():
        raise InvalidValue(f"{path}: no such file; give a list of diagnoses as TOML or CSV")
    if path.suffix.lower() == ".toml":
        return _of_toml(path)
    head: dict[str, Any] = {"key": path.stem, "name": path.name, "complete": complete, "source": path.name}
    if macs:
        head["macs"] = list(macs)
    return _whole(path, head | {"effective_from": _FIRST_DAY}, _of_csv(path))


def _of_toml(path: Path) -> DiagnosisList:
    tables = read_toml(path)
    for name in ("diagnosis_list", "diagnosis"):
        if name not in tables:
            raise InvalidValue(f"{path}: no table {name}; a list has [diagnosis_list] and rows [[diagnosis]]")
    if not isinstance(tables["diagnosis"], list):
        raise InvalidValue(f"{path}, diagnosis: write [[diagnosis]], with two brackets, before each row")
    head = {"effective_from": _FIRST_DAY} | tables["diagnosis_list"]
    found = checked(f"{path.name}, [diagnosis_list]", "diagnosis_list", head)
    return _whole(path, found, [{"list": found["key"]} | row for row in tables["diagnosis"]])


def _whole(path: Path, head: dict[str, Any], rows: Sequence[dict[str, Any]]) -> DiagnosisList:
    dated = {"effective_from": _FIRST_DAY, "source": head.get("source", path.name)}
    entries = tuple(
        dated | checked(f"{path.name}, diagnosis {place}", "diagnosis", row) for place, row in enumerate(rows, 1)
    )
    if not any(row["supports"] for row in entries):
        raise InvalidValue(f"{path}: no diagnosis here supports anything; give at least one with supports = true")
    return DiagnosisList(head, entries)


def _of_csv(path: Path) -> list[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            headings = [(heading or "").strip().lower() for heading in reader.fieldnames or ()]
            reader.fieldnames = headings
            lines = list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFile(f"{path}: not a csv file in UTF-8 ({error})") from error
    if "code" not in headings:
        raise MissingColumn(f"{path}: no column code; looked for {', '.join(_COLUMNS)}; seen: {', '.join(headings)}")
    return [_entry(path, place, line) for place, line in enumerate(lines, 2) if any(line.values())]


def _entry(path: Path, place: int, line: dict[str, Any]) -> dict[str, Any]:
    said = {name: (line.get(name) or "").strip() for name in _COLUMNS}
    found: dict[str, Any] = {"list": path.stem, "codes": [said["code"]], "supports": True}
    for name in ("supports", "and_below"):
        if said[name]:
            if said[name].lower() not in _YES:
                raise BadValue(f"{path}, row {place}, column {name}: {said[name]!r} is neither yes nor no")
            found[name] = _YES[said[name].lower()]
    for name in ("effective_from", "effective_to"):
        if said[name]:
            try:
                found[name] = date.fromisoformat(said[name])
            except ValueError as error:
                raise BadValue(f"{path}, row {place}, column {name}: {said[name]!r} is no date 2026-01-31") from error
    if said["regions"]:
        found["regions"] = said["regions"].split()
    return found
