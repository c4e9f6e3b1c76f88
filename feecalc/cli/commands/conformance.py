"""``feecalc conformance``: CMS's own printed amounts computed again, every row compared."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feecalc.cli.terminal.arguments import bounded
from feecalc.cli.terminal.options import JsonOption, add_command
from feecalc.cli.terminal.output import print_json, print_table, say, show, wrapped
from feecalc.cli.terminal.output_files import refuse_other_endings
from feecalc.cli.terminal.shell import NO_ANSWER

if TYPE_CHECKING:
    from feecalc.conformance import Comparison, StandIn

_SAMPLE = 20  # differing rows shown
_AMOUNTS = {"printed": "printed", "recomputed": "recomputed", "by_cms_figures": "by CMS's\nfigures"}
_HEADINGS = {
    "modifier": "mod",
    "status_indicator": "status",
    **{f"nonfacility_{name}": f"non-\nfacility\n{words}" for name, words in _AMOUNTS.items()},
    **{f"facility_{name}": f"facility\n{words}" for name, words in _AMOUNTS.items()},
}


def register(app: typer.Typer) -> None:
    """Add the command ``conformance``."""
    examples = (
        "Examples: feecalc conformance --release 2025D PFREV4_2025.txt; "
        "feecalc conformance 2025-all-95970-all_macs.csv -o proof.html"
    )
    add_command(app, "conformance", conformance, example=examples)


def conformance(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE",
            help="CMS's payment amount files (PFREV, PFALL), OPPSCAP, or csv downloads of the PFS look-up tool. "
            "Default: the OPPSCAP the release came with.",
            show_default=False,
        ),
    ] = None,
    release: Annotated[
        str | None,
        typer.Option(
            "--release",
            metavar="NAME",
            help="Installed release, 2025D or RVU25D. Default: the newest of the file's year.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write the proof to this file: .html, .xlsx or .csv."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Prove that CMS's printed amounts are met, row by row.

    Counts the rows that are equal, those that CMS printed from other figures than the release's, those that differ,
    and those that cannot be computed, and why. Exit code 1 when a row differs, or when no row could be computed.
    For a named release that came without OPPSCAP it lists what was checked instead, which is no proof: exit code 1.
    """
    from feecalc.cli.commands.proof import ENDINGS, write_proof
    from feecalc.conformance import run

    given = tuple(bounded(files or (), "files"))
    refuse_other_endings(output, ENDINGS, "proof")
    report = run(release, given)
    for notice in report.notices:
        say(notice)
    if as_json:
        print_json(report.as_dict(_SAMPLE))
    else:
        for number, comparison in enumerate(report.comparisons):
            if number:
                show()
            _print(comparison)
        if report.stand_in is not None:
            _print_stand_in(report.stand_in)
    if output is not None:
        size = write_proof(report, output, _command(release, given, output))
        say(f"the proof is in {output} ({size:,} bytes)")
    if not report.agrees:
        raise typer.Exit(NO_ANSWER)


def _command(release: str | None, files: Sequence[Path], output: Path) -> str:
    """Return the command that makes the same proof again, as a shell takes it."""
    named = [] if release is None else ["--release", release]
    return shlex.join(["feecalc", "conformance", *named, *map(str, files), "-o", str(output)])


def _print(comparison: Comparison) -> None:
    from feecalc.cli.commands.proof import counts_of

    show(f"{comparison.source} against {comparison.release}")
    counts = counts_of(comparison)
    headings = {
        "": "",
        "rows": "rows",
        "equal": "equal",
        "cms_differences": "CMS's own",
        "different": "different",
        "not_computable": "not computable",
    }
    if not any(count.cms_differences for _, count in counts):
        del headings["cms_differences"]
    print_table([{"": name, **count.as_dict()} for name, count in counts], headings)
    for own in comparison.own_differences:
        show(wrapped(own.words))
    for reason, rows in comparison.reasons.items():
        show(f"not computable, {rows:,} rows: {reason}")
    for note in comparison.notes:
        show(wrapped(note, "note: "))
    if comparison.count.different:
        shown = min(_SAMPLE, comparison.differing.height)
        show(f"The first {shown} of {comparison.differing.height:,} different rows:")
        sample = comparison.differing.head(_SAMPLE)
        print_table(sample, {name: _HEADINGS.get(name, name) for name in sample.columns})
    show(wrapped(comparison.verdict))


def _print_stand_in(found: StandIn) -> None:
    show(wrapped(f"{found.release} came without OPPSCAP: none of CMS's amounts was compared, and nothing is proven."))
    show("Its build checked the figures themselves:")
    print_table(
        [
            {"check": check.check, "rows": check.rows, "outcome": check.outcome, "detail": check.words}
            for check in found.checks
        ]
    )
    for release in found.not_proven:
        show(wrapped(release, "not proven: "))
    show(wrapped(found.advice))
