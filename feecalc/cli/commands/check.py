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

    from feecalc.runs.check_report import CheckReport, NotLookedAt

_SHOWN = 200  # findings printed
_NAMED = 40  # claims named in one sentence
_REASONS_SHOWN = 12  # why lines were not looked at
_LINES_NAMED = 12  # for one reason
_LISTS_SHOWN = 20  # checklists printed
_VERDICTS = {"denies": "denied", "reduces": "reduced", "warns": "questioned"}


def register(app: typer.Typer) -> None:
    """Add the command ``check``."""
    example = (
        "Example: feecalc check october.csv -o findings.xlsx. Exit codes: 0 no line will be denied (there may be "
        "questions), 1 a line will be denied or the file has no lines, or with --strict anything was found or not "
        "looked at, 2 wrong usage or input."
    )
    add_command(app, "check", check, example=example)


def check(
    file: ClaimFileArgument,
    *,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE",
            help="Write the answer of every line to this file, with its findings: .csv, .parquet or .xlsx.",
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
            metavar="professional|asc|hospital",
            help="Whose claims: professional for a physician's; asc or hospital for the facility's own, by its rates.",
        ),
    ] = "professional",
    release: ReleaseOfAllOption = None,
    how_read: ClaimLineOptions,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with code 1 for any finding, and any line not looked at.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Find what will be denied before the claim goes out.

    Checks NCCI's PTP edits, MUEs and add-on codes (where installed), modifiers and laterality, and coverage
    policies, duplicates and modifiers that codes need. Each claim gets one of three answers: will be denied, reduced
    or questioned, with codes, dollars at stake at Medicare's rates and the remedy; looked at, and nothing found, by
    which lists; or not looked at, why, and what would mend it.
    """
    from feecalc.runs.check_report import CheckWanted
    from feecalc.runs.checking import run_check

    check_table(output)  # a wrong ending is said before the work, not after
    read = {"the claim file": file, "the map": how_read.map_file, "the history": edit_options.history}
    refuse_clashes(read, {"--output": output})
    wishes = edit_wishes(edit_options, setting)
    lines, edits = opened_lines(file, how_read.map_file, given_for_all(how_read, wishes.bill), release, wishes)
    assert edits is not None
    if setting != "professional":
        say(wrapped("dollars are the facility's own, at the national rates, before a wage index"))
    wanted = CheckWanted(output, claim, documentation, None if as_json else _SHOWN)
    with progress(lines.rows) as done:
        report = run_check(lines, edits, wanted, progress=done)
    if as_json:
        print_json(document(report, documentation=documentation))
        for text in report.not_checked:
            say(wrapped(text, "not checked: "))
    else:
        _show(file, report, documentation=documentation)
    if report.denies or not report.lines or (strict and (report.findings or report.in_part)):
        raise typer.Exit(NO_ANSWER)


def document(report: CheckReport, *, documentation: bool) -> dict[str, Any]:
    """Return the findings and the dollars at stake for --json, and with ``documentation`` the checklists.

    An amount is null where no line of it has one; ``stake_reason`` says of a finding why it has none.
    """
    import polars as pl

    from feecalc.runs.check_report import DOCUMENT

    findings = report.found.select(DOCUMENT).with_columns(pl.col(pl.Categorical).cast(pl.String))
    stakes = [
        {"severity": severity, "lines": stake.lines, "amount": stake.amount, "lines_without_amount": stake.unknown}
        for severity, stake in report.stakes.items()
    ]
    sums = report.allowed
    found: dict[str, Any] = {
        "summary": report.summary,
        "answers": report.answers,
        "claims": report.claim_answers.with_columns(pl.col("answer").cast(pl.String)),
        "findings": findings,
        "at_stake": stakes,
        "allowed": {
            "without_denials": sums.without, "with_denials": sums.with_denials, "denied": sums.denied,
            "denied_and_not_paid_anyway": sums.refused, "more_for_other_lines": sums.gained,
        },
        "looked_at_by": list(report.looked_at_by),
        "not_looked_at": [
            {
                "reason": reason, "remedy": remedy, "lines": gap.lines,
                "first": [{"claim_id": claim, "line": line} for claim, line in gap.named],
            }
            for (reason, remedy), gap in report.not_looked_at.items()
        ],
        "not_checked": list(report.not_checked),
    }  # fmt: skip
    if documentation:
        found["documentation"] = report.documentation
    return found


def _show(file: Path, report: CheckReport, *, documentation: bool) -> None:
    from feecalc.edits.answers import NOTHING_FOUND

    show(wrapped(f"{file}: {report.summary}"))
    if not report.lines:
        for path, count in report.written.items():
            show(f"{path}: {counted(count, 'row')} written")
        return
    show()
    _show_findings(report)
    if report.answers[NOTHING_FOUND]:
        names = _names(report.named[NOTHING_FOUND], report.answers[NOTHING_FOUND])
        show(wrapped(f"{names}, allowed {money(report.nothing_found_allowed)}", f"{NOTHING_FOUND}: "))
    if documentation and not report.documentation.is_empty():
        if report.answers[NOTHING_FOUND]:
            show()
        _show_checklists(report.documentation)
    if report.lines > report.lines_not_looked_at:
        show(wrapped("; ".join(report.looked_at_by), "looked at by: "))
    most_first = sorted(report.not_looked_at.items(), key=lambda each: -each[1].lines)
    for (reason, remedy), gap in most_first[:_REASONS_SHOWN]:
        show(wrapped(f"{_lines(gap)}: {reason.rstrip('.')}. {remedy}", "not looked at: "))
    left = sum(gap.lines for _, gap in most_first[_REASONS_SHOWN:])
    if left:
        more = f"{counted(left, 'line')} more for other reasons; all of them: -o findings.csv"
        show(wrapped(more, "not looked at: "))
    for text in report.not_checked:
        show(wrapped(text, "not checked: "))
    show()
    stakes = {verdict: report.stakes[severity] for severity, verdict in _VERDICTS.items()}
    rows = [
        {"lines": verdict, "count": stake.lines, "at stake": stake.amount, "unknown": stake.unknown}
        for verdict, stake in stakes.items()
        if stake.lines
    ]
    headings = {"lines": "lines", "count": "count", "at stake": "dollars\nat stake"}
    if any(stake.unknown for stake in stakes.values()):
        headings["unknown"] = "without\nan amount"
    if rows:
        print_table(rows, headings)
    if report.denies:
        show(wrapped(report.allowed_told))
    for path, count in report.written.items():
        show(f"{path}: {counted(count, 'row')} written")


def _lines(gap: NotLookedAt) -> str:
    """Return the lines of a reason by claim: "5 lines (P-1002 line 1, P-1004 line 2 and 3 more)"."""
    named = [f"{claim} line {line}" for claim, line in gap.named[:_LINES_NAMED]]
    left = gap.lines - len(named)
    told = ", ".join(named) + (f" and {left:,} more" if left else "")
    return told if gap.lines == 1 else f"{counted(gap.lines, 'line')} ({told})"


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
