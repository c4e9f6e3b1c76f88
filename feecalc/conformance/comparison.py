"""What a comparison with CMS's printed amounts found: counts, reasons, and the rows that differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from feecalc.pricing.scale import MONEY_PLACES, money

SETTINGS = ("nonfacility", "facility")
_KEY = ("hcpcs", "modifier", "mac", "locality", "status_indicator")


@dataclass(frozen=True)
class Count:
    """Rows compared, and how they came out; ``not_computable`` rows have a reason each."""

    rows: int
    equal: int
    different: int
    not_computable: int

    def as_dict(self) -> dict[str, int]:
        return {
            "rows": self.rows,
            "equal": self.equal,
            "different": self.different,
            "not_computable": self.not_computable,
        }


@dataclass(frozen=True)
class Comparison:
    """One printed table against one release.

    ``count`` counts a row equal when both settings are. ``differing`` holds every row that differs, the printed and
    the recomputed amounts side by side; ``reasons`` says of the rows that could not be computed why, and how many.
    """

    table: str
    source: str
    release: str
    count: Count
    by_setting: Mapping[str, Count]
    by_status: Mapping[str, Count]
    reasons: Mapping[str, int]
    differing: pl.DataFrame
    notes: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """No row differs, and at least one could be computed: a file of which nothing was computed proves nothing."""
        return self.count.different == 0 and self.count.equal > 0

    def as_dict(self, sample: int = 20) -> dict[str, Any]:
        """JSON-ready; the first ``sample`` differing rows, amounts as numbers of two decimals."""
        return {
            "table": self.table,
            "source": self.source,
            "release": self.release,
            "agrees": self.agrees,
            **self.count.as_dict(),
            "by_setting": {setting: count.as_dict() for setting, count in self.by_setting.items()},
            "by_status": {status: count.as_dict() for status, count in self.by_status.items()},
            "reasons": dict(self.reasons),
            "differing": [
                {name: value if isinstance(value, str) else float(value) for name, value in row.items()}
                for row in self.differing.head(sample).to_dicts()
            ],
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class Report:
    """All comparisons of one run, and what the person should know of how they were chosen."""

    comparisons: tuple[Comparison, ...]
    notices: tuple[str, ...] = field(default=())

    @property
    def agrees(self) -> bool:
        return all(comparison.agrees for comparison in self.comparisons)

    def as_dict(self, sample: int = 20) -> dict[str, Any]:
        return {
            "agrees": self.agrees,
            "comparisons": [comparison.as_dict(sample) for comparison in self.comparisons],
            "notices": list(self.notices),
        }

    def differing(self) -> pl.DataFrame:
        """Every differing row of every comparison, named by its source and release."""
        return pl.concat(
            comparison.differing.select(
                pl.lit(comparison.source).alias("source"), pl.lit(comparison.release).alias("release"), pl.all()
            )
            for comparison in self.comparisons
        )


def compared(
    recomputed: pl.DataFrame, *, table: str, source: str, release: str, notes: tuple[str, ...] = ()
) -> Comparison:
    """The comparison of a frame that holds both amounts.

    ``recomputed``: the columns of the key, SETTING_amount as printed, SETTING_cents as computed (null where it could
    not be), and ``reason`` (null where it could).
    """
    frame = recomputed.with_columns(
        _cents(f"{setting}_amount").eq(pl.col(f"{setting}_cents")).alias(f"{setting}_equal")
        for setting in SETTINGS
    ).with_columns(pl.all_horizontal(f"{setting}_equal" for setting in SETTINGS).alias("equal"))
    reasons = frame.filter(pl.col("reason").is_not_null())["reason"].value_counts(sort=True)
    return Comparison(
        table=table,
        source=source,
        release=release,
        count=_count(frame, "equal"),
        by_setting={setting: _count(frame, f"{setting}_equal") for setting in SETTINGS},
        by_status={
            str(status): _count(rows, "equal")
            for (status,), rows in sorted(frame.partition_by("status_indicator", as_dict=True).items())
        },
        reasons=dict(reasons.iter_rows()),
        differing=_differing(frame),
        notes=notes,
    )


def _cents(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Decimal(18, MONEY_PLACES)).to_physical().cast(pl.Int64)


def _count(frame: pl.DataFrame, equal: str) -> Count:
    computable = frame.filter(pl.col("reason").is_null())
    same = int(computable[equal].sum())
    return Count(frame.height, same, computable.height - same, frame.height - computable.height)


def _differing(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(pl.col("reason").is_null() & ~pl.col("equal")).select(
        *_KEY,
        *(
            column
            for setting in SETTINGS
            for column in (
                pl.col(f"{setting}_amount").alias(f"{setting}_printed"),
                money(pl.col(f"{setting}_cents")).cast(pl.Decimal(12, 2)).alias(f"{setting}_recomputed"),
            )
        ),
    )
