"""``feecalc check``: what of a claim file will be denied, reduced or questioned, and what to do about it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feecalc.cli.commands.inputs import edit_wishes, given_for_all, opened_lines
from feecalc.cli.terminal.claim_options import ClaimFileArgument, ClaimLineOptions, EditOptions, ReleaseOfAllOption
from feecalc.cli.terminal.options import JsonOption, add_command
from feecalc.cli.terminal.output import counted, money, one_line, print_json, print_table, say, show, wrapped
from feecalc.cli.terminal.output_files import check_table, refuse_clashes
from feecalc.cli.terminal.progress import progress
from feecalc.cli.terminal.shell import NO_ANSWER

if TYPE_CHECKING:
    import polars as pl

    from feecalc.runs.check_report import CheckReport

_SHOWN = 200  # findings printed
_NAMED = 40  # claims named in one sentence
_LISTS_SHOWN = 20  # checklists printed
_VERDICTS = {"denies": "denied", "reduces": "reduced", "warns": "questioned"}


def register(app: typer.Typer) -> None:
    """Add the command ``check``."""
    example = (
        "Example: feecalc check october.csv -o findings.xlsx. Exit codes: 0 nothing is denied (warnings may "
        "be), 1 a line will be denied, or with --strict anything was found, 2 wrong usage or input."
    )
    add_command(app, "check", check, example=example)


def check(
    file: ClaimFileArgument,
    *,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write the findings to this file: .csv, .parquet or .xlsx."
        ),
    ] = None,
    claim: Annotated[
        str | None, typer.Option("--claim", metavar="CLAIM_ID", help="Check only this claim of the file.")
    ] = None,
    documentation: Annotated[
        bool, typer.Option("--documentation", help="Add what the medical record must show for each claim.")
    ] = False,
    edit_options: EditOptions,
    setting: Annotated[
        str,
        typer.Option(
            "--setting",
            metavar="professional|asc",
            help="Whose claims: professional for a physician's, asc for a surgical center's own.",
        ),
    ] = "professional",
    release: ReleaseOfAllOption = None,
    how_read: ClaimLineOptions,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with code 1 for any finding, warnings included.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Find what will be denied before the claim goes out.

    Checks NCCI's PTP edits, MUEs and add-on codes (where installed), modifiers and laterality, and coverage
    policies. Each finding has its codes, the dollars at stake at Medicare's rates, and the remedy. What cannot be
    checked is listed.
    """
    from feecalc.runs.check_report import CheckWanted
    from feecalc.runs.checking import run_check

    check_table(output)  # a wrong ending is said before the work, not after
    read = {"the claim file": file, "the map": how_read.map_file, "the history": edit_options.history}
    refuse_clashes(read, {"--output": output})
    wishes = edit_wishes(edit_options, setting)
    lines, edits = opened_lines(file, how_read.map_file, given_for_all(how_read), release, wishes)
    assert edits is not None
    if setting != "professional":
        center = "what a surgical center is paid: feecalc facility --claims"
        say(wrapped(f"dollars are by the physician fee schedule; {center}"))
    wanted = CheckWanted(output, claim, documentation, None if as_json else _SHOWN)
    with progress(lines.rows) as done:
        report = run_check(lines, edits, wanted, progress=done)
    if as_json:
        print_json(document(report, documentation=documentation))
        for text in _unchecked(report):
            say(wrapped(text, "not checked: "))
    else:
        _show(file, report, documentation=documentation)
    if report.denies or (strict and report.findings):
        raise typer.Exit(NO_ANSWER)


def document(report: CheckReport, *, documentation: bool) -> dict[str, Any]:
    """Return the findings for --json, and with ``documentation`` the checklists."""
    import polars as pl

    from feecalc.runs.check_report import DOCUMENT

    findings = report.found.select(DOCUMENT).with_columns(pl.col(pl.Categorical).cast(pl.String))
    found: dict[str, Any] = {"findings": findings}
    if documentation:
        found["documentation"] = report.documentation
    return found


def _show(file: Path, report: CheckReport, *, documentation: bool) -> None:
    _show_findings(report)
    if report.clean_claims:
        show(wrapped(f"{_names(report.clean, report.clean_claims)}, allowed {money(report.clean_allowed)}", "clean: "))
    if documentation and not report.documentation.is_empty():
        if report.clean_claims:
            show()
        _show_checklists(report.documentation)
    for text in _unchecked(report):
        show(wrapped(text, "not checked: "))
    show()
    size = f"{counted(report.claims, 'claim')}, {counted(report.lines, 'line')}"
    show(f"{one_line(file)}: {size}; {counted(report.clean_claims, 'claim')} clean")
    stakes = {verdict: report.stakes[severity] for severity, verdict in _VERDICTS.items()}
    rows = [
        {"lines": verdict, "count": stake.lines, "at stake": stake.known, "unknown": stake.unknown}
        for verdict, stake in stakes.items()
        if stake.lines
    ]
    headings = {"lines": "lines", "count": "count", "at stake": "dollars\nat stake"}
    if any(stake.unknown for stake in stakes.values()):
        headings["unknown"] = "without\nan amount"
    if rows:
        print_table(rows, headings)
    else:
        show("Nothing was found.")
    for path, count in report.written.items():
        show(f"{path}: {counted(count, 'finding')} written")


def _show_findings(report: CheckReport) -> None:
    """Print each claim's findings: line, verdict, codes and dollars, then what it is, the remedy and the source."""
    before = None
    for row in report.found.iter_rows(named=True):
        if row["claim_id"] != before:
            show(one_line(f"Claim {row['claim_id']}"))
            before = row["claim_id"]
        codes = " ".join(f"{name} {row[key]}" for name, key in (("CARC", "carc"), ("RARC", "rarc")) if row[key])
        amount = "-" if row["amount_at_stake"] is None else money(row["amount_at_stake"])
        head = f"  line {row['line']}  {row['hcpcs']}  {row['severity']}  {row['rule']}"
        show(one_line(f"{head:<58}  {codes:<18}{amount:>14}"))
        show(wrapped(row["detail"], "    "))
        show(wrapped(row["remedy"], "    Remedy: "))
        show(wrapped(row["source"], "    Source: "))
        if row["stake_reason"]:
            show(wrapped(row["stake_reason"], "    No amount: "))
    left = report.findings - report.found.height
    if left:
        show(f"{counted(left, 'finding')} more; all of them: -o findings.csv")
    if report.findings:
        show()


def _show_checklists(listed: pl.DataFrame) -> None:
    """Print what the record must show, once for all claims of which it is the same."""
    import polars as pl

    by_claim = listed.group_by("claim_id", maintain_order=True).agg(
        pl.struct("policy", "text", "known", "source").alias("items")
    )
    same: dict[tuple[tuple[str, ...], ...], list[str]] = {}
    for claim, items in by_claim.iter_rows():
        same.setdefault(tuple(tuple(item.values()) for item in items), []).append(claim)
    for number, (items, claims) in enumerate(list(same.items())[:_LISTS_SHOWN]):
        if number:
            show()
        show(wrapped(_names(claims, len(claims)), "The record must show, for "))
        for _, text, known, source in items:
            show(wrapped(f"{text} {f'Known here: {known}. ' if known else ''}({source})", "  [ ] "))
    if len(same) > _LISTS_SHOWN:
        show(f"{counted(len(same) - _LISTS_SHOWN, 'checklist')} more; of one claim: --claim CLAIM_ID")
    show()


def _names(claims: list[str], count: int) -> str:
    shown = ", ".join(claims[:_NAMED])
    left = count - len(claims[:_NAMED])
    return f"{shown} and {left:,} more" if left else shown


def _unchecked(report: CheckReport) -> list[str]:
    """Return what could not be checked, a sentence for each."""
    wrong = sum(report.statuses.values())
    said = list(report.unchecked)
    if wrong:
        each = ", ".join(f"{status} {count:,}" for status, count in report.statuses.most_common())
        what = counted(wrong, "line")
        written = "it is written" if wrong == 1 else "they are written"
        said.append(f"{what} cannot be priced as {written} ({each}); feecalc claims says why")
    return said
