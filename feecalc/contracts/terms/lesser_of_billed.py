"""The billed charge as a ceiling, by line or by claim. Medicare's rule: Social Security Act sec. 1833(a)(1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from feecalc import reference
from feecalc.contracts.fields import Section
from feecalc.contracts.lines import CodedLines
from feecalc.contracts.terms.cells import Cell, FormBox, FormPart, InputKind
from feecalc.contracts.terms.term import ContractDay, DayTerm, InferenceKind, Keys, Term
from feecalc.money import rounded
from feecalc.pricing.arrays import Integers

LINE, CLAIM, NO = "line", "claim", "no"


class LesserOfBilledKeys(Section):
    """The charge as a ceiling."""

    lesser_of_billed: Literal["line", "claim", "no"] | None = None


@dataclass(frozen=True)
class _DayCeiling(DayTerm):
    ceiling: str

    def limit(self, cents: Integers, lines: CodedLines, claims: Integers | None) -> Integers:
        return limited(self.ceiling, cents, lines.billed, claims)


class LesserOfBilled(Term[LesserOfBilledKeys]):
    """The lower of the contract amount and the charge."""

    name = "lesser_of_billed"
    section = LesserOfBilledKeys
    cells: ClassVar = {
        "lesser_of_billed": Cell(
            "no more than the charge, by: line, claim, or no",
            box=FormBox(
                "No more than the charge",
                FormPart.LIMITS,
                kind=InputKind.CHOICE,
                choices={LINE: "the charge of each line", CLAIM: "the charges of the claim", NO: "no"},
            ),
        )
    }
    compared = ("lesser_of_billed", "pays no more than the charge")
    may_be_unspecified = True
    inferred = InferenceKind.CEILING

    def medicare_defaults(self, keys: LesserOfBilledKeys) -> Keys:
        return {"lesser_of_billed": keys.lesser_of_billed or LINE}

    def keys_matching_medicare(self, keys: LesserOfBilledKeys) -> Keys | None:
        """Return the keys without a ceiling, although Medicare has one, so that its cost shows."""
        return {"lesser_of_billed": NO} if limits_to_charge(keys) else None

    def as_medicare_allows(self, keys: LesserOfBilledKeys) -> Keys:
        return {"lesser_of_billed": NO}

    def on(self, keys: LesserOfBilledKeys, day: ContractDay) -> DayTerm | None:
        return _DayCeiling(keys.lesser_of_billed or LINE) if limits_to_charge(keys) else None

    def is_specified(self, keys: LesserOfBilledKeys) -> bool:
        return keys.lesser_of_billed is not None

    def read_as(self, row: reference.Row) -> Keys:
        return {"lesser_of_billed": row["reading"]}


def limits_to_charge(keys: LesserOfBilledKeys) -> bool:
    """Return whether the contract pays no more than the charge."""
    return (keys.lesser_of_billed or LINE) != NO


def limited(limit: str, cents: Integers, billed: Integers, claims: Integers | None) -> Integers:
    """Return amounts limited to the charge of the line, or of the claim where claims are given. [cents]

    ``billed``: -1 where no charge is given. Lines of a volume have no claims: there the ceiling is by line.
    """
    if limit == NO:
        return cents
    if limit == CLAIM and claims is not None:
        return _limited_to_claims(cents, billed, claims)
    has_charge = (billed >= 0) & (cents >= 0)
    return np.where(has_charge, np.minimum(cents, billed), cents)


def _limited_to_claims(cents: Integers, billed: Integers, claims: Integers) -> Integers:
    """Return amounts with every claim limited to its charges: a line is reduced by its share, exact in sum. [cents]

    The charges of all its lines count. A claim with a line without a charge is not limited.
    """
    if not len(claims):
        return cents
    in_order = bool((claims[1:] >= claims[:-1]).all())  # as lines of claims that stand together are
    order: Integers | slice = slice(None) if in_order else np.argsort(claims, kind="stable")
    claim, paid, charge = claims[order], np.maximum(cents[order], 0), billed[order]
    starts = np.flatnonzero(np.diff(claim, prepend=claim[0] - 1))
    total, total_charge = np.add.reduceat(paid, starts), np.add.reduceat(np.maximum(charge, 0), starts)
    is_above_charge = (total > total_charge) & (np.minimum.reduceat(charge, starts) >= 0)
    if not is_above_charge.any():
        return cents
    sizes = np.diff(np.append(starts, len(claim)))
    limited_lines = np.flatnonzero(np.repeat(is_above_charge, sizes))  # all lines of the claims that are brought down
    lines, claim_total = sizes[is_above_charge], np.repeat(total[is_above_charge], sizes[is_above_charge])
    first = np.cumsum(lines) - lines
    running = np.cumsum(paid[limited_lines])
    running -= np.repeat(running[first] - paid[limited_lines][first], lines)
    shares = rounded(running * np.repeat(total_charge[is_above_charge], lines), claim_total)
    previous = np.roll(shares, 1)
    previous[first] = 0
    shares -= previous
    amounts: Integers = cents[order].copy()
    amounts[limited_lines] = np.where(amounts[limited_lines] >= 0, shares, amounts[limited_lines])
    result = amounts if in_order else np.empty_like(cents)
    result[order] = amounts
    return result
