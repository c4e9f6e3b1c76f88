"""Claims priced slowly and literally: the judge of the engine, sharing none of its code.

Plain Python and Decimal. It goes group by group and unit by unit as Pub. 100-04 ch. 12 says it; percentages stand in
``oracle_rules`` as literals. What the single-service tests already hold (conversion factor, places of service, status
letters, technical component, practitioner percents) is read from the reference rows. Money is in dollars.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from pricing.claims.oracle_line import (
    DISTINCT,
    EQUIPMENT,
    Book,
    Line,
    Options,
    Order,
    one_line,
    provider,
    rows_on,
    text_of,
)
from pricing.claims.oracle_rules import (
    ZERO,
    Endoscopy,
    Procedure,
    Ranked,
    TherapyUnit,
    cents,
    diagnostic_technical,
    endoscopy,
    equipment_percent,
    imaging_professional,
    imaging_technical,
    of,
    parts,
    screening_coinsurance,
    sequestration_percent,
    surgery,
    therapy,
    therapy_practice_expense,
)

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


def _sides(group: Sequence[Line], options: Options) -> None:
    """Step 3: how each line tells of both sides. The group is of one surgeon, or of the assistants."""
    for line in group:
        line.procedures = 1 if line.is_anesthesia else line.units
        indicator = line.row["bilateral_indicator"]
        both = line.has("50") or (line.has("RT") and line.has("LT"))
        two_units = (
            options.two_units_both_sides
            and line.units == 2
            and indicator in ("1", "2", "3")  # RVU25D.pdf names "a 2 in the units field" for these three
            and line.row["global_days"] != "ZZZ"
            and not line.has("50", "RT", "LT", "76", "77", *DISTINCT)
        )
        if not (both or two_units) or indicator not in ("0", "1", "2", "3"):
            continue
        sessions = 1 if two_units else line.units
        line.bilateral = {"0": Decimal(1), "1": Decimal("1.5"), "2": Decimal(1), "3": Decimal(2)}[indicator]
        line.procedures = sessions
        if indicator == "1":
            line.sides = "both"
        elif indicator == "3" and line.mppr in ("4", "6", "7"):
            line.procedures = 2 * sessions
        elif indicator == "3":
            line.sides = "double"
    right, left = ([line for line in group if _one_side(line, side)] for side in ("RT", "LT"))
    for line in right:
        other = next((each for each in left if _same_service(line, each)), None)
        if other is None or line.row["bilateral_indicator"] not in ("0", "1", "2"):
            continue
        left.remove(other)
        first, second = sorted((line, other), key=lambda each: each.order)
        first.other_side = second
        if line.row["bilateral_indicator"] == "1":
            first.bilateral, second.bilateral = Decimal(1), Decimal("0.5")
            first.partner, second.partner = second, first
            second.sides = "second"
        else:
            first.bilateral, second.bilateral = Decimal(1), Decimal(0)
            second.status, second.by_another = "bundled", True


def _one_side(line: Line, side: str) -> bool:
    other = {"RT": "LT", "LT": "RT"}[side]
    return line.has(side) and not line.has(other, "50") and line.units == 1 and not line.is_anesthesia


def _same_service(one: Line, other: Line) -> bool:
    return (
        one.row["hcpcs"] == other.row["hcpcs"]
        and one.component == other.component
        and one.unit_fee == other.unit_fee
    )


@dataclass
class _Entity:
    """What ranks as one among the surgery of a day: a unit, a pair of sides, or a family of endoscopies."""

    amount: Decimal
    order: Order
    pays: list[tuple[Line, Decimal]]


def _surgical(group: Sequence[Line]) -> None:
    """Indicators 2 and 3: families first, then the ranking."""
    lines = [line for line in group if line.priced and line.mppr in ("2", "3")]
    entities: list[_Entity] = []
    families: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if line.mppr == "3" and line.row["endoscopic_base"]:
            families[line.row["endoscopic_base"]].append(line)
    taken: set[int] = set()
    for base, members in families.items():
        beside = [line for line in lines if line.row["hcpcs"] == base and line.component == "" and line not in members]
        if sum(_count(line) for line in [*members, *beside]) < 2:
            continue
        entities.append(_family(base, members))
        for line in beside:
            line.status, line.by_another, line.is_base = "bundled", True, True
        taken |= {id(line) for line in [*members, *beside]}
    for line in lines:
        if id(line) in taken:
            continue
        if line.partner is None:
            unit = _Entity(line.both_sides(line.unit_fee), line.order, [(line, line.whole(line.unit_fee))])
            entities += [unit] * line.procedures
        elif line.sides != "second":
            both = [line, line.partner]
            amount = sum((each.both_sides(each.unit_fee) for each in both), ZERO)
            entities.append(_Entity(amount, line.order, [(each, each.whole(each.unit_fee)) for each in both]))
    for entity, ranked in zip(
        entities, surgery([Procedure(each.amount, each.order) for each in entities]), strict=True
    ):
        for line, amount in entity.pays:
            if not line.in_a_rule:
                line.in_a_rule, line.pays = True, []
            if line.technical is not None:
                line.technical[len(line.pays)] = of(line.technical[len(line.pays)], ranked.percent)
            line.pays.append(of(amount, ranked.percent))
            line.ranks.append(ranked.rank)


def _count(line: Line) -> int:
    """A pair of sides is one procedure: its second line adds none."""
    return 0 if line.sides == "second" else line.procedures


def _family(base: str, members: Sequence[Line]) -> _Entity:
    """The endoscopies of one family as one: each line's sum, by what ranks and by what is paid."""
    leading = [line for line in members if line.sides != "second"]
    one_each = [line for line in leading for _ in range(line.procedures)]

    def together(
        amount: Callable[[Line], Decimal], less: Callable[[Line, Decimal], Decimal]
    ) -> dict[int, list[Decimal]]:
        units: list[Endoscopy] = []
        for line in leading:
            whole = amount(line) + (amount(line.partner) if line.partner else ZERO)
            unit = Endoscopy(line.unit_fee, whole, less(line, _base_fee(base, line)), line.order)
            units += [unit] * line.procedures
        found: dict[int, list[Decimal]] = defaultdict(list)
        for line, unit, paid in zip(one_each, units, endoscopy(units), strict=True):
            if line.partner is None:
                found[id(line)].append(paid)
                continue
            taken_off = unit.amount - paid
            first = max(ZERO, amount(line) - taken_off)
            found[id(line)].append(first)
            found[id(line.partner)].append(paid - first)
        return found

    ranking = together(lambda line: line.both_sides(line.unit_fee), lambda _, fee: fee)
    paying = together(lambda line: line.whole(line.unit_fee), lambda line, fee: line.after_percents(fee))
    order = min(line.order for line in members)
    amount = sum((each for line in members for each in ranking[id(line)]), ZERO)
    return _Entity(amount, order, [(line, sum(paying[id(line)], ZERO)) for line in members])


def _base_fee(base: str, line: Line) -> Decimal:
    assert line.book is not None
    row = line.book.of(line.schedule, base).get("")
    return line.fee(row) if row is not None and row["status_indicator"] in "ART" else ZERO


def _therapy(group: Sequence[Line]) -> None:
    lines = [line for line in group if line.priced and line.mppr == "5"]
    owners, units = [], []
    for line in lines:
        low = line.fee(line.row, therapy_practice_expense(line.day))
        pe = line.row[f"pe_rvu_{line.setting}"]
        unit = TherapyUnit(pe, line.unit_fee, line.whole(line.unit_fee), line.whole(low), line.order)
        owners += [line] * line.procedures
        units += [unit] * line.procedures
    if units:
        _settle(owners, therapy(units))


def _settle(owners: Sequence[Line], found: Sequence[Ranked]) -> None:
    for line, ranked in zip(owners, found, strict=True):
        if not line.in_a_rule:
            line.in_a_rule, line.pays = True, []
        line.pays.append(ranked.paid)
        line.ranks.append(ranked.rank)


@dataclass
class _Part:
    line: Line
    unit: int
    procedure: Procedure


def _imaging(group: Sequence[Line]) -> None:
    """Indicator 4, family 88: the technical parts of the day, and the professional parts, each ranked by themselves."""
    lines = [
        line
        for line in group
        if line.priced and line.mppr == "4" and line.row["imaging_family"] == "88" and not line.has(*DISTINCT)
    ]
    technical: list[_Part] = []
    professional: list[_Part] = []
    for line in lines:
        fees: list[tuple[list[_Part], Decimal]] = []
        if line.component == "TC":
            fees = [(technical, line.unit_fee)]
        elif line.component == "26":
            fees = [(professional, line.unit_fee)]
        elif "26" in line.rows and "TC" in line.rows:
            fees = [(technical, line.fee(line.rows["TC"])), (professional, line.fee(line.rows["26"]))]
        for where, fee in fees:
            _add_parts(where, line, fee)
    _reduce(technical, imaging_technical, of_technical=True)
    _reduce(professional, imaging_professional, of_technical=False)


def _add_parts(where: list[_Part], line: Line, fee: Decimal) -> None:
    one = Procedure(line.both_sides(fee), line.order, line.whole(fee))
    where += [_Part(line, unit, one) for unit in range(line.procedures)]


def _reduce(found: Sequence[_Part], percent: Callable[[date], int], *, of_technical: bool) -> None:
    if not found:
        return
    ranked = parts([each.procedure for each in found], percent(found[0].line.day))
    for each, rank in zip(found, ranked, strict=True):
        line = each.line
        line.in_a_rule = True
        line.pays[each.unit] -= each.procedure.pays - rank.paid
        line.reduced[each.unit] |= rank.percent != 100
        if of_technical:
            assert line.technical is not None
            line.technical[each.unit] = rank.paid
        if of_technical or line.component == "26":
            line.ranks.append(rank.rank)


def _diagnostic(group: Sequence[Line], mppr: str) -> None:
    """Indicators 6 and 7: the technical parts only."""
    found: list[_Part] = []
    for line in group:
        if line.priced and line.mppr == mppr and (fee := line.technical_fee()) is not None:
            _add_parts(found, line, fee)
    _reduce(found, lambda day: diagnostic_technical(mppr, day), of_technical=True)


def _all_technical(line: Line) -> bool:
    return line.component == "TC" or line.row["pctc_indicator"] == "3"


def _capped(line: Line) -> None:
    """Step 6, unit by unit: DRA 5102(b), after the many-procedure rules."""
    if line.is_anesthesia:
        return
    own = line.cap(line.row)
    part_row = line.rows.get("TC") if line.component == "" and line.row["pctc_indicator"] == "1" else None
    part_cap = None if part_row is None else line.cap(part_row)
    all_technical = _all_technical(line)
    for unit in range(len(line.pays)):
        was_reduced = unit < len(line.reduced) and line.reduced[unit]
        if own is not None and (all_technical or not was_reduced):
            line.pays[unit] = min(line.pays[unit], line.both_sides(own))
        elif was_reduced and part_cap is not None and line.technical is not None:
            line.pays[unit] -= max(ZERO, line.technical[unit] - line.both_sides(part_cap))
        if line.technical is not None:
            ceiling = own if all_technical else part_cap
            if ceiling is not None:
                line.technical[unit] = min(line.technical[unit], line.both_sides(ceiling))
    if own is not None:
        line.ceiling = line.both_sides(own) * line.procedures


def _equipment(line: Line, amount: Decimal) -> Decimal:
    """Step 7: percentages of the technical part of a line."""
    if not line.has(*EQUIPMENT) or line.technical is None:
        return amount
    part = amount if _all_technical(line) else sum(line.technical, ZERO)
    for modifier in EQUIPMENT:
        if line.has(modifier):
            left = of(part, equipment_percent(modifier, line.day))
            amount, part = amount - (part - left), left
    return amount


def _own_amount(line: Line) -> Decimal:
    """Steps 6, 7 and 8: what the line comes to before its charge is looked at."""
    given = line.given
    _capped(line)
    amount = _equipment(line, sum(line.pays, ZERO))
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
        _sides(group, options)
        for line in group:
            technical = None if line.is_anesthesia else line.technical_fee()
            line.pays = [line.whole(line.unit_fee)] * line.procedures
            line.reduced = [False] * line.procedures
            line.technical = None if technical is None else [line.whole(technical)] * line.procedures
        _surgical(group)
        _therapy(group)
        _imaging(group)
        _diagnostic(group, "6")
        _diagnostic(group, "7")
    after_rules = {id(line): sum(line.pays, ZERO) for line in work}
    amounts = {id(line): _own_amount(line) for line in work if line.priced}
    if options.pair_charges_together:
        _charges_of_both_sides(amounts, work)
    taken = _deductibles(amounts, work)
    return [
        _result(line, amounts.get(id(line)), after_rules[id(line)], taken.get(id(line), ZERO), options)
        for line in work
    ]
