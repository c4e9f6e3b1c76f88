"""What modifiers do, and what they pay of a row. Percents are in ten-thousandths.

Source: reference/modifier.toml, bilateral.toml, split_care.toml, reduced_service.toml, cosurgery.toml, assistant.toml.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from feecalc.pricing.arrays import Flags, Whole, whole_column
from feecalc.pricing.claims.arrays import percent
from feecalc.pricing.claims.arrays.does import Does
from feecalc.pricing.claims.eras.rows import Rows


@dataclass(frozen=True)
class Modifiers:
    """Tables of the rules of modifiers. Shape of each: [row], unless it says another."""

    rows: Rows

    @cached_property
    def does(self) -> Whole:
        """What each modifier does. Shape: [modifier + 1]."""
        words = self.rows.words.modifiers
        found = np.full(len(words.listed) + 1, int(Does.UNKNOWN), np.int32)
        found[words.at[""]] = 0
        for row in self.rows.book.rows("modifier"):
            found[words.at[row["modifier"]]] = int(Does[row["does"].upper()]) if "does" in row else 0
        return found

    # Bilateral

    @cached_property
    def both_sides_rate(self) -> Whole:
        """What both sides pay of one; 0 where modifier 50 does not apply."""
        rows = self.rows.book.rows("bilateral")
        rates = {row["bilateral_indicator"]: percent.rate(row["value"]) for row in rows if row["applies"]}
        return self.rows.by("bilateral_indicator", rates, 0)

    @cached_property
    def sides_are_separate(self) -> Flags:
        return self.rows.have("bilateral_indicator", *self._bilateral("sides_are_separate"))

    @cached_property
    def two_units_mean_both(self) -> Flags:
        """Rows whose two units are both sides: never an add-on, whose units are further levels."""
        meant = self._bilateral("two_units_are_both_sides")
        return self.rows.have("bilateral_indicator", *meant) & ~self.rows.is_add_on

    def _bilateral(self, what: str) -> list[str]:
        return [row["bilateral_indicator"] for row in self.rows.book.rows("bilateral") if row[what]]

    # Split care

    def _printed(self, column: str) -> Whole:
        return whole_column(self.rows.column(column), percent.PLACES)

    @cached_property
    def preoperative(self) -> Whole:
        return self._printed("preoperative_rate")

    @cached_property
    def intraoperative(self) -> Whole:
        return self._printed("intraoperative_rate")

    @cached_property
    def postoperative(self) -> Whole:
        return self._printed("postoperative_rate")

    @cached_property
    def split_care_applies(self) -> Flags:
        """Rows whose care can be split: their global period is one that can, and their shares are printed."""
        periods = {days for row in self.rows.book.rows("split_care") for days in row["global_days"]}
        is_printed = self.preoperative + self.intraoperative + self.postoperative > 0
        return self.rows.have("global_days", *periods) & is_printed

    @cached_property
    def global_period(self) -> Whole:
        """Days after the procedure that its fee pays for; 0 where the row names none."""
        return self.rows.column("global_days").cast(pl.Int64, strict=False).fill_null(0).to_numpy()

    # Less than the service, or more than one at it

    @cached_property
    def reduced_service_rate(self) -> int:
        return percent.rate(self.rows.book.row("reduced_service")["value"])

    @cached_property
    def cosurgery_rate(self) -> int:
        return percent.rate(self.rows.book.row("cosurgery", kind="percent")["value"])

    @cached_property
    def cosurgery_applies(self) -> Flags:
        paid = self.rows.book.indicators("cosurgery", "cosurgeon_indicator", "paid", "with_documentation")
        return self.rows.have("cosurgeon_indicator", *paid)

    @cached_property
    def team_applies(self) -> Flags:
        paid = self.rows.book.indicators("cosurgery", "team_indicator", "by_report")
        return self.rows.have("team_indicator", *paid)

    @cached_property
    def assistant_rate(self) -> int:
        return self._assistant_rates(practitioner=False)

    @cached_property
    def practitioner_assistant_rate(self) -> int:
        return self._assistant_rates(practitioner=True)

    def _assistant_rates(self, *, practitioner: bool) -> int:
        (rate,) = {
            percent.rate(row["value"])
            for row in self.rows.book.rows("assistant", kind="modifier")
            if ("of_assistant" in row) == practitioner
        }
        return rate

    @cached_property
    def assistant_never(self) -> Flags:
        return self._assistant_is("never")

    @cached_property
    def assistant_with_documentation(self) -> Flags:
        return self._assistant_is("with_documentation")

    @cached_property
    def assistant_does_not_apply(self) -> Flags:
        return ~self._assistant_is("paid", "with_documentation", "never")

    def _assistant_is(self, *payments: str) -> Flags:
        meant = self.rows.book.indicators("assistant", "assistant_indicator", *payments)
        return self.rows.have("assistant_indicator", *meant)

    # Of the technical part

    @cached_property
    def film_rates(self) -> dict[Does, int]:
        """What each way of taking an image pays of the technical part."""
        return {
            Does[row["does"].upper()]: percent.rate(row["value"])
            for row in self.rows.book.rows("modifier", part="technical")
            if "value" in row
        }
