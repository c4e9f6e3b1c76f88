"""Recognition of a table's header, wherever it is: its layout, and the meaning of its columns.

CMS stacks a label over several cells, above or below the header cell, under a banner of varying height. The stack that
makes the most labels known is the one that was meant. A label is matched whatever its case, its spaces, its footnote
marks and, where nothing matches it with its year, its year: "2026 PW GPCI (with 1.0 Floor)***" is the work index.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from feecalc.errors import MissingColumn, UnreadableFile
from feecalc.ingest.files.layout import Delimited, Layout, layouts

_MOST_ABOVE = 6
_MOST_BELOW = 3
MOST_COLUMNS = 400
# Asterisks, daggers, raised figures; a figure in brackets at the end.
_MARKS = re.compile(r"[*#^\u2020\u2021\u00a7\u00b6\u00b9\u00b2\u00b3\u2070-\u2079]+|\s*(\(\d\)|\[\d\])$")
_YEAR = re.compile(r"\b(CY\s*)?(19|20)\d\d\b")
_LETTER = r"[A-Z]{1,2}\d?(?![A-Za-z0-9])"
_ADDENDUM = re.compile(rf"(?i:\baddendum|(?<=_)addendum)[ _.-]*({_LETTER}(?:(?:[ _.,&/-]|(?i:and))+{_LETTER})*)")


@dataclass(frozen=True)
class Header:
    """A recognized header: the rows of banner and header, the labels, and the places of the layout's columns."""

    layout: Layout
    data_starts: int
    labels: tuple[str, ...]
    places: Mapping[str, int]
    key_place: int
    facts: Mapping[str, str] = field(default_factory=dict)
    doubled: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()  # labels that say an earlier year than another column of the same meaning

    @property
    def width(self) -> int:
        """The number of columns of the data."""
        return len(self.labels)

    @property
    def missing(self) -> tuple[str, ...]:
        """The layout's required columns that this header does not have."""
        return tuple(column for column in _delimited(self.layout).required if column not in self.places)

    @property
    def known(self) -> float:
        """The share of the layout's columns that were found (0 to 1)."""
        required = _delimited(self.layout).required
        return 1 - len(self.missing) / len(required)

    @property
    def unread(self) -> tuple[str, ...]:
        """The labels that belong to no column of the layout."""
        read = set(self.places.values())
        known = {_bare(label) for label in (*_delimited(self.layout).unread, *self.earlier)}
        return tuple(
            label
            for place, label in enumerate(self.labels)
            if label and place not in read and _bare(label) not in known
        )


def find_header(head: Sequence[Sequence[str]], table: str | None = None, named: str = "") -> Header | None:
    """Return the header in a member's first rows that fits a layout best, of ``table`` if it is given; or None.

    ``named`` are the names of the file and sheet, for layouts whose labels alone do not tell.
    """
    best: Header | None = None
    cells = {cell: _label([cell]) for row in head for cell in row if cell}
    for layout in layouts():
        if layout.delimited is None or (table is not None and layout.table != table):
            continue
        heart = layout.delimited.header
        keys = {cell for cell, label in cells.items() if any(heart.fullmatch(form) for form in _forms(label))}
        for header in _headers(layout, head, keys) if keys else ():
            if not _may_be(header, head, named):
                continue
            if best is None or (header.known, len(header.places)) > (best.known, len(best.places)):
                best = header
    return best


def recognized(header: Header | None) -> bool:
    """Return whether enough of the header is known that a missing column is an error, not another kind of file."""
    return header is not None and len(header.places) > 1 and header.known >= 0.5


def refuse_incomplete(name: str, header: Header) -> None:
    """Raise MissingColumn where a column is lacking, UnreadableFile where two columns have one meaning."""
    layout = header.layout
    if header.missing:
        printed = _delimited(layout).printed
        sought = ", ".join(f"{column} (a heading such as {printed[column]!r})" for column in header.missing)
        seen = "; ".join(repr(label) for label in header.labels if label) or "no label at all"
        raise MissingColumn(f"{name}: as {layout.family} it lacks {sought}; its header reads {seen}")
    if header.doubled:
        raise UnreadableFile(f"{name}: two columns of its header read as one: {', '.join(header.doubled)}")


def _may_be(header: Header, head: Sequence[Sequence[str]], named: str) -> bool:
    """Return whether the words around a header, and its other labels, are those of the layout's table."""
    form = _delimited(header.layout)
    words = (named, *(" ".join(cells) for cells in head[: header.data_starts]))
    letters = _addenda(words)
    if header.layout.addendum and letters and header.layout.addendum not in letters:
        return False
    is_stated = form.stated_in is None or any(form.stated_in.search(text) for text in words)
    has_other_label = form.without is not None and any(form.without.fullmatch(label) for label in header.labels)
    return is_stated and not has_other_label and not (form.whole and header.unread)


def _addenda(words: Sequence[str]) -> set[str]:
    """Return the addendum letters in a file's or sheet's name, or else the first in the banner.

    The banner's later prose may mention other addenda.
    """
    named, *banner = words
    stated = _ADDENDUM.findall(named.upper()) or [found[1] for text in banner if (found := _ADDENDUM.search(text))][:1]
    return {letter for text in stated for letter in re.findall(_LETTER, text)}


def _delimited(layout: Layout) -> Delimited:
    assert layout.delimited is not None  # headers are only looked for in layouts that have one
    return layout.delimited


def _headers(layout: Layout, head: Sequence[Sequence[str]], keys: set[str]) -> Iterator[Header]:
    """Yield the possible headers, of every height, around the rows with one of the cells ``keys``."""
    for row, cells in enumerate(head):
        if len(cells) > MOST_COLUMNS:
            continue
        key_place = next((place for place, cell in enumerate(cells) if cell in keys), None)
        if key_place is None:
            continue
        for below in range(_below(head, row, key_place) + 1):
            for above in range(min(row, _MOST_ABOVE) + 1):
                yield _header(layout, head[row - above : row + below + 1], row + below + 1, key_place)


def _below(head: Sequence[Sequence[str]], row: int, key_place: int) -> int:
    """Return how many rows under the header cell go on with the header: its own cell blank, another not."""
    found = 0
    for cells in head[row + 1 : row + 1 + _MOST_BELOW]:
        own = cells[key_place].strip() if key_place < len(cells) else ""
        if own or not any(cell.strip() for cell in cells):
            break
        found += 1
    return found


def _label(stack: Sequence[str]) -> str:
    return " ".join(" ".join(stack).upper().split())


def _header(layout: Layout, stack: Sequence[Sequence[str]], data_starts: int, key_place: int) -> Header:
    width = min(max(len(cells) for cells in stack), MOST_COLUMNS)
    labels = [_label([cells[place] if place < len(cells) else "" for cells in stack]) for place in range(width)]
    while labels and not labels[-1]:
        labels.pop()
    places: dict[str, int] = {}
    facts: dict[str, str] = {}
    doubled: list[str] = []
    earlier: list[str] = []
    years: dict[str, str] = {}
    for form in range(len(_forms(""))):  # as printed first: a label that is only alike never takes its place
        taken = set(places)
        for place, label in enumerate(labels):
            column, match = _column(_delimited(layout), _forms(label)[form])
            if match is None or column in taken or place in places.values():
                continue
            label_facts = {key: text for key, text in match.groupdict().items() if text}
            year, other = label_facts.get("year", ""), years.get(column, "")
            if column in places:
                if not year or not other or year == other:
                    doubled.append(label)
                    continue
                earlier.append(label if year < other else labels[places[column]])
                if year < other:
                    continue
            places[column], years[column] = place, year
            facts |= label_facts
    for column, before in _delimited(layout).unlabeled.items():
        place = places.get(before, width) + 1
        if place < len(labels) and not labels[place]:
            places[column] = place
    return Header(layout, data_starts, tuple(labels), places, key_place, facts, tuple(doubled), tuple(earlier))


def _forms(label: str) -> tuple[str, str, str]:
    """Return a label as it is printed, without its footnote marks, and without its year besides."""
    bare = _bare(label)
    return label, bare, " ".join(_YEAR.sub(" ", bare).split())


def _bare(label: str) -> str:
    shorn = re.sub(r"(?<=\()\s+|\s+(?=\))", "", label)
    return " ".join(_MARKS.sub(" ", shorn).split())


def _column(form: Delimited, label: str) -> tuple[str, re.Match[str] | None]:
    for pattern, column in form.labels:
        if label and (match := pattern.fullmatch(label)):
            return column, match
    return "", None
