"""``feecalc build``: CMS's files on disk, checked and installed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from feecalc.cli.options import bounded
from feecalc.cli.output import JsonOption, print_json, say


def register(app: typer.Typer) -> None:
    """Add the command ``build``."""
    app.command("build", epilog="Examples: feecalc build rvu26c.zip; feecalc build unpacked/ --release RVU26C")(build)


def build(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE_OR_FOLDER",
            help="Zips of relative value files; ZIP, base units, OPPS, ASC and NCCI files or zips; folders of them.",
            show_default=False,
        ),
    ],
    release: Annotated[
        str | None,
        typer.Option("--release", metavar="NAME", help="Which release it is, where its name does not say: RVU26C."),
    ] = None,
    allow_warnings: Annotated[
        bool, typer.Option("--allow-warnings", help="Install in spite of warnings that touch no price; recorded.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Install releases and other CMS files from disk.

    Each is read, checked, and installed whole or not at all.
    """
    from feecalc.cli.building import more_checks, show_manifest
    from feecalc.errors import FeeCalcError, InvalidValue
    from feecalc.ingest.build import Order, build_each
    from feecalc.ingest.manifest import Manifest
    from feecalc.ingest.store import Store

    order = Order(Store(), release, allow_warnings, more_checks=more_checks(), say=say)
    installed: list[Manifest] = []
    failed: list[tuple[str, FeeCalcError]] = []
    for text in bounded(paths, "files and folders"):
        try:
            for name, outcome in build_each(Path(text).expanduser(), order):
                if isinstance(outcome, FeeCalcError):
                    failed.append((name, outcome))
                    continue
                for manifest in outcome:
                    if not as_json:
                        show_manifest(manifest, first=not installed)
                    installed.append(manifest)
        except InvalidValue as error:
            failed.append((text, error))
    if len(failed) == 1 and not installed:
        raise failed[0][1]
    if as_json:
        problems = [{"source": name, "type": type(why).__name__, "message": str(why)} for name, why in failed]
        print_json({"installed": [manifest.as_dict() for manifest in installed], "failed": problems})
    for name, why in failed:
        say(f"feecalc: {why}" if name in str(why) else f"feecalc: {name}: {why}")
    if failed:
        say(f"feecalc: {len(failed)} of {len(failed) + len(installed)} were not installed")
        raise typer.Exit(2)
