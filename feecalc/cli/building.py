"""How a build is told: tables, checks and notes of each release, for ``feecalc build`` and ``feecalc fetch``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from feecalc.cli.output import WIDTH, print_table, show, wrapped
from feecalc.ingest.manifest import Manifest

_FEW = 3  # rows of a noted check that are named


def more_checks() -> tuple[Any, ...]:
    """The checks that need the pricing engine, which ingest does not know: OPPSCAP recomputed."""
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
