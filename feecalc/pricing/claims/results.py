"""What a batch's lines get, as columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import polars as pl

from feecalc.money import MONEY_PLACES, rounded
from feecalc.pricing.arrays import Flags, Integers, series
from feecalc.pricing.claims import adjustments as remittance
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.arrays import percent
from feecalc.pricing.claims.arrays.lines import Decisions
from feecalc.pricing.claims.eras import Eras
from feecalc.pricing.claims.outcomes import Outcomes
from feecalc.pricing.claims.priced import Priced
from feecalc.pricing.rules.order import notes_text

NONE = -1
_FACTOR_PLACES = 4
_AMOUNT = pl.Decimal(18, MONEY_PLACES)
_TEXT = pl.Categorical()  # few different ones: a small number a line, not a text
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "release": _TEXT,
    "setting": _TEXT,
    "fee_schedule_amount": _AMOUNT,
    "units_factor": pl.Decimal(9, _FACTOR_PLACES),
    "bilateral_factor": pl.Decimal(9, _FACTOR_PLACES),
    "modifier_factor": pl.Decimal(12, percent.RATE_PLACES),
    "mppr_factor": pl.Decimal(12, percent.RATE_PLACES),
    "opps_cap": _AMOUNT,
    "cap_factor": pl.Decimal(12, percent.RATE_PLACES),
    "film_factor": pl.Decimal(12, percent.RATE_PLACES),
    "practitioner_factor": pl.Decimal(9, _FACTOR_PLACES),
    "participation_factor": pl.Decimal(9, _FACTOR_PLACES),
    "charge_factor": pl.Decimal(18, percent.RATE_PLACES),
    "allowed_amount": _AMOUNT,
    "medicare_factor": pl.Decimal(12, percent.RATE_PLACES),
    "medicare_paid": _AMOUNT,
    "patient_share": _AMOUNT,
    "sequestration": _AMOUNT,
    "contractual_adjustment": _AMOUNT,
    "pricing_status": _TEXT,
    "reason": _TEXT,
    "group": _TEXT,
    "carc": _TEXT,
    "rarc": _TEXT,
    remittance.COLUMN: pl.String(),
    "rank": pl.Int32,
    "bonus": _AMOUNT,  # paid apart: no part of what is allowed or paid
}
COLUMNS = tuple(SCHEMA)
# What a payer's own fee is taken times, exactly; only where it is asked for. A line pays the fee, after the bilateral
# and modifier factors, procedures_paid / procedures_paid_of times, and the practitioner's percent of that.
OWN_FEE_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "procedures_paid": pl.Int64,
    "procedures_paid_of": pl.Int64,
    "practitioner_factor": SCHEMA["practitioner_factor"],
}
NOTE_BITS = "note_bits"  # what a priced line should be read with, as bits of Note; only where it is asked for
# How wide the columns of ``Results`` are that hold no amounts.
_NARROW: dict[str, type[np.signedinteger[Any]]] = {
    "status": outcomes.KIND, "era": np.int32, "setting": np.int8, "rank": np.int32,
}  # fmt: skip
# The numbers a column is made of, beside the status.
_NEEDED = {
    "release": "era", "setting": "setting", "fee_schedule_amount": "fee", "bilateral_factor": "bilateral",
    "modifier_factor": "modifier", "mppr_factor": "several", "opps_cap": "cap", "allowed_amount": "allowed",
    "medicare_paid": "medicare", "patient_share": "patient", "sequestration": "sequestration",
    "contractual_adjustment": "allowed", "reason": "notes", "rank": "rank", "bonus": "bonus",
    "procedures_paid": "procedures_paid", "procedures_paid_of": "procedures_paid_of",
    "practitioner_factor": "practitioner", "participation_factor": "participation", "units_factor": "units",
    "charge_factor": "charge", "cap_factor": "capped", "film_factor": "film",
    "medicare_factor": "medicare_rate", NOTE_BITS: "notes",
}  # fmt: skip
_OF_ADJUSTMENTS = {"group", "carc", "rarc", remittance.COLUMN}
_OF_OUTCOMES = {"pricing_status", "reason", *_OF_ADJUSTMENTS}
_OF_RULES = {
    "bilateral_factor", "modifier_factor", "mppr_factor", "opps_cap", "reason", "rank", "procedures_paid",
    "procedures_paid_of", "units_factor", "cap_factor", "film_factor", "charge_factor", NOTE_BITS,
}  # fmt: skip


@dataclass(frozen=True)
class Results:
    """Collect the results of each line as numbers; -1 is no amount. Shape of each: [line].

    ``kept``: the numbers that a column that is asked for needs, by the names in ``_NEEDED``, and ``status``.
    """

    status: Integers
    wanted: frozenset[str]  # columns of the frame
    kept: frozenset[str]
    numbers: dict[str, Integers] = field(default_factory=dict)
    parts: dict[int, Integers] = field(default_factory=dict)  # by the number of ``adjustments.codes``, where wanted

    @classmethod
    def of(cls, status: Integers, wanted: Sequence[str]) -> Results:
        """Begin with the status that the day gives each line. Numbers that no ``wanted`` column needs are not kept."""
        kept = {_NEEDED[column] for column in wanted if column in _NEEDED}
        return cls(status, frozenset(wanted), frozenset(kept))

    def number(self, name: str) -> Integers:
        """Return the numbers of a name, to be written into."""
        if name not in self.numbers:
            self.numbers[name] = np.full(len(self.status), NONE, _NARROW.get(name, np.int64))
        return self.numbers[name]

    def put(self, name: str, at: Integers | None, values: Integers) -> None:
        """Put the numbers of some lines in their places: the rows ``at``, None for all rows as they are."""
        if at is None:
            self.numbers[name] = values
        else:
            self.number(name)[at] = values

    @property
    def has_adjustments(self) -> bool:
        """Return whether a column is wanted that needs the parts of each line's adjustment."""
        return bool(self.wanted & _OF_ADJUSTMENTS)

    @property
    def has_outcomes(self) -> bool:
        """Return whether a column is wanted that says why a line is not paid."""
        return bool(self.wanted & _OF_OUTCOMES)

    def adjust(self, at: Integers | None, found: Iterable[remittance.Piece]) -> None:
        """Add the parts of adjustments of the lines of one era: ``at`` as for ``fill``."""
        number = {code: place for place, code in enumerate(remittance.codes())}
        for key, lines, cents in found:
            if not cents.any():
                continue
            place = number[remittance.code_of_key()[key]]
            if place not in self.parts:
                self.parts[place] = np.zeros(len(self.status), np.int64)
            part = self.parts[place]
            if lines is None:
                part[slice(None) if at is None else at] += cents
            else:
                part[lines if at is None else at[lines]] += cents

    def fill(self, at: Integers | None, priced: Priced, era: int, setting: Integers) -> None:
        """Put the lines of one era in their places: the rows ``at``, None for all rows as they are."""
        status = priced.lines.status
        is_priced = status == outcomes.PRICED
        all_priced = bool(is_priced.all())
        by_another = np.flatnonzero(_is_by_another(status))

        def of_priced(values: Integers) -> Integers:
            return values if all_priced else np.where(is_priced, values, NONE)

        def put(name: str, values: Callable[[], Integers]) -> None:
            if name in self.kept:
                self.put(name, at, values())

        def put_amounts(name: str, amounts: Callable[[], Integers]) -> None:
            if name in self.kept:
                values = of_priced(amounts())
                if len(by_another):
                    values[by_another] = 0
                self.put(name, at, values)

        def fee() -> Integers:
            values = of_priced(priced.fee)
            if len(by_another):
                values[by_another] = priced.fee[by_another]
            return values

        shares = priced.shares
        self.status[slice(None) if at is None else at] = status
        put("era", lambda: np.broadcast_to(np.int32(era), len(status)))
        put("setting", lambda: setting)
        put("fee", fee)
        put_amounts("allowed", lambda: priced.allowed)
        put_amounts("medicare", lambda: shares.medicare)
        put_amounts("patient", lambda: shares.deductible + shares.coinsurance)
        put_amounts("sequestration", lambda: shares.sequestration)
        bonus = shares.bonus
        if bonus is not None:
            put("bonus", lambda: of_priced(bonus))
        put("practitioner", lambda: of_priced(priced.practitioner))
        put("participation", lambda: of_priced(priced.participation))
        changed = is_priced & (priced.medicare_rate != percent.RATE_WHOLE)
        put("medicare_rate", lambda: np.where(changed, priced.medicare_rate, NONE))
        # but for the lines that rules looked at, below
        put("procedures_paid", lambda: of_priced(priced.lines.units).astype(np.int64))
        put("procedures_paid_of", lambda: of_priced(np.ones_like(status, np.int64)))
        put("notes", lambda: np.where(is_priced & (priced.notes != 0), priced.notes, NONE))
        if "charge" in self.kept and priced.before_charge is not None:
            some = np.flatnonzero(is_priced & (priced.allowed != priced.before_charge))
            rows = some if at is None else at[some]
            self.number("charge")[rows] = _ratio(priced.allowed[some], priced.before_charge[some])
        if self.wanted & _OF_RULES:
            self._fill_looked_at(at, priced, is_priced)

    def _fill_looked_at(self, at: Integers | None, priced: Priced, is_priced: Flags) -> None:
        """Fill what rules decided of the lines they looked at."""
        ranked_alone = priced.ranked_alone[is_priced[priced.ranked_alone]]
        ranked_alone = ranked_alone if at is None else at[ranked_alone]
        for name, value in (("several", percent.RATE_WHOLE), ("rank", 1)):
            if name in self.kept:
                self.number(name)[ranked_alone] = value
        decided, own = priced.decided, priced.looked_at
        paid = is_priced[own]
        known = paid | _is_by_another(priced.lines.status[own])
        rows = own if at is None else at[own]

        def put(name: str, chosen: Flags, values: Integers) -> None:
            if name in self.kept:
                some = np.flatnonzero(chosen)
                self.number(name)[rows[some]] = values[some]

        put("bilateral", known & decided.is_bilateral, decided.bilateral_rate)
        put("modifier", paid & (decided.modifier_rate != percent.RATE_WHOLE), decided.modifier_rate)
        if "several" in self.kept:
            some = np.flatnonzero(known & decided.in_several_rule)
            self.number("several")[rows[some]] = _ratio(decided.several[some], decided.before_several[some])
        put("cap", known & (decided.cap >= 0), decided.cap)
        if "units" in self.kept:
            units = priced.lines.units[own]
            of_one = known & decided.is_bilateral & (decided.procedures != units)
            put("units", of_one, percent.WHOLE * decided.procedures // units)
        capped, film = decided.several - decided.above_cap, decided.film_reduction
        for name, less, after, before in (
            ("capped", decided.above_cap, capped, decided.several), ("film", film, capped - film, capped)
        ):  # fmt: skip
            if name in self.kept:
                some = np.flatnonzero(paid & (less > 0))
                self.number(name)[rows[some]] = _ratio(after[some], before[some])
        put("rank", paid & (decided.rank > 0), decided.rank)
        if self.kept & {"procedures_paid", "procedures_paid_of"}:
            number, divisor = _procedures_paid(decided)
            put("procedures_paid", paid, number)
            put("procedures_paid_of", paid, divisor)
        self._fill_by_charge_alone(rows, priced, paid)

    def _fill_by_charge_alone(self, rows: Integers, priced: Priced, paid: Flags) -> None:
        """Fill the factors of a second side that the charges alone pay: the bilateral rule left nothing of it.

        It has what is left of both sides' charges, of an amount like the first side's. ``rows``, ``paid``: of the lines
        looked at.
        """
        if priced.before_charge is None:
            return
        decided, own = priced.decided, priced.looked_at
        some = np.flatnonzero(paid & (priced.before_charge[own] == 0) & (priced.allowed[own] > 0))
        if not len(some):
            return
        line, modifier = own[some], decided.modifier_rate[decided.pair[some]]
        of_one = rounded(priced.fee[line] * modifier, percent.RATE_WHOLE)
        of_biller = percent.share(percent.share(of_one, priced.practitioner[line]), priced.participation[line])
        values = {
            "bilateral": np.full(len(some), NONE),
            "modifier": np.where(modifier == percent.RATE_WHOLE, NONE, modifier),
            "charge": _ratio(priced.allowed[line], of_biller),
            "procedures_paid": np.zeros(len(some), np.int64),
            "procedures_paid_of": np.ones(len(some), np.int64),
        }
        for name, found in values.items():
            if name in self.kept:
                self.number(name)[rows[some]] = found

    def frame(self, eras: Eras, words: Outcomes, billed: Integers, wanted: Sequence[str] = COLUMNS) -> pl.DataFrame:
        """Return the columns that are ``wanted``, of ``COLUMNS``."""
        pairs = tuple(words.pairs)  # as they are now: another batch may add to them
        known = len(pairs)
        notes = self.number("notes") if "notes" in self.kept else _NO_NOTES
        noted = np.flatnonzero(notes > 0)  # only priced lines have notes
        said, combination = np.unique(notes[noted], return_inverse=True)  # combinations of notes

        def reason() -> Integers:
            found = self.status.astype(np.int64)
            found[noted] = known + combination
            return found

        def adjustment() -> Integers:
            allowed = self.number("allowed")
            return np.where((billed >= 0) & (allowed >= 0), billed - allowed, NONE)

        def code() -> Integers:
            return np.where(self.status == outcomes.PRICED, known + self._leading, self.status)

        made: dict[str, Callable[[], Integers]] = {
            "contractual_adjustment": adjustment,
            "pricing_status": lambda: self.status,
            "reason": reason,
            "group": code,
            "carc": code,
            "rarc": code,
        }
        numbers = {
            name: made[name]() if name in made else self.number(_NEEDED[name])
            for name in wanted
            if name != remittance.COLUMN
        }
        releases = tuple(era.tables.release.name for era in eras.listed)
        columns = _columns(releases, pairs, tuple(said.tolist()))
        found = pl.DataFrame({name: series(values) for name, values in numbers.items()}).select(
            columns[name, name in _MAY_LACK_NAMES and bool((numbers[name] < 0).any())] for name in numbers
        )
        if remittance.COLUMN in wanted:
            whole = remittance.status_codes([status for status, _ in pairs])
            written = remittance.texts(self.status, billed, whole, self.parts)
            found = found.hstack([written]) if numbers else written.to_frame()
        return found.select(wanted)

    @cached_property
    def _leading(self) -> Integers:
        """Return the number, from 1, of the first code of each priced line that is no patient's share; 0 for none."""
        found = np.zeros(len(self.status), np.int64)
        for number, code in reversed(list(enumerate(remittance.codes()))):
            if code in remittance.contractual_codes() and number in self.parts:
                found[self.parts[number] != 0] = number + 1
        return found


@lru_cache(maxsize=16)  # the names grow as rows are met
def _columns(
    releases: tuple[str, ...], pairs: tuple[tuple[str, str], ...], notes: tuple[int, ...]
) -> dict[tuple[str, bool], pl.Expr]:
    """Return the results as columns, from columns of numbers of these names, and whether a line has no name at all.

    ``notes``: bits of Note combined.
    """
    statuses = [status for status, _ in pairs]
    codes = [*remittance.status_codes(statuses), remittance.NO_CODE, *remittance.codes()]
    names = {
        "release": list(releases),
        "setting": list(SETTINGS),
        "pricing_status": statuses,
        "reason": [*(reason for _, reason in pairs), *(notes_text(bits) for bits in notes)],
        "group": [code.group for code in codes],
        "carc": [code.carc for code in codes],
        "rarc": [code.rarc for code in codes],
    }
    kinds = SCHEMA | OWN_FEE_SCHEMA | {NOTE_BITS: pl.Int64}
    del kinds[remittance.COLUMN]
    return {
        (name, has_none): _named(name, names[name], has_none=has_none)
        if name in names
        else _number(name, kind)
        for name, kind in kinds.items()
        for has_none in (False, True)
    }


_MAY_LACK_NAMES = {"release", "setting"}  # where no release prices the day, or the place is not known
_NO_NOTES: Integers = np.zeros(0, np.int64)
SETTINGS = ("facility", "nonfacility", "not_priced")
_IS_BY_ANOTHER = np.isin(np.arange(max(outcomes.BY_ANOTHER_LINE) + 2), outcomes.BY_ANOTHER_LINE)


def _is_by_another(status: Integers) -> Flags:
    """Mark the lines whose outcome follows from another line."""
    found: Flags = _IS_BY_ANOTHER[np.minimum(status, len(_IS_BY_ANOTHER) - 1)]
    return found


def _ratio(after: Integers, before: Integers) -> Integers:
    """Return after over before, in 10^-8: four places where the amount follows from them, else eight.

    So a percent that was taken is that percent, though the amount was rounded. 1 where both are 0.
    """
    safe = np.maximum(before, 1)
    four, eight = (rounded(after * places, safe) for places in (percent.WHOLE, percent.RATE_WHOLE))
    follows = rounded(before * four, percent.WHOLE) == after
    found = np.where(follows, four * (percent.RATE_WHOLE // percent.WHOLE), eight)
    ratio: Integers = np.where(before == 0, percent.RATE_WHOLE, found)
    return ratio


def _procedures_paid(decided: Decisions) -> tuple[Integers, Integers]:
    """Return how many procedures each line pays, as a fraction: by the percents of ranks, or as amounts decide."""
    by_rank = decided.rank_percents >= 0
    number = np.where(by_rank, decided.rank_percents, decided.procedures * decided.several)
    divisor = np.where(by_rank, percent.WHOLE, decided.before_several)
    nothing = divisor == 0
    number, divisor = np.where(nothing, decided.procedures, number), np.where(nothing, 1, divisor)
    common = np.gcd(number, divisor)
    return number // common, divisor // common


def _number(name: str, kind: pl.DataType | type[pl.DataType]) -> pl.Expr:
    """Return a whole number or, with the same digits, a decimal; null for -1."""
    known = pl.when(pl.col(name) != NONE).then(pl.col(name)).alias(name)
    return known.cast(pl.Int128).reinterpret(dtype=kind) if kind.is_decimal() else known.cast(kind)


def _named(name: str, names: list[str], *, has_none: bool) -> pl.Expr:
    """Return names by number, null for -1."""
    number = pl.max_horizontal(pl.col(name), 0) if has_none else pl.col(name)
    found = pl.lit(pl.Series(names, dtype=_TEXT)).gather(number)
    return (pl.when(pl.col(name) != NONE).then(found) if has_none else found).alias(name)
