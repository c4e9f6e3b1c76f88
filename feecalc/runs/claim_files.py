"""A claim file priced, checked, or both in one call: what ``feecalc claims`` and ``feecalc check`` do, not printed."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import polars as pl

from feecalc.errors import FeeCalcError
from feecalc.files.claim_lines import LineDefaults
from feecalc.files.headings import RecognizedColumns, our_names, recognize
from feecalc.files.opening import kept_name, open_file, plain_errors
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.runs.check_report import CheckReport, CheckWanted
from feecalc.runs.checking import run_check
from feecalc.runs.edit_tables import EditWishes, open_edits
from feecalc.runs.price import ClaimReport, RunOutputs, run_claims
from feecalc.runs.reading import read_claims

_PRICED = "feecalc-priced.parquet"


@dataclass(frozen=True)
class PricedFile:
    """A claim file that was priced. ``notes``: how it was read, and by what, in sentences for a person."""

    columns: RecognizedColumns
    notes: tuple[str, ...]
    report: ClaimReport


@dataclass(frozen=True)
class CheckedFile:
    """A claim file that was checked. ``notes``: how it was read, and by what, in sentences for a person."""

    columns: RecognizedColumns
    notes: tuple[str, ...]
    report: CheckReport


@dataclass(frozen=True)
class Review:
    """A claim file priced and checked.

    Shape of ``priced``: [line]: the file's columns, then the results, and ``answer``, the check's; of ``by_rule``:
    [severity, rule]: findings, at_stake [USD; a line with two findings counts in both; null where none of them has an
    amount], unknown (findings without an amount); the most dollars first.
    """

    columns: RecognizedColumns
    notes: tuple[str, ...]
    priced: pl.DataFrame
    report: ClaimReport
    check: CheckReport
    found: pl.DataFrame
    by_rule: pl.DataFrame


def price_claim_file(
    path: str | Path,
    output: str | Path | None = None,
    *,
    rejects: str | Path | None = None,
    receipts: str | Path | None = None,
    explain: str | None = None,
    column_map: Mapping[str, str] | None = None,
    defaults: LineDefaults | None = None,
    release: str | None = None,
    rules: ClaimRules | None = None,
    edits: EditWishes | None = None,
    percents: Sequence[Decimal] = (),
    home: str | Path | None = None,
) -> PricedFile:
    """Price every line of a claim file as Medicare does, and write the results.

    The file is read, priced and written batch by batch, in memory that does not grow with it where a patient's lines
    stand together.

    Parameters
    ----------
    path : str or Path
        The claim file: .csv, .xlsx, .ods or .parquet, with any usual headings (CPT, DOS, POS, Charge).
    output : str or Path, optional
        Where every line and its results are written: .csv, .parquet or .xlsx. Without it they are only counted.
    rejects : str or Path, optional
        Where the lines that cannot be priced as written go, and why.
    receipts : str or Path, optional
        A folder for one Markdown receipt a claim.
    explain : str, optional
        A claim_id whose receipt the report holds as text. Without the three above, only its patient's lines are priced.
    column_map : mapping, optional
        Headings of the file to our names ("" for a column to leave alone), where the usual names do not find them;
        ``feecalc.files.headings.read_column_map`` reads one from a file.
    defaults : LineDefaults, optional
        A locality or date of service for all lines; a place of service, provider type, participation or QP status for
        lines that have none.
    release : str, optional
        One release for all lines, "2026C"; by default the release in force on each line's date of service.
    rules : ClaimRules, optional
        The rules applied; by default all of Medicare's.
    edits : EditWishes, optional
        Apply the edits too: what they deny is allowed 0.00. ``EditWishes()`` for NCCI's and the coverage policies that
        come with feecalc.
    percents : sequence of Decimal
        Percents of Medicare: each adds a column with that percent of the line's allowed amount.
    home : str or Path, optional
        The folder of installed releases; by default the person's own, or ``FEECALC_HOME``.

    Returns
    -------
    PricedFile
        ``columns``: which heading was taken for which column. ``notes``. ``report``: lines by pricing_status and by
        release, the sums of billed_amount (None where no line has a charge), allowed_amount, medicare_paid and
        patient_share [USD], what was written.

    Raises
    ------
    MissingColumn
        A column that pricing needs is not in the file, and ``defaults`` do not say it.
    InvalidValue, UnknownLocality, UnknownRelease
        What was given cannot be, or two headings could be one column.
    UnreadableFile, StoreError
        The file cannot be read, or the results cannot be written. A file of results is whole or not there.
    NotInstalled
        No release for the file's dates of service is installed.

    A line that cannot be priced raises nothing: it has no amount, its pricing_status and its reason.

    Source
    ------
    Pub. 100-04 ch. 12 and 23; each rule's own section stands with it in ``feecalc/reference/``.

    Example
    -------
    >>> from feecalc.runs.claim_files import price_claim_file
    >>> priced = price_claim_file("data/samples/claims.csv", "priced.csv")
    >>> priced.report.lines, priced.report.written
    (19, {'priced.csv': 19})
    """
    folder = _path(home)
    lines = read_claims(
        Path(path), column_map=column_map, defaults=defaults, release=release, home=folder, edits=edits is not None
    )
    opened = None if edits is None else open_edits(lines, edits, column_map=column_map, home=folder)
    outputs = RunOutputs(_path(output), _path(rejects), _path(receipts), explain)
    report = run_claims(lines, outputs, rules=rules, edits=opened, percents=percents)
    return PricedFile(lines.columns, (*lines.notes, *(() if opened is None else opened.notes)), report)


def check_claim_file(
    path: str | Path,
    output: str | Path | None = None,
    *,
    claim: str | None = None,
    documentation: bool = False,
    column_map: Mapping[str, str] | None = None,
    defaults: LineDefaults | None = None,
    release: str | None = None,
    edits: EditWishes | None = None,
    home: str | Path | None = None,
) -> CheckedFile:
    """Check a claim file before it goes out: what will be denied, reduced or questioned, and the dollars at stake.

    Parameters
    ----------
    path : str or Path
        The claim file, as for ``price_claim_file``; diagnoses are read where it has them.
    output : str or Path, optional
        Where the answer of every line is written, with its findings: .csv, .parquet or .xlsx.
    claim : str, optional
        A claim_id: only this claim's findings; its patient's other claims bear on it.
    documentation : bool
        Make the checklists of what the record of each claim must show.
    column_map, defaults, release, home
        As for ``price_claim_file``.
    edits : EditWishes, optional
        Coverage policies, lists of diagnoses and earlier sessions of your own; by default the policies that come with
        feecalc, and NCCI's tables where they are installed.

    Returns
    -------
    CheckedFile
        ``columns`` and ``notes`` as for ``price_claim_file``. ``report``: ``found``, one row a finding (rule, severity,
        CARC, RARC, amount_at_stake [USD at Medicare's rates without edits], remedy, source); ``summary``, the whole
        answer in a sentence; ``answers``, how many claims are denied, reduced, questioned, not looked at, and looked at
        with nothing found; ``claim_answers`` and ``line_answers``; ``looked_at_by``, which lists of which quarter;
        ``not_looked_at``, lines by reason and remedy; ``not_checked``, what could not be checked of any line;
        ``allowed``, with the denials and without; ``documentation``.

    Raises
    ------
    MissingColumn, UnknownLocality, UnknownRelease, UnreadableFile, StoreError, NotInstalled
        As ``price_claim_file``.
    DuplicateKey, InvalidValue
        What is wrong in a policy or list of ``edits``.

    Source
    ------
    NCCI policy manual; Pub. 100-04 ch. 12 and 23; the LCDs named in ``feecalc/reference/coverage/``.

    Example
    -------
    >>> from feecalc.runs.claim_files import check_claim_file
    >>> checked = check_claim_file("data/samples/facet.csv")
    >>> checked.report.denies
    True
    """
    folder = _path(home)
    lines = read_claims(
        Path(path), column_map=column_map, defaults=defaults, release=release, home=folder, edits=True
    )
    opened = open_edits(lines, edits, column_map=column_map, home=folder)
    report = run_check(lines, opened, CheckWanted(_path(output), claim, documentation))
    return CheckedFile(lines.columns, (*lines.notes, *opened.notes), report)


def review(
    path: Path,
    *,
    column_map: Mapping[str, str] | None = None,
    defaults: LineDefaults | None = None,
    release: str | None = None,
    home: Path | None = None,
    wishes: EditWishes | None = None,
) -> Review:
    """Price and check a file; ``wishes``: what is given beside it for the edits.

    Errors as ``price_claim_file`` and ``check_claim_file``.
    """
    lines = read_claims(path, column_map=column_map, defaults=defaults, release=release, home=home, edits=True)
    with tempfile.TemporaryDirectory(prefix="feecalc-", dir=path.parent) as folder:
        output = Path(folder) / _PRICED
        report = run_claims(lines, RunOutputs(output=output))
        priced = pl.read_parquet(output, memory_map=False)
    edits = open_edits(lines, wishes, column_map=column_map, home=home)
    check = run_check(lines, edits, CheckWanted())
    priced = priced.with_columns(check.line_answers["answer"].cast(pl.String))
    found = check.found
    stake = pl.col("amount_at_stake")
    by_rule = (
        found.group_by("severity", "rule")
        .agg(
            pl.len().alias("findings"),
            pl.when(stake.is_not_null().any()).then(stake.sum()).alias("at_stake"),  # a sum of nothing known is not 0
            stake.null_count().alias("unknown"),
        )
        .cast({"severity": pl.String, "rule": pl.String})
        .sort("at_stake", "findings", descending=True, nulls_last=True)
    )
    return Review(lines.columns, (*lines.notes, *edits.notes), priced, report, check, found, by_rule)


def receipt(
    path: Path,
    claim_id: str,
    *,
    column_map: Mapping[str, str] | None = None,
    defaults: LineDefaults | None = None,
    release: str | None = None,
    home: Path | None = None,
) -> str:
    """Write the receipt of one claim as text. Raises InvalidValue where the file has no such claim."""
    priced = price_claim_file(
        path, explain=claim_id, column_map=column_map, defaults=defaults, release=release, home=home
    )
    return "\n\n".join(priced.report.explained)


def mapping(path: Path) -> pl.DataFrame:
    """Return which column is taken for which. Shape: [heading]: heading, first (its first cell), ours ("" for none).

    Where two headings may be the same column both are given. Raises UnreadableFile, InvalidValue, StoreError.
    """
    file = open_file(path, ())
    try:
        ours = {heading: name for name, heading in recognize(file.headings).theirs.items()}
    except FeeCalcError:
        ours = {heading: name for heading in file.headings for name in recognize([heading]).theirs}
    with plain_errors(path):
        first = file.frame.head(1).collect()
    cells = {name: str(first[kept_name(name)][0] or "") if first.height else "" for name in file.headings}
    return pl.DataFrame(
        [(name, cells[name], ours.get(name, "")) for name in file.headings],
        schema={"heading": pl.String, "first": pl.String, "ours": pl.String},
        orient="row",
    )


def names() -> tuple[str, ...]:
    """Return what a column may be taken for; "" for nothing."""
    return ("", *our_names())


def _path(path: str | Path | None) -> Path | None:
    return None if path is None else Path(path)
