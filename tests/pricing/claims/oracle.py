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

from pricing.claims.oracle_line import EQUIPMENT, Book, Line, Options, rows_on, text_of
from pricing.claims.oracle_one_line import one_line, provider
from pricing.claims.oracle_parts import after_equipment, cap_units, reduce_diagnostic, reduce_imaging, reduce_therapy
from pricing.claims.oracle_rules import ZERO, cents, cost_share, is_screening_code, of, sequestration_percent
from pricing.claims.oracle_surgery import reduce_surgery, tell_sides

from feecalc.pricing.schedule import FeeSchedule

__all__ = ["Options", "price_claims"]


def _with_npis_of_claim(lines: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """A blank NPI is the only one of its kind that the claim names; so is a specialty where none rendered a line."""
    claims: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)

    def key(line: Mapping[str, Any]) -> tuple[str, str]:
        return text_of(line, "beneficiary_id"), line["claim_id"]

    for line in lines:
        claims[key(line)].append(line)
    found: list[Mapping[str, Any]] = []
    for line in lines:
        own, same = dict(line), claims[key(line)]
        for name in ("billing_npi", "rendering_npi"):
            named = {text_of(each, name) for each in same} - {""}
            if not text_of(line, name) and len(named) == 1:
                own[name] = next(iter(named))
        said = {_specialty(each) for each in same} - {""}
        if not _specialty(line) and len(said) == 1 and not any(text_of(each, "rendering_npi") for each in same):
            own["specialty"] = next(iter(said))
        found.append(own)
    return found


def _specialty(line: Mapping[str, Any]) -> str:
    text = text_of(line, "specialty").strip().upper()
    return f"0{text}" if len(text) == 1 else text


def _groups(lines: Sequence[Line], key: Callable[[Line], tuple[Any, ...]]) -> list[list[Line]]:
    found: dict[tuple[Any, ...], list[Line]] = defaultdict(list)
    for line in lines:
        found[key(line)].append(line)
    return [sorted(group, key=lambda line: line.order) for group in found.values()]


def _patient(line: Line) -> tuple[Any, ...]:
    whose = text_of(line.given, "beneficiary_id")
    return (("beneficiary", whose) if whose else ("claim", line.given["claim_id"]), line.given.get("date_of_service"))


def _practice(line: Line) -> tuple[Any, ...]:
    return (*_patient(line), text_of(line.given, "billing_npi") or text_of(line.given, "rendering_npi"))


def _physicians(lines: Sequence[Line]) -> Callable[[Line], tuple[Any, ...]]:
    """Sec. 30.6.5: one group and one specialty is one physician; of no known specialty each NPI is one."""
    said: dict[tuple[Any, ...], set[str]] = defaultdict(set)

    def written(line: Line) -> str:
        return _specialty(line.given)

    def who(line: Line) -> tuple[Any, ...]:
        return _patient(line)[0], text_of(line.given, "rendering_npi")

    for line in lines:
        said[who(line)] |= {written(line)} - {""}

    def physician(line: Line) -> tuple[Any, ...]:
        npi, named = text_of(line.given, "rendering_npi"), said[who(line)]
        specialty = written(line) if not npi else next(iter(named)) if len(named) == 1 else ""
        return (*_practice(line), *(("specialty", specialty) if specialty else ("NPI", npi)))

    return physician


def _surgeons(lines: Sequence[Line], physician: Callable[[Line], tuple[Any, ...]]) -> Callable[[Line], tuple[Any, ...]]:
    """Each assistant by himself; secs. 40.6.A, 40.8.B: two lines of one code with 62 are two surgeons."""

    def surgeon(line: Line) -> tuple[Any, ...]:
        if line.assistant:
            return ("assistant", text_of(line.given, "rendering_npi"))
        if not line.has("62"):
            return ("surgeon", 0)
        parts = ("RT", "LT", "50", "54", "55", "56")
        former = [
            each for each in lines
            if each.has("62") and not each.assistant and each.row is line.row and physician(each) == physician(line)
            and each.order < line.order and all(each.has(part) == line.has(part) for part in parts)
        ]  # fmt: skip
        return ("surgeon", len(former))

    found = {id(line): surgeon(line) for line in lines}
    return lambda line: found[id(line)]


def _is_t(line: Line) -> bool:
    return not line.is_anesthesia and line.row["status_indicator"] == "T"


def _is_add_on(line: Line) -> bool:
    return line.row["global_days"] == "ZZZ"


def _denied_by_others(lines: Sequence[Line], physician: Callable[[Line], tuple[Any, ...]]) -> None:
    """Step 10, all at once on the lines as they stand: status T, and add-on codes without a primary."""
    priced = [line for line in lines if line.priced]
    denied: list[tuple[Line, str]] = []
    for group in _groups(priced, physician):
        if any(not _is_t(line) for line in group):
            denied += [(line, "bundled") for line in group if _is_t(line)]
    for group in _groups(priced, _patient):
        if all(_is_add_on(line) for line in group):
            # Sec. 30.6.12(I): of critical care the first hour may be a colleague's of the group.
            alone = [line for line in group if text_of(line.given, "hcpcs") != "99292"]
            denied += [(line, "add_on_without_primary") for line in alone]
    for line, status in denied:
        line.status, line.by_another = status, True


def _sessions_of_anesthesia(lines: Sequence[Line], physician: Callable[[Line], tuple[Any, ...]]) -> None:
    """Sec. 50.E: the highest base units with the time of all; a physician's cases and an anesthetist's are two."""

    def whose(line: Line) -> tuple[Any, ...]:
        return (*physician(line), provider(line.given), line.asked_anesthesia in ("QX", "QZ"))

    for group in _groups([line for line in lines if line.priced and line.in_session], whose):
        first = max(group, key=lambda line: line.base_units or 0)  # of equal ones the first in order
        first.unit_fee = first.anesthesia_fee(sum(line.own_minutes or 0 for line in group))
        for line in group:
            if line is not first:
                line.status, line.by_another = "bundled", True


def _first_bills(lines: Sequence[Line]) -> None:
    """Sec. 40.8.C.4: of a surgery with indicator 0 the first bill with 62 (or 66) is paid, and no later one."""
    for modifier, column in (("62", "cosurgeon_indicator"), ("66", "team_indicator")):
        joint = [each for each in lines if each.priced and each.has(modifier) and each.row[column] == "0"]

        def of(line: Line) -> tuple[Any, ...]:
            parts = tuple(line.has(part) for part in ("RT", "LT", "50", "54", "55", "56"))
            return (*_patient(line), id(line.row), parts)

        for group in _groups(joint, of):
            for line in group[1:]:
                line.status = "cosurgery_not_paid"


def _own_amount(line: Line) -> Decimal:
    """Steps 6, 7 and 8: what the line comes to before its charge is looked at."""
    cap_units(line)
    amount = line.on_the_schedule = after_equipment(line, sum(line.pays, ZERO))
    line.before_charge = _of_biller(line, amount)
    return line.before_charge


def _of_biller(line: Line, amount: Decimal) -> Decimal:
    (biller,) = rows_on("provider_type", line.day, provider_type=provider(line.given))
    if not line.has("AS"):
        amount = of(amount, biller["value"])
    if line.given.get("participating") is False and not biller["mandatory_assignment"]:
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
                each.paid_by_charge_of = None if each.priced else first  # nothing of its own: see _charge_factor
                each.status, each.by_another = "priced", False
                amounts[id(each)] = amount


def _terms(work: Sequence[Line]) -> None:
    """Step 9: what the patient pays of each line, by its code, its modifiers and the others of its claim and day."""
    days = _groups(work, lambda line: (*_patient(line), line.given["claim_id"]))
    for same in days:
        codes = [text_of(each.given, "hcpcs") for each in same if each.priced]
        turned = any(
            each.has("PT") and is_screening_code(text_of(each.given, "hcpcs"), each.day)
            for each in same
            if each.priced or each.by_another
        )
        for line in same:
            if line.priced:
                line.terms = cost_share(text_of(line.given, "hcpcs"), line.modifiers, line.day, codes, turned=turned)


def _deductibles(amounts: dict[int, Decimal], work: Sequence[Line]) -> dict[int, Decimal]:
    """Step 10: what is left before a claim, the most that a line of it says, taken line by line, the earliest first."""
    taken: dict[int, Decimal] = {}
    for claim in _groups(work, lambda line: (text_of(line.given, "beneficiary_id"), line.given["claim_id"])):
        left = max(each.given.get("deductible_left") or ZERO for each in claim)
        for line in sorted((each for each in claim if each.priced), key=lambda each: (each.day, each.given["line"])):
            if line.terms[1] and left > 0:
                amount, charge = amounts[id(line)], _charge(line)
                taken[id(line)] = min(left, amount if charge is None else min(amount, charge))
                left -= taken[id(line)]
    return taken


def _bonus(line: Line, paid: Decimal) -> Decimal | None:
    """Ch. 12 sec. 90.4: AQ, 10 percent of what is paid for a physician's professional service; of a global its part."""
    if not line.has("AQ"):
        return None
    if provider(line.given) != "physician" or line.bonus_part == "none":
        return ZERO
    if line.bonus_part == "whole":
        return of(paid, 10)
    fee = line.professional_fee()
    if fee is None:
        return None
    if line.on_the_schedule and line.professional is not None:
        part = min(sum(line.professional, ZERO), line.on_the_schedule)
        return cents(Fraction(paid) * Fraction(part) / Fraction(line.on_the_schedule) / 10)
    whole = line.unit_fee
    return cents(Fraction(paid) * Fraction(line.whole(fee)) / Fraction(whole) / 10) if whole else ZERO


def _shares(line: Line, amount: Decimal, deductible: Decimal, options: Options) -> dict[str, Any]:
    """Steps 9 and 11."""
    day, billed = line.day, _charge(line)
    allowed = amount if billed is None else min(amount, billed)
    coinsurance = of(allowed - deductible, line.terms[0])
    medicare = allowed - deductible - coinsurance
    if line.has("CQ", "CO") and day >= date(2022, 1, 1):
        medicare = of(medicare, 85)  # SSA 1834(v)
    if options.mips_percent is not None:
        medicare += of(medicare, options.mips_percent)
    sequestered = of(medicare, sequestration_percent(day)) if options.sequestration else ZERO
    before = ZERO if options.bonus_after_sequestration else sequestered
    return {
        "bonus": _bonus(line, medicare - sequestered + before),
        "allowed_amount": allowed,
        "medicare_paid": medicare - sequestered,
        "patient_share": deductible + coinsurance,
        "sequestration": sequestered,
        "contractual_adjustment": None if billed is None else billed - allowed,
    }


def _ratio(number: Fraction, places: int) -> Decimal:
    scaled = floor(number * 10**places + Fraction(1, 2))
    return Decimal(scaled).scaleb(-places)


def _told(after: Decimal, before: Decimal) -> Decimal:
    """The factor of four places where the amount follows from it, else of eight."""
    short = _ratio(Fraction(after) / Fraction(before), 4)
    return short if cents(before * short) == after else _ratio(Fraction(after) / Fraction(before), 8)


def _result(
    line: Line, amount: Decimal | None, before_caps: Decimal, deductible: Decimal, options: Options
) -> dict[str, Any]:
    money: dict[str, Any] = dict.fromkeys(
        ("allowed_amount", "medicare_paid", "patient_share", "sequestration", "contractual_adjustment")
    )
    found: dict[str, Any] = {
        "setting": (line.rate if line.priced else line.setting) if line.schedule else None,
        "fee_schedule_amount": None,
        "bilateral_factor": None,
        "modifier_factor": None,
        "mppr_factor": None,
        "opps_cap": None,
        "charge_factor": None,
        "bonus": None,
        **money,
        "pricing_status": line.status,
        "carc": "54" if line.status in ("assistant_not_paid", "cosurgery_not_paid") else None,
        "rank": None,
        "release": line.schedule.release.name if line.schedule else None,
    }
    if line.priced or line.by_another:
        found["fee_schedule_amount"] = line.unit_fee * line.units
    if line.by_another:
        found |= dict.fromkeys(money, ZERO)
        found["bilateral_factor"] = line.bilateral
        found["mppr_factor"] = Decimal(0) if line.is_base else None
        found["contractual_adjustment"] = _charge(line)
        found["carc"] = "234" if line.status == "add_on_without_primary" else "97"
    if line.priced and amount is not None:
        before = line.whole(line.unit_fee) * line.procedures
        found |= _shares(line, amount, deductible, options)
        percents = (line.paid_by_charge_of or line).percents()
        product = Fraction(1)
        for percent in percents:
            product *= percent / 100
        found["bilateral_factor"] = None if line.paid_by_charge_of else line.bilateral
        found["charge_factor"] = _charge_factor(line, found["allowed_amount"], product)
        found["modifier_factor"] = _ratio(product, 6) if percents else None
        if line.in_a_rule:
            found["mppr_factor"] = _told(before_caps, before) if before else Decimal(1)
            found["rank"] = min(line.ranks, default=None)
        found["opps_cap"] = line.ceiling
        found["carc"] = None if _is_reduced(line, found) else "45" if (found["contractual_adjustment"] or 0) > 0 else ""
    return found


def _charge_factor(line: Line, allowed: Decimal, percents: Fraction) -> Decimal | None:
    """What the charge makes of the amount: the factor left where every other one has been taken.

    Of a second side that has no amount of its own, the amount is one side's fee, reduced as the first side's.
    """
    before = line.before_charge
    if line.paid_by_charge_of:
        before = _of_biller(line, cents(Fraction(line.unit_fee * line.units) * percents))
    return None if allowed == before else _told(allowed, before) if before else Decimal(1)


def _is_reduced(line: Line, found: Mapping[str, Any]) -> bool:
    """Whether another code than 45 may come first: what several procedures or old equipment take."""
    return found["mppr_factor"] not in (None, 1) or line.has(*EQUIPMENT)


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
        for at, given in enumerate(_with_npis_of_claim(lines))
    ]
    for line in work:
        one_line(line, book)
    physician = _physicians(work)
    _first_bills(work)
    _sessions_of_anesthesia(work, physician)
    _denied_by_others(work, physician)
    priced = [line for line in work if line.priced]
    surgeon = _surgeons(priced, physician)
    for group in _groups(priced, lambda line: (physician(line), surgeon(line))):
        tell_sides(group, options)
        for line in group:
            technical = None if line.is_anesthesia else line.technical_fee()
            line.pays = [line.whole(line.unit_fee)] * line.procedures
            line.reduced = [False] * line.procedures
            line.technical = None if technical is None else [line.whole(technical)] * line.procedures
            is_part = not line.is_anesthesia and line.bonus_part == "professional"
            professional = line.professional_fee() if is_part else None
            line.professional = None if professional is None else [line.whole(professional)] * line.procedures
        reduce_surgery(group)
    # These look at the group practice, of whatever specialties: ch. 5 sec. 10.7; CR 9647.
    for group in _groups(priced, lambda line: (_practice(line), surgeon(line))):
        reduce_therapy(group)
        reduce_imaging(group)
        reduce_diagnostic(group, "6")
        reduce_diagnostic(group, "7")
    after_rules = {id(line): sum(line.pays, ZERO) for line in work}
    amounts = {id(line): _own_amount(line) for line in work if line.priced}
    if options.pair_charges_together:
        _charges_of_both_sides(amounts, work)
    _terms(work)
    taken = _deductibles(amounts, work)
    return [
        _result(line, amounts.get(id(line)), after_rules[id(line)], taken.get(id(line), ZERO), options)
        for line in work
    ]
