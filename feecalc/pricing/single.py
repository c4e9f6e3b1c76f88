"""One service priced: a claim of one line, by the rules and with the receipt that a claim line has.

But that an add-on code is not denied for want of a primary service, and no bill and no deductible are known.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING, Any

import polars as pl

from feecalc import reference
from feecalc.errors import InvalidValue, UnknownModifier
from feecalc.money import MONEY_PLACES, PERCENT_PLACES, exact, percent_of, usd, whole
from feecalc.pricing import formula
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.claims.explanation import explain
from feecalc.pricing.claims.explanation.steps import ExplainedLine
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.price import Circumstances, Price
from feecalc.pricing.receipt import Step, service_name
from feecalc.pricing.rules import anesthesia, status
from feecalc.pricing.rules.conversion_factor import conversion_factor
from feecalc.pricing.rules.participation import Biller, biller, limiting_charge
from feecalc.pricing.rules.place_of_service import NOT_PRICED, Place, place_of_service
from feecalc.pricing.rules.technical_component import technical_component
from feecalc.pricing.rules.work_gpci_floor import work_gpci_floor

if TYPE_CHECKING:
    from feecalc.pricing.release_tables import ReleaseTables

MOST_MODIFIERS = 4
MOST_UNITS = 9999
_COMPONENTS = ("", "26", "TC")  # rows that a lone modifier, or none, chooses
_MODIFIER = re.compile(r"[0-9A-Z]{2}")
_ADD_ON = "ZZZ"
_STATUS = "status_indicator"
_PARTICIPATION = "nonparticipating"
_MOST_KEPT = 8
_MOST_CODES = 10  # of an engine: with more, one of the whole release takes less time
_KINDS = {"minutes": pl.Int32, "postoperative_days": pl.Int32}


@dataclass(frozen=True)
class _Engine:
    """Hold an engine and the codes that it prices: at first one, with each further one anew, after a few all."""

    pricer: ClaimPricer | None = None
    codes: frozenset[str] = frozenset()
    is_of_all: bool = False

    def has(self, code: str) -> bool:
        return self.is_of_all or code in self.codes


@dataclass(frozen=True)
class SinglePricer:
    """Price services of one release, each as a claim of one line by the engine of its day.

    The engines of the last few days are kept: the same code is mostly asked for again, in another setting or place.
    """

    schedule: ReleaseTables
    _engines: OrderedDict[tuple[object, ...], _Engine] = field(default_factory=OrderedDict)

    def price(
        self,
        hcpcs: str,
        modifiers: Sequence[str],
        circumstances: Circumstances,
        *,
        units: int = 1,
        postoperative_days: int | None = None,
    ) -> Price:
        """Price one service with its modifiers and units. The public way in is ``FeeSchedule.price``."""
        day = circumstances.day
        conversion_factor(day, qp=circumstances.qp)  # a QP where there is one factor for everybody is an error
        track = self.schedule.of_track(qp=circumstances.qp)
        first = track.positions(hcpcs)[0]
        code, letter = track.rvu["hcpcs"][first], track.rvu["status_indicator"][first]
        is_anesthesia = status.status(letter, day, has_rvus=False).pays == status.PAYS_ANESTHESIA
        if len(modifiers) <= 1 and "".join(modifiers) in _COMPONENTS:
            track.row_index(code, "".join(modifiers))
        _check_modifiers(self.schedule, code, modifiers, day)
        if not 1 <= units <= MOST_UNITS:
            raise InvalidValue(f"{units} units; a claim line has from 1 to {MOST_UNITS:,}")
        place = place_of_service(circumstances.place_of_service, day)
        who = biller(circumstances.provider_type, day)
        claim = _line(code, modifiers, circumstances, place.code, who.provider_type, units, postoperative_days)
        if place.setting == NOT_PRICED or not self._is_of_rvus(track, code, day):
            circumstances = replace(circumstances, gpci_floor=True)  # no index is used: an unknown one is not needed
        (line,) = explain(self._engine(code, circumstances), claim)
        if is_anesthesia:
            self._check_anesthesia(line.results["pricing_status"], circumstances)
        billed = line.billed_row or track.rvu.row(first, named=True)
        printed = line.billed_source or track.source_of_row(first)
        reason = line.refusal or line.results["reason"]
        service = (billed, printed, place, who, circumstances, reason)
        return _Case(self.schedule, line, *service, is_anesthesia=is_anesthesia).price(modifiers)

    def _check_anesthesia(self, pricing_status: str, circumstances: Circumstances) -> None:
        """Raise for minutes that cannot be, and for a release that was built without its anesthesia factors."""
        if pricing_status == "minutes_missing" and circumstances.minutes is not None:
            anesthesia.time_units(circumstances.minutes, circumstances.day)
        if pricing_status == "not_computable" and circumstances.locality is not None and not circumstances.qp:
            self.schedule.anesthesia_factor(circumstances.locality)

    def _is_of_rvus(self, track: ReleaseTables, code: str, day: date) -> bool:
        """Return whether a row of the code is priced from relative values."""
        rows = track.rvu.select(_STATUS, *status.RVUS)[track.positions(code)].iter_rows(named=True)
        return any(
            status.status(row[_STATUS], day, has_rvus=status.has_rvus(row)).pays == status.PAYS_RVUS
            for row in rows
        )

    def _engine(self, code: str, circumstances: Circumstances) -> ClaimPricer:
        """Return the engine of the nation or of the localities on a day, with the code and those before it."""
        where, day = circumstances.locality, circumstances.day
        # without the floor some releases leave the index of some localities unknown: one place is looked at alone
        has_floor = work_gpci_floor(day, wanted=circumstances.gpci_floor).applies
        alone = where if where is not None and not has_floor else None
        key = (where is None, alone and alone.key, day, circumstances.gpci_floor)
        engine = self._engines.get(key, _Engine())
        if engine.pricer is None or not engine.has(code):
            codes = engine.codes | {code}
            is_of_all = len(codes) > _MOST_CODES
            tables = self.schedule
            if not is_of_all:
                tables = tables.of_codes(_looked_at(tables, codes, day))
            tables = tables.national(day) if where is None else tables
            tables = tables if alone is None else tables.of_localities([alone])
            rules = ClaimRules(add_on_needs_primary=False, gpci_floor=circumstances.gpci_floor)
            pricer = ClaimPricer([ReleaseDays(tables, day, day)], rules)
            engine = self._engines[key] = _Engine(pricer, frozenset(codes), is_of_all)
            with suppress(KeyError):  # the app's sessions ask side by side: another may have made the room
                while len(self._engines) > _MOST_KEPT:
                    self._engines.popitem(last=False)
        assert engine.pricer is not None
        return engine.pricer


def _looked_at(schedule: ReleaseTables, codes: Collection[str], day: date) -> set[str]:
    """Return the codes whose rows the rules look at for ``codes``: themselves, their endoscopic bases and sisters."""
    of_codes = schedule.rvu.filter(pl.col("hcpcs").is_in(list(codes)))
    bases = of_codes["endoscopic_base"].drop_nulls().to_list()
    rows = (row for row in reference.rows_on("technical_sister", day) if row["hcpcs"] in codes)
    sisters = ((*row["technical"], *row["professional"]) for row in rows)
    return {*codes, *bases, *chain.from_iterable(sisters)} - {""}


def _check_modifiers(schedule: ReleaseTables, code: str, modifiers: Sequence[str], day: date) -> None:
    if len(modifiers) > MOST_MODIFIERS:
        raise InvalidValue(f"{len(modifiers)} modifiers; a claim line holds at most {MOST_MODIFIERS}")
    known = {row["modifier"] for row in reference.rows_on("modifier", day)}
    for modifier in modifiers:
        if not _MODIFIER.fullmatch(modifier):
            raise InvalidValue(f"{modifier[:20]!r} is not a modifier; a modifier has two letters or digits, such as 26")
        if modifier not in known:
            raise UnknownModifier(
                f"modifier {modifier!r} is not one the rules know on {day}, and {code} has no row with it in "
                f"{schedule.release.name}"
            )


def _line(
    code: str,
    modifiers: Sequence[str],
    circumstances: Circumstances,
    place_of_service_code: str,
    provider_type: str,
    units: int,
    postoperative_days: int | None,
) -> pl.DataFrame:
    where = circumstances.locality
    cells: dict[str, Any] = {
        "claim_id": "",
        "line": 1,
        "date_of_service": circumstances.day,
        "hcpcs": code,
        **{f"modifier_{number}": modifier for number, modifier in enumerate(modifiers, start=1)},
        "place_of_service": place_of_service_code,
        "mac": where.mac if where else "",
        "locality": where.locality if where else "",
        "units": units,
        "provider_type": provider_type,
        "participating": circumstances.participating,
        "qp": circumstances.qp,
        "minutes": circumstances.minutes,
        "postoperative_days": postoperative_days,
        "present_at_induction": circumstances.present_at_induction,
    }
    return pl.DataFrame({name: [value] for name, value in cells.items()}, schema_overrides=_KINDS)


@dataclass(frozen=True)
class _Case:
    """A priced line and the question it answers.

    ``billed``: the row of the code and component, ``printed`` where. ``reason``: why it has no amount.
    """

    schedule: ReleaseTables
    line: ExplainedLine
    billed: Mapping[str, Any]
    printed: str
    place: Place
    who: Biller
    circumstances: Circumstances
    reason: str
    is_anesthesia: bool

    @property
    def is_priced(self) -> bool:
        return bool(self.line.results["pricing_status"] == "priced")

    def price(self, modifiers: Sequence[str]) -> Price:
        """Put the answer together."""
        row, results, circumstances = self.billed, self.line.results, self.circumstances
        found = status.status(row["status_indicator"], circumstances.day, has_rvus=status.has_rvus(row))
        limit = self._limit() if self.is_priced and not self.who.mandatory_assignment else None
        return Price(
            release=self.schedule.release.name,
            starter=self.schedule.release.starter,
            sha256=self.schedule.release.sha256,
            day=circumstances.day,
            hcpcs=row["hcpcs"],
            modifier=",".join(modifiers),
            description=row["description"],
            place_of_service=self.place.code,
            setting=results["setting"] or self.place.setting,
            locality=circumstances.locality,
            qp=circumstances.qp,
            participating=circumstances.participating,
            provider_type=self.who.provider_type,
            status_indicator=row["status_indicator"],
            pricing_status=results["pricing_status"],
            reason=found.reason if self.is_priced else self.reason,
            notes=tuple(self._notes(found)),
            fee_schedule_amount=results["fee_schedule_amount"],
            opps_cap=results["opps_cap"],
            allowed_amount=results["allowed_amount"],
            limiting_charge=None if limit is None else exact(limit[0], MONEY_PLACES),
            steps=tuple(self._steps(found, None if circumstances.participating or limit is None else limit[1])),
            units=int(self.line.asked["units"]),
        )

    def _steps(self, found: status.Status, limit: Step | None) -> Iterator[Step]:
        place = self.place
        named = service_name(self.billed)
        yield Step("status", named, f"{found.letter}, {found.name}", "", f"{self.printed}; {found.source}")
        yield Step("setting", f"place of service {place.code}, {place.name}", place.setting, "", place.source)
        yield from self.line.basis
        for rule in self.line.steps:
            if rule.name == _PARTICIPATION and limit is not None:
                yield limit
            step = rule.as_step()
            yield replace(step, detail=f"{rule.opening}{step.detail}")
        pctc_indicator, component = self.billed["pctc_indicator"], self.billed["modifier"]
        denies = technical_component(place.patient, pctc_indicator, component, self.circumstances.day)
        if denies is not None and self.line.results["pricing_status"] == denies.pricing_status:
            yield Step("technical component", denies.reason, "not paid", "", denies.source)

    def _limit(self) -> tuple[int, Step]:
        """Return the limiting charge, of what a participating physician is paid. [cents]"""
        line, rule = self.line, limiting_charge(self.circumstances.day)
        amount = line.steps[-1].after
        for step in line.steps:
            if step.name == _PARTICIPATION and step.before is not None:
                amount = step.before
        of = whole(amount, MONEY_PLACES)
        cents, when = percent_of(of, rule.percent), ""
        if line.adjusted is not None:
            factor = conversion_factor(self.circumstances.day, qp=self.circumstances.qp).scaled
            units = int(line.asked["units"])
            # nothing was taken off after the fee and the cap
            if int(formula.cents(line.adjusted, factor)) * units == of:
                cents = units * int(formula.percent_cents(line.adjusted, factor, whole(rule.percent, PERCENT_PLACES)))
                when = ", each unit's before it is rounded" if units > 1 else ", before that is rounded"
        detail = f"unassigned: {rule.percent} percent of {usd(amount)}{when}"
        return cents, Step("limiting charge", detail, str(exact(cents, MONEY_PLACES)), "USD", rule.source)

    def _notes(self, found: status.Status) -> Iterator[str]:
        """Yield what the amount, or its absence, should be read with: the line's notes, then those of the question."""
        line, circumstances, row = self.line, self.circumstances, self.billed
        if circumstances.minutes is not None and not self.is_anesthesia:
            yield "minutes are not used: the code is not an anesthesia code"
        yield from line.notes
        if not self.is_priced:
            if found.note and line.results["pricing_status"] == found.pricing_status:
                yield found.note
            return
        if self.is_anesthesia:
            no_time = anesthesia.takes_no_time(row["hcpcs"], circumstances.day)
            if no_time is not None:
                yield no_time
        else:
            yield from self._amounts()
        if row["global_days"] == _ADD_ON:
            yield "an add-on code: paid only beside a primary service of the day"
        if self.who.mandatory_assignment and not circumstances.participating:
            yield (
                f"{self.who.name}: must take assignment, so no nonparticipating amount and no limiting charge applies"
            )
        for step in line.payment:
            if step.name.startswith("modifier"):
                text = f"{step.factor} of Medicare's part; the allowed amount is the same"
                yield f"{step.name}, {step.detail}: {text}"

    def _amounts(self) -> Iterator[str]:
        """Yield the notes of an amount made of relative values."""
        circumstances, printed = self.circumstances, self.billed["conversion_factor"]
        if not circumstances.qp and printed != Decimal(conversion_factor(circumstances.day).value):
            yield (
                f"{self.schedule.release.name} prints a conversion factor of {printed}; "
                f"the one in force on {circumstances.day} is used"
            )
        for step in self.line.steps:
            if step.name == "OPPS cap" and step.before is not None and step.after < step.before:
                yield f"the OPPS cap holds the amount at {usd(step.after)}, below the fee of {usd(step.before)}"
