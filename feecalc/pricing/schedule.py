"""A release opened for pricing: the public way in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from feecalc.pricing.places.locality import Locality
from feecalc.pricing.price import Circumstances, Price
from feecalc.pricing.release_tables import ReleaseTables

if TYPE_CHECKING:
    from feecalc.pricing.claims.rules import ClaimRules
    from feecalc.pricing.single import SinglePricer

_GLOBAL = ""


def modifiers_of(asked: str | Sequence[str]) -> list[str]:
    """Modifiers as a person gives them, "50,LT" or ["50", "LT"], in capitals, each once."""
    texts = [asked] if isinstance(asked, str) else asked
    return list(dict.fromkeys(part.strip().upper() for text in texts for part in text.split(",") if part.strip()))


@dataclass(frozen=True)
class FeeSchedule(ReleaseTables):
    """A release that prices: one service with its receipt, or the whole table."""

    def price(
        self,
        hcpcs: str,
        modifier: str | Sequence[str] = _GLOBAL,
        *,
        place_of_service: str = "11",
        locality: Locality | str | None = None,
        day: date | None = None,
        qp: bool = False,
        gpci_floor: bool = True,
        participating: bool = True,
        provider_type: str = "physician",
        minutes: int | None = None,
        present_at_induction: bool = False,
        units: int = 1,
        postoperative_days: int | None = None,
    ) -> Price:
        """The Medicare allowed amount of one service, with its receipt. [USD]

        ``locality`` is a key (09102-04), a name (Miami, FL) or a Locality; without one the amount is national. ``day``
        is the date of service, by default the release's first. The service is priced as a claim of one line is, an
        add-on as if its primary were there. ``modifier``: one, or several ("50,LT" or a list). An anesthesia code takes
        ``minutes``; ``present_at_induction`` goes with AD, ``postoperative_days`` with 55. Raises an InputError for
        what cannot be priced as asked; what Medicare does not price comes back with its ``pricing_status`` and reason,
        and no amount.
        """
        place = self.find_locality(locality) if isinstance(locality, str) else locality
        asked = Circumstances(
            day=self.release.day(day),
            place_of_service=place_of_service,
            locality=place,
            qp=qp,
            gpci_floor=gpci_floor,
            participating=participating,
            provider_type=provider_type,
            minutes=minutes,
            present_at_induction=present_at_induction,
        )
        given = modifiers_of(modifier)
        return self._single.price(hcpcs, given, asked, units=units, postoperative_days=postoperative_days)

    @cached_property
    def _single(self) -> SinglePricer:
        from feecalc.pricing.single import SinglePricer  # the engine is waited for only where a service is priced

        return SinglePricer(self)

    def table(
        self,
        *,
        codes: Sequence[str] | None = None,
        localities: Sequence[Locality | str] | None = None,
        day: date | None = None,
        qp: bool = False,
        gpci_floor: bool = True,
    ) -> pl.DataFrame:
        """Every row, or the chosen codes, in every locality or the chosen ones. [USD]

        Shape: hcpcs, modifier, mac, locality, state, status_indicator, nonfacility_amount, facility_amount,
        nonfacility_uncapped_amount, facility_uncapped_amount, limiting_charge; see ``fee_table``.
        """
        from feecalc.pricing.fee_table import fee_table  # numpy is not waited for where one service is priced

        places = None if localities is None else [self._place(each) for each in localities]
        track, on = self.of_track(qp=qp), self.release.day(day)
        return fee_table(track, on, codes=codes, localities=places, qp=qp, gpci_floor=gpci_floor)

    def price_claims(self, claims: pl.LazyFrame, rules: ClaimRules | None = None) -> pl.LazyFrame:
        """What Medicare allows for each claim line of this release's year. [USD]

        Shape: the claims' own columns, then ``feecalc.pricing.claims.results.COLUMNS``. Columns needed, and what may be
        left out: ``feecalc.pricing.claims.columns``. Raises MissingColumn; a bad line never stops a run, it carries its
        ``pricing_status`` and reason.
        """
        from feecalc.pricing.claims.batches import price_claims
        from feecalc.pricing.claims.engine import ClaimPricer
        from feecalc.pricing.claims.eras import ReleaseDays
        from feecalc.pricing.claims.rules import ClaimRules

        return price_claims(claims, ClaimPricer([ReleaseDays.of_year(self)], rules or ClaimRules()))
