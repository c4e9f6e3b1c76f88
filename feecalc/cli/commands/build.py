"""``feecalc build``: CMS's files on disk, checked and installed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feecalc.cli.terminal.arguments import bounded
from feecalc.cli.terminal.options import JsonOption, add_command
from feecalc.cli.terminal.output import WIDTH, print_json, print_table, say, show, wrapped
from feecalc.cli.terminal.shell import WRONG_USAGE

if TYPE_CHECKING:
    from feecalc.ingest.manifest import Manifest

_FEW = 3  # rows of a noted check that are named


def register(app: typer.Typer) -> None:
    """Add the command ``build``."""
    add_command(
        app, "build", build, example="Examples: feecalc build rvu26c.zip; feecalc build unpacked/ --release RVU26C"
    )


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
        bool, typer.Option("--allow-warnings", help="Install despite warnings that touch no price; they are recorded.")
    ] = False,
    services: Annotated[
        str | None,
        typer.Option(
            "--services",
            metavar="WHOSE",
            help="Whose edits NCCI's files hold, where neither they nor their names say it: practitioner or hospital.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Install releases and other CMS files from disk.

    Each is read, checked, and installed whole or not at all.
    """
    from feecalc.errors import FeeCalcError, InvalidValue
    from feecalc.ingest.assembly.kinds import SERVICES
    from feecalc.ingest.build import Order, build_sources
    from feecalc.ingest.store import Store

    if services is not None and services not in SERVICES:
        raise InvalidValue(f"--services {services[:40]!r}: it is one of {', '.join(SERVICES)}")
    order = Order(Store(), release, allow_warnings, more_checks=more_checks(), report=say, services=services)
    installed: list[Manifest] = []
    failed: list[tuple[str, FeeCalcError]] = []
    for text in bounded(paths, "files and folders"):
        try:
            for name, outcome in build_sources(Path(text).expanduser(), order):
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
        raise typer.Exit(WRONG_USAGE)


def more_checks() -> tuple[Any, ...]:
    """Return the checks that need the pricing engine, which ingest does not know: OPPSCAP recomputed."""
    from feecalc.conformance import oppscap_check

    return (oppscap_check,)


def show_manifest(manifest: Manifest, *, first: bool = True, kept: bool = False) -> None:
    """Show what was installed, from which member, what was checked and what is new; a blank line above all but the
    first. ``kept``: it was installed before; when and from where is shown too.
    """
    if not first:
        show()
    begins = f", services from {manifest.first_date_of_service}" if manifest.first_date_of_service else ""
    show(f"{manifest.name} installed from {manifest.source['name']}{begins if manifest.kind == 'release' else ''}")
    show(f"sha256 {manifest.source['sha256']}")
    if kept:
        show(f"built {manifest.built[:10]} by feecalc {manifest.feecalc_version}")
        if manifest.source.get("address"):
            show(f"from {manifest.source['address']}, retrieved {str(manifest.source.get('retrieved'))[:10]}")
    show()
    print_table(
        [{"table": table, **entry} for table, entry in manifest.tables.items()],
        {"table": "table", "rows": "rows", "member": "read from"},
    )
    show()
    print_table(
        [{**check, "outcome": _outcome(check)} for check in manifest.checks],
        {"check": "check", "checked": "checked", "outcome": "outcome", "detail": "detail"},
    )
    for check in manifest.checks:  # in full: the table cuts a long detail short
        if check["severity"] == "note" and check["failed"]:
            rows = "; ".join(" ".join(str(value) for value in row.values() if value) for row in check["sample"][:_FEW])
            more = f"; {check['failed'] - _FEW:,} more" if check["failed"] > _FEW else ""
            show(wrapped(f"{check['detail']} ({rows}{more})", f"{check['check']}: "))
        elif len(check["detail"]) > WIDTH:
            show(wrapped(check["detail"], f"{check['check']}: "))
    for note in manifest.notes:
        show(f"note: {note}")
    if manifest.allowed_warnings:
        show("note: installed in spite of warnings, as --allow-warnings says; the manifest records them")


def _outcome(check: Mapping[str, Any]) -> str:
    if check["severity"] == "note":
        return f"{check['failed']:,} noted" if check["failed"] else "note"
    return "ok" if not check["failed"] else f"{check['failed']:,} failed"
