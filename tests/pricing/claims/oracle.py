"""Claims priced slowly and literally: the judge of the engine, sharing none of its code.

Plain Python and Decimal. It goes group by group and unit by unit as Pub. 100-04 ch. 12 says it; percentages stand in
``oracle_rules`` as literals. What the single-service tests already hold (conversion factor, places of service, status
letters, technical component, practitioner percents) is read from the reference rows. Money is in dollars.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from pricing.claims.oracle_line import Book, Line, Options, rows_on, text_of
from pricing.claims.oracle_one_line import one_line, provider
from pricing.claims.oracle_parts import after_equipment, cap_units, reduce_diagnostic, reduce_imaging, reduce_therapy
from pricing.claims.oracle_rules import ZERO, cents, of, screening_coinsurance, sequestration_percent
from pricing.claims.oracle_surgery import reduce_surgery, tell_sides

from feecalc.pricing.schedule import FeeSchedule

__all__ = ["Options", "price_claims"]


def _groups(lines: Sequence[Line], key: Callable[[Line], tuple[Any, ...]]) -> list[list[Line]]:
    found: dict[tuple[Any, ...], list[Line]] = defaultdict(list)
    for line in lines:
        found[key(line)].append(line)
    return [sorted(group, key=lambda line: line.order) for group in found.values()]


def _patient(line: Line) -> tuple[Any, ...]:
    whose = text_of(line.given, "beneficiary_id")
    return (("beneficiary", whose) if whose else ("claim", line.given["claim_id"]), line.given.get("date_of_service"))


def _physician(line: Line) -> tuple[Any, ...]:
    return (*_patient(line), text_of(line.given, "billing_npi"))


def _is_t(line: Line) -> bool:
    return not line.is_anesthesia and line.row["status_indicator"] == "T"


def _is_add_on(line: Line) -> bool:
    return line.row["global_days"] == "ZZZ"


def _denied_by_others(lines: Sequence[Line]) -> None:
    """Step 10, all at once on the lines as they stand: status T, and add-on codes without a primary."""
    priced = [line for line in lines if line.priced]
    denied: list[tuple[Line, str]] = []
    for group in _groups(priced, _physician):
        if any(not _is_t(line) for line in group):
            denied += [(line, "bundled") for line in group if _is_t(line)]
    for group in _groups(priced, _patient):
        if all(_is_add_on(line) for line in group):
            denied += [(line, "add_on_without_primary") for line in group]
    for line, status in denied:
        line.status, line.by_another = status, True


def _own_amount(line: Line) -> Decimal:
    """Steps 6, 7 and 8: what the line comes to before its charge is looked at."""
    given = line.given
    cap_units(line)
    amount = after_equipment(line, sum(line.pays, ZERO))
    (biller,) = rows_on("provider_type", line.day, provider_type=provider(given))
    if not line.has("AS"):
        amount = of(amount, biller["value"])
    if given.get("participating") is False and not biller["mandatory_assignment"]:
        amount = of(amount, 95)  # SSA 1848(a)(3)
    return amount


def _charge(line: Line) -> Decimal | None:
    billed = line.given.get("billed_amount")
    return None if billed is None else cents(billed)


def _charges_of_both_sides(amounts: dict[int, Decimal], lines: Sequence[Line]) -> None:
    """RVU25D.pdf, bilateral indicators 0 to 2: the charge for both sides against the amount for both.

    What the lower of line by line leaves of it is laid on the line whose charge has room, the first before the second.
    """
    for first in lines:
        second = first.other_side
        if second is None or _charge(first) is None or _charge(second) is None:
            continue
        pair = (first, second)
        paid = [min(amounts.get(id(each), ZERO), _charge(each) or ZERO) for each in pair]
        amount = sum((amounts.get(id(each), ZERO) for each in pair), ZERO)
        together = min(amount, sum((_charge(each) or ZERO for each in pair), ZERO))
        for at, each in enumerate(pair):
            more = min(together - sum(paid, ZERO), (_charge(each) or ZERO) - paid[at])
            paid[at] += more
        for each, amount in zip(pair, paid, strict=True):
            if each.priced or amount:
                each.status, each.by_another = "priced", False
                amounts[id(each)] = amount


def _deductibles(amounts: dict[int, Decimal], work: Sequence[Line]) -> dict[int, Decimal]:
    """Step 10: what is left before a claim, the most that a line of it says, taken line by line, the earliest first."""
    taken: dict[int, Decimal] = {}
    for claim in _groups(work, lambda line: (text_of(line.given, "beneficiary_id"), line.given["claim_id"])):
        left = max(each.given.get("deductible_left") or ZERO for each in claim)
        for line in sorted((each for each in claim if each.priced), key=lambda each: (each.day, each.given["line"])):
            if not line.has("33", "PT") and left > 0:
                amount, charge = amounts[id(line)], _charge(line)
                taken[id(line)] = min(left, amount if charge is None else min(amount, charge))
                left -= taken[id(line)]
    return taken


def _shares(line: Line, amount: Decimal, deductible: Decimal, options: Options) -> dict[str, Any]:
    """Steps 9 and 11."""
    day, billed = line.day, _charge(line)
    allowed = amount if billed is None else min(amount, billed)
    percent = 20
    if line.has("33"):
        percent = 0
    elif line.has("PT"):
        percent = screening_coinsurance(day)
    coinsurance = of(allowed - deductible, percent)
    medicare = allowed - deductible - coinsurance
    if line.has("CQ", "CO") and day >= date(2022, 1, 1):
        medicare = of(medicare, 85)  # SSA 1834(v)
    if options.mips_percent is not None:
        medicare += of(medicare, options.mips_percent)
    sequestered = of(medicare, sequestration_percent(day)) if options.sequestration else ZERO
    return {
        "allowed_amount": allowed,
        "medicare_paid": medicare - sequestered,
        "patient_share": deductible + coinsurance,
        "sequestration": sequestered,
        "contractual_adjustment": None if billed is None else billed - allowed,
    }


def _ratio(number: Fraction, places: int) -> Decimal:
    scaled = floor(number * 10**places + Fraction(1, 2))
    return Decimal(scaled).scaleb(-places)


def _result(
    line: Line, amount: Decimal | None, before_caps: Decimal, deductible: Decimal, options: Options
) -> dict[str, Any]:
    money: dict[str, Any] = dict.fromkeys(
        ("allowed_amount", "medicare_paid", "patient_share", "sequestration", "contractual_adjustment")
    )
    found: dict[str, Any] = {
        "setting": line.setting if line.schedule else None,
        "fee_schedule_amount": None,
        "bilateral_factor": None,
        "modifier_factor": None,
        "mppr_factor": None,
        "opps_cap": None,
        **money,
        "pricing_status": line.status,
        "carc": "54" if line.status == "assistant_not_paid" else None,
        "rank": None,
        "release": line.schedule.release.name if line.schedule else None,
    }
    if line.priced or line.by_another:
        found["fee_schedule_amount"] = line.unit_fee * (1 if line.is_anesthesia else line.units)
    if line.by_another:
        found |= dict.fromkeys(money, ZERO)
        found["bilateral_factor"] = line.bilateral
        found["mppr_factor"] = Decimal(0) if line.is_base else None
        found["contractual_adjustment"] = _charge(line)
        found["carc"] = "107" if line.status == "add_on_without_primary" else "97"
    if line.priced and amount is not None:
        before = line.whole(line.unit_fee) * line.procedures
        found |= _shares(line, amount, deductible, options)
        percents = line.percents()
        product = Fraction(1)
        for percent in percents:
            product *= percent / 100
        found["bilateral_factor"] = line.bilateral
        found["modifier_factor"] = _ratio(product, 6) if percents else None
        if line.in_a_rule:
            found["mppr_factor"] = _ratio(Fraction(before_caps) / Fraction(before), 4) if before else Decimal(1)
            found["rank"] = min(line.ranks, default=None)
        found["opps_cap"] = line.ceiling
        found["carc"] = "45" if (found["contractual_adjustment"] or 0) > 0 else ""
    return found


def price_claims(
    lines: Sequence[Mapping[str, Any]],
    schedules: Mapping[str, FeeSchedule] | FeeSchedule,
    options: Options | None = None,
) -> list[dict[str, Any]]:
    """Every line priced, in the order given. Input and output columns: the claims contract; no reason texts.

    ``carc`` is None where this judge has no opinion.
    """
    options = options or Options()
    book = Book(schedules, options)
    work = [
        Line(
            given,
            (given["line"], given["claim_id"], at),
            [each for name in range(1, 5) if (each := text_of(given, f"modifier_{name}"))],
        )
        for at, given in enumerate(lines)
    ]
    for line in work:
        one_line(line, book)
    _denied_by_others(work)
    for group in _groups([line for line in work if line.priced], lambda line: (*_physician(line), line.assistant)):
        tell_sides(group, options)
        for line in group:
            technical = None if line.is_anesthesia else line.technical_fee()
            line.pays = [line.whole(line.unit_fee)] * line.procedures
            line.reduced = [False] * line.procedures
            line.technical = None if technical is None else [line.whole(technical)] * line.procedures
        reduce_surgery(group)
        reduce_therapy(group)
        reduce_imaging(group)
        reduce_diagnostic(group, "6")
        reduce_diagnostic(group, "7")
    after_rules = {id(line): sum(line.pays, ZERO) for line in work}
    amounts = {id(line): _own_amount(line) for line in work if line.priced}
    if options.pair_charges_together:
        _charges_of_both_sides(amounts, work)
    taken = _deductibles(amounts, work)
    return [
        _result(line, amounts.get(id(line)), after_rules[id(line)], taken.get(id(line), ZERO), options)
        for line in work
    ]
