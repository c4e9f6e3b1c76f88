"""What a contract's percents are percents of: the release opened, and Medicare's rules as the contract has them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from feecalc import reference
from feecalc.contracts.contract import CURRENT, NATIONAL, OWN, Contract, RuleTerms
from feecalc.errors import AmbiguousLocality, NotInstalled, UnknownLocality, UnknownRelease
from feecalc.installed import open_schedule
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.release_tables import ReleaseTables
from feecalc.pricing.schedule import FeeSchedule


@dataclass(frozen=True)
class OpenBasis:
    """A contract's basis, opened. ``schedule`` None: the fee schedule of the day of service."""

    schedule: FeeSchedule | None
    rules: ClaimRules
    locality: str  # own, national, or a place for all lines
    conversion_factor: Decimal | None
    qp: bool | None  # None: the line's own
    office: bool  # every line is priced as in an office
    notices: tuple[str, ...] = ()
    payer: str = ""  # whose it is, for what is wrong with it

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from another one."""
        named = None if self.schedule is None else (self.schedule.release.name, self.schedule.release.sha256)
        return (named, self.rules, self.locality, self.conversion_factor, self.qp, self.office)

    def floor_notices(self, current: Iterable[ReleaseTables]) -> tuple[str, ...]:
        """Whence the work indices without the floor come, where the basis has none; ``current`` on current Medicare."""
        if self.rules.gpci_floor:
            return ()
        used = current if self.schedule is None else [self.schedule]
        return tuple(dict.fromkeys(text for each in used for text in each.unfloored.notices))

    def is_current(self, rules: ClaimRules) -> bool:
        """Whether it is Medicare's own amount on the day of service, under these rules."""
        return self.key == OpenBasis(None, rules, OWN, None, None, False).key

    def moved(self, lines: pl.DataFrame, place: tuple[str, str] | None, day: date) -> pl.DataFrame:
        """Lines as the basis has them: in its locality (``place``), in an office."""
        told = {} if place is None else {"mac": pl.lit(place[0]), "locality": pl.lit(place[1])}
        if self.office:
            told["place_of_service"] = pl.lit(reference.row_on("payer_rule", day, rule="office")["place_of_service"])
        return lines.with_columns(**told) if told else lines

    def place(self, schedule: FeeSchedule) -> tuple[str, str] | None:
        """mac and locality for all lines; None where each keeps its own. Raises UnknownLocality, AmbiguousLocality."""
        if self.locality == OWN:
            return None
        if self.locality.lower() == NATIONAL:
            return "", ""
        try:
            found = schedule.find_locality(self.locality)
        except (UnknownLocality, AmbiguousLocality) as error:
            raise type(error)(f"{self.payer}, key basis.locality: {error}") from error
        return found.mac, found.locality


def claim_rules(terms: RuleTerms, *, gpci_floor: bool = True) -> ClaimRules:
    """Medicare's rules as a contract has them: charges are its own affair, and so is what the patient owes."""
    several = terms.multiple_procedure != "none"
    own = terms.multiple_procedure if isinstance(terms.multiple_procedure, tuple) else ()
    return ClaimRules(
        surgery=several,
        endoscopy=several,
        imaging=several,
        therapy=several,
        diagnostic=several,
        lower_of_billed=False,
        practitioner_percent=terms.practitioner_percent is not False,
        gpci_floor=gpci_floor,
        surgery_percents=tuple(str(each) for each in own),
        both_sides_percent="" if terms.bilateral is None else str(terms.bilateral),
        assistant_percent="" if terms.assistant is None else str(terms.assistant),
    )


def open_basis(contract: Contract, home: Path | None = None) -> OpenBasis:
    """The basis of a contract (``Contract.filled``). Raises NotInstalled, UnknownRelease."""
    basis, rules = contract.basis, contract.rules
    schedule, notices = _schedule(contract, home)
    return OpenBasis(
        schedule,
        claim_rules(rules, gpci_floor=basis.gpci_floor is not False),
        basis.locality or OWN,
        basis.conversion_factor,
        basis.qp,
        rules.site_of_service is False,
        notices,
        contract.payer,
    )


def _schedule(contract: Contract, home: Path | None) -> tuple[FeeSchedule | None, tuple[str, ...]]:
    basis = contract.basis
    if basis.release is not None:
        return _opened(contract, basis.release, "basis.release", home)
    if basis.year is None or basis.year == CURRENT:
        return None, ()
    rule = reference.row_on("payer_rule", date(int(basis.year), 1, 1), rule="year_release")
    letter = rule["letter"]
    try:
        return _opened(contract, f"{basis.year}{letter}", "basis.year", home)
    except (NotInstalled, UnknownRelease) as error:
        for other in rule["other_letters"]:
            try:
                schedule, notices = _opened(contract, f"{basis.year}{other}", "basis.year", home)
            except (NotInstalled, UnknownRelease):
                continue
            told = (
                f"{contract.payer}: the contract says {basis.year} and no quarter; {basis.year}{letter} is not "
                f"installed, so its amounts are of {schedule.release.name if schedule else ''}"
            )
            return schedule, (told, *notices)
        raise error


def _opened(contract: Contract, name: str, key: str, home: Path | None) -> tuple[FeeSchedule, tuple[str, ...]]:
    try:
        opened = open_schedule(name, home=home)
    except (NotInstalled, UnknownRelease) as error:
        raise type(error)(f"{contract.payer}, key {key}: {error}") from error
    return opened.schedule, opened.notices


def medicare_rules() -> ClaimRules:
    """Medicare's own rules, the charge left out."""
    return replace(ClaimRules(), lower_of_billed=False)
