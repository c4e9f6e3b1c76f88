"""A procedure with a device that ended before anesthesia (73): the rate without its device, then half.

Source: Pub. 100-04 ch. 4 sec. 20.6.4 B; CMS's IOCE user guide v25.1. The device's percent is that of ASC Addendum FF,
as OPPS Addendum P is not read.
"""

from __future__ import annotations

import polars as pl

from feecalc.facility.amounts import A_CENT
from feecalc.facility.notes import Note
from feecalc.facility.rules import WHOLE, Rules
from feecalc.money import rounded


def with_device_taken(lines: pl.DataFrame, devices: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Return lines with ``printed_rate``, the ``rate`` without the device where 73 takes it off, and ``taken``.

    ``devices``: hcpcs, device_share (ten-thousandths); no rows where Addendum FF is not installed, and then
    ``device_unknown`` marks the lines it may matter for.
    """
    lines = lines.with_columns(pl.col("rate").alias("printed_rate"))
    if rules.device_intensive is None or not lines["no_device"].any():
        return lines.with_columns(pl.lit(0, pl.Int128).alias("taken"), pl.lit(False).alias("device_unknown"))
    lines = lines.join(devices, on="hcpcs", how="left", maintain_order="left")
    takes = pl.col("no_device") & (pl.col("device_share") > rules.device_intensive)
    part = rounded(pl.col("rate") * pl.col("device_share"), A_CENT * WHOLE) * A_CENT
    return lines.with_columns(
        pl.when(takes).then(part).otherwise(0).fill_null(0).alias("taken"),
        (pl.col("no_device") & pl.lit(not devices.height)).alias("device_unknown"),
    ).with_columns((pl.col("rate") - pl.col("taken")).alias("rate"))


def device_notes() -> list[Note]:
    """Return the notes on a device taken off, or on one that cannot be known."""
    about = (
        "modifier 73: the device's part, by the percent of ASC Addendum FF, was taken off before the 50 percent; OPPS "
        "Addendum P, which is not read, may differ"
    )
    unknown = "modifier 73: ASC Addendum FF is not installed: a device part, if there is one, was not taken off"
    return [
        ("device_about", pl.when(pl.col("paid") & (pl.col("taken") > 0)).then(pl.lit(about))),
        ("device_unknown", pl.when(pl.col("paid") & pl.col("device_unknown")).then(pl.lit(unknown))),
    ]
