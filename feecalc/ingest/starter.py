"""The embedded starter data: the figures of about sixty services, for a first price before any CMS file is loaded.

``data/starter/`` holds one CSV a table, every row with the release it was read from, and ``starter.toml`` with the
facts of each release and the types of the columns. The rows are the release's own figures; the descriptions are this
project's words. It opens in a few milliseconds and is not checked here: the tests hold it to the schemas of ``tables``
and to CMS's files.
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import polars as pl

from feecalc.errors import InvalidValue, StoreError


@dataclass(frozen=True)
class StarterRelease:
    """What is known of one release of the starter data; the same names as the manifest of an installed one."""

    name: str  # "RVU26C"
    year: int
    first_date_of_service: date
    source: Mapping[str, str]  # name and sha256 of CMS's zip, address
    tables: Mapping[str, Mapping[str, str]]  # table -> {member}, the file it was read from
    facts: Mapping[str, Mapping[str, str]]  # table -> what the member says of itself
    kind: str = "release"


def starter_releases() -> tuple[StarterRelease, ...]:
    """Return the releases of the starter data, oldest first."""
    return tuple(
        StarterRelease(
            name=row["name"],
            year=row["year"],
            first_date_of_service=row["first_date_of_service"],
            source=row["source"],
            tables=row["tables"],
            facts=row["facts"],
        )
        for row in _about()["release"]
    )


def starter_release(name: str) -> StarterRelease | None:
    """Return the starter release of that name, or None."""
    return next((release for release in starter_releases() if release.name == name), None)


def read_starter(release: str, table: str) -> pl.DataFrame:
    """Return one table of one starter release, with the columns and types of its schema in ``feecalc.tables``.

    ``table`` is one of the release's ``tables``: rvu, gpci, anesthesia, county, base_units (not every release has all).
    Raises InvalidValue where the starter data does not hold it.
    """
    known = starter_release(release)
    if known is None or table not in known.tables:
        tables = "; ".join(f"{starter.name}: {', '.join(starter.tables)}" for starter in starter_releases())
        raise InvalidValue(f"the starter data holds no {table} of {release} (it holds {tables})")
    rows = _rows(table).filter(pl.col("release") == release).drop("release")
    return _described(rows) if table == "rvu" else rows


def services() -> pl.DataFrame:
    """Return the services of the starter data: hcpcs, description, kind (why it is here), one row a code."""
    return _rows("services")


def _described(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with the project's own descriptions where CMS's would stand."""
    described = rows.join(services().select("hcpcs", "description"), on="hcpcs", how="left", maintain_order="left")
    return described.select("hcpcs", "modifier", "description", pl.exclude("hcpcs", "modifier", "description"))


@cache
def _rows(table: str) -> pl.DataFrame:
    # the csv module, as the first csv that polars reads in a process takes it longer than all else here
    header, *rows = csv.reader(io.StringIO(_file(f"{table}.csv").read_text(encoding="utf-8")))
    types = _types()
    text = pl.DataFrame(rows, schema=dict.fromkeys(header, pl.String), orient="row")
    return text.with_columns(
        pl.when(pl.col(name) != "").then(pl.col(name)).cast(types[name]) for name in header if name in types
    )


def _types() -> dict[str, pl.DataType]:
    """Return the column types that are not text."""
    about = _about()
    decimals = {name: pl.Decimal(precision, scale) for name, (precision, scale) in about["decimals"].items()}
    return decimals | {name: getattr(pl, integer)() for name, integer in about["integers"].items()}


@cache
def _about() -> dict[str, Any]:
    return tomllib.loads(_file("starter.toml").read_text(encoding="utf-8"))


def _file(name: str) -> Traversable:
    """Return a file of the starter data: inside the package once installed, beside it in a source checkout."""
    package = files("feecalc")
    for folder in (package / "data", Path(str(package)).parent / "data"):
        file = folder / "starter" / name
        if file.is_file():
            return file
    raise StoreError(f"the starter data of this installation is incomplete: no {name}; install feecalc again")
