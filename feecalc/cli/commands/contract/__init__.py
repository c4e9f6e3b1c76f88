"""``feecalc contract``: a payer's terms priced over a practice's volume or claims, compared and tested."""

from __future__ import annotations

from importlib import import_module

import typer

from feecalc.cli.terminal.shell import CommandGroup

_MODULES = ("price", "compare", "solve", "readings", "audit")  # each with ``register(contract)``
_EXAMPLE = "Example: feecalc contract price gulf.toml --volume volume.csv --json"


def register(app: typer.Typer) -> None:
    """Add the group ``contract`` and its commands."""
    contract = typer.Typer(cls=CommandGroup, no_args_is_help=True, add_completion=False, rich_markup_mode=None)
    for module in _MODULES:
        import_module(f"{__name__}.{module}").register(contract)
    app.add_typer(
        contract,
        name="contract",
        help="Price, compare, test, solve and audit a payer's contract.",
        epilog=_EXAMPLE,
    )
