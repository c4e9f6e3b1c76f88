"""What a batch's lines get, as columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from feecalc.money import MONEY_PLACES, rounded
from feecalc.pricing.arrays import Flags, Integers, series
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.adjustments import adjustment_codes, contractual_code
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
    "bilateral_factor": pl.Decimal(9, _FACTOR_PLACES),
    "modifier_factor": pl.Decimal(12, percent.RATE_PLACES),
    "mppr_factor": pl.Decimal(9, _FACTOR_PLACES),
    "opps_cap": _AMOUNT,
    "allowed_amount": _AMOUNT,
    "medicare_paid": _AMOUNT,
    "patient_share": _AMOUNT,
    "sequestration": _AMOUNT,
    "contractual_adjustment": _AMOUNT,
    "pricing_status": _TEXT,
    "reason": _TEXT,
    "carc": _TEXT,
    "rarc": _TEXT,
    "rank": pl.Int32,
}
COLUMNS = tuple(SCHEMA)
# What a payer's own fee is taken times, exactly; only where it is asked for. A line pays the fee, after the bilateral
# and modifier factors, procedures_paid / procedures_paid_of times, and the practitioner's percent of that.
OWN_FEE_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "procedures_paid": pl.Int64,
    "procedures_paid_of": pl.Int64,
    "practitioner_factor": pl.Decimal(9, _FACTOR_PLACES),
}
# How wide the columns of ``Results`` are that hold no amounts.
_NARROW: dict[str, type[np.signedinteger[Any]]] = {
    "status": outcomes.KIND, "era": np.int32, "setting": np.int8, "notes": np.int16, "rank": np.int32,
}  # fmt: skip
# The numbers a column is made of, beside the status.
_NEEDED = {
    "release": "era", "setting": "setting", "fee_schedule_amount": "fee", "bilateral_factor": "bilateral",
    "modifier_factor": "modifier", "mppr_factor": "several", "opps_cap": "cap", "allowed_amount": "allowed",
    "medicare_paid": "medicare", "patient_share": "patient", "sequestration": "sequestration",
    "contractual_adjustment": "allowed", "reason": "notes", "carc": "allowed", "rank": "rank",
    "procedures_paid": "procedures_paid", "procedures_paid_of": "procedures_paid_of",
    "practitioner_factor": "practitioner",
}  # fmt: skip
_OF_RULES = {
    "bilateral_factor", "modifier_factor", "mppr_factor", "opps_cap", "reason", "rank", "procedures_paid",
    "procedures_paid_of",
}  # fmt: skip


@dataclass(frozen=True)
class Results:
    """Collect the results of each line as numbers; -1 is no amount. Shape of each: [line]."""

    status: Integers
    era: Integers
    setting: Integers
    notes: Integers
    fee: Integers
    bilateral: Integers  # ten-thousandths
    modifier: Integers  # 10^-8
    several: Integers  # ten-thousandths
    cap: Integers
    allowed: Integers
    medicare: Integers
    patient: Integers
    sequestration: Integers
    rank: Integers
    procedures_paid: Integers  # a numerator, and below it its denominator
    procedures_paid_of: Integers
    practitioner: Integers  # ten-thousandths
    wanted: frozenset[str]  # columns of the frame

    @classmethod
    def empty(cls, lines: int, wanted: Sequence[str]) -> Results:
        """Begin with nothing decided. Numbers that no ``wanted`` column needs are not kept."""
        kept = {"status", *(_NEEDED[column] for column in wanted if column in _NEEDED)}
        names = ("status", *dict.fromkeys(_NEEDED.values()))
        columns = {name: np.full(lines if name in kept else 0, NONE, _NARROW.get(name, np.int64)) for name in names}
        return cls(**columns, wanted=frozenset(wanted))

    def fill(self, at: Integers | None, priced: Priced, era: int, setting: Integers) -> None:
        """Put the lines of one era in their places: the rows ``at``, None for all rows as they are."""
        status = priced.lines.status
        is_priced = status == outcomes.PRICED
        by_another = np.flatnonzero(_IS_BY_ANOTHER[status])

        def put(column: Integers, values: Integers) -> None:
            if len(column):
                column[slice(None) if at is None else at] = values

        def put_amounts(column: Integers, *parts: Integers) -> None:
            if len(column):
                values = np.where(is_priced, sum(parts[1:], parts[0]), NONE)
                values[by_another] = 0
                put(column, values)

        put(self.status, status)
        put(self.era, np.array(era))
        put(self.setting, setting)
        if len(self.fee):
            fee = np.where(is_priced, priced.fee, NONE)
            fee[by_another] = priced.fee[by_another]
            put(self.fee, fee)
        put_amounts(self.allowed, priced.allowed)
        put_amounts(self.medicare, priced.shares.medicare)
        put_amounts(self.patient, priced.shares.deductible, priced.shares.coinsurance)
        put_amounts(self.sequestration, priced.shares.sequestration)
        for column, values in (
            (self.practitioner, priced.practitioner),
            (self.procedures_paid, priced.lines.units),  # but for the lines that rules looked at, below
            (self.procedures_paid_of, np.ones_like(priced.lines.units)),
        ):
            if len(column):
                put(column, np.where(is_priced, values, NONE))
        if len(self.notes):
            notes = priced.notes
            put(self.notes, np.where(is_priced & (notes != 0), notes, NONE))
        if self.wanted & _OF_RULES:
            self._fill_looked_at(at, priced, is_priced)

    def _fill_looked_at(self, at: Integers | None, priced: Priced, is_priced: Flags) -> None:
        """Fill what rules decided of the lines they looked at."""
        ranked_alone = priced.ranked_alone[is_priced[priced.ranked_alone]]
        ranked_alone = ranked_alone if at is None else at[ranked_alone]
        for column, values in ((self.several, percent.WHOLE), (self.rank, 1)):
            if len(column):
                column[ranked_alone] = values
        decided, own = priced.decided, priced.looked_at
        paid = is_priced[own]
        known = paid | _IS_BY_ANOTHER[priced.lines.status[own]]
        rows = own if at is None else at[own]

        def put(column: Integers, held: Flags, values: Integers) -> None:
            if len(column):
                some = np.flatnonzero(held)
                column[rows[some]] = values[some]

        put(self.bilateral, known & decided.is_bilateral, decided.bilateral_rate)
        put(self.modifier, paid & (decided.modifier_rate != percent.RATE_WHOLE), decided.modifier_rate)
        if len(self.several):
            some = np.flatnonzero(known & decided.in_several_rule)
            self.several[rows[some]] = _ratio(decided.several[some], decided.before_several[some])
        put(self.cap, known & (decided.cap >= 0), decided.cap)
        put(self.rank, paid & (decided.rank > 0), decided.rank)
        if len(self.procedures_paid) or len(self.procedures_paid_of):
            number, divisor = _procedures_paid(decided)
            put(self.procedures_paid, paid, number)
            put(self.procedures_paid_of, paid, divisor)

    def frame(self, eras: Eras, words: Outcomes, billed: Integers, wanted: Sequence[str] = COLUMNS) -> pl.DataFrame:
        """Return the columns that are ``wanted``, of ``COLUMNS``."""
        pairs = tuple(words.pairs)  # as they are now: another batch may add to them
        lines, known = len(self.status), len(pairs)

        said = np.flatnonzero(np.bincount(self.notes[self.notes > 0]))  # combinations of notes
        place_of = np.zeros(int(said.max(initial=0)) + 1, np.int16)
        place_of[said] = np.arange(known, known + len(said))

        def adjustment() -> Integers:
            return np.where((billed >= 0) & (self.allowed >= 0), billed - self.allowed, NONE)

        def carc() -> Integers:
            return np.where((self.status == outcomes.PRICED) & (adjustment() > 0), known, self.status)

        numbers: dict[str, Callable[[], Integers]] = {
            "release": lambda: self.era,
            "setting": lambda: self.setting,
            "fee_schedule_amount": lambda: self.fee,
            "bilateral_factor": lambda: self.bilateral,
            "modifier_factor": lambda: self.modifier,
            "mppr_factor": lambda: self.several,
            "opps_cap": lambda: self.cap,
            "allowed_amount": lambda: self.allowed,
            "medicare_paid": lambda: self.medicare,
            "patient_share": lambda: self.patient,
            "sequestration": lambda: self.sequestration,
            "contractual_adjustment": adjustment,
            "pricing_status": lambda: self.status,
            # only priced lines have notes
            "reason": lambda: np.where(self.notes > 0, place_of[np.maximum(self.notes, 0)], self.status),
            "carc": carc,
            "rarc": lambda: self.status,
            "rank": lambda: self.rank,
            "procedures_paid": lambda: self.procedures_paid,
            "procedures_paid_of": lambda: self.procedures_paid_of,
            "practitioner_factor": lambda: self.practitioner,
        }
        releases = tuple(era.tables.release.name for era in eras.listed)
        columns = _columns(releases, pairs, tuple(said.tolist()))
        found = pl.DataFrame({name: series(numbers[name]()) for name in wanted}, height=lines)
        return found.select([columns[name] for name in wanted])


@cache
def _columns(
    releases: tuple[str, ...], pairs: tuple[tuple[str, str], ...], notes: tuple[int, ...]
) -> dict[str, pl.Expr]:
    """Return the results as columns, from columns of numbers of these names. ``notes``: bits of Note combined."""
    statuses = [status for status, _ in pairs]
    carc, rarc = adjustment_codes(statuses)
    names = {
        "release": list(releases),
        "setting": list(SETTINGS),
        "pricing_status": statuses,
        "reason": [*(reason for _, reason in pairs), *(notes_text(bits) for bits in notes)],
        "carc": [*carc, contractual_code()],
        "rarc": rarc,
    }
    kinds = SCHEMA | OWN_FEE_SCHEMA
    return {name: _named(name, names[name]) if name in names else _number(name, kind) for name, kind in kinds.items()}


SETTINGS = ("facility", "nonfacility", "not_priced")
_IS_BY_ANOTHER = np.isin(np.arange(np.iinfo(outcomes.KIND).max), outcomes.BY_ANOTHER_LINE)


def _ratio(after: Integers, before: Integers) -> Integers:
    """Return after over before, in ten-thousandths, rounded halves up; 1 where both are 0."""
    safe = np.maximum(before, 1)
    ratio: Integers = np.where(before == 0, percent.WHOLE, rounded(after * percent.WHOLE, safe))
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


def _named(name: str, names: list[str]) -> pl.Expr:
    """Return names by number, null for -1."""
    return pl.lit(pl.Series([None, *names], dtype=_TEXT)).gather(pl.col(name) - NONE).alias(name)
