"""A payer's fingerprint: the year, place, factor, rules and percents that explain what was paid, and how sure."""
