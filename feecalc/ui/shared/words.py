"""How the pages write: amounts, days, and text that may have come from a person or a file."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

import polars as pl

_MARKUP = re.compile(r"([!-/:-@\[-`{-~])")  # all ASCII punctuation: each may be written with a backslash before it
_SELF_LINKING = re.compile(r"(?i)(?<=http)(?=s?\\:)|(?<=www)(?=\\\.)|(?=\\@)")
_NO_BREAK = "\N{WORD JOINER}"  # invisible, and no address to markdown any more
_UNSAFE = ("Cc", "Cf", "Cs", "Zl", "Zp")  # controls, format (bidirectional) characters, surrogates, separators
_UNSAFE_CELL = r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]"  # the same for a column, where a surrogate cannot stand


def plain(text: object) -> str:
    """Return ``text`` for a place where streamlit reads markdown, so that it shows exactly as it is.

    Lines stay lines; an indented line starts with a dash, as four blanks would make it code.
    """
    return "  \n".join(_line(line) for line in str(text).splitlines())


def _line(line: str) -> str:
    shown = "".join(" " if c == "\t" else "?" if unicodedata.category(c) in _UNSAFE else c for c in line)
    lead = "– " if shown.startswith(" ") else ""
    return lead + _SELF_LINKING.sub(_NO_BREAK, _MARKUP.sub(r"\\\1", shown.strip()))


def one_line(text: object) -> str:
    """Return ``text`` for a place that shows it as it is (an option, a chart): one line, no control characters."""
    return "".join(" " if c in "\t\r\n" else "?" if unicodedata.category(c) in _UNSAFE else c for c in str(text))


def readable(cells: pl.Expr) -> pl.Expr:
    """Return ``one_line`` of a column."""
    return cells.str.replace_all(r"[\t\r\n]", " ").str.replace_all(_UNSAFE_CELL, "?")


def long_day(day: date) -> str:
    """Return ``July 1, 2026``."""
    return f"{day:%B} {day.day}, {day.year}"


def quarter(day: date) -> str:
    """Return ``2026, third quarter``: CMS revises a release's figures once a quarter."""
    names = ("first", "second", "third", "fourth")
    return f"{day.year}, {names[(day.month - 1) // 3]} quarter"


def sentence(text: str) -> str:
    """Return the text with a capital at its beginning, unless it begins with a file's name."""
    first = text.split(maxsplit=1)[0].rstrip(".:,;") if text.strip() else ""
    return text if "." in first else text[:1].upper() + text[1:]
