"""Whose locality it is, where a file does not say: GPCI to 2020 prints no state, LOCCO prints it once a state."""

from __future__ import annotations

import polars as pl

from feecalc import reference
from feecalc.errors import MissingRule


def with_states(name: str, localities: pl.DataFrame) -> pl.DataFrame:
    """GPCI rows with ``state`` by MAC and locality, from reference/locality_state.toml.

    Raises MissingRule for a locality it does not know.
    """
    return _looked_up(name, localities, "state")


def with_state_names(name: str, counties: pl.DataFrame) -> pl.DataFrame:
    """LOCCO rows, each with its state's name: the one printed on a row of its block, else the reference's.

    Lines that follow each other are a block; a blank line ends it. A name is never carried into the next block.
    """
    block = (pl.col("line") != pl.col("line").shift() + 1).fill_null(True).cum_sum()
    printed = pl.when(pl.col("state_name") != "").then(pl.col("state_name"))
    carried = counties.with_columns(printed.forward_fill().over(block).alias("state_name"))
    if carried["state_name"].null_count() == 0:
        return carried
    lacking = pl.col("state_name").is_null()
    found = _looked_up(name, carried.filter(lacking).drop("state_name"), "state_name")
    return pl.concat([carried.filter(~lacking), found.select(carried.columns)]).sort("line")


def _looked_up(name: str, localities: pl.DataFrame, column: str) -> pl.DataFrame:
    keys = ["mac", "locality"]
    rows = [{name: row[name] for name in (*keys, column)} for row in reference.rows("locality_state")]
    known = pl.DataFrame(rows).unique(keys)
    found = localities.join(known, on=keys, how="left", maintain_order="left")
    unknown = found.filter(pl.col(column).is_null())
    if unknown.height:
        first = unknown.row(0, named=True)
        raise MissingRule(
            f"{name}, line {first['line']}: prints no state for locality {first['mac']}-{first['locality']}, and "
            f"reference/locality_state.toml does not know it ({unknown.height} such rows); add a row there"
        )
    return found
