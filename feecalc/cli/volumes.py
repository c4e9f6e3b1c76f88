"""The volume file that several commands read, and the terms that two sides are priced by."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feecalc.cli.output import quoted
from feecalc.errors import InvalidValue

if TYPE_CHECKING:
    import polars as pl

    from feecalc.pricing.schedule import FeeSchedule
    from feecalc.scenarios.basket.terms import Terms

_MOST_FACTOR = 1000

OutputOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write to this file: .csv, .parquet or .xlsx."),
]


def volume_of(path: Path, schedules: Sequence[FeeSchedule], locality: str | None) -> pl.DataFrame:
    """The volume file, its places by these releases. Errors as ``read_volume``."""
    from feecalc.errors import NotInstalled
    from feecalc.files.volume import read_volume
    from feecalc.installed import open_zip_directory

    try:
        zips = open_zip_directory(day=schedules[-1].release.day(None))
    except NotInstalled:
        zips = None
    return read_volume(path, schedules, locality=locality, zips=zips)


def terms_of(release: str, qp: bool, no_gpci_floor: bool, factor: str | None) -> tuple[Terms, tuple[str, ...]]:
    """One side: its release opened, its choices, and what a person is told of them."""
    from feecalc.installed import open_schedule
    from feecalc.scenarios.basket.terms import Terms

    opened = open_schedule(release)
    chosen = factor_option(factor)
    notices = list(opened.told(gpci_floor=not no_gpci_floor))
    if qp and not opened.schedule.has_qp_track:
        notices.append(f"{opened.schedule.release.name}: one conversion factor for everybody, QPs too")
    return Terms(opened.schedule, qp=qp, gpci_floor=not no_gpci_floor, conversion_factor=chosen), tuple(notices)


def factor_option(text: str | None) -> Decimal | None:
    """A conversion factor, of at most four decimals; raises InvalidValue for what is none."""
    if text is None:
        return None
    try:
        factor = Decimal(text.strip().removeprefix("$"))
        if text.isascii() and 0 < factor < _MOST_FACTOR and factor == factor.quantize(Decimal("0.0001")):
            return factor.quantize(Decimal("0.0001"))
    except InvalidOperation:
        pass
    raise InvalidValue(f"{quoted(text)} is not a conversion factor; write dollars per RVU, for example 32.84")
