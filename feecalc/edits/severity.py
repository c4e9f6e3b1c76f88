"""What follows from an edit for a line: it denies, it reduces, or it warns."""

from __future__ import annotations

import polars as pl

DENIES, REDUCES, WARNS = "denies", "reduces", "warns"
SEVERITIES = (DENIES, REDUCES, WARNS)
SEVERITY = pl.Enum(SEVERITIES)
