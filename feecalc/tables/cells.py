"""Column types that tables share: patterns of codes, and exact figures."""

from __future__ import annotations

import dataframely as dy

MAC = r"^\d{5}$"
LOCALITY = r"^\d{2}$"
HCPCS = r"^[0-9A-Z]{5}$"
INDICATOR = r"^[0-9A-Z]{0,2}$"  # a payment indicator, known or new
MODIFIER = r"^([0-9A-Z]{2})?$"  # "" is no modifier
# An indicator as printed, even one that no rule knows yet; "" is a blank cell. The rules give it a meaning.
ANY_INDICATOR = r"^.{0,12}$"
FIGURE_PLACES = 12  # beyond that lies the noise of a spreadsheet's floating point
INDEX_FIGURE_PLACES = 8


def rvu() -> dy.Decimal:
    """Return the column type of relative value units: two decimals, as CMS prints them. [RVU]"""
    return dy.Decimal(8, 2, min=0)


def index() -> dy.Decimal:
    """Return the column type of a geographic practice cost index (GPCI): three decimals."""
    return dy.Decimal(6, 3, min=0)


def amount(*, nullable: bool = False) -> dy.Decimal:
    """Return the column type of dollars and cents. [USD]"""
    return dy.Decimal(12, 2, min=0, nullable=nullable)


def figure(*, nullable: bool = True) -> dy.Decimal:
    """Return the column type of a figure with all its printed decimals: most rates two, some drugs five."""
    return dy.Decimal(22, FIGURE_PLACES, min=0, nullable=nullable)


def index_figure() -> dy.Decimal:
    """Return the column type of a wage index, printed with four decimals."""
    return dy.Decimal(12, INDEX_FIGURE_PLACES, min=0, nullable=True)


def share() -> dy.Decimal:
    """Return the column type of a share (0 to 1) that is printed as a percent."""
    return dy.Decimal(22, FIGURE_PLACES, min=0, max=1, nullable=True)


def source_line() -> dy.Int32:
    """Return the column type of the line, or spreadsheet row, that a row was read from."""
    return dy.Int32(min=1)
