"""One service priced: a claim of one line, by the rules and with the receipt that a claim line has.

But that an add-on code is not denied for want of a primary service, and no bill and no deductible are known.
"""

from __future__ import annotations

import re
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from feecalc import reference
from feecalc.errors import InvalidValue, UnknownModifier
from feecalc.money import MONEY_PLACES, PERCENT_PLACES, exact, percent_of, usd, whole
from feecalc.pricing import formula
from feecalc.pricing.claims.arrays.modifier_effects import ModifierEffect
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.claims.explanation import explain
from feecalc.pricing.claims.explanation.steps import ExplainedLine
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.price import Circumstances, Price
from feecalc.pricing.receipt import Step, service_name
from feecalc.pricing.rules import anesthesia, status
from feecalc.pricing.rules.conversion_factor import conversion_factor
from feecalc.pricing.rules.order import RULES
from feecalc.pricing.rules.participation import Biller, biller, limiting_charge
from feecalc.pricing.rules.place_of_service import NOT_PRICED, Place, place_of_service
from feecalc.pricing.rules.technical_component import technical_component

if TYPE_CHECKING:
    from feecalc.pricing.release_tables import ReleaseTables

MOST_MODIFIERS = 4
MOST_UNITS = 9999
_COMPONENTS = ("", "26", "TC")  # rows that a lone modifier, or none, chooses
_MODIFIER = re.compile(r"[0-9A-Z]{2}")
_ADD_ON = "ZZZ"
_DOES_NOT_APPLY = "modifier_does_not_apply"
_PARTICIPATION = "nonparticipating"
_MOST_KEPT = 16
_MANY = 10  # codes at one place: from then on one engine of all codes takes less time than one for each
_MOST_COUNTED = 1 << 12  # places whose codes are counted
_KINDS = {"minutes": pl.Int32, "postoperative_days": pl.Int32}


@dataclass(frozen=True)
class SinglePricer:
    """Price services of one release, each by a small engine of its code's rows and the one place.

    The engines of the last few questions are kept: the same code is mostly asked for again, in another setting.
    """

    schedule: ReleaseTables
    _engines: OrderedDict[tuple[object, ...], ClaimPricer] = field(default_factory=OrderedDict)
    _new_codes: Counter[tuple[object, ...]] = field(default_factory=Counter)  # by place: engines made for one code

    def price(
        self,
        hcpcs: str,
        modifiers: Sequence[str],
        asked: Circumstances,
        *,
        units: int = 1,
        postoperative_days: int | None = None,
    ) -> Price:
        """Price one service with its modifiers and units. The public way in is ``FeeSchedule.price``."""
        conversion_factor(asked.day, qp=asked.qp)  # a QP where there is one factor for everybody is said
        track = self.schedule.of_track(qp=asked.qp)
        first = track.positions(hcpcs)[0]
        code, letter = track.rvu["hcpcs"][first], track.rvu["status_indicator"][first]
        is_anesthesia = status.status(letter, asked.day, has_rvus=False).pays == status.PAYS_ANESTHESIA
        if len(modifiers) <= 1 and "".join(modifiers) in _COMPONENTS:
            track.row_index(code, "".join(modifiers))
        _check_modifiers(self.schedule, code, modifiers, asked.day)
        if not 1 <= units <= MOST_UNITS:
            raise InvalidValue(f"{units} units; a claim line has from 1 to {MOST_UNITS:,}")
        place, who = place_of_service(asked.place_of_service, asked.day), biller(asked.provider_type, asked.day)
        claim = _line(code, modifiers, asked, place.code, who.provider_type, units, postoperative_days)
        if place.setting == NOT_PRICED or not self._is_of_rvus(track, code, asked.day):
            asked = replace(asked, gpci_floor=True)  # nothing is made of indices: one that cannot be told is not needed
        (line,) = explain(self._engine(code, asked), claim)
        if is_anesthesia:
            self._check_anesthesia(line.results["pricing_status"], asked)
        billed = line.billed_row or track.rvu.row(first, named=True)
        printed = line.billed_source or track.source_of_row(first)
        reason = line.results["reason"]
        if line.results["pricing_status"] == _DOES_NOT_APPLY:
            reason = self._refusal(self._engine(code, asked), claim, modifiers, billed) or reason
        case = _Case(self.schedule, line, billed, printed, place, who, asked, reason, is_anesthesia=is_anesthesia)
        return case.price(modifiers)

    def _refusal(
        self, engine: ClaimPricer, claim: pl.DataFrame, modifiers: Sequence[str], row: Mapping[str, Any]
    ) -> str:
        """Return which modifiers do not apply to the row, one by one or together, and which indicator says so."""
        day = claim["date_of_service"][0]
        does = {each["modifier"]: each["does"].upper() for each in reference.rows_on("modifier", day) if "does" in each}
        name = "-".join(filter(None, (row["hcpcs"], row["modifier"])))
        effects = {modifier: ModifierEffect[does[modifier]] for modifier in modifiers if modifier in does}
        rules = [(rule, [m for m, effect in effects.items() if effect & rule.judged]) for rule in RULES]
        judged = [modifier for rule, of_rule in rules if rule.choose_row is None for modifier in of_rule]
        others = [modifier for modifier in modifiers if modifier not in judged]  # they may choose the row

        def is_refused(*some: str) -> bool:
            cells = {f"modifier_{at}": pl.lit(each) for at, each in enumerate(some, 1)}
            line = claim.drop(f"modifier_{at}" for at in range(1, len(modifiers) + 1)).with_columns(**cells)
            return bool(explain(engine, line)[0].results["pricing_status"] == _DOES_NOT_APPLY)

        refused = {each for each in others if is_refused(each)}
        others = [each for each in others if each not in refused]
        if not is_refused(*others):
            refused |= {each for each in judged if is_refused(each, *others)}
        if refused:
            return "; ".join(
                f"modifier {each} does not apply to {name}: {rule.refusal.format(**row)}"
                for rule, of_rule in rules
                for each in of_rule
                if each in refused
            )
        together = [" and ".join(of_rule) for _, of_rule in rules if len(of_rule) > 1]
        return "; ".join(f"modifiers {each} do not apply to {name} together" for each in together)

    def _check_anesthesia(self, pricing_status: str, asked: Circumstances) -> None:
        """Raise for minutes that cannot be, and for a release that was built without its anesthesia factors."""
        if pricing_status == "minutes_missing" and asked.minutes is not None:
            anesthesia.time_units(asked.minutes, asked.day)
        if pricing_status == "not_computable" and asked.locality is not None and not asked.qp:
            self.schedule.anesthesia_factor(asked.locality)

    def _is_of_rvus(self, track: ReleaseTables, code: str, day: date) -> bool:
        """Return whether a row of the code is priced from relative values."""
        rows = track.rvu[track.positions(code)].iter_rows(named=True)
        return any(
            status.status(row["status_indicator"], day, has_rvus=status.has_rvus(row)).pays == status.PAYS_RVUS
            for row in rows
        )

    def _engine(self, code: str, asked: Circumstances) -> ClaimPricer:
        """Return an engine that has the code and the place: of this code alone, or of all where many are asked for."""
        where = asked.locality
        place = (where and where.key, asked.day, asked.gpci_floor)
        engine = self._engines.get(place) or self._engines.get((code, *place))
        if engine is None:
            self._new_codes[place] += 1
            is_of_all = self._new_codes[place] > _MANY
            looked_at = None if is_of_all else _codes_looked_at(self.schedule, code, asked.day)
            tables = self.schedule if looked_at is None else self.schedule.of_codes(looked_at)
            # one place: another place's indices could not be told without the floor in some releases
            tables = tables.national(asked.day) if where is None else tables.of_localities([where])
            rules = ClaimRules(add_on_needs_primary=False, gpci_floor=asked.gpci_floor)
            engine = ClaimPricer([ReleaseDays(tables, asked.day, asked.day)], rules)
            self._engines[place if is_of_all else (code, *place)] = engine
            with suppress(KeyError):  # the app's sessions ask side by side: another may have made the room
                while len(self._engines) > _MOST_KEPT:
                    self._engines.popitem(last=False)
                if len(self._new_codes) > _MOST_COUNTED:
                    self._new_codes.clear()
        return engine


def _codes_looked_at(schedule: ReleaseTables, code: str, day: date) -> set[str]:
    """Return the codes whose rows the rules look at for ``code``: its own, its endoscopic base, its sisters."""
    bases = schedule.rvu.filter(pl.col("hcpcs") == code)["endoscopic_base"].drop_nulls().to_list()
    sisters = [sister for row in reference.rows_on("technical_sister", day, hcpcs=code) for sister in row["technical"]]
    return {code, *bases, *sisters} - {""}


def _check_modifiers(schedule: ReleaseTables, code: str, modifiers: Sequence[str], day: date) -> None:
    if len(modifiers) > MOST_MODIFIERS:
        raise InvalidValue(f"{len(modifiers)} modifiers; a claim line holds at most {MOST_MODIFIERS}")
    known = {row["modifier"] for row in reference.rows_on("modifier", day)}
    for each in modifiers:
        if not _MODIFIER.fullmatch(each):
            raise InvalidValue(f"{each[:20]!r} is not a modifier; a modifier has two letters or digits, such as 26")
        if each not in known:
            raise UnknownModifier(
                f"modifier {each!r} is not one the rules know on {day}, and {code} has no row with it in "
                f"{schedule.release.name}"
            )


def _line(
    code: str,
    modifiers: Sequence[str],
    asked: Circumstances,
    place_of_service_code: str,
    provider_type: str,
    units: int,
    postoperative_days: int | None,
) -> pl.DataFrame:
    where = asked.locality
    cells: dict[str, Any] = {
        "claim_id": "",
        "line": 1,
        "date_of_service": asked.day,
        "hcpcs": code,
        **{f"modifier_{number}": modifier for number, modifier in enumerate(modifiers, start=1)},
        "place_of_service": place_of_service_code,
        "mac": where.mac if where else "",
        "locality": where.locality if where else "",
        "units": units,
        "provider_type": provider_type,
        "participating": asked.participating,
        "qp": asked.qp,
        "minutes": asked.minutes,
        "postoperative_days": postoperative_days,
        "present_at_induction": asked.present_at_induction,
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
    asked: Circumstances
    reason: str
    is_anesthesia: bool

    @property
    def is_priced(self) -> bool:
        return bool(self.line.results["pricing_status"] == "priced")

    def price(self, modifiers: Sequence[str]) -> Price:
        """Put the answer together."""
        row, results, asked = self.billed, self.line.results, self.asked
        found = status.status(row["status_indicator"], asked.day, has_rvus=status.has_rvus(row))
        limit = self._limit() if self.is_priced and not self.who.mandatory_assignment else None
        return Price(
            release=self.schedule.release.name,
            starter=self.schedule.release.starter,
            sha256=self.schedule.release.sha256,
            day=asked.day,
            hcpcs=row["hcpcs"],
            modifier=",".join(modifiers),
            description=row["description"],
            place_of_service=self.place.code,
            setting=self.place.setting,
            locality=asked.locality,
            qp=asked.qp,
            participating=asked.participating,
            provider_type=self.who.provider_type,
            status_indicator=row["status_indicator"],
            pricing_status=results["pricing_status"],
            reason=found.reason if self.is_priced else self.reason,
            notes=tuple(self._notes(found)),
            fee_schedule_amount=results["fee_schedule_amount"],
            opps_cap=results["opps_cap"],
            allowed_amount=results["allowed_amount"],
            limiting_charge=None if limit is None else exact(limit[0], MONEY_PLACES),
            steps=tuple(self._steps(found, None if asked.participating or limit is None else limit[1])),
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
        denies = technical_component(place.patient, pctc_indicator, component, self.asked.day)
        if denies is not None and self.line.results["pricing_status"] == denies.pricing_status:
            yield Step("technical component", denies.reason, "not paid", "", denies.source)

    def _limit(self) -> tuple[int, Step]:
        """Return the limiting charge, of what a participating physician is paid. [cents]"""
        line, rule = self.line, limiting_charge(self.asked.day)
        amount = line.steps[-1].after
        for step in line.steps:
            if step.name == _PARTICIPATION and step.before is not None:
                amount = step.before
        of = whole(amount, MONEY_PLACES)
        cents, when = percent_of(of, rule.percent), ""
        if line.adjusted is not None:
            factor, units = conversion_factor(self.asked.day, qp=self.asked.qp).scaled, int(line.asked["units"])
            # nothing was taken off after the fee and the cap
            if int(formula.cents(line.adjusted, factor)) * units == of:
                cents = units * int(formula.percent_cents(line.adjusted, factor, whole(rule.percent, PERCENT_PLACES)))
                when = ", each unit's before it is rounded" if units > 1 else ", before that is rounded"
        detail = f"unassigned: {rule.percent} percent of {usd(amount)}{when}"
        return cents, Step("limiting charge", detail, str(exact(cents, MONEY_PLACES)), "USD", rule.source)

    def _notes(self, found: status.Status) -> Iterator[str]:
        """Yield what the amount, or its absence, should be read with: the line's notes, then those of the question."""
        line, asked, row = self.line, self.asked, self.billed
        if asked.minutes is not None and not self.is_anesthesia:
            yield "minutes are not used: the code is not an anesthesia code"
        yield from line.notes
        if not self.is_priced:
            if found.note and line.results["pricing_status"] == found.pricing_status:
                yield found.note
            return
        if self.is_anesthesia:
            no_time = anesthesia.takes_no_time(row["hcpcs"], asked.day)
            if no_time is not None:
                yield no_time
        else:
            yield from self._amounts()
        if row["global_days"] == _ADD_ON:
            yield "an add-on code: paid only beside a primary service of the day"
        if self.who.mandatory_assignment and not asked.participating:
            yield (
                f"{self.who.name}: must take assignment, so no nonparticipating amount and no limiting charge applies"
            )
        for step in line.payment:
            if step.name.startswith("modifier"):
                text = f"{step.factor} of Medicare's part; the allowed amount is the same"
                yield f"{step.name}, {step.detail}: {text}"

    def _amounts(self) -> Iterator[str]:
        """Yield the notes of an amount made of relative values."""
        asked, printed = self.asked, self.billed["conversion_factor"]
        if not asked.qp and printed != Decimal(conversion_factor(asked.day).value):
            yield (
                f"{self.schedule.release.name} prints a conversion factor of {printed}; "
                f"the one in force on {asked.day} is used"
            )
        for step in self.line.steps:
            if step.name == "OPPS cap" and step.before is not None and step.after < step.before:
                yield f"the OPPS cap holds the amount at {usd(step.after)}, below the fee of {usd(step.before)}"
