"""What the rules for several lines of one patient, day and physician share: their rows, who is ranked, their words.

Percents by rank: reference/multiple_procedure.toml. Source: RVU25D.pdf, field Multiple Procedure (Modifier 51).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from feecalc import reference
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims.arrays import percent, segments
from feecalc.pricing.claims.arrays.lines import Decisions
from feecalc.pricing.claims.arrays.trail import Station
from feecalc.pricing.rules.receipt_steps import Case, RuleStep, listed
from feecalc.pricing.rules.rule import LookUp

_TABLE = "multiple_procedure"
StepWords = tuple[str, str, str]  # detail, factor, source


class RankedRows(LookUp):
    """Look up the rows that a rule for several lines speaks of, and its percents."""

    def of_rule(self, rule: str) -> Flags:
        """Mark the rows whose multiple procedure indicator is the rule's, add-ons left out."""
        indicators = {row["mppr_indicator"] for row in self.book.rows(_TABLE, rule=rule)}
        return self.rows.have("mppr_indicator", *indicators) & ~self.rows.is_add_on

    def ranks(self, rule: str, part: str) -> list[reference.Row]:
        """Return the rule's rows of a part, by rank."""
        return sorted(self.book.rows(_TABLE, rule=rule, part=part), key=rank_of)

    def after_the_first(self, rule: str, part: str) -> int:
        """Return what a part pays that is not the highest."""
        return percent.rate(self.ranks(rule, part)[-1]["value"])


@dataclass
class Ranked:
    """Hold the lines that rank as surgery, as arrays of their own. ``item``: the line that stands for the procedure."""

    at: Integers  # position in the batch
    role: Integers  # of ``Lines.surgeon``
    item: Integers  # position among these lines
    amount: Integers  # of the item, to rank by
    count: Integers  # procedures of the item
    first: Integers  # cents of the line's first procedure, before the percent of its rank
    other: Integers  # of each further one
    in_family: Flags  # one of several endoscopies of a family
    second: Integers  # position among these lines of the line that is the other side, -1 for most


def ever_ranked(*rules: str) -> pl.Expr:
    """Return whether a release's row has an indicator that one of the rules has ranked by on some day."""
    ever = {row["mppr_indicator"] for row in reference.rows(_TABLE) if row["rule"] in rules}
    return pl.col("mppr_indicator").cast(pl.String).is_in(sorted(ever))


def rank_of(row: reference.Row) -> int:
    """Return the place that a row speaks of."""
    return int(row["rank"])


def meeting(
    group: Integers, decided: Decisions, chosen: Integers, count: Callable[[Decisions, Integers], Integers]
) -> Integers:
    """Say that a rule ranks the ``chosen`` lines, and return those that meet another procedure of their group.

    ``group``: of each line, the patient's day with a physician, or with a group practice.
    """
    decided.in_several_rule[chosen] = True
    decided.rank[chosen] = 1
    return chosen[segments.shared(group[chosen], count(decided, chosen))]


def procedures(decided: Decisions, chosen: Integers) -> Integers:
    """Return how many procedures each chosen line counts as."""
    return decided.procedures[chosen]


def ranked_steps(
    case: Case, rule: str, name: str, words: Callable[[Case, Station], StepWords], *, of_practice: bool = False
) -> Iterator[RuleStep]:
    """Yield the step of a rule for several lines, with the lines ranked beside this one.

    ``of_practice``: the rule looks at a group practice, not at one physician of it.
    """
    for station in case.stations(rule):
        detail, factor, source = words(case, station)
        before, after = case.around(station)
        detail += _beside(case, station, of_practice=of_practice)
        yield RuleStep(name, detail, before, factor, after, source)


def _beside(case: Case, station: Station, *, of_practice: bool) -> str:
    """Return the lines ranked together with this one; those of another claim with its name."""
    lines, own, claims = case.followed.priced.lines, case.followed.line, case.followed.claims
    group = lines.practice if of_practice else lines.group
    first, last = np.searchsorted(group, group[own] + np.arange(2))
    others: dict[str, list[int]] = {}
    for at in range(int(first), int(last)):
        if at != own and at in station.where and lines.surgeon[at] == lines.surgeon[own]:
            others.setdefault(claims[at] or "", []).append(int(lines.number[at]))
    if not others:
        return ""
    named = [(_lines(others.pop(claims[own] or "", [])), "")]
    named += [(_lines(numbers), f" of claim {claim}" if claim else "") for claim, numbers in sorted(others.items())]
    return f"; ranked with {listed([f'{numbers}{claim}' for numbers, claim in named if numbers])}"


def _lines(numbers: list[int]) -> str:
    """Return line 2, or lines 2 and 3; "" for none."""
    written = [str(number) for number in sorted(numbers)]
    return f"line{'s' if len(written) > 1 else ''} {listed(written)}" if written else ""
