"""Made-up claims and what a made-up payer pays for them, on the starter data."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

import numpy as np
import polars as pl

from feecalc.contracts.terms.silence import Choices
from feecalc.contracts.trials import ClaimTrials
from feecalc.installed import open_schedule
from feecalc.pricing.claims.eras import ReleaseDays

_GROUPS = [
    ["99213"], ["99214"], ["99203"], ["99204"], ["64493", "64494", "64495"], ["64490", "64491"], ["64635", "64636"],
    ["62323"], ["64483", "64484"], ["20610"], ["20553"], ["27096"], ["72148"], ["63030", "64493"],
]  # fmt: skip
VISITS = pl.when(pl.col("hcpcs").str.starts_with("99")).then(pl.lit("visits")).otherwise(pl.lit(""))


@cache
def schedules():
    return open_schedule("2025D").schedule, open_schedule("2026C").schedule


def claim_lines(claims=300, seed=1, groups=None, localities=("04", "04", "99"), charge="5000.00"):
    """Canonical lines of July 2026 in Florida."""
    draw = random.Random(seed)
    rows = []
    for number in range(claims):
        day = date(2026, 7, 1) + timedelta(days=number % 28)
        place, locality = draw.choice(["11", "11", "22"]), draw.choice(localities)
        rows += [
            (f"C{number:05}", line, day, code, place, locality)
            for line, code in enumerate(draw.choice(groups or _GROUPS), 1)
        ]
    frame = pl.DataFrame(
        rows, schema=["claim_id", "line", "date_of_service", "hcpcs", "place_of_service", "locality"], orient="row"
    )
    return frame.with_columns(
        pl.col("line").cast(pl.Int32),
        pl.lit(1, pl.Int32).alias("units"),
        pl.lit("09102").alias("mac"),
        pl.lit(Decimal(charge), pl.Decimal(12, 2)).alias("billed_amount"),
        *(pl.lit("").alias(f"modifier_{number}") for number in range(1, 5)),
        pl.lit("").alias("beneficiary_id"),
        pl.lit("").alias("billing_npi"),
        pl.lit("physician").alias("provider_type"),
    )


def trials_of(lines):
    older, newer = schedules()
    return ClaimTrials(lines, [ReleaseDays.of_year(newer)], [older, newer])


def choices_of(lines, places=40):
    return Choices.of(schedules(), list(zip(lines["mac"], lines["locality"], strict=True)), date(2026, 7, 1), places)


def noisy(cents, share, seed=3):
    """Some of the amounts made other ones: from 40 to 97 percent of what they were."""
    draw = np.random.default_rng(seed)
    changed = draw.random(len(cents)) < share
    other = (cents * draw.uniform(0.40, 0.97, len(cents))).astype(np.int64)
    return np.where(changed, other, cents), changed


def with_payments(lines, cents, category=VISITS):
    """The lines with what a payer allowed."""
    amount = pl.Series([Decimal(int(each)).scaleb(-2) for each in cents], dtype=pl.Decimal(18, 2))
    return lines.with_columns(
        amount.alias("payer_amount"),
        amount.cast(pl.Decimal(12, 2)).alias("payer_allowed"),
        *(pl.lit(None, pl.Decimal(12, 2)).alias(name) for name in ("payer_paid", "patient_amount")),
        pl.lit("").alias("payer_reason"),
        category.alias("category"),
    )


def volume(rows, locality="04", place="11"):
    """A volume of (code, units) or (code, units, charge)."""
    filled = [(*row, None)[:3] for row in rows]
    frame = pl.DataFrame(filled, schema=["hcpcs", "units", "billed_amount"], orient="row", strict=False)
    return frame.with_columns(
        pl.col("units").cast(pl.Int64),
        pl.col("billed_amount").cast(pl.Decimal(12, 2)),
        *(pl.lit("").alias(f"modifier_{number}") for number in range(1, 5)),
        pl.lit(place).alias("place_of_service"),
        pl.lit("09102").alias("mac"),
        pl.lit(locality).alias("locality"),
    )
