"""What changes a facility's payment and is not modelled here, said where it may matter."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from feecalc import reference
from feecalc.facility.columns import OPPS


def not_modelled(setting: str, paid: Collection[str], day: date) -> list[str]:
    """A sentence each, of lines paid in ``setting`` by the indicators ``paid``. Source: opps_not_modelled.toml."""
    if setting != OPPS or not paid:
        return []
    rules = reference.rows_on("opps_not_modelled", day)
    return [
        str(rule["said"]).format(value=rule.get("value", ""))
        for rule in rules
        if rule["status_indicator"] in ("", *paid)
    ]
