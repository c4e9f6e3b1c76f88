"""A run over a claim file: every line priced once, written, counted and explained in the same pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal

import polars as pl

from feecalc.edits.pricing import ADDED, EditedPricer, edited_batches
from feecalc.files.opened_file import plain_errors
from feecalc.files.writing import Sink, appended, form_of
from feecalc.pricing.claims.batches import LINES, priced_batches
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.results import SCHEMA
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.runs.edit_tables import Edits
from feecalc.runs.percents import ALLOWED, percent_name, with_percents
from feecalc.runs.price_report import WRONG, ClaimReport, RunOutputs, Tally
from feecalc.runs.reading import ClaimLines, with_cell_reasons
from feecalc.runs.receipts.claim_receipts import RECEIPT_LINES, claim_receipt, write_receipts
from feecalc.runs.receipts.folder import ReceiptFolder
from feecalc.runs.release_days import release_days, with_release_reasons

Progress = Callable[[int], None]


def run_claims(
    lines: ClaimLines,
    wanted: RunOutputs,
    *,
    rules: ClaimRules | None = None,
    progress: Progress = lambda lines: None,
    edits: Edits | None = None,
    percents: Sequence[Decimal] = (),
) -> ClaimReport:
    """Price every line and write what is wanted; where only one claim is to be explained, price its patient's alone.

    ``percents`` of Medicare are taken of each line's allowed amount, so after all rules, and stand in columns of their
    own. With ``edits`` what they deny is taken out, and the results say what was allowed without them. A file is
    written beside its place and renamed when whole: a run that ends early leaves the old one. ``progress`` is called
    with the lines done since. Raises InvalidValue, StoreError, UnreadableFile; never for a single line.
    """
    pricer = ClaimPricer(release_days(lines.opened), rules or ClaimRules())
    edited = None
    if edits is not None:
        edited = EditedPricer(pricer, edits.tables, edits.policies, edits.history, edits.bill, edits.codes)
    for path in (wanted.output, wanted.rejects):
        if path is not None:
            form_of(path)
    tally = Tally([percent_name(ALLOWED, each) for each in percents])
    run = _Run(lines, pricer, progress, edited, percents, tally)
    with plain_errors(lines.path):
        receipt = None if wanted.explain is None else claim_receipt(lines, pricer, wanted.explain, edited)
    if receipt is not None and wanted.output is None and wanted.rejects is None and wanted.receipts is None:
        run.tally.add(with_percents(receipt.priced, percents))
        return run.report(explained=(receipt.text,))
    with ExitStack() as files:
        if wanted.output is not None:
            run.output = files.enter_context(appended(wanted.output, run.schema))
        if wanted.rejects is not None:
            run.rejects = files.enter_context(appended(wanted.rejects, run.schema))
        if wanted.receipts is not None:
            run.receipts = ReceiptFolder(wanted.receipts)
        run.go()
    written = {}
    if wanted.output is not None:
        written[str(wanted.output)] = run.tally.statuses.total()
    if wanted.rejects is not None:
        written[str(wanted.rejects)] = run.rejected
    if wanted.receipts is not None and run.receipts is not None:
        written[str(wanted.receipts)] = run.receipts.count
    return run.report(written=written, explained=() if receipt is None else (receipt.text,))


@dataclass
class _Run:
    lines: ClaimLines
    pricer: ClaimPricer
    progress: Progress
    edited: EditedPricer | None = None
    percents: Sequence[Decimal] = ()
    tally: Tally = field(default_factory=Tally)
    output: Sink | None = None
    rejects: Sink | None = None
    receipts: ReceiptFolder | None = None
    rejected: int = 0

    @property
    def _full(self) -> pl.Schema:
        results = SCHEMA if self.edited is None else {**SCHEMA, **ADDED}
        amounts = {percent_name(ALLOWED, each): SCHEMA[ALLOWED] for each in self.percents}
        return pl.Schema([*self.lines.frame.collect_schema().items(), *pl.Schema({**results, **amounts}).items()])

    @property
    def schema(self) -> pl.Schema:
        """Return the columns of what is written."""
        return self.lines.output(pl.LazyFrame(schema=self._full)).collect_schema()

    def go(self) -> None:
        """Price all lines, and give each where it is wanted."""
        size = LINES if self.receipts is None else RECEIPT_LINES
        batches = (
            priced_batches(self.lines.frame, self.pricer, size)
            if self.edited is None
            else edited_batches(self.lines.frame, self.edited, size)
        )
        while True:
            with plain_errors(self.lines.path):
                batch = next(batches, None)
            if batch is None:
                return
            reasoned = with_cell_reasons(with_release_reasons(batch, self.lines.opened).lazy()).collect()
            self._give(with_percents(reasoned, self.percents))

    def _give(self, priced: pl.DataFrame) -> None:
        self.tally.add(priced)
        if self.output is not None:
            self.output.append(self._written(priced))
        if self.rejects is not None:
            wrong = priced.filter(pl.col("pricing_status").cast(pl.String).is_in(sorted(WRONG)))
            self.rejected += wrong.height
            if wrong.height:
                self.rejects.append(self._written(wrong))
        if self.receipts is not None:
            write_receipts(self.pricer, priced, self.receipts, self.edited)
        self.progress(priced.height)

    def _written(self, priced: pl.DataFrame) -> pl.DataFrame:
        return self.lines.output(priced.lazy()).collect()

    def report(self, *, written: dict[str, int] | None = None, explained: tuple[str, ...] = ()) -> ClaimReport:
        tally = self.tally
        return ClaimReport(
            statuses=dict(tally.statuses),
            releases=dict(sorted(tally.releases.items())),
            edit_rules=dict(tally.edit_rules),
            at_percents={each: tally.also[percent_name(ALLOWED, each)] for each in self.percents},
            allowed_without_edits=None if self.edited is None else tally.allowed_without_edits,
            **tally.sums,
            written=written or {},
            explained=explained,
        )
