"""CMS's printed amounts computed again from a release's own tables, by the formula that prices every service.

All functions take the release's frames by table name (``rvu``, ``gpci``; the contracts are in ``feecalc.tables``) and
the printed table as it was read, rows repeated in the file counted as they stand. The conversion factor is the one
printed on the code's own row. Nothing is left out: a row that cannot be computed is counted under its reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

import polars as pl

from feecalc import reference
from feecalc.conformance import printed as by_other_figures
from feecalc.conformance.comparison import SETTINGS, Comparison, compared, printed_cents
from feecalc.money import FACTOR_PLACES, INDEX_PLACES, MONEY_PLACES, PERCENT_PLACES, RVU_PLACES, whole
from feecalc.pricing.formula import adjusted_rvus, cents, percent_cents
from feecalc.pricing.rules import opps_cap
from feecalc.pricing.rules.participation import limiting_charge
from feecalc.pricing.rules.status import paying_letters

_WIDEST = 18
_CODE = ["hcpcs", "modifier"]
_PLACE = ["mac", "locality"]
_RVUS = (
    "work_rvu", "pe_rvu_nonfacility", "pe_rvu_facility", "mp_rvu",
    "opps_pe_rvu_nonfacility", "opps_pe_rvu_facility", "opps_mp_rvu",
)  # fmt: skip
_INDICES = ("work_gpci", "pe_gpci", "mp_gpci")
_NATION = "0" * 5, "0" * 2  # the look-up tool's 0000000: the national amount, every index at 1
_NA = "NA in both settings: not paid there"
_NO_PRICE = "no price is taken from OPPSCAP: prices are computed from the release's relative values and indices"


def payment_amounts(
    tables: Mapping[str, pl.DataFrame], printed: pl.DataFrame, *, release: str, day: date, source: str
) -> Comparison:
    """A payment amount file (table ``payment_amount``) against the uncapped amounts of a release, in both settings."""
    rvus = _rvus(tables["rvu"])
    rows = _priced(_joined(printed, rvus, _indices(tables["gpci"]), release), release, day)
    return _outcome("payment_amount", rows, rvus, _fees(), release, day, source, _not_compared(printed, _PFREV_OTHERS))


def lookup_amounts(
    tables: Mapping[str, pl.DataFrame], printed: pl.DataFrame, *, release: str, day: date, source: str
) -> Comparison:
    """Return a csv of the PFS look-up tool (table ``lookup_amount``) against the uncapped amounts of a release.

    A setting with NA is not paid there and not compared. The amounts are those before the OPPS cap, whose amounts stand
    in columns of their own. Source: CMS, How to Use the MPFS Look-Up Tool (MLN901344): for imaging "the MPFS search
    results don't reflect payment adjustments. The MPFS Look-Up Tool displays full payments as well as OPPS payments."
    """
    where = pl.col("mac_locality")
    placed = printed.with_columns(where.str.head(5).alias("mac"), where.str.tail(2).alias("locality"))
    rvus = _rvus(tables["rvu"], "na_indicator_nonfacility", "na_indicator_facility")
    nation = {name: [value] for name, value in zip(_PLACE, _NATION, strict=True)}
    ones = {name: [10**INDEX_PLACES] for name in _INDICES}
    indices = pl.concat([_indices(tables["gpci"]), pl.DataFrame({**nation, **ones, "in_gpci": [True]})])
    rows = _priced(_joined(placed, rvus, indices, release, "conversion_factor"), release, day)
    rows = rows.with_columns(
        pl.coalesce(
            "reason",
            _of_another_factor(release, day),
            pl.when(pl.all_horizontal(pl.col(f"{setting}_amount").is_null() for setting in SETTINGS)).then(pl.lit(_NA)),
        )
    ).with_columns(pl.coalesce(pl.col("printed_factor"), pl.col("conversion_factor")).alias("conversion_factor"))
    rows = rows.with_columns(opps_work_rvu="work_rvu")
    notes = (*_na(rows, release), *_capped(rows), *_limits(rows, day), *_not_compared(printed, _LOOKUP_OTHERS))
    return _outcome("lookup_amount", rows, rvus, _fees(), release, day, source, notes)


def oppscap(
    tables: Mapping[str, pl.DataFrame], printed: pl.DataFrame, *, release: str, day: date, source: str
) -> Comparison:
    """Return OPPSCAP (table ``oppscap``) against a release, in both settings.

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
    return _outcome("oppscap", rows, rvus, amounts, release, day, source)


_NOT_PROVEN = (
    "CMS printed the table by other relative values for OPPS: those of the release, which hold the cap on its prices, "
    "are compared with nothing here"
)


def _outcome(
    table: str,
    rows: pl.DataFrame,
    rvus: pl.DataFrame,
    amounts: Mapping[str, pl.Expr],
    release: str,
    day: date,
    source: str,
    notes: tuple[str, ...] = (),
) -> Comparison:
    """Return the amounts computed, those that CMS printed by other figures set apart, and all of it counted."""
    found = by_other_figures.with_printed_by(
        _computed(rows, amounts), rvus, amounts, table=table, release=release, day=day
    )
    known = by_other_figures.sources(table, release, day)
    outcome = compared(found, table=table, source=source, release=release, notes=notes, sources=known)
    if table == "oppscap" and outcome.own_differences:
        outcome = replace(outcome, notes=(*outcome.notes, _NO_PRICE))
        if any("pe_mp_rvu" in rule for rule in by_other_figures.rules(table, release, day)):
            outcome = replace(outcome, notes=(*outcome.notes, _NOT_PROVEN))
    return outcome


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
    """Add ``opps_work_rvu``: the row's own work RVU, or that of its component where CMS prints the amount with it."""
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
    """Return ``gpci_mac``: the contractor number whose indices price the row, its own or the one it is an alias of."""
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


def _joined(
    printed: pl.DataFrame, rvus: pl.DataFrame, indices: pl.DataFrame, release: str, factor: str | None = None
) -> pl.DataFrame:
    """Return every printed row with its RVUs and indices, and the ``reason`` where either is missing.

    ``factor``: the column of the factor that the file prints beside its amounts, kept as ``printed_factor``.
    """
    place = [name for name in ("gpci_mac", *_PLACE) if name in indices.columns]
    fields = rvus.drop("pctc_indicator").rename({"status_indicator": "release_status"})
    wanted = [*_CODE, *_PLACE, "status_indicator", *(f"{setting}_amount" for setting in SETTINGS)]
    more = [] if factor is None else [_scaled(factor, FACTOR_PLACES).alias("printed_factor")]
    more += [pl.col(name) for name in _LIMITS if name in printed.columns]
    return (
        printed.select(*wanted, *(name for name in place if name not in wanted), *more)
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


def _priced(rows: pl.DataFrame, release: str, day: date) -> pl.DataFrame:
    """Return ``reason`` also where the release prices the row from no RVUs: it prints no amount to compare with."""
    no_rvus = pl.sum_horizontal(*_RVUS[:4]) == 0
    return rows.with_columns(
        pl.coalesce(
            "reason",
            pl.when(~pl.col("release_status").is_in(paying_letters(day))).then(
                pl.format(f"status {{}} in {release}: not priced from RVUs", "release_status")
            ),
            pl.when(no_rvus).then(pl.lit(f"no RVUs in {release}: the contractor's price")),
        )
    )


def _of_another_factor(release: str, day: date) -> pl.Expr:
    """Return the reason of a row that prints another factor than the release has, on any track."""
    in_force = [whole(row["value"], FACTOR_PLACES) for row in reference.rows_on("conversion_factor", day)]
    known = pl.col("printed_factor").is_in(in_force) | (pl.col("printed_factor") == pl.col("conversion_factor"))
    as_text = (pl.col("printed_factor").cast(pl.Float64) / 10**FACTOR_PLACES).cast(pl.String)
    return pl.when(~known).then(
        pl.format(f"printed by a conversion factor of {{}}, which is not {release}'s", as_text)
    )


def _fee(setting: str) -> pl.Expr:
    """Return fee schedule amount, not capped. [cents]"""
    return _amount("work_rvu", f"pe_rvu_{setting}", "mp_rvu")


def _fees() -> dict[str, pl.Expr]:
    return {setting: _fee(setting) for setting in SETTINGS}


def _opps_amount(setting: str) -> pl.Expr:
    """Return the amount from the used-for-OPPS columns. [cents]"""
    return _amount("opps_work_rvu", f"opps_pe_rvu_{setting}", "opps_mp_rvu")


def _amount(work: str, pe: str, mp: str) -> pl.Expr:
    amount: pl.Expr = cents(_rvus_at(work, pe, mp), pl.col("conversion_factor"))
    return amount


def _rvus_at(work: str, pe: str, mp: str) -> pl.Expr:
    """Return the relative values, each times its index. [10^-5 RVU]"""
    found: pl.Expr = adjusted_rvus(*(pl.col(name) for name in (work, "work_gpci", pe, "pe_gpci", mp, "mp_gpci")))
    return found


def _fee_rvus(setting: str) -> pl.Expr:
    return _rvus_at("work_rvu", f"pe_rvu_{setting}", "mp_rvu")


def _computed(rows: pl.DataFrame, amounts: Mapping[str, pl.Expr]) -> pl.DataFrame:
    return rows.with_columns(
        pl.when(pl.col("reason").is_null()).then(amount).alias(f"{setting}_cents")
        for setting, amount in amounts.items()
    )


_PFREV_OTHERS = {
    "a therapy amount": ("therapy_nonfacility_amount", "therapy_facility_amount"),
    "an OPPS amount": ("opps_nonfacility_amount", "opps_facility_amount"),
}
_LIMITS = tuple(f"{setting}_limiting_charge" for setting in SETTINGS)
_LOOKUP_OTHERS = {
    "an OPPS amount": ("opps_nonfacility_amount", "opps_facility_amount"),
}


def _limits(rows: pl.DataFrame, day: date) -> Iterator[str]:
    """Yield how many of the printed limiting charges are the rule's percent of the amount before that is rounded."""
    rule = whole(limiting_charge(day).percent, PERCENT_PLACES)
    computable = rows.filter(pl.col("reason").is_null())
    printed = different = 0
    for setting, name in zip(SETTINGS, _LIMITS, strict=True):
        found = computable.filter(pl.col(name).is_not_null()).select(
            own=_scaled(name, MONEY_PLACES),
            computed=percent_cents(_fee_rvus(setting), pl.col("conversion_factor"), rule),
        )
        printed += found.height
        different += found.filter(pl.col("own") != pl.col("computed")).height
    if printed:
        outcome = f"{different:,} differ" if different else "all equal"
        yield f"{printed:,} limiting charges are printed, {outcome} when computed"


def _not_compared(printed: pl.DataFrame, others: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the file's other amounts: said where it prints any, because no comparison is made with them."""
    return tuple(
        f"{filled:,} rows print {words}, which is not compared"
        for words, columns in others.items()
        if (filled := printed.filter(pl.any_horizontal(pl.col(*columns) > 0)).height)
    )


def _na(rows: pl.DataFrame, release: str) -> tuple[str, ...]:
    """Return settings that print NA, and whether the release says the same of them."""
    notes = []
    for setting in SETTINGS:
        without = rows.filter(pl.col(f"{setting}_amount").is_null() & pl.col("release_status").is_not_null())
        if without.height:
            same = without.filter(pl.col(f"na_indicator_{setting}") == "NA").height
            notes.append(
                f"{without.height:,} rows print NA as the {setting} price: not paid there, so not compared; "
                f"{release} marks {same:,} of them NA too"
            )
    return tuple(notes)


def _capped(rows: pl.DataFrame) -> tuple[str, ...]:
    """Say how many rows print the OPPS amount in place of the fee: the file's prices would be capped after all."""
    pairs = [(printed_cents(setting), _fee(setting), _opps_amount(setting)) for setting in SETTINGS]
    capped = pl.any_horizontal((printed != fee) & (printed == opps) for printed, fee, opps in pairs)
    capped_alike = rows.filter(pl.col("reason").is_null() & capped).height
    if not capped_alike:
        return ()
    return (f"{capped_alike:,} rows are not equal to the fee and print the amount of the OPPS cap in its place",)
