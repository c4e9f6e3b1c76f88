"""The places that a policy's sentences may name, and the sentences of a policy's row as a dated rule."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import polars as pl

from feecalc.edits import finding
from feecalc.edits.policies.policy import Policy
from feecalc.errors import InvalidValue
from feecalc.reference import Row

# Columns that stand behind the braces of a sentence; one that an edit does not fill is left out of the sentence.
PLACES = (
    "hcpcs",
    "policy",
    "region",
    "purpose",
    "reading",  # how the purpose is known
    "with_code",
    "modifier",
    "sides",
    "other_sides",
    "most",
    "months",
    "prior_dates",
    "joints",
    "over",
    "diagnosis",
    "list",
    "place_of_service",
)
_PLACE = re.compile(r"\{(\w*)\}")


def check_sentences(where: str, row: Mapping[str, Any]) -> None:
    """Raises InvalidValue for a severity or a place in braces that nothing fills."""
    if row["severity"] not in finding.SEVERITIES:
        raise InvalidValue(
            f"{where}, key 'severity': no {row['severity']!r}; known: {', '.join(finding.SEVERITIES)}"
        )
    for key in ("detail", "remedy"):
        for place in _PLACE.findall(row[key]):
            if place not in PLACES:
                raise InvalidValue(f"{where}, key {key!r}: nothing fills {{{place}}}; known: {', '.join(PLACES)}")


def as_findings(policy: Policy, rule: str, row: Row, found: pl.DataFrame) -> pl.DataFrame:
    """What was ``found`` by a ``row`` of the policy, worded by its rule, with the row's own source. Shape: [row].

    ``found`` holds ``row``, ``date_of_service`` and those PLACES that the edit fills; ``most`` and ``months`` come from
    the policy's row.
    """
    if found.height == 0:
        return finding.no_findings()
    fixed = {"policy": policy.name, "most": row.get("most"), "months": row.get("months")}
    given = [pl.lit(value).cast(pl.String).alias(name) for name, value in fixed.items() if name not in found.columns]
    blank = [pl.lit(None, pl.String).alias(name) for name in PLACES if name not in found.columns and name not in fixed]
    dated = [{**wording, "source": _source(row, wording)} for wording in policy.wordings(rule)]
    return finding.findings(rule, found.with_columns(*given, *blank), dated)


def _source(row: Row, wording: Row) -> str:
    mark = "assumed; " if row.get("basis") == "assumed" else ""
    return f"{mark}{row['source']}" if row.get("source") else wording.get("source", "")
