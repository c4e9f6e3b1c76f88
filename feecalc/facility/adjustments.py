"""What a remittance would say of a facility's line: each part of what is billed and not paid, with its codes.

A paid line's parts are what is above the facility's payment and what the patient pays; of a packaged or refused line it
is all of the charge. They add up to the charge less Medicare's amount, which is before the Part B deductible and
sequestration. Source: reference/claim_adjustment.toml; for what an ASC's list refuses, reference/edit_rule.toml (Pub.
100-04 ch. 14 sec. 60.2 and 60.3).
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from feecalc import reference
from feecalc.facility.lines import ASC, MODIFIERS, OPPS
from feecalc.pricing.claims import adjustments
from feecalc.pricing.claims.adjustments import Code, code_of, group_of_denial

ADJUSTED: Mapping[str, pl.DataType] = {
    "group": pl.String(),  # of the first adjustment that is not the patient's share; "" where none is known
    "carc": pl.String(),
    "rarc": pl.String(),
    adjustments.COLUMN: pl.String(),  # all of them with their amounts; null where none is known
}
_KIND, _PRICED = "facility", "priced"
_NONE = pl.lit(0, dtype=pl.Decimal(18, 2))
_GIVEN_BILLS = {ASC: "asc"}  # the kinds of bills whose refusals have codes


def with_adjustments(lines: pl.DataFrame, priced: pl.DataFrame) -> pl.DataFrame:
    """Return the results with the columns of ``ADJUSTED``. ``lines``: of ``lines.complete``, row for row."""
    given = lines.select("setting", "date_of_service", "billed_amount", *MODIFIERS)
    beside = priced.hstack(given.select(each for each in given.columns if each not in priced.columns))
    beside = beside.with_columns(_codes_of_refusals())
    has_code = pl.col("carc") != ""
    refused = beside.with_columns(group=pl.when(has_code).then(group_of_denial(beside)).otherwise(pl.lit("")))
    charge = pl.col("billed_amount")
    of_all = pl.when(has_code & (charge > 0)).then(_written(_code_text(), charge))
    is_priced = pl.col("pricing_status") == _PRICED
    above = (charge - pl.col("facility_amount")).fill_null(_NONE)
    parts = {
        code_of(_KIND, "above_rate"): above.clip(lower_bound=0),
        code_of(_KIND, "above_charge"): above.clip(upper_bound=0),
        code_of(_KIND, "coinsurance"): pl.col("copayment"),
    }
    texts = [pl.when(amount != 0).then(_written(pl.lit(code.text), amount)) for code, amount in parts.items()]
    text = pl.concat_str(texts, separator="; ", ignore_nulls=True)
    leading: dict[str, pl.Expr] = {name: pl.col(name) for name in ("group", "carc", "rarc")}
    for code, sign in ((code_of(_KIND, "above_rate"), above > 0), (code_of(_KIND, "above_charge"), above < 0)):
        own = {"group": code.group, "carc": code.carc, "rarc": code.rarc}
        leading = {name: pl.when(is_priced & sign).then(pl.lit(own[name])).otherwise(leading[name]) for name in own}
    found = refused.select(
        **leading,
        **{adjustments.COLUMN: pl.when(is_priced & (text != "")).then(text).otherwise(of_all)},
    )
    return priced.hstack(found.select(pl.col(name).cast(kind) for name, kind in ADJUSTED.items()))


def _codes_of_refusals() -> list[pl.Expr]:
    """Return the reason and remark code of lines without an amount of their own, "" where none is known."""
    carc = rarc = pl.lit("")
    for setting, status, code in _refusals():
        meant = (pl.col("setting") == setting) & (pl.col("pricing_status") == status)
        carc = pl.when(meant).then(pl.lit(code.carc)).otherwise(carc)
        rarc = pl.when(meant).then(pl.lit(code.rarc)).otherwise(rarc)
    return [carc.alias("carc"), rarc.alias("rarc")]


def _refusals() -> list[tuple[str, str, Code]]:
    """Return the code by setting and pricing_status. The group is a matter of the code."""
    found = [(OPPS, "packaged", code_of(_KIND, "opps_packaged"))]
    for setting, bill in _GIVEN_BILLS.items():
        found += [
            (setting, row["pricing_status"], Code("", row["carc"], row["rarc"]))
            for row in reference.rows("edit_rule")
            if bill in row.get("bills", ()) and "pricing_status" in row and row["carc"]
        ]
    return found


def _code_text() -> pl.Expr:
    remark = pl.when(pl.col("rarc") != "").then(pl.lit(" ") + pl.col("rarc")).otherwise(pl.lit(""))
    return pl.concat_str("group", pl.lit("-"), "carc", remark)


def _written(code: pl.Expr, amount: pl.Expr) -> pl.Expr:
    return pl.concat_str(code, pl.lit(" "), amount.cast(pl.Decimal(18, 2)).cast(pl.String))
