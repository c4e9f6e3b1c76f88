"""A file of payments: read once, then audited by a contract or searched for the one behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import polars as pl

from feecalc.contracts.audit.auditing import RESULTS, Audit, audit
from feecalc.contracts.categories import Taxonomy
from feecalc.contracts.contract import Contract
from feecalc.contracts.inference.evidence import Evidence
from feecalc.contracts.inference.fingerprint import Fingerprint, infer
from feecalc.contracts.practice import OTHER, category_of
from feecalc.contracts.terms.silence import Choices
from feecalc.contracts.trials import ClaimTrials, claim_trials
from feecalc.files.opened_file import kept_name
from feecalc.files.remittance import with_paid
from feecalc.pricing.arrays import Integers
from feecalc.pricing.schedule import FeeSchedule
from feecalc.runs.reading import ClaimLines

MOST_LEARNED_FROM = 20_000  # lines; of a longer file claims are taken evenly
_PAYER = "as inferred"


class AuditRun:
    """Payments and the releases at hand. ``columns`` is ``remittance.paid_columns``, ``tolerance`` in cents."""

    def __init__(
        self,
        lines: ClaimLines,
        columns: Mapping[str, str],
        schedules: Sequence[FeeSchedule],
        taxonomy: Taxonomy | None = None,
        tolerance: int = 1,
    ) -> None:
        self.claims, self.schedules, self.tolerance = lines, schedules, tolerance
        self.trials = claim_trials(lines, schedules, taxonomy=taxonomy)
        named = category_of(self.trials.lines["hcpcs"], self.trials.releases[-1].last, taxonomy)
        self.frame = with_paid(self.trials.lines, dict(columns)).with_columns(
            pl.when(named != OTHER).then(named).otherwise(pl.lit("")).alias("category")
        )

    def choices(self, places: int) -> Choices:
        """Return what the payer could pay by: at most so many localities."""
        return Choices.of(self.schedules, self.trials.places, self.trials.day_of(Contract.at(100)), places)

    def infer(self, places: int) -> Fingerprint:
        """Return the contract that explains most of what was allowed.

        Of a long file a part is learned from, whole claims.
        """
        chosen = self._learned_from
        part = self.frame[chosen]
        trials = self.trials.of(part)
        return infer(
            _PAYER, Evidence.of(part), trials.pay, self.choices(places), tolerance=self.tolerance,
            prepare=trials.prepare,
        )  # fmt: skip

    @cached_property
    def _learned_from(self) -> Integers:
        patient = pl.when(pl.col("beneficiary_id") != "").then("beneficiary_id").otherwise("claim_id")
        number = self.frame.select(patient.rank("dense").alias("who"))["who"].to_numpy()
        every = max(1, -(-self.frame.height // MOST_LEARNED_FROM))
        found: Integers = np.flatnonzero(number % every == 0)
        return found

    def audit(self, contract: Contract, places: int) -> Audit:
        """Return every line beside what a contract expects for it."""

        def pay(terms: Contract, lines: pl.DataFrame) -> Integers:
            return self._trials(lines).pay(terms)

        choices = self.choices(places)
        return audit(contract, self.frame, pay, choices, day=choices.day, tolerance=self.tolerance)

    def _trials(self, lines: pl.DataFrame) -> ClaimTrials:
        if lines is self.frame:
            return self.trials
        if self._part is None or self._part.lines is not lines:
            self._part = self.trials.of(lines)
        return self._part

    _part: ClaimTrials | None = None

    def output(self, found: Audit) -> pl.DataFrame:
        """Return the file's own columns as they came, then the results."""
        own = self.claims.columns.headings
        names = [kept_name(heading) if heading in RESULTS else heading for heading in own]
        kept = [pl.col(kept_name(heading)).alias(name) for heading, name in zip(own, names, strict=True)]
        return found.lines.select(*kept, *RESULTS)
