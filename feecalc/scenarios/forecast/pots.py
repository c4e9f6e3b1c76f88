"""Moved to ``priced.pots``; the old name goes on."""

from feecalc.scenarios.forecast.priced.pots import CENTER_PLACE, Pots, at_state

__all__ = ["CENTER_PLACE", "Pots", "at_state"]
