"""The kinds of cell that several tables share: patterns of codes, and columns of exact figures."""

from __future__ import annotations

import dataframely as dy

MAC = r"^\d{5}$"
LOCALITY = r"^\d{2}$"
HCPCS = r"^[0-9A-Z]{5}$"
INDICATOR = r"^[0-9A-Z]{0,2}$"  # a payment indicator, known or new
MODIFIER = r"^([0-9A-Z]{2})?$"  # "" is no modifier
# What a file prints as an indicator, also one that no rule knows yet; "" is a blank cell. What it means is the rules'.
ANY_INDICATOR = r"^.{0,12}$"
FIGURE_PLACES = 12  # beyond that lies the noise of a spreadsheet's floating point
INDEX_FIGURE_PLACES = 8


def rvu() -> dy.Decimal:
    """Relative value units, as CMS prints them: two decimals."""
    return dy.Decimal(8, 2, min=0)


def index() -> dy.Decimal:
    """Return a geographic practice cost index."""
    return dy.Decimal(6, 3, min=0)


def amount(*, nullable: bool = False) -> dy.Decimal:
    """Return dollars and cents. [USD]"""
    return dy.Decimal(12, 2, min=0, nullable=nullable)


def figure(*, nullable: bool = True) -> dy.Decimal:
    """Return a printed figure with all its decimals: CMS prints most rates to the cent, some drugs to five decimals."""
    return dy.Decimal(22, FIGURE_PLACES, min=0, nullable=nullable)


def index_figure() -> dy.Decimal:
    """Return a wage index, printed with four decimals."""
    return dy.Decimal(12, INDEX_FIGURE_PLACES, min=0, nullable=True)


def share() -> dy.Decimal:
    """Return a share of 1, printed as a percent."""
    return dy.Decimal(22, FIGURE_PLACES, min=0, max=1, nullable=True)


def source_line() -> dy.Int32:
    """The line, or spreadsheet row, of the member a row was read from."""
    return dy.Int32(min=1)
