"""Many contracts priced over the same lines: each basis is opened once, and the lines priced on it once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from feecalc.contracts.amounts import NONE
from feecalc.contracts.categories import Taxonomy
from feecalc.contracts.contract import Contract
from feecalc.contracts.lines import AllowedAmounts, CodedLines
from feecalc.contracts.paying.bases import Bases
from feecalc.contracts.paying.basis import OpenBasis, medicare_rules
from feecalc.contracts.paying.claim_lines import ClaimContract
from feecalc.contracts.paying.day import DayTerms
from feecalc.contracts.practice import ClaimPractice, VolumePractice
from feecalc.contracts.pricing import VolumeContracts, at_once, only_place, within
from feecalc.errors import InputError
from feecalc.files.opening import plain_errors
from feecalc.pricing.arrays import Integers
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.schedule import FeeSchedule
from feecalc.runs.reading import ClaimLines
from feecalc.runs.release_days import release_days

_Key = tuple[tuple[object, ...], bool]
_MOST_KEPT = 256 << 20  # bytes of amounts that are kept for the next contract


class VolumeTrials:
    """A volume to price many contracts over; ``pricer`` has current Medicare's release and day."""

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
        self.units: Integers = volume["units"].to_numpy()
        self._coded = CodedLines.of(volume)

    def pay(self, contract: Contract) -> Integers:
        """Return what all units of each row are paid. [cents, -1 where not known] Shape: [row]"""
        filled = contract.filled()
        _, allowed = self.pricer.allowed(self.bases.of(filled), self.volume)
        terms = DayTerms.of(filled, self.day_of(contract), self.pricer.taxonomy, self.bases.fees_of(filled))
        cents = terms.pay(self._coded, allowed).cents
        return np.where(cents == NONE, NONE, cents * self.units)

    def prepare(self, contracts: Iterable[Contract]) -> None:
        """Price the bases of contracts together where one run can, so that ``pay`` is fast."""
        self.pricer.price_together(_bases_of(contracts, self.bases), self.volume)

    def day_of(self, contract: Contract) -> date:
        """Return the day whose terms apply."""
        return self.terms_day or within(contract, self.pricer.medicare_day)

    @property
    def places(self) -> list[tuple[str, str]]:
        """mac and locality of the rows, the most frequent first."""
        return places_of(self.volume)

    def medicare(self) -> Integers:
        """Return what current Medicare allows for all units of each row. [cents, -1 where not priced]"""
        _, allowed = self.pricer.medicare(self.volume)
        return np.where(allowed.cents == NONE, NONE, allowed.cents * self.units)


class ClaimTrials:
    """Claim lines to price many contracts over; ``releases`` are current Medicare's, by day of service."""

    def __init__(
        self,
        lines: pl.DataFrame,
        releases: Sequence[ReleaseDays],
        schedules: Sequence[FeeSchedule] = (),
        *,
        taxonomy: Taxonomy | None = None,
        home: Path | None = None,
        bases: Bases | None = None,
    ) -> None:
        """Take the lines; ``bases`` of trials over other lines of the same releases replace ``schedules``."""
        self.lines, self.releases, self.taxonomy, self.home = lines, releases, taxonomy, home
        self.bases = bases or Bases(schedules, home)
        self._allowed: dict[_Key, AllowedAmounts] = {}

    def pay(self, contract: Contract) -> Integers:
        """Return what each line is paid. [cents, -1 where not known] Shape: [line]"""
        priced = self._contract(contract)
        return priced.pay(self.lines, self._on_basis(priced), self._coded).cents

    def prepare(self, contracts: Iterable[Contract]) -> None:
        """Price the bases of contracts together where one run can, so that ``pay`` is fast.

        A basis that cannot be priced is skipped; ``pay`` raises its error.
        """
        groups: dict[object, tuple[ClaimContract, dict[_Key, OpenBasis]]] = {}
        for contract in contracts:
            with suppress(InputError):
                priced = self._contract(contract)
                basis = priced.plainest_basis(self._only_place)
                key = self._key(priced, basis)
                if key not in self._allowed and not basis.is_current(medicare_rules()):
                    groups.setdefault((priced.pricer_key(basis), key[1]), (priced, {}))[1][key] = basis
        for priced, by_key in groups.values():
            for batch in at_once(list(by_key.values()), self.lines.height):
                if len(batch) > 1:
                    with suppress(InputError):
                        for basis, allowed in zip(batch, priced.price_together(self.lines, batch), strict=True):
                            self._store(self._key(priced, basis), allowed)

    @cached_property
    def _coded(self) -> CodedLines:
        return CodedLines.of(self.lines)

    @cached_property
    def _only_place(self) -> tuple[str, str] | None:
        return only_place(self.lines)

    def day_of(self, contract: Contract) -> date:
        """Return the last day of service, or the nearest day on which the contract is in force."""
        last = self.lines["date_of_service"].max()
        return within(contract, last if isinstance(last, date) else self.releases[-1].first)

    @property
    def places(self) -> list[tuple[str, str]]:
        """mac and locality of the lines, the most frequent first."""
        return places_of(self.lines)

    def medicare(self) -> Integers:
        """Return what current Medicare allows for each line. [cents, -1 where not priced]"""
        medicare_contract = Contract.at(100).as_medicare_allows()
        return self._on_basis(self._contract(medicare_contract)).cents

    def of(self, lines: pl.DataFrame) -> ClaimTrials:
        """Return trials over other lines of the same releases."""
        return ClaimTrials(lines, self.releases, taxonomy=self.taxonomy, home=self.home, bases=self.bases)

    def _contract(self, contract: Contract) -> ClaimContract:
        return ClaimContract(contract, self.releases, self.taxonomy, self.home, bases=self.bases)

    def _on_basis(self, priced: ClaimContract) -> AllowedAmounts:
        basis = priced.plainest_basis(self._only_place)
        key = self._key(priced, basis)
        if key not in self._allowed:
            self._store(key, priced.allowed_on_basis(self.lines, basis))
        return self._allowed[key]

    def _key(self, priced: ClaimContract, basis: OpenBasis) -> _Key:
        return basis.key, priced.filled.fee_table is not None

    def _store(self, key: _Key, allowed: AllowedAmounts) -> None:
        if len(self._allowed) * self.lines.height * 9 > _MOST_KEPT:
            self._allowed.pop(next(iter(self._allowed)))
        self._allowed[key] = allowed


Trials = VolumeTrials | ClaimTrials


def _bases_of(contracts: Iterable[Contract], bases: Bases) -> Iterator[OpenBasis]:
    """Yield the bases of the contracts whose basis can be opened."""
    for contract in contracts:
        with suppress(InputError):
            yield bases.of(contract.filled())


def places_of(lines: pl.DataFrame) -> list[tuple[str, str]]:
    """Return mac and locality of lines, the most frequent first."""
    counts = lines.group_by("mac", "locality").len().sort("len", "mac", "locality", descending=[True, False, False])
    return list(zip(counts["mac"], counts["locality"], strict=True))


def total(cents: Integers) -> int:
    """Return the sum of the known amounts. [cents]"""
    return int(cents[cents != NONE].sum())


def trials_of(practice: VolumePractice | ClaimPractice, schedules: Sequence[FeeSchedule] = ()) -> Trials:
    """Return a practice's volume or claims, to price many contracts over.

    ``schedules`` are releases that are open already.
    """
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
    """Return a claim file's lines, read whole, to price many contracts over."""
    with plain_errors(lines.path):
        frame = lines.frame.collect()
    return ClaimTrials(frame, release_days(lines.opened), schedules, taxonomy=taxonomy, home=home)
