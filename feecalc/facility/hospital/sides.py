"""Both sides on one line (50): which codes may be billed so, by the bilateral indicator of the physician file.

Source: CMS's IOCE user guide v25.1: conditional (1) and independent (3) bilateral procedures; others are paid once.
"""

from __future__ import annotations

import polars as pl

from feecalc import reference
from feecalc.facility.notes import Note
from feecalc.facility.rules import Rules
from feecalc.reference import facility_codes


def with_sides(lines: pl.DataFrame, bilateral: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Return lines with ``bilateral`` true only where the code has two sides, and why not in ``one_side``.

    ``bilateral``: hcpcs, bilateral_indicator of the physician file; no rows where none is installed. ``one_side``:
    "once" (the code is paid once), "unknown" (its indicator is not known, and 50 is paid as two sides), else null. A
    code that a facility bills in place of a physician's has the indicator of that one.
    """
    if not lines["bilateral"].any():
        return lines.with_columns(pl.lit(None, pl.String).alias("one_side"))
    two_sided = [row["bilateral_indicator"] for row in reference.rows_on("opps_bilateral", rules.day)]
    of_physicians = pl.col("hcpcs").replace(facility_codes.physicians_codes(rules.day)).alias("physicians_code")
    bilateral = bilateral.rename({"hcpcs": "physicians_code"})
    lines = lines.with_columns(of_physicians).join(bilateral, on="physicians_code", how="left", maintain_order="left")
    indicator = pl.col("bilateral_indicator")
    return lines.with_columns(
        pl.when(~pl.col("bilateral"))
        .then(None)
        .when(indicator.is_null())
        .then(pl.lit("unknown"))
        .when(~indicator.is_in(two_sided))
        .then(pl.lit("once"))
        .alias("one_side")
    ).with_columns(pl.col("bilateral") & (pl.col("one_side") != "once").fill_null(True))


def side_notes() -> list[Note]:
    """Return the notes on modifier 50 for codes that are paid once, or of which that is not known."""
    once = "question: the code is paid once, and 50 says both sides (bilateral indicator of the physician file)"
    unknown = (
        "50 is paid as two sides: the bilateral indicator of the code is not known here, and without 1 or 3 it is paid "
        "once"
    )
    texts = {"once": once, "unknown": unknown}
    return [
        (f"sides_{name}", pl.when(pl.col("paid") & (pl.col("one_side") == name)).then(pl.lit(text)))
        for name, text in texts.items()
    ]
