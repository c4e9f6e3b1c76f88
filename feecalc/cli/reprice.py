"""``feecalc reprice``: the claims whose allowed amount changes from one release, floor or factor to another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feecalc.cli.clashes import refuse_clashes
from feecalc.cli.counting import counted
from feecalc.cli.options import (
    ClaimFileArgument,
    DateOfAllOption,
    LocalityOfAllOption,
    MapOption,
    PosOfRestOption,
    taken,
)
from feecalc.cli.output import JsonOption, money, print_json, print_table, say, show, show_large, wrapped
from feecalc.cli.volumes import OutputOption
from feecalc.errors import InvalidValue

if TYPE_CHECKING:
    from decimal import Decimal

    import polars as pl

    from feecalc.scenarios.reprice import Repriced

_CLAIMS_SHOWN = 10
_SERVICES_SHOWN = 8


def _flag(name: str, what: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(name, help=what)
    return option


def register(app: typer.Typer) -> None:
    """Add the command ``reprice``."""
    app.command("reprice", epilog="Example: feecalc reprice --from 2026B --to 2026C october.csv -o again.csv")(reprice)


def reprice(
    file: ClaimFileArgument,
    former: Annotated[str, taken("--from", "NAME", "CMS release the claims were priced by, 2026B.")],
    latter: Annotated[str, taken("--to", "NAME", "CMS release to price them by now; may be the same one.")],
    qp_from: Annotated[bool, _flag("--from-qp", "Begin with the QP conversion factor for all lines.")] = False,
    qp_to: Annotated[bool, _flag("--to-qp", "End with the QP conversion factor for all lines.")] = False,
    no_gpci_floor_from: Annotated[
        bool, _flag("--from-no-gpci-floor", "Begin without the work GPCI floor.")
    ] = False,
    no_gpci_floor_to: Annotated[bool, _flag("--to-no-gpci-floor", "End without the work GPCI floor.")] = False,
    factor_from: Annotated[str | None, taken("--from-factor", "USD", "Conversion factor to begin with.")] = None,
    factor_to: Annotated[str | None, taken("--to-factor", "USD", "Conversion factor to end with.")] = None,
    least: Annotated[str, taken("--least", "USD", "Smallest change of a line that counts.")] = "0.01",
    map_file: MapOption = None,
    locality: LocalityOfAllOption = None,
    pos: PosOfRestOption = None,
    date: DateOfAllOption = None,
    output: OutputOption = None,
    lines: Annotated[Path | None, taken("--lines", "FILE", "Write the changed lines: .csv, .parquet or .xlsx.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List the claims whose allowed amount changes between two releases, floors or factors.

    The list to reprocess: -o writes a row a claim, --lines a row a line. Each release prices all lines; those of
    another year as if given on the same day of its own.
    """
    from feecalc.cli.claim_lines import given_options
    from feecalc.cli.progress import progress
    from feecalc.cli.volumes import terms_of
    from feecalc.cli.writing import write_table, writer_of
    from feecalc.files.column_map import read_column_map
    from feecalc.files.opened_file import plain_errors
    from feecalc.runs.reading import read_claims
    from feecalc.scenarios.reprice import reprice as price_twice
    from feecalc.scenarios.reprice import shifts_years

    for path in (output, lines):
        if path is not None:
            writer_of(path)
    refuse_clashes({"the claim file": file, "the map": map_file}, {"--output": output, "--lines": lines})
    smallest = _least(least)
    sides = [
        terms_of(former, qp_from, no_gpci_floor_from, factor_from),
        terms_of(latter, qp_to, no_gpci_floor_to, factor_to),
    ]
    begin, end = sides[0][0], sides[1][0]
    given = given_options(locality, date, pos)
    column_map = None if map_file is None else read_column_map(map_file)
    claims = read_claims(file, column_map=column_map, defaults=given, release=end.schedule.release.name)
    notices = list(dict.fromkeys([*claims.columns.lines(), *claims.notes, *(say for _, said in sides for say in said)]))
    if shifts_years(begin, end):
        notices.append(
            f"{begin.schedule.release.name} and {end.schedule.release.name} price different years: each line is priced "
            "as if given on the same day of either year"
        )
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
    """The list for --json."""
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


def _least(text: str) -> Decimal:
    from decimal import Decimal, InvalidOperation

    try:
        if text.isascii() and (least := Decimal(text.strip().removeprefix("$"))) > 0:
            return least
    except InvalidOperation:
        pass
    raise InvalidValue(f"--least {text[:40]!r}: write dollars above 0, for example 0.01")


def _show(found: Repriced, written: dict[str, int]) -> None:
    change = found.to_total - found.from_total
    show_large(f"{found.claims.height:,} of {counted(found.all_claims, 'claim')} change, {change:+,.2f} in all")
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
