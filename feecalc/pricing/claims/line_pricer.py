"""What prices claim lines: Medicare's engine, a contract, or one side of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import polars as pl


@runtime_checkable
class LinePricer(Protocol):
    """Price batch after batch of claim lines: ``ClaimPricer``, and ``contracts.paying.claim_lines.ClaimContract``."""

    def price(self, claims: pl.DataFrame, columns: Sequence[str] = ...) -> pl.DataFrame:
        """Return the results of a batch, row for row, in the ``columns`` that are named. [USD]

        ``claims``: the columns of ``pricing.claims.columns``, lines of one patient and day in one batch. Raises
        MissingColumn.
        """
