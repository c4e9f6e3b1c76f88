"""``feecalc claims``: what Medicare allows for every line of a claim file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feecalc.cli.commands.inputs import edit_wishes, given_for_all, opened_lines
from feecalc.cli.terminal.arguments import percents_option, words_option
from feecalc.cli.terminal.claim_options import (
    ClaimFileArgument,
    ClaimLineOptions,
    EditOptions,
    ReleaseOfAllOption,
    RuleOptions,
)
from feecalc.cli.terminal.options import JsonOption, PercentOption, QpOption, add_command
from feecalc.cli.terminal.output import counted, money, one_line, print_json, print_table, say, show, wrapped
from feecalc.cli.terminal.output_files import check_table, refuse_clashes
from feecalc.cli.terminal.progress import progress
from feecalc.cli.terminal.shell import NO_ANSWER
from feecalc.errors import InvalidValue

if TYPE_CHECKING:
    from decimal import Decimal

    from feecalc.runs.price import ClaimReport, RunOutputs
    from feecalc.runs.reading import ClaimLines

_MOST_CHARACTERS = 200


def register(app: typer.Typer) -> None:
    """Add the command ``claims``."""
    example = "Example: feecalc claims october.csv -o priced.csv --rejects not_priced.csv"
    add_command(app, "claims", claims, example=example)


def claims(
    file: ClaimFileArgument,
    *,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write every line with its results to this file: .csv, .parquet or .xlsx.",
        ),
    ] = None,
    release: ReleaseOfAllOption = None,
    how_read: ClaimLineOptions,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with code 1 if a line cannot be priced as written.")
    ] = False,
    rejects: Annotated[
        Path | None,
        typer.Option(
            "--rejects", metavar="FILE", help="Write the lines that cannot be priced as written, with the reason."
        ),
    ] = None,
    explain: Annotated[
        str | None, typer.Option("--explain", metavar="CLAIM_ID", help="Print the receipt of each line of this claim.")
    ] = None,
    receipts: Annotated[
        Path | None,
        typer.Option("--receipts", metavar="FOLDER", help="Write a Markdown receipt for each claim to this folder."),
    ] = None,
    edits: Annotated[
        bool, typer.Option("--edits", help="Deny what the edits deny (see feecalc check) and show what it costs.")
    ] = False,
    edit_options: EditOptions,
    percent: PercentOption = None,
    qp: QpOption = False,
    nonparticipating: Annotated[
        bool,
        typer.Option(
            "--nonparticipating", help="Price as billed by a nonparticipating provider, where the file does not say."
        ),
    ] = False,
    provider_type: Annotated[
        str,
        typer.Option(
            "--provider-type", metavar="TYPE", help="Who bills, where the file does not say: physician, np, pa ..."
        ),
    ] = "physician",
    chosen: RuleOptions,
    as_json: JsonOption = False,
) -> None:
    """Price a claim file line by line, as Medicare does.

    Columns are found by their usual headings (CPT, DOS, POS, MOD1, Charge); which heading was read as which column
    is printed. A line that cannot be priced has its status and reason; the other lines are priced. No
    patient identifiers are needed. --percent adds a percent of each line's allowed amount, after all of Medicare's
    rules for the claim.
    """
    from dataclasses import replace

    from feecalc.runs.percents import published_note
    from feecalc.runs.price import RunOutputs, run_claims

    given = replace(
        given_for_all(how_read),
        qp=qp,
        participating=not nonparticipating,
        provider_type=words_option(provider_type, "type of provider"),
    )
    percents = percents_option(percent)
    wanted = RunOutputs(output, rejects, receipts, explain)
    _refuse(wanted, {"the claim file": file, "the map": how_read.map_file, "the history": edit_options.history})
    if not edits and edit_options.given:
        raise InvalidValue("--policy, --diagnoses, --history and --without are for the edits; give --edits too")
    wishes = edit_wishes(edit_options, "professional") if edits else None
    lines, opened = opened_lines(file, how_read.map_file, given, release, wishes)
    if not chosen.rules.gpci_floor:
        lines = _without_floor(lines)
    for text in () if opened is None else opened.not_checked(lines):
        say(wrapped(text, "not checked: "))
    with progress(lines.rows) as done:
        report = run_claims(lines, wanted, rules=chosen.rules, progress=done, edits=opened, percents=percents)
    if lines.days is not None and (note := published_note(percents, lines.days[1])):
        say(wrapped(note))
    if as_json:
        print_json(document(file, lines, report))
    else:
        _show(file, report)
    if strict and report.wrong:
        raise typer.Exit(NO_ANSWER)


def _without_floor(lines: ClaimLines) -> ClaimLines:
    """Return the lines with a note of where the work GPCIs without the floor come from."""
    from dataclasses import replace

    notices = dict.fromkeys(text for schedule in lines.opened.schedules for text in schedule.unfloored.notices)
    for text in notices:
        say(wrapped(text))
    return replace(lines, notes=(*lines.notes, *notices))


def _refuse(wanted: RunOutputs, read: Mapping[str, Path | None]) -> None:
    """Raise InvalidValue where nothing is to be written or printed, or one file would be written over another."""
    if wanted.output is None and wanted.rejects is None and wanted.receipts is None and wanted.explain is None:
        stem = next(path.stem for path in read.values() if path is not None)[:_MOST_CHARACTERS]
        raise InvalidValue(f"nothing to write: give -o FILE, for example -o {stem}_priced.csv")
    for path in (wanted.output, wanted.rejects):
        check_table(path)  # a wrong ending is said before the work, not after
    written = {"--output": wanted.output, "--rejects": wanted.rejects, "--receipts": wanted.receipts}
    refuse_clashes(read, written)


def document(file: Path, lines: ClaimLines, report: ClaimReport) -> dict[str, object]:
    """Return the summary for --json."""
    summary: dict[str, object] = {
        "file": file,
        "columns": {heading: ours for ours, heading in lines.columns.theirs.items()},
        "notes": lines.notes,
        "lines": report.lines,
        "priced": report.priced,
        "statuses": report.statuses,
        "releases": report.releases,
        "billed_amount": report.billed_amount,
        "allowed_amount": report.allowed_amount,
        "medicare_paid": report.medicare_paid,
        "patient_share": report.patient_share,
        **({"at_percents": _at_percents(report)} if report.at_percents else {}),
        "written": report.written,
        "receipts": report.explained,
    }
    if report.allowed_without_edits is not None:
        summary["denied_by_edits"] = report.edit_rules
        summary["allowed_without_edits"] = report.allowed_without_edits
    return summary


def _show(file: Path, report: ClaimReport) -> None:
    for receipt in report.explained:
        show(receipt)
    show(f"{one_line(file)}: {counted(report.lines, 'line')}, {report.priced:,} of them priced")
    by_count = sorted(report.statuses.items(), key=lambda counted_status: (-counted_status[1], counted_status[0]))
    if report.lines:
        print_table([{"pricing status": status, "lines": count} for status, count in by_count])
    amounts: dict[str, Decimal | None] = {
        "billed": report.billed_amount,
        "allowed": report.allowed_amount,
        "Medicare pays": report.medicare_paid,
        "patient pays": report.patient_share,
    }
    show(", ".join(f"{what} {money(amount)}" for what, amount in amounts.items() if amount is not None))
    for percent, amount in report.at_percents.items():
        show(f"at {percent.normalize():f} % of what Medicare allows for each line: {money(amount)}")
    if report.allowed_without_edits is not None:
        _show_edits(report, report.allowed_without_edits)
    if report.releases:
        counts = (f"{name} ({counted(count, 'line')})" for name, count in report.releases.items())
        show(wrapped(", ".join(counts), "releases: "))
    for path, count in report.written.items():
        show(f"{path}: {count:,} written")


def _at_percents(report: ClaimReport) -> list[dict[str, Decimal]]:
    return [{"percent": percent, "amount": amount} for percent, amount in report.at_percents.items()]


def _show_edits(report: ClaimReport, without_edits: Decimal) -> None:
    denied = sum(report.edit_rules.values())
    if not denied:
        show("edits: nothing is denied")
        return
    show(
        f"edits: {counted(denied, 'line')} denied; allowed {money(without_edits)} without them, "
        f"{money(without_edits - report.allowed_amount)} less with them"
    )
    by_count = sorted(report.edit_rules.items(), key=lambda counted_rule: (-counted_rule[1], counted_rule[0]))
    print_table([{"denied by edit": rule, "lines": count} for rule, count in by_count])
