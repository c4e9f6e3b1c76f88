"""The rules in their order, over the lines of a batch in one era."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims.arrays import segments
from feecalc.pricing.claims.arrays.lines import Decisions, Lines
from feecalc.pricing.claims.arrays.modifier_effects import ModifierEffect
from feecalc.pricing.claims.arrays.row_flags import RowFlags
from feecalc.pricing.claims.arrays.trail import Trail
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.outcomes import MODIFIER_DOES_NOT_APPLY
from feecalc.pricing.claims.priced import Priced, Shares
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.rules import bilateral, billed_amount, bonus, unknown_indicator
from feecalc.pricing.rules.by_row import FlagsByRow, NotesByPlace
from feecalc.pricing.rules.order import RULES
from feecalc.pricing.rules.rule import Payment, RowChoice
from feecalc.pricing.rules.status import UNKNOWN, StatusRows


def choose_rows(
    lines: Lines,
    era: Era,
    rules: ClaimRules,
    code: Integers,
    row: Integers,
    place: Integers,
    modifiers: Sequence[Integers],
) -> Integers:
    """Decide ``billed_row``, ``row`` and ``notes``, with the outcomes of status, place and patient.

    Returns the positions of the lines whose rows are anesthesia's.
    ``row``: the global service's. ``place``: the number of each line's kind of place, of ``Places.kinds``.
    ``modifiers``: the numbers of each line's modifiers, by their place on it.
    """
    choice = RowChoice(lines, era, code, np.maximum(place, 0), modifiers, rules, row)
    for rule in RULES:
        if rule.choose_row is not None:
            rule.choose_row(choice)
    for rule in RULES:
        if rule.refuse_row is not None:
            rule.refuse_row(choice)
    lines.notes = choice.at_place(era.look_up(NotesByPlace).bits)
    for rule in RULES:
        if rule.read_line is not None:
            rule.read_line(choice)
    return np.flatnonzero(era.look_up(StatusRows).is_anesthesia[choice.row])


def apply(
    lines: Lines,
    era: Era,
    rules: ClaimRules,
    anesthetic: Integers,
    order: Integers | None = None,
    trail: Trail | None = None,
) -> Priced:
    """Price the lines: a line whose status is not priced takes no part in a rule.

    ``anesthetic``: the positions of the lines that anesthesia's own rule prices. ``order``: brings the lines of a group
    together, None where they are. ``trail``: where what each rule did is to be kept; where it is of all, the rules then
    look at every line, to the same end, and the lines of a group are together.
    """
    fee = era.amounts.fees(lines.row, lines.locality, lines.facility, lines.factor)
    row_flags = era.look_up(FlagsByRow).bits[lines.row]
    looked_at, ranked_alone = np.arange(len(lines)), _NO_LINES
    of_all = trail is not None and trail.of_all
    if not of_all:
        looked_at, ranked_alone = _apart(lines, row_flags, order)
    some = lines.take(looked_at)
    _check_modifiers(some, era, rules)
    if not of_all and len(anesthetic):
        is_anesthetic = np.zeros(len(lines), np.bool_)
        is_anesthetic[anesthetic] = True
        anesthetic = np.flatnonzero(is_anesthetic[looked_at])
    decided = Decisions.at_first(fee[looked_at], some.units, some.priced_at(anesthetic))
    decided.trail = trail
    for rule in RULES:
        if rule.set_fee is not None:
            rule.set_fee(some, decided, era)
    lines.status[looked_at] = some.status
    for rule in RULES:
        if rule.beside is not None:
            rule.beside(lines, row_flags, rules)
    some.status = lines.status[looked_at]
    for rule in RULES:
        if rule.decide is not None:
            rule.decide(some, decided, era, rules)
    lines.status[looked_at] = some.status
    if trail is not None:
        trail.place(looked_at)
    in_all = fee * lines.units
    of_some = decided.fee * some.units
    by_time = decided.anesthetic  # units do not multiply, but of an add-on code
    of_some[by_time] = decided.fee[by_time] * decided.procedures[by_time]
    paid = in_all.copy()
    paid[looked_at] = decided.several - decided.above_cap - decided.film_reduction
    in_all[looked_at] = of_some
    payment = Payment.of(lines, paid, billed_amount.pairs(decided, looked_at), era, rules, trail)
    payment.professional = bonus.professional(decided, looked_at)
    for rule in RULES:
        if rule.pay is not None:
            rule.pay(payment)
    ranked_alone = ranked_alone[era.look_up(FlagsByRow).ranked_by(rules)[lines.row[ranked_alone]]]
    split = Shares(payment.deductible, payment.coinsurance, payment.sequestration, payment.medicare, payment.bonus)
    notes = lines.notes.copy()
    notes[looked_at] |= decided.notes.astype(notes.dtype)
    return Priced(
        lines=lines,
        fee=in_all,
        allowed=payment.amounts,
        shares=split,
        practitioner=payment.practitioner,
        participation=payment.participation,
        medicare_rate=payment.medicare_rate,
        looked_at=looked_at,
        decided=decided,
        notes=notes,
        ranked_alone=ranked_alone,
        professional=payment.professional,
        before_charge=payment.before_charge,
    )


def _check_modifiers(lines: Lines, era: Era, rules: ClaimRules) -> None:
    """Give the lines whose modifiers do not apply to their codes, or whose modifier is not paid, their outcome.

    Every check is of one line by itself, and all come before the rules that look at several lines. Source: RVU25D.pdf,
    Attachment A.
    """
    if not (lines.does & ~ModifierEffect.SEPARATE).any():
        return
    for rule in RULES:
        if rule.leave_to_contractor is not None:
            rule.leave_to_contractor(lines, rules)
    for rule in RULES:
        if rule.has_unknown_indicator is not None:
            strange = rule.has_unknown_indicator(lines, era)
            if strange.any():
                lines.refuse(strange, era.outcomes.number(UNKNOWN, unknown_indicator.NOT_PRICED))
    for rule in RULES:
        if rule.does_not_apply is not None:
            lines.refuse(rule.does_not_apply(lines, era), MODIFIER_DOES_NOT_APPLY)
    for rule in RULES:
        if rule.refuse is not None:
            rule.refuse(lines, era)


# What other modifiers do is done before: they choose the row, or refuse the line; or they speak of its group alone.
_ACTS = ~(
    ModifierEffect.PROFESSIONAL | ModifierEffect.TECHNICAL | ModifierEffect.SEPARATE
    | ModifierEffect.REPEATED | ModifierEffect.PREVENTIVE
    | ModifierEffect.SCREENING_TURNED_DIAGNOSTIC | ModifierEffect.UNKNOWN
    | ModifierEffect.NOT_COVERED | ModifierEffect.NOT_NECESSARY | ModifierEffect.THERAPY_PLAN
    | ModifierEffect.MEDICAL_DIRECTION
)  # fmt: skip
_NO_LINES: Integers = np.zeros(0, np.int64)


def _apart(lines: Lines, row_flags: Integers, order: Integers | None) -> tuple[Integers, Integers]:
    """Return the lines that a rule may change; and of the others, those that a rule would rank but for being alone.

    A line whose row a rule for several lines ranks may change where its group practice has another such line, or
    another unit. The lines of a group are together in both.
    """

    def positions(chosen: Flags) -> Integers:
        return np.flatnonzero(chosen) if order is None else order[np.flatnonzero(chosen[order])]

    priced = lines.priced()
    others = ((lines.does & _ACTS) != 0) | ((row_flags & RowFlags.OTHER) != 0)
    others |= ((row_flags & RowFlags.TWO_UNITS) != 0) & (lines.units == bilateral.TWO)
    meeting = positions(((row_flags & RowFlags.SEVERAL) != 0) & priced)
    with_another = segments.shared(lines.practice[meeting], lines.units[meeting])
    with_another |= (lines.does[meeting] & ModifierEffect.SEPARATE) != 0
    others[meeting[with_another]] = True
    ranked_alone = meeting[~with_another]
    return positions(others & priced), ranked_alone[~others[ranked_alone]]
