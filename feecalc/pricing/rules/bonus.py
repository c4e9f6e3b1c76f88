"""The bonus of a health professional shortage area (modifier AQ): a percent of what Medicare pays, paid apart.

It is of physicians' professional services: nothing of a technical part, and of a global service the professional part
alone. It is no part of the allowed amount nor of Medicare's payment of the line. That the place was designated on
December 31 of the year before is the biller's word; a bonus that comes by the ZIP code, without AQ, is not computed.
Percent, parts and billers: reference/bonus.toml. Source: SSA 1833(m); Pub. 100-04 ch. 12 sec. 90.4.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from feecalc.money import rounded
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims.arrays import percent
from feecalc.pricing.claims.arrays.lines import NONE, Decisions, Lines, ProfessionalShare
from feecalc.pricing.claims.arrays.modifier_effects import ModifierEffect
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.eras.rows import COMPONENTS
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.receipt import shown
from feecalc.pricing.rules import parts, surgery
from feecalc.pricing.rules.receipt_steps import Case, RuleStep, percent_of, rule_source, usd
from feecalc.pricing.rules.rule import LookUp, Payment, RowChoice, Rule, priced_with
from feecalc.pricing.rules.status import StatusRows
from feecalc.pricing.rules.surgery import SurgeryRows

_TABLE = "bonus"
_NO_PART, _PROFESSIONAL, _WHOLE = range(3)
_PARTS = {"none": _NO_PART, "professional": _PROFESSIONAL, "whole": _WHOLE}
_RETURNED = "modifier_does_not_apply"


class BonusRows(LookUp):
    """Look up which services and billers have a bonus, and how much."""

    @cached_property
    def rate(self) -> int:
        """Return the percent of what is paid, 0 where no bonus is in force."""
        rows = self.book.rows(_TABLE, kind="percent")
        return percent.rate(rows[0]["value"]) if rows else 0

    @cached_property
    def sequestration_taken(self) -> int:
        """Return how much of the sequestration comes off what is paid before the bonus is taken."""
        rows = self.book.rows(_TABLE, kind="after_sequestration")
        return percent.rate(rows[0]["value"]) if rows else 0

    @cached_property
    def part(self) -> Integers:
        """Return which part of each row has a bonus; of anesthesia the modifier says it."""
        found = np.full(self.rows.rvu.height, _NO_PART)
        rows = self.book.rows(_TABLE, kind="part")
        for row in rows:
            found[self.rows.have("pctc_indicator", *row.get("pctc_indicators", ()))] = _PARTS[row["part"]]
        for row in rows:
            if "component" in row:
                found[self.rows.component == COMPONENTS.index(row["component"])] = _PARTS[row["part"]]
        return found

    @cached_property
    def anesthetists(self) -> Integers:
        """Return the modifiers, as words' numbers, with which anesthesia has a bonus."""
        rows = self.book.rows(_TABLE, kind="part")
        at = self.rows.words.modifiers.at
        return np.array([at[word] for row in rows for word in row.get("anesthesia_modifiers", ())], np.int64)

    @cached_property
    def is_of_biller(self) -> Flags:
        """Mark the provider types that have a bonus. Shape: [provider type + 1]."""
        words = self.rows.words.provider_types
        found = np.zeros(len(words.listed) + 1, np.bool_)
        for row in self.book.rows(_TABLE, kind="biller"):
            found[[words.at[word] for word in row["provider_types"]]] = True
        return found

    @cached_property
    def returned(self) -> dict[str, str]:
        """Return the codes whose claim for a bonus is returned, each with the reason."""
        rows = self.book.rows(_TABLE, kind="unprocessable")
        return {code: row["reason"] for row in rows for code in row["codes"]}


def refuse_row(choice: RowChoice) -> None:
    """Refuse the whole tests whose claim for a bonus is returned."""
    lines = choice.lines
    at = lines.priced_at(lines.with_modifier(ModifierEffect.SHORTAGE_AREA))
    if not len(at):
        return
    for code, reason in choice.era.look_up(BonusRows).returned.items():
        of_code = at[choice.era.rows.have("hcpcs", code)[choice.row[at]]]
        lines.refuse_at(of_code, choice.era.outcomes.number(_RETURNED, reason))


def read_line(choice: RowChoice) -> None:
    """Note the lines with AQ that have no bonus: no physician's, or no professional service."""
    lines = choice.lines
    at = lines.with_modifier(ModifierEffect.SHORTAGE_AREA)
    if not len(at):
        return
    table = choice.era.look_up(BonusRows)
    has_bonus = table.part[choice.row[at]] != _NO_PART
    by_anesthetist = np.zeros(len(at), np.bool_)
    for modifier in choice.modifiers:
        by_anesthetist |= np.isin(modifier[at], table.anesthetists)
    is_anesthesia = choice.era.look_up(StatusRows).is_anesthesia[choice.row[at]]
    has_bonus = np.where(is_anesthesia, by_anesthetist, has_bonus) & table.is_of_biller[lines.biller[at]]
    lines.notes[at[~has_bonus]] |= Note.NO_BONUS


def decide(lines: Lines, decided: Decisions, era: Era, rules: ClaimRules) -> None:
    """Decide ``professional``: the part of global services that has a bonus, after the other rules of the service."""
    at = lines.with_modifier(ModifierEffect.SHORTAGE_AREA)
    if not len(at):
        return
    is_part = era.look_up(BonusRows).part[lines.row[at]] == _PROFESSIONAL
    at = at[is_part & ~era.look_up(StatusRows).is_anesthesia[lines.row[at]]]
    if not len(at):
        return
    fee = parts.professional_fees(lines, era, at)
    count, before = parts.count(decided, at), decided.professional_before[at]
    known = parts.as_paid(decided, at, np.maximum(fee, 0))
    later = np.where(before >= 0, percent.share(known, decided.professional_rate[at]), known)
    part = np.where(before > 0, later, known) + (count - 1) * later
    surgical = era.look_up(SurgeryRows).ranked[lines.row[at]] & (decided.rank[at] > 0)
    by_rank = percent.by_rank(known, decided.rank[at] - 1, count, surgery.rates_of(era, rules))
    whole = decided.several[at] - decided.above_cap[at] - decided.film_reduction[at]
    part = np.minimum(np.where(surgical, by_rank, part), whole)
    # the other side of a pair whose fee stands on the first line: what the charges leave it is shared as the fee is
    is_paid = lines.priced()[at] & (whole > 0)
    part, whole = np.where(is_paid, part, fee), np.where(is_paid, whole, decided.fee[at])
    decided.professional = ProfessionalShare(at, np.where(fee < 0, NONE, part), whole)


def professional(decided: Decisions, at: Integers) -> ProfessionalShare | None:
    """Return the same parts by the lines of a batch. ``at``: the lines of ``decided``."""
    own = decided.professional
    return own and ProfessionalShare(at[own.at], own.part, own.of)


def pay(payment: Payment) -> None:
    """Decide the bonus of the lines with AQ: of what is paid, after sequestration unless that is left out."""
    lines = payment.lines
    at = priced_with(lines, ModifierEffect.SHORTAGE_AREA)
    if not len(at):
        return
    table = payment.era.look_up(BonusRows)
    kept = table.sequestration_taken if payment.rules.bonus_after_sequestration else 0
    paid = payment.medicare + percent.share(payment.sequestration, percent.WHOLE - kept)
    found = np.full(len(lines), NONE)
    found[at] = percent.share(paid[at], table.rate)
    if payment.professional is not None:
        share = payment.professional
        some = lines.priced()[share.at]
        own, part, of = share.at[some], share.part[some], share.of[some]
        # exact in integers of any size: amounts of thousands of units, multiplied, pass 64 bits
        product = paid[own].astype(object) * np.maximum(part, 0).astype(object) * table.rate
        bonus = rounded(product, np.maximum(of, 1).astype(object) * percent.WHOLE).astype(np.int64)
        found[own] = np.where(part == NONE, NONE, bonus)
    found[at[(lines.notes[at] & Note.NO_BONUS) != 0]] = 0
    payment.bonus = found
    if payment.trail is not None:
        payment.trail.keep("bonus", at, paid[at], found[at])


def payment_steps(case: Case) -> Iterator[RuleStep]:
    """Yield the step of the bonus: it changes no amount of the line."""
    for station in case.stations("bonus"):
        place = station.where[case.followed.line]
        bonus = int(station.after[place])
        if bonus <= 0:
            continue
        of, share = shown(int(station.before[place])), case.followed.priced.professional
        own = np.zeros(0, np.int64) if share is None else np.flatnonzero(share.at == case.followed.line)
        if share is not None and len(own) and share.part[own[0]] != share.of[own[0]]:
            of = f"the professional part ({shown(int(share.part[own[0]]))} of {shown(int(share.of[own[0]]))}) of {of}"
        rate = percent_of(case.followed.era.look_up(BonusRows).rate)
        modifier = case.modifier_that(ModifierEffect.SHORTAGE_AREA)
        text = f"{modifier}: {rate} of {of} is {shown(bonus)}, paid apart each quarter and no part of this amount"
        paid = usd(int(case.followed.priced.shares.medicare[case.followed.line]))
        source = f"{rule_source(_TABLE, case.day, kind='percent')}; {_assumed(case)}"
        yield RuleStep("shortage area bonus", text, paid, "", paid, source)


def _assumed(case: Case) -> str:
    """Return the source of what is assumed of sequestration."""
    return rule_source(_TABLE, case.day, kind="after_sequestration")


RULE = Rule(
    "bonus",
    refuse_row=refuse_row,
    read_line=read_line,
    decide=decide,
    pay=pay,
    payment_steps=payment_steps,
    notes={
        Note.NO_BONUS: "AQ: no shortage area bonus here, which is of physicians' professional services alone",
    },
)
