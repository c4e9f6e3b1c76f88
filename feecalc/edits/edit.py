"""What an edit is, what it finds, and the dated rules that word it.

An edit is one file: it finds its lines once, for the findings of ``feecalc check`` and for the denials of a claim run
alike. A row of ``reference/edit_rule.toml`` (or of a coverage policy) says what follows for some days: the severity,
the codes of the remittance, and two sentences with places for what the edit found, as in ``"{hcpcs} is an add-on
code"``. The places are columns that the edit makes when a sentence is wanted, and not before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

import polars as pl

from feecalc.edits.severity import DENIES, SEVERITY
from feecalc.errors import MissingRule
from feecalc.pricing.arrays import Integers
from feecalc.reference import Row, rows

if TYPE_CHECKING:
    from feecalc.edits.lines.codes import Sources
    from feecalc.edits.lines.lines import EditLines

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
    "share_lost": pl.Int64,  # of ``share_of`` equal parts of the line, those in question; null for all of it
    "share_of": pl.Int64,
}
COLUMNS = tuple(SCHEMA)
SHARE = ("share_lost", "share_of")
_PLACE = re.compile(r"\{(\w+)\}")


Columns = Mapping[str, pl.Series | str | None]  # by place of a sentence: a value a row, or one for all rows


def _no_columns() -> Columns:
    return {}


@dataclass(frozen=True)
class Found:
    """The lines that one rule speaks of, none twice.

    ``row``: their places in the batch. ``columns``: makes what the rule's sentences name beside the line's own columns
    (code, units, ...); called only where somebody reads the sentences. ``wordings``: the dated rows of the rule, those
    of reference/edit_rule.toml where None.
    """

    rule: str
    row: Integers
    columns: Callable[[], Columns] = _no_columns
    wordings: Sequence[Row] | None = None

    @property
    def dated(self) -> Sequence[Row]:
        """Return the dated rows of the rule. Raises MissingRule where there is none."""
        return wordings(self.rule) if self.wordings is None else self.wordings


@dataclass(frozen=True)
class Edit:
    """One edit.

    ``rules``: all that it may find. ``prepare``: makes its look-up tables from what is installed, once for all batches;
    None where it cannot be checked. ``find``: finds lines of a batch (whole patients together) by those tables, for the
    rules that are wanted: a claim run wants those that deny.
    """

    name: str
    rules: tuple[str, ...]
    prepare: Callable[[Sources], Any]
    find: Callable[[EditLines, Any, frozenset[str]], Iterable[Found]]

    def wanted(self, *, denials_only: bool) -> frozenset[str]:
        """Return the rules of the edit, or those of them that deny on some day."""
        return frozenset(rule for rule in self.rules if not denials_only or may_deny(wordings(rule)))


@cache
def _by_rule() -> dict[str, tuple[Row, ...]]:
    found: dict[str, list[Row]] = {}
    for row in rows("edit_rule"):
        found.setdefault(row["rule"], []).append(row)
    return {rule: tuple(dated) for rule, dated in found.items()}


def wordings(rule: str) -> tuple[Row, ...]:
    """Return the dated rows of a rule of reference/edit_rule.toml. Raises MissingRule."""
    found = _by_rule().get(rule)
    if not found:
        raise MissingRule(f"edit_rule: no rule {rule!r}; add a row to reference/edit_rule.toml or to the policy")
    return found


def may_deny(dated: Iterable[Row]) -> bool:
    """Return whether one of the dated rows denies."""
    return any(row["severity"] == DENIES for row in dated)


@cache
def no_findings() -> pl.DataFrame:
    """Return an empty frame of findings."""
    return pl.DataFrame(schema=SCHEMA)


def findings(found: Iterable[Found], batch: pl.DataFrame) -> pl.DataFrame:
    """Word what was found by the rule of each line's day. Shape: [finding], columns of ``SCHEMA``, in the order found.

    ``batch``: the lines that the rows are places of. On a day without a row of the rule nothing is found: the rule was
    not yet, or is no longer, in force. Raises MissingRule.
    """
    worded = [part for some in found if len(some.row) for part in _worded(some, batch)]
    return pl.concat(worded) if worded else no_findings()


def _worded(found: Found, batch: pl.DataFrame) -> Iterable[pl.DataFrame]:
    more = {
        name: pl.lit(value, pl.String) if value is None or isinstance(value, str) else value
        for name, value in found.columns().items()
    }
    named = {place for row in found.dated for key in ("detail", "remedy") for place in _PLACE.findall(row[key])}
    own = [name for name in batch.columns if name == "date_of_service" or (name in named and name not in more)]
    lines = batch.select(own)[found.row].with_columns(pl.Series("row", found.row, pl.UInt32), **more)
    day = pl.col("date_of_service")
    for row in found.dated:
        of_days = lines.filter(day.is_between(row["effective_from"], row.get("effective_to", date.max)))
        if of_days.height:
            yield of_days.select(_sentences(row, of_days.columns))


def _sentences(row: Row, columns: Sequence[str]) -> list[pl.Expr]:
    fixed = {name: row.get(name, "") for name in ("rule", "carc", "rarc", "source")}
    values = {
        "row": pl.col("row"),
        "severity": pl.lit(row["severity"]),
        "detail": _sentence(row["detail"], columns),
        "remedy": _sentence(row["remedy"], columns),
        **{name: pl.col(name) if name in columns else pl.lit(None) for name in ("allowed_instead", *SHARE)},
        **{name: pl.lit(text) for name, text in fixed.items()},
    }
    return [values[name].cast(kind).alias(name) for name, kind in SCHEMA.items()]


def _sentence(template: str, columns: Sequence[str]) -> pl.Expr:
    """Return the template with its places filled from the columns of those names; a null is left out."""
    parts = _PLACE.split(template)
    pieces = [
        pl.col(part).cast(pl.String).fill_null("") if place % 2 else pl.lit(part) for place, part in enumerate(parts)
    ]
    return pl.concat_str(pieces)
