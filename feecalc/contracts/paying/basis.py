"""The Medicare basis of a contract's percents: the release, the locality, and the payment rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from feecalc.contracts.contract import Contract
from feecalc.contracts.terms import TERMS
from feecalc.contracts.terms.locality import OWN, is_national, place_of
from feecalc.contracts.terms.site_of_service import office
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.release_tables import ReleaseTables
from feecalc.pricing.schedule import FeeSchedule


@dataclass(frozen=True)
class OpenBasis:
    """A contract's basis, its release open. ``schedule`` None: the fee schedule of the day of service."""

    rules: ClaimRules
    schedule: FeeSchedule | None = None
    locality: str = OWN  # own, national, or one locality for all lines
    conversion_factor: Decimal | None = None
    qp: bool | None = None  # None: the line's own
    office: bool = False  # every line is priced as in an office
    notices: tuple[str, ...] = ()
    payer: str = ""  # for error messages

    @property
    def key(self) -> tuple[object, ...]:
        """A key that is equal for bases with the same amounts."""
        release = None if self.schedule is None else (self.schedule.release.name, self.schedule.release.sha256)
        return (release, self.rules, self.locality, self.conversion_factor, self.qp, self.office)

    @property
    def is_national(self) -> bool:
        """Whether every index is 1."""
        return is_national(self.locality)

    def floor_notices(self, current: Iterable[ReleaseTables]) -> tuple[str, ...]:
        """Return notices of the source of work GPCIs without the floor, where the basis applies no floor.

        ``current``: the tables of current Medicare.
        """
        if self.rules.gpci_floor:
            return ()
        used_tables = current if self.schedule is None else [self.schedule]
        return tuple(dict.fromkeys(text for tables in used_tables for text in tables.unfloored.notices))

    def is_current(self, rules: ClaimRules) -> bool:
        """Return whether the basis is current Medicare's own amount under these rules."""
        return self.key == OpenBasis(rules).key

    def plainest(self, only_place: tuple[str, str] | None, schedule: FeeSchedule) -> OpenBasis:
        """Return the plainest basis with the same amounts, so that equal amounts are priced once.

        ``only_place``: mac and locality of all lines, None where they differ; ``schedule``: the release in which
        localities are looked up. Raises UnknownLocality, AmbiguousLocality.
        """
        basis, place = self, self.place(schedule)
        if place is not None and place == only_place and not self.is_national:
            basis = replace(basis, locality=OWN)
        if self.schedule is not None and not self.schedule.has_qp_track:
            basis = replace(basis, qp=None)
        return basis

    def moved(self, lines: pl.DataFrame, place: tuple[str, str] | None, day: date) -> pl.DataFrame:
        """Return lines with the basis' locality (``place``: mac and locality) and, where it says so, in an office."""
        columns = {} if place is None else {"mac": pl.lit(place[0]), "locality": pl.lit(place[1])}
        if self.office:
            columns["place_of_service"] = pl.lit(office(day))
        return lines.with_columns(**columns) if columns else lines

    def place(self, schedule: FeeSchedule) -> tuple[str, str] | None:
        """Return mac and locality for all lines; None where each keeps its own.

        Raises UnknownLocality, AmbiguousLocality.
        """
        return place_of(self.locality, schedule, self.payer)


def open_basis(contract: Contract, home: Path | None = None) -> OpenBasis:
    """Return the basis of a contract (``Contract.filled``) as its terms set it. Raises NotInstalled, UnknownRelease.

    The charge ceiling is not part of it: that is the contract's own term.
    """
    rules: dict[str, Any] = {}
    basis: dict[str, Any] = {}
    for term in TERMS:
        keys = term.keys_of(contract)
        rules |= term.rules(keys)
        basis |= term.basis(keys, contract.payer, home)
    return OpenBasis(replace(medicare_rules(), **rules), payer=contract.payer, **basis)


def medicare_rules() -> ClaimRules:
    """Return Medicare's own rules without the charge ceiling."""
    return replace(ClaimRules(), lower_of_billed=False)
