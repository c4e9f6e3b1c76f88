"""``feecalc contract audit``: what a payer paid beside what its contract pays, or the terms its payments show."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feecalc.cli.commands.contract.practice import taxonomy_option
from feecalc.cli.terminal.arguments import place_option, tolerance_option
from feecalc.cli.terminal.contract_options import CurrentMedicareOptions
from feecalc.cli.terminal.options import JsonOption, OutputOption, add_command
from feecalc.cli.terminal.output import (
    counted,
    money,
    one_line,
    print_json,
    print_table,
    say,
    show,
    show_large,
    wrapped,
)
from feecalc.cli.terminal.output_files import check_table, refuse_clashes, write_table
from feecalc.cli.terminal.shell import NO_ANSWER
from feecalc.errors import InvalidValue

if TYPE_CHECKING:
    from feecalc.contracts.audit.auditing import Audit
    from feecalc.contracts.inference.fingerprint import Fingerprint

_PLACES = 40  # localities a payer could pay by
_PLACES_AS_CAUSE = 8
_ROWS_SHOWN = 15
_CODES_NAMED = 12


def register(contract: typer.Typer) -> None:
    """Add the command to the group."""
    epilog = "Example: feecalc contract audit paid.csv --contract gulf.toml -o variances.csv"
    add_command(contract, "audit", audit, example=epilog)


def audit(
    paid: Annotated[
        Path, typer.Argument(metavar="PAID", help="Claim lines with what was allowed or paid: .csv, .xlsx, .parquet.")
    ],
    *,
    contract: Annotated[
        Path | None,
        typer.Option("--contract", metavar="CONTRACT", help="Contract to compare the payments with: .toml or .xlsx."),
    ] = None,
    infer: Annotated[
        bool, typer.Option("--infer", help="Find the year, locality, rules and percents that explain the most lines.")
    ] = False,
    current: CurrentMedicareOptions,
    tolerance: Annotated[
        str, typer.Option("--tolerance", metavar="AMOUNT", help="Dollars that a line may be off, up to 1.00.")
    ] = "0.01",
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare expected with paid, and say why lines differ.

    A line is as expected, or its variance is a denial, the patient's share, a rate (another year, locality, factor
    or percent), a rule (another reading of one), or unexplained. With --infer and no contract the terms are found
    in the payments themselves, with how sure that is; where it is not sure, no line is flagged, and the exit code
    is 1.
    """
    from feecalc.contracts.audit.running import AuditRun
    from feecalc.contracts.files.reading import read_contract
    from feecalc.files.claim_lines import LineDefaults
    from feecalc.files.remittance import paid_columns
    from feecalc.installed import schedules_at_hand
    from feecalc.runs.reading import read_claims

    if contract is None and not infer:
        raise InvalidValue("give --contract FILE to compare the payments with, or --infer to find the terms in them")
    cents = tolerance_option(tolerance)
    check_table(output)
    read = {"the paid lines": paid, "the contract": contract, "the taxonomy": current.rbcs}
    refuse_clashes(read, {"--output": output})
    terms = None if contract is None else read_contract(contract)
    defaults = LineDefaults(locality=place_option(current.locality), qp=current.qp)
    lines = read_claims(paid, defaults=defaults, release=current.release)
    columns = paid_columns(lines.columns.headings, list(lines.columns.theirs.values()))
    for text in (*lines.columns.lines(), *(f"{heading} -> {name}" for name, heading in columns.items()), *lines.notes):
        say(wrapped(text))
    run = AuditRun(lines, columns, schedules_at_hand(), taxonomy_option(current.rbcs), cents)
    found = run.infer(_PLACES) if infer else None
    against = terms if terms is not None else found.contract if found is not None and found.sure else None
    audited = None if against is None else run.audit(against, _PLACES_AS_CAUSE)
    if output is not None and audited is not None:
        write_table(run.output(audited), output)
    if as_json:
        print_json({"lines": run.frame.height, "inferred": _inferred(found), **_audited(audited)})
    else:
        if found is not None:
            _show_fingerprint(found)
        if audited is not None:
            _show_audit(audited)
            if output is not None:
                show(f"{output}: {audited.lines.height:,} lines written")
        else:
            say("not sure enough to flag any line; give --contract FILE, or payments of more services")
    if audited is None:
        raise typer.Exit(NO_ANSWER)


def _inferred(found: Fingerprint | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "sure": found.sure,
        "unsure_because": list(found.unsure),
        "percent": found.percent,
        "percent_sureness": found.percent_sureness,
        "categories": dict(found.categories),
        "carve_outs": [dict(vars(fee)) for fee in found.fixed],
        "open_codes": list(found.open_codes),
        "explained_lines": int(found.explained.sum()),
        "explained_share": found.share,
        "services": found.services,
        "tried": found.tried,
        "left_out": found.left_out,
        "clauses": [
            {
                "clause": finding.clause,
                "reading": finding.reading,
                "verdict": finding.verdict,
                "sureness": finding.sureness,
                "alike": list(finding.alike),
                "others": [{"reading": name, "sureness": odds} for name, odds in finding.others],
            }
            for finding in found.findings
        ],
    }


def _audited(found: Audit | None) -> dict[str, Any]:
    if found is None:
        return {"classes": [], "causes": [], "codes": []}
    return {"classes": found.by_class(), "causes": found.by_detail(), "codes": found.by_code()}


def _show_fingerprint(found: Fingerprint) -> None:
    state = "The payments say" if found.sure else "Not sure; the payments fit best"
    own = "".join(f", {one_line(name)} {percent} %" for name, percent in found.categories)
    show_large(f"{state}: {found.percent} % of Medicare{own}")
    lines = int(found.explained.sum())
    show(
        f"explains {lines:,} of {found.paid:,} paid lines, {found.services:,} different services; {found.tried:,} tried"
    )
    rows = [
        {
            "clause": finding.clause.replace("_", " "),
            "reading": finding.meaning,
            "verdict": finding.verdict,
            "sure": f"{finding.sureness:.1%}",
            "the same amounts": ", ".join(finding.alike) or None,
            "or": ", ".join(f"{name} ({odds:.1%})" for name, odds in finding.others) or None,
        }
        for finding in found.findings
    ]
    print_table(rows)
    if found.fixed:
        show()
        show("Paid one amount whatever Medicare allows")
        fees = [
            {
                "code": "-".join(filter(None, (fee.hcpcs, fee.modifier))),
                "amount": fee.amount,
                "lines": f"{fee.lines:,} of {fee.of:,}",
                "verdict": "sure" if fee.verdict == "sure" else "or a percent of its own",
            }
            for fee in found.fixed
        ]
        print_table(fees)
    if found.open_codes:
        named = ", ".join(found.open_codes[:_CODES_NAMED]) + (", ..." if found.open_codes[_CODES_NAMED:] else "")
        count = counted(len(found.open_codes), "code")
        show(wrapped(f"No percent found for {count}, whose payments it does not explain: {named}"))
    for reason in found.unsure:
        show(wrapped(reason, "unsure: "))
    if found.left_out:
        say(f"{found.left_out:,} candidates were left out; give --locality or fewer releases")
    show()


def _show_audit(found: Audit) -> None:
    classes = found.by_class()
    show_large(f"{money(found.variance)}  paid less expected, over {found.lines.height:,} lines")
    print_table(classes.with_columns(variance_class=classes["variance_class"].str.replace_all("_", " ")), {
        "variance_class": "class", "lines": "lines", "expected": "expected", "paid": "allowed", "variance": "variance",
    })  # fmt: skip
    causes = found.by_detail()
    if causes.height:
        show()
        headings = {"variance_class": "class", "variance_detail": "why", "lines": "lines", "variance": "variance"}
        print_table(causes.head(_ROWS_SHOWN), headings)
        if causes.height > _ROWS_SHOWN:
            say(f"and {causes.height - _ROWS_SHOWN:,} more causes (--json)")
