"""Percents that a line's own modifiers bring, each rounded to the cent, in the order of ``apply``.

Source: Pub. 100-04 ch. 12 sec. 40.4 (split care, return to surgery), 40.8 (co-surgeons), 20.4.3 (assistants); the
percents and where they apply: reference/split_care.toml, cosurgery.toml, assistant.toml, reduced_service.toml. The
manual rounds the fee, then the product, for split care; that the others round so too is assumed.
"""

from __future__ import annotations

import numpy as np

from feecalc.pricing.arrays import Whole
from feecalc.pricing.claims.arrays import percent
from feecalc.pricing.claims.arrays.does import Does
from feecalc.pricing.claims.arrays.lines import Decisions, Lines, Step
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.rules import ClaimRules

_SPLIT = Does.INTRAOPERATIVE | Does.POSTOPERATIVE | Does.PREOPERATIVE


def apply(lines: Lines, decided: Decisions, era: Era, rules: ClaimRules) -> None:
    """Decide ``service`` and ``modifier_rate`` from ``sides``."""
    decided.service[:] = decided.sides
    if decided.anesthesia_step is not None:
        chosen = np.flatnonzero(decided.anesthesia_step != percent.WHOLE)
        _take(decided, chosen, decided.anesthesia_step[chosen], "anesthesia")
    _split_care(lines, decided, era)
    _return_to_surgery(lines, decided, era)
    _reduced(lines, decided, era)
    _cosurgeons(lines, decided, era)
    _assistants(lines, decided, era, rules)
    decided.notes[_with(lines, Does.INCREASED)] |= Note.INCREASED_SERVICE
    decided.notes[lines.priced() & era.rows.has_unknown_indicator[lines.row]] |= Note.UNKNOWN_INDICATOR


def _with(lines: Lines, does: int) -> Whole:
    return np.flatnonzero(lines.priced() & ((lines.does & does) != 0))


def _take(decided: Decisions, chosen: Whole, rates: Whole, rule: str) -> None:
    if not len(chosen):
        return
    before = decided.service[chosen]
    decided.service[chosen] = percent.share(before, rates)
    if decided.trail is not None:
        decided.trail.keep(rule, chosen, before, decided.service[chosen], rate=rates)
    decided.modifier_rate[chosen] = decided.modifier_rate[chosen] * rates // percent.WHOLE
    step = np.full(len(decided.service), percent.WHOLE)
    step[chosen] = rates
    decided.steps.append(Step(step))


def _split_care(lines: Lines, decided: Decisions, era: Era) -> None:
    chosen = _with(lines, _SPLIT)
    row, does, care = lines.row[chosen], lines.does[chosen], era.modifiers
    rates = np.where((does & Does.INTRAOPERATIVE) != 0, care.preoperative[row] + care.intraoperative[row], 0)
    rates += np.where((does & Does.PREOPERATIVE) != 0, care.preoperative[row], 0)
    rates += np.where((does & Does.POSTOPERATIVE) != 0, care.postoperative[row], 0)
    by_days = ((does & Does.POSTOPERATIVE) != 0) & (lines.postoperative_days[chosen] >= 0)
    _take(decided, chosen[~by_days], rates[~by_days], "split_care")
    _by_days(lines, decided, era, chosen[by_days])


def _by_days(lines: Lines, decided: Decisions, era: Era, chosen: Whole) -> None:
    """Postoperative care by days: the share, rounded, times the days over those of the global period, rounded."""
    if not len(chosen):
        return
    row = lines.row[chosen]
    period = np.maximum(era.modifiers.global_period[row], 1)
    own, days_of = era.modifiers.postoperative[row], lines.postoperative_days[chosen]
    part = own * days_of
    decided.modifier_rate[chosen] = decided.modifier_rate[chosen] * part // (percent.WHOLE * period)
    before = decided.service[chosen]
    rates, days, periods = (np.full(len(lines), value) for value in (percent.WHOLE, 1, 1))
    rates[chosen], days[chosen], periods[chosen] = own, days_of, period
    step = Step(rates, days, periods)
    decided.service[chosen] = step.of(before, chosen)
    decided.steps.append(step)
    if decided.trail is not None:
        after = decided.service[chosen]
        decided.trail.keep("split_care", chosen, before, after, rate=rates[chosen], days=days[chosen])


def _return_to_surgery(lines: Lines, decided: Decisions, era: Era) -> None:
    chosen = _with(lines, Does.RETURN_TO_SURGERY)
    # a code without postoperative days pays in full
    chosen = chosen[era.modifiers.split_care_applies[lines.row[chosen]]]
    _take(decided, chosen, era.modifiers.intraoperative[lines.row[chosen]], "return_to_surgery")


def _reduced(lines: Lines, decided: Decisions, era: Era) -> None:
    chosen = _with(lines, Does.REDUCED)
    _take(decided, chosen, np.full(len(chosen), era.modifiers.reduced_service_rate), "reduced_service")
    decided.notes[chosen] |= Note.REDUCED_SERVICE


def _cosurgeons(lines: Lines, decided: Decisions, era: Era) -> None:
    chosen = _with(lines, Does.COSURGERY)
    _take(decided, chosen, np.full(len(chosen), era.modifiers.cosurgery_rate), "cosurgery")


def _assistants(lines: Lines, decided: Decisions, era: Era, rules: ClaimRules) -> None:
    chosen = _with(lines, Does.ASSISTANT | Does.PRACTITIONER_ASSISTANT)
    as_practitioner = (lines.does[chosen] & Does.PRACTITIONER_ASSISTANT) != 0
    rate, lesser = era.modifiers.assistant_rate, era.modifiers.practitioner_assistant_rate
    own = percent.rate(rules.assistant_percent) if rules.assistant_percent else rate
    rates = np.where(as_practitioner, own * lesser // rate, own)
    _take(decided, chosen, rates, "assistant")
    documented = chosen[era.modifiers.assistant_with_documentation[lines.row[chosen]]]
    decided.notes[documented] |= Note.ASSISTANT_DOCUMENTATION
