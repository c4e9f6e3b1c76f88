"""What the commands of ``feecalc contract`` share: the practice a contract is priced over."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feecalc.cli.options import day_option, words_option
from feecalc.cli.output import one_line, say, wrapped
from feecalc.errors import InvalidValue

if TYPE_CHECKING:
    from feecalc.contracts.categories import Taxonomy
    from feecalc.contracts.contract import Contract
    from feecalc.contracts.practice import ClaimPractice, VolumePractice

NO_ANSWER = 1  # exit code
ROWS_SHOWN = 12  # of a table, where --rows does not say
_REPORT = ".html"
_NUMBER = re.compile(r"-?\d[\d.,]*%?")  # a percent, or meant as one
ContractArgument = Annotated[
    Path, typer.Argument(metavar="CONTRACT", help="A contract: .toml, the .xlsx template, or a percent: 150.")
]
ContractsArgument = Annotated[
    list[Path], typer.Argument(metavar="CONTRACT...", help="Contracts: .toml, the .xlsx template, or percents.")
]
VolumeOption = Annotated[
    Path | None,
    typer.Option(
        "--volume", metavar="FILE", help="Codes, modifiers, places, localities, units, charges: .csv, .xlsx, .parquet."
    ),
]
ClaimsOption = Annotated[
    Path | None,
    typer.Option("--claims", metavar="FILE", help="Claim lines in place of a volume: .csv, .xlsx, .parquet."),
]
LocalityOption = Annotated[
    str | None,
    typer.Option("--locality", metavar="PLACE", help='Where the file names none: 09102-04, "Miami, FL" or national.'),
]
ForRowsDateOption = Annotated[
    str | None, typer.Option("--date", metavar="YYYY-MM-DD", help="Day of the volume's services and of the terms.")
]
RbcsOption = Annotated[
    Path | None, typer.Option("--rbcs", metavar="FILE", help="CMS's RBCS taxonomy, for categories by RBCS.")
]
ReleasedOption = Annotated[
    str | None,
    typer.Option(
        "--release", metavar="NAME", help="Release that is current Medicare. Default: the newest, or by date."
    ),
]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write every row: .csv, .xlsx or .parquet.")
]
ReportOption = Annotated[
    Path | None, typer.Option("--report", metavar="FILE", help="Write all of it to print or send: .html.")
]
RowsOption = Annotated[int, typer.Option("--rows", metavar="N", help="Codes to print; all are in --json and -o.")]


def contract_argument(path: Path) -> Contract:
    """A contract from its file, or the simplest one where a percent stands in its place: 150. Raises InvalidValue."""
    from feecalc.contracts.contract import Contract
    from feecalc.contracts.files.reading import read_contract

    if _NUMBER.fullmatch(path.name) and str(path) == path.name and not path.exists():
        from feecalc.cli.percent import percents_option

        (percent,) = percents_option(path.name)
        return Contract.at(percent)
    return read_contract(path)


def opened_practice(
    volume: Path | None,
    claims: Path | None,
    *,
    locality: str | None = None,
    release: str | None = None,
    date: str | None = None,
    qp: bool = False,
    rbcs: Path | None = None,
) -> VolumePractice | ClaimPractice:
    """The volume or claims that were named, ready to be priced; notices are said. Errors as the readers'."""
    if (volume is None) == (claims is None):
        raise InvalidValue("give either --volume FILE or --claims FILE")
    day = day_option(date)
    taxonomy = taxonomy_option(rbcs)
    place = None if locality is None else words_option(locality, "locality")
    if volume is not None:
        from feecalc.contracts.practice import VolumePractice
        from feecalc.contracts.pricing import VolumeContracts
        from feecalc.files.volume import read_volume
        from feecalc.installed import open_schedule, open_zip_directory

        opened = open_schedule(release, day=day)
        for notice in opened.notices:
            say(wrapped(notice))
        rows = read_volume(volume, [opened.schedule], locality=place, day=day, zips=open_zip_directory(day=day))
        return VolumePractice(rows, VolumeContracts(opened.schedule, day, qp, taxonomy), day)
    assert claims is not None
    from feecalc.contracts.practice import ClaimPractice
    from feecalc.files.claim_lines import LineDefaults
    from feecalc.runs.reading import read_claims

    lines = read_claims(claims, defaults=LineDefaults(locality=place, day=day, qp=qp), release=release)
    for text in (*lines.columns.lines(), *lines.notes):
        say(wrapped(text))
    return ClaimPractice(lines, taxonomy)


def taxonomy_option(path: Path | None) -> Taxonomy | None:
    """The taxonomy of ``--rbcs``."""
    if path is None:
        return None
    from feecalc.contracts.categories import read_taxonomy

    return read_taxonomy(path)


def refuse_same(output: Path | None, *inputs: Path | None, report: Path | None = None) -> None:
    """Raises InvalidValue where a file would be written over an input or the other one, or has another ending."""
    if output is not None:
        from feecalc.cli.writing import writer_of

        writer_of(output)
    if report is not None and report.suffix.lower() != _REPORT:
        raise InvalidValue(f"--report {one_line(report)}: the report's name must end in {_REPORT}")
    read = {each.resolve() for each in inputs if each is not None}
    for name, written in (("--output", output), ("--report", report)):
        if written is not None and written.resolve() in read:
            raise InvalidValue(f"{name} {one_line(written)} is a file to be read; give another name")
