"""Price a claim file in one pass: every line priced once, written, counted, explained, and reported at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import polars as pl

from feecalc.edits.pricing import ADDED, DENIED_BY, DENIED_BY_EDIT, WITHOUT, EditedPricer, edited_batches
from feecalc.files.opening import plain_errors
from feecalc.files.writing import Sink, appended, form_of
from feecalc.pricing.claims.batches import LINES, priced_batches
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.results import SCHEMA
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.runs.edit_tables import Edits
from feecalc.runs.percents import ALLOWED, percent_name, with_percents
from feecalc.runs.reading import WRONG, ClaimLines
from feecalc.runs.receipts.claim_receipts import RECEIPT_LINES, ReceiptFolder, claim_receipt, write_receipts
from feecalc.runs.release_days import release_days

Progress = Callable[[int], None]
_PRICED = "priced"
_SUMS = ("billed_amount", "allowed_amount", "medicare_paid", "patient_share")
_ZERO = Decimal("0.00")


@dataclass(frozen=True)
class RunOutputs:
    """The files of a run; each is written beside its place and renamed when whole."""

    output: Path | None = None  # the file's columns, then the results; csv, parquet or xlsx by its ending
    rejects: Path | None = None  # the same of the lines that could not be priced as they were written
    receipts: Path | None = None  # a folder: one Markdown file a claim
    explain: str | None = None  # a claim whose receipts are wanted


@dataclass(frozen=True)
class ClaimReport:
    """What became of the lines. Sums are over all lines that have the amount. [USD]"""

    statuses: Mapping[str, int]  # pricing_status to lines
    releases: Mapping[str, int]  # release to lines
    billed_amount: Decimal | None  # None where no line has a charge
    allowed_amount: Decimal
    medicare_paid: Decimal
    patient_share: Decimal
    at_percents: Mapping[Decimal, Decimal] = field(default_factory=dict)  # percent of Medicare to its sum
    written: Mapping[str, int] = field(default_factory=dict)  # file or folder to the lines, or receipts, in it
    explained: tuple[str, ...] = ()  # receipts of the claim asked for, Markdown
    edit_rules: Mapping[str, int] = field(default_factory=dict)  # rule of an edit to the lines it denies
    allowed_without_edits: Decimal | None = None  # where edits were applied

    @property
    def lines(self) -> int:
        return sum(self.statuses.values())

    @property
    def priced(self) -> int:
        return self.statuses.get(_PRICED, 0)

    @property
    def wrong(self) -> int:
        """Count the lines that could not be priced as written; what Medicare does not pay is not among them."""
        return sum(lines for status, lines in self.statuses.items() if status in WRONG)


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
    tally = _Tally([percent_name(ALLOWED, percent) for percent in percents])
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


class _Tally:
    """Lines by status and by release, and exact sums. [USD]"""

    def __init__(self, also: Sequence[str] = ()) -> None:
        """Begin at nothing. ``also``: further columns of amounts to sum."""
        self.statuses: Counter[str] = Counter()
        self.releases: Counter[str] = Counter()
        self.sums = dict.fromkeys(_SUMS, _ZERO)
        self.has_charges = False
        self.edit_rules: Counter[str] = Counter()
        self.allowed_without_edits = _ZERO
        self.also = dict.fromkeys(also, _ZERO)

    def add(self, priced: pl.DataFrame) -> None:
        """Count a batch of priced lines."""
        self.has_charges |= priced["billed_amount"].count() > 0
        grouped = priced.group_by("pricing_status", "release").agg(
            pl.len(), *(pl.col(name).sum() for name in _SUMS)
        )
        for status, release, lines, *sums in grouped.iter_rows():
            self.statuses[status] += lines
            if release is not None:
                self.releases[release] += lines
            for name, amount in zip(_SUMS, sums, strict=True):
                self.sums[name] += amount or _ZERO
        for name in self.also:
            self.also[name] += priced.select(pl.col(name).sum()).item() or _ZERO
        if DENIED_BY in priced.columns:
            self._add_edits(priced)

    def _add_edits(self, priced: pl.DataFrame) -> None:
        self.allowed_without_edits += priced.select(pl.col("allowed_amount" + WITHOUT).sum()).item() or _ZERO
        denied = priced.filter(pl.col("pricing_status") == DENIED_BY_EDIT)
        for rule, lines in denied.group_by(DENIED_BY).len().iter_rows():
            self.edit_rules[rule] += lines


@dataclass
class _Run:
    lines: ClaimLines
    pricer: ClaimPricer
    progress: Progress
    edited: EditedPricer | None = None
    percents: Sequence[Decimal] = ()
    tally: _Tally = field(default_factory=_Tally)
    output: Sink | None = None
    rejects: Sink | None = None
    receipts: ReceiptFolder | None = None
    rejected: int = 0

    @property
    def _full(self) -> pl.Schema:
        results = SCHEMA if self.edited is None else {**SCHEMA, **ADDED}
        amounts = {percent_name(ALLOWED, percent): SCHEMA[ALLOWED] for percent in self.percents}
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
            reasoned = self.lines.with_reasons(batch).collect()
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
            at_percents={percent: tally.also[percent_name(ALLOWED, percent)] for percent in self.percents},
            allowed_without_edits=None if self.edited is None else tally.allowed_without_edits,
            billed_amount=tally.sums["billed_amount"] if tally.has_charges else None,
            **{name: tally.sums[name] for name in _SUMS[1:]},
            written=written or {},
            explained=explained,
        )
