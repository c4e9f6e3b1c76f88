"""One receipt a claim into a folder; a claim's name never becomes a path."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from feecalc.errors import InvalidValue, StoreError

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST = 80
_MARK = 8  # hexadecimal digits that tell apart names that had to be changed


def file_name(claim_id: str) -> str:
    """Return claim-1001.md; a name that had to be changed ends in a piece of its hash, so that two stay two."""
    slug = _UNSAFE.sub("-", claim_id)[:_LONGEST].strip("-")
    if slug != claim_id:
        slug = "-".join([*([slug] if slug else []), hashlib.sha256(claim_id.encode()).hexdigest()[:_MARK]])
    return f"claim-{slug}.md"


class ReceiptFolder:
    """A folder that takes receipts. Each file is whole or not there, and none is written over."""

    def __init__(self, path: Path) -> None:
        """Make the folder where there is none. Raises StoreError."""
        self.path, self.count = path, 0
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            why = error.strerror or error
            raise StoreError(f"{path} cannot be made: {why}; give a folder for --receipts") from error

    def write(self, claim_id: str, text: str) -> None:
        """Write one claim's receipt. Raises InvalidValue where its file is there already, StoreError where it fails."""
        target = self.path / file_name(claim_id)
        if os.path.lexists(target):
            raise InvalidValue(
                f"{target} is there already, from another run or from a claim of the same name in other letters; give "
                "an empty folder for --receipts"
            )
        beside = target.with_name(f".{target.name}.part")
        try:
            beside.write_text(text, encoding="utf-8")
            beside.replace(target)
        except OSError as error:
            raise StoreError(f"{target} was not written: {error.strerror or error}") from error
        finally:
            beside.unlink(missing_ok=True)
        self.count += 1
