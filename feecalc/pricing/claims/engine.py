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
from feecalc.pricing.claims.columns import present
from feecalc.pricing.claims.does import Does
from feecalc.pricing.claims.era import DISCONTINUED, GLOBAL, PROFESSIONAL, TECHNICAL, Era
from feecalc.pricing.claims.eras import Coverage, Eras
from feecalc.pricing.claims.grouping import groups, patient
from feecalc.pricing.claims.lines import Lines
from feecalc.pricing.claims.outcomes import Outcomes
from feecalc.pricing.claims.results import COLUMNS, NONE, SETTINGS, Results
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.claims.trail import Trail
from feecalc.pricing.claims.vocabulary import Vocabulary
from feecalc.pricing.rules.place_of_service import FACILITY, NOT_PRICED
from feecalc.pricing.scale import MONEY_PLACES

_NO_DAY = -(10**6)
_MOST_UNITS = 9999
_PHYSICIAN = "physician"
_MODIFIERS = ("modifier_1", "modifier_2", "modifier_3", "modifier_4")
_NOT_GIVEN = -1
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
    denied: Flags
    claim: Whole  # number of the claim where a deductible is left, else 0
    deductible: Whole  # left before the claim

    def pay_deductible(self, at: Whole, taken: Whole) -> None:
        """Take what lines of some days took off what is left for the other lines of their claims."""
        of_claim = np.zeros(int(self.claim.max()) + 1, np.int64)
        np.add.at(of_claim, self.claim[at], taken)
        self.deductible[:] = np.maximum(0, self.deductible - of_claim[self.claim])


@dataclass(frozen=True)
class _Chosen:
    """The lines of a batch that are in one era, those of a group together. Shape of each: [line]."""

    at: Whole | None  # row of the batch; None: all of them, as they are
    group: Whole
    patient_day: Whole

    def of(self, values: Whole) -> Whole:
        """What the batch's ``values`` are for these lines."""
        return values if self.at is None else values[self.at]


@dataclass(frozen=True)
class Followed:
    """Where to read how one row of a batch came to its amounts: ``line`` is its place in the arrays."""

    era: Era
    priced: chain.Priced
    trail: Trail
    line: int


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

    def price(self, claims: pl.DataFrame, columns: Sequence[str] = COLUMNS) -> pl.DataFrame:
        """The results of a batch, row for row. Shape: ``columns``, some of ``results.COLUMNS``. [USD]"""
        return self._run(claims, None, columns)

    def explain(self, claims: pl.DataFrame) -> tuple[pl.DataFrame, dict[int, Followed]]:
        """The results, and for each row that a release prices how they came about: the decisions the rules made."""
        followed: dict[int, Followed] = {}
        return self._run(claims, followed, COLUMNS), followed

    def _run(
        self, claims: pl.DataFrame, followed: dict[int, Followed] | None, columns: Sequence[str]
    ) -> pl.DataFrame:
        claims = present(claims)
        asked = self._asked(claims)
        era = self.eras.numbers(asked.day)
        together = groups(claims)
        order = together.order
        in_order = era if order is None else era[order]
        if followed is None:
            in_order = self.eras.same_rules[in_order]
        results = Results.empty(claims.height)
        results.status[:] = np.where(asked.day == _NO_DAY, outcomes.INVALID_DATE, outcomes.NO_RELEASE)
        for number in _numbers(in_order):
            held, lines = self.eras.listed[number], _Chosen(order, together.group, together.patient_day)
            places = np.flatnonzero(in_order == number)
            if len(places) < claims.height:
                at = places if order is None else order[places]
                lines = _Chosen(at, together.group[places], together.patient_day[places])
            trail = None if followed is None else Trail()
            priced = self._price_era(held, asked, lines, number, results, trail)
            if lines.at is not None and asked.deductible.any():
                asked.pay_deductible(lines.at, priced.shares.deductible)
            if followed is not None and trail is not None:
                rows = places if lines.at is None else lines.at
                followed |= {int(row): Followed(held, priced, trail, line) for line, row in enumerate(rows)}
        return results.frame(self.eras, self.outcomes, asked.billed, columns)

    def _asked(self, claims: pl.DataFrame) -> _Asked:
        words, names = self.words, claims.columns
        asked = claims.select(expression.alias(name) for name, expression in self._numbers.items() if name in names)
        found = {column.name: column.to_numpy() for column in asked.get_columns()}

        def of(name: str, missing: int | bool) -> Whole:
            return found[name] if name in found else np.broadcast_to(np.array(missing), claims.height)

        billed = of("billed_amount", _NOT_GIVEN)
        if "billed_unreadable" in found:
            billed = np.where(found["billed_unreadable"], _UNREADABLE_MONEY, billed)
        claim, deductible = of("claim", 0), of("deductible_left", 0)
        if deductible.any():
            claim = _claim_numbers(claims)
            deductible = _greatest_of_each(claim, deductible)
        return _Asked(
            day=found["date_of_service"],
            code=found["hcpcs"],
            place=found["place_of_service"],
            mac=found["mac"],
            number=found["locality"],
            line=found["line"],
            units=found["units"],
            modifiers=tuple(found[name] for name in _MODIFIERS if name in found),
            billed=billed,
            biller=of("provider_type", words.provider_types.at[_PHYSICIAN]),
            participating=of("participating", True),
            qp=of("qp", False),
            minutes=of("minutes", _NOT_GIVEN),
            postoperative_days=of("postoperative_days", _NOT_GIVEN),
            denied=of("denied", False),
            claim=claim,
            deductible=deductible,
        )

    @cached_property
    def _numbers(self) -> dict[str, pl.Expr]:
        """The columns of claim lines as numbers."""
        words, billed, biller = self.words, _cents("billed_amount"), pl.col("provider_type")
        return {
            "date_of_service": pl.col("date_of_service").to_physical().fill_null(_NO_DAY),
            "hcpcs": words.hcpcs.number("hcpcs"),
            "place_of_service": words.places.number("place_of_service"),
            "mac": words.macs.number("mac"),
            "locality": words.numbers.number("locality"),
            "line": pl.col("line").fill_null(0),
            "units": pl.col("units").fill_null(0),
            **{name: words.modifiers.number(name) for name in _MODIFIERS},
            "billed_amount": pl.when(billed < 0).then(_UNREADABLE_MONEY).otherwise(billed).fill_null(_NOT_GIVEN),
            "billed_unreadable": pl.col("billed_unreadable"),
            "provider_type": words.provider_types.number(
                pl.when(biller == "").then(pl.lit(_PHYSICIAN)).otherwise(biller)
            ),
            "participating": pl.col("participating"),
            "qp": pl.col("qp"),
            "minutes": pl.col("minutes").fill_null(_NOT_GIVEN),
            "postoperative_days": pl.col("postoperative_days").fill_null(_NOT_GIVEN),
            "denied": pl.col("denied"),
            "deductible_left": pl.max_horizontal(_cents("deductible_left"), 0),
        }

    def _price_era(
        self,
        era: Era,
        asked: _Asked,
        chosen: _Chosen,
        number: int,
        results: Results,
        trail: Trail | None,
    ) -> chain.Priced:
        of, count = chosen.of, len(chosen.group)
        modifiers = [of(each) for each in asked.modifiers]
        does = np.zeros(count, np.int32)
        for each in modifiers:
            does |= era.does[each]
        place, kinds = era.places
        place_at = place[of(asked.place)]
        setting = np.array([*(kind[0] == FACILITY for kind in kinds), False])[place_at]
        locality = era.locality_at[of(asked.mac), of(asked.number)]
        units, biller, code = of(asked.units), of(asked.biller), of(asked.code)
        wrong_units = (units < 1) | (units > _MOST_UNITS)
        lines = Lines(
            group=chosen.group,
            number=of(asked.line),
            patient_day=chosen.patient_day,
            row=place_at,  # both are chosen below
            billed_row=place_at,
            locality=np.maximum(locality, 0),
            facility=setting,
            does=does,
            units=np.where(wrong_units, 1, units),
            factor=np.where(of(asked.qp), era.factors[1], era.factors[0]),
            billed=of(asked.billed),
            biller=biller,
            qp=of(asked.qp),
            minutes=of(asked.minutes),
            anesthesia=np.broadcast_to(np.array(era.words.modifiers.at[""], np.int32), count),
            participating=of(asked.participating),
            postoperative_days=of(asked.postoperative_days),
            claim=of(asked.claim),
            deductible=of(asked.deductible),
            status=np.full(count, outcomes.PRICED, outcomes.KIND),
        )
        row = era.global_row[code]
        absent = np.flatnonzero(row < 0)
        lines.refuse_at(absent[~era.has_code[code[absent]]], outcomes.UNKNOWN_CODE)
        lines.refuse((does & Does.UNKNOWN) != 0, outcomes.UNKNOWN_MODIFIER)
        lines.refuse(place_at < 0, outcomes.UNKNOWN_PLACE_OF_SERVICE)
        lines.refuse(locality < 0, outcomes.UNKNOWN_LOCALITY)
        lines.refuse(wrong_units, outcomes.INVALID_UNITS)
        lines.refuse(lines.billed == _UNREADABLE_MONEY, outcomes.INVALID_BILLED_AMOUNT)
        lines.refuse(era.biller_rate[biller] == 0, outcomes.UNKNOWN_PROVIDER_TYPE)
        anesthetic = self._rows(era, lines, code, row, place_at, kinds)
        if len(anesthetic):
            lines.anesthesia = _first_anesthesia_modifier(era, modifiers, anesthetic, count)
        lines.refuse(of(asked.denied), outcomes.DENIED_BY_EDIT)
        priced = chain.apply(lines, era, self.rules, anesthetic, trail)
        settings = np.array([*(SETTINGS.index(kind[0]) for kind in kinds), NONE], np.int8)
        results.fill(chosen.at, priced, number, settings[place_at])
        return priced

    def _rows(
        self, era: Era, lines: Lines, code: Whole, row: Whole, place_at: Whole, kinds: list[tuple[str, str]]
    ) -> Whole:
        """Choose each line's row, with the outcomes of status, place and patient; the positions of anesthesia lines.

        ``row``: the global service's.
        """
        does = lines.does
        special = np.flatnonzero((does & _CHOOSE_ROW) != 0)
        row[special], by_contractor, both_parts = _special_rows(era, code[special], does[special])
        lines.refuse(row < 0, outcomes.MODIFIER_DOES_NOT_APPLY)
        lines.refuse_at(special[both_parts], outcomes.MODIFIER_DOES_NOT_APPLY)
        row = np.maximum(row, 0)
        lines.billed_row = row
        kind = np.maximum(place_at, 0)
        is_not_priced = np.array([setting == NOT_PRICED for setting, _ in kinds])
        if is_not_priced.any():
            lines.refuse(is_not_priced[kind], self.outcomes.number("not_under_fee_schedule", _NOT_PRICED_PLACE))
        lines.refuse_each(era.row_status[row])
        anesthetic = np.flatnonzero(era.is_anesthesia[row])
        lines.refuse((does & Does.NOT_COVERED) != 0, outcomes.NONCOVERED)
        lines.refuse((does & Does.NOT_NECESSARY) != 0, outcomes.NOT_NECESSARY)
        lines.refuse_at(special[by_contractor], outcomes.CONTRACTOR_DECIDES)
        team = np.flatnonzero((does & Does.TEAM) != 0)
        lines.refuse_at(team[~era.team_applies[row[team]]], outcomes.MODIFIER_DOES_NOT_APPLY)
        lines.refuse_at(team, outcomes.BY_REPORT)
        paid, denied = era.rows_by_place
        place_and_row = kind * era.tables.rvu.height + row
        lines.refuse_each(denied.ravel()[place_and_row])
        lines.row = paid.ravel()[place_and_row]
        return anesthetic


def _numbers(eras: Whole) -> list[int]:
    """The eras of a batch, in their order."""
    held = np.zeros(int(eras.max(initial=-1)) + 2, np.bool_)
    held[eras] = True
    return [int(number) for number in np.flatnonzero(held[:-1])]


_CHOOSE_ROW = Does.PROFESSIONAL | Does.TECHNICAL | Does.DISCONTINUED


def _special_rows(era: Era, code: Whole, does: Whole) -> tuple[Whole, Flags, Flags]:
    """The rows of lines whose modifiers choose one; which of them the contractor prices; which say both parts."""
    professional, technical = (does & Does.PROFESSIONAL) != 0, (does & Does.TECHNICAL) != 0
    discontinued = (does & Does.DISCONTINUED) != 0
    component = np.where(professional, PROFESSIONAL, np.where(technical, TECHNICAL, GLOBAL))
    own = era.rows[code, DISCONTINUED]
    use_own = discontinued & (component == GLOBAL) & (own >= 0)
    return np.where(use_own, own, era.rows[code, component]), discontinued & ~use_own, professional & technical


_NOT_PRICED_PLACE = "Medicare does not price services at this place under the physician fee schedule"


def _first_anesthesia_modifier(era: Era, modifiers: list[Whole], at: Whole, count: int) -> Whole:
    """The first of the modifiers, as a word's number, that anesthesia's rule knows: of the lines ``at``."""
    blank = era.words.modifiers.at[""]
    first = np.full(len(at), blank)
    for each in reversed(modifiers):
        first = np.where(era.is_anesthesia_modifier[each[at]], each[at], first)
    found = np.full(count, blank)
    found[at] = first
    return found


def _claim_numbers(claims: pl.DataFrame) -> Whole:
    """The claim of each line, as a number: of one patient where claims of two bear one name."""
    named = claims.select(*patient(claims), pl.col("claim_id").fill_null("")).hash_rows().to_numpy()
    return np.unique(named, return_inverse=True)[1]


def _greatest_of_each(claim: Whole, cents: Whole) -> Whole:
    """The greatest amount on any line of each line's claim: an export may give it on one line, or on all."""
    of_claim = np.zeros(int(claim.max()) + 1, np.int64)
    np.maximum.at(of_claim, claim, cents)
    return of_claim[claim]


def _cents(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Decimal(18, MONEY_PLACES)).to_physical().cast(pl.Int64)
