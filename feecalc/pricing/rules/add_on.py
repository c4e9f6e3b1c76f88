"""An add-on code is paid only beside a primary service of the patient's day.

Which primary goes with which add-on is NCCI's list to say; here any other priced service of the day that is no add-on
stands for it. An add-on whose primary a colleague of the group may have billed is paid alone
(reference/add_on_of_group.toml). Source: NCCI policy manual ch. 1 sec. R; RVU25D.pdf, global period ZZZ.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import polars as pl

from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.arrays import segments
from feecalc.pricing.claims.arrays.lines import Lines
from feecalc.pricing.claims.arrays.row_flags import RowFlags
from feecalc.pricing.claims.eras.rows import ADD_ON
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.rules.rule import LookUp, Others, Rule


class AddOnRows(LookUp):
    """Look up which rows are add-ons."""

    @cached_property
    def is_of_group(self) -> Flags:
        """Return add-ons whose primary another physician of the group may have billed."""
        codes = [code for row in self.book.rows("add_on_of_group") for code in row["codes"]]
        found: Flags = self.rows.column("hcpcs").cast(pl.String).is_in(codes).to_numpy()
        return found


def deny_without_primary(lines: Lines, row_flags: Integers, rules: ClaimRules) -> None:
    """Deny add-ons on whose patient's day no other service is priced. ``row_flags``: of each line's row."""
    if not rules.add_on_needs_primary:
        return
    add_on, priced = (row_flags & RowFlags.ADD_ON) != 0, lines.priced()
    at = np.flatnonzero(add_on & priced & ((row_flags & RowFlags.OF_GROUP) == 0))
    if len(at):
        primary = segments.has_any(lines.patient_day, at, priced & ~add_on)
        lines.status[at[~primary]] = outcomes.ADD_ON_WITHOUT_PRIMARY


RULE = Rule(
    "add_on",
    others=Others(lambda: pl.col("global_days") == ADD_ON, any_line=True),
    beside=deny_without_primary,
    bundles={outcomes.ADD_ON_WITHOUT_PRIMARY: "NCCI policy manual ch. 1 sec. R"},
)
