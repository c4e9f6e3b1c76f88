"""Whether the billed charge is a ceiling, and of the line or of the claim. Medicare's way: Social Security Act sec.
1833(a)(1), the lesser of the actual charge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from feecalc import reference
from feecalc.contracts.fields import Section
from feecalc.contracts.lines import Coded
from feecalc.contracts.terms.cells import Box, Cell, Kind, Part
from feecalc.contracts.terms.term import ContractDay, DayTerm, Inferred, Keys, Term
from feecalc.money import rounded
from feecalc.pricing.arrays import Integers

LINE, CLAIM, NO = "line", "claim", "no"


class LesserOfBilledKeys(Section):
    """The charge as a ceiling."""

    lesser_of_billed: Literal["line", "claim", "no"] | None = None


@dataclass(frozen=True)
class _OnDay(DayTerm):
    of: str

    def limit(self, cents: Integers, lines: Coded, claims: Integers | None) -> Integers:
        return limited(self.of, cents, lines.billed, claims)


class LesserOfBilled(Term[LesserOfBilledKeys]):
    """The lower of the contract amount and the charge."""

    name = "lesser_of_billed"
    section = LesserOfBilledKeys
    cells: ClassVar = {
        "lesser_of_billed": Cell(
            "no more than the charge, by: line, claim, or no",
            box=Box(
                "No more than the charge",
                Part.LIMITS,
                kind=Kind.CHOICE,
                choices={LINE: "the charge of each line", CLAIM: "the charges of the claim", NO: "no"},
            ),
        )
    }
    compared = ("lesser_of_billed", "pays no more than the charge")
    may_be_unsaid = True
    inferred = Inferred.CEILING

    def as_medicare_fills(self, keys: LesserOfBilledKeys) -> Keys:
        return {"lesser_of_billed": keys.lesser_of_billed or LINE}

    def unlike_medicare(self, keys: LesserOfBilledKeys) -> Keys | None:
        """Return the keys without a ceiling, Medicare's own included, so that what it costs is seen."""
        return {"lesser_of_billed": NO} if limits_to_charge(keys) else None

    def as_medicare_allows(self, keys: LesserOfBilledKeys) -> Keys:
        return {"lesser_of_billed": NO}

    def on(self, keys: LesserOfBilledKeys, day: ContractDay) -> DayTerm | None:
        return _OnDay(keys.lesser_of_billed or LINE) if limits_to_charge(keys) else None

    def is_said(self, keys: LesserOfBilledKeys) -> bool:
        return keys.lesser_of_billed is not None

    def read_as(self, row: reference.Row) -> Keys:
        return {"lesser_of_billed": row["reading"]}


def limits_to_charge(keys: LesserOfBilledKeys) -> bool:
    """Return whether the contract pays no more than the charge."""
    return (keys.lesser_of_billed or LINE) != NO


def limited(of: str, cents: Integers, billed: Integers, claims: Integers | None) -> Integers:
    """Return amounts that are no more than the charge of the line, or of the claim where claims are given. [cents]

    ``billed``: -1 where no charge is given. Lines of a volume have no claims: there a claim's ceiling is the line's.
    """
    if of == NO:
        return cents
    if of == CLAIM and claims is not None:
        return _limited_to_claims(cents, billed, claims)
    has_charge = (billed >= 0) & (cents >= 0)
    return np.where(has_charge, np.minimum(cents, billed), cents)


def _limited_to_claims(cents: Integers, billed: Integers, claims: Integers) -> Integers:
    """Return claims that pay more than they charge brought down to it: each line by its share, exact in sum.

    The charges of all its lines count; a claim of which a line has no charge is left as it is.
    """
    if not len(claims):
        return cents
    in_order = bool((claims[1:] >= claims[:-1]).all())  # as lines of claims that stand together are
    order: Integers | slice = slice(None) if in_order else np.argsort(claims, kind="stable")
    claim, paid, charge = claims[order], np.maximum(cents[order], 0), billed[order]
    starts = np.flatnonzero(np.diff(claim, prepend=claim[0] - 1))
    total, charged = np.add.reduceat(paid, starts), np.add.reduceat(np.maximum(charge, 0), starts)
    over = (total > charged) & (np.minimum.reduceat(charge, starts) >= 0)
    if not over.any():
        return cents
    sizes = np.diff(np.append(starts, len(claim)))
    at = np.flatnonzero(np.repeat(over, sizes))  # all lines of the claims that are brought down
    lines, of_claim = sizes[over], np.repeat(total[over], sizes[over])
    first = np.cumsum(lines) - lines
    running = np.cumsum(paid[at])
    running -= np.repeat(running[first] - paid[at][first], lines)
    reached = rounded(running * np.repeat(charged[over], lines), of_claim)
    before = np.roll(reached, 1)
    before[first] = 0
    reached -= before
    amounts: Integers = cents[order].copy()
    amounts[at] = np.where(amounts[at] >= 0, reached, amounts[at])
    result = amounts if in_order else np.empty_like(cents)
    result[order] = amounts
    return result
