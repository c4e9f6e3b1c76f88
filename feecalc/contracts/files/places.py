"""Where the keys of a file's tables stand, for what is said of them."""

from __future__ import annotations

import re


class Places:
    """Where the keys of a contract's tables stand in the file; this one knows only their names."""

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
