"""Claim lines priced by a contract, batch by batch, with the payment rules over all lines of a patient's day."""

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
from feecalc.contracts.lines import AllowedAmounts, CodedLines, PaidAmounts
from feecalc.contracts.paying.bases import Bases
from feecalc.contracts.paying.basis import OpenBasis, medicare_rules
from feecalc.contracts.paying.day import DayTerms, days_of_change
from feecalc.contracts.pricing import allowed_of, paid_columns
from feecalc.contracts.terms.fee_table import factors_of
from feecalc.contracts.terms.lesser_of_billed import CLAIM
from feecalc.pricing.arrays import Integers
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.claims.grouping import patient
from feecalc.pricing.claims.pricers import pricer_of_day, pricer_with_factor
from feecalc.pricing.schedule import FeeSchedule

COLUMNS = (
    "release", "setting", "medicare_amount", "pricing_status", "reason", "basis_amount", "before_charge_amount",
    "contract_amount", "contract_basis", "contract_reason",
)  # fmt: skip
_ENGINE = ("release", "setting", "allowed_amount", "pricing_status", "reason")
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class ClaimContract:
    """A pricer of claim lines by one contract, for batch after batch.

    ``releases`` are current Medicare's, by day of service; contracts over the same releases may share ``bases``.
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
        opened = self._bases.of(self.filled)
        return replace(opened, rules=replace(opened.rules, add_on_needs_primary=False)) if self.alone else opened

    @cached_property
    def medicare(self) -> ClaimPricer:
        rules = replace(medicare_rules(), add_on_needs_primary=not self.alone)
        return self._bases.pricer(("current", rules), lambda: ClaimPricer(self.releases, rules))

    @cached_property
    def _bases(self) -> Bases:
        return self.bases or Bases(home=self.home)

    def price(self, claims: pl.DataFrame, columns: Sequence[str] = COLUMNS) -> pl.DataFrame:
        """Return what the payer pays for each line, row for row. Shape: ``columns``, some of ``COLUMNS``. [USD]

        ``medicare_amount`` is current Medicare's before the charge ceiling. The contract's amount is null on a line
        outside the contract's days. All lines of a patient's day must be in one batch.
        """
        factors = factors_of(self.filled)
        medicare = self.medicare.price(claims, (*_ENGINE, *factors))
        on_basis = medicare
        if not self.basis.is_current(self.medicare.rules):
            on_basis = self._on_basis(self.basis, claims, factors)
        allowed = _allowed(on_basis, claims, with_factors=bool(factors))
        paid = self.pay(claims, allowed)
        contract_columns = paid_columns(paid, on_basis, allowed)
        results = [
            *medicare.select(*_ENGINE).rename({"allowed_amount": "medicare_amount"}).get_columns(),
            *contract_columns,
        ]
        return pl.DataFrame(results).select(columns)

    def pay(self, claims: pl.DataFrame, allowed: AllowedAmounts, coded: CodedLines | None = None) -> PaidAmounts:
        """Return what the payer pays for lines, from what Medicare allows on the contract's basis.

        ``allowed`` is the result of ``allowed_on_basis``; contracts of one basis may share it, and ``coded``.
        """
        lines = coded or CodedLines.of(claims)
        claim_numbers = _claim_numbers(claims) if self.filled.lesser_of_billed == CLAIM else None
        days = claims["date_of_service"].to_physical().fill_null(-1).to_numpy()
        spans = np.searchsorted(self._first_days, days, side="right") - 1
        used_spans = np.flatnonzero(np.bincount(spans + 1)) - 1
        if len(used_spans) == 1 and used_spans[0] >= 0 and self._in_force[used_spans[0]]:
            return self._of_span(int(used_spans[0])).pay(lines, allowed, claim_numbers)
        return self._by_span(lines, allowed, claim_numbers, spans, [int(span) for span in used_spans])

    def _by_span(
        self,
        lines: CodedLines,
        allowed: AllowedAmounts,
        claim_numbers: Integers | None,
        spans: Integers,
        used_spans: list[int],
    ) -> PaidAmounts:
        """Return what lines are paid where terms change between their days: each by the terms of its day."""
        before, basis = np.full(len(spans), NONE, np.int64), np.zeros(len(spans), np.int64)
        labels = ["not_in_force"]
        in_force = [span for span in used_spans if span >= 0 and self._in_force[span]]
        if not in_force:
            return PaidAmounts(before, before, basis, tuple(labels))
        rows_by_span = {span: np.flatnonzero(spans == span) for span in in_force}
        for span, rows in rows_by_span.items():
            rated = self._of_span(span).rated(CodedLines.of(lines.frame[rows]), _rows_of(allowed, rows))
            before[rows], basis[rows] = rated.cents, rated.basis + len(labels)
            labels += rated.labels
        cents = self._of_span(in_force[0]).limited(before, lines, claim_numbers).copy()
        for span, rows in rows_by_span.items():
            cents[rows] = self._of_span(span).cut(cents[rows])
        return PaidAmounts(cents, before, basis, tuple(labels))

    def plainest_basis(self, only_place: tuple[str, str] | None) -> OpenBasis:
        """Return the plainest basis with the same amounts for lines in one locality (None: in more than one)."""
        return self.basis.plainest(only_place, self._schedule_of(self.basis))

    def allowed_on_basis(self, claims: pl.DataFrame, basis: OpenBasis) -> AllowedAmounts:
        """Return what Medicare allows for lines on a basis, with the factors a fee table needs."""
        factors = factors_of(self.filled)
        if basis.is_current(medicare_rules()):
            priced = self.medicare.price(claims, (*_ENGINE[2:], *factors))
        else:
            priced = self._on_basis(basis, claims, factors)
        return _allowed(priced, claims, with_factors=bool(factors))

    @cached_property
    def _days(self) -> list[date]:
        """The first day of each span of days with the same terms; the last span begins after the contract's end."""
        contract = self.filled
        first = min(span.first for span in self.releases)
        last = max(span.last for span in self.releases)
        all_days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        days_in_force = [day for day in all_days if contract.applies_on(day)]
        day_after = [] if not days_in_force or days_in_force[-1] == last else [days_in_force[-1] + timedelta(days=1)]
        return [*days_of_change(contract, days_in_force), *day_after]

    @cached_property
    def _first_days(self) -> Integers:
        return np.array([(day - _EPOCH).days for day in self._days], np.int64)

    @cached_property
    def _in_force(self) -> list[bool]:
        return [self.filled.applies_on(day) for day in self._days]

    def _of_span(self, span: int) -> DayTerms:
        if span not in self._terms:
            fees = self._bases.fees_of(self.filled)
            self._terms[span] = DayTerms.of(self.filled, self._days[span], self.taxonomy, fees)
        return self._terms[span]

    def price_together(self, claims: pl.DataFrame, bases: Sequence[OpenBasis]) -> list[AllowedAmounts]:
        """Return what Medicare allows for lines on each basis, priced in one run; the bases must share a pricer.

        The run has a copy of the lines for each basis, with distinct patients and claims.
        """
        factors = factors_of(self.filled)
        copies = [
            self._on_basis_lines(basis, _with_distinct_names(claims, number)) for number, basis in enumerate(bases)
        ]
        priced = self._pricer_of(bases[0]).price(pl.concat(copies, how="vertical_relaxed"), (*_ENGINE[2:], *factors))
        parts = [priced.slice(number * claims.height, claims.height) for number in range(len(bases))]
        return [_allowed(part, claims, with_factors=bool(factors)) for part in parts]

    def pricer_key(self, basis: OpenBasis) -> tuple[object, ...]:
        """Return a key that bases with one pricer share; its last item is whether lines keep their own QP factor."""
        release = basis.schedule and basis.schedule.release.name
        return (release, basis.rules, basis.is_national, basis.conversion_factor, basis.qp is None)

    def _schedule_of(self, basis: OpenBasis) -> FeeSchedule:
        return basis.schedule or _schedule(self.releases[-1])

    def _on_basis(self, basis: OpenBasis, claims: pl.DataFrame, factors: Sequence[str]) -> pl.DataFrame:
        """Return lines priced on a basis: by its release, in its locality and setting."""
        return self._pricer_of(basis).price(self._on_basis_lines(basis, claims), (*_ENGINE[2:], *factors))

    def _on_basis_lines(self, basis: OpenBasis, claims: pl.DataFrame) -> pl.DataFrame:
        schedule = self._schedule_of(basis)
        moved = basis.moved(claims, basis.place(schedule), schedule.release.first_date_of_service)
        return moved if basis.qp is None else moved.with_columns(qp=pl.lit(basis.qp))

    def _pricer_of(self, basis: OpenBasis) -> ClaimPricer:
        return self._bases.pricer(self.pricer_key(basis)[:-1], lambda: self._pricer(basis))

    def _pricer(self, basis: OpenBasis) -> ClaimPricer:
        """Return the pricer of a basis."""
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


def _with_distinct_names(claims: pl.DataFrame, number: int) -> pl.DataFrame:
    """Return lines with patient and claim names that are distinct from those of every other ``number``."""
    prefix = pl.lit(f"{number} ")
    names = {"claim_id": pl.concat_str(prefix, pl.col("claim_id").cast(pl.String).fill_null(""))}
    if "beneficiary_id" in claims.columns:
        beneficiary = pl.col("beneficiary_id").cast(pl.String).fill_null("")
        prefixed = pl.concat_str(prefix, beneficiary)
        names["beneficiary_id"] = pl.when(beneficiary != "").then(prefixed).otherwise(beneficiary)
    return claims.with_columns(**names)


def _rows_of(allowed: AllowedAmounts, rows: Integers) -> AllowedAmounts:
    return AllowedAmounts(
        allowed.cents[rows],
        allowed.status.gather(rows),
        allowed.units if isinstance(allowed.units, int) else allowed.units[rows],
        None if allowed.factors is None else allowed.factors[rows],
    )


def _allowed(priced: pl.DataFrame, claims: pl.DataFrame, *, with_factors: bool) -> AllowedAmounts:
    return allowed_of(priced.with_columns(claims["units"]), "allowed_amount", "units", with_factors=with_factors)


def _claim_numbers(claims: pl.DataFrame) -> Integers:
    """Return the claim of each line as a number. Claims of two patients with one name are different claims.

    Lines of a claim are usually adjacent: runs of them are numbered, and matched only where a claim comes again.
    """
    claims_of_lines = claims.select(*patient(claims), pl.col("claim_id").fill_null("").alias("claim"))
    if not claims_of_lines["by_beneficiary"].any():
        claims_of_lines = claims_of_lines.select("claim")
    changed = (
        claims_of_lines.select(pl.any_horizontal(pl.all().ne_missing(pl.all().shift(1)))).to_series().to_numpy().copy()
    )
    changed[:1] = False
    run = np.cumsum(changed)
    run_starts = np.flatnonzero(changed)
    hashed = (
        claims_of_lines[np.concatenate([[0], run_starts]).astype(np.int64)].hash_rows().to_numpy() if len(run) else run
    )
    distinct, number = np.unique(hashed, return_inverse=True)
    numbers: Integers = run if len(distinct) == len(hashed) else number[run]
    return numbers
