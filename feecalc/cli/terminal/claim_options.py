"""The options of the commands that read a claim file: how it is read, what it is checked with, which rules apply."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self

import typer

from feecalc.cli.terminal.arguments import mips_percent_option
from feecalc.cli.terminal.options import (
    LocalityOfAllOption,
    LocalityOfRestOption,
    NoGpciFloorOption,
    OptionGroup,
    option_parameter,
)
from feecalc.pricing.claims.rules import RULE_WORDS, ClaimRules

ClaimFileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="Claim lines: .csv, .parquet or .xlsx.")]
MapOption = Annotated[
    Path | None,
    typer.Option(
        "--map", metavar="FILE", help='File that says which column is which: lines "Svc Date,date_of_service", or TOML.'
    ),
]
PosOfRestOption = Annotated[
    str | None, typer.Option("--pos", metavar="CODE", help="Place of service for lines without one: 11, 22, 24 ...")
]
DateOfAllOption = Annotated[
    str | None, typer.Option("--date", metavar="YYYY-MM-DD", help="Date of service for all lines.")
]
ReleaseOfAllOption = Annotated[
    str | None,
    typer.Option(
        "--release",
        metavar="NAME",
        help="CMS release for all lines, such as 2026C. Default: the one in force on each date.",
    ),
]


@dataclass(frozen=True)
class ClaimLineOptions(OptionGroup):
    """How a claim file is read: its map of columns, and what holds for lines that do not say it."""

    map_file: MapOption = None
    locality: LocalityOfAllOption = None
    pos: PosOfRestOption = None
    date: DateOfAllOption = None


@dataclass(frozen=True)
class ClaimsOrVolumeOptions(ClaimLineOptions):
    """How a claim file is read, and the locality of a volume that may be given in its place."""

    locality: LocalityOfRestOption = None


@dataclass(frozen=True)
class EditOptions(OptionGroup):
    """What a claim file is checked against besides feecalc's own edits."""

    policy: Annotated[
        list[Path] | None,
        typer.Option(
            "--policy",
            metavar="PATH",
            help="Coverage policy (LCD) as TOML, or a folder of them, besides feecalc's own; may be repeated.",
        ),
    ] = None
    diagnoses: Annotated[
        list[str] | None,
        typer.Option(
            "--diagnoses",
            metavar="FILE",
            help="Your contractor's list of diagnoses (.csv, .xlsx, .parquet, .toml), or POLICY=FILE; may be repeated.",
        ),
    ] = None
    history: Annotated[
        Path | None,
        typer.Option(
            "--history",
            metavar="FILE",
            help="Earlier services of the patients: lines with beneficiary_id, date_of_service, hcpcs.",
        ),
    ] = None
    without: Annotated[
        list[str] | None,
        typer.Option(
            "--without",
            metavar="RULE",
            help="Leave out the findings of this rule, as they name it (sedation, sides_on_two_lines), or what is "
            "only assumed (column_1_modifiers, asc_units); repeatable.",
        ),
    ] = None

    @property
    def left_out(self) -> frozenset[str]:
        """Return the rules that are left out."""
        return frozenset(self.without or ())

    @property
    def given(self) -> bool:
        """Return whether any of them was given."""
        return bool(self.policy or self.diagnoses or self.history is not None or self.without)


# The rules of a claim ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RuleOptions(OptionGroup):
    """The fields of ClaimRules that a person sets: ``--no-RULE`` for each rule of RULE_WORDS, and the MIPS percent.

    The rule of two units has the field's word for it, bilateral; its former option is hidden and still works.
    """

    rules: ClaimRules

    @classmethod
    def parameters(cls) -> list[inspect.Parameter]:
        """Return an option for each rule, read from RULE_WORDS and the fields of ClaimRules."""
        mips = typer.Option(
            "--mips-percent", metavar="PERCENT", help="MIPS payment adjustment, in percent: 1.25 or -9."
        )
        usual = {field.name: field.default for field in dataclasses.fields(ClaimRules)}
        return [
            option_parameter("mips_percent", Annotated[str, mips], usual["mips_percent"]),
            option_parameter("bilateral_units", _BILATERAL_UNITS, True),
            *(option_parameter(f"no_{rule}", _switch(rule, words), False) for rule, words in RULE_WORDS.items()),
        ]

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """Return the rules as chosen. Raises InvalidValue for a MIPS percent that is none."""
        rules: dict[str, Any] = {rule: not given[f"no_{rule}"] for rule in RULE_WORDS}
        rules[_TWO_UNITS] &= given["bilateral_units"]
        return cls(ClaimRules(**rules, mips_percent=mips_percent_option(given["mips_percent"])))


_TWO_UNITS = "two_units_are_both_sides"
_BILATERAL_UNITS = Annotated[
    bool,
    typer.Option(
        "--two-units-bilateral/--no-two-units-bilateral",
        help="Price two units of a code that may be bilateral as a bilateral procedure, or as two procedures.",
    ),
]


def _switch(rule: str, words: str) -> Any:
    if rule == "gpci_floor":  # the one that other commands have too
        return NoGpciFloorOption
    name = f"--no-{rule.replace('_', '-')}"
    return Annotated[bool, typer.Option(name, help=f"Leave out: {words}.", hidden=rule == _TWO_UNITS)]
