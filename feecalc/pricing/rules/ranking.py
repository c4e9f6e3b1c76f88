"""What the rules for several lines of one patient, day and physician share: their rows, who is ranked, their words.

Percents by rank: reference/multiple_procedure.toml. Source: RVU25D.pdf, field Multiple Procedure (Modifier 51).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from feecalc import reference
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims.arrays import percent, segments
from feecalc.pricing.claims.arrays.lines import Decisions, Lines
from feecalc.pricing.claims.arrays.modifier_effects import ModifierEffect
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
    role: Integers  # surgeon or assistant
    item: Integers  # position among these lines
    amount: Integers  # of the item, to rank by
    count: Integers  # procedures of the item
    first: Integers  # cents of the line's first procedure, before the percent of its rank
    other: Integers  # of each further one
    in_family: Flags  # one of several endoscopies of a family
    second: Integers  # position among these lines of the line that is the other side, -1 for most


def rank_of(row: reference.Row) -> int:
    """Return the place that a row speaks of."""
    return int(row["rank"])


def meeting(
    lines: Lines, decided: Decisions, chosen: Integers, count: Callable[[Decisions, Integers], Integers]
) -> Integers:
    """Say that a rule ranks the ``chosen`` lines, and return those that meet another procedure of their group."""
    decided.in_several_rule[chosen] = True
    decided.rank[chosen] = 1
    return chosen[segments.shared(lines.group[chosen], count(decided, chosen))]


def procedures(decided: Decisions, chosen: Integers) -> Integers:
    """Return how many procedures each chosen line counts as."""
    return decided.procedures[chosen]


def ranked_steps(case: Case, rule: str, name: str, words: Callable[[Case, Station], StepWords]) -> Iterator[RuleStep]:
    """Yield the step of a rule for several lines, with the lines ranked beside this one."""
    for station in case.stations(rule):
        detail, factor, source = words(case, station)
        before, after = case.around(station)
        yield RuleStep(name, f"{detail}{_beside(case, station)}", before, factor, after, source)


def _beside(case: Case, station: Station) -> str:
    """Return the lines ranked together with this one."""
    lines, own = case.followed.priced.lines, case.followed.line
    first, last = np.searchsorted(lines.group, lines.group[own] + np.arange(2))
    others = [
        int(lines.number[at])
        for at in range(int(first), int(last))
        if at != own and at in station.where and _is_assistants(case, at) == _is_assistants(case, own)
    ]
    if not others:
        return ""
    return f"; ranked with line{'s' if len(others) > 1 else ''} {listed([str(number) for number in sorted(others)])}"


def _is_assistants(case: Case, line: int) -> bool:
    assistants = ModifierEffect.ASSISTANT | ModifierEffect.PRACTITIONER_ASSISTANT
    return bool(case.followed.priced.lines.does[line] & assistants)
