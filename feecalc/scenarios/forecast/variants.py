"""Moved to ``priced.variants``; the old name goes on."""

from feecalc.scenarios.forecast.priced.variants import Stack, Variant, as_variant, variants_of

__all__ = ["Stack", "Variant", "as_variant", "variants_of"]
