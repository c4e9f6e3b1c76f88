"""The sides of a service, and surgery and endoscopy of a day, as ``oracle`` ranks and reduces them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pricing.claims.oracle_line import DISTINCT, SPLIT_CARE, Line, Options, Order
from pricing.claims.oracle_rules import ZERO, Endoscopy, Procedure, endoscopy, of, surgery


def tell_sides(group: Sequence[Line], options: Options) -> None:
    """Step 3: how each line tells of both sides. The group is of one surgeon, or of the assistants."""
    for line in group:
        line.procedures = line.units
        indicator = line.row["bilateral_indicator"]
        both = line.has("50") or (line.has("RT") and line.has("LT"))
        two_units = (
            options.two_units_both_sides
            and line.units == 2
            and not line.is_anesthesia
            and indicator in ("1", "2", "3")  # RVU25D.pdf names "a 2 in the units field" for these three
            and line.row["global_days"] != "ZZZ"
            and not line.has("50", "RT", "LT", "76", "77", *DISTINCT)
        )
        if not (both or two_units) or indicator not in ("0", "1", "2", "3"):
            continue
        sessions = 1 if two_units else line.units
        line.bilateral = {"0": Decimal(1), "1": Decimal("1.5"), "2": Decimal(1), "3": Decimal(2)}[indicator]
        line.procedures = sessions
        if line.has("78") and indicator != "3":  # sec. 40.4.C: on a return the bilateral rule does not also apply
            line.bilateral = Decimal(1)
            continue
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
    alone = not line.has(other, "50", "78") and line.units == 1 and not line.is_anesthesia
    return line.has(side) and alone


def _same_service(one: Line, other: Line) -> bool:
    return (
        one.row["hcpcs"] == other.row["hcpcs"]
        and one.component == other.component
        and one.unit_fee == other.unit_fee
        and all(one.has(role) == other.has(role) for role in ("54", "55", "56", "62", "66"))
    )


@dataclass
class _Entity:
    """What ranks as one among the surgery of a day: a unit, a pair of sides, or a family of endoscopies."""

    amount: Decimal
    order: Order
    pays: list[tuple[Line, Decimal]]


def reduce_surgery(group: Sequence[Line]) -> None:
    """Indicators 2 and 3: families first, then the ranking."""
    lines = [line for line in group if line.priced and line.mppr in ("2", "3") and not line.has("78")]  # 40.4.C, 40.6.D
    parts = _parts_of_operations(lines)
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
        if id(line) in taken or id(line) in parts:
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
        entity.pays += [
            (part, part.whole(part.unit_fee)) for line, _ in entity.pays[:] for part in parts.get(("of", id(line)), [])
        ]
        for line, amount in entity.pays:
            if not line.in_a_rule:
                line.in_a_rule, line.pays = True, []
            if line.technical is not None:
                line.technical[len(line.pays)] = of(line.technical[len(line.pays)], ranked.percent)
            if line.professional is not None:
                line.professional[len(line.pays)] = of(line.professional[len(line.pays)], ranked.percent)
            line.pays.append(of(amount, ranked.percent))
            line.ranks.append(ranked.rank)


def _parts_of_operations(lines: Sequence[Line]) -> dict[Any, list[Line]]:
    """Care (55, 56) that is part of a procedure on another line (40.4.B): by the part, and by the line it is part of.

    That line is the first 54 of the code and side, or else the first of such care.
    """
    found: dict[Any, list[Line]] = {}
    split = [line for line in lines if line.has(*SPLIT_CARE) and line.sides != "second"]
    for line in split:
        if line.has("54"):
            continue
        alike = [each for each in split if _of_one_procedure(line, each)]
        whole = min(alike, key=lambda each: (not each.has("54"), each.order))
        if whole is not line:
            both = [line] if line.partner is None else [line, line.partner]
            found.setdefault(("of", id(whole)), []).extend(both)
            found |= {id(each): [] for each in both}
    return found


def _of_one_procedure(one: Line, other: Line) -> bool:
    if one.row is not other.row or (one.partner is None) != (other.partner is None):
        return False
    return one.partner is not None or all(one.has(side) == other.has(side) for side in ("RT", "LT", "50"))


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
