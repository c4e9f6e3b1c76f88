"""feecalc from a shell: ``commands`` has a module for each command, ``terminal`` what they share.

Exit codes: 0 done, 1 the answer is no (no price, a difference, a finding), 2 wrong usage or input. Results go to
standard output; notices, progress and errors to standard error. With ``--json`` standard output holds one JSON
document and nothing else, also when the command fails: ``{"error": {"type": ..., "message": ...}}``.

A command's module imports at its top what starts fast, and the rest inside the command that needs it: a price
is waited for at a prompt.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feecalc.cli.terminal.shell import Shell

if TYPE_CHECKING:
    app: typer.Typer

# Each command's name and the module of ``commands`` that registers it.
COMMANDS = {
    "price": "price",
    "table": "table",
    "compare": "compare",
    "bridge": "bridge",
    "reprice": "reprice",
    "claims": "claims",
    "contract": "contract",
    "forecast": "forecast",
    "check": "check",
    "facility": "facility",
    "site-of-service": "site_of_service",
    "localities": "localities",
    "releases": "releases",
    "fetch": "fetch",
    "build": "build",
    "conformance": "conformance",
    "app": "app",
}


def main() -> None:
    """Run the command that the shell's arguments name, and exit."""
    named = sys.argv[1] if len(sys.argv) > 1 else ""
    _shell([named] if named in COMMANDS else COMMANDS)()  # one command starts faster than all


def __getattr__(name: str) -> Any:
    """Return ``app``, the typer application of all commands, made when it is first needed."""
    if name == "app":
        return _all_commands()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@cache
def _all_commands() -> typer.Typer:
    return _shell(COMMANDS)


def _shell(commands: Iterable[str]) -> typer.Typer:
    shell = typer.Typer(
        cls=Shell,
        name="feecalc",
        help="Medicare physician fees, exact to the cent and explained step by step.",
        epilog="Exit codes: 0 done, 1 the answer is no (no price, a difference, a line that will be denied, or what "
        "--strict finds), 2 wrong usage or input.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        pretty_exceptions_show_locals=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    shell.callback()(_options)
    for command in commands:
        import_module(f"{__name__}.commands.{COMMANDS[command]}").register(shell)
    return shell


def _show_version(wanted: bool) -> None:
    if wanted:
        from feecalc import __version__

        typer.echo(f"feecalc {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    pass
