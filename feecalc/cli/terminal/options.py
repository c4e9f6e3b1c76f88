"""The options that more than one command has, declared once, and groups of options that a command takes as one object.

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


class OptionGroup:
    """Options that a command takes as one object: a frozen dataclass, each of its fields a declared option."""

    @classmethod
    def parameters(cls) -> list[inspect.Parameter]:
        """Return the options as parameters of a command, in the order of its help."""
        hints = get_type_hints(cls, include_extras=True)
        fields = dataclasses.fields(cls)  # type: ignore[arg-type]  # every group is a dataclass
        return [option_parameter(field.name, hints[field.name], field.default) for field in fields]

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
    for parameter in signature.parameters.values():
        group = parameter.annotation
        if isinstance(group, type) and issubclass(group, OptionGroup):
            groups[parameter.name] = (group, group.parameters())
            parameters += groups[parameter.name][1]
        else:
            parameters.append(option_parameter(parameter.name, group, parameter.default))
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
    spread.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return spread


def option_parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    """Return a parameter of a command as typer reads it; without a default where that is empty."""
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
        help='Payment locality, 09102-04 or "Miami, FL"; may be repeated. Default: all.',
    ),
]
LocalityOfAllOption = Annotated[
    str | None,
    typer.Option("--locality", metavar="PLACE", help='Payment locality for all lines: 09102-04 or "Miami, FL".'),
]
LocalityOfRestOption = Annotated[
    str | None,
    typer.Option(
        "--locality",
        metavar="PLACE",
        help='Locality for volume rows without one (09102-04, "Miami, FL" or national), or for all claim lines.',
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
    typer.Option(
        "--percent", metavar="N|N..N", help="Also show amounts at a percent of Medicare: 150, or a range: 120..200."
    ),
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

# From one release to another ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ReleaseChangeOptions(OptionGroup):
    """A change from one release to another: both releases, and the floor and factor of each."""

    former: Annotated[str, typer.Option("--from", metavar="NAME", help="CMS release before the change, such as 2025D.")]
    latter: Annotated[
        str, typer.Option("--to", metavar="NAME", help="CMS release after the change, such as 2026C; may be the same.")
    ]
    no_gpci_floor_from: Annotated[
        bool, typer.Option("--from-no-gpci-floor", help="Price the first release without the work GPCI floor.")
    ] = False
    no_gpci_floor_to: Annotated[
        bool, typer.Option("--to-no-gpci-floor", help="Price the second release without the work GPCI floor.")
    ] = False
    factor_to: Annotated[
        str | None,
        typer.Option(
            "--to-factor",
            metavar="USD",
            help="Conversion factor for the second release, in dollars per RVU. Default: the release's own.",
        ),
    ] = None
