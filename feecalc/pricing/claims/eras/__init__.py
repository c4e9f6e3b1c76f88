"""Which rules and which release hold on a day, and what they say, as look-up tables."""

from feecalc.pricing.claims.eras.calendar import Eras, ReleaseDays

__all__ = ["Eras", "ReleaseDays"]
