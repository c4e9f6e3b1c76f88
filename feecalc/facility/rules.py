"""Dated rules of facility payment, read once for a day, as numbers and small tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import polars as pl

from feecalc import reference
from feecalc.money import whole

SHARE_PLACES = 4  # a percent as ten-thousandths: 60 percent is 6000
WHOLE = 10**SHARE_PLACES
INDICATORS = {"opps": "status", "asc": "payment"}  # setting: what its indicators are called
_PERCENT_PLACES = 2
_MONEY_PLACES = 2


@dataclass(frozen=True)
class Rules:
    """The rules of one setting on one day. Shares in ten-thousandths, amounts in cents."""

    setting: str
    day: date
    labor_share: int
    further_procedure: int
    most_coinsurance: int
    inpatient_deductible: int | None  # the most a copayment can be; None where it is not bounded
    conversion_factor: str | None
    sources: Mapping[str, str]  # by kind of rule
    indicators: pl.DataFrame  # a row an indicator
    modifiers: pl.DataFrame  # a row a modifier that changes an amount, span of codes and APC
    known_modifiers: pl.Series
    device_intensive: int | None  # of a rate, above which a procedure is its device's; None where there is no such rule
    rural_sole_community: int  # of an amount, for such a hospital


@lru_cache(maxsize=64)
def rules_on(setting: str, day: date) -> Rules:
    """Return the rules of ``opps`` or ``asc`` on a day. Raises MissingRule."""
    table = _INDICATORS[setting]
    kinds = {row["kind"]: row for row in reference.rows_on("facility_payment", day, setting=setting)}
    needed = ("labor_share", "further_procedure", "most_coinsurance", "rounding")
    for kind in needed:
        reference.row_on("facility_payment", day, setting=setting, kind=kind)
    factors = reference.rows_on("facility_conversion_factor", day, setting=setting)
    sources = {kind: str(row["source"]) for kind, row in kinds.items()}
    deductible = None
    if setting == "opps":
        row = reference.row_on("facility_inpatient_deductible", day)
        deductible, sources["inpatient_deductible"] = whole(row["value"], _MONEY_PLACES), str(row["source"])
    if factors:
        sources["conversion_factor"] = str(factors[0]["source"])
    return Rules(
        setting=setting,
        day=day,
        labor_share=share(kinds["labor_share"]["value"]),
        further_procedure=share(kinds["further_procedure"]["value"]),
        most_coinsurance=share(kinds["most_coinsurance"]["value"]),
        inpatient_deductible=deductible,
        conversion_factor=str(factors[0]["value"]) if factors else None,
        sources=sources,
        indicators=_frame(table, day).rename({"code": "indicator"}),
        modifiers=modifiers_on(setting, day),
        known_modifiers=_known_modifiers(setting, day),
        device_intensive=share(kinds["device_intensive"]["value"]) if "device_intensive" in kinds else None,
        rural_sole_community=share(kinds[rural]["value"]) if (rural := "rural_sole_community") in kinds else WHOLE,
    )


_INDICATORS = {"opps": "opps_status_indicator", "asc": "asc_payment_indicator"}


def share(percent: str) -> int:
    """Return a percent, given as decimal text, in ten-thousandths."""
    return whole(percent, _PERCENT_PLACES)


def indicator_row(setting: str, code: str, day: date) -> reference.Row | None:
    """Return the rule of one indicator on a day, None where there is none."""
    rows = reference.rows_on(_INDICATORS[setting], day, code=code)
    return rows[0] if rows else None


def modifier_rows(setting: str, day: date) -> list[reference.Row]:
    """Return the rules of the modifiers that change a facility's amount on a day."""
    return reference.rows_on("facility_modifier", day, setting=setting)


def _frame(name: str, day: date) -> pl.DataFrame:
    dropped = {"effective_from", "effective_to", "source", "comprehensive_source", "note", "basis", "name"}
    return pl.DataFrame(
        [{key: value for key, value in row.items() if key not in dropped} for row in reference.rows_on(name, day)]
    )


def modifiers_on(setting: str, day: date) -> pl.DataFrame:
    """Return the modifiers' rows, each once for every span of codes (first, last) and APC; "" is any."""
    fields = ("modifier", "kind", "but", "exempt", "further_discount", "device_part", "what")
    rows = [
        {**{name: row[name] for name in fields}, "share": share(row["value"]), "first": first, "last": last,
         "of_apc": apc}
        for row in modifier_rows(setting, day)
        for first, last in spans(row["codes"])
        for apc in row["apcs"] or [""]
    ]  # fmt: skip
    return pl.DataFrame(rows, schema_overrides={"but": pl.List(pl.String)})


def spans(codes: Sequence[str]) -> list[tuple[str, str]]:
    """Return the first and last code of each text such as 70450-70498 or G0463; ("", "") alone where there is none."""
    pairs = [text.partition("-") for text in codes]
    return [(first, last or first) for first, _, last in pairs] or [("", "")]


def within(codes: Sequence[str], column: str = "hcpcs") -> pl.Expr:
    """Return whether a column's code is one of ``codes``, as ``spans`` reads them; true where there are none."""
    return pl.any_horizontal(
        pl.lit(True) if not first else pl.col(column).is_between(pl.lit(first), pl.lit(last))
        for first, last in spans(codes)
    )


def _known_modifiers(setting: str, day: date) -> pl.Series:
    listed = {row["modifier"] for row in (*reference.rows_on("modifier", day), *modifier_rows(setting, day))}
    return pl.Series(sorted(listed), dtype=pl.String)
