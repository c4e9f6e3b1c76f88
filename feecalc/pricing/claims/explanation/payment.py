"""Who pays the allowed amount, and the standard codes a remittance would say it with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from feecalc import reference
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.arrays.does import Does
from feecalc.pricing.claims.explanation.steps import Adjustment, Case, RuleStep, usd
from feecalc.pricing.claims.explanation.words import percent_of, rule_source, source_of
from feecalc.pricing.receipt import shown

_REASON = "claim_adjustment"


def payment_steps(case: Case, status: int) -> list[RuleStep]:
    """From the allowed amount to what Medicare pays."""
    return [] if status != outcomes.PRICED else list(_steps(case))


def _steps(case: Case) -> Iterator[RuleStep]:
    followed, line, day = case.followed, case.followed.line, case.day
    shares, allowed = followed.priced.shares, int(followed.priced.allowed[line])
    era, does = followed.era, int(followed.priced.lines.does[line])
    deductible, coinsurance = int(shares.deductible[line]), int(shares.coinsurance[line])
    amount = allowed - deductible
    if deductible:
        text = f"the deductible that is left, {shown(deductible)}, is the patient's"
        yield RuleStep("deductible", text, usd(allowed), "", usd(amount), "SSA 1833(b)")
    if does & (Does.PREVENTIVE | Does.SCREENING_TURNED_DIAGNOSTIC):
        modifier = case.modifier_that(Does.PREVENTIVE) or case.modifier_that(Does.SCREENING_TURNED_DIAGNOSTIC)
        row = reference.row_on("coinsurance", day, modifier=modifier)
        factor = f"less {row['value']} percent"
    else:
        row = reference.row_on("coinsurance", day, kind="general")
        factor = f"less {percent_of(era.payment.coinsurance_rate)}"
    after = amount - coinsurance
    text = f"the patient's coinsurance, {shown(coinsurance)}"
    yield RuleStep("coinsurance", text, usd(amount), factor, usd(after), source_of(row))
    amount = after
    for station in followed.trail.of(line, "therapy_assistant", "mips_positive", "mips_negative"):
        place = station.where[line]
        before, after = int(station.before[place]), int(station.after[place])
        if station.rule == "therapy_assistant":
            modifier = case.modifier_that(Does.THERAPY_ASSISTANT)
            rule = reference.row_on("modifier", day, modifier=modifier)
            factor, source = percent_of(era.payment.therapy_assistant_rate), source_of(rule)
            yield RuleStep(f"modifier {modifier}", rule["name"], usd(before), factor, usd(after), source)
        else:
            text = "MIPS adjustment of Medicare's part, as the practice was told"
            yield RuleStep("MIPS", text, usd(before), "", usd(after), rule_source("mips", day))
        amount = after
    withheld = int(shares.sequestration[line])
    text = f"withheld from Medicare's part: {shown(withheld)}"
    rate = percent_of(era.payment.sequestration_rate)
    after = int(shares.medicare[line])
    if amount - withheld == after and withheld:
        yield RuleStep(
            "sequestration", text, usd(amount), f"less {rate}", usd(after), rule_source("sequestration", day)
        )


def adjustments(results: Mapping[str, Any], case: Case | None, status: int) -> tuple[Adjustment, ...]:
    """What a remittance would say of the line, in the standard codes."""
    found = []
    if results["pricing_status"] != "priced":
        rows = [row for row in _rows("status") if row["key"] == results["pricing_status"] and row["carc"]]
        found += [_adjustment(row, results["contractual_adjustment"]) for row in rows]
        return tuple(found)
    if results["contractual_adjustment"] is not None and results["contractual_adjustment"] > 0:
        found += [_adjustment(row, results["contractual_adjustment"]) for row in _rows("reduction", "billed")]
    if case is not None and status == outcomes.PRICED:
        shares, line = case.followed.priced.shares, case.followed.line
        for kind, key, cents in (
            ("patient_share", "deductible", int(shares.deductible[line])),
            ("patient_share", "coinsurance", int(shares.coinsurance[line])),
            ("payment", "sequestration", int(shares.sequestration[line])),
        ):
            if cents:
                found += [_adjustment(row, usd(cents)) for row in _rows(kind, key)]
        for station in case.followed.trail.of(line, "therapy_assistant", "mips_positive", "mips_negative"):
            place = station.where[line]
            taken = int(station.before[place] - station.after[place])
            if taken:
                found += [_adjustment(row, usd(taken)) for row in _rows("payment", station.rule)]
    return tuple(found)


def _rows(kind: str, key: str | None = None) -> list[reference.Row]:
    return [row for row in reference.rows(_REASON) if row["kind"] == kind and key in (None, row["key"])]


def _adjustment(row: reference.Row, amount: Decimal | None) -> Adjustment:
    return Adjustment(row["group"], row["carc"], row["rarc"], row["name"], amount)
