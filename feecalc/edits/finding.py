"""Findings: what an edit says of a line, and the dated rules that word them.

An edit finds rows; a rule says what follows from it. Each row of ``reference/edit_rule.toml`` (and of each coverage
policy) is one rule for some days: its severity, the codes of the remittance, and two sentences with places for what the
edit found, as in ``"{hcpcs} is an add-on code"``. The places are columns of the frame that the edit hands over.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import cache

import polars as pl

from feecalc.errors import MissingRule
from feecalc.reference import Row, rows

DENIES, REDUCES, WARNS = "denies", "reduces", "warns"
SEVERITIES = (DENIES, REDUCES, WARNS)
SEVERITY = pl.Enum(SEVERITIES)
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "row": pl.UInt32,  # the line's place in the batch
    "rule": pl.String,
    "severity": SEVERITY,
    "carc": pl.String,
    "rarc": pl.String,
    "detail": pl.String,
    "remedy": pl.String,
    "source": pl.String,
    "allowed_instead": pl.Decimal(12, 2),  # what is left of a line that is reduced [USD]; null where not known
}
COLUMNS = tuple(SCHEMA)
_PLACE = re.compile(r"\{(\w+)\}")


@cache
def no_findings() -> pl.DataFrame:
    """An empty frame of findings."""
    return pl.DataFrame(schema=SCHEMA)


def findings(rule: str, found: pl.DataFrame, dated: Sequence[Row] | None = None) -> pl.DataFrame:
    """The rows an edit ``found`` as findings of ``rule``, worded by the rule of each line's day. Shape: [row].

    ``found`` holds ``row``, ``date_of_service`` and a column for every place in the rule's sentences; columns ``carc``,
    ``rarc`` and ``allowed_instead`` go before the rule's. ``dated`` are the rule's rows (default: those of
    reference/edit_rule.toml). On a day without a rule nothing is found: the rule was not yet, or is no longer, in
    force. Raises MissingRule where there is no such rule at all.
    """
    wordings = [row for row in (rows("edit_rule") if dated is None else dated) if row["rule"] == rule]
    if not wordings:
        raise MissingRule(f"edit_rule: no rule {rule!r}; add a row to reference/edit_rule.toml or to the policy")
    if found.height == 0:
        return no_findings()
    day = pl.col("date_of_service")
    return pl.concat(
        found.lazy()
        .filter(day.is_between(row["effective_from"], row.get("effective_to", date.max)))
        .select(_worded(row, found.columns))
        .collect()
        for row in wordings
    )


def _worded(row: Row, columns: Sequence[str]) -> list[pl.Expr]:
    fixed = {name: row.get(name, "") for name in ("rule", "carc", "rarc", "source")}
    instead = pl.col("allowed_instead") if "allowed_instead" in columns else pl.lit(None)
    values = {
        "row": pl.col("row"),
        "severity": pl.lit(row["severity"]),
        "detail": _sentence(row["detail"]),
        "remedy": _sentence(row["remedy"]),
        "allowed_instead": instead,
        **{name: pl.lit(text) for name, text in fixed.items()},
        **{name: pl.col(name) for name in ("carc", "rarc") if name in columns},
    }
    return [values[name].cast(kind).alias(name) for name, kind in SCHEMA.items()]


def _sentence(template: str) -> pl.Expr:
    """The template with its places filled from the columns of those names; a null is left out."""
    parts = _PLACE.split(template)
    pieces = [
        pl.col(part).cast(pl.String).fill_null("") if place % 2 else pl.lit(part) for place, part in enumerate(parts)
    ]
    return pl.concat_str(pieces)
