"""The AMA's notice on CPT that CMS shows before its files, and the record that the user accepted it."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from feecalc.errors import LicenseNotAccepted, StoreError

ADDRESS = "https://www.cms.gov/license/ama"
NOTICE_VERSION = 1  # raise it when NOTICE says something new: everybody is asked again
NOTICE = f"""\
The relative value files of CMS carry CPT codes and descriptions. CPT is copyright American Medical Association (AMA);
the dental D codes are copyright American Dental Association (ADA). CMS shows the terms of both when a file is
downloaded from cms.gov, and whoever uses the file agrees to them. Use by or for the U.S. government is restricted as
FARS and DFARS provide. feecalc passes on none of these rights: they are between you, the AMA and the ADA.
Read the terms before you accept them: {ADDRESS}"""

_FILE = "ama_license.json"


def accepted(home: Path) -> bool:
    """Return whether this version of the notice has been accepted for this home folder."""
    try:
        record = json.loads((home / _FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError as error:
        raise StoreError(f"{home / _FILE}: {error.strerror or error}") from error
    return isinstance(record, dict) and record.get("notice_version") == NOTICE_VERSION


def record_acceptance(home: Path, how: str) -> None:
    """Record that the notice was accepted, when and how (a flag, an answer at the prompt, a button)."""
    record = {
        "accepted": datetime.now(UTC).isoformat(timespec="seconds"),
        "how": how,
        "notice_version": NOTICE_VERSION,
        "terms": ADDRESS,
    }
    temporary: Path | None = None
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=home, prefix=f".{_FILE}.", suffix=".tmp", encoding="utf-8", delete=False
        ) as file:
            temporary = Path(file.name)
            file.write(json.dumps(record, indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(home / _FILE)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise StoreError(f"{error.filename or home}: {error.strerror or error}") from error


def require_acceptance(home: Path, *, accept: bool, prompt: Callable[[str], bool] | None) -> None:
    """Raise LicenseNotAccepted unless the notice is accepted: earlier, by ``accept``, or by ``prompt(NOTICE)``.

    An acceptance is recorded and not requested again.
    """
    if accepted(home):
        return
    if accept:
        record_acceptance(home, "--accept-ama-license")
    elif prompt is None:
        raise LicenseNotAccepted(f"{NOTICE}\nTo accept them, run the command again with --accept-ama-license")
    elif prompt(NOTICE):
        record_acceptance(home, "asked")
    else:
        raise LicenseNotAccepted(
            f"nothing was downloaded: the terms on CPT were not accepted. They are at {ADDRESS}; "
            "to accept them, answer yes or pass --accept-ama-license"
        )
