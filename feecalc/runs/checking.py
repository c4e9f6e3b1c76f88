"""A check of a claim file: every edit over whole patients, batch by batch, nothing of it kept but the findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import polars as pl

from feecalc.edits import checking
from feecalc.edits.answers import NOT_LOOKED_AT, NOTHING_FOUND, OF_SEVERITY
from feecalc.edits.checking import Findings
from feecalc.edits.coding import technical
from feecalc.edits.denials import Denials
from feecalc.edits.policies.documentation import documentation, unchecked
from feecalc.files.claim_lines import EDIT_COLUMNS, LINE_COLUMNS
from feecalc.files.opening import plain_errors
from feecalc.files.writing import Sink, appended, form_of
from feecalc.pricing.claims.batches import LINES
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.runs.check_report import WRITTEN, CheckReport, CheckWanted
from feecalc.runs.edit_tables import PROFESSIONAL, Edits
from feecalc.runs.facility_bill import bill_pricer
from feecalc.runs.reading import ClaimLines, lines_beside, patient_batches
from feecalc.runs.release_days import release_days

_PLACE = "place"  # of the line in the file
_LOOKED_AT = 1 << 20  # lines of the policies' codes in which what cannot be checked is counted
_CLAIMS_LISTED = 10_000  # claims whose checklists are kept
_OF_POLICY = (
    "claim_id", "date_of_service", "hcpcs", "units", "place_of_service", "mac", "beneficiary_id", "billing_npi",
    "modifier_1", "modifier_2", "modifier_3", "modifier_4",
)  # fmt: skip


def run_check(
    lines: ClaimLines,
    edits: Edits,
    wanted: CheckWanted | None = None,
    *,
    progress: Callable[[int], None] = lambda lines: None,
) -> CheckReport:
    """Check every line, write the findings where that is wanted, and add them up.

    Dollars are what Medicare allows without edits, by the schedule of the kind of bill. ``progress`` is called with
    the lines done since. Raises InvalidValue, StoreError, UnreadableFile; never for a single line.
    """
    run = _Run(lines, edits, wanted or CheckWanted())
    if run.wanted.output is not None:
        form_of(run.wanted.output)
    with ExitStack() as files:
        sink = None
        if run.wanted.output is not None:
            sink = files.enter_context(appended(run.wanted.output, pl.Schema(WRITTEN)))
        batches = run.batches()
        while True:
            with plain_errors(lines.path):
                batch = next(batches, None)
            if batch is None:
                break
            run.check(batch, sink)
            progress(batch.height)
    return run.report()


class _Run:
    def __init__(self, lines: ClaimLines, edits: Edits, wanted: CheckWanted) -> None:
        self.lines, self.edits, self.wanted = lines, edits, wanted
        self.pricer = bill_pricer(ClaimPricer(release_days(lines.opened)), edits.bill, edits.rates)
        self.denials = Denials(self.pricer, edits.tables, edits.policies, edits.history, edits.bill, edits.codes)
        self.result = CheckReport(of_facility=edits.bill != PROFESSIONAL)
        self.codes = sorted({code for policy in edits.policies for code in policy.codes()})
        self.of_policy: list[pl.DataFrame] = []
        self.looked_at = self.listed = 0
        self.in_centers = False
        self.rows_written = 0

    def batches(self) -> Iterator[pl.DataFrame]:
        if self.wanted.claim is not None:
            yield lines_beside(self.lines, self.wanted.claim, all_days=True).with_row_index(_PLACE)
        else:
            yield from patient_batches(self.lines.frame.with_row_index(_PLACE), LINES)

    def check(self, batch: pl.DataFrame, sink: Sink | None) -> None:
        own = batch.select(
            _PLACE, *(name for name in batch.columns if name in LINE_COLUMNS or name in EDIT_COLUMNS)
        )
        only = self.wanted.claim
        results = self._with_reasons(own, self.pricer.price(own, checking.priced_columns(self.pricer)))
        findings = checking.check_batch(own, self.denials, results)
        found = self._written(own, findings.found)
        if only is not None:
            found = found.filter(pl.col("claim_id") == only)
        self.result.count(findings, found, only)
        self.in_centers = self.in_centers or bool(own["place_of_service"].is_in(technical.places()).any())
        self.result.keep(found, self.wanted.most)
        if self.wanted.most is None:
            self.result.by_line.append(own.select(_PLACE).hstack(findings.answers.lines.select("answer")))
        if sink is not None and (rows := self._with_other_lines(own, findings, found)).height:
            sink.append(rows.select(*WRITTEN))
            self.rows_written += rows.height
        self._look_at_policies(own)

    def _written(self, own: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
        """Return the findings with their answer, and their line's code, day and place in the file. Shape: [finding],
        also ``row``."""
        beside = own.select("date_of_service", "hcpcs", _PLACE)[found["row"]]
        answer = pl.col("severity").cast(pl.String).replace(OF_SEVERITY).alias("answer")
        whole = pl.concat([found.with_columns(answer), beside], how="horizontal")
        return whole.select("row", _PLACE, *(pl.col(name).cast(kind) for name, kind in WRITTEN.items()))

    def _with_other_lines(self, own: pl.DataFrame, findings: Findings, found: pl.DataFrame) -> pl.DataFrame:
        """Return the findings, a row for each reason why a line was not looked at, and one for each line of which
        nothing was found, so that every line of the file stands there. Shape: [finding, reason or line]."""
        answers = findings.answers
        lines = own.select("date_of_service", "hcpcs", _PLACE)
        gaps = answers.gaps.select("row", "claim_id", "line", pl.col("why").alias("detail"), "remedy")
        gaps = gaps.hstack(lines[gaps["row"]]).with_columns(answer=pl.lit(NOT_LOOKED_AT))
        sound = answers.lines.filter(pl.col("answer") == NOTHING_FOUND).cast({"answer": pl.String})
        sound = sound.hstack(lines[sound["row"]])
        whole = pl.concat([found, gaps, sound], how="diagonal_relaxed")
        if self.wanted.claim is not None:
            whole = whole.filter(pl.col("claim_id") == self.wanted.claim)
        return whole.sort("row", maintain_order=True)

    def _with_reasons(self, own: pl.DataFrame, results: pl.DataFrame) -> pl.DataFrame:
        """Return the results with the status and reason that the file's own cells and days give a line."""
        priced = pl.concat([own, results], how="horizontal")
        told = self.lines.with_reasons(priced).select("pricing_status", "reason").collect()
        return results.with_columns(told["pricing_status"], told["reason"])

    def _look_at_policies(self, own: pl.DataFrame) -> None:
        """Keep, of the lines a policy speaks of, what is told at the end; and their checklists."""
        meant = own.filter(pl.col("hcpcs").is_in(self.codes))
        if self.wanted.claim is not None:
            meant = meant.filter(pl.col("claim_id") == self.wanted.claim)
        if not meant.height:
            return
        if self.looked_at < _LOOKED_AT:
            kept = [name for name in meant.columns if name in _OF_POLICY or name in EDIT_COLUMNS]
            self.of_policy.append(meant.select(kept))
            self.looked_at += meant.height
        if self.wanted.documentation and self.listed < _CLAIMS_LISTED:
            # the patient's other claims bear on the dates of earlier sessions
            listed = documentation(own, self.edits.policies, self.edits.history)
            if self.wanted.claim is not None:
                listed = listed.filter(pl.col("claim_id") == self.wanted.claim)
            self.result.checklists.append(listed)
            self.listed += listed["claim_id"].n_unique()

    def report(self) -> CheckReport:
        result, edits = self.result, self.edits
        notes = list(edits.tables.missing)
        if self.in_centers and edits.bill == "professional":
            notes += edits.tables.missing_in_centers
        if self.of_policy:
            notes += unchecked(pl.concat(self.of_policy), edits.policies, edits.history)
        if self.looked_at >= _LOOKED_AT:
            notes.append(f"what the policies could not check is counted in their first {self.looked_at:,} lines")
        result.unchecked = tuple(dict.fromkeys(notes))
        if self.wanted.output is not None:
            result.written[str(self.wanted.output)] = self.rows_written
        return result
