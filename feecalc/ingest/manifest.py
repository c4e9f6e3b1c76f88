"""Manifests of the store's entries: origin, tables, and the checks passed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

_SHAPES: Mapping[str, type | tuple[type, ...]] = {
    "str": str,
    "int": int,
    "bool": bool,
    "Mapping": dict,
    "tuple": list,
    "date | None": (str, type(None)),
}


@dataclass(frozen=True)
class Manifest:
    """The manifest of a built release (RVU26C), or of another CMS file (ZIP5-20261), in the store."""

    name: str
    kind: str  # "release", or the table of another file (assembly/kinds.py)
    year: int
    first_date_of_service: date | None
    source: Mapping[str, str | None]  # name, sha256, address, retrieved, etag, last_modified
    tables: Mapping[str, Mapping[str, Any]]  # table -> file, rows, member, sha256, bytes
    facts: Mapping[str, Mapping[str, str]]  # table -> what its member says of itself
    checks: tuple[Mapping[str, Any], ...]  # check, severity, checked, failed, detail, sample
    allowed_warnings: bool
    built: str  # ISO time, UTC
    feecalc_version: str
    notes: tuple[str, ...] = ()  # what a person may want to know: members passed over, columns not read ...

    @property
    def age(self) -> tuple[int, date, str]:
        """A sort key, the oldest first."""
        return self.year, self.first_date_of_service or date(self.year, 1, 1), self.name

    def to_json(self) -> str:
        """Return the manifest as the store keeps it."""
        return json.dumps(self.as_dict(), indent=1, ensure_ascii=False) + "\n"

    def as_dict(self) -> dict[str, Any]:
        """Return the manifest as plain values, the date as ISO text."""
        plain = asdict(self)
        plain["first_date_of_service"] = self.first_date_of_service and self.first_date_of_service.isoformat()
        return plain

    @classmethod
    def from_json(cls, text: str) -> Manifest:
        """Return the manifest of ``text``. Raises ValueError where it is not one."""
        record = json.loads(text)
        wanted = {field.name: str(field.type).partition("[")[0] for field in fields(cls)}
        if not isinstance(record, dict) or record.keys() != wanted.keys():
            raise ValueError("it is not a manifest of this version of feecalc")
        wrong = [name for name, shape in wanted.items() if not isinstance(record[name], _SHAPES[shape])]
        wrong = wrong or [name for name, entries in _entries(record).items() if not all(entries)]
        if wrong:
            raise ValueError(f"its {wrong[0]} cannot be read")
        day = record["first_date_of_service"]
        record["first_date_of_service"] = None if day is None else date.fromisoformat(day)
        record["checks"] = tuple(record["checks"])
        record["notes"] = tuple(record["notes"])
        return cls(**record)


def _entries(record: Mapping[str, Any]) -> dict[str, list[bool]]:
    """Return whether the entries of each list in a manifest have the keys that are read."""

    def has_types(entry: object, **shapes: type) -> bool:
        return isinstance(entry, dict) and all(isinstance(entry.get(name), shape) for name, shape in shapes.items())

    return {
        "source": [has_types(record["source"], name=str, sha256=str)],
        "tables": [has_types(table, file=str, rows=int, sha256=str) for table in record["tables"].values()],
        "facts": [isinstance(facts, dict) for facts in record["facts"].values()],
        "checks": [has_types(check, check=str, severity=str, checked=int, failed=int) for check in record["checks"]],
        "notes": [isinstance(note, str) for note in record["notes"]],
    }
