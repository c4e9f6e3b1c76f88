"""Claim lines priced twice, batch by batch: the claims to reprocess, and what they change by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

import polars as pl

from feecalc.pricing.claims.batches import LINES, priced_batches
from feecalc.pricing.claims.columns import MODIFIERS, named_service
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.pricers import pricer_of_year
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.release_terms import Terms, as_given_in

_AMOUNTS = ("allowed_amount", "medicare_paid", "patient_share")
_RESULTS = (*_AMOUNTS, "pricing_status", "reason")
_PRICED = "priced"
_MONEY = pl.Decimal(18, 2)
_NOTHING = Decimal("0.00")
LINE_COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "claim_id": pl.String,
    "line": pl.Int32,
    "date_of_service": pl.Date,
    "service": pl.String,
    "place_of_service": pl.String,
    "mac": pl.String,
    "locality": pl.String,
    "units": pl.Int32,
    "from_allowed": _MONEY,
    "to_allowed": _MONEY,
    "difference": _MONEY,
    "medicare_difference": _MONEY,
    "patient_difference": _MONEY,
    "from_status": pl.String,
    "to_status": pl.String,
    "reason": pl.String,
}
CLAIM_COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "claim_id": pl.String,
    "first_date": pl.Date,
    "lines": pl.Int64,
    "lines_changed": pl.Int64,
    "from_allowed": _MONEY,
    "to_allowed": _MONEY,
    "difference": _MONEY,
    "medicare_difference": _MONEY,
    "patient_difference": _MONEY,
    "newly_priced": pl.Int64,
    "no_longer_priced": pl.Int64,
}


@dataclass(frozen=True)
class Repriced:
    """Claims that change. Shape of ``lines``: ``LINE_COLUMNS``; of ``claims``: ``CLAIM_COLUMNS``, in the file's order.

    ``all_lines``, ``all_claims`` and the two totals are of the whole file. A line that one release does not price
    counts as 0 there, and is counted in newly_priced or no_longer_priced. [USD]
    """

    former: str
    latter: str
    all_lines: int
    all_claims: int
    from_total: Decimal
    to_total: Decimal
    lines: pl.DataFrame
    claims: pl.DataFrame
    unpriced: dict[str, int]  # lines that neither release prices, by the latter's status

    @property
    def raised(self) -> Decimal:
        """Return the sum of the claims that rise. [USD]"""
        return _sum(self.claims.filter(pl.col("difference") > 0)["difference"])

    @property
    def lowered(self) -> Decimal:
        """Return the sum of the claims that fall, below 0. [USD]"""
        return _sum(self.claims.filter(pl.col("difference") < 0)["difference"])

    @property
    def by_service(self) -> pl.DataFrame:
        """Return the changed lines by service, the greatest change first. Shape: service, lines, difference."""
        by_service = self.lines.group_by("service", maintain_order=True).agg(
            pl.len().cast(pl.Int64).alias("lines"), pl.col("difference").sum()
        )
        return by_service.sort(pl.col("difference").abs(), descending=True, maintain_order=True)


def reprice(
    claims: pl.LazyFrame,
    former: Terms,
    latter: Terms,
    *,
    rules: ClaimRules | None = None,
    least: Decimal = Decimal("0.01"),
    batch: int = LINES,
    progress: Callable[[int], None] = lambda lines: None,
) -> Repriced:
    """Price claim lines by both releases; keep the lines whose allowed amount differs by ``least`` or more.

    Shape of ``claims``: ``feecalc.pricing.claims.columns``. Each release prices every day of its year; a line of
    another year is priced as if given on the same day of the release's. ``rules`` are for both; the floor is each
    release's own. Raises MissingColumn, InvalidValue; never for a single line.
    """
    pricers = [_pricer(side, rules or ClaimRules()) for side in (former, latter)]
    of_former = as_given_in(claims, former)
    needed = [name for name in _NEEDED if name in of_former.collect_schema()]
    lines, claim_parts = [], []
    all_lines, unpriced = 0, Counter[str]()
    for priced in priced_batches(of_former, pricers[0], batch, _RESULTS):
        own = priced.drop(_RESULTS)
        again = pricers[1].price(as_given_in(own.lazy(), latter).collect(), _RESULTS)
        both = _side_by_side(priced.select(*needed, *_RESULTS), again)
        unpriced.update(_unpriced(both))
        changed = pl.col("difference").abs() >= least
        claim_parts.append(_by_claim(both.with_columns(changed.alias("is_changed"))))
        lines.append(both.filter(changed).select(*LINE_COLUMNS))
        all_lines += both.height
        progress(both.height)
    by_claim = _sums(pl.concat(claim_parts)) if claim_parts else pl.DataFrame(schema=CLAIM_COLUMNS)
    return Repriced(
        former.name,
        latter.name,
        all_lines,
        by_claim.height,
        _sum(by_claim["from_allowed"]),
        _sum(by_claim["to_allowed"]),
        pl.concat(lines) if lines else pl.DataFrame(schema=LINE_COLUMNS),
        by_claim.filter(pl.col("lines_changed") > 0).select(*CLAIM_COLUMNS),
        dict(unpriced),
    )


_NEEDED = ("claim_id", "line", "given_on", "hcpcs", *MODIFIERS, "place_of_service", "mac", "locality", "units")


def _pricer(side: Terms, rules: ClaimRules) -> ClaimPricer:
    return pricer_of_year(side.schedule, replace(rules, gpci_floor=side.gpci_floor), side.conversion_factor)


def _side_by_side(former: pl.DataFrame, latter: pl.DataFrame) -> pl.DataFrame:
    """Return both releases' amounts, and their difference; a line not priced counts as 0. Shape: ``LINE_COLUMNS``."""
    both = pl.concat(
        [former, latter.select(pl.all().name.prefix("to_"))],
        how="horizontal",
    )
    status, to_status = (pl.col(name).cast(pl.String) for name in ("pricing_status", "to_pricing_status"))
    why = pl.when(to_status != _PRICED).then(pl.col("to_reason").cast(pl.String))
    return both.select(
        pl.col("claim_id").cast(pl.String),
        pl.col("line").cast(pl.Int32),
        pl.col("given_on").alias("date_of_service"),
        named_service([name for name in MODIFIERS if name in both.columns]),
        *(pl.col(name).cast(pl.String) for name in ("place_of_service", "mac", "locality")),
        pl.col("units").cast(pl.Int32, strict=False),
        pl.col("allowed_amount").cast(_MONEY).alias("from_allowed"),
        pl.col("to_allowed_amount").cast(_MONEY).alias("to_allowed"),
        *(
            (pl.col(f"to_{name}").fill_null(0) - pl.col(name).fill_null(0)).cast(_MONEY).alias(ours)
            for name, ours in zip(
                _AMOUNTS, ("difference", "medicare_difference", "patient_difference"), strict=True
            )
        ),
        status.alias("from_status"),
        to_status.alias("to_status"),
        pl.when((status != _PRICED) & (to_status == _PRICED))
        .then(pl.col("reason").cast(pl.String))
        .otherwise(why)
        .fill_null("")
        .alias("reason"),
    )


def _unpriced(both: pl.DataFrame) -> dict[str, int]:
    neither = both.filter((pl.col("from_status") != _PRICED) & (pl.col("to_status") != _PRICED))
    return dict(neither.group_by("to_status").len().iter_rows())


def _by_claim(lines: pl.DataFrame) -> pl.DataFrame:
    """Return the sums of a batch's claims. Shape: ``CLAIM_COLUMNS``."""
    was, now = pl.col("from_status") == _PRICED, pl.col("to_status") == _PRICED
    return lines.group_by("claim_id", maintain_order=True).agg(
        pl.col("date_of_service").min().alias("first_date"),
        pl.len().cast(pl.Int64).alias("lines"),
        pl.col("is_changed").sum().cast(pl.Int64).alias("lines_changed"),
        *(pl.col(name).sum().cast(_MONEY) for name in _SUMMED),
        (now & ~was).sum().cast(pl.Int64).alias("newly_priced"),
        (was & ~now).sum().cast(pl.Int64).alias("no_longer_priced"),
    )


_SUMMED = ("from_allowed", "to_allowed", "difference", "medicare_difference", "patient_difference")


def _sums(parts: pl.DataFrame) -> pl.DataFrame:
    """Return the batches' claims together: a claim's lines may be in two where patients share its number."""
    counts = ("lines", "lines_changed", "newly_priced", "no_longer_priced")
    return parts.group_by("claim_id", maintain_order=True).agg(
        pl.col("first_date").min(),
        *(pl.col(name).sum() for name in counts),
        *(pl.col(name).sum().cast(_MONEY) for name in _SUMMED),
    )


def _sum(column: pl.Series) -> Decimal:
    return Decimal(str(column.sum())) if len(column) else _NOTHING

