"""The simple rules in DuckDB: price look-up, modifier 50, and 100 and 50 percent of several surgeries. Nothing else.

Tuned: the release's rows and localities as small tables of integers to hash-join, money in whole cents, and the
window function only over the lines of surgery that are not alone; the others are written as they are read.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from feecalc.pricing.schedule import FeeSchedule

PRICES, LOCALITIES, PLACES = "prices.parquet", "localities.parquet", "places.parquet"
_WORK = """
CREATE TEMP VIEW priced AS
SELECT c.*,
       p.ranked,
       ((p.work * l.work + (CASE WHEN s.facility THEN p.pe_facility ELSE p.pe_nonfacility END) * l.pe + p.mp * l.mp)
           * {factor} + 5000000) // 10000000
       * c.units
       * (CASE WHEN (c.modifier_1 = '50' OR c.modifier_2 = '50') AND p.both_sides THEN 3 ELSE 2 END) AS halves
FROM read_parquet('{claims}') c
LEFT JOIN read_parquet('{prices}') p
    ON p.hcpcs = c.hcpcs AND p.modifier = (CASE WHEN c.modifier_1 IN ('26', 'TC') THEN c.modifier_1 ELSE '' END)
LEFT JOIN read_parquet('{localities}') l ON l.mac = c.mac AND l.locality = c.locality
LEFT JOIN read_parquet('{places}') s ON s.code = c.place_of_service;

COPY (
    SELECT * EXCLUDE (ranked, halves), 1.0 AS factor, ((halves + 1) // 2) AS allowed_cents
    FROM priced WHERE ranked IS NOT TRUE
    UNION ALL
    SELECT * EXCLUDE (ranked, halves, place), (CASE WHEN place = 1 THEN 1.0 ELSE 0.5 END) AS factor,
           (CASE WHEN place = 1 THEN (halves + 1) // 2 ELSE (halves + 2) // 4 END) AS allowed_cents
    FROM (
        SELECT *, row_number() OVER (PARTITION BY claim_id, date_of_service ORDER BY halves DESC, line) AS place
        FROM priced WHERE ranked
    )
) TO '{out}' (FORMAT parquet, COMPRESSION zstd)
"""


def write_tables(schedule: FeeSchedule, folder: Path) -> None:
    """The release as DuckDB reads it: prices by code and modifier, localities, and places of service."""
    from feecalc import reference
    from feecalc.pricing.arrays import Indices
    from feecalc.pricing.rules.work_gpci_floor import work_gpci_floor

    day = schedule.release.first_date_of_service
    columns, indices = schedule.arrays.columns, Indices.of(schedule.localities, day, work_gpci_floor(day))
    schedule.rvu.select(
        "hcpcs",
        "modifier",
        ranked=pl.col("mppr_indicator") == "2",
        both_sides=pl.col("bilateral_indicator") == "1",
        work=columns.work,
        pe_facility=columns.pe_facility,
        pe_nonfacility=columns.pe_nonfacility,
        mp=columns.mp,
    ).write_parquet(folder / PRICES)
    schedule.localities.select("mac", "locality", work=indices.work, pe=indices.pe, mp=indices.mp).write_parquet(
        folder / LOCALITIES
    )
    rows = reference.rows_on("place_of_service", day)
    pl.DataFrame(
        {"code": [row["code"] for row in rows], "facility": [row["setting"] == "facility" for row in rows]}
    ).unique("code").write_parquet(folder / PLACES)


def price(claims: Path, out: Path, folder: Path, factor: int) -> None:
    """Price a claim file into another. ``factor``: the conversion factor in ten-thousandths."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("SET preserve_insertion_order = false")
        connection.execute(
            _WORK.format(
                claims=claims,
                out=out,
                factor=factor,
                prices=folder / PRICES,
                localities=folder / LOCALITIES,
                places=folder / PLACES,
            )
        )
