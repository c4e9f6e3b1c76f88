"""Volumes priced by contracts: what the payer pays, and what Medicare allows, for a unit of each row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from feecalc.contracts.amounts import NONE
from feecalc.contracts.categories import Taxonomy
from feecalc.contracts.contract import Contract
from feecalc.contracts.lines import AllowedAmounts, CodedLines, PaidAmounts
from feecalc.contracts.paying.basis import OpenBasis, medicare_rules, open_basis
from feecalc.contracts.paying.day import DayTerms
from feecalc.contracts.terms.fee_table import FACTORS
from feecalc.contracts.volume_pricer import PRICED, VolumePricer
from feecalc.errors import InputError
from feecalc.money import money
from feecalc.pricing.schedule import FeeSchedule

_MOST_AT_ONCE = 50_000  # lines: above this, one run of copies is not faster than separate runs
RESULTS = (
    "setting", "medicare_amount", "pricing_status", "reason", "basis_amount", "before_charge_amount", "contract_amount",
    "contract_basis", "contract_reason",
)  # fmt: skip
_REASONS = {
    "not_said": "the contract does not say what is paid for this code",
    "not_in_force": "the contract is not in force on the date of service",
    "percent_of_charge": "a percent of the charge, and no charge is given",
}


@dataclass
class VolumeContracts:
    """A pricer of volumes by contracts; each basis is opened once, and each volume priced on it once.

    ``schedule`` is current Medicare's on ``day``, by default the release's first day; ``qp``: at the conversion
    factor of qualifying participants.
    """

    schedule: FeeSchedule
    day: date | None = None
    qp: bool = False
    taxonomy: Taxonomy | None = None
    home: Path | None = None
    notices: list[str] = field(default_factory=list)
    _pricers: dict[object, VolumePricer] = field(default_factory=dict)
    _volume: pl.DataFrame | None = None
    _priced: dict[object, tuple[pl.DataFrame, AllowedAmounts]] = field(default_factory=dict)
    _coded: CodedLines | None = None
    _only_place: tuple[str, str] | None = None

    @property
    def medicare_day(self) -> date:
        return self.schedule.release.day(self.day)

    def price(self, contract: Contract, volume: pl.DataFrame, *, day: date | None = None) -> pl.DataFrame:
        """Return the volume with ``RESULTS``, each amount for one unit. [USD]

        ``day`` is the day whose terms apply, by default the nearest to the Medicare day in the contract's own days.
        ``medicare_amount`` is current Medicare's in the row's own locality, ``basis_amount`` the amount the percents
        apply to, ``before_charge_amount`` the contract's before the charge ceiling. A null has a reason. Raises
        NotInstalled, UnknownLocality, InvalidValue and what reading a fee table raises.
        """
        medicare, _ = self.medicare(volume)
        basis, terms = self.opened(contract, day)
        priced, allowed = self.allowed(basis, volume)
        assert self._coded is not None
        paid = terms.pay(self._coded, allowed)
        return volume.drop(list(RESULTS), strict=False).hstack(
            [*medicare.get_columns(), *paid_columns(paid, priced, allowed)]
        )

    def pay(self, contract: Contract, volume: pl.DataFrame, *, day: date | None = None) -> PaidAmounts:
        """Return what a unit of each row is paid, as arrays: for many contracts over many rows. [cents]"""
        basis, terms = self.opened(contract, day)
        _, allowed = self.allowed(basis, volume)
        assert self._coded is not None
        return terms.pay(self._coded, allowed)

    def opened(self, contract: Contract, day: date | None = None) -> tuple[OpenBasis, DayTerms]:
        """Return the contract's basis and its terms on a day."""
        filled = contract.filled()
        basis = open_basis(filled, self.home)
        notices = (*basis.notices, *basis.floor_notices([self.schedule]))
        self.notices.extend(notice for notice in notices if notice not in self.notices)
        return basis, DayTerms.of(filled, day or within(contract, self.medicare_day), self.taxonomy)

    def medicare(self, volume: pl.DataFrame) -> tuple[pl.DataFrame, AllowedAmounts]:
        """Return what current Medicare allows for a unit of each row. Shape: ``volume_pricer.PRICED``."""
        return self.allowed(OpenBasis(medicare_rules()), volume)

    def allowed(self, basis: OpenBasis, volume: pl.DataFrame) -> tuple[pl.DataFrame, AllowedAmounts]:
        """Return what Medicare allows for a unit of each row on a basis, as a table and as arrays."""
        self._use_volume(volume)
        basis = self._plainest(basis)
        if basis.key not in self._priced:
            pricer = self._pricer(basis)
            rows = basis.moved(volume, basis.place(pricer.schedule), pricer.day)
            priced = pricer.price(rows, FACTORS)
            self._priced[basis.key] = priced.select(*PRICED), allowed_of(priced, "medicare_amount")
        return self._priced[basis.key]

    def price_together(self, bases: Iterable[OpenBasis], volume: pl.DataFrame) -> None:
        """Price a volume on more than one basis in one run where they share a pricer, so that ``allowed`` is fast.

        A basis that cannot be priced is skipped; ``allowed`` raises its error.
        """
        self._use_volume(volume)
        groups: dict[VolumePricer, dict[object, OpenBasis]] = {}
        for basis in bases:
            with suppress(InputError):
                plainest = self._plainest(basis)
                if plainest.key not in self._priced:
                    groups.setdefault(self._pricer(plainest), {})[plainest.key] = plainest
        for pricer, by_key in groups.items():
            for batch in at_once(list(by_key.values()), volume.height):
                with suppress(InputError):
                    copies = [basis.moved(volume, basis.place(pricer.schedule), pricer.day) for basis in batch]
                    priced = pricer.price(pl.concat(copies, how="vertical_relaxed"), FACTORS)
                    for number, basis in enumerate(batch):
                        basis_rows = priced.slice(number * volume.height, volume.height)
                        self._priced[basis.key] = basis_rows.select(*PRICED), allowed_of(basis_rows, "medicare_amount")

    def _use_volume(self, volume: pl.DataFrame) -> None:
        if self._volume is not volume:
            self._volume, self._coded = volume, CodedLines.of(volume)
            self._only_place = only_place(volume)
            self._priced.clear()

    def _plainest(self, basis: OpenBasis) -> OpenBasis:
        return basis.plainest(self._only_place, basis.schedule or self.schedule)

    def _pricer(self, basis: OpenBasis) -> VolumePricer:
        schedule = basis.schedule or self.schedule
        day = self.medicare_day if basis.schedule is None else None
        qp = self.qp if basis.qp is None else basis.qp
        key = (schedule.release.name, day, qp and schedule.has_qp_track, basis.rules, basis.conversion_factor)
        if key not in self._pricers:
            self._pricers[key] = VolumePricer(
                schedule, day=day, qp=qp, rules=basis.rules, conversion_factor=basis.conversion_factor
            )
        return self._pricers[key]


def at_once(bases: Sequence[OpenBasis], lines: int) -> Iterator[Sequence[OpenBasis]]:
    """Return bases in batches that are priced in one run, each with a copy of ``lines`` lines."""
    count = max(1, _MOST_AT_ONCE // max(lines, 1))
    return (bases[begin : begin + count] for begin in range(0, len(bases), count))


def only_place(lines: pl.DataFrame) -> tuple[str, str] | None:
    """Return mac and locality where all lines are in one locality; None where they are not, or there is no line."""
    places = lines.select("mac", "locality").unique().head(2).rows()
    return (places[0][0], places[0][1]) if len(places) == 1 else None


def within(contract: Contract, day: date) -> date:
    """Return the day, or the nearest one on which the contract is in force."""
    return min(max(day, contract.effective_from or day), contract.effective_to or date.max)


def allowed_of(
    priced: pl.DataFrame, amount: str, units: str | None = None, *, with_factors: bool = True
) -> AllowedAmounts:
    """Return priced rows as arrays. ``amount`` and ``units`` are names of columns; without units it is one unit."""
    cents = pl.col(amount).cast(pl.Decimal(18, 2)).to_physical().cast(pl.Int64).fill_null(NONE)
    return AllowedAmounts(
        priced.select(cents).to_series().to_numpy(),
        priced["pricing_status"],
        1 if units is None else priced[units].cast(pl.Int64).fill_null(0).to_numpy(),
        priced.select(FACTORS) if with_factors else None,
    )


def paid_columns(paid: PaidAmounts, priced: pl.DataFrame, allowed: AllowedAmounts) -> list[pl.Series]:
    """Return the columns ``basis_amount`` to ``contract_reason`` of ``RESULTS``; a null amount has a reason. [USD]"""
    numbers = pl.DataFrame(
        {
            "basis_amount": allowed.cents,
            "before_charge_amount": paid.before_charge,
            "contract_amount": paid.cents,
        }
    )
    amounts = numbers.select(
        money(pl.when(pl.col(name) != NONE).then(pl.col(name))).alias(name) for name in numbers.columns
    )
    label = pl.Series(list(paid.labels), dtype=pl.Categorical()).gather(paid.basis).alias("contract_basis")
    unpaid = np.flatnonzero(paid.cents == NONE)
    if not len(unpaid):
        texts = pl.Series("contract_reason", [None], dtype=pl.Categorical()).new_from_index(0, len(paid.cents))
    else:
        texts = pl.Series("contract_reason", [None], dtype=pl.String).new_from_index(0, len(paid.cents))
        label_reasons = (
            label.gather(unpaid).cast(pl.String).replace_strict(_REASONS, default=None, return_dtype=pl.String)
        )
        reasons = pl.select(pl.coalesce(label_reasons, priced["reason"].gather(unpaid).cast(pl.String))).to_series()
        texts = texts.scatter(unpaid, reasons).cast(pl.Categorical())
    return [*amounts.get_columns(), label, texts]
