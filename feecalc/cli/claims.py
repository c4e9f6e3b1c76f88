"""``feecalc claims``: what Medicare allows for every line of a claim file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feecalc.cli.claim_lines import edit_wishes, given_options, opened_lines
from feecalc.cli.clashes import refuse_clashes
from feecalc.cli.counting import counted
from feecalc.cli.options import (
    ClaimFileArgument,
    DateOfAllOption,
    DiagnosesOption,
    HistoryOption,
    LocalityOfAllOption,
    MapOption,
    NoGpciFloorOption,
    PolicyOption,
    PosOfRestOption,
    QpOption,
    ReleaseOfAllOption,
    taken,
    without,
    words_option,
)
from feecalc.cli.output import JsonOption, money, one_line, print_json, print_table, quoted, say, show, wrapped
from feecalc.cli.percent import PercentOption
from feecalc.cli.progress import progress
from feecalc.errors import InvalidValue

if TYPE_CHECKING:
    from decimal import Decimal

    from feecalc.edits.tables import EditTables
    from feecalc.runs.price_report import ClaimReport, RunOutputs
    from feecalc.runs.reading import ClaimLines

_MOST_CHARACTERS = 200
_NO_ANSWER = 1


def register(app: typer.Typer) -> None:
    """Add the command ``claims``."""
    app.command("claims", epilog="Example: feecalc claims october.csv -o priced.csv --rejects not_priced.csv")(claims)


def claims(
    file: ClaimFileArgument,
    output: Annotated[
        Path | None, taken("--output", "FILE", "Write every line and its results: .csv, .parquet or .xlsx.", "-o")
    ] = None,
    release: ReleaseOfAllOption = None,
    map_file: MapOption = None,
    locality: LocalityOfAllOption = None,
    pos: PosOfRestOption = None,
    date: DateOfAllOption = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 if a line cannot be priced as written.")] = False,
    rejects: Annotated[
        Path | None, taken("--rejects", "FILE", "Write the lines that cannot be priced as written, and why.")
    ] = None,
    explain: Annotated[str | None, taken("--explain", "CLAIM_ID", "Print the receipts of a claim's lines.")] = None,
    receipts: Annotated[
        Path | None, taken("--receipts", "FOLDER", "Write one Markdown receipt a claim into this folder.")
    ] = None,
    edits: Annotated[
        bool, typer.Option("--edits", help="Take out what edits deny (feecalc check), and say what it costs.")
    ] = False,
    policy: PolicyOption = None,
    diagnoses: DiagnosesOption = None,
    history: HistoryOption = None,
    percent: PercentOption = None,
    qp: QpOption = False,
    nonparticipating: Annotated[
        bool, typer.Option("--nonparticipating", help="Billers do not participate, where the file does not say.")
    ] = False,
    provider_type: Annotated[
        str, taken("--provider-type", "TYPE", "Who bills, where the file does not say: physician, np, pa, ...")
    ] = "physician",
    mips_percent: Annotated[
        str, taken("--mips-percent", "PERCENT", "MIPS adjustment of Medicare's part, as the practice was told.")
    ] = "0",
    no_two_units_are_both_sides: Annotated[
        bool, without("two-units-are-both-sides", "two units of a code of one side as both sides")
    ] = False,
    no_reduced_service: Annotated[bool, without("reduced-service", "the assumed percent of modifier 52")] = False,
    no_surgery: Annotated[bool, without("surgery", "reductions of several surgeries")] = False,
    no_endoscopy: Annotated[bool, without("endoscopy", "endoscopy families")] = False,
    no_imaging: Annotated[bool, without("imaging", "reductions of several imaging services")] = False,
    no_therapy: Annotated[bool, without("therapy", "reductions of therapy units")] = False,
    no_diagnostic: Annotated[bool, without("diagnostic", "reductions of cardiovascular and eye tests")] = False,
    no_opps_cap: Annotated[bool, without("opps-cap", "the cap on imaging at the hospital's rate")] = False,
    no_add_on_needs_primary: Annotated[
        bool, without("add-on-needs-primary", "denial of add-on codes without a primary service")
    ] = False,
    no_lower_of_billed: Annotated[bool, without("lower-of-billed", "the billed amount as a ceiling")] = False,
    no_pair_charges_together: Annotated[
        bool, without("pair-charges-together", "both sides' charges together as the ceiling for both")
    ] = False,
    no_participation: Annotated[bool, without("participation", "the share of who does not participate")] = False,
    no_practitioner_percent: Annotated[
        bool, without("practitioner-percent", "the share of nurse practitioners and others")
    ] = False,
    no_deductible: Annotated[bool, without("deductible", "the deductible left")] = False,
    no_coinsurance: Annotated[bool, without("coinsurance", "the patient's coinsurance")] = False,
    no_sequestration: Annotated[bool, without("sequestration", "sequestration of Medicare's part")] = False,
    no_gpci_floor: NoGpciFloorOption = False,
    as_json: JsonOption = False,
) -> None:
    """Price a claim file line by line, as Medicare does.

    Columns are found by their usual headings (CPT, DOS, POS, MOD1, Charge), and which was taken for which is printed.
    A line that cannot be priced carries its status and reason, and stops nothing. No patient identifiers are needed.
    --percent adds a percent of each line's allowed amount, that is after all of Medicare's rules for the claim.
    """
    from dataclasses import replace

    from feecalc.cli.percent import percents_option, say_benchmarks
    from feecalc.pricing.claims.rules import ClaimRules
    from feecalc.runs.price import run_claims
    from feecalc.runs.price_report import RunOutputs

    given = replace(
        given_options(locality, date, pos),
        qp=qp,
        participating=not nonparticipating,
        provider_type=words_option(provider_type, "type of provider"),
    )
    rules = ClaimRules(
        two_units_are_both_sides=not no_two_units_are_both_sides,
        reduced_service=not no_reduced_service,
        surgery=not no_surgery,
        endoscopy=not no_endoscopy,
        imaging=not no_imaging,
        therapy=not no_therapy,
        diagnostic=not no_diagnostic,
        opps_cap=not no_opps_cap,
        add_on_needs_primary=not no_add_on_needs_primary,
        lower_of_billed=not no_lower_of_billed,
        pair_charges_together=not no_pair_charges_together,
        participation=not no_participation,
        practitioner_percent=not no_practitioner_percent,
        deductible=not no_deductible,
        coinsurance=not no_coinsurance,
        sequestration=not no_sequestration,
        gpci_floor=not no_gpci_floor,
        mips_percent=mips_percent_option(mips_percent),
    )
    percents = () if percent is None else percents_option(percent)
    wanted = RunOutputs(output, rejects, receipts, explain)
    _refuse(wanted, {"the claim file": file, "the map": map_file, "the history": history})
    if not edits and (policy or diagnoses or history is not None):
        raise InvalidValue("--policy, --diagnoses and --history are for the edits; give --edits too")
    wishes = edit_wishes(policy, diagnoses, history, "professional") if edits else None
    lines, opened = opened_lines(file, map_file, given, release, wishes)
    if no_gpci_floor:
        lines = _without_floor(lines)
    for text in () if opened is None else _unchecked(lines, opened.tables):
        say(wrapped(text, "not checked: "))
    with progress(lines.rows) as done:
        report = run_claims(lines, wanted, rules=rules, progress=done, edits=opened, percents=percents)
    if percents and lines.days is not None:
        say_benchmarks(percents, lines.days[1])
    if as_json:
        print_json(document(file, lines, report))
    else:
        _show(file, report)
    if strict and report.wrong:
        raise typer.Exit(_NO_ANSWER)


def _without_floor(lines: ClaimLines) -> ClaimLines:
    """The lines, and a note of where the work indices without the floor come from."""
    from dataclasses import replace

    said = dict.fromkeys(text for each in lines.opened.schedules for text in each.unfloored.notices)
    for text in said:
        say(wrapped(text))
    return replace(lines, notes=(*lines.notes, *said))


def _unchecked(lines: ClaimLines, tables: EditTables) -> list[str]:
    """What the edits lack; what they lack for surgical centers only where a line is in one."""
    import polars as pl

    from feecalc.edits.coding import technical
    from feecalc.files.opened_file import plain_errors

    said = list(tables.missing)
    if tables.missing_in_centers:
        with plain_errors(lines.path):
            inside = lines.frame.select(pl.col("place_of_service").is_in(technical.places()).any()).collect().item()
        said += tables.missing_in_centers if inside else ()
    return list(dict.fromkeys(said))


def mips_percent_option(text: str) -> str:
    """The percent, checked; raises InvalidValue unless a number from -100 to 100."""
    from decimal import Decimal, InvalidOperation

    try:
        if text.isascii() and abs(percent := Decimal(text.strip())) <= 100:
            return f"{percent:f}"
    except InvalidOperation:
        pass
    raise InvalidValue(f"{quoted(text)} is not a percent; write it as 1.25 or -9")


def _refuse(wanted: RunOutputs, read: Mapping[str, Path | None]) -> None:
    """Raises InvalidValue where nothing is to be written or told, or one file would be written over another."""
    from feecalc.cli.writing import writer_of

    if wanted.output is None and wanted.rejects is None and wanted.receipts is None and wanted.explain is None:
        stem = next(path.stem for path in read.values() if path is not None)[:_MOST_CHARACTERS]
        raise InvalidValue(f"nothing to write: give -o FILE, for example -o {stem}_priced.csv")
    for path in (wanted.output, wanted.rejects):
        if path is not None:
            writer_of(path)  # a wrong ending is said before the work, not after
    written = {"--output": wanted.output, "--rejects": wanted.rejects, "--receipts": wanted.receipts}
    refuse_clashes(read, written)


def document(file: Path, lines: ClaimLines, report: ClaimReport) -> dict[str, object]:
    """The summary for --json."""
    told: dict[str, object] = {
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
        told["denied_by_edits"] = report.edit_rules
        told["allowed_without_edits"] = report.allowed_without_edits
    return told


def _show(file: Path, report: ClaimReport) -> None:
    for receipt in report.explained:
        show(receipt)
    show(f"{one_line(file)}: {counted(report.lines, 'line')}, {report.priced:,} of them priced")
    by_count = sorted(report.statuses.items(), key=lambda each: (-each[1], each[0]))
    if report.lines:
        print_table([{"pricing status": status, "lines": count} for status, count in by_count])
    amounts = {
        "billed": report.billed_amount,
        "allowed": report.allowed_amount,
        "Medicare pays": report.medicare_paid,
        "patient pays": report.patient_share,
    }
    show(", ".join(f"{what} {money(amount)}" for what, amount in amounts.items()))
    for percent, amount in report.at_percents.items():
        show(f"at {percent.normalize():f} % of what Medicare allows for each line: {money(amount)}")
    if report.allowed_without_edits is not None:
        _show_edits(report, report.allowed_without_edits)
    if report.releases:
        each = (f"{name} ({counted(count, 'line')})" for name, count in report.releases.items())
        show(wrapped(", ".join(each), "releases: "))
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
    by_count = sorted(report.edit_rules.items(), key=lambda each: (-each[1], each[0]))
    print_table([{"denied by edit": rule, "lines": count} for rule, count in by_count])
