"""What the rules left of the lines of a batch in one era."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from feecalc.pricing.arrays import Integers
from feecalc.pricing.claims.arrays.lines import Decisions, Lines, ProfessionalShare
from feecalc.pricing.claims.arrays.trail import Trail
from feecalc.pricing.claims.eras.era import Era


@dataclass(frozen=True)
class Shares:
    """Split the allowed amount of each line by who pays it. [cents]  Shape of each: [line]."""

    deductible: Integers
    coinsurance: Integers
    sequestration: Integers
    medicare: Integers
    bonus: Integers | None = None  # paid apart, -1 on lines without one; None where no line has one


@dataclass(frozen=True)
class Priced:
    """Hold the priced lines. Shape of each: [line], but for ``decided``: [looked at]."""

    lines: Lines
    fee: Integers  # of the line, its units counted, uncapped
    allowed: Integers
    shares: Shares
    practitioner: Integers  # the practitioner's percent [ten-thousandths]
    participation: Integers  # that of a biller without the agreement [ten-thousandths]
    medicare_rate: Integers  # what is paid of Medicare's part, before sequestration [10^-8]
    looked_at: Integers  # positions of the lines the rules had to look at, each its fee times its units but for them
    decided: Decisions
    notes: Integers  # bits of Note
    ranked_alone: Integers  # positions of the others that a rule would rank but for being alone that day
    professional: ProfessionalShare | None = None  # of lines whose bonus is of that part alone
    before_charge: Integers | None = None  # what the bill is compared with; None where it is no ceiling


@dataclass(frozen=True)
class Followed:
    """Point to the arrays behind the amounts of one row of a batch: ``line`` is its place in the arrays.

    ``parts``: what a remittance takes off, by the keys of reference/claim_adjustment.toml. ``claims``: of each line.
    """

    era: Era
    priced: Priced
    trail: Trail
    line: int
    parts: Mapping[str, Integers]
    claims: pl.Series
