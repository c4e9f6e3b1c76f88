"""Medicare's sequestration, passed on or not: a cut of the plan's part, applied last. Source: 2 U.S.C. 901a."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

import numpy as np

from feecalc import reference
from feecalc.contracts.amounts import RATE_PLACES, share
from feecalc.contracts.fields import Section
from feecalc.contracts.terms.cells import Cell, FormBox, FormPart, InputKind
from feecalc.contracts.terms.term import ContractDay, DayTerm, InferenceKind, Keys, Term
from feecalc.money import rounded_to, whole
from feecalc.pricing.arrays import Integers


class SequestrationKeys(Section):
    """Medicare's sequestration, passed on or not."""

    sequestration: bool | None = None  # Medicare's cut is passed on


@dataclass(frozen=True)
class _DayCut(DayTerm):
    percent: int

    def cut(self, cents: Integers) -> Integers:
        return after_cut(cents, self.percent)


class Sequestration(Term[SequestrationKeys]):
    """Medicare's sequestration, applied to the contract's payments."""

    name = "sequestration"
    section = SequestrationKeys
    table = "rules"
    cells: ClassVar = {
        "sequestration": Cell(
            "Medicare's cut is passed on: true or false",
            box=FormBox("Sequestration is taken off", FormPart.RULES, kind=InputKind.YES_OR_NO),
        )
    }
    compared = ("sequestration", "sequestration is passed on")
    may_be_unspecified = True
    inferred = InferenceKind.CUT

    def medicare_defaults(self, keys: SequestrationKeys) -> Keys:
        return {"sequestration": keys.sequestration is True}

    def keys_matching_medicare(self, keys: SequestrationKeys) -> Keys | None:
        return {"sequestration": None} if keys.sequestration else None

    def state_on(self, keys: SequestrationKeys, day: date) -> object:
        return reference.row_on("sequestration", day)["effective_from"] if keys.sequestration else None

    def on(self, keys: SequestrationKeys, day: ContractDay) -> DayTerm | None:
        return _DayCut(cut_on(day.day)) if keys.sequestration else None

    def is_specified(self, keys: SequestrationKeys) -> bool:
        return keys.sequestration is not None

    def read_as(self, row: reference.Row) -> Keys:
        return {"sequestration": row["applies"]}


def cut_on(day: date) -> int:
    """Return sequestration as a part of the allowed amount: the cut of the plan's part alone. [10^-4 of a percent]"""
    cut = Decimal(reference.row_on("sequestration", day)["value"])
    plan_share = 100 - Decimal(reference.row_on("coinsurance", day, kind="general")["value"])
    return whole(rounded_to(cut * plan_share / 100, RATE_PLACES), RATE_PLACES)


def after_cut(cents: Integers, percent: Integers | int) -> Integers:
    """Return amounts less a percent (10^-4 of a percent); amounts below 0, which mean none, are unchanged. [cents]"""
    return np.where(cents > 0, cents - share(cents, percent), cents)
