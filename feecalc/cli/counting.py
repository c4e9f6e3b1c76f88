"""Counts in words, as a person says them."""

from __future__ import annotations


def counted(number: int, what: str) -> str:
    """``1 line``, ``1,200 lines``, ``0 lines``; for a thing that takes an s for several."""
    return f"{number:,} {what}" + ("" if number == 1 else "s")
