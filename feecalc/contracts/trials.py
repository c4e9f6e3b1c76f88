"""Many contracts tried on the same lines: each basis is opened once, and the lines priced on it once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from feecalc.contracts.categories import Taxonomy
from feecalc.contracts.contract import CURRENT, Contract
from feecalc.contracts.paying.basis import OpenBasis, open_basis
from feecalc.contracts.paying.claim_lines import ClaimContract
from feecalc.contracts.paying.fixed import NONE, FixedAmounts
from feecalc.contracts.paying.lines import Allowed, Coded
from feecalc.contracts.paying.terms import DayTerms, fee_table_of
from feecalc.contracts.practice import ClaimPractice, VolumePractice
from feecalc.contracts.pricing import VolumeContracts, within
from feecalc.files.opened_file import plain_errors
from feecalc.pricing.arrays import Whole
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import Coverage
from feecalc.pricing.schedule import FeeSchedule
from feecalc.runs.reading import ClaimLines
from feecalc.runs.release_days import release_days

_MOST_KEPT = 256 << 20  # bytes of amounts that are kept for the next contract


class Bases:
    """The bases and fee tables of contracts, each opened once; releases that are at hand are not read again."""

    def __init__(self, schedules: Sequence[FeeSchedule], home: Path | None = None) -> None:
        self.schedules = {each.release.name: each for each in schedules}
        self.home = home
        self._opened: dict[object, OpenBasis] = {}
        self._fees: dict[str, FixedAmounts] = {}

    def fees_of(self, contract: Contract) -> FixedAmounts:
        """The contract's own fee table, read once. Errors as ``paying.fixed.read_fee_table``."""
        path = contract.fee_table.path if contract.fee_table else ""
        if path not in self._fees:
            self._fees[path] = fee_table_of(contract)
        return self._fees[path]

    def of(self, filled: Contract) -> OpenBasis:
        """The basis of a contract (``Contract.filled``). Raises NotInstalled, UnknownRelease."""
        key = (filled.basis, filled.rules)
        if key not in self._opened:
            known = self.schedules.get(filled.basis.release or "")
            if known is None:
                self._opened[key] = open_basis(filled, self.home)
            else:
                current = filled.basis.model_copy(update={"year": CURRENT, "release": None})
                opened = open_basis(filled.model_copy(update={"basis": current}), self.home)
                self._opened[key] = replace(opened, schedule=known)
        return self._opened[key]


class VolumeTrials:
    """What contracts pay for a volume; ``pricer`` says which Medicare is the current one, and on which day."""

    def __init__(
        self,
        volume: pl.DataFrame,
        pricer: VolumeContracts,
        schedules: Sequence[FeeSchedule] = (),
        *,
        day: date | None = None,
    ) -> None:
        self.volume, self.pricer, self.terms_day = volume, pricer, day
        self.bases = Bases(schedules, pricer.home)
        self.units: Whole = volume["units"].to_numpy()
        self._coded = Coded.of(volume)

    def pay(self, contract: Contract) -> Whole:
        """What all units of each row are paid. [cents, -1 where it cannot be said]  Shape: [row]"""
        filled = contract.filled()
        _, allowed = self.pricer.allowed(self.bases.of(filled), self.volume)
        terms = DayTerms.of(filled, self.day_of(contract), self.pricer.taxonomy, self.bases.fees_of(filled))
        cents = terms.pay(self._coded, allowed).cents
        return np.where(cents == NONE, NONE, cents * self.units)

    def day_of(self, contract: Contract) -> date:
        """The day whose terms hold."""
        return self.terms_day or within(contract, self.pricer.medicare_day)

    @property
    def places(self) -> list[tuple[str, str]]:
        """mac and locality of the rows, the most frequent first."""
        return places_of(self.volume)

    def medicare(self) -> Whole:
        """What current Medicare allows for all units of each row. [cents, -1 where not priced]"""
        _, allowed = self.pricer.medicare(self.volume)
        return np.where(allowed.cents == NONE, NONE, allowed.cents * self.units)


class ClaimTrials:
    """What contracts pay for claim lines; ``coverage`` is current Medicare's, by day of service."""

    def __init__(
        self,
        lines: pl.DataFrame,
        coverage: Sequence[Coverage],
        schedules: Sequence[FeeSchedule] = (),
        *,
        taxonomy: Taxonomy | None = None,
        home: Path | None = None,
    ) -> None:
        self.lines, self.coverage, self.taxonomy, self.home = lines, coverage, taxonomy, home
        self.bases = Bases(schedules, home)
        self._pricers: dict[object, ClaimPricer] = {}
        self._allowed: dict[object, Allowed] = {}
        self._current: ClaimPricer | None = None

    def pay(self, contract: Contract) -> Whole:
        """What each line is paid. [cents, -1 where it cannot be said]  Shape: [line]"""
        priced = self._contract(contract)
        return priced.pay(self.lines, self._on_basis(priced), self._coded).cents

    @cached_property
    def _coded(self) -> Coded:
        return Coded.of(self.lines)

    def day_of(self, contract: Contract) -> date:
        """The last day of service that the contract holds on."""
        last = self.lines["date_of_service"].max()
        return within(contract, last if isinstance(last, date) else self.coverage[-1].first)

    @property
    def places(self) -> list[tuple[str, str]]:
        """mac and locality of the lines, the most frequent first."""
        return places_of(self.lines)

    def medicare(self) -> Whole:
        """What current Medicare allows for each line. [cents, -1 where not priced]"""
        plain = Contract.at(100).model_copy(update={"lesser_of_billed": "no"})
        return self._on_basis(self._contract(plain)).cents

    def of(self, lines: pl.DataFrame) -> ClaimTrials:
        """The same for other lines."""
        found = ClaimTrials(lines, self.coverage, taxonomy=self.taxonomy, home=self.home)
        found.bases, found._pricers, found._current = self.bases, self._pricers, self._current
        return found

    def _contract(self, contract: Contract) -> ClaimContract:
        priced = ClaimContract(contract, self.coverage, self.taxonomy, self.home)
        priced.sharing(self._current, self.bases.of(priced.filled), None)
        self._current = priced.medicare
        key = priced.pricer_key
        priced.sharing(None, priced.basis, self._pricers.get(key), self.bases.fees_of(priced.filled))
        self._pricers[key] = priced.basis_pricer
        return priced

    def _on_basis(self, priced: ClaimContract) -> Allowed:
        key = (priced.basis.key, priced.filled.fee_table is not None)
        if key not in self._allowed:
            if len(self._allowed) * self.lines.height * 9 > _MOST_KEPT:
                self._allowed.pop(next(iter(self._allowed)))
            self._allowed[key] = priced.allowed_on_basis(self.lines)
        return self._allowed[key]


Trials = VolumeTrials | ClaimTrials


def places_of(lines: pl.DataFrame) -> list[tuple[str, str]]:
    """mac and locality, the most frequent first."""
    counted = lines.group_by("mac", "locality").len().sort("len", "mac", "locality", descending=[True, False, False])
    return list(zip(counted["mac"], counted["locality"], strict=True))


def total(cents: Whole) -> int:
    """The sum of what is known. [cents]"""
    return int(cents[cents != NONE].sum())


def trials_of(practice: VolumePractice | ClaimPractice, schedules: Sequence[FeeSchedule] = ()) -> Trials:
    """A practice's volume or claims, to try contracts on. ``schedules`` are releases that need not be opened again."""
    if isinstance(practice, VolumePractice):
        return VolumeTrials(practice.volume, practice.pricer, schedules, day=practice.day)
    return claim_trials(practice.lines, schedules, taxonomy=practice.taxonomy, home=practice.home)


def claim_trials(
    lines: ClaimLines,
    schedules: Sequence[FeeSchedule] = (),
    *,
    taxonomy: Taxonomy | None = None,
    home: Path | None = None,
) -> ClaimTrials:
    """A claim file's lines, read whole."""
    with plain_errors(lines.path):
        frame = lines.frame.collect()
    return ClaimTrials(frame, release_days(lines.opened), schedules, taxonomy=taxonomy, home=home)
