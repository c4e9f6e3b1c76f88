"""Which modifiers of refused lines do not apply to their codes, and by what: every rule judges every modifier alone.

The lines are refused before, by the same judgments; here they get an outcome that names the modifier and the indicator
of the code's row. There are few different ones, however many lines: a text is made once for each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from string import Formatter
from typing import Any

import numpy as np
import polars as pl

from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims.arrays.lines import Lines
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.outcomes import KIND, MODIFIER_DOES_NOT_APPLY
from feecalc.pricing.rules.order import RULES
from feecalc.pricing.rules.receipt_steps import Case, modifiers_of
from feecalc.pricing.rules.rule import Rule

_ANY = "this code"
_AT, _INDICATOR = "at", "pricing_status"
_JUDGES = tuple(rule for rule in RULES if rule.does_not_apply is not None and rule.judged)


def name_refused(lines: Lines, era: Era, code: Integers, modifiers: Sequence[Integers]) -> None:
    """Give the lines that are refused for a modifier the outcome that says which one, and by what.

    ``code``: the number of each line's code, its track's added. ``modifiers``: the numbers of each line's modifiers.
    """
    at = np.flatnonzero(lines.status == MODIFIER_DOES_NOT_APPLY)
    if not len(at):
        return
    for some, (status, reason) in _refusals(lines.take(at), era, code[at], [each[at] for each in modifiers], _ANY):
        if reason:
            lines.status[at[some]] = KIND(era.outcomes.number(status, reason))


def refusal(case: Case, reason: str) -> str:
    """Return the ``reason`` of a line's results with its code in place of "this code"; "" where it names no modifier.

    Where the code has no row of the line's component, its first row stands in.
    """
    followed, era = case.followed, case.followed.era
    line, words = followed.priced.lines.take(np.array([followed.line])), era.words
    code = np.array([words.hcpcs.at.get(case.asked["hcpcs"], words.hcpcs.unknown)])
    code = code + era.rows.codes * (line.qp & era.both_tracks)
    number, unknown = words.modifiers.at, words.modifiers.unknown
    modifiers = [np.array([number.get(modifier, unknown)]) for modifier in modifiers_of(case.asked)]
    row = era.rows.rvu.row(int(_with_row(line, era, code).billed_row[0]), named=True)
    name = "-".join(filter(None, (row["hcpcs"], row["modifier"])))
    ((_, (_, of_any)),) = _refusals(line, era, code, modifiers, _ANY)
    ((_, (_, of_this)),) = _refusals(line, era, code, modifiers, name)
    return of_this if of_any == reason else ""


def _refusals(
    lines: Lines, era: Era, code: Integers, modifiers: Sequence[Integers], name: str
) -> Iterator[tuple[Integers, tuple[str, str]]]:
    """Yield the lines that are refused alike, with their status and the reason: ``name`` is what their code is called.

    The reason is "" where no rule refuses a modifier of theirs.
    """
    frame = _judged(_with_row(lines, era, code), era, modifiers)
    judged = [column for column in frame.columns if column != _AT]
    for *values, at in frame.group_by(judged, maintain_order=True).agg(_AT).iter_rows():
        yield np.array(at), _outcome(era, dict(zip(judged, values, strict=True)), name)


def _with_row(lines: Lines, era: Era, code: Integers) -> Lines:
    """Return the lines, those whose code has no row of their component at the code's first row."""
    of_code = era.rows.by_code[code]
    first = of_code[np.arange(len(code)), np.argmax(of_code >= 0, axis=1)]
    missing = era.rows.code[lines.billed_row] != code
    row, billed = (np.where(missing, first, each) for each in (lines.row, lines.billed_row))
    return replace(lines, row=row, billed_row=billed)


def _judged(lines: Lines, era: Era, modifiers: Sequence[Integers]) -> pl.DataFrame:
    """Return which modifiers each rule refuses, by their numbers, and the values of the row that it names.

    Shape: row for row of ``lines``; ``at``, their number and columns of the rules that refuse any line.
    """
    effects = [era.modifiers.does[each] for each in modifiers]
    found: dict[str, Any] = {_AT: np.arange(len(lines)), "modifiers": np.full(len(lines), len(modifiers))}
    for number, rule in enumerate(_JUDGES):
        said = [each & rule.judged for each in effects]
        if not any(own.any() for own in said):
            continue
        alone = [_refuses(rule, lines, era, each, own != 0) for each, own in zip(effects, said, strict=True)]
        several = np.sum([own != 0 for own in said], axis=0) > 1
        together = _refuses(rule, lines, era, np.bitwise_or.reduce(effects), several)
        together &= ~np.logical_or.reduce(alone)
        if not (together.any() or np.any(alone)):
            continue
        for slot, (refused, own) in enumerate(zip(alone, said, strict=True)):
            found[f"{number} alone {slot}"] = np.where(refused, modifiers[slot], -1)
            found[f"{number} together {slot}"] = np.where(together & (own != 0), modifiers[slot], -1)
        refused_any = pl.Series(np.logical_or.reduce(alone))
        for column in _named(rule):
            values = era.rows.column(column).gather(lines.billed_row).cast(pl.String)
            found[f"{number} value {column}"] = pl.select(pl.when(refused_any).then(values)).to_series()
    return pl.DataFrame(found)


def _refuses(rule: Rule, lines: Lines, era: Era, does: Integers, chosen: Flags) -> Flags:
    """Mark the ``chosen`` lines that the rule refuses if their modifiers do no more than this."""
    if rule.does_not_apply is None or not chosen.any():
        return np.zeros(len(lines), np.bool_)
    found: Flags = rule.does_not_apply(replace(lines, does=np.where(chosen, does, 0)), era) & chosen
    return found


def _named(rule: Rule) -> list[str]:
    """Return the columns of the row that a refusal names."""
    return [name for _, name, _, _ in Formatter().parse(rule.refusal) if name]


def _outcome(era: Era, columns: Mapping[str, Any], name: str) -> tuple[str, str]:
    """Return the status and reason of lines that are judged alike. ``columns``: of ``_judged``."""
    listed = [*era.words.modifiers.listed, ""]

    def refused(number: int, how: str) -> list[str]:
        of_rule = (columns.get(f"{number} {how} {slot}", -1) for slot in range(columns["modifiers"]))
        return list(dict.fromkeys(listed[each] for each in of_rule if each >= 0))

    alone, together, statuses = [], [], []
    for number, rule in enumerate(_JUDGES):
        values = {column: columns.get(f"{number} value {column}") for column in _named(rule)}
        ones, several = refused(number, "alone"), refused(number, "together")
        alone += [f"modifier {one} does not apply to {name}: {rule.refusal.format(**values)}" for one in ones]
        together += [f"modifiers {' and '.join(several)} do not apply to {name} together"] if several else []
        statuses += [_status(era, rule, values)] if ones or several else []
    default = era.outcomes.pairs[MODIFIER_DOES_NOT_APPLY][0]
    return next(chain(statuses, [default])), "; ".join(alone or together)


def _status(era: Era, rule: Rule, values: Mapping[str, Any]) -> str:
    """Return the status that the indicator's row of reference/ gives, else that of any modifier that does not apply."""
    if rule.indicators:
        for row in era.rows.book.rows(rule.indicators, kind="indicator", **values):
            if _INDICATOR in row:
                return str(row[_INDICATOR])
    return era.outcomes.pairs[MODIFIER_DOES_NOT_APPLY][0]
