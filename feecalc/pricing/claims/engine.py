"""A batch of claim lines priced: words to numbers, eras apart, the chain, and the results as columns.

``ClaimPricer.price`` takes the canonical columns (``columns``) in any order of lines and gives one row of
results a line, in the same order. Lines of one patient and day must lie in one batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

from feecalc.pricing.arrays import Flags, Whole
from feecalc.pricing.claims import chain, outcomes
from feecalc.pricing.claims.columns import complete
from feecalc.pricing.claims.does import Does
from feecalc.pricing.claims.era import DISCONTINUED, GLOBAL, PROFESSIONAL, TECHNICAL, Era
from feecalc.pricing.claims.eras import Coverage, Eras
from feecalc.pricing.claims.grouping import Groups, groups
from feecalc.pricing.claims.lines import Lines
from feecalc.pricing.claims.outcomes import Outcomes
from feecalc.pricing.claims.results import Results
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.claims.vocabulary import Vocabulary
from feecalc.pricing.rules.place_of_service import FACILITY, NOT_PRICED
from feecalc.pricing.scale import MONEY_PLACES, scaled

_NO_DAY = -(10**6)
_MOST_UNITS = 9999
_PHYSICIAN = "physician"
_UNREADABLE_MONEY = -2  # a billed amount below 0


@dataclass(frozen=True)
class _Asked:
    """A batch as numbers. Shape of each: [line]."""

    day: Whole
    code: Whole
    modifiers: tuple[Whole, ...]
    place: Whole
    mac: Whole
    number: Whole
    line: Whole
    units: Whole
    billed: Whole
    biller: Whole
    participating: Flags
    qp: Flags
    minutes: Whole
    postoperative_days: Whole
    deductible: Whole


@dataclass(frozen=True)
class ClaimPricer:
    """Releases and rules, ready to price batch after batch."""

    coverage: Sequence[Coverage]
    rules: ClaimRules = field(default_factory=ClaimRules)

    @cached_property
    def words(self) -> Vocabulary:
        return Vocabulary.of([each.tables for each in self.coverage])

    @cached_property
    def outcomes(self) -> Outcomes:
        return Outcomes()

    @cached_property
    def eras(self) -> Eras:
        return Eras.of(self.coverage, self.words, self.outcomes, gpci_floor=self.rules.gpci_floor)

    def price(self, claims: pl.DataFrame) -> pl.DataFrame:
        """The results of a batch, row for row. Shape: ``results.COLUMNS``. [USD]"""
        claims = complete(claims)
        together = groups(claims)
        asked = self._asked(claims if together.order is None else claims[together.order])
        era = self.eras.numbers(asked.day)
        results = Results.empty(claims.height)
        results.status[:] = np.where(asked.day == _NO_DAY, outcomes.INVALID_DATE, outcomes.NO_RELEASE)
        for number in np.unique(era[era >= 0]):
            at = np.flatnonzero(era == number)
            self._price_era(self.eras.listed[number], asked, together, at, int(number), results)
        found = results.frame(self.eras, self.outcomes, asked.billed)
        return found if together.order is None else found[np.argsort(together.order)]

    def _asked(self, claims: pl.DataFrame) -> _Asked:
        words = self.words
        return _Asked(
            day=claims["date_of_service"].to_physical().cast(pl.Int64).fill_null(_NO_DAY).to_numpy(),
            code=words.hcpcs.numbers(claims["hcpcs"]),
            modifiers=tuple(words.modifiers.numbers(claims[f"modifier_{each}"]) for each in range(1, 5)),
            place=words.places.numbers(claims["place_of_service"]),
            mac=words.macs.numbers(claims["mac"]),
            number=words.numbers.numbers(claims["locality"]),
            line=claims["line"].cast(pl.Int64).fill_null(0).to_numpy(),
            units=claims["units"].cast(pl.Int64).fill_null(0).to_numpy(),
            billed=_billed(claims),
            biller=words.provider_types.numbers(claims["provider_type"].replace("", _PHYSICIAN)),
            participating=claims["participating"].to_numpy(),
            qp=claims["qp"].to_numpy(),
            minutes=_whole(claims, "minutes"),
            postoperative_days=_whole(claims, "postoperative_days"),
            deductible=_deductible(claims),
        )

    def _price_era(self, era: Era, asked: _Asked, together: Groups, at: Whole, number: int, results: Results) -> None:
        whole = len(at) == len(asked.day)

        def of(values: Whole) -> Whole:
            return values if whole else values[at]

        does = era.does[of(asked.modifiers[0])]
        for more in asked.modifiers[1:]:
            does = does | era.does[of(more)]
        place, kinds = era.places
        place_at = place[of(asked.place)]
        setting = np.array([kind[0] == FACILITY for kind in kinds])[np.maximum(place_at, 0)]
        locality = era.locality_at[of(asked.mac), of(asked.number)]
        units, biller, code = of(asked.units), of(asked.biller), of(asked.code)
        lines = Lines(
            group=of(together.group),
            number=of(asked.line),
            patient_day=of(together.patient_day),
            row=np.zeros(len(at), np.int64),
            billed_row=np.zeros(len(at), np.int64),
            locality=np.maximum(locality, 0),
            facility=setting,
            does=does,
            units=np.where((units < 1) | (units > _MOST_UNITS), 1, units),
            factor=np.where(of(asked.qp), era.factors[1], era.factors[0]),
            billed=of(asked.billed),
            biller=biller,
            qp=of(asked.qp),
            minutes=of(asked.minutes),
            anesthesia=_first_anesthesia_modifier(era, [of(each) for each in asked.modifiers]),
            participating=of(asked.participating),
            postoperative_days=of(asked.postoperative_days),
            deductible=of(asked.deductible),
            status=np.full(len(at), outcomes.PRICED),
        )
        lines.refuse(era.rows[code].max(axis=1) < 0, outcomes.UNKNOWN_CODE)
        lines.refuse((does & Does.UNKNOWN) != 0, outcomes.UNKNOWN_MODIFIER)
        lines.refuse(place_at < 0, outcomes.UNKNOWN_PLACE_OF_SERVICE)
        lines.refuse(locality < 0, outcomes.UNKNOWN_LOCALITY)
        lines.refuse((units < 1) | (units > _MOST_UNITS), outcomes.INVALID_UNITS)
        lines.refuse(lines.billed == _UNREADABLE_MONEY, outcomes.INVALID_BILLED_AMOUNT)
        lines.refuse(era.biller_rate[biller] == 0, outcomes.UNKNOWN_PROVIDER_TYPE)
        anesthetic = self._rows(era, lines, code, place_at, kinds)
        priced = chain.apply(lines, era, self.rules, anesthetic)
        settings = np.array([kind[0] for kind in kinds])
        results.fill(at, priced, number, place_at, settings)

    def _rows(self, era: Era, lines: Lines, code: Whole, place_at: Whole, kinds: list[tuple[str, str]]) -> Whole:
        """Choose each line's row, with the outcomes of status, place and patient; the positions of anesthesia lines."""
        does = lines.does
        professional, technical = (does & Does.PROFESSIONAL) != 0, (does & Does.TECHNICAL) != 0
        discontinued = (does & Does.DISCONTINUED) != 0
        component = np.where(professional, PROFESSIONAL, np.where(technical, TECHNICAL, GLOBAL))
        own = era.rows[code, DISCONTINUED]
        use_own = discontinued & (component == GLOBAL) & (own >= 0)
        row = np.where(use_own, own, era.rows[code, component])
        lines.refuse((professional & technical) | (row < 0), outcomes.MODIFIER_DOES_NOT_APPLY)
        row = np.maximum(row, 0)
        lines.billed_row, lines.row = row, row
        for number, (setting, _) in enumerate(kinds):
            if setting == NOT_PRICED:
                lines.refuse(place_at == number, self.outcomes.number("not_under_fee_schedule", _NOT_PRICED_PLACE))
        status = np.where(era.is_anesthesia[row], outcomes.PRICED, era.row_status[row])  # by its own rule, later
        refused = lines.priced() & (status != outcomes.PRICED)
        lines.status[refused] = status[refused]
        anesthetic = np.flatnonzero(era.is_anesthesia[row])
        lines.refuse((does & Does.NOT_COVERED) != 0, outcomes.NONCOVERED)
        lines.refuse((does & Does.NOT_NECESSARY) != 0, outcomes.NOT_NECESSARY)
        lines.refuse(discontinued & ~use_own, outcomes.CONTRACTOR_DECIDES)
        lines.refuse(((does & Does.TEAM) != 0) & ~era.team_applies[row], outcomes.MODIFIER_DOES_NOT_APPLY)
        lines.refuse((does & Does.TEAM) != 0, outcomes.BY_REPORT)
        paid_row = row.copy()
        for number, (_, patient) in enumerate(kinds):
            paid, denied = era.facility_rows(patient)
            here = place_at == number
            refused = here & lines.priced() & (denied[row] != outcomes.PRICED)
            lines.status[refused] = denied[row[refused]]
            paid_row[here] = paid[row[here]]
        lines.row = paid_row
        return anesthetic


_NOT_PRICED_PLACE = "Medicare does not price services at this place under the physician fee schedule"


def _first_anesthesia_modifier(era: Era, modifiers: list[Whole]) -> Whole:
    found = np.full(len(modifiers[0]), era.words.modifiers.at[""])
    for each in reversed(modifiers):
        found = np.where(era.is_anesthesia_modifier[each], each, found)
    return found


def _whole(claims: pl.DataFrame, name: str) -> Whole:
    return claims[name].cast(pl.Int64).fill_null(-1).to_numpy()


def _billed(claims: pl.DataFrame) -> Whole:
    """Billed cents; -1 where not given, -2 where below 0 or unreadable."""
    cents = scaled(claims["billed_amount"], MONEY_PLACES)
    wrong = (cents < 0).fill_null(False) | claims["billed_unreadable"]
    return np.where(wrong.to_numpy(), _UNREADABLE_MONEY, cents.fill_null(-1).to_numpy())


def _deductible(claims: pl.DataFrame) -> Whole:
    return np.maximum(scaled(claims["deductible_left"], MONEY_PLACES).to_numpy(), 0)
