"""The text of a file a person wrote: bounded, in UTF-8."""

from __future__ import annotations

from pathlib import Path

from feecalc.errors import InvalidValue, UnreadableFile


def read_text(path: Path, what: str, most_bytes: int, otherwise: str) -> str:
    """The file's text. ``what`` it should be, as "contract"; ``otherwise``: what to do where there is no such file.

    Raises InvalidValue where it cannot be read, UnreadableFile where it is too large or not text.
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
