"""What a batch's lines get, as columns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

from feecalc.pricing.arrays import Flags, Whole
from feecalc.pricing.claims import outcomes, percent
from feecalc.pricing.claims.adjustments import adjustment_codes, contractual_code
from feecalc.pricing.claims.chain import Priced
from feecalc.pricing.claims.eras import Eras
from feecalc.pricing.claims.notes import Note, notes_text
from feecalc.pricing.claims.outcomes import Outcomes
from feecalc.pricing.scale import MONEY_PLACES

NONE = -1
_FACTOR_PLACES = 4
_AMOUNT = pl.Decimal(18, MONEY_PLACES)
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "release": pl.String,
    "setting": pl.String,
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
    "pricing_status": pl.String,
    "reason": pl.String,
    "carc": pl.String,
    "rarc": pl.String,
    "rank": pl.Int32,
}
COLUMNS = tuple(SCHEMA)


@dataclass(frozen=True)
class Results:
    """Numbers of each line; -1 is no amount. Shape of each: [line]."""

    status: Whole
    era: Whole
    setting: Whole
    notes: Whole
    fee: Whole
    bilateral: Whole  # ten-thousandths
    modifier: Whole  # 10^-8
    several: Whole  # ten-thousandths
    cap: Whole
    allowed: Whole
    medicare: Whole
    patient: Whole
    sequestration: Whole
    rank: Whole

    @classmethod
    def empty(cls, lines: int) -> Results:
        """Nothing decided yet."""
        return cls(*(np.full(lines, NONE) for _ in cls.__dataclass_fields__))

    def fill(self, at: Whole, priced: Priced, era: int, place: Whole, settings: np.ndarray) -> None:
        """Put the lines of one era in their places."""
        lines, decided = priced.lines, priced.decided
        is_priced = lines.priced()
        by_another = np.isin(lines.status, outcomes.BY_ANOTHER_LINE)
        known = is_priced | by_another
        not_paid = np.where(by_another, 0, NONE)

        def put(column: Whole, held: Flags, values: Whole, otherwise: Whole | int = NONE) -> None:
            column[at] = np.where(held, values, otherwise)

        def put_some(column: Whole, held: Flags, values: Whole) -> None:
            some = np.flatnonzero(held)
            column[at[some]] = values[some]

        self.status[at] = lines.status
        self.era[at] = era
        put(self.setting, place >= 0, np.searchsorted(_SETTINGS, settings)[place])
        put_some(self.notes, is_priced & (decided.notes != 0), decided.notes)
        fee = decided.fee * lines.units
        fee[priced.anesthetic] = decided.fee[priced.anesthetic]
        put(self.fee, known, fee)
        put_some(self.bilateral, known & decided.is_bilateral, decided.bilateral_rate)
        put_some(self.modifier, is_priced & (decided.modifier_rate != percent.RATE_WHOLE), decided.modifier_rate)
        some = np.flatnonzero(known & decided.in_several_rule)
        self.several[at[some]] = _ratio(decided.several[some], decided.before_several[some])
        put(self.cap, known, decided.cap)
        put(self.allowed, is_priced, priced.allowed, not_paid)
        put(self.medicare, is_priced, priced.shares.medicare, not_paid)
        put(self.patient, is_priced, priced.shares.deductible + priced.shares.coinsurance, not_paid)
        put(self.sequestration, is_priced, priced.shares.sequestration, not_paid)
        put_some(self.rank, is_priced & (decided.rank > 0), decided.rank)

    def frame(self, eras: Eras, words: Outcomes, billed: Whole) -> pl.DataFrame:
        """The columns, in the order of ``COLUMNS``."""
        adjusted = np.where((billed >= 0) & (self.allowed >= 0), billed - self.allowed, NONE)
        is_reduced = (self.status == outcomes.PRICED) & (adjusted > 0)
        numbers = {
            "release": self.era,
            "setting": self.setting,
            "fee_schedule_amount": self.fee,
            "bilateral_factor": self.bilateral,
            "modifier_factor": self.modifier,
            "mppr_factor": self.several,
            "opps_cap": self.cap,
            "allowed_amount": self.allowed,
            "medicare_paid": self.medicare,
            "patient_share": self.patient,
            "sequestration": self.sequestration,
            "contractual_adjustment": adjusted,
            "pricing_status": self.status,
            # only priced lines have notes
            "reason": np.where(self.notes > 0, self.notes + (len(words.pairs) - 1), self.status),
            "carc": np.where(is_reduced, len(words.pairs), self.status),
            "rarc": self.status,
            "rank": self.rank,
        }
        releases = tuple(era.tables.release.name for era in eras.listed)
        return pl.DataFrame(numbers).select(_columns(releases, tuple(words.pairs)))


@cache
def _columns(releases: tuple[str, ...], pairs: tuple[tuple[str, str], ...]) -> list[pl.Expr]:
    """The results as columns, from columns of numbers of the same names."""
    statuses = [status for status, _ in pairs]
    carc, rarc = adjustment_codes(statuses)
    names = {
        "release": list(releases),
        "setting": list(_SETTINGS),
        "pricing_status": statuses,
        "reason": [*(reason for _, reason in pairs), *(notes_text(bits) for bits in range(1, sum(Note) + 1))],
        "carc": [*carc, contractual_code()],
        "rarc": rarc,
    }
    return [
        _named(name, names[name]) if name in names else _number(name, kind) for name, kind in SCHEMA.items()
    ]


_SETTINGS = np.array(["facility", "nonfacility", "not_priced"])


def _ratio(after: Whole, before: Whole) -> Whole:
    """After over before, in ten-thousandths, rounded halves up; 1 where both are 0."""
    safe = np.maximum(before, 1)
    ratio: Whole = np.where(before == 0, percent.WHOLE, (2 * after * percent.WHOLE + safe) // (2 * safe))
    return ratio


def _number(name: str, kind: pl.DataType | type[pl.DataType]) -> pl.Expr:
    """A whole number or, with the same digits, a decimal; null for -1."""
    known = pl.when(pl.col(name) != NONE).then(pl.col(name)).alias(name)
    return known.cast(pl.Int128).reinterpret(dtype=kind) if kind.is_decimal() else known.cast(kind)


def _named(name: str, names: list[str]) -> pl.Expr:
    """Names by number, null for -1."""
    return pl.lit(pl.Series([None, *names], dtype=pl.String)).gather(pl.col(name) - NONE).alias(name)
