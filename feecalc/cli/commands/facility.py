"""``feecalc facility``: what an ambulatory surgical center or a hospital is paid for a case, or for a claim file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feecalc.cli.terminal.arguments import bounded, day_option, modifiers_option, words_option
from feecalc.cli.terminal.claim_options import MapOption
from feecalc.cli.terminal.options import (
    DateOption,
    JsonOption,
    OptionGroup,
    add_command,
)
from feecalc.cli.terminal.output import (
    WIDTH,
    money,
    print_json,
    print_table,
    quoted,
    say,
    show,
    show_labeled,
    show_large,
    wrapped,
)
from feecalc.cli.terminal.shell import NO_ANSWER
from feecalc.errors import InvalidValue

if TYPE_CHECKING:
    from datetime import date as Day

    from feecalc.facility.case import CaseLine
    from feecalc.facility.result import FacilityLine, FacilityPrice
    from feecalc.facility.schedule import Denials

_SETTINGS = {"asc": "ambulatory surgical center (ASC)", "opps": "hospital outpatient department (OPPS)"}
CASE_HELP = "Codes, each with its modifiers and units: 64493, 64493-50, 64493-RT-59, 64636x2."


@dataclass(frozen=True)
class CaseOptions(OptionGroup):
    """Where a facility is, and modifiers for every code of a case."""

    cbsa: Annotated[
        str | None,
        typer.Option("--cbsa", metavar="AREA", help='CBSA of the facility: 33124 or "Miami, FL". Default: national.'),
    ] = None
    wage_index: Annotated[
        str | None,
        typer.Option(
            "--wage-index", metavar="N", help="The facility's own wage index, such as 0.95, in place of its area's."
        ),
    ] = None
    modifier: Annotated[
        list[str] | None,
        typer.Option("--modifier", metavar="NN", help="Modifier for every code: 50, 73, PN ...; may be repeated."),
    ] = None

    rural_sole_community: Annotated[
        bool,
        typer.Option(
            "--rural-sole-community",
            help="The hospital is a rural sole community hospital: paid its rural adjustment, and not reduced by PO.",
        ),
    ] = False
    no_edits: Annotated[
        bool, typer.Option("--no-edits", help="Price without NCCI pairs, unlikely units and coverage policies.")
    ] = False

    def area(self) -> tuple[str | None, Decimal | None]:
        """Return the area and the facility's own wage index, at most one of them. Raises InvalidValue."""
        from feecalc.facility.case import wage_index

        index = None if self.wage_index is None else wage_index(self.wage_index)
        if self.cbsa is not None and index is not None:
            raise InvalidValue("give either --cbsa or --wage-index, not both")
        return None if self.cbsa is None else words_option(self.cbsa, "area"), index

    def case(self, codes: Sequence[str]) -> list[CaseLine]:
        """Return the lines of the case as typed, the modifiers for every code added. Raises InvalidValue."""
        from feecalc.facility.case import case_lines

        return case_lines(bounded(codes, "procedure codes"), modifiers_option(self.modifier or []))


    def edits(self, case: Sequence[CaseLine], day: Day) -> tuple[Denials | None, tuple[str, ...]]:
        """Return the edits for the case's lines, None where they are not wanted; and what is said of them."""
        if self.no_edits:
            return None, ("no edits were applied (--no-edits)",)
        from feecalc.runs.facility_edits import edits_of_case

        edits = edits_of_case(case, day)
        return edits.denied, edits.said


def register(app: typer.Typer) -> None:
    """Add the command ``facility``."""
    add_command(
        app,
        "facility",
        facility,
        example="Example: feecalc facility --setting asc --cbsa 33124 64493-RT 64493-LT 64494",
    )


def facility(
    codes: Annotated[list[str] | None, typer.Argument(metavar="[CODE...]", help=CASE_HELP, show_default=False)] = None,
    *,
    setting: Annotated[
        str | None,
        typer.Option(
            "--setting", metavar="asc|opps", help="Setting: asc, or opps for a hospital outpatient department."
        ),
    ] = None,
    case_options: CaseOptions,
    date: DateOption = None,
    claims: Annotated[
        Path | None,
        typer.Option("--claims", metavar="FILE", help="Price a claim file in place of codes: .csv, .parquet or .xlsx."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="With --claims: write every line to this file: .csv, .parquet or .xlsx.",
        ),
    ] = None,
    map_file: MapOption = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Add the receipt of each line: every step and its source.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Price what a hospital or surgical center is paid.

    Each line says what is paid, what is packaged, and what the patient owes. Amounts are for facility and patient
    together with Medicare's part, before the Part B deductible and sequestration. With --claims the lines need columns
    for code and date; the setting comes from --setting, a column setting, or the place of service (24 an ASC, 19 and
    22 a hospital), the area from --cbsa or a column cbsa. The lines of one patient and claim number are one bill.
    """
    cbsa, index = case_options.area()
    if setting is not None and setting not in _SETTINGS:
        raise InvalidValue(f"{quoted(setting)} is not a setting; give --setting asc or --setting opps")
    if claims is not None:
        if codes:
            raise InvalidValue("give either codes or --claims FILE, not both")
        from feecalc.cli.commands.facility_claims import price_file

        price_file(
            claims, output, setting, cbsa, index, day_option(date), map_file=map_file,
            rural_sole_community=case_options.rural_sole_community, edits=not case_options.no_edits, as_json=as_json,
        )  # fmt: skip
        return
    if not codes:
        raise InvalidValue("give codes, for example feecalc facility --setting asc 64493 64494, or --claims FILE")
    if setting is None:
        raise InvalidValue("give --setting asc, or --setting opps for a hospital outpatient department")
    case = case_options.case(codes)
    from feecalc.facility.opening import open_facility
    from feecalc.ingest.store import Store

    schedule = open_facility(Store(), day_option(date), (setting,))
    denials, said = case_options.edits(case, day_option(date) or schedule.first_day)
    found = schedule.price(
        case, setting, cbsa=cbsa or "", wage_index=index, day=day_option(date),
        rural_sole_community=case_options.rural_sole_community, denials=denials,
    )  # fmt: skip
    found = replace(found, notices=(*found.notices, *said))
    for notice in found.notices:
        say(wrapped(notice))
    if as_json:
        print_json(found.as_dict())
    else:
        _print(found, explain=explain)
    if found.facility_amount is None:
        raise typer.Exit(NO_ANSWER)


def _print(found: FacilityPrice, *, explain: bool) -> None:
    from feecalc.facility.result import notes_of

    if found.facility_amount is None:
        show_large("No payment to the facility")
    else:
        show_large(f"{money(found.facility_amount)}  to the facility")
    show()
    show_labeled("Setting", _SETTINGS[found.setting])
    show_labeled("Where", _where(found))
    show_labeled("Date", f"{found.day}, rates of {_rates(found)}")
    if found.facility_amount is not None:
        patient, medicare = money(found.copayment), money(found.medicare_amount)
        show_labeled("Patient", f"{patient}, and Medicare {medicare}: before deductible and sequestration")
    show()
    rows = [_row(line, found.setting) for line in found.lines]
    columns = ["code", "status", "rate", "facility", "patient", "what"]
    print_table(rows, ["code", "status", "APC", *columns[2:]] if found.setting == "opps" else columns)
    notes = [*notes_of(found.lines), *found.not_modeled]
    reasons: dict[str, list[str]] = {}
    for line in found.lines:
        if line.reason:
            reasons.setdefault(line.reason, []).append(line.label)
    if notes or reasons:
        show()
    for reason, labels in reasons.items():
        show(wrapped(f"{', '.join(labels)}: {reason}"))
    for note in notes:
        show_labeled("Note", note)
    if explain:
        _receipt(found)


def _where(found: FacilityPrice) -> str:
    if found.area is not None:
        return found.area.label
    return "national: no area given" if found.wage_index is None else f"wage index {found.wage_index}"


def _rates(found: FacilityPrice) -> str:
    names = ("rates", "opps") if found.setting == "opps" else ("asc",)
    return next(found.entries[name] for name in names if name in found.entries)


def _row(line: FacilityLine, setting: str) -> dict[str, object]:
    what = line.pricing_status.replace("_", " ") if line.facility_amount is None else _times(line)
    return {
        "code": line.label,
        "status": line.indicator or "-",
        "APC": line.apc or "-",
        "rate": line.national_rate,
        "facility": line.facility_amount,
        "patient": line.copayment,
        "what": what,
    }


def _times(line: FacilityLine) -> str:
    step = next((step for step in line.steps if step.name == "times paid"), None)
    if step is None or (step.value == "1" and line.units == 1):
        return "in full"
    return f"x {step.value}: {step.detail}"


def _receipt(found: FacilityPrice) -> None:
    for line in found.lines:
        show()
        show(f"Receipt of {line.label}")
        for step in line.steps:
            value = f"{step.value} {step.unit}".strip()
            show(wrapped(f"{value}  {step.detail}", f"  {step.name:<19}"))
            if step.source:
                show(wrapped(step.source, " " * 23))
    show()
    for table, entry in found.entries.items():
        show(f"  {table:<24}{entry}"[:WIDTH])
