"""Medicare physician fees, exact to the cent and explained step by step."""

from __future__ import annotations

__version__ = "0.1.0"
