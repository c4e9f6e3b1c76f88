"""How a build is told: tables, checks and notes of each release, for ``feecalc build`` and ``feecalc fetch``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from feecalc.cli.output import WIDTH, print_table, show, wrapped
from feecalc.ingest.manifest import Manifest


def more_checks() -> tuple[Any, ...]:
    """The checks that need the pricing engine, which ingest does not know: OPPSCAP recomputed."""
    from feecalc.conformance import oppscap_check

    return (oppscap_check,)


def show_manifest(manifest: Manifest, *, first: bool = True) -> None:
    """What was installed, from which member, what was checked; a blank line above all but the first."""
    if not first:
        show()
    begins = f", services from {manifest.first_date_of_service}" if manifest.first_date_of_service else ""
    show(f"{manifest.name} installed from {manifest.source['name']}{begins if manifest.kind == 'release' else ''}")
    show(f"sha256 {manifest.source['sha256']}")
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
    for check in manifest.checks:
        if len(check["detail"]) > WIDTH:  # the table cuts it
            show(wrapped(check["detail"], f"{check['check']}: "))
    for note in manifest.notes:
        show(f"note: {note}")
    if manifest.allowed_warnings:
        show("note: installed in spite of warnings, as --allow-warnings says; the manifest records them")


def _outcome(check: Mapping[str, Any]) -> str:
    if check["severity"] == "note":
        return "note"
    return "ok" if not check["failed"] else f"{check['failed']:,} failed"
