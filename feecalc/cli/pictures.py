"""A picture to a file: png, svg or pdf, written beside its place and renamed when whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feecalc.cli.output import quoted
from feecalc.errors import InvalidValue

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ENDINGS = (".png", ".svg", ".pdf")

ChartOption = Annotated[
    Path | None, typer.Option("--chart", metavar="FILE", help="Draw a picture into this file: .png, .svg or .pdf.")
]


def check_picture(path: Path | None) -> None:
    """Raises InvalidValue for an ending that is no picture's: before the work, not after."""
    if path is not None and path.suffix.lower() not in _ENDINGS:
        raise InvalidValue(f"{quoted(str(path))}: the picture's name must end in {', '.join(_ENDINGS)}")


def write_picture(figure: Figure, path: Path) -> None:
    """Write ``figure`` to ``path``, whole or not at all. Raises InvalidValue, StoreError."""
    from feecalc.files.atomic_write import atomic_write

    check_picture(path)
    with atomic_write(path) as temporary:
        figure.savefig(temporary, format=path.suffix.lower().removeprefix("."))
