"""What a report is made of, and how it becomes one HTML file: all text escaped, pictures inside, nothing fetched."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from feecalc.report.words import clean

MOST_ROWS = 60  # of a table; further ones are counted


@dataclass(frozen=True)
class Cell:
    """A cell as it reads. ``assumed`` marks a value that nothing confirms."""

    text: str
    assumed: bool = False


@dataclass(frozen=True)
class Table:
    """``figures``: amounts stand in it, so what they are of stands below it. ``left``: columns of text, the first on.

    ``last_is_total``: the last row is the sum. Rows are cut at ``MOST_ROWS``; ``more`` says how many were.
    """

    caption: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    figures: bool = True
    left: int = 1
    last_is_total: bool = False

    @property
    def shown(self) -> Sequence[Sequence[Cell]]:
        return self.rows[:MOST_ROWS]

    @property
    def more(self) -> int:
        return max(0, len(self.rows) - MOST_ROWS)


@dataclass(frozen=True)
class Picture:
    """``svg``: the picture's bytes. ``alt``: what it shows, in words."""

    caption: str
    svg: bytes
    alt: str

    @property
    def address(self) -> str:
        """Return the picture itself as an address: as an image it runs nothing and is not mixed with the page."""
        return f"data:image/svg+xml;base64,{b64encode(self.svg).decode('ascii')}"


@dataclass(frozen=True)
class Section:
    """A heading, words, and what stands below. ``new_page``: on paper it begins a page."""

    title: str
    lead: str = ""
    blocks: Sequence[Table | Picture] = ()
    notes: Sequence[Cell] = ()
    new_page: bool = False


@dataclass(frozen=True)
class Page:
    """A report. ``facts``: label and value, at its head; ``basis``: what its figures are of, below each of them."""

    kind: str
    title: str
    subtitle: str
    headline: Sequence[tuple[str, str, str]]  # label, figure, words below
    facts: Sequence[tuple[str, str]]
    basis: str
    sections: Sequence[Section]
    written: date


def cells(*texts: object) -> list[Cell]:
    """Return a row of plain cells."""
    return [Cell(clean(text)) for text in texts]


def as_html(page: Page) -> bytes:
    """Return the file's bytes (UTF-8)."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("feecalc.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.tests["picture"] = lambda block: isinstance(block, Picture)
    environment.filters["clean"] = clean
    return environment.get_template("report.html").render(page=page).encode()
