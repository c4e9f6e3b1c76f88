"""Modifiers on codes they do not belong to, where the pricing core has not said so already.

What the indicators forbid (26 and TC, 50, 54 to 56, 62, 66, 80 to 82) is the core's to say; ``bundles`` hands it on.
Source: RVU25D.pdf, Attachment A; Pub. 100-04 ch. 12 sec. 40.2; NCCI Policy Manual ch. 1 sec. E.
"""

from __future__ import annotations

import polars as pl

from feecalc.edits.finding import findings, no_findings
from feecalc.edits.lines import uses
from feecalc.edits.tables import EditTables
from feecalc.edits.traits import TRAITS

_ADD_ON = "ZZZ"
_SURGERY = ("000", "010", "090")


def find(lines: pl.DataFrame, tables: EditTables) -> pl.DataFrame:
    """Modifiers that do not fit the code. Shape: ``finding.SCHEMA``.

    ``lines`` are ``prepared``, with ``global_days`` of the release's row; without it nothing is said of codes.
    """
    if "global_days" not in lines.columns:
        return no_findings()
    own = lines.filter(uses("several", "visit", "separate"))
    if own.height == 0:
        return no_findings()
    own = own.select("row", "date_of_service", "hcpcs", "global_days", "visit", TRAITS)
    surgery = pl.col("global_days").is_in(_SURGERY)
    return pl.concat(
        [
            findings("several_on_add_on", own.filter((pl.col("global_days") == _ADD_ON) & uses("several"))),
            findings("visit_modifier_on_procedure", own.filter(surgery & ~pl.col("visit") & uses("visit"))),
            findings("procedure_modifier_on_visit", own.filter(pl.col("visit") & uses("separate"))),
        ]
    ).sort("row")
