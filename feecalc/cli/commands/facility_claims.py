"""``feecalc facility --claims``: a facility's claim file priced; the columns found, the counts and the sums."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from feecalc.cli.terminal.output import counted, money, one_line, print_json, print_table, say, show, wrapped
from feecalc.cli.terminal.output_files import check_table, refuse_clashes, write_table
from feecalc.errors import InvalidValue
from feecalc.files.facility_lines import FacilityDefaults, open_facility_file
from feecalc.files.headings import read_column_map
from feecalc.runs.facility_claims import price_facility_file, read_facility_claims

if TYPE_CHECKING:
    from feecalc.runs.facility_claims import FacilityReport

_NAMED = 20  # cells that could not be read


def price_file(
    path: Path,
    output: Path | None,
    setting: str | None,
    cbsa: str | None,
    wage_index: Decimal | None,
    day: date | None,
    *,
    map_file: Path | None = None,
    rural_sole_community: bool = False,
    edits: bool = True,
    as_json: bool,
) -> None:
    """Price the lines of ``path`` and write them to ``output``; print the counts and sums.

    Raises InvalidValue, MissingColumn, UnreadableFile, NotInstalled, StoreError; never for a single line.
    """
    if output is None:
        raise InvalidValue(f"nothing to write: give -o FILE, for example -o {path.stem[:80]}_facility.csv")
    check_table(output)
    refuse_clashes({"the claim file": path, "the map": map_file}, {"--output": output})
    file = open_facility_file(path, None if map_file is None else read_column_map(map_file))
    for text in file.recognized:
        say(wrapped(text))
    claims = read_facility_claims(file, FacilityDefaults(setting, cbsa, wage_index, day))
    for text in claims.notices:
        say(wrapped(text))
    report = price_facility_file(claims, rural_sole_community=rural_sole_community, edits=edits)
    for text in report.edits:
        say(wrapped(text))
    write_table(report.priced, output)
    if as_json:
        print_json(document(path, output, report))
    else:
        _show(path, output, report)


def document(path: Path, output: Path, report: FacilityReport) -> dict[str, object]:
    """Return the summary for --json."""
    return {
        "file": path,
        "lines": report.lines,
        "statuses": report.statuses,
        **report.amounts,
        "not_modeled": report.not_modeled,
        "edits": report.edits,
        "unread": report.unread,
        "written": output,
    }


def _show(path: Path, output: Path, report: FacilityReport) -> None:
    show(f"{one_line(path)}: {counted(report.lines, 'line')}, {report.priced_lines:,} of them priced")
    if report.lines:
        print_table([{"pricing status": status, "lines": count} for status, count in report.statuses.items()])
    if report.priced_lines:
        amounts = report.amounts
        parts = f"{money(amounts['medicare_amount'])} from Medicare, {money(amounts['copayment'])} from patients"
        show(f"to facilities {money(amounts['facility_amount'])}: {parts}")
        show("before deductible and sequestration")
    else:
        show("no amount to a facility")
    if report.unread:
        left = len(report.unread) - _NAMED
        more = f"; and {left:,} more" if left > 0 else ""
        say(wrapped(f"not priced: {'; '.join(report.unread[:_NAMED])}{more}"))
    if report.unknown_setting:
        where = "of neither an ASC nor a hospital outpatient department (--setting gives one for all lines)"
        say(wrapped(f"{counted(report.unknown_setting, 'line')} {where}"))
    if report.at_national_rate:
        lines = counted(report.at_national_rate, "line")
        say(wrapped(f"{lines} at national rates, without a wage index: no area given (--cbsa)"))
    for text in report.not_modeled:
        show(wrapped(text))
    show(f"{output}: {report.lines:,} written")
