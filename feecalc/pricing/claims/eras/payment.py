"""What a biller may be paid, and what the patient and Medicare pay of it. Percents are in ten-thousandths.

Source: reference/provider_type.toml, participation.toml, coinsurance.toml, modifier.toml, sequestration.toml.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from feecalc.pricing.arrays import Flags, Whole
from feecalc.pricing.claims.arrays import percent
from feecalc.pricing.claims.arrays.vocabulary import Words
from feecalc.pricing.claims.eras.rows import Rulebook


@dataclass(frozen=True)
class Payment:
    """Percents of billers and of payers."""

    book: Rulebook
    provider_types: Words

    @cached_property
    def biller_rate(self) -> Whole:
        """The percent of each provider type. Shape: [provider type + 1], 0 for one that is not known."""
        rates = np.zeros(len(self.provider_types.listed) + 1, np.int64)
        for row in self.book.rows("provider_type"):
            rates[self.provider_types.at[row["provider_type"]]] = percent.rate(row["value"])
        return rates

    @cached_property
    def biller_takes_assignment(self) -> Flags:
        """Whether each provider type must. Shape: [provider type + 1]."""
        must = np.zeros(len(self.provider_types.listed) + 1, np.bool_)
        for row in self.book.rows("provider_type"):
            must[self.provider_types.at[row["provider_type"]]] = row["mandatory_assignment"]
        return must

    @cached_property
    def nonparticipating_rate(self) -> int:
        return percent.rate(self.book.row("participation", kind="nonparticipating_payment")["value"])

    @cached_property
    def coinsurance_rate(self) -> int:
        return percent.rate(self.book.row("coinsurance", kind="general")["value"])

    @cached_property
    def turned_coinsurance_rate(self) -> int:
        """Of a screening that turned into treatment."""
        rows = self.book.rows("coinsurance", kind="screening_turned_diagnostic")
        return percent.rate(rows[0]["value"]) if rows else self.coinsurance_rate

    @cached_property
    def therapy_assistant_rate(self) -> int:
        rows = self.book.rows("modifier", kind="therapy_assistant")
        return min((percent.rate(row["value"]) for row in rows if "value" in row), default=percent.WHOLE)

    @cached_property
    def sequestration_rate(self) -> int:
        return percent.rate(self.book.row("sequestration")["value"])
