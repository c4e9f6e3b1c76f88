"""A small manifest and its tables, for tests of the store and for the processes they start."""

from datetime import date
from decimal import Decimal

import polars as pl

from feecalc.ingest.store import Manifest


def a_manifest(name: str = "RVU26C", day: date | None = date(2026, 7, 1), kind: str = "release") -> Manifest:
    return Manifest(
        name=name,
        kind=kind,
        year=2026,
        first_date_of_service=day,
        source={"name": "rvu26c.zip", "sha256": "ab", "address": None, "retrieved": None},
        tables={"rvu": {"member": "PPRRVU2026_Jul_nonQPP.csv"}},
        facts={"rvu": {"year": "2026"}},
        checks=({"check": "totals", "severity": "error", "checked": 3, "failed": 0, "detail": "", "sample": []},),
        allowed_warnings=False,
        built="2026-08-01T00:00:00+00:00",
        feecalc_version="0.1.0",
        notes=("a note",),
    )


def frames(seed: int = 1) -> dict[str, pl.DataFrame]:
    """Two tables, each with the seed in all its rows."""
    return {
        "rvu": pl.DataFrame(
            {"hcpcs": [f"{number:05}" for number in range(500)], "work_rvu": [Decimal(seed)] * 500},
            schema={"hcpcs": pl.String, "work_rvu": pl.Decimal(8, 2)},
        ),
        "gpci": pl.DataFrame({"mac": ["09102"], "seed": [seed]}),
    }
