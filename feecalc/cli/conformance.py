"""``feecalc conformance``: CMS's own printed amounts computed again, every row compared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feecalc.cli.options import bounded, listed, taken
from feecalc.cli.output import JsonOption, print_json, print_table, say, show

if TYPE_CHECKING:
    from feecalc.conformance import Comparison

_SAMPLE = 20  # differing rows shown


def register(app: typer.Typer) -> None:
    """Add the command ``conformance``."""
    app.command("conformance", epilog="Example: feecalc conformance --release 2025D PFREV4_2025.txt")(conformance)


def conformance(
    files: Annotated[
        list[Path] | None,
        listed(
            "FILE", "CMS's payment amount files (PFREV, PFALL) or OPPSCAP. Default: the OPPSCAP the release came with."
        ),
    ] = None,
    release: Annotated[
        str | None,
        taken("--release", "NAME", "Installed release, 2025D or RVU25D. Default: the file's year's newest."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Proof: CMS's own printed amounts computed again, row by row.

    Counts the rows that are equal, that differ, and that cannot be computed, and why. Exit code 1 when a row differs,
    or when not one row could be computed.
    """
    from feecalc.conformance import run

    report = run(release, tuple(bounded(files or (), "files")))
    for notice in report.notices:
        say(notice)
    if as_json:
        print_json(report.as_dict(_SAMPLE))
    else:
        for number, comparison in enumerate(report.comparisons):
            if number:
                show()
            _print(comparison)
    if not report.agrees:
        raise typer.Exit(1)


def _print(comparison: Comparison) -> None:
    show(f"{comparison.source} against {comparison.release}")
    counts = [("rows, both settings", comparison.count)]
    counts += list(comparison.by_setting.items())
    counts += [(f"status {status}", count) for status, count in comparison.by_status.items()]
    print_table(
        [{"": name, **count.as_dict()} for name, count in counts],
        {"": "", "rows": "rows", "equal": "equal", "different": "different", "not_computable": "not computable"},
    )
    for reason, rows in comparison.reasons.items():
        show(f"not computable, {rows:,} rows: {reason}")
    for note in comparison.notes:
        show(f"note: {note}")
    if comparison.count.different:
        shown = min(_SAMPLE, comparison.differing.height)
        show(f"The first {shown} of {comparison.differing.height:,} different rows:")
        print_table(comparison.differing.head(_SAMPLE))
    show("All amounts are equal." if comparison.agrees else "The amounts do not agree.")
