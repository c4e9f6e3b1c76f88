"""CMS's printed amounts computed again from a release's own tables, by the formula that prices every service.

Both functions take the release's frames by table name (``rvu``, ``gpci``; the contracts are in ``feecalc.tables``) and
the printed table as it was read, rows repeated in the file counted as they stand. The conversion factor is the one
printed on the code's own row. Nothing is left out: a row that cannot be computed is counted under its reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from feecalc import reference
from feecalc.conformance.comparison import SETTINGS, Comparison, compared
from feecalc.pricing.formula import adjusted_rvus, cents
from feecalc.pricing.rules import opps_cap
from feecalc.pricing.rules.status import paying_letters
from feecalc.pricing.scale import FACTOR_PLACES, INDEX_PLACES, RVU_PLACES

_WIDEST = 18
_CODE = ["hcpcs", "modifier"]
_PLACE = ["mac", "locality"]
_RVUS = (
    "work_rvu", "pe_rvu_nonfacility", "pe_rvu_facility", "mp_rvu",
    "opps_pe_rvu_nonfacility", "opps_pe_rvu_facility", "opps_mp_rvu",
)  # fmt: skip
_INDICES = ("work_gpci", "pe_gpci", "mp_gpci")


def payment_amounts(
    tables: Mapping[str, pl.DataFrame], printed: pl.DataFrame, *, release: str, day: date, source: str
) -> Comparison:
    """A payment amount file (table ``payment_amount``) against the uncapped amounts of a release, in both settings."""
    rvus = _rvus(tables["rvu"]).with_columns(
        pl.col("status_indicator").is_in(paying_letters(day)).alias("pays_rvus"),
        (pl.sum_horizontal(*_RVUS[:4]) > 0).alias("has_rvus"),
    )
    rows = _joined(printed, rvus, _indices(tables["gpci"]), release)
    rows = rows.with_columns(
        pl.coalesce(
            "reason",
            pl.when(~pl.col("pays_rvus")).then(
                pl.format(f"status {{}} in {release}: not priced from RVUs", "release_status")
            ),
            pl.when(~pl.col("has_rvus")).then(pl.lit(f"no RVUs in {release}: the contractor's price")),
        )
    )
    rows = _computed(rows, {setting: _fee(setting) for setting in SETTINGS})
    return compared(rows, table="payment_amount", source=source, release=release, notes=_left_out(printed))


def oppscap(
    tables: Mapping[str, pl.DataFrame], printed: pl.DataFrame, *, release: str, day: date, source: str
) -> Comparison:
    """OPPSCAP (table ``oppscap``) against a release, in both settings.

    Where the cap is taken: the lower of the fee and the amount from the used-for-OPPS columns. Where it only bounds the
    contractor's price: that amount alone. Which rows, and how CMS prints them: reference/opps_cap.toml.
    """
    rvus = (
        tables["rvu"]
        .with_columns(
            opps_cap.capped(day).alias("is_capped"),
            opps_cap.ceiling_only(day).alias("is_ceiling"),
        )
        .pipe(_rvus, "is_capped", "is_ceiling")
        .pipe(_with_work_of_component, day)
    )
    rows = _joined(_with_gpci_mac(printed, day), rvus, _indices(tables["gpci"]).rename({"mac": "gpci_mac"}), release)
    rows = rows.with_columns(
        pl.coalesce(
            "reason",
            pl.when(~pl.col("is_capped") & ~pl.col("is_ceiling")).then(
                pl.format(f"status {{}} in {release}: no OPPS amount applies to the row", "release_status")
            ),
        )
    )
    amounts = {
        setting: pl.when("is_ceiling")
        .then(_opps_amount(setting))
        .otherwise(pl.min_horizontal(_fee(setting), _opps_amount(setting)))
        for setting in SETTINGS
    }
    return compared(_computed(rows, amounts), table="oppscap", source=source, release=release)


def _scaled(name: str, places: int) -> pl.Expr:
    return pl.col(name).cast(pl.Decimal(_WIDEST, places)).to_physical().cast(pl.Int64)


def _rvus(rvu: pl.DataFrame, *more: str) -> pl.DataFrame:
    return rvu.select(
        *_CODE, "status_indicator", "pctc_indicator", *more,
        *(_scaled(name, RVU_PLACES) for name in _RVUS),
        _scaled("conversion_factor", FACTOR_PLACES),
    )  # fmt: skip


def _indices(gpci: pl.DataFrame) -> pl.DataFrame:
    return gpci.select(*_PLACE, *(_scaled(name, INDEX_PLACES) for name in _INDICES), pl.lit(True).alias("in_gpci"))


def _with_work_of_component(rvus: pl.DataFrame, day: date) -> pl.DataFrame:
    """``opps_work_rvu``: the row's own work RVU, or that of its component where CMS prints the amount with it."""
    key = ["status_indicator", "pctc_indicator", "modifier"]
    rules = pl.DataFrame(
        [
            {**{name: row[name] for name in key}, "work_rvu_of": row["work_rvu_of"]}
            for row in reference.rows_on("opps_cap", day, kind="work_rvu_from_26")
        ],
        schema=dict.fromkeys([*key, "work_rvu_of"], pl.String),
    )
    component = rvus.select("hcpcs", pl.col("modifier").alias("work_rvu_of"), component_work="work_rvu")
    return (
        rvus.join(rules, on=key, how="left")
        .join(component, on=["hcpcs", "work_rvu_of"], how="left")
        .with_columns(pl.coalesce("component_work", "work_rvu").alias("opps_work_rvu"))
    )


def _with_gpci_mac(printed: pl.DataFrame, day: date) -> pl.DataFrame:
    """``gpci_mac``: the contractor number whose indices price the row, its own or the one it is an alias of."""
    aliases = pl.DataFrame(
        [
            {name: row[name] for name in (*_PLACE, "gpci_mac")}
            for row in reference.rows_on("opps_cap", day, kind="locality_alias")
        ],
        schema=dict.fromkeys([*_PLACE, "gpci_mac"], pl.String),
    )
    return printed.join(aliases, on=_PLACE, how="left", maintain_order="left").with_columns(
        pl.coalesce("gpci_mac", "mac")
    )


def _joined(printed: pl.DataFrame, rvus: pl.DataFrame, indices: pl.DataFrame, release: str) -> pl.DataFrame:
    """Every printed row with its RVUs and indices, and the ``reason`` where either is missing."""
    place = [name for name in ("gpci_mac", *_PLACE) if name in indices.columns]
    fields = rvus.drop("pctc_indicator").rename({"status_indicator": "release_status"})
    wanted = [*_CODE, *_PLACE, "status_indicator", *(f"{setting}_amount" for setting in SETTINGS)]
    return (
        printed.select(*wanted, *(name for name in place if name not in wanted))
        .join(fields, on=_CODE, how="left", maintain_order="left")
        .join(indices, on=place, how="left", maintain_order="left")
        .with_columns(
            pl.when(pl.col("release_status").is_null())
            .then(pl.lit(f"no row for the code and modifier in {release}"))
            .when(pl.col("in_gpci").is_null())
            .then(pl.lit(f"no indices for the locality in {release}"))
            .alias("reason")
        )
    )


def _fee(setting: str) -> pl.Expr:
    """Fee schedule amount, not capped. [cents]"""
    return _amount("work_rvu", f"pe_rvu_{setting}", "mp_rvu")


def _opps_amount(setting: str) -> pl.Expr:
    """The amount from the used-for-OPPS columns. [cents]"""
    return _amount("opps_work_rvu", f"opps_pe_rvu_{setting}", "opps_mp_rvu")


def _amount(work: str, pe: str, mp: str) -> pl.Expr:
    adjusted = adjusted_rvus(*(pl.col(name) for name in (work, "work_gpci", pe, "pe_gpci", mp, "mp_gpci")))
    amount: pl.Expr = cents(adjusted, pl.col("conversion_factor"))
    return amount


def _computed(rows: pl.DataFrame, amounts: Mapping[str, pl.Expr]) -> pl.DataFrame:
    return rows.with_columns(
        pl.when(pl.col("reason").is_null()).then(amount).alias(f"{setting}_cents")
        for setting, amount in amounts.items()
    )


def _left_out(printed: pl.DataFrame) -> tuple[str, ...]:
    """The file's other amounts: said where it prints any, because no comparison is made with them."""
    return tuple(
        f"{filled:,} rows print {words}, which is not compared"
        for words, columns in (
            ("a therapy amount", ("therapy_nonfacility_amount", "therapy_facility_amount")),
            ("an OPPS amount", ("opps_nonfacility_amount", "opps_facility_amount")),
        )
        if (filled := printed.filter(pl.any_horizontal(pl.col(*columns) > 0)).height)
    )
