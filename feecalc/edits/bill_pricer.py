"""Who prices the bill that edits look at: the engine of claim lines a physician's, a facility's rates a facility's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import polars as pl

from feecalc.pricing.arrays import Integers
from feecalc.pricing.claims.arrays.vocabulary import Vocabulary
from feecalc.pricing.claims.eras import Eras, ReleaseDays
from feecalc.pricing.claims.grouping import Groups

QUESTIONS = "questions"  # of a facility's results: what is asked of each line, null for nothing
QUESTION = pl.Struct({"kind": pl.String, "note": pl.String, "mend": pl.String})  # one of them, each kind once a line


class BillPricer(Protocol):
    """Price claim lines, and know the physicians' releases of their days, whose indicators the edits look at."""

    @property
    def notes_column(self) -> str: ...  # of the results: what a priced line should be read with
    @property
    def releases(self) -> Sequence[ReleaseDays]: ...
    @property
    def eras(self) -> Eras: ...
    @property
    def words(self) -> Vocabulary: ...

    def price(
        self,
        claims: pl.DataFrame,
        columns: Sequence[str] = ...,
        together: Groups | None = None,
        code: Integers | None = None,
    ) -> pl.DataFrame:
        """Return the results of a batch, row for row. Shape: ``columns``. [USD]"""


@runtime_checkable
class PaysWholeClaims(Protocol):
    """A pricer that pays some claims as a whole, so that a line's own amount is not what its denial takes away."""

    def at_stake(self, lines: pl.DataFrame, results: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
        """Return the results with ``allowed_amount`` of some rows being what their denial takes from the claim."""
