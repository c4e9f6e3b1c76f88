"""``feecalc table``: the fees of a release, every code in every locality or the ones chosen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feecalc.cli.terminal.arguments import bounded, code_arguments, day_option, words_option
from feecalc.cli.terminal.options import (
    DateOption,
    JsonOption,
    LocalitiesOption,
    NoGpciFloorOption,
    OutputOption,
    PercentOption,
    QpOption,
    ReleaseOption,
    add_command,
)
from feecalc.cli.terminal.output import print_json, print_table, say, show, wrapped
from feecalc.cli.terminal.output_files import check_table, write_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    import polars as pl

_ROWS_SHOWN = 40
_KEYS = ("hcpcs", "modifier", "mac", "locality", "state")
_AMOUNTS = ("nonfacility_amount", "facility_amount")
_HEADINGS = {
    "hcpcs": "code",
    "modifier": "mod",
    "mac": "MAC",
    "locality": "loc",
    "state": "state",
    "status_indicator": "status",
    "nonfacility_amount": "nonfacility",
    "facility_amount": "facility",
    "nonfacility_uncapped_amount": "uncapped\nnonfacility",
    "facility_uncapped_amount": "uncapped\nfacility",
    "limiting_charge": "limiting\ncharge",
}


def register(app: typer.Typer) -> None:
    """Add the command ``table``."""
    add_command(app, "table", table, example="Example: feecalc table --release 2026C --locality 09102-04 -o fees.csv")


def table(
    release: ReleaseOption = None,
    date: DateOption = None,
    locality: LocalitiesOption = None,
    code: Annotated[
        list[str] | None,
        typer.Option("--code", metavar="CODE", help="Procedure code; may be repeated. Default: all."),
    ] = None,
    qp: QpOption = False,
    no_gpci_floor: NoGpciFloorOption = False,
    percent: PercentOption = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """List a release's fees, in all localities or chosen ones.

    Each row is a code in a locality, with what Medicare allows in an office and in a facility. Amounts are empty
    where Medicare has no price. The uncapped amounts are as CMS's own payment amount files print them; the others
    keep to the OPPS cap. With --percent the office and facility amounts are also given at that percent of Medicare,
    or at both ends of a range. Without -o the first rows are printed.
    """
    from feecalc.cli.terminal.arguments import percents_option
    from feecalc.installed import open_schedule
    from feecalc.pricing.percent_of_medicare import published_beside

    day, percents = day_option(date), () if percent is None else percents_option(percent)
    codes = code_arguments(code) if code else None
    places = [words_option(text, "locality") for text in bounded(locality or [], "localities")]
    check_table(output)  # a wrong ending is said before the work, not after
    opened = open_schedule(release, day=day)
    notices = opened.all_notices(gpci_floor=not no_gpci_floor)
    for notice in notices:
        say(notice)
    schedule = opened.schedule
    chosen = [schedule.find_locality(place) for place in places] or None
    fees = schedule.table(codes=codes, localities=chosen, day=day, qp=qp, gpci_floor=not no_gpci_floor, notes=True)
    if percents:
        from feecalc.runs.percents import published_note, with_percents

        fees = with_percents(fees, percents, _AMOUNTS)
        if note := published_note(percents, schedule.release.day(day)):
            say(wrapped(note))
    about = {"release": schedule.release.name, "sha256": schedule.release.sha256, "rows": fees.height}
    if output is not None:
        _write(fees, output, about, as_json=as_json)
    elif as_json:
        published = {"benchmarks": published_beside(percents, schedule.release.day(day))} if percents else {}
        print_json({**about, "notices": notices, **published, "rows": fees})
    else:
        _print(fees, percents)


def _write(fees: pl.DataFrame, output: Path, about: dict[str, object], *, as_json: bool) -> None:
    size = write_table(fees, output)
    if as_json:
        print_json({**about, "file": output, "bytes": size})
    else:
        show(f"{output}: {fees.height:,} rows of {about['release']}")


def _print(fees: pl.DataFrame, percents: Sequence[Decimal]) -> None:
    from feecalc.runs.percents import percent_name

    headings = _HEADINGS
    if percents:  # in place of what else there is: a line holds no more
        also = {
            percent_name(amount, percent): f"{_HEADINGS[amount]}\nat {percent.normalize():f} %"
            for amount in _AMOUNTS
            for percent in percents
        }
        headings = {name: _HEADINGS[name] for name in (*_KEYS, *_AMOUNTS)} | also
    shown = fees.head(_ROWS_SHOWN)
    print_table(shown, headings)
    _print_notes(shown)
    if fees.height > _ROWS_SHOWN:
        say(
            f"the first {_ROWS_SHOWN} of {fees.height:,} rows; all of them: -o fees.csv, or choose with --code and "
            "--locality"
        )


def _print_notes(shown: pl.DataFrame) -> None:
    """Print each note of the rows shown once, with the codes it is of."""
    for name, setting in (("nonfacility_notes", "nonfacility"), ("facility_notes", "facility")):
        of_notes: dict[str, list[str]] = {}
        for code, modifier, note in shown.select("hcpcs", "modifier", name).unique(maintain_order=True).iter_rows():
            if note:
                of_notes.setdefault(note, []).append(f"{code}-{modifier}" if modifier else code)
        for note, codes in of_notes.items():
            show(wrapped(f"{', '.join(codes)}, {setting} amount: {note}"))
