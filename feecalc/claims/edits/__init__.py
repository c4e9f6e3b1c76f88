"""Edits over a claim file: opened, applied to its prices, and told as findings."""
