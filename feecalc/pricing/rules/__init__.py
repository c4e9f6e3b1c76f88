"""One rule a file, each with its source; every figure comes from ``feecalc.reference`` or a CMS table."""
