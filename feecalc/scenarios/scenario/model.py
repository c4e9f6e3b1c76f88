"""A scenario's file as a model, its parts checked against each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from feecalc.contracts.fields import Percent, Section, SignedPercent, Words
from feecalc.errors import InvalidValue
from feecalc.scenarios.scenario.events import ContractRenewal, Event, Hire, MixChange, SiteShift, refuse_overlaps
from feecalc.scenarios.scenario.parts import (
    WHOLE,
    Dollars,
    Growth,
    ListOfWords,
    Location,
    Payer,
    Practice,
    Provider,
    Share,
    Uncertainty,
)

BASE = "base"
_MOST_LISTED = 100
NOBODY = Provider(name="the practice")


class Alternative(Section):
    """The scenario with events left out or added, another mix, other percents, more or less volume, and a cost."""

    name: Words
    without: ListOfWords = ()
    event: tuple[Event, ...] = ()
    share: dict[Words, Share] = Field(default_factory=dict)
    percent: dict[Words, Percent] = Field(default_factory=dict)
    volume: SignedPercent = Decimal(0)
    cost: Dollars = Decimal(0)  # a year


class Scenario(Section):
    """A practice and its years ahead. ``base_year`` is the year the volume was counted in; ``target``: USD a year.

    ``claims`` is a file of the practice's claim lines: what the rules for multiple procedures of a day leave of each
    code's amount is taken from it.
    """

    name: Words = "scenario"
    base_year: Annotated[int, Field(ge=2009, le=2100)]
    release: Words | None = None
    volume: Words | None = None
    claims: Words | None = None
    target: Dollars | None = None
    practice: Practice
    location: tuple[Location, ...]
    provider: tuple[Provider, ...] = ()
    payer: tuple[Payer, ...]
    growth: Growth = Growth()
    event: tuple[Event, ...] = ()
    alternative: tuple[Alternative, ...] = ()
    uncertainty: Uncertainty = Uncertainty()
    volume_change: SignedPercent = Decimal(0)  # what an alternative, or a break-even, changes of all units
    cost: Dollars = Decimal(0)

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        for what in ("location", "provider", "payer", "event", "alternative"):
            _each_once(what, [part.name for part in getattr(self, what)])
        for what in ("location", "payer"):
            if not 1 <= len(getattr(self, what)) <= _MOST_LISTED:
                raise ValueError(
                    f"{what}: a scenario has from 1 to {_MOST_LISTED} of them; write [[{what}]] before each"
                )
        self._volumes()
        if self.provider:
            _to_hundred("provider: the shares", {provider.name: provider.share for provider in self.provider})
        shares = {payer.name: payer.share for payer in self.payer if payer.share is not None}
        if shares and len(shares) < len(self.payer):
            lacking = ", ".join(payer.name for payer in self.payer if payer.share is None)
            raise ValueError(
                f"payer: {lacking} without a share; give each payer one, or none where the volume names them"
            )
        if shares:
            _to_hundred("payer: the shares", shares)
        self._events(self.event, bool(shares))
        try:
            refuse_overlaps(self.event)
        except InvalidValue as error:
            raise ValueError(str(error)) from None
        for alternative in self.alternative:
            self._alternative(alternative, bool(shares))
        return self

    @property
    def providers(self) -> tuple[Provider, ...]:
        return self.provider or (NOBODY,)

    @property
    def names_payers(self) -> bool:
        """Whether the volume, not a share, says who pays."""
        return self.payer[0].share is None

    def changed(self, **update: Any) -> Scenario:
        """Return the scenario with other values, checked anew. Raises InvalidValue."""
        from pydantic import ValidationError

        values = {name: getattr(self, name) for name in type(self).model_fields}
        try:
            return Scenario.model_validate(values | update)
        except ValidationError as error:
            raise InvalidValue("; ".join(detail["msg"] for detail in error.errors())) from None

    def as_alternative(self, other: Alternative) -> Scenario:
        """Return the scenario that an alternative describes."""
        kept = tuple(event for event in self.event if event.name not in other.without)
        payers = []
        for payer in self.payer:
            update: dict[str, Any] = {}
            if other.share:
                update["share"] = other.share[payer.name]
            if payer.name in other.percent:
                terms = {"medicare": False, "percent_of_charge": None, "contract": None}
                update |= terms | {"percent": other.percent[payer.name]}
            payers.append(payer.model_copy(update=update))
        return self.changed(
            name=other.name, event=(*kept, *other.event), payer=tuple(payers), alternative=(),
            volume_change=other.volume, cost=other.cost,
        )  # fmt: skip

    def _volumes(self) -> None:
        own = [location.name for location in self.location if location.volume is not None]
        if self.volume is None:
            for location in self.location:
                if location.volume is None:
                    raise ValueError(f"location {location.name}: no volume; name its file, or one for the scenario")
                if location.share is not None:
                    raise ValueError(f"location {location.name}: a share is of the scenario's volume, and it has none")
            return
        if own:
            raise ValueError(f"volume: the scenario has one, and so has location {own[0]}; take one out")
        lacking = [location.name for location in self.location if location.share is None]
        if len(lacking) == len(self.location):
            return  # each row is of the location whose locality it names
        if lacking:
            raise ValueError(f"location {lacking[0]}: no share of the scenario's volume, and another location has one")
        shares = {location.name: location.share for location in self.location if location.share is not None}
        _to_hundred("location: the shares", shares)

    def _events(self, events: Iterable[Event], has_shares: bool) -> None:
        for event in events:
            where = f"event {event.name!r}"
            if isinstance(event, ContractRenewal):
                self._known(where, "payer", [event.payer])
            if isinstance(event, SiteShift | Hire):
                self._known(where, "location", event.locations)
            if isinstance(event, MixChange):
                self._mix(where, event.share, has_shares)

    def _alternative(self, alternative: Alternative, has_shares: bool) -> None:
        where = f"alternative {alternative.name!r}"
        if alternative.name == BASE:
            raise ValueError(f"{where}: that is the name of the scenario itself")
        unknown = [name for name in alternative.without if name not in {event.name for event in self.event}]
        if unknown:
            raise ValueError(f"{where}: without names {unknown[0]!r}, which is no event of the scenario")
        self._known(where, "payer", alternative.percent)
        if alternative.share:
            self._mix(where, alternative.share, has_shares)
        self._events(alternative.event, has_shares)
        kept = [event for event in self.event if event.name not in alternative.without]
        _each_once(f"{where}: event", [event.name for event in (*kept, *alternative.event)])
        try:
            refuse_overlaps((*kept, *alternative.event))
        except InvalidValue as error:
            raise ValueError(f"{where}: {error}") from None

    def _mix(self, where: str, share: dict[str, Decimal], has_shares: bool) -> None:
        if not has_shares:
            raise ValueError(f"{where}: the volume names the payers, so there are no shares to change")
        self._known(where, "payer", share)
        missing = [payer.name for payer in self.payer if payer.name not in share]
        if missing:
            raise ValueError(f"{where}: share leaves out {', '.join(missing)}; give every payer's, 0 for none")
        _to_hundred(f"{where}: the shares", share)

    def _known(self, where: str, what: str, names: Iterable[str]) -> None:
        known = [part.name for part in getattr(self, what)]
        for name in names:
            if name not in known:
                raise ValueError(f"{where}: no {what} {name!r}; there are {', '.join(known)}")


def _each_once(what: str, names: Sequence[str]) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"{what}: two are named {twice!r}")


def _to_hundred(what: str, shares: dict[str, Decimal]) -> None:
    total = sum(shares.values(), Decimal(0))
    if total != WHOLE:
        listed = ", ".join(f"{name} {share}" for name, share in shares.items())
        raise ValueError(f"{what} add up to {total.normalize():f}, not 100 ({listed})")
