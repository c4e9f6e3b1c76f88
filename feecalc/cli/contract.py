"""``feecalc contract``: a payer's terms priced over a practice's volume or claims, compared and tested."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

import typer

contract = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
_MODULES = ("contract_pricing", "contract_comparing", "contract_analysis")  # each with ``register(contract)``
_EPILOG = "Example: feecalc contract price gulf.toml --volume volume.csv --json"


def register(app: typer.Typer) -> None:
    """Add the group ``contract`` and its commands."""
    for module in _MODULES:
        if find_spec(f"feecalc.cli.{module}") is not None:
            import_module(f"feecalc.cli.{module}").register(contract)
    app.add_typer(
        contract,
        name="contract",
        help="A payer's contract: priced over a volume or claims, compared, tested, solved for.",
        epilog=_EPILOG,
    )
