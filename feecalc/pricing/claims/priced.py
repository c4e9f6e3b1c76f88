"""What the rules left of the lines of a batch in one era."""

from __future__ import annotations

from dataclasses import dataclass

from feecalc.pricing.arrays import Whole
from feecalc.pricing.claims.arrays.lines import Decisions, Lines
from feecalc.pricing.claims.arrays.trail import Trail
from feecalc.pricing.claims.eras.era import Era


@dataclass(frozen=True)
class Shares:
    """Who pays the allowed amount of each line. [cents]  Shape of each: [line]."""

    deductible: Whole
    coinsurance: Whole
    sequestration: Whole
    medicare: Whole


@dataclass(frozen=True)
class Priced:
    """What the chain left. Shape of each: [line], but for ``decided``: [looked at]."""

    lines: Lines
    fee: Whole  # of the line, its units counted, uncapped
    allowed: Whole
    shares: Shares
    practitioner: Whole  # the practitioner's percent [ten-thousandths]
    looked_at: Whole  # positions of the lines the rules had to look at, each its fee times its units but for them
    decided: Decisions
    notes: Whole  # bits of Note
    lone: Whole  # positions of the others that a several-line rule speaks of: there is no other of them that day


@dataclass(frozen=True)
class Followed:
    """Where to read how one row of a batch came to its amounts: ``line`` is its place in the arrays."""

    era: Era
    priced: Priced
    trail: Trail
    line: int
