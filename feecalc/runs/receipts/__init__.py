"""Receipts of claims: each line's way from the release's row to the amount, to read or to attach to an appeal.

Of the person's file they hold the claim's name and what the price depends on, never who the patient is.
"""
