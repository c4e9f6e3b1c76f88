"""What each rule made of each line, in the order of the rules: kept where a receipt or remittance codes are wanted."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

from feecalc.pricing.arrays import Integers


@dataclass(frozen=True)
class Station:
    """Keep one rule at some lines. Shape of each array: [lines in ``at``]; cents, or rates in ten-thousandths.

    ``rule``: a key of reference/claim_adjustment.toml. ``figures``: what else the rule looked at; ``procedures``: the
    amounts are of one of so many.
    """

    rule: str
    at: Integers
    before: Integers
    after: Integers
    figures: dict[str, Integers]

    @cached_property
    def where(self) -> dict[int, int]:
        """Return the place in the arrays of each line."""
        return {int(line): place for place, line in enumerate(self.at)}

    def figure(self, name: str, line: int) -> int:
        """Return one figure of one line."""
        return int(self.figures[name][self.where[line]])


@dataclass
class Trail:
    """Keep what each rule did to the lines of a batch in one era, as stations.

    ``of_all``: whether the rules are to look at every line, also where they change nothing.
    """

    of_all: bool = True
    stations: list[Station] = field(default_factory=list)

    def keep(self, rule: str, at: Integers, before: Integers, after: Integers, **figures: Integers) -> None:
        """Note a rule at the lines ``at``."""
        if len(at):
            self.stations.append(Station(rule, at, before, after, figures))

    def place(self, lines: Integers) -> None:
        """Give the stations kept so far their positions in the batch: they were kept of some of its ``lines``."""
        self.stations = [replace(station, at=lines[station.at]) for station in self.stations]

    def of(self, line: int, *rules: str) -> list[Station]:
        """Return the stations of these rules at a line, in their order."""
        return [each for each in self.stations if each.rule in rules and line in each.where]
