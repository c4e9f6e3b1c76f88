"""What may happen in a scenario's years, each with its days and, for draws, its odds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from feecalc.contracts.codes import HcpcsCode, PlaceOfService
from feecalc.contracts.fields import DatedSection, Factor, Percent, SignedPercent, Words
from feecalc.errors import InvalidValue
from feecalc.scenarios.scenario.parts import WHOLE, Dollars, ListOfWords, PayerTerms, Provider, Share

OFFICE = "11"


class _Event(DatedSection):
    """``odds``: percent; the forecast has every event, draws have it so often. ``cost``: a year, while it lasts."""

    name: Words
    effective_from: date
    odds: Share = WHOLE
    cost: Dollars = Decimal(0)

    def targets(self) -> Iterable[tuple[object, ...]]:
        """Return what it changes; two events of one target may not change it on the same day."""
        return ((self.kind,),)  # type: ignore[attr-defined]  # each kind of event names its own


class FactorChange(_Event):
    """Another conversion factor: as a number, as a named assumption of reference/, or a percent of the release's.

    ``anesthesia_conversion_factor`` is the national one; without it anesthesia's factor moves by as much as the other.
    """

    kind: Literal["conversion_factor"]
    conversion_factor: Factor | None = None
    conversion_factor_qp: Factor | None = None
    anesthesia_conversion_factor: Factor | None = None
    assumption: Words | None = None
    percent: SignedPercent | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = [name for name in ("conversion_factor", "assumption", "percent") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(
                f"gives {' and '.join(given) or 'no factor'}; give one of conversion_factor, assumption and percent"
            )
        if self.conversion_factor_qp is not None and self.conversion_factor is None:
            raise ValueError("conversion_factor_qp stands beside conversion_factor only")
        return self


class FloorLapse(_Event):
    """The work GPCI's floor of 1.0 is not renewed."""

    kind: Literal["gpci_floor_lapse"]


class SequestrationChange(_Event):
    """Another percent is taken off Medicare's part."""

    kind: Literal["sequestration"]
    percent: Share


class SiteShift(_Event):
    """A percent of the units of codes goes from one place of service to another: 11 to 24, or back."""

    kind: Literal["site_shift"]
    codes: Annotated[tuple[HcpcsCode, ...], Field(min_length=1)]
    from_place: PlaceOfService = OFFICE
    to_place: PlaceOfService
    percent: Share = WHOLE
    locations: ListOfWords = ()  # all, where none is named

    @model_validator(mode="after")
    def _moves(self) -> Self:
        if self.from_place == self.to_place:
            raise ValueError(f"from_place and to_place are both {self.to_place}")
        if len(set(self.codes)) < len(self.codes):
            raise ValueError("codes holds one code twice")
        return self

    def targets(self) -> Iterable[tuple[object, ...]]:
        places = self.locations or (None,)
        return ((self.kind, code, self.from_place, place) for code in self.codes for place in places)


class Hire(_Event):
    """Somebody joins and adds a percent of the practice's units, of its mix of codes and payers."""

    kind: Literal["hire"]
    provider: Provider
    adds: Percent
    locations: ListOfWords = ()

    def targets(self) -> Iterable[tuple[object, ...]]:
        return ((self.kind, self.provider.name),)


class ContractRenewal(_Event, PayerTerms):
    """A payer's new terms, or a percent on top of those it has."""

    kind: Literal["contract_renewal"]
    payer: Words
    change: SignedPercent | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = [*self.terms_given(), *(["change"] if self.change is not None else [])]
        if len(given) != 1:
            raise ValueError(
                f"gives {' and '.join(given) or 'no terms'}; a renewal has one of percent, percent_of_charge, "
                "contract and change"
            )
        return self

    def targets(self) -> Iterable[tuple[object, ...]]:
        return ((self.kind, self.payer),)


class MixChange(_Event):
    """Other shares of the payers: all of them, to 100 in total."""

    kind: Literal["payer_mix"]
    share: dict[Words, Share]


Event = Annotated[
    FactorChange | FloorLapse | SequestrationChange | SiteShift | Hire | ContractRenewal | MixChange,
    Field(discriminator="kind"),
]


def refuse_overlaps(events: Sequence[Event]) -> None:
    """Raise InvalidValue, naming both, where two events change one thing on one day.

    One without an end lasts until the next of its target begins; a site shift until it is said to end.
    """
    for number, event in enumerate(events):
        for other in events[:number]:
            if event.kind != other.kind or not _meet(event, other):
                continue
            if both := _shared(event, other):
                what = " ".join(str(part) for part in both[1:] if part is not None)
                raise InvalidValue(
                    f"events {other.name!r} and {event.name!r} both change {event.kind.replace('_', ' ')}"
                    f"{f' of {what}' if what else ''} from {max(event.effective_from, other.effective_from)} on; give "
                    "the former an effective_to before that day, or take one out"
                )


def _meet(one: Event, other: Event) -> bool:
    if not one.overlaps(other):
        return False
    former, latter = sorted((one, other), key=lambda event: event.effective_from)
    follows = former.effective_to is None and former.effective_from < latter.effective_from
    return not follows or isinstance(one, SiteShift | Hire)


def _shared(one: Event, other: Event) -> tuple[object, ...] | None:
    for target in one.targets():
        for against in other.targets():
            if all(a == b or None in (a, b) for a, b in zip(target, against, strict=True)):
                return target
    return None
