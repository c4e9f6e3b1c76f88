"""Schemas of the edit tables: NCCI PTP edits, medically unlikely edits (MUE), add-on codes.

An indicator is kept as printed, even a new one; its meaning is decided where an edit is applied.
"""

from __future__ import annotations

import dataframely as dy
import polars as pl

from feecalc.tables.cells import ANY_INDICATOR, HCPCS


class NcciPair(dy.Schema):
    """NCCI procedure-to-procedure edits: column 2 is not paid beside column 1. Source: CMS's PTP files, those of
    practitioners and those of hospitals.

    ``deleted_on`` is the last day the edit was in force (null: it still is). ``effective_from`` is null where the file
    does not have it. A pair can return after a deletion, so it may have more than one row. The decoded file of 2024
    repeats a row, so there is no key.
    """

    column_1 = dy.String(regex=HCPCS)
    column_2 = dy.String(regex=HCPCS)
    effective_from = dy.Date(nullable=True)
    deleted_on = dy.Date(nullable=True)
    modifier_indicator = dy.String(regex=ANY_INDICATOR)  # 0 never together, 1 with a modifier, 9 no edit
    rationale = dy.String()


class Mue(dy.Schema):
    """Medically unlikely edits: the most units of a code. Source: CMS's MUE files, practitioners' and hospitals'."""

    hcpcs = dy.String(primary_key=True, regex=HCPCS)
    mue_units = dy.Int32(min=0)
    mai = dy.String(regex=ANY_INDICATOR)  # 1 by line, 2 by day and absolute, 3 by day with evidence to the contrary
    rationale = dy.String()
    service = dy.String()


class AddOn(dy.Schema):
    """NCCI add-on code edits: the primary procedures of an add-on code. Source: CMS's add-on code file.

    Type 1: only the primaries listed. Type 2: those the contractor defines. Type 3: those listed, and others the
    contractor accepts. ``primary`` is CMS's placeholder where the contractor defines it. Dates are first and last days.
    """

    edit_type = dy.String(regex=ANY_INDICATOR)
    add_on = dy.String(primary_key=True, regex=HCPCS)
    add_on_deleted_on = dy.Date(nullable=True)
    primary = dy.String(primary_key=True, regex=HCPCS)
    primary_deleted_on = dy.Date(nullable=True)
    effective_from = dy.Date(primary_key=True)
    deleted_on = dy.Date(nullable=True)
    note = dy.String()

    @dy.rule()
    def days_in_order(cls) -> pl.Expr:
        """Return whether an edit is deleted no earlier than the day before its first day."""
        return pl.col("deleted_on").is_null() | (pl.col("deleted_on") >= pl.col("effective_from").dt.offset_by("-1d"))


SCHEMAS: dict[str, type[dy.Schema]] = {
    "ncci_pair": NcciPair, "ncci_pair_hospital": NcciPair, "mue": Mue, "mue_hospital": Mue, "add_on": AddOn,
}  # fmt: skip
