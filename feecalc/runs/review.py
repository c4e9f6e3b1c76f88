"""A claim file gone through as a whole: how it was read, every line priced, and what edits find in it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from feecalc.errors import FeeCalcError
from feecalc.files.claim_lines import LineDefaults
from feecalc.files.headings import RecognizedColumns, our_names, recognize
from feecalc.files.opened_file import kept_name, plain_errors
from feecalc.files.opening import open_file
from feecalc.runs.check_report import CheckReport, CheckWanted
from feecalc.runs.checking import run_check
from feecalc.runs.edit_tables import EditWishes, open_edits
from feecalc.runs.price import run_claims
from feecalc.runs.price_report import ClaimReport, RunOutputs
from feecalc.runs.reading import read_claims

_PRICED = "feecalc-priced.parquet"


@dataclass(frozen=True)
class Review:
    """What ``feecalc claims`` and ``feecalc check`` tell of a file.

    Shape of ``priced``: [line]: the file's columns, then the results; of ``by_rule``: [severity, rule]: findings,
    at_stake [USD; a line with two findings counts in both].
    """

    columns: RecognizedColumns
    notes: tuple[str, ...]
    priced: pl.DataFrame
    report: ClaimReport
    check: CheckReport
    found: pl.DataFrame
    by_rule: pl.DataFrame


def mapping(path: Path) -> pl.DataFrame:
    """Which column is taken for which. Shape: [heading]: heading, first (its first cell), ours ("" for none).

    Where two headings may be the same column both are told. Raises UnreadableFile, InvalidValue, StoreError.
    """
    file = open_file(path, ())
    try:
        ours = {heading: name for name, heading in recognize(file.headings).theirs.items()}
    except FeeCalcError:
        ours = {each: name for each in file.headings for name in recognize([each]).theirs}
    with plain_errors(path):
        first = file.frame.head(1).collect()
    cells = {name: str(first[kept_name(name)][0] or "") if first.height else "" for name in file.headings}
    return pl.DataFrame(
        [(name, cells[name], ours.get(name, "")) for name in file.headings],
        schema={"heading": pl.String, "first": pl.String, "ours": pl.String},
        orient="row",
    )


def names() -> tuple[str, ...]:
    """What a column may be taken for; "" for nothing."""
    return ("", *our_names())


def review(
    path: Path,
    *,
    column_map: Mapping[str, str] | None = None,
    defaults: LineDefaults | None = None,
    release: str | None = None,
    home: Path | None = None,
    wishes: EditWishes | None = None,
) -> Review:
    """Read, price and check a file; ``wishes``: what is given beside it for the edits.

    Errors as ``intake.read_claims``, ``open_edits``, ``run_claims`` and ``run_check``.
    """
    lines = read_claims(path, column_map=column_map, defaults=defaults, release=release, home=home, edits=True)
    with tempfile.TemporaryDirectory(prefix="feecalc-", dir=path.parent) as folder:
        output = Path(folder) / _PRICED
        report = run_claims(lines, RunOutputs(output=output))
        priced = pl.read_parquet(output, memory_map=False)
    edits = open_edits(lines, wishes, said=column_map, home=home)
    check = run_check(lines, edits, CheckWanted())
    found = check.found
    by_rule = (
        found.group_by("severity", "rule")
        .agg(pl.len().alias("findings"), pl.col("amount_at_stake").sum().alias("at_stake"))
        .cast({"severity": pl.String, "rule": pl.String})
        .sort("at_stake", "findings", descending=True)
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
    """The receipt of one claim as text. Raises InvalidValue where the file has no such claim."""
    lines = read_claims(path, column_map=column_map, defaults=defaults, release=release, home=home)
    return "\n\n".join(run_claims(lines, RunOutputs(explain=claim_id)).explained)
