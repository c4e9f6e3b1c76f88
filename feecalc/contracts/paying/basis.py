"""What a contract's percents are percents of: the release opened, and Medicare's rules as the contract has them."""

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
    """A contract's basis, opened. ``schedule`` None: the fee schedule of the day of service."""

    rules: ClaimRules
    schedule: FeeSchedule | None = None
    locality: str = OWN  # own, national, or a place for all lines
    conversion_factor: Decimal | None = None
    qp: bool | None = None  # None: the line's own
    office: bool = False  # every line is priced as in an office
    notices: tuple[str, ...] = ()
    payer: str = ""  # whose it is, for what is wrong with it

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from another one."""
        named = None if self.schedule is None else (self.schedule.release.name, self.schedule.release.sha256)
        return (named, self.rules, self.locality, self.conversion_factor, self.qp, self.office)

    @property
    def is_national(self) -> bool:
        """Whether every index is 1."""
        return is_national(self.locality)

    def floor_notices(self, current: Iterable[ReleaseTables]) -> tuple[str, ...]:
        """Return whence the work indices without the floor come, where the basis has none.

        ``current``: current Medicare's tables.
        """
        if self.rules.gpci_floor:
            return ()
        used = current if self.schedule is None else [self.schedule]
        return tuple(dict.fromkeys(text for tables in used for text in tables.unfloored.notices))

    def is_current(self, rules: ClaimRules) -> bool:
        """Return whether it is Medicare's own amount on the day of service, under these rules."""
        return self.key == OpenBasis(rules).key

    def plainest(self, only_place: tuple[str, str] | None, schedule: FeeSchedule) -> OpenBasis:
        """Return the plainest basis that allows the same, so that each amount is priced once.

        ``only_place``: the one that all lines lie in, None where there are several; ``schedule``: what places are found
        in. Raises UnknownLocality, AmbiguousLocality.
        """
        found, place = self, self.place(schedule)
        if place is not None and place == only_place and not self.is_national:
            found = replace(found, locality=OWN)
        if self.schedule is not None and not self.schedule.has_qp_track:
            found = replace(found, qp=None)
        return found

    def moved(self, lines: pl.DataFrame, place: tuple[str, str] | None, day: date) -> pl.DataFrame:
        """Return lines as the basis has them: in its locality (``place``), in an office."""
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
    """Return the basis of a contract (``Contract.filled``), as its terms have it. Raises NotInstalled, UnknownRelease.

    Charges are the contract's own affair, and so is what the patient owes.
    """
    rules: dict[str, Any] = {}
    basis: dict[str, Any] = {}
    for term in TERMS:
        keys = term.of(contract)
        rules |= term.rules(keys)
        basis |= term.basis(keys, contract.payer, home)
    return OpenBasis(replace(medicare_rules(), **rules), payer=contract.payer, **basis)


def medicare_rules() -> ClaimRules:
    """Return Medicare's own rules, the charge left out."""
    return replace(ClaimRules(), lower_of_billed=False)
