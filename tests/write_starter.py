"""Write the figures of data/starter/ anew: ``python tests/write_starter.py``, once the releases are built.

Reads the releases that ``starter.toml`` names, and the base units, from the store (FEECALC_HOME), takes the services
that ``services.csv`` names and every locality, and leaves CMS's descriptions out. Those two files are written by hand.
"""

from pathlib import Path

import polars as pl

from feecalc.ingest.starter import services, starter_releases
from feecalc.ingest.store import Store

FOLDER = Path(__file__).parents[1] / "data" / "starter"


def tables(store):
    """Every table of the starter data with its releases' rows, as the store has them."""
    found = {}
    order = services().select("hcpcs").with_row_index("place")
    for release in starter_releases():
        for table in release.tables:
            name = f"BASE_UNITS-{release.facts[table]['year']}" if table == "base_units" else release.name
            rows = store.read(name, table)
            if "hcpcs" in rows.columns:
                rows = rows.join(order, on="hcpcs").sort("place", *rows.columns[:2]).drop("place")
            rows = rows.select(pl.lit(release.name).alias("release"), pl.exclude("description"))
            found.setdefault(table, []).append(rows)
    return {table: pl.concat(parts) for table, parts in found.items()}


def write(store, folder=FOLDER):
    for table, rows in tables(store).items():
        text = rows.with_columns(pl.col(pl.String).replace("", None))  # a blank cell, not a quoted one
        text.write_csv(folder / f"{table}.csv")


if __name__ == "__main__":
    write(Store())
