"""Which several-line rule speaks of a row, and at what percents. Source: reference/multiple_procedure.toml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from feecalc import reference
from feecalc.pricing.arrays import Flags, Whole
from feecalc.pricing.claims.arrays import percent
from feecalc.pricing.claims.eras.rows import GLOBAL, NONE, Rows
from feecalc.pricing.claims.rules import ClaimRules


@dataclass(frozen=True)
class Several:
    """Tables of the several-line rules. Shape of each: [row]; percents in ten-thousandths."""

    rows: Rows

    def _ranks(self, rule: str, part: str) -> list[reference.Row]:
        rows = self.rows.book.rows("multiple_procedure", rule=rule, part=part)
        return sorted(rows, key=lambda row: row["rank"])

    def _of_rule(self, rule: str) -> Flags:
        indicators = {row["mppr_indicator"] for row in self.rows.book.rows("multiple_procedure", rule=rule)}
        return self.rows.have("mppr_indicator", *indicators) & ~self.rows.is_add_on

    # Whom each rule speaks of

    @cached_property
    def is_surgery(self) -> Flags:
        return self._of_rule("surgery")

    @cached_property
    def is_endoscopy(self) -> Flags:
        return self._of_rule("endoscopy")

    @cached_property
    def is_therapy(self) -> Flags:
        return self._of_rule("therapy")

    @cached_property
    def is_cardiovascular(self) -> Flags:
        return self._of_rule("cardiovascular")

    @cached_property
    def is_ophthalmology(self) -> Flags:
        return self._of_rule("ophthalmology")

    @cached_property
    def imaging_family(self) -> Whole:
        """The number of a row's imaging family, -1 where images of it are not reduced."""
        families = self._ranks("imaging", "technical")[-1]["imaging_families"]
        named = self.rows.by("imaging_family", {family: number for number, family in enumerate(families)}, NONE)
        return np.where(self._of_rule("imaging"), named, NONE)

    @cached_property
    def looks_at_parts(self) -> Flags:
        """Rows whose rule ranks technical or professional parts."""
        return (self.imaging_family >= 0) | self.is_cardiovascular | self.is_ophthalmology

    @cached_property
    def is_of_any(self) -> Flags:
        """Rows that a several-line rule speaks of."""
        return self.is_surgery | self.is_endoscopy | self.is_therapy | self.looks_at_parts

    def is_applied(self, rules: ClaimRules) -> Flags:
        """Rows that a several-line rule speaks of, of those that are applied."""
        found: Flags = (self.is_surgery | self.is_endoscopy) & rules.surgery
        found |= self.is_therapy & rules.therapy
        found |= (self.imaging_family >= 0) & rules.imaging
        tests = (self.is_cardiovascular | self.is_ophthalmology) & ~self.rows.is_professional_row
        return found | (tests & rules.diagnostic)

    # Percents

    @cached_property
    def surgery_rates(self) -> list[int]:
        return [percent.rate(row["value"]) for row in self._ranks("surgery", "fee")]

    @cached_property
    def by_report_from_rank(self) -> int:
        return min(int(row["rank"]) for row in self._ranks("surgery", "fee") if row.get("by_report"))

    def _after_the_first(self, rule: str, part: str) -> int:
        return percent.rate(self._ranks(rule, part)[-1]["value"])

    @cached_property
    def imaging_technical_rate(self) -> int:
        return self._after_the_first("imaging", "technical")

    @cached_property
    def imaging_professional_rate(self) -> int:
        return self._after_the_first("imaging", "professional")

    @cached_property
    def cardiovascular_rate(self) -> int:
        return self._after_the_first("cardiovascular", "technical")

    @cached_property
    def ophthalmology_rate(self) -> int:
        return self._after_the_first("ophthalmology", "technical")

    @cached_property
    def therapy_practice_expense_rate(self) -> int:
        return self._after_the_first("therapy", "practice_expense")

    # Endoscopic families

    @cached_property
    def endoscopic_family(self) -> Whole:
        """The number of a row's endoscopic family, its base's code: members and the base itself; -1 elsewhere."""
        bases = self.rows.column("endoscopic_base").unique().drop_nulls().to_list()
        number = {code: self.rows.words.hcpcs.at.get(code, NONE) for code in bases if code}
        member = self.rows.by("endoscopic_base", number, NONE)
        own = self.rows.by("hcpcs", number, NONE)
        return np.where(self.is_endoscopy, member, np.where(self.rows.component == GLOBAL, own, NONE))

    @cached_property
    def endoscopic_base_row(self) -> Whole:
        """The priced row of each row's endoscopic base, -1 where there is none."""
        code = self.endoscopic_family + self.rows.codes * self.rows.of_qp
        base = np.where(self.endoscopic_family >= 0, self.rows.global_row[code], NONE)
        return np.where((base >= 0) & self.rows.is_priced[base], base, NONE)
