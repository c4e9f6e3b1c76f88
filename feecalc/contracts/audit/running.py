"""A file of payments: read once, then audited against a contract, or searched for the contract behind it."""

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
from feecalc.files.opening import kept_name
from feecalc.files.remittance import with_paid
from feecalc.pricing.arrays import Integers
from feecalc.pricing.schedule import FeeSchedule
from feecalc.runs.reading import ClaimLines

MOST_SAMPLED_LINES = 20_000  # of a longer file, patients are sampled evenly
_PAYER = "as inferred"


class AuditRun:
    """A file of payments and the releases to price it by.

    ``columns`` is ``remittance.paid_columns``; ``tolerance`` in cents.
    """

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
        categories = category_of(self.trials.lines["hcpcs"], self.trials.releases[-1].last, taxonomy)
        self.frame = with_paid(self.trials.lines, dict(columns)).with_columns(
            pl.when(categories != OTHER).then(categories).otherwise(pl.lit("")).alias("category")
        )

    def choices(self, places: int) -> Choices:
        """Return the releases and localities that the payer could pay by; at most ``places`` localities."""
        return Choices.of(self.schedules, self.trials.places, self.trials.day_of(Contract.at(100)), places)

    def infer(self, places: int) -> Fingerprint:
        """Return the contract that explains most of the allowed amounts; from a long file, patients are sampled."""
        sample = self._sample
        part = self.frame[sample]
        trials = self.trials.of(part)
        return infer(
            _PAYER, Evidence.of(part), trials.pay, self.choices(places), tolerance=self.tolerance,
            prepare=trials.prepare,
        )  # fmt: skip

    @cached_property
    def _sample(self) -> Integers:
        patient = pl.when(pl.col("beneficiary_id") != "").then("beneficiary_id").otherwise("claim_id")
        number = self.frame.select(patient.rank("dense").alias("who"))["who"].to_numpy()
        step = max(1, -(-self.frame.height // MOST_SAMPLED_LINES))
        rows: Integers = np.flatnonzero(number % step == 0)
        return rows

    def audit(self, contract: Contract, places: int) -> Audit:
        """Return every line beside the amount the contract expects for it."""

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

    def output(self, audit: Audit) -> pl.DataFrame:
        """Return the file's own columns unchanged, then the results."""
        headings = self.claims.columns.headings
        names = [kept_name(heading) if heading in RESULTS else heading for heading in headings]
        kept = [pl.col(kept_name(heading)).alias(name) for heading, name in zip(headings, names, strict=True)]
        return audit.lines.select(*kept, *RESULTS)
