"""Parts of a report and its HTML file: all text is escaped, pictures are embedded, nothing is loaded."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from feecalc.report.words import clean

MOST_ROWS = 60  # of a table; further ones are counted


@dataclass(frozen=True)
class Cell:
    """A table cell's text. ``assumed`` marks a value that no source confirms."""

    text: str
    assumed: bool = False


@dataclass(frozen=True)
class Table:
    """A table of a report. Rows are cut at ``MOST_ROWS``; ``rows_left_out`` counts the others.

    ``figures``: it has amounts, so their basis is printed below it. ``left``: the number of text columns, from the
    first on. ``last_is_total``: the last row is the sum.
    """

    caption: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    figures: bool = True
    left: int = 1
    last_is_total: bool = False

    @property
    def shown_rows(self) -> Sequence[Sequence[Cell]]:
        return self.rows[:MOST_ROWS]

    @property
    def rows_left_out(self) -> int:
        return max(0, len(self.rows) - MOST_ROWS)


@dataclass(frozen=True)
class Picture:
    """A picture of a report: its SVG, and the same in words (``alt``)."""

    caption: str
    svg: bytes
    alt: str

    @property
    def address(self) -> str:
        """The picture as a data URL: as an image it runs no script and stays apart from the page."""
        return f"data:image/svg+xml;base64,{b64encode(self.svg).decode('ascii')}"


@dataclass(frozen=True)
class Section:
    """A section of a report: heading, lead, blocks and notes. ``new_page``: in print it begins a page."""

    title: str
    lead: str = ""
    blocks: Sequence[Table | Picture] = ()
    notes: Sequence[Cell] = ()
    new_page: bool = False


@dataclass(frozen=True)
class Page:
    """A report. ``facts``: label and value, at its head; ``basis``: the basis of its figures, below each table."""

    kind: str
    title: str
    subtitle: str
    headline: Sequence[tuple[str, str, str]]  # label, figure, words below
    facts: Sequence[tuple[str, str]]
    basis: str
    sections: Sequence[Section]
    written: date


def cells(*texts: object) -> list[Cell]:
    """Return a row of cells from texts."""
    return [Cell(clean(text)) for text in texts]


def as_html(page: Page) -> bytes:
    """Return a report's HTML file (UTF-8)."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("feecalc.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.tests["picture"] = lambda block: isinstance(block, Picture)
    environment.filters["clean"] = clean
    return environment.get_template("report.html").render(page=page).encode()
