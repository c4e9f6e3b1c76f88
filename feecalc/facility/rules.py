"""The dated rules of a facility's payment, read once for a day, as numbers and small tables."""

from __future__ import annotations

from collections.abc import Mapping
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
    """What holds for one setting on one day. Shares in ten-thousandths, amounts in cents."""

    setting: str
    day: date
    labor_share: int
    further_procedure: int
    most_coinsurance: int
    inpatient_deductible: int | None  # the most a copayment can be; None where it is not bounded
    conversion_factor: str | None
    sources: Mapping[str, str]  # kind -> where it stands
    indicators: pl.DataFrame  # a row an indicator
    modifiers: pl.DataFrame  # a row a modifier that changes an amount


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
        modifiers=_modifiers(setting, day),
    )


_INDICATORS = {"opps": "opps_status_indicator", "asc": "asc_payment_indicator"}


def share(percent: str) -> int:
    """Return a percent, written as a decimal, in ten-thousandths."""
    return whole(percent, _PERCENT_PLACES)


def indicator_row(setting: str, code: str, day: date) -> reference.Row | None:
    """Return the rule of one indicator, None where there is none."""
    found = reference.rows_on(_INDICATORS[setting], day, code=code)
    return found[0] if found else None


def modifier_rows(setting: str, day: date) -> list[reference.Row]:
    """Return the rules of the modifiers that change a facility's amount."""
    return reference.rows_on("facility_modifier", day, setting=setting)


def _frame(name: str, day: date) -> pl.DataFrame:
    dropped = {"effective_from", "effective_to", "source", "comprehensive_source", "note", "basis", "name"}
    return pl.DataFrame(
        [{key: value for key, value in row.items() if key not in dropped} for row in reference.rows_on(name, day)]
    )


def _modifiers(setting: str, day: date) -> pl.DataFrame:
    fields = ("modifier", "kind", "hcpcs", "further_discount", "device_part", "what")
    rows = [
        {**{name: row[name] for name in fields}, "share": share(row["value"])} for row in modifier_rows(setting, day)
    ]
    return pl.DataFrame(rows)
