"""The device's part of an ASC's rate: never wage-adjusted, taken off for credit, or offset by a pass-through device.

Sources: Pub. 100-04 ch. 14 sec. 40.7 (code pairs) and 40.8 (credit), as a public ASC pricer reads them; that the wage
index leaves the device out is not confirmed (reference/asc_payment_indicator.toml), and that a pair's percent is taken
of the wage-adjusted rate is assumed.
"""

from __future__ import annotations

import polars as pl

from feecalc.facility.amounts import KEPT_PLACES, scaled
from feecalc.facility.rules import WHOLE
from feecalc.money import rounded

_ALL = 10**KEPT_PLACES


def with_device(lines: pl.DataFrame) -> pl.DataFrame:
    """Add ``printed_rate`` and ``device`` (10^-12 USD); rate and device less what a credit or an early end takes."""
    device = pl.when("device_part").then("device_part_of").fill_null(0)
    part_of = pl.col("device_part_of").fill_null(0)
    credit = rounded(part_of * pl.col("device_credit").fill_null(0), WHOLE)
    # ended before anesthesia: no device was used
    taken = pl.when(pl.col("no_device") & pl.col("device_part")).then(part_of).otherwise(credit).fill_null(0)
    return lines.with_columns(
        pl.col("rate").alias("printed_rate"),
        pl.max_horizontal(pl.col("rate") - taken, 0).alias("rate"),
        pl.max_horizontal(device - taken, 0).alias("device"),
        taken.alias("taken"),
        (pl.col("device_part") & pl.col("device_part_of").is_null()).fill_null(False).alias("device_unknown"),
    )


def with_pairs(lines: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Add ``kept`` (10^-12): what a pass-through device on the same claim leaves of the procedure's rate, and ``pair``.

    A pair is offset once, and no more pairs than the device's units. ``pairs``: AscCodePair.
    """
    devices = lines.filter("valid").select(
        "claim_id",
        pl.col("hcpcs").alias("device_hcpcs"),
        pl.col("units").sum().over("claim_id", "hcpcs").alias("devices"),
    )
    day = pl.col("date_of_service")
    last = pl.col("effective_to").is_null() | (day <= pl.col("effective_to"))
    found = (
        lines.filter("paid")
        .select("row", "claim_id", "date_of_service", pl.col("hcpcs").alias("procedure_hcpcs"))
        .join(pairs, on="procedure_hcpcs")
        .filter((day >= pl.col("effective_from")) & last & (pl.col("percent_multiplier") > 0))
        .join(devices.unique(), on=["claim_id", "device_hcpcs"])
        .sort("row", "device_hcpcs")
        .unique("row", keep="first", maintain_order=True)
        .with_columns(pl.int_range(pl.len()).over("claim_id", "device_hcpcs").alias("nth"))
        .filter(pl.col("nth") < pl.col("devices"))
    )
    share = scaled("percent_multiplier", KEPT_PLACES)
    offset = found.select("row", pl.col("device_hcpcs").alias("pair"), (_ALL - share).clip(0).alias("kept"))
    return lines.join(offset, on="row", how="left", maintain_order="left").with_columns(pl.col("kept").fill_null(_ALL))
