"""What a batch's lines get, as columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from feecalc.pricing.arrays import Flags, Whole
from feecalc.pricing.claims import outcomes, percent
from feecalc.pricing.claims.adjustments import adjustment_codes, contractual_code
from feecalc.pricing.claims.chain import Priced
from feecalc.pricing.claims.eras import Eras
from feecalc.pricing.claims.notes import notes_text
from feecalc.pricing.claims.outcomes import Outcomes
from feecalc.pricing.scale import MONEY_PLACES, money

NONE = -1
_FACTOR_PLACES = 4
_AMOUNT = pl.Decimal(18, MONEY_PLACES)
SCHEMA = {
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

        def where(held: Flags, values: Whole) -> Whole:
            return np.where(held, values, NONE)

        self.status[at] = lines.status
        self.era[at] = era
        self.setting[at] = where(place >= 0, np.searchsorted(_SETTINGS, settings)[np.maximum(place, 0)])
        self.notes[at] = where(is_priced, decided.notes)
        self.fee[at] = where(known, decided.fee * np.where(priced.anesthetic, 1, lines.units))
        self.bilateral[at] = where(known & decided.is_bilateral, decided.bilateral_rate)
        self.modifier[at] = where(is_priced & (decided.modifier_rate != percent.RATE_WHOLE), decided.modifier_rate)
        self.several[at] = where(known & decided.in_several_rule, _ratio(decided.several, decided.before_several))
        self.cap[at] = where(known, decided.cap)
        self.allowed[at] = where(known, np.where(is_priced, priced.allowed, 0))
        self.medicare[at] = where(known, np.where(is_priced, priced.shares.medicare, 0))
        patient = priced.shares.deductible + priced.shares.coinsurance
        self.patient[at] = where(known, np.where(is_priced, patient, 0))
        self.sequestration[at] = where(known, np.where(is_priced, priced.shares.sequestration, 0))
        self.rank[at] = where(is_priced & (decided.rank > 0), decided.rank)

    def frame(self, eras: Eras, words: Outcomes, billed: Whole) -> pl.DataFrame:
        """The columns, in the order of ``COLUMNS``."""
        adjusted = np.where((billed >= 0) & (self.allowed >= 0), billed - self.allowed, NONE)
        statuses = [status for status, _ in words.pairs]
        releases = [era.tables.release.name for era in eras.listed]
        carc, rarc = adjustment_codes(statuses)
        reduced = (self.status == outcomes.PRICED) & (adjusted > 0)
        with_reduction = [*carc, contractual_code()]
        code = np.where(reduced, len(carc), self.status)
        return pl.DataFrame(
            {
                "release": _named(self.era, releases),
                "setting": _named(self.setting, list(_SETTINGS)),
                "fee_schedule_amount": _dollars(self.fee),
                "bilateral_factor": _factor(self.bilateral),
                "modifier_factor": _fine_factor(self.modifier),
                "mppr_factor": _factor(self.several),
                "opps_cap": _dollars(self.cap),
                "allowed_amount": _dollars(self.allowed),
                "medicare_paid": _dollars(self.medicare),
                "patient_share": _dollars(self.patient),
                "sequestration": _dollars(self.sequestration),
                "contractual_adjustment": _dollars(adjusted),
                "pricing_status": _named(self.status, statuses),
                "reason": _reasons(self.status, self.notes, words),
                "carc": _named(code, with_reduction),
                "rarc": _named(self.status, rarc),
                "rank": _nullable(self.rank).cast(pl.Int32),
            }
        ).select(COLUMNS)


_SETTINGS = np.array(["facility", "nonfacility", "not_priced"])


def _ratio(after: Whole, before: Whole) -> Whole:
    """After over before, in ten-thousandths, rounded halves up; 1 where both are 0."""
    safe = np.maximum(before, 1)
    return np.where(before == 0, percent.WHOLE, (2 * after * percent.WHOLE + safe) // (2 * safe))


def _nullable(values: Whole) -> pl.Series:
    column = pl.Series(values)
    return column.set(column == NONE, None) if (values == NONE).any() else column


def _dollars(cents: Whole) -> pl.Series:
    return pl.select(money(pl.lit(_nullable(cents)))).to_series()


def _factor(rates: Whole) -> pl.Series:
    return _nullable(rates).cast(pl.Int128).reinterpret(dtype=pl.Decimal(9, _FACTOR_PLACES))


def _fine_factor(rates: Whole) -> pl.Series:
    return _nullable(rates).cast(pl.Int128).reinterpret(dtype=pl.Decimal(12, percent.RATE_PLACES))


def _named(numbers: Whole, names: list[str]) -> pl.Series:
    """Names by number, null for -1."""
    return pl.Series([*names, None], dtype=pl.String).gather(numbers % (len(names) + 1))


def _reasons(status: Whole, notes: Whole, words: Outcomes) -> pl.Series:
    """The reason of each line's outcome; of a priced line what it should be read with."""
    both = np.where(status == outcomes.PRICED, np.maximum(notes, 0) + len(words.pairs), status)
    numbers, at = np.unique(both, return_inverse=True)
    texts = [
        words.pairs[number][1] if number < len(words.pairs) else notes_text(number - len(words.pairs))
        for number in numbers.tolist()
    ]
    return _named(at, texts)
