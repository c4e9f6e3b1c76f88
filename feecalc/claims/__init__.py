"""Claim files as practices have them: read, their columns recognised, their cells made what the rules are written for.

Nothing of a claim is logged, cached or written but where a person says. A message quotes of a file its headings, never
a line.
"""
