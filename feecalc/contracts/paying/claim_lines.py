"""Claim lines priced by a contract, batch by batch, with the claims engine's rules over the lines of a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from feecalc.contracts.amounts import NONE
from feecalc.contracts.categories import Taxonomy
from feecalc.contracts.contract import Contract
from feecalc.contracts.lines import Allowed, Coded, Paid
from feecalc.contracts.paying.bases import Bases
from feecalc.contracts.paying.basis import OpenBasis, medicare_rules
from feecalc.contracts.paying.day import DayTerms, days_of_change
from feecalc.contracts.paying.pricers import pricer_of_day, pricer_with_factor
from feecalc.contracts.pricing import allowed_of, paid_columns
from feecalc.contracts.terms.fee_table import factors_of
from feecalc.contracts.terms.lesser_of_billed import CLAIM
from feecalc.pricing.arrays import Integers
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.claims.grouping import patient
from feecalc.pricing.schedule import FeeSchedule

COLUMNS = (
    "release", "setting", "medicare_amount", "pricing_status", "reason", "basis_amount", "before_charge_amount",
    "contract_amount", "contract_basis", "contract_reason",
)  # fmt: skip
_ENGINE = ("release", "setting", "allowed_amount", "pricing_status", "reason")
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class ClaimContract:
    """A contract ready to price batch after batch.

    ``releases`` are current Medicare's, by day of service; contracts over the same ones may share ``bases``.
    """

    contract: Contract
    releases: Sequence[ReleaseDays]
    taxonomy: Taxonomy | None = None
    home: Path | None = None
    alone: bool = False  # an add-on is priced as if its primary were there
    bases: Bases | None = None
    _terms: dict[int, DayTerms] = field(default_factory=dict)

    @cached_property
    def filled(self) -> Contract:
        return self.contract.filled()

    @cached_property
    def basis(self) -> OpenBasis:
        found = self._bases.of(self.filled)
        return replace(found, rules=replace(found.rules, add_on_needs_primary=False)) if self.alone else found

    @cached_property
    def medicare(self) -> ClaimPricer:
        rules = replace(medicare_rules(), add_on_needs_primary=not self.alone)
        return self._bases.pricer(("current", rules), lambda: ClaimPricer(self.releases, rules))

    @cached_property
    def _bases(self) -> Bases:
        return self.bases or Bases(home=self.home)

    def price(self, claims: pl.DataFrame, columns: Sequence[str] = COLUMNS) -> pl.DataFrame:
        """Return what the payer pays for each line, row for row. Shape: ``columns``, some of ``COLUMNS``. [USD]

        ``medicare_amount`` is current Medicare's before the charge; on a line outside the contract's days the
        contract's amount is null. Lines of one patient and day must lie in one batch.
        """
        factors = factors_of(self.filled)
        found = self.medicare.price(claims, (*_ENGINE, *factors))
        on_basis = found
        if not self.basis.is_current(self.medicare.rules):
            on_basis = self._on_basis(self.basis, claims, factors)
        allowed = _allowed(on_basis, claims, with_factors=bool(factors))
        paid = self.pay(claims, allowed)
        added = paid_columns(paid, on_basis, allowed)
        results = [*found.select(*_ENGINE).rename({"allowed_amount": "medicare_amount"}).get_columns(), *added]
        return pl.DataFrame(results).select(columns)

    def pay(self, claims: pl.DataFrame, allowed: Allowed, coded: Coded | None = None) -> Paid:
        """Return what the payer pays for lines of which Medicare allows so much on the contract's basis.

        ``allowed`` is ``allowed_on_basis``, which many contracts of one basis may share, as they may ``coded``.
        """
        lines = coded or Coded.of(claims)
        of_claim = _claim_numbers(claims) if self.filled.lesser_of_billed == CLAIM else None
        days = claims["date_of_service"].to_physical().fill_null(-1).to_numpy()
        spans = np.searchsorted(self._begins, days, side="right") - 1
        used = np.flatnonzero(np.bincount(spans + 1)) - 1
        if len(used) == 1 and used[0] >= 0 and self._in_force[used[0]]:
            return self._of_span(int(used[0])).pay(lines, allowed, of_claim)
        return self._by_span(lines, allowed, of_claim, spans, [int(span) for span in used])

    def _by_span(
        self, lines: Coded, allowed: Allowed, of_claim: Integers | None, spans: Integers, used: list[int]
    ) -> Paid:
        """Return what lines of days with other terms are paid, each by its own."""
        before, basis = np.full(len(spans), NONE, np.int64), np.zeros(len(spans), np.int64)
        labels = ["not_in_force"]
        in_force = [span for span in used if span >= 0 and self._in_force[span]]
        if not in_force:
            return Paid(before, before, basis, tuple(labels))
        rows = {span: np.flatnonzero(spans == span) for span in in_force}
        for span, at in rows.items():
            rated = self._of_span(span).rated(Coded.of(lines.frame[at]), _rows_of(allowed, at))
            before[at], basis[at] = rated.cents, rated.basis + len(labels)
            labels += rated.labels
        cents = self._of_span(in_force[0]).limited(before, lines, of_claim).copy()
        for span, at in rows.items():
            cents[at] = self._of_span(span).cut(cents[at])
        return Paid(cents, before, basis, tuple(labels))

    def plainest_basis(self, only_place: tuple[str, str] | None) -> OpenBasis:
        """Return the plainest basis on which Medicare allows the same for lines of one place (None: of several)."""
        return self.basis.plainest(only_place, self._schedule_of(self.basis))

    def allowed_on_basis(self, claims: pl.DataFrame, basis: OpenBasis) -> Allowed:
        """Return what Medicare allows for lines on a basis, with the factors a fee table needs."""
        factors = factors_of(self.filled)
        if basis.is_current(medicare_rules()):
            found = self.medicare.price(claims, (*_ENGINE[2:], *factors))
        else:
            found = self._on_basis(basis, claims, factors)
        return _allowed(found, claims, with_factors=bool(factors))

    @cached_property
    def _days(self) -> list[date]:
        """The first day of each span of days with the same terms; the last begins when the contract has ended."""
        contract = self.filled
        first = min(span.first for span in self.releases)
        last = max(span.last for span in self.releases)
        every = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        inside = [day for day in every if contract.holds_on(day)]
        after = [] if not inside or inside[-1] == last else [inside[-1] + timedelta(days=1)]
        return [*days_of_change(contract, inside), *after]

    @cached_property
    def _begins(self) -> Integers:
        return np.array([(day - _EPOCH).days for day in self._days], np.int64)

    @cached_property
    def _in_force(self) -> list[bool]:
        return [self.filled.holds_on(day) for day in self._days]

    def _of_span(self, span: int) -> DayTerms:
        if span not in self._terms:
            fees = self._bases.fees_of(self.filled)
            self._terms[span] = DayTerms.of(self.filled, self._days[span], self.taxonomy, fees)
        return self._terms[span]

    def price_together(self, claims: pl.DataFrame, bases: Sequence[OpenBasis]) -> list[Allowed]:
        """Return what Medicare allows for lines on each of the bases, which one pricer prices: in one run.

        A copy of the lines for each basis, its patients and claims apart from those of the others.
        """
        factors = factors_of(self.filled)
        copies = [self._moved(basis, _apart(claims, number)) for number, basis in enumerate(bases)]
        found = self._pricer_of(bases[0]).price(
            pl.concat(copies, how="vertical_relaxed"), (*_ENGINE[2:], *factors)
        )
        parts = [found.slice(number * claims.height, claims.height) for number in range(len(bases))]
        return [_allowed(part, claims, with_factors=bool(factors)) for part in parts]

    def pricer_key(self, basis: OpenBasis) -> tuple[object, ...]:
        """Return what tells a basis' pricer from others over the same days; and whether lines keep their own QP."""
        release = basis.schedule and basis.schedule.release.name
        return (release, basis.rules, basis.is_national, basis.conversion_factor, basis.qp is None)

    def _schedule_of(self, basis: OpenBasis) -> FeeSchedule:
        return basis.schedule or _schedule(self.releases[-1])

    def _on_basis(self, basis: OpenBasis, claims: pl.DataFrame, factors: Sequence[str]) -> pl.DataFrame:
        """Return the lines as a basis prices them: in its release, place and setting."""
        return self._pricer_of(basis).price(self._moved(basis, claims), (*_ENGINE[2:], *factors))

    def _moved(self, basis: OpenBasis, claims: pl.DataFrame) -> pl.DataFrame:
        schedule = self._schedule_of(basis)
        moved = basis.moved(claims, basis.place(schedule), schedule.release.first_date_of_service)
        return moved if basis.qp is None else moved.with_columns(qp=pl.lit(basis.qp))

    def _pricer_of(self, basis: OpenBasis) -> ClaimPricer:
        return self._bases.pricer(self.pricer_key(basis)[:-1], lambda: self._pricer(basis))

    def _pricer(self, basis: OpenBasis) -> ClaimPricer:
        """Return what prices lines on a basis."""
        if basis.schedule is not None:
            day = basis.schedule.release.day(None)
            schedule = basis.schedule.national(day) if basis.is_national else basis.schedule
            return pricer_of_day(schedule, day, basis.rules, basis.conversion_factor)
        spans = list(self.releases)
        if basis.is_national:
            spans = [ReleaseDays(span.tables.national(span.first), span.first, span.last) for span in spans]
        return pricer_with_factor(spans, basis.rules, basis.conversion_factor)


def _schedule(span: ReleaseDays) -> FeeSchedule:
    assert isinstance(span.tables, FeeSchedule)
    return span.tables


def _apart(claims: pl.DataFrame, number: int) -> pl.DataFrame:
    """Return lines whose patients and claims have names that no other number's have."""
    mark = pl.lit(f"{number} ")
    names = {"claim_id": pl.concat_str(mark, pl.col("claim_id").cast(pl.String).fill_null(""))}
    if "beneficiary_id" in claims.columns:
        beneficiary = pl.col("beneficiary_id").cast(pl.String).fill_null("")
        marked = pl.concat_str(mark, beneficiary)
        names["beneficiary_id"] = pl.when(beneficiary != "").then(marked).otherwise(beneficiary)
    return claims.with_columns(**names)


def _rows_of(allowed: Allowed, at: Integers) -> Allowed:
    return Allowed(
        allowed.cents[at],
        allowed.status.gather(at),
        allowed.units if isinstance(allowed.units, int) else allowed.units[at],
        None if allowed.factors is None else allowed.factors[at],
    )


def _allowed(found: pl.DataFrame, claims: pl.DataFrame, *, with_factors: bool) -> Allowed:
    return allowed_of(found.with_columns(claims["units"]), "allowed_amount", "units", with_factors=with_factors)


def _claim_numbers(claims: pl.DataFrame) -> Integers:
    """Return the claim of each line as a number: of one patient where claims of two bear one name.

    Lines of a claim mostly stand together: then their runs are numbered. Only where one comes again is it looked for.
    """
    named = claims.select(*patient(claims), pl.col("claim_id").fill_null("").alias("claim"))
    if not named["by_beneficiary"].any():
        named = named.select("claim")
    changed = named.select(pl.any_horizontal(pl.all().ne_missing(pl.all().shift(1)))).to_series().to_numpy().copy()
    changed[:1] = False
    run = np.cumsum(changed)
    heads = np.flatnonzero(changed)
    hashed = named[np.concatenate([[0], heads]).astype(np.int64)].hash_rows().to_numpy() if len(run) else run
    kinds, number = np.unique(hashed, return_inverse=True)
    numbers: Integers = run if len(kinds) == len(hashed) else number[run]
    return numbers
