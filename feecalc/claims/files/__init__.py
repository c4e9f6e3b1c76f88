"""Claim files opened whatever their form, and what a person says of their columns."""
