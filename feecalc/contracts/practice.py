"""A practice's volume or claims priced by a contract and summed by code: the input of every report and comparison."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Protocol

import polars as pl

from feecalc.contracts.categories import Taxonomy, reporting_categories
from feecalc.contracts.codes import code_keys
from feecalc.contracts.contract import Contract
from feecalc.contracts.paying.claim_lines import COLUMNS, ClaimContract
from feecalc.contracts.pricing import VolumeContracts
from feecalc.contracts.terms.lesser_of_billed import limits_to_charge
from feecalc.files.cells import MODIFIERS
from feecalc.files.opening import plain_errors
from feecalc.files.writing import Sink, appended
from feecalc.money import money
from feecalc.pricing.claims.batches import priced_batches
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.runs.reading import ClaimLines
from feecalc.runs.release_days import release_days

OTHER = "other"
KEYS = ("hcpcs", "modifier", "setting", "category")
AMOUNTS = (
    "billed",
    "medicare",
    "before_charge",
    "contract",
    "contract_of_priced",
    "medicare_of_priced",
    "below",
    "lost",
)
# Shape of the result of ``Practice.codes``: KEYS, units, unpaid_units (their contract amount is not known), basis, and
# sums in dollars: AMOUNTS, each with the suffix _amount. contract_of_priced and medicare_of_priced sum the lines that
# both price; below counts units whose charge is below what the contract allows, lost is what that costs.


class Practice(Protocol):
    """A practice's services that contracts can be priced over.

    ``is_by_session``: its lines have sessions, so that rules over the lines of a day apply.
    """

    is_by_session: bool

    def codes(self, contract: Contract) -> pl.DataFrame:
        """Return the sums of each code, modifier and setting; the comment at ``AMOUNTS`` has the columns."""
        ...

    @property
    def notices(self) -> list[str]:
        """Notices about how the services were priced."""
        ...


@dataclass
class VolumePractice:
    """A volume of services by code, priced by ``pricer``."""

    volume: pl.DataFrame
    pricer: VolumeContracts
    day: date | None = None  # whose terms apply
    is_by_session = False

    @property
    def notices(self) -> list[str]:
        return self.pricer.notices

    def rows(self, contract: Contract) -> pl.DataFrame:
        """Return the volume priced row by row, as ``VolumeContracts.price`` does."""
        return self.pricer.price(contract, self.volume, day=self.day)

    def codes(self, contract: Contract) -> pl.DataFrame:
        """Return the sums of each code."""
        priced = self.rows(contract).with_columns(self._category)
        return with_money(summed(_lines(priced, pl.col("units"), limited=limits_to_charge(contract))))

    @cached_property
    def _category(self) -> pl.Series:
        categories = category_of(self.volume["hcpcs"], self.pricer.medicare_day, self.pricer.taxonomy)
        return self.volume.select(pl.coalesce("category", pl.lit(categories)).alias("category")).to_series()


@dataclass
class ClaimPractice:
    """A claim file, its lines priced once for each contract."""

    lines: ClaimLines
    taxonomy: Taxonomy | None = None
    home: Path | None = None
    progress: Callable[[int], None] = lambda lines: None
    is_by_session = True

    def __post_init__(self) -> None:
        self.notices: list[str] = list(self.lines.notes)

    @cached_property
    def _coverage(self) -> list[ReleaseDays]:
        return release_days(self.lines.opened)

    def codes(self, contract: Contract) -> pl.DataFrame:
        """Return the sums of each code."""
        return self.run(contract, None)

    def write(self, contract: Contract, path: Path) -> pl.DataFrame:
        """Write every line to a file. Return the sums of each code. Raises StoreError, InvalidValue."""
        results = ClaimContract(contract, self._coverage, self.taxonomy, self.home).price(
            self.lines.frame.head(0).collect()
        )
        columns = pl.Schema([*self.lines.frame.collect_schema().items(), *results.schema.items()])
        schema = self.lines.output(pl.LazyFrame(schema=columns)).collect_schema()
        with appended(path, schema) as sink:
            return self.run(contract, sink)

    def run(self, contract: Contract, sink: Sink | None) -> pl.DataFrame:
        """Price all lines and return the sums of each code; the priced lines go to ``sink``, if it is given."""
        pricer = ClaimContract(contract, self._coverage, self.taxonomy, self.home)
        notices = (*pricer.basis.notices, *pricer.basis.floor_notices(span.tables for span in self._coverage))
        self.notices += [notice for notice in notices if notice not in self.notices]
        parts = []
        batches = priced_batches(self.lines.frame, pricer, results=COLUMNS)
        while True:
            with plain_errors(self.lines.path):
                batch = next(batches, None)
            if batch is None:
                break
            parts.append(
                summed(_lines(batch, pl.lit(1, pl.Int64), units=pl.col("units"), limited=limits_to_charge(contract)))
            )
            if sink is not None:
                in_words = self.lines.with_reasons(batch)
                sink.append(self.lines.output(in_words).collect())
            self.progress(batch.height)
        sums = merged_sums(pl.concat(parts))
        categories = category_of(sums["hcpcs"], self._coverage[-1].last, self.taxonomy)
        return with_money(merged_sums(sums.with_columns(categories)))


def category_of(codes: pl.Series, day: date, taxonomy: Taxonomy | None) -> pl.Series:
    """Return the category that reports show for each code: the RBCS category, or a known category without RBCS."""
    distinct = codes.cast(pl.String).unique()
    if taxonomy is not None:
        names = taxonomy.category_of(distinct)
    else:
        known = reporting_categories(day)
        keys = distinct.to_frame("code").select(code_keys("code").fill_null(-1)).to_series().to_numpy()
        names = pl.Series([OTHER, *known.names]).gather(known.numbers(keys) + 1)
    categories = names.fill_null(OTHER)
    return (
        codes.cast(pl.String)
        .replace_strict(distinct, categories, default=OTHER, return_dtype=pl.String)
        .alias("category")
    )


def _lines(priced: pl.DataFrame, times: pl.Expr, units: pl.Expr | None = None, *, limited: bool = True) -> pl.LazyFrame:
    """Return priced rows with total amounts in cents.

    ``times``: how often a row's amounts are paid; ``limited``: the charge is a ceiling.
    """
    count = units if units is not None else times
    charge, allowed = _cents("billed_amount"), _cents("before_charge_amount")
    medicare, contract = _cents("medicare_amount"), _cents("contract_amount")
    is_priced_by_both = medicare.is_not_null() & contract.is_not_null()
    is_below = charge.is_not_null() & (charge < allowed)
    modifiers = [name for name in MODIFIERS if name in priced.columns]
    return priced.lazy().select(
        "hcpcs",
        *(pl.col(name) for name in modifiers),
        "setting",
        pl.col("category") if "category" in priced.columns else pl.lit("").alias("category"),
        pl.col("contract_basis").alias("basis"),
        count.cast(pl.Int64).alias("units"),
        pl.when(contract.is_null()).then(count).otherwise(0).cast(pl.Int64).alias("unpaid_units"),
        (charge * times).alias("billed"),
        (medicare * times).alias("medicare"),
        (allowed * times).alias("before_charge"),
        (contract * times).alias("contract"),
        pl.when(is_priced_by_both).then(contract * times).alias("contract_of_priced"),
        pl.when(is_priced_by_both).then(medicare * times).alias("medicare_of_priced"),
        pl.when(is_below).then(count).otherwise(0).cast(pl.Int64).alias("below"),
        pl.when(is_below & limited).then((allowed - charge) * times).otherwise(0).alias("lost"),
    )


def _cents(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Decimal(18, 2)).to_physical().cast(pl.Int64)


def summed(lines: pl.LazyFrame) -> pl.DataFrame:
    """Return sums by ``KEYS``; a sum is null where no line of a code has the amount."""
    sums = [*AMOUNTS, "units", "unpaid_units"]
    modifiers = [name for name in MODIFIERS if name in lines.collect_schema()]
    sums_by_modifier = lines.group_by("hcpcs", *modifiers, "setting", "category", "basis").agg(_sum_of(sums)).collect()
    texts = [pl.col(name).cast(pl.String).replace("", None) for name in modifiers]
    modifier = pl.concat_str(texts, separator=",", ignore_nulls=True) if texts else pl.lit("")
    with_modifier = sums_by_modifier.with_columns(
        pl.col("hcpcs", "setting", "basis").cast(pl.String), modifier.alias("modifier")
    )
    return with_modifier.group_by(KEYS).agg(pl.col("basis").unique().sort(), *_sum_of(sums)).sort(KEYS)


def _sum_of(names: list[str]) -> list[pl.Expr]:
    return [pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()).alias(name) for name in names]


def merged_sums(parts: pl.DataFrame) -> pl.DataFrame:
    """Return sums by ``KEYS`` merged from the sums of parts."""
    sums = [*AMOUNTS, "units", "unpaid_units"]
    return parts.group_by(KEYS, maintain_order=True).agg(
        pl.col("basis").list.explode(keep_nulls=False, empty_as_null=False).unique().sort(),
        *_sum_of(sums),
    )


def with_money(codes: pl.DataFrame) -> pl.DataFrame:
    """Return sums with their cents as dollars: ``contract`` becomes ``contract_amount``."""
    amount_names = [name for name in AMOUNTS if name != "below"]
    return codes.with_columns(pl.col("basis").list.join(", "), pl.col("below").alias("below_units")).select(
        *KEYS,
        "units",
        "unpaid_units",
        "below_units",
        "basis",
        *(money(pl.col(name)).alias(f"{name}_amount") for name in amount_names),
    )
