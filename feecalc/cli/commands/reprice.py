"""``feecalc reprice``: the claims whose allowed amount changes from one release, floor or factor to another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feecalc.cli.commands.inputs import given_for_all, read_lines, terms_of_change, year_notes
from feecalc.cli.terminal.arguments import least_option
from feecalc.cli.terminal.claim_options import ClaimFileArgument, ClaimLineOptions
from feecalc.cli.terminal.options import JsonOption, OutputOption, ReleaseChangeOptions, add_command
from feecalc.cli.terminal.output import counted, money, print_json, print_table, say, show, show_large, wrapped
from feecalc.cli.terminal.output_files import check_table, refuse_clashes, write_table
from feecalc.cli.terminal.progress import progress

if TYPE_CHECKING:
    import polars as pl

    from feecalc.runs.reprice import Repriced

_CLAIMS_SHOWN = 10
_SERVICES_SHOWN = 8


def register(app: typer.Typer) -> None:
    """Add the command ``reprice``."""
    example = "Example: feecalc reprice --from 2026B --to 2026C october.csv -o again.csv"
    add_command(app, "reprice", reprice, example=example)


def reprice(
    file: ClaimFileArgument,
    *,
    change: ReleaseChangeOptions,
    qp_from: Annotated[
        bool, typer.Option("--from-qp", help="Use the QP conversion factor for the first release.")
    ] = False,
    qp_to: Annotated[
        bool, typer.Option("--to-qp", help="Use the QP conversion factor for the second release.")
    ] = False,
    factor_from: Annotated[
        str | None,
        typer.Option(
            "--from-factor",
            metavar="USD",
            help="Conversion factor for the first release, in dollars per RVU. Default: the release's own.",
        ),
    ] = None,
    least: Annotated[
        str,
        typer.Option(
            "--least", metavar="USD", help="Smallest change in a line's allowed amount that counts, in dollars."
        ),
    ] = "0.01",
    how_read: ClaimLineOptions,
    output: OutputOption = None,
    lines: Annotated[
        Path | None,
        typer.Option(
            "--lines", metavar="FILE", help="Write the lines that change to this file: .csv, .parquet or .xlsx."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the claims whose allowed amount changes.

    It changes between two releases, GPCI floors or conversion factors. This is the list to reprocess: -o writes a row
    for each claim, --lines a row for each line. Each release prices all lines; lines of another year are priced as if
    given on the same day of the release's year.
    """
    from feecalc.files.opening import plain_errors
    from feecalc.runs.reprice import reprice as price_twice

    for path in (output, lines):
        check_table(path)
    written_to = {"--output": output, "--lines": lines}
    refuse_clashes({"the claim file": file, "the map": how_read.map_file}, written_to)
    smallest = least_option(least)
    begin, end, notices = terms_of_change(change, qp_from=qp_from, qp_to=qp_to, factor_from=factor_from)
    claims = read_lines(file, how_read.map_file, given_for_all(how_read), end.schedule.release.name)
    notices = list(dict.fromkeys([*claims.columns.lines(), *claims.notes, *notices, *year_notes(begin, end)]))
    for notice in notices:
        say(wrapped(notice))
    with plain_errors(file), progress(claims.rows) as done:
        found = price_twice(claims.frame, begin, end, least=smallest, progress=done)
    written = {}
    for path, table in ((output, found.claims), (lines, found.lines)):
        if path is not None:
            write_table(table, path)
            written[str(path)] = table.height
    if as_json:
        print_json(document(found, notices, written))
    else:
        _show(found, written)


def document(found: Repriced, notices: list[str], written: dict[str, int]) -> dict[str, object]:
    """Return the list for --json."""
    return {
        "from": found.former,
        "to": found.latter,
        "notices": notices,
        "lines": found.all_lines,
        "claims": found.all_claims,
        "lines_changed": found.lines.height,
        "claims_changed": found.claims.height,
        "from_allowed": found.from_total,
        "to_allowed": found.to_total,
        "difference": found.to_total - found.from_total,
        "raised": found.raised,
        "lowered": found.lowered,
        "not_priced": found.unpriced,
        "by_service": found.by_service,
        "written": written,
        **({} if written else {"changed_claims": found.claims}),
    }


def _show(found: Repriced, written: dict[str, int]) -> None:
    from feecalc.money import signed_usd

    change = found.to_total - found.from_total
    show_large(f"{found.claims.height:,} of {counted(found.all_claims, 'claim')} change, {signed_usd(change)} in all")
    show(wrapped(f"{money(found.from_total)} by {found.former}"))
    show(wrapped(f"{money(found.to_total)} by {found.latter}"))
    show(
        f"claims that rise: {money(found.raised)} more; claims that fall: {money(-found.lowered)} less; "
        f"{found.lines.height:,} of {counted(found.all_lines, 'line')} change"
    )
    if found.lines.height:
        show()
        services = found.by_service
        print_table(services.head(_SERVICES_SHOWN), ["service", "lines", "difference"])
        if services.height > _SERVICES_SHOWN:
            say(f"the {_SERVICES_SHOWN} services of {services.height:,} that change most")
        show()
        greatest = found.claims.sort(_size(), descending=True, maintain_order=True).head(_CLAIMS_SHOWN)
        print_table(
            greatest,
            {
                "claim_id": "claim",
                "first_date": "date",
                "lines_changed": "lines\nchanged",
                "from_allowed": "allowed",
                "to_allowed": "allowed\nnow",
                "difference": "difference",
                "medicare_difference": "Medicare's\npart",
                "patient_difference": "patient's\npart",
            },
        )
        if found.claims.height > _CLAIMS_SHOWN and not written:
            say(f"the {_CLAIMS_SHOWN} claims that change most; the list: -o again.csv, its lines: --lines lines.csv")
    if found.unpriced:
        counts = ", ".join(f"{status} {count:,}" for status, count in sorted(found.unpriced.items()))
        what = counted(sum(found.unpriced.values()), "line")
        say(wrapped(f"{what} priced by neither: {counts}"))
    for path, count in written.items():
        show(f"{path}: {count:,} written")


def _size() -> pl.Expr:
    import polars as pl

    return pl.col("difference").abs()
