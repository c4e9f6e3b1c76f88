"""Facts that a CMS file states or leaves open: year, month, track, factor, quarter, state.

Its banner, header, columns and name say the facts. NCCI's files write an indicator with its words ("3 Date of Service
Edit: Clinical") and a version in place of a quarter (v322r0). GPCI to 2020 prints no state, LOCCO prints it once a
state: a locality is known by contractor and number (reference/locality_state.toml). The contractors of 2009 to 2013 had
other numbers, one state after the other: there the locality's name says the state, as CMS prints it (LOS ANGELES, CA;
REST OF FLORIDA; OHIO), and reference/locality_name_state.toml has the names that do not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from feecalc import reference
from feecalc.errors import MissingRule
from feecalc.ingest.files.layout import Layout
from feecalc.reference import rows

_WORDED = {"mue": "mai"}


def facts_of(
    layout: Layout, stem: str, banner: str, header_facts: Mapping[str, str], frame: pl.DataFrame
) -> dict[str, str]:
    """Return the facts of a table that was read. The content goes before the member's name.

    ``frame`` holds the layout's columns, converted; a column that should hold one value and does not gives no fact.
    """
    facts: dict[str, str] = {}
    for pattern in layout.name_facts:
        if match := pattern.search(stem):
            facts |= _stated(match.groupdict())
    facts |= _stated(header_facts)
    for pattern in layout.banner_facts:
        if match := pattern.search(banner):
            facts |= _stated(match.groupdict())
    for column in layout.column_facts:
        if column in frame.columns and frame[column].n_unique() == 1:
            facts[column] = str(frame[column][0])
    return facts


def _stated(groups: Mapping[str, str | None]) -> dict[str, str]:
    return {key: _normal(key, text) for key, text in groups.items() if text}


def _normal(key: str, text: str) -> str:
    if key == "year" and len(text) == 2:
        return f"20{text}"
    if key == "month":
        return text[:3].upper()
    if key == "track":
        return "other" if text.lower().startswith("non") else "qp"
    return text


def indicators(table: str, text: pl.DataFrame) -> pl.DataFrame:
    """Return the text rows of a table with indicators as their one digit or letter. Any other cell is left."""
    name = _WORDED.get(table)
    if name is None or name not in text.columns:
        return text
    return text.with_columns(pl.col(name).str.replace(r"^([0-9A-Za-z])\s.*$", "$1"))


def quarter_facts(table: str, stem: str) -> dict[str, str]:
    """Return the quarter of a version in the file's name, as ``year_quarter`` "20263"; empty for other names."""
    version = re.search(r"v(\d\d)([0-3])r\d", stem, re.IGNORECASE) if table == "ncci_pair" else None
    if version is None:
        return {}
    (row,) = rows("ncci_version")
    return {"year_quarter": f"{int(row['value']) + int(version[1])}{int(version[2]) + 1}"}


def prints_states(localities: pl.DataFrame) -> bool:
    """Return whether GPCI rows have a state in them: a text's column of states may be there and blank."""
    return "state" in localities.columns and (localities["state"] != "").any()


def with_states(name: str, localities: pl.DataFrame) -> pl.DataFrame:
    """Return GPCI rows with ``state``: by contractor and locality, else by the locality's name.

    Raises MissingRule for a locality that neither tells.
    """
    found = _by_key(localities.drop("state", strict=False), "state")
    found = found.with_columns(pl.col("state").fill_null(_state_in_name()))
    _refuse_unknown(name, found, "state", "locality_state.toml and locality_name_state.toml do not know it")
    return found


def _state_in_name() -> pl.Expr:
    """Return the state in a locality's name; null where there is none."""
    known = {row["state_name"]: row["state"] for row in reference.rows("locality_state")}
    by_name = (
        known
        | {f"REST OF {state_name}": state for state_name, state in known.items()}
        | {row["locality_name"]: row["state"] for row in reference.rows("locality_name_state")}
    )
    name = pl.col("locality_name").str.to_uppercase()
    behind = name.str.extract(r", ?([A-Z]{2})$")
    return pl.coalesce(
        pl.when(behind.is_in(sorted(set(known.values())))).then(behind),
        name.replace_strict(list(by_name), list(by_name.values()), default=None, return_dtype=pl.String),
    )


def with_state_names(name: str, counties: pl.DataFrame) -> pl.DataFrame:
    """Return LOCCO rows, each with its state's name: the one printed on a row of its block, else the reference's.

    Lines that follow each other are a block; a blank line ends it. A name is never carried into the next block.
    """
    block = (pl.col("line") != pl.col("line").shift() + 1).fill_null(True).cum_sum()
    printed = pl.when(pl.col("state_name") != "").then(pl.col("state_name"))
    carried = counties.with_columns(printed.forward_fill().over(block).alias("state_name"))
    if carried["state_name"].null_count() == 0:
        return carried
    lacking = pl.col("state_name").is_null()
    found = _by_key(carried.filter(lacking).drop("state_name"), "state_name")
    _refuse_unknown(name, found, "state_name", "locality_state.toml does not know it")
    return pl.concat([carried.filter(~lacking), found.select(carried.columns)]).sort("line")


def _by_key(localities: pl.DataFrame, column: str) -> pl.DataFrame:
    """Return the rows with ``column`` by contractor and locality; null where they are not known."""
    keys = ["mac", "locality"]
    rows = [{name: row[name] for name in (*keys, column)} for row in reference.rows("locality_state")]
    known = pl.DataFrame(rows).unique(keys)
    return localities.join(known, on=keys, how="left", maintain_order="left")


def _refuse_unknown(name: str, found: pl.DataFrame, column: str, why: str) -> None:
    unknown = found.filter(pl.col(column).is_null())
    if unknown.height:
        first = unknown.row(0, named=True)
        called = f" {first['locality_name']}" if "locality_name" in first else ""
        raise MissingRule(
            f"{name}, line {first['line']}: prints no state for locality {first['mac']}-{first['locality']}{called}, "
            f"and reference/{why} ({unknown.height} such rows); add a row there"
        )
