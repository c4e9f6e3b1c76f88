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


def modifiers_of(modifiers: str | Sequence[str]) -> list[str]:
    """Return modifiers as a person gives them, "50,LT" or ["50", "LT"], in capitals, each once."""
    texts = [modifiers] if isinstance(modifiers, str) else modifiers
    return list(dict.fromkeys(part.strip().upper() for text in texts for part in text.split(",") if part.strip()))


@dataclass(frozen=True)
class FeeSchedule(ReleaseTables):
    """Price by an opened release: what ``open_schedule`` returns.

    Parameters
    ----------
    release, rvu, localities, anesthesia, base_units, counties, rvu_qp
        The release's identity and tables, as ``open_schedule`` reads them; ``feecalc.tables`` has their columns.

    Returns
    -------
    FeeSchedule
        ``price`` for one service, ``table`` for many codes and localities, ``price_claims`` for claim lines.

    Source
    ------
    CMS's relative value files: the release's name, zip and sha256 are in ``release``.

    Example
    -------
    >>> import feecalc
    >>> schedule = feecalc.open_schedule("2026C")
    >>> schedule.localities.height
    109
    """

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
        """Price one service: the Medicare allowed amount, with its receipt.

        Parameters
        ----------
        hcpcs : str
            The code, "64493".
        modifier : str or sequence of str
            One, "26", or several, "50,LT" or ["50", "LT"]. Empty: the global service.
        place_of_service : str
            Two digits: "11" office, "22" hospital outpatient, "24" ambulatory surgical center.
        locality : str or Locality, optional
            A key ("09102-04"), a name ("Miami, FL") or a Locality; without one the amount is national.
        day : datetime.date, optional
            The date of service, by default the release's first.
        qp : bool
            The conversion factor and rows of qualifying participants in an advanced alternative payment model.
        gpci_floor : bool
            Whether the floor of 1.0 under the work GPCI is applied.
        participating : bool
            Whether the biller has a participation agreement.
        provider_type : str
            Who bills: "physician", "np", "pa", "cns" and others of ``feecalc/reference/provider_type.toml``.
        minutes : int, optional
            Of anesthesia, for an anesthesia code.
        present_at_induction : bool
            With modifier AD: whether the physician was present at induction.
        units : int
            Units of the service on one line.
        postoperative_days : int, optional
            With modifier 55: days of care after surgery.

        Returns
        -------
        Price
            Amounts in USD, status, reason and receipt. It is priced as a claim of one line, an add-on code as if its
            primary procedure were there. What Medicare does not price has its ``pricing_status`` and reason, and no
            amount.

        Raises
        ------
        UnknownCode
            The release has no such code.
        UnknownModifier
            A modifier that the code, or feecalc, does not know.
        UnknownLocality
            The release has no such locality; the message names those that are near.
        AmbiguousLocality
            The name fits several localities.
        InvalidValue
            A day outside the release's year, a place of service, minutes or units that cannot be.

        Source
        ------
        SSA 1848(b)(1); Pub. 100-04 ch. 12 sec. 20. Each step of the receipt names its own.

        Example
        -------
        >>> import feecalc
        >>> schedule = feecalc.open_schedule("2026C")
        >>> schedule.price("64493", "50", place_of_service="11", locality="Miami, FL").allowed_amount
        Decimal('304.68')
        """
        place = self.find_locality(locality) if isinstance(locality, str) else locality
        circumstances = Circumstances(
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
        return self._single.price(hcpcs, given, circumstances, units=units, postoperative_days=postoperative_days)

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
        notes: bool = False,
    ) -> pl.DataFrame:
        """Price a table: all codes or the chosen ones, in all localities or the chosen ones.

        Parameters
        ----------
        codes : sequence of str, optional
            By default all of the release.
        localities : sequence of str or Locality, optional
            Keys, names or Localities; by default all.
        day : datetime.date, optional
            A date of service, by default the release's first.
        qp : bool
            The conversion factor and rows of qualifying participants.
        gpci_floor : bool
            Whether the floor of 1.0 under the work GPCI is applied.
        notes : bool
            Whether two more columns say what the amounts should be read with: nonfacility_notes, facility_notes.

        Returns
        -------
        polars.DataFrame
            One row a code, modifier ("" for the global service) and locality: hcpcs, modifier, mac, locality, state,
            status_indicator, nonfacility_amount, facility_amount, nonfacility_uncapped_amount,
            facility_uncapped_amount, limiting_charge. [USD, exact decimals, null where Medicare has no price]

        Raises
        ------
        UnknownCode
            The release has no such code.
        UnknownLocality
            The release has no such locality.
        InvalidValue
            A day outside the release's year.

        Source
        ------
        SSA 1848(b)(1). The uncapped amounts are those of CMS's payment amount files (PFREV, PFALL).

        Example
        -------
        >>> import feecalc
        >>> schedule = feecalc.open_schedule("2026C")
        >>> fees = schedule.table(codes=["64493"], localities=["Miami, FL"])
        >>> fees.select("nonfacility_amount", "facility_amount").row(0)
        (Decimal('203.12'), Decimal('89.77'))
        """
        from feecalc.pricing.fee_table import fee_table  # numpy is not waited for where one service is priced

        places = None if localities is None else [self._place(place) for place in localities]
        track, on = self.of_track(qp=qp), self.release.day(day)
        return fee_table(track, on, codes=codes, localities=places, qp=qp, gpci_floor=gpci_floor, notes=notes)

    def price_claims(self, claims: pl.LazyFrame, rules: ClaimRules | None = None) -> pl.LazyFrame:
        """Price claim lines by this release, which prices every day of its year.

        Parameters
        ----------
        claims : polars.LazyFrame
            As for ``feecalc.price_claims``.
        rules : ClaimRules, optional
            The rules applied; by default all of Medicare's.

        Returns
        -------
        polars.LazyFrame
            The claims' own columns, then the results, as ``feecalc.price_claims`` gives them. [USD]

        Raises
        ------
        MissingColumn
            A column that is needed is not there. A bad line never stops a run: it has its ``pricing_status`` and
            reason.

        Source
        ------
        Pub. 100-04 ch. 12 and ch. 23; SSA 1848.

        Example
        -------
        >>> import feecalc
        >>> schedule = feecalc.open_schedule("2026C")
        >>> priced = schedule.price_claims(feecalc.read_claims("data/samples/claims.csv")).collect()
        >>> priced["allowed_amount"].sum()
        Decimal('2075.68')
        """
        from feecalc.pricing.claims.batches import price_claims
        from feecalc.pricing.claims.engine import ClaimPricer
        from feecalc.pricing.claims.eras import ReleaseDays
        from feecalc.pricing.claims.rules import ClaimRules

        return price_claims(claims, ClaimPricer([ReleaseDays.of_year(self)], rules or ClaimRules()))
