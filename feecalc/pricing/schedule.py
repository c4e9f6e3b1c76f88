"""A release opened for pricing: the public way in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from feecalc.pricing.places.locality import Locality
from feecalc.pricing.price import Circumstances, Price
from feecalc.pricing.release_tables import ReleaseTables
from feecalc.pricing.service import price_service

if TYPE_CHECKING:
    from feecalc.pricing.claims.rules import ClaimRules

_GLOBAL = ""


@dataclass(frozen=True)
class FeeSchedule(ReleaseTables):
    """A release that prices: one service with its receipt, or the whole table."""

    def price(
        self,
        hcpcs: str,
        modifier: str = _GLOBAL,
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
    ) -> Price:
        """The Medicare allowed amount of one service, with its receipt. [USD]

        ``locality`` is a key (09102-04), a name (Miami, FL) or a Locality; without one the amount is national. ``day``
        is the date of service, by default the release's first. An anesthesia code takes ``minutes`` and may take an
        anesthesia modifier. Raises an InputError for what cannot be priced as asked; what Medicare does not price comes
        back with its ``pricing_status`` and reason, and no amount.
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
        return price_service(self, hcpcs, modifier, asked)

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
        return fee_table(self, self.release.day(day), codes=codes, localities=places, qp=qp, gpci_floor=gpci_floor)

    def price_claims(self, claims: pl.LazyFrame, rules: ClaimRules | None = None) -> pl.LazyFrame:
        """What Medicare allows for each claim line of this release's year. [USD]

        Shape: the claims' own columns, then ``feecalc.pricing.claims.results.COLUMNS``. Columns needed, and what may be
        left out: ``feecalc.pricing.claims.columns``. Raises MissingColumn; a bad line never stops a run, it carries its
        ``pricing_status`` and reason.
        """
        from feecalc.pricing.claims.batches import price_claims
        from feecalc.pricing.claims.engine import ClaimPricer
        from feecalc.pricing.claims.eras import Coverage
        from feecalc.pricing.claims.rules import ClaimRules

        return price_claims(claims, ClaimPricer([Coverage.of_year(self)], rules or ClaimRules()))
