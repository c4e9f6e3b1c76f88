"""A batch of claim lines priced: words to numbers, eras apart, the chain, and the results as columns.

``ClaimPricer.price`` takes the canonical columns (``columns``) in any order of lines and gives one row of
results a line, in the same order. Lines of one patient and day must lie in one batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from threading import Lock

import numpy as np
import polars as pl

from feecalc import reference
from feecalc.pricing.arrays import Flags, Integers, taken
from feecalc.pricing.claims import chain, outcomes
from feecalc.pricing.claims.adjustments import Piece, pieces
from feecalc.pricing.claims.arrays.lines import NO_DAY, Lines
from feecalc.pricing.claims.arrays.modifier_effects import ModifierEffect
from feecalc.pricing.claims.arrays.trail import Trail
from feecalc.pricing.claims.arrays.vocabulary import Vocabulary
from feecalc.pricing.claims.columns import present
from feecalc.pricing.claims.eras import Eras, ReleaseDays
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.grouping import Groups, groups, with_npis_of_claim
from feecalc.pricing.claims.line_arrays import UNREADABLE_MONEY, LineArrays, as_numbers
from feecalc.pricing.claims.outcomes import Outcomes
from feecalc.pricing.claims.priced import Followed, Priced
from feecalc.pricing.claims.refused_modifiers import name_refused
from feecalc.pricing.claims.results import COLUMNS, NONE, NOTE_BITS, SETTINGS, Results
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.rules.cost_share import OF_CLAIM
from feecalc.pricing.rules.place_of_service import FACILITY, NONFACILITY, Places
from feecalc.pricing.rules.practitioner import ProviderTypes

_MOST_UNITS = 9999
_ERAS = "eras"
_CUTTING = Lock()  # batches are priced side by side


@dataclass(frozen=True)
class _Chosen:
    """Choose the lines of a batch that are in one era. Shape of each: [line]."""

    at: Integers | None  # row of the batch; None: all of them, as they are
    together: Groups  # of these lines, as they are here
    order: Integers | None  # brings the lines of a group together; None: they are

    @classmethod
    def of_batch(cls, together: Groups) -> _Chosen:
        """Choose all lines, as they are: most meet no other, and need not be moved beside it."""
        return cls(None, together.as_lines_are(), together.order)

    @classmethod
    def in_groups(cls, together: Groups) -> _Chosen:
        """Choose all lines, those of a group together."""
        return cls(together.order, together, None)

    def where(self, chosen: Flags) -> _Chosen:
        """Choose some of these lines. Shape of ``chosen``: [line]."""
        if chosen.all():
            return self
        places, order = np.flatnonzero(chosen), None
        if self.order is not None:
            order = (np.cumsum(chosen) - 1)[self.order[chosen[self.order]]]
        at = places if self.at is None else self.at[places]
        return _Chosen(at, self.together.take(places), order)

    def of(self, values: Integers) -> Integers:
        """Return what the batch's ``values`` are for these lines."""
        return values if self.at is None else taken(values, self.at)


@dataclass(frozen=True)
class ClaimPricer:
    """Price batch after batch by releases and rules.

    ``day``: where it is given, lines of every day are priced by the one release and the rules of that day.
    """

    releases: Sequence[ReleaseDays]
    rules: ClaimRules = field(default_factory=ClaimRules)
    day: date | None = None
    _cut: dict[str, Eras] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def words(self) -> Vocabulary:
        return Vocabulary.of([each.tables for each in self.releases])

    @cached_property
    def outcomes(self) -> Outcomes:
        return Outcomes()

    @property
    def notes_column(self) -> str:
        """Return the column of the results that has what a priced line should be read with."""
        return NOTE_BITS

    @property
    def eras(self) -> Eras:
        """Return the eras, cut on the days of the tables that were read so far: they are made anew where more are."""
        with _CUTTING:
            found = self._cut.get(_ERAS)
            if found is None or found.read != reference.read_by_day():
                found = self._eras(found)
                self._cut[_ERAS] = found
            return found

    def _eras(self, former: Eras | None) -> Eras:
        floor = self.rules.gpci_floor
        if self.day is None:
            return Eras.of(self.releases, self.words, self.outcomes, gpci_floor=floor, former=former)
        (release,) = self.releases
        return former or Eras.of_day(release, self.day, self.words, self.outcomes, gpci_floor=floor)

    @cached_property
    def _numbers(self) -> dict[str, pl.Expr]:
        return as_numbers(self.words)

    def price(
        self,
        claims: pl.DataFrame,
        columns: Sequence[str] = COLUMNS,
        together: Groups | None = None,
        code: Integers | None = None,
    ) -> pl.DataFrame:
        """Return the results of a batch, row for row. Shape: ``columns``, some of ``results.COLUMNS``. [USD]

        ``together``: the ``groups`` of the batch; ``code``: its codes in ``words.hcpcs``; where they are known.
        """
        return self._run(claims, None, columns, together, code)

    def explain(self, claims: pl.DataFrame) -> tuple[pl.DataFrame, dict[int, Followed]]:
        """Return the results, and for each row that a release prices the decisions of the rules behind them."""
        followed: dict[int, Followed] = {}
        return self._run(claims, followed, COLUMNS), followed

    def _run(
        self,
        claims: pl.DataFrame,
        followed: dict[int, Followed] | None,
        columns: Sequence[str],
        together: Groups | None = None,
        code: Integers | None = None,
    ) -> pl.DataFrame:
        claims = present(claims)
        together = together or groups(with_npis_of_claim(claims))
        while True:
            eras = self.eras
            found = self._run_by(eras, claims, followed, columns, together, code)
            if self.eras.are(eras):
                return found
            # a table was read for the first time that has other rows on some of these days

    def _run_by(
        self,
        eras: Eras,
        claims: pl.DataFrame,
        followed: dict[int, Followed] | None,
        columns: Sequence[str],
        together: Groups,
        code: Integers | None,
    ) -> pl.DataFrame:
        arrays = LineArrays.of(claims, self.words, self._numbers, code)
        era = eras.numbers(arrays.day)
        if followed is None:
            every, era = _Chosen.of_batch(together), eras.same_rules[era]
        else:
            every = _Chosen.in_groups(together)
            era = every.of(era)
        no_price = np.array((outcomes.NO_RELEASE, outcomes.INVALID_DATE), outcomes.KIND)
        results = Results.of(no_price[(arrays.day == NO_DAY).astype(np.intp)], columns)
        for number in _eras_of(era):
            in_force, lines = eras.listed[number], every.where(era == number)
            if lines.of(arrays.qp).any():
                in_force = in_force.with_qps
            trail = Trail() if followed is not None else Trail(of_all=False) if results.has_adjustments else None
            priced = self._price_era(in_force, arrays, lines, number, results, trail)
            if trail is not None:
                results.adjust(lines.at, pieces(priced, trail))
            if lines.at is not None and arrays.deductible.any():
                arrays.pay_deductible(lines.at, priced.shares.deductible)
            if followed is not None and trail is not None:
                rows = np.arange(claims.height) if lines.at is None else lines.at
                parts, names = _dense(pieces(priced, trail), len(priced.lines)), claims["claim_id"].gather(rows)
                followed |= {
                    int(row): Followed(in_force, priced, trail, line, parts, names) for line, row in enumerate(rows)
                }
        return results.frame(eras, self.outcomes, arrays.billed, columns)

    def _price_era(
        self,
        era: Era,
        arrays: LineArrays,
        chosen: _Chosen,
        number: int,
        results: Results,
        trail: Trail | None,
    ) -> Priced:
        of, together, count = chosen.of, chosen.together, len(chosen.together.group)
        qp = of(arrays.qp)
        modifiers = [of(each) for each in arrays.modifiers]
        does = np.zeros(count, np.int64)
        for each in modifiers:
            does |= era.modifiers.does[each]
        place, kinds = era.look_up(Places).kinds
        place_at = place[of(arrays.place)]
        setting = np.array([*(kind[0] == FACILITY for kind in kinds), False])[place_at]
        claim = arrays.claim if not (does & OF_CLAIM).any() else arrays.claims
        locality = era.amounts.locality_at[of(arrays.mac), of(arrays.number)]
        units, biller, code = of(arrays.units), of(arrays.biller), of(arrays.code)
        wrong_units = (units < 1) | (units > _MOST_UNITS)
        lines = Lines(
            group=together.group,
            number=of(arrays.line),
            practice=together.practice,
            patient_day=together.patient_day,
            rendering=_none(count, np.int32) if together.rendering is None else together.rendering,
            unsure=_none(count, np.bool_) if together.unsure is None else together.unsure,
            row=place_at,  # all three are chosen below
            billed_row=place_at,
            locality=np.maximum(locality, 0),
            facility=setting,
            does=does,
            units=np.where(wrong_units, 1, units),
            factor=np.where(qp, era.amounts.factors[1], era.amounts.factors[0]),
            billed=of(arrays.billed),
            biller=biller,
            qp=qp,
            minutes=of(arrays.minutes),
            anesthesia=np.broadcast_to(np.array(era.words.modifiers.at[""], np.int32), count),
            participating=of(arrays.participating),
            postoperative_days=of(arrays.postoperative_days),
            present_at_induction=of(arrays.present_at_induction),
            claim=of(claim),
            deductible=of(arrays.deductible),
            status=np.full(count, outcomes.PRICED, outcomes.KIND),
            notes=place_at,
        )
        if era.both_tracks:
            code = code + era.rows.codes * qp
        row = era.rows.global_row[code]
        absent = np.flatnonzero(row < 0)
        lines.refuse_at(absent[~era.rows.has_code[code[absent]]], outcomes.UNKNOWN_CODE)
        lines.refuse((does & ModifierEffect.UNKNOWN) != 0, outcomes.UNKNOWN_MODIFIER)
        lines.refuse(place_at < 0, outcomes.UNKNOWN_PLACE_OF_SERVICE)
        lines.refuse(locality < 0, outcomes.UNKNOWN_LOCALITY)
        lines.refuse(wrong_units, outcomes.INVALID_UNITS)
        lines.refuse(lines.billed == UNREADABLE_MONEY, outcomes.INVALID_BILLED_AMOUNT)
        lines.refuse(era.look_up(ProviderTypes).rate[biller] == 0, outcomes.UNKNOWN_PROVIDER_TYPE)
        anesthetic = chain.choose_rows(lines, era, self.rules, code, row, place_at, modifiers)
        lines.refuse(of(arrays.denied), outcomes.DENIED_BY_EDIT)
        priced = chain.apply(lines, era, self.rules, anesthetic, chosen.order, trail)
        if results.has_outcomes:
            name_refused(lines, era, code, modifiers)
        paid_at = np.array([*(SETTINGS.index(kind[0]) for kind in kinds), NONE], np.int8)[place_at]
        as_in_office = (lines.status == outcomes.PRICED) & ~lines.facility & (paid_at == SETTINGS.index(FACILITY))
        paid_at[as_in_office] = SETTINGS.index(NONFACILITY)  # therapy
        results.fill(chosen.at, priced, number, paid_at)
        return priced


def _none(lines: int, kind: type[np.generic]) -> Integers:
    """Return 0 for every line."""
    return np.broadcast_to(np.zeros(1, kind), lines)


def _dense(found: Iterable[Piece], lines: int) -> dict[str, Integers]:
    """Return the parts of adjustments by key, each of shape [line]."""
    parts: dict[str, Integers] = {}
    for key, at, cents in found:
        part = parts.setdefault(key, np.zeros(lines, np.int64))
        part[slice(None) if at is None else at] += cents
    return parts


def _eras_of(eras: Integers) -> list[int]:
    """Return the eras of a batch, in their order."""
    is_met = np.zeros(int(eras.max(initial=-1)) + 2, np.bool_)
    is_met[eras] = True
    return [int(number) for number in np.flatnonzero(is_met[:-1])]
