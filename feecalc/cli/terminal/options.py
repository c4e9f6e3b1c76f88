"""The options of several commands, each declared once; groups of them that a command takes as one object.

``add_command`` registers a command. A parameter of it whose type is an ``OptionGroup`` stands for all options of the
group: a person sees them one by one, and the command is handed the group.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Self, get_type_hints

import typer

from feecalc.cli.terminal.arguments import mips_percent_option
from feecalc.pricing.claims.rules import RULE_WORDS, ClaimRules


class OptionGroup:
    """Options that a command takes as one object: a frozen dataclass, each of its fields a declared option."""

    @classmethod
    def parameters(cls) -> list[inspect.Parameter]:
        """Return the options as parameters of a command, in the order of its help."""
        hints = get_type_hints(cls, include_extras=True)
        fields = dataclasses.fields(cls)  # type: ignore[arg-type]  # every group is a dataclass
        return [_parameter(field.name, hints[field.name], field.default) for field in fields]

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """Return the group of what a person gave. Raises InvalidValue."""
        return cls(**given)


def add_command(app: typer.Typer, name: str, command: Callable[..., None], *, example: str) -> None:
    """Add ``command`` to ``app`` under ``name``; ``example`` stands below its help."""
    app.command(name, epilog=example)(_spread(command))


def _spread(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command with the options of each of its groups as parameters of its own, as typer reads them."""
    signature = inspect.signature(command, eval_str=True)
    groups: dict[str, tuple[type[OptionGroup], list[inspect.Parameter]]] = {}
    parameters: list[inspect.Parameter] = []
    for each in signature.parameters.values():
        if isinstance(each.annotation, type) and issubclass(each.annotation, OptionGroup):
            groups[each.name] = (each.annotation, each.annotation.parameters())
            parameters += groups[each.name][1]
        else:
            parameters.append(_parameter(each.name, each.annotation, each.default))
    if not groups:
        return command

    @wraps(command)
    def spread(**given: Any) -> None:
        found = {
            name: group.of({option.name: given.pop(option.name) for option in options})
            for name, (group, options) in groups.items()
        }
        command(**given, **found)

    spread.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]  # what typer reads
    spread.__annotations__ = {each.name: each.annotation for each in parameters}
    return spread


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    nothing = default in (dataclasses.MISSING, inspect.Parameter.empty)
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=inspect.Parameter.empty if nothing else default,
        annotation=annotation,
    )


# Which release, day and place --------------------------------------------------------------------------------------

ReleaseOption = Annotated[
    str | None,
    typer.Option("--release", metavar="NAME", help="CMS release, 2026C or RVU26C. Default: the newest installed."),
]
LocalitiesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--locality",
        metavar="PLACE",
        help='Payment locality, 09102-04 or "Miami, FL"; repeat for several. Default: all.',
    ),
]
PlaceOfRestOption = Annotated[
    str | None,
    typer.Option(
        "--locality", metavar="PLACE", help='Locality for rows without one: 09102-04, "Miami, FL" or national.'
    ),
]
DateOption = Annotated[
    str | None,
    typer.Option("--date", metavar="YYYY-MM-DD", help="Date of service; picks the release in force on that day."),
]
QpOption = Annotated[
    bool, typer.Option("--qp", help="Use the conversion factor for qualifying APM participants (from 2026).")
]
NoGpciFloorOption = Annotated[bool, typer.Option("--no-gpci-floor", help="Use the work GPCI without the floor of 1.0.")]
PercentOption = Annotated[
    str | None,
    typer.Option("--percent", metavar="N|N..N", help="Also at a percent of Medicare, 150, or a range, 120..200."),
]

# What is written and printed ---------------------------------------------------------------------------------------

JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on standard output and nothing else.")
]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write the rows to this file: .csv, .parquet or .xlsx."),
]
ChartOption = Annotated[
    Path | None, typer.Option("--chart", metavar="FILE", help="Draw a picture to this file: .png, .svg or .pdf.")
]

# A claim file and how it is read -----------------------------------------------------------------------------------

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
    locality: Annotated[
        str | None,
        typer.Option("--locality", metavar="PLACE", help='Payment locality for all lines: 09102-04 or "Miami, FL".'),
    ] = None
    pos: PosOfRestOption = None
    date: DateOfAllOption = None


@dataclass(frozen=True)
class EditOptions(OptionGroup):
    """What a claim file is checked against besides feecalc's own edits."""

    policy: Annotated[
        list[Path] | None,
        typer.Option(
            "--policy",
            metavar="PATH",
            help="Coverage policy (LCD) as TOML, or a folder of them, besides feecalc's own; repeat for several.",
        ),
    ] = None
    diagnoses: Annotated[
        list[str] | None,
        typer.Option(
            "--diagnoses",
            metavar="FILE",
            help="Your contractor's list of diagnoses, .csv or .toml, or POLICY=FILE; repeat for several.",
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

    @property
    def given(self) -> bool:
        """Return whether any of them was given."""
        return bool(self.policy or self.diagnoses or self.history is not None)


# The rules of a claim ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RuleOptions(OptionGroup):
    """The fields of ClaimRules that a person sets: ``--no-RULE`` for each rule of RULE_WORDS, and the MIPS percent."""

    rules: ClaimRules

    @classmethod
    def parameters(cls) -> list[inspect.Parameter]:
        """Return an option for each rule, read from RULE_WORDS and the fields of ClaimRules."""
        mips = typer.Option(
            "--mips-percent", metavar="PERCENT", help="MIPS payment adjustment, in percent: 1.25 or -9."
        )
        usual = {field.name: field.default for field in dataclasses.fields(ClaimRules)}
        return [
            _parameter("mips_percent", Annotated[str, mips], usual["mips_percent"]),
            *(_parameter(f"no_{rule}", _switch(rule, words), False) for rule, words in RULE_WORDS.items()),
        ]

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """Return the rules as chosen. Raises InvalidValue for a MIPS percent that is none."""
        rules: dict[str, Any] = {rule: not given[f"no_{rule}"] for rule in RULE_WORDS}
        return cls(ClaimRules(**rules, mips_percent=mips_percent_option(given["mips_percent"])))


def _switch(rule: str, words: str) -> Any:
    if rule == "gpci_floor":  # the one that other commands have too
        return NoGpciFloorOption
    return Annotated[bool, typer.Option(f"--no-{rule.replace('_', '-')}", help=f"Leave out: {words}.")]


# Two releases side by side -----------------------------------------------------------------------------------------

FromNoGpciFloorOption = Annotated[
    bool, typer.Option("--from-no-gpci-floor", help="Price the first release without the work GPCI floor.")
]
ToNoGpciFloorOption = Annotated[
    bool, typer.Option("--to-no-gpci-floor", help="Price the second release without the work GPCI floor.")
]
ToFactorOption = Annotated[
    str | None,
    typer.Option(
        "--to-factor",
        metavar="USD",
        help="Conversion factor for the second release, in dollars per RVU. Default: the release's own.",
    ),
]
