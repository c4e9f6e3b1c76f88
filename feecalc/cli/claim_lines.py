"""A claim file as the commands that take one read it, and the edits they ask for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from feecalc.cli.options import day_option, words_option
from feecalc.cli.output import quoted, say, wrapped
from feecalc.errors import InvalidValue

if TYPE_CHECKING:
    from feecalc.edits.coding.laterality import Bill
    from feecalc.files.claim_lines import LineDefaults
    from feecalc.runs.edit_tables import Edits, EditWishes
    from feecalc.runs.reading import ClaimLines

_BILLS = ("professional", "asc")


def given_options(locality: str | None, date: str | None, pos: str | None) -> LineDefaults:
    """What holds for all lines. Raises InvalidValue."""
    from feecalc.files.claim_lines import LineDefaults

    return LineDefaults(
        locality=None if locality is None else words_option(locality, "locality"),
        day=day_option(date),
        place_of_service=None if pos is None else words_option(pos, "place of service"),
    )


def edit_wishes(
    policy: list[Path] | None, diagnoses: list[str] | None, history: Path | None, setting: str
) -> EditWishes:
    """The edits' options. Raises InvalidValue."""
    from feecalc.runs.edit_tables import EditWishes

    if setting not in _BILLS:
        raise InvalidValue(f"{quoted(setting)} is not a setting; give --setting professional or --setting asc")
    bill: Bill = "asc" if setting == "asc" else "professional"
    return EditWishes(tuple(policy or ()), tuple(diagnoses or ()), history, bill)


def opened_lines(
    file: Path, map_file: Path | None, given: LineDefaults, release: str | None, wishes: EditWishes | None
) -> tuple[ClaimLines, Edits | None]:
    """The file's lines and the edits for them, ready to run; how they were read is told. Raises what both raise."""
    from feecalc.files.column_map import read_column_map
    from feecalc.runs.reading import read_claims

    edits = None
    if wishes is not None:
        from feecalc.runs.edit_tables import open_edits, open_policies

        open_policies(wishes)  # what is wrong with them is said before the file is read
    said = None if map_file is None else read_column_map(map_file)
    lines = read_claims(file, column_map=said, defaults=given, release=release, edits=wishes is not None)
    for text in (*lines.columns.lines(), *lines.notes):
        say(wrapped(text))
    if wishes is not None:
        edits = open_edits(lines, wishes, said=said)
        for text in edits.notes:
            say(wrapped(text))
    return lines, edits
