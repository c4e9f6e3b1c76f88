"""Moved to ``priced.rows``; the old name goes on."""

from feecalc.scenarios.forecast.priced.rows import OTHER, Rows, read_rows, rows_of, shift_key

__all__ = ["OTHER", "Rows", "read_rows", "rows_of", "shift_key"]
