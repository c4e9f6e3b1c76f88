"""Claim lines as the edits read them: grouped, their codes as numbers, their modifiers as bits."""
