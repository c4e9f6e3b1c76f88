"""``feecalc price``: what Medicare allows for one service, and the receipt of how that comes about."""

from __future__ import annotations

import gc
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from feecalc.cli.terminal.arguments import bounded, code_argument, day_option, modifier_option, words_option
from feecalc.cli.terminal.options import (
    DateOption,
    JsonOption,
    NoGpciFloorOption,
    PercentOption,
    QpOption,
    ReleaseOption,
)
from feecalc.cli.terminal.output import WIDTH, money, one_line, print_json, print_table, say, show, show_large, wrapped
from feecalc.errors import InvalidValue

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable

    from feecalc.installed import Opened
    from feecalc.pricing.places.locality import Locality
    from feecalc.pricing.price import Price
    from feecalc.pricing.receipt import Step
    from feecalc.pricing.release import ReleaseIdentity

_LABEL = 12  # columns of the words before a value
_STEP_NAME, _STEP_VALUE, _STEP_UNIT = 29, 12, 12  # columns of the receipt; what was done takes the rest
_SETTINGS = {"facility": "facility", "nonfacility": "office (nonfacility)", "not_priced": "not Medicare's to price"}


def register(app: typer.Typer) -> None:
    """Add the command ``price``."""
    app.command("price", epilog='Example: feecalc price 64493 --pos 11 --locality "Miami, FL" --explain')(price)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Leave garbage uncollected: going through what polars holds takes a tenth of a price's time, and frees nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_without_collection()
def price(
    code: Annotated[
        str, typer.Argument(metavar="CODE", help="HCPCS or CPT code, for example 64493.", show_default=False)
    ],
    pos: Annotated[
        str, typer.Option("--pos", metavar="NN", help="Place of service: 11 office, 22 hospital outpatient, 24 ASC ...")
    ] = "11",
    locality: Annotated[
        str | None,
        typer.Option("--locality", metavar="PLACE", help='Locality: 09102-04 or "Miami, FL". Default: national.'),
    ] = None,
    zip_code: Annotated[
        str | None, typer.Option("--zip", metavar="ZIP", help="ZIP code in place of the locality: 33133 or 33133-1234.")
    ] = None,
    modifier: Annotated[
        list[str] | None,
        typer.Option(
            "--modifier",
            metavar="NN",
            help="26, TC, 50, 62, 80, AS, QK ...; may be repeated, or 50,LT. Default: the global service.",
        ),
    ] = None,
    units: Annotated[int, typer.Option("--units", metavar="N", help="Units of the service on one line.")] = 1,
    postoperative_days: Annotated[
        int | None,
        typer.Option("--postoperative-days", metavar="N", help="With modifier 55: days of care after surgery."),
    ] = None,
    release: ReleaseOption = None,
    date: DateOption = None,
    qp: QpOption = False,
    no_gpci_floor: NoGpciFloorOption = False,
    nonparticipating: Annotated[
        bool, typer.Option("--nonparticipating", help="Billed by a physician without a participation agreement.")
    ] = False,
    provider_type: Annotated[
        str,
        typer.Option("--provider-type", metavar="TYPE", help="Who bills: physician, np, pa, cns, cnm, csw ..."),
    ] = "physician",
    minutes: Annotated[
        int | None, typer.Option("--minutes", metavar="N", help="Minutes of anesthesia, for an anesthesia code.")
    ] = None,
    present_at_induction: Annotated[
        bool,
        typer.Option("--present-at-induction", help="With modifier AD: the physician was present at induction."),
    ] = False,
    percent: PercentOption = None,
    explain: Annotated[bool, typer.Option("--explain", help="Add the receipt: every step and its source.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what Medicare allows for one service.

    Without --locality or --zip the amount is national. A service that Medicare does not price is shown with its
    status and the reason, never as 0, and ends with exit code 1.
    """
    from feecalc.installed import open_schedule

    if percent is not None:
        from feecalc.cli.terminal.arguments import percents_option
        from feecalc.pricing.percent_of_medicare import at_percents

    percents = None if percent is None else percents_option(percent)
    asked_code, asked_modifiers, day = code_argument(code), _modifiers(modifier or []), day_option(date)
    if locality is not None and zip_code is not None:
        raise InvalidValue("give either --locality or --zip, not both")
    opened = open_schedule(release, day=day)
    schedule, notices = opened.schedule, list(opened.notices)
    for notice in notices:
        say(notice)
    place: Locality | None = None
    if locality is not None:
        place = schedule.find_locality(words_option(locality, "locality"))
    elif zip_code is not None:
        place, source = _zip_locality(opened, zip_code, day)
        notices.append(f"ZIP code {zip_code.strip()} is in {place.label} ({source})")
        say(notices[-1])
    if place is not None and no_gpci_floor:
        for notice in schedule.unfloored.notices:
            notices.append(notice)
            say(notice)
    price_at = partial(
        schedule.price,
        asked_code,
        asked_modifiers,
        units=units,
        postoperative_days=postoperative_days,
        locality=place,
        day=day,
        qp=qp,
        gpci_floor=not no_gpci_floor,
        participating=not nonparticipating,
        provider_type=words_option(provider_type, "provider type"),
        minutes=minutes,
        present_at_induction=present_at_induction,
    )
    found = price_at(place_of_service=pos)
    if as_json:
        exact = {key: value for key, value in vars(found).items() if isinstance(value, Decimal)}
        at = {} if percents is None else {"percents": list(at_percents(found, percents))}
        print_json({**found.as_dict(), **exact, **at, "notices": notices})
    else:
        _print(found, schedule.release)
        if found.allowed_amount is not None:
            _print_other_setting(found, lambda code: price_at(place_of_service=code))
        for note in found.notes:
            _labeled("Note", note)
        if percents is not None and found.allowed_amount is not None:
            _print_percents(found, percents)
        if explain:
            _print_receipt(found, schedule.release)
    if found.allowed_amount is None:
        raise typer.Exit(1)


def _modifiers(texts: list[str]) -> list[str]:
    """Return the modifiers of ``--modifier``; one option may list more than one, with commas between."""
    return [modifier_option(part) for text in bounded(texts, "modifiers") for part in text.split(",") if part.strip()]


def _zip_locality(opened: Opened, text: str, asked_day: datetime.date | None) -> tuple[Locality, str]:
    """Return the locality of a ZIP code in the opened release, and the file that says so."""
    from feecalc.installed import open_zip_directory

    day = opened.schedule.release.day(asked_day)
    found = open_zip_directory(day=day).locality_of(text, day.year)
    return opened.schedule.find_locality(f"{found.mac}-{found.locality}"), found.source


def _print(found: Price, release: ReleaseIdentity) -> None:
    from feecalc.pricing.rules.place_of_service import place_of_service

    place = place_of_service(found.place_of_service, found.day)
    if found.allowed_amount is None:
        show_large(f"No price: {found.pricing_status.replace('_', ' ')}")
        show(wrapped(found.reason))
    else:
        whom = "" if found.participating else " a physician without a participation agreement"
        show_large(f"{money(found.allowed_amount)}  Medicare allows{whom}")
    show()
    code = "-".join([found.hcpcs, *(modifier for modifier in found.modifier.split(",") if modifier)])
    many = f", {found.units} units" if found.units > 1 else ""
    _labeled("Service", f"{code}{many}  {found.description}")
    _labeled("Where", found.locality.label if found.locality else "national, no locality given")
    _labeled("Setting", f"{_SETTINGS[found.setting]}: place of service {place.code} is {place.name}")
    _labeled("Release", f"{release.name}{' (starter data)' if release.starter else ''}, date of service {found.day}")
    if found.allowed_amount is not None and not found.participating and found.limiting_charge is not None:
        _labeled("Limit", f"{money(found.limiting_charge)}, the most an unassigned claim may charge")


def _print_other_setting(found: Price, price_at: Callable[[str], Price]) -> None:
    """Print office against facility, where this biller's amount is not the same in both."""
    from feecalc import reference
    from feecalc.pricing.rules.place_of_service import FACILITY, NONFACILITY

    office = found.setting == NONFACILITY
    # a place of the other kind: for a facility one whose patients are its own, as the fee table has it
    patient = "hospital_inpatient" if office else "none"
    setting = FACILITY if office else NONFACILITY
    places = reference.rows_on("place_of_service", found.day, setting=setting, patient=patient)
    if not places:
        return
    other = price_at(places[0]["code"])
    if other.allowed_amount in (None, found.allowed_amount):
        return
    in_office, in_facility = (found, other) if office else (other, found)
    amounts = money(in_office.allowed_amount), money(in_facility.allowed_amount)
    _labeled("Compare", f"{amounts[0]} in an office, {amounts[1]} in a facility")


def _print_receipt(found: Price, release: ReleaseIdentity) -> None:
    show()
    show("Receipt")
    for step in found.steps:
        for line in _step_lines(step):
            show(line)
    retrieved = f", retrieved {release.retrieved}" if release.retrieved else ""
    show()
    _labeled("Release", f"{release.name} from {release.source_name}{retrieved}")
    _labeled("sha256", release.sha256)


def _labeled(label: str, text: str) -> None:
    show(wrapped(text, f"{label:<{_LABEL}}"))


def _step_lines(step: Step) -> list[str]:
    """Return the lines of a step: its name, what was done, the value at the right, and the source below."""
    room = WIDTH - _STEP_NAME - _STEP_VALUE - _STEP_UNIT - 7
    done = textwrap.wrap(one_line(step.detail), room) or [""]
    value = f"{one_line(step.value):>{_STEP_VALUE}} {one_line(step.unit)}"
    first = f"  {one_line(step.name):<{_STEP_NAME}}  {done[0]:<{room}}  {value}"
    indent = " " * (_STEP_NAME + 4)
    more = [indent + part for part in done[1:]]
    source = textwrap.wrap(one_line(step.source), WIDTH, initial_indent=f"{indent}  ", subsequent_indent=f"{indent}  ")
    return [first.rstrip(), *more, *source]


def _print_percents(price: Price, percents: Sequence[Decimal]) -> None:
    """Print the amounts at the percents, of a range as a table."""
    from feecalc.pricing.percent_of_medicare import at_percents

    show()
    rows = [
        {"% of Medicare": row["percent"], "amount": row["amount"], "": row["what"]}
        for row in at_percents(price, percents)
    ]
    if len(percents) > 1:
        print_table(rows)
        return
    (row,) = rows
    show(f"At {row['% of Medicare']} % of Medicare: {money(row['amount'])}")
