"""The options of ``feecalc contract``: which contracts, the practice they are priced over, and current Medicare."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from feecalc.cli.terminal.options import LocalityOfAllOption, LocalityOfRestOption, OptionGroup, QpOption

ROWS_SHOWN = 12  # of a table, where --rows does not say
ContractArgument = Annotated[
    Path, typer.Argument(metavar="CONTRACT", help="A contract: .toml, the .xlsx template, or a percent: 150.")
]
ContractsArgument = Annotated[
    list[Path], typer.Argument(metavar="CONTRACT...", help="Contracts: .toml, the .xlsx template, or percents.")
]
RbcsOption = Annotated[
    Path | None, typer.Option("--rbcs", metavar="FILE", help="CMS's RBCS taxonomy file, for categories by RBCS.")
]
RowsOption = Annotated[
    int, typer.Option("--rows", metavar="N", help="Number of codes to print; -o and --json have all.")
]


@dataclass(frozen=True)
class CurrentMedicareOptions(OptionGroup):
    """The current Medicare that a contract's amounts are compared with, and how its services are put in categories."""

    locality: LocalityOfAllOption = None
    release: Annotated[
        str | None,
        typer.Option(
            "--release",
            metavar="NAME",
            help="CMS release of current Medicare. Default: the newest installed, or the one in force on the date.",
        ),
    ] = None
    qp: QpOption = False
    rbcs: RbcsOption = None


@dataclass(frozen=True)
class PracticeFileOptions(OptionGroup):
    """The services a practice billed: a volume or a claim file, and their date."""

    volume: Annotated[
        Path | None,
        typer.Option(
            "--volume",
            metavar="FILE",
            help="Codes, modifiers, places, localities, units, charges: .csv, .xlsx, .parquet.",
        ),
    ] = None
    claims: Annotated[
        Path | None,
        typer.Option("--claims", metavar="FILE", help="Claim lines in place of a volume: .csv, .xlsx, .parquet."),
    ] = None
    date: Annotated[
        str | None,
        typer.Option("--date", metavar="YYYY-MM-DD", help="Date of the volume's services and of the contract's terms."),
    ] = None


@dataclass(frozen=True)
class PracticeOptions(CurrentMedicareOptions, PracticeFileOptions):
    """The practice a contract is priced over, and the Medicare it is compared with; the files first in the help."""

    locality: LocalityOfRestOption = None

    @property
    def files(self) -> dict[str, Path | None]:
        """Return what is read, for ``refuse_clashes``."""
        return {"the volume": self.volume, "the claim file": self.claims, "the taxonomy": self.rbcs}
