"""Cents of a unit under each payer's terms, times the units, summed by atom: what a forecast adds up.

A volume's units are priced each alone. How often a code stands beside another on a day no volume says; claims do: of
each code what its lines are allowed with the rules for multiple procedures, over what they are allowed without them.
Source of the rules: reference/multiple_procedure.toml.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl

from feecalc import reference
from feecalc.contracts.contract import Contract
from feecalc.contracts.pricing import VolumeContracts, within
from feecalc.contracts.terms.medicare_year import CURRENT
from feecalc.contracts.volume_pricer import VolumePricer
from feecalc.errors import FeeCalcError
from feecalc.facility.case import CaseLine
from feecalc.facility.lines import ASC
from feecalc.facility.schedule import FacilitySchedule
from feecalc.facility.sites import PLACES
from feecalc.money import MONEY_PLACES, rounded, scaled, whole
from feecalc.pricing.arrays import Integers
from feecalc.pricing.claims.batches import priced_batches
from feecalc.pricing.claims.columns import MODIFIERS
from feecalc.pricing.claims.pricers import pricer_of_year
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.release_terms import Terms, as_given_in
from feecalc.pricing.rules.cost_share import terms_of_lines, terms_on
from feecalc.pricing.schedule import FeeSchedule
from feecalc.scenarios.basket.prices import unit_prices
from feecalc.scenarios.forecast.rows import Rows, Stack, Variant, as_variant
from feecalc.scenarios.forecast.timeline import MedicareState, TermsInForce
from feecalc.scenarios.scenario.model import Scenario
from feecalc.scenarios.scenario.parts import CHARGE, MEDICARE, PERCENT, Location

WHOLE = 10**4
_ALLOWED, _NO_RULE = "allowed_amount", "none"
CENTER_PLACE = PLACES[ASC][0]
_PERCENT_PLACES = 4
_HUNDRED_PERCENT = 100 * 10**_PERCENT_PLACES


@dataclass(frozen=True)
class Kept:
    """``codes``: hcpcs, lines, alone and together (cents), kept (ten-thousandths). ``file`` names the claims."""

    file: str
    codes: pl.DataFrame

    def of(self, hcpcs: pl.Series) -> Integers:
        """Return the share of each row's code, whole where the claims have none. [ten-thousandths]  Shape: [row]."""
        kept = self.codes.select("hcpcs", "kept")
        of_rows = hcpcs.to_frame("hcpcs").join(kept, on="hcpcs", how="left", maintain_order="left")
        return of_rows["kept"].fill_null(WHOLE).to_numpy()


def kept_by(claims: pl.LazyFrame, schedule: FeeSchedule, file: str) -> Kept:
    """Return the shares of a file of claim lines by a release, its bills and missing primaries set aside.

    Shape of the claims: ``feecalc.pricing.claims.columns``. Raises MissingColumn.
    """
    rules = ClaimRules(lower_of_billed=False, add_on_needs_primary=False)
    terms, results = Terms(schedule), (_ALLOWED,)
    apart = replace(rules, surgery=False, endoscopy=False, imaging=False, therapy=False, diagnostic=False)
    by_itself = pricer_of_year(schedule, apart, None)
    batches = priced_batches(as_given_in(claims, terms), pricer_of_year(schedule, rules, None), results=results)
    parts = [
        priced.select(
            "hcpcs",
            pl.lit(1, pl.Int64).alias("lines"),
            scaled(by_itself.price(priced.drop(results), results)[_ALLOWED], MONEY_PLACES).alias("alone"),
            scaled(priced[_ALLOWED], MONEY_PLACES).alias("together"),
        ).drop_nulls()
        for priced in batches
    ]
    schema = {"hcpcs": pl.String, "lines": pl.Int64, "alone": pl.Int64, "together": pl.Int64}
    lines = pl.concat([pl.DataFrame(schema=schema), *parts])
    codes = lines.group_by("hcpcs", maintain_order=True).sum().filter(pl.col("alone") > 0)
    kept = rounded(WHOLE * pl.col("together"), pl.col("alone"))
    return Kept(file, codes.with_columns(kept.alias("kept")))


def may_be_reduced(schedule: FeeSchedule, hcpcs: pl.Series) -> bool:
    """Return whether a rule for multiple procedures may reach one of the codes."""
    day = schedule.release.day(None)
    rules = reference.rows_on("multiple_procedure", day)
    indicators = {row["mppr_indicator"] for row in rules if row["rule"] != _NO_RULE}
    reducible = schedule.rvu.filter(pl.col("mppr_indicator").is_in(sorted(indicators)))
    return bool(hcpcs.is_in(reducible["hcpcs"].implode()).any())


def shared(cents: Integers, kept: Integers) -> Integers:
    """Return cents times their share, rounded once, halves up. Shape: [row]."""
    found: Integers = rounded(cents * kept, WHOLE)
    return found


@dataclass
class Pots:
    """What the rows come to under the terms and amounts wanted, which are priced once.

    ``variants`` are priced together; another one is priced by itself when it is wanted.
    """

    rows: Rows
    schedule: FeeSchedule
    day: date
    contracts: Mapping[str, Contract] = field(default_factory=dict)
    facility: FacilitySchedule | None = None
    variants: tuple[Variant, ...] = ((None, None),)
    kept: Kept | None = None  # what rules for multiple procedures leave of Medicare's amounts
    notices: dict[str, None] = field(default_factory=dict, repr=False)  # what contracts say of their bases
    _stacks: dict[Variant, Stack] = field(default_factory=dict, repr=False)
    _contract_pricers: dict[int, VolumeContracts] = field(default_factory=dict, repr=False)
    _cents: dict[Any, Integers] = field(default_factory=dict, repr=False)
    _sums: dict[Any, list[int]] = field(default_factory=dict, repr=False)

    def professional(
        self, terms: TermsInForce, state: MedicareState, variant: Variant, qp: bool, day: date
    ) -> list[int]:
        """Return cents of all units by atom, before what is denied. A payer that is not Medicare pays no QP's factor.

        ``day`` is the one whose terms of a contract hold.
        """
        is_medicare = terms.kind == MEDICARE
        key = (terms.kind, terms.value, state, variant, qp and is_medicare, day)
        if key not in self._sums:
            self._sums[key] = self.rows.sums(self._by_terms(*key))
        return self._sums[key]

    def medicare(self, state: MedicareState, variant: Variant, qp: bool) -> Integers:
        """Return Medicare's allowed amounts for a unit of each row, 0 where it has no price. [cents]

        A unit is priced alone; where the practice's claims are known, times what multiple procedures leave of it.
        """
        stack = self._stack(variant)
        factor = state.qp_factor if qp else state.factor
        key = (id(stack), state.floor, factor, state.anesthesia, qp)
        if key not in self._cents:
            self._cents[key] = unit_prices(
                self.schedule,
                stack.frame,
                self.day,
                qp=qp,
                gpci_floor=state.floor,
                factor=factor,
                anesthesia=state.anesthesia,
            ).cents
            if self.kept is not None:
                self._cents[key] = shared(self._cents[key], self.kept.of(stack.frame["hcpcs"]))
        return stack.of(variant, self._cents[key])

    def patients(self, state: MedicareState, variant: Variant, qp: bool, day: date) -> list[int]:
        """Return what patients pay of Medicare's allowed amounts, by atom. [10^-4 cents]

        ``day``: on which their coinsurance holds. A row is a service by itself: no other stands on its claim.
        """
        key = ("patients", state, variant, qp, day)
        if key not in self._sums:
            self._sums[key] = self.rows.sums(self.medicare(state, variant, qp) * self._coinsurance(day))
        return self._sums[key]

    def center_patients(self, scenario: Scenario, place: str | None, day: date) -> list[int]:
        """Return what patients pay of the payments to the surgery centers, by atom. [10^-4 cents]"""
        key = ("center patients", place, day)
        if key not in self._sums:
            self._sums[key] = self.rows.sums(self._center_cents(scenario, place) * self._coinsurance(day))
        return self._sums[key]

    def _coinsurance(self, day: date) -> Integers:
        """Return the coinsurance of each row. [ten-thousandths]  Source: reference/cost_share.toml."""
        terms = terms_on(day)
        names = [name for name in ("hcpcs", *MODIFIERS) if name in self.rows.frame.columns]
        rates: Integers = terms.rates[terms_of_lines(self.rows.frame.select(names), terms)]
        return rates

    def unpriced(self) -> pl.DataFrame:
        """Return what Medicare does not price as it is, once each: hcpcs, modifier_1, pricing_status, reason."""
        pricer = VolumePricer(self.schedule, day=self.day)
        found = pl.concat([self.rows.frame, pricer.price(self.rows.frame)], how="horizontal")
        lost = found.filter(pl.col("medicare_amount").is_null())
        return lost.select("hcpcs", "modifier_1", "pricing_status", "reason").unique(maintain_order=True)

    def _stack(self, variant: Variant) -> Stack:
        if not self._stacks:
            usual = Stack(self.rows.frame, self.variants)
            self._stacks.update(dict.fromkeys(self.variants, usual))
        if variant not in self._stacks:
            self._stacks[variant] = Stack(self.rows.frame, (variant,))
        return self._stacks[variant]

    def _by_terms(self, kind: str, value: Any, state: MedicareState, variant: Variant, qp: bool, day: date) -> Integers:
        if kind == MEDICARE:
            return self.medicare(state, variant, qp)
        if kind == PERCENT:
            return _percent(self.medicare(state, variant, False), value)
        if kind == CHARGE:
            return _percent(_cents(self.rows.frame["billed_amount"]), value)
        return self._by_contract(value, state, variant, day)

    def _by_contract(self, name: str, state: MedicareState, variant: Variant, day: date) -> Integers:
        """Return a contract's amounts on a day; after its last day as on that."""
        stack = self._stack(variant)
        contract = at_state(self.contracts[name], state)
        follows = contract is not self.contracts[name]
        key = (id(stack), name, state if follows else None, day)
        if key not in self._cents:
            pricer = self._contract_pricers.setdefault(id(stack), VolumeContracts(self.schedule, self.day))
            paid = pricer.pay(contract, stack.frame, day=within(contract, day))
            self.notices.update(dict.fromkeys(pricer.notices))
            self._cents[key] = np.maximum(paid.cents, 0)
        return stack.of(variant, self._cents[key])

    def center(self, scenario: Scenario, place: str | None) -> list[int]:
        """Return Medicare's payments to the practice's surgery centers for what is done there, whoever pays.

        [cents by atom]
        Each code by itself, 0 where the center is paid nothing for it, or its rates are not installed.
        """
        if ("center", place) not in self._sums:
            self._sums["center", place] = self.rows.sums(self._center_cents(scenario, place))
        return self._sums["center", place]

    def _center_cents(self, scenario: Scenario, place: str | None) -> Integers:
        frame = as_variant(self.rows.frame, (None, place))
        cents = np.zeros(frame.height, np.int64)
        for location in scenario.location:
            if location.asc_share and self.facility is not None:
                at = (frame["location"] == location.name) & (frame["place_of_service"] == CENTER_PLACE)
                cents[at.to_numpy()] = self._center_rates(frame.filter(at), location)
        return cents

    def _center_rates(self, frame: pl.DataFrame, location: Location) -> Integers:
        services = frame.select("hcpcs", *MODIFIERS).unique(maintain_order=True)
        rates = services.with_columns(
            pl.Series("rate", [self._center_rate(location, *row) for row in services.iter_rows()], pl.Int64)
        )
        keys = ["hcpcs", *MODIFIERS]
        return frame.select(keys).join(rates, on=keys, how="left", maintain_order="left")["rate"].to_numpy()

    def _center_rate(self, location: Location, hcpcs: str, *modifiers: str) -> int:
        assert self.facility is not None
        line = CaseLine(hcpcs, tuple(modifier for modifier in modifiers if modifier))
        try:
            found = self.facility.price([line], ASC, cbsa=location.cbsa or "").facility_amount
        except FeeCalcError:
            return 0
        return whole(found or Decimal(0), MONEY_PLACES)


def at_state(contract: Contract, state: MedicareState) -> Contract:
    """Return a contract on current Medicare, with the factor and floor that hold then; one of a fixed year as it is."""
    basis = contract.basis
    if basis.release is not None or basis.year not in (None, CURRENT):
        return contract
    factor = basis.conversion_factor or (state.qp_factor if basis.qp else state.factor)
    found = {
        "conversion_factor": factor,
        "qp": basis.qp if factor is None else None,
        "gpci_floor": state.floor and basis.gpci_floor is not False,
    }
    return contract.model_copy(update={"basis": basis.model_copy(update=found)})


def _cents(amounts: pl.Series) -> Integers:
    return scaled(amounts.fill_null(0), MONEY_PLACES).to_numpy()


def _percent(cents: Integers, percent: Decimal) -> Integers:
    part: Integers = rounded(cents * whole(percent, _PERCENT_PLACES), _HUNDRED_PERCENT)
    return part


__all__ = ["WHOLE", "Kept", "kept_by", "may_be_reduced", "shared"]
