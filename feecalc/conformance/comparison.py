"""What a comparison with CMS's printed amounts found: counts, reasons, and the rows that differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from feecalc.money import MONEY_PLACES, money

SETTINGS = ("nonfacility", "facility")
KEY = ("hcpcs", "modifier", "mac", "locality", "status_indicator")

# How a row, or one setting of it, came out.
_EQUAL, _OWN, _DIFFERENT, _LEFT_OUT = "equal", "cms_differences", "different", "not_computable"


@dataclass(frozen=True)
class Count:
    """Count rows compared, and how they came out; ``not_computable`` rows have a reason each.

    ``cms_differences``: rows that are not equal and are met by the figures CMS printed them by in place of the
    release's (reference/printed_difference.toml).
    """

    rows: int
    equal: int
    different: int
    not_computable: int
    cms_differences: int = 0

    def as_dict(self) -> dict[str, int]:
        return {
            "rows": self.rows,
            "equal": self.equal,
            "cms_differences": self.cms_differences,
            "different": self.different,
            "not_computable": self.not_computable,
        }


@dataclass(frozen=True)
class OwnDifference:
    """Count rows that CMS printed by other figures than the release's: by which, and how that is known."""

    printed: str  # what follows "CMS printed it"
    rows: int
    source: str

    @property
    def words(self) -> str:
        return f"CMS printed it {self.printed}: {self.rows:,} row{'' if self.rows == 1 else 's'}"

    def as_dict(self) -> dict[str, Any]:
        return {"printed": self.printed, "rows": self.rows, "source": self.source}


@dataclass(frozen=True)
class Comparison:
    """Compare one printed table with one release.

    ``count`` counts a row equal when all its printed settings are. ``differing`` holds every row that differs, the
    printed and the recomputed amounts side by side; ``reasons`` says of the rows that could not be computed why, and
    how many; ``own_differences`` by what CMS printed rows of its own. ``sha256`` is that of the file compared, "" where
    it is the table a release was installed with.
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
    own_differences: tuple[OwnDifference, ...] = ()
    sha256: str = ""

    @property
    def agrees(self) -> bool:
        """Return whether no row differs, and at least one could be computed: nothing computed is no proof.

        A row that CMS printed by other figures counts as computed: it is met to the cent by those.
        """
        return self.count.different == 0 and self.count.equal + self.count.cms_differences > 0

    @property
    def verdict(self) -> str:
        """Return how it came out, in a sentence."""
        count = self.count
        if not self.agrees:
            if count.different:
                return f"The amounts do not agree: {count.different:,} of {count.rows:,} rows differ."
            return "Not one row could be computed, so nothing is proven."
        if not count.equal:
            return (
                "No amount equals the release's own: CMS printed this table by other figures, and by those every row "
                "is met to the cent."
            )
        if count.cms_differences:
            return (
                f"All amounts are equal but the {count.cms_differences:,} rows that CMS printed by other figures, "
                "which are met to the cent by those."
            )
        return "All amounts are equal."

    def as_dict(self, sample: int = 20) -> dict[str, Any]:
        """Return it as JSON holds it; the first ``sample`` differing rows, amounts as numbers of two decimals."""
        return {
            "table": self.table,
            "source": self.source,
            "sha256": self.sha256 or None,
            "release": self.release,
            "agrees": self.agrees,
            **self.count.as_dict(),
            "by_setting": {setting: count.as_dict() for setting, count in self.by_setting.items()},
            "by_status": {status: count.as_dict() for status, count in self.by_status.items()},
            "printed_by_cms_otherwise": [own.as_dict() for own in self.own_differences],
            "reasons": dict(self.reasons),
            "differing": [
                {name: value if isinstance(value, str | None) else float(value) for name, value in row.items()}
                for row in self.differing.head(sample).to_dicts()
            ],
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class Checked:
    """Hold what a build checked of a release by itself: no amount of CMS's is compared."""

    check: str
    rows: int
    failed: int
    words: str
    made: bool  # False where it could not be made, or only noted something

    @property
    def outcome(self) -> str:
        if not self.made:
            return "not made"
        return f"{self.failed:,} failed" if self.failed else "ok"

    def as_dict(self) -> dict[str, Any]:
        return {"check": self.check, "rows": self.rows, "outcome": self.outcome, "detail": self.words}


@dataclass(frozen=True)
class StandIn:
    """Hold what stands in for the proof where a release has no printed amounts: its checks, and what they leave out."""

    release: str
    checks: tuple[Checked, ...]
    not_proven: tuple[str, ...]

    @property
    def advice(self) -> str:
        """Return what would be a proof."""
        return (
            "A proof needs amounts of CMS's: a csv of the PFS look-up tool, a payment amount file (PFREV, PFALL), or "
            f"an OPPSCAP file of {self.release}: feecalc conformance --release {self.release} FILE"
        )

    def as_dict(self) -> dict[str, Any]:
        return {
            "release": self.release,
            "checks": [check.as_dict() for check in self.checks],
            "not_proven": list(self.not_proven),
        }


@dataclass(frozen=True)
class ReleaseSource:
    """Name where an installed release came from, so that another can repeat the proof."""

    release: str
    first_date_of_service: str
    name: str  # of the zip
    sha256: str
    address: str
    built: str
    built_by: str  # version of feecalc


@dataclass(frozen=True)
class Report:
    """Hold all comparisons of one run, and what the person should know of how they were chosen.

    ``stand_in`` is there, and no comparison, where the release has no printed amounts to compare with: then nothing is
    proven and the report does not agree.
    """

    comparisons: tuple[Comparison, ...]
    notices: tuple[str, ...] = field(default=())
    stand_in: StandIn | None = None
    releases: tuple[ReleaseSource, ...] = ()

    @property
    def agrees(self) -> bool:
        return bool(self.comparisons) and all(comparison.agrees for comparison in self.comparisons)

    def as_dict(self, sample: int = 20) -> dict[str, Any]:
        return {
            "agrees": self.agrees,
            "releases": [vars(release) for release in self.releases],
            "comparisons": [comparison.as_dict(sample) for comparison in self.comparisons],
            "instead": None if self.stand_in is None else self.stand_in.as_dict(),
            "notices": list(self.notices),
        }

    def differing(self) -> pl.DataFrame:
        """Return every differing row of every comparison, named by its source and release."""
        if not self.comparisons:
            return pl.DataFrame()
        return pl.concat(
            (
                comparison.differing.select(
                    pl.lit(comparison.source).alias("source"), pl.lit(comparison.release).alias("release"), pl.all()
                )
                for comparison in self.comparisons
            ),
            how="diagonal",
        )


def printed_cents(setting: str) -> pl.Expr:
    """Return the amount printed for a setting; null where none is. [cents]"""
    return pl.col(f"{setting}_amount").cast(pl.Decimal(18, MONEY_PLACES)).to_physical().cast(pl.Int64)


def compared(
    recomputed: pl.DataFrame,
    *,
    table: str,
    source: str,
    release: str,
    notes: tuple[str, ...] = (),
    sources: Mapping[str, str] | None = None,
) -> Comparison:
    """Return the comparison of a frame that holds both amounts.

    ``recomputed``: the columns of the key, SETTING_amount as printed (null where none is printed for the setting),
    SETTING_cents as computed (null where it could not be), ``reason`` (null where it could), and ``printed_by``, what
    CMS printed the row by where that meets it and the release does not. ``sources``: how each ``printed_by`` is known.
    """
    frame = recomputed.with_columns(
        pl.when(pl.col("reason").is_not_null() | pl.col(f"{setting}_amount").is_null())
        .then(pl.lit(_LEFT_OUT))
        .when(printed_cents(setting) == pl.col(f"{setting}_cents"))
        .then(pl.lit(_EQUAL))
        .when(pl.col("printed_by").is_not_null())
        .then(pl.lit(_OWN))
        .otherwise(pl.lit(_DIFFERENT))
        .alias(f"{setting}_outcome")
        for setting in SETTINGS
    )
    frame = frame.with_columns(_worst().alias("outcome"))
    reasons = frame.filter(pl.col("reason").is_not_null())["reason"].value_counts(sort=True)
    own = frame.filter(pl.col("outcome") == _OWN)["printed_by"].value_counts(sort=True)
    return Comparison(
        table=table,
        source=source,
        release=release,
        count=_count(frame, "outcome"),
        by_setting={setting: _count(frame, f"{setting}_outcome") for setting in SETTINGS},
        by_status={
            str(status): _count(rows, "outcome")
            for (status,), rows in sorted(frame.partition_by("status_indicator", as_dict=True).items())
        },
        reasons=dict(reasons.iter_rows()),
        differing=_differing(frame),
        notes=notes,
        own_differences=tuple(
            OwnDifference(printed, rows, (sources or {}).get(printed, "")) for printed, rows in own.iter_rows()
        ),
    )


def _worst() -> pl.Expr:
    """Return a row's outcome: different where one setting is, equal where every setting that could be computed is."""
    outcome = pl.lit(_LEFT_OUT)
    for kind in (_EQUAL, _OWN, _DIFFERENT):
        some = pl.any_horizontal(pl.col(f"{setting}_outcome") == kind for setting in SETTINGS)
        outcome = pl.when(some).then(pl.lit(kind)).otherwise(outcome)
    return outcome


def _count(frame: pl.DataFrame, outcome: str) -> Count:
    found = dict(frame[outcome].value_counts().iter_rows())
    counts = {kind: int(found.get(kind, 0)) for kind in (_EQUAL, _DIFFERENT, _LEFT_OUT, _OWN)}
    return Count(frame.height, **counts)


def _differing(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that differ: printed, recomputed, and by the figures CMS printed the rest of the table by."""
    columns = []
    for setting in SETTINGS:
        columns += [pl.col(f"{setting}_amount").alias(f"{setting}_printed"), _money(f"{setting}_cents", "recomputed")]
        if f"{setting}_cents_otherwise" in frame.columns:
            columns.append(_money(f"{setting}_cents_otherwise", "by_cms_figures"))
    return frame.filter(pl.col("outcome") == _DIFFERENT).select(*KEY, *columns)


def _money(name: str, called: str) -> pl.Expr:
    return money(pl.col(name)).cast(pl.Decimal(12, 2)).alias(f"{name.partition('_')[0]}_{called}")
