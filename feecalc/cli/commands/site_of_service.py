"""``feecalc site-of-service``: a case in an office, an ASC and a hospital side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from feecalc.cli.commands.facility import CASE_HELP, CaseOptions
from feecalc.cli.commands.inputs import find_county, locality_of_zip
from feecalc.cli.terminal.arguments import day_option, words_option
from feecalc.cli.terminal.options import (
    DateOption,
    JsonOption,
    ReleaseOption,
    add_command,
)
from feecalc.cli.terminal.output import money, print_json, print_table, say, show, wrapped
from feecalc.cli.terminal.shell import NO_ANSWER
from feecalc.errors import AmbiguousLocality, FeeCalcError, InvalidValue, UnknownLocality

if TYPE_CHECKING:
    from datetime import date as Day
    from decimal import Decimal

    from feecalc.facility.schedule import FacilitySchedule
    from feecalc.facility.sites import Site, SiteLine
    from feecalc.pricing.places.locality import Locality
    from feecalc.pricing.schedule import FeeSchedule

_NAMES = {"office": "office\n(POS 11)", "asc": "ASC\n(POS 24)", "opps": "hospital outpatient\n(POS 22)"}


def register(app: typer.Typer) -> None:
    """Add the command ``site-of-service``."""
    add_command(
        app,
        "site-of-service",
        site_of_service,
        example="Example: feecalc site-of-service 64493 64494 --zip 33133 --cbsa 33124",
    )


def site_of_service(
    codes: Annotated[list[str], typer.Argument(metavar="CODE...", help=CASE_HELP, show_default=False)],
    *,
    zip_code: Annotated[
        str | None, typer.Option("--zip", metavar="ZIP", help="ZIP code of the physician's practice.")
    ] = None,
    locality: Annotated[
        str | None,
        typer.Option(
            "--locality",
            metavar="PLACE",
            help='The physician\'s payment locality: 09102-04 or "Miami, FL". Default: national.',
        ),
    ] = None,
    county: Annotated[
        str | None,
        typer.Option(
            "--county", metavar="NAME", help='County of the physician\'s practice, with its state: "Broward, FL".'
        ),
    ] = None,
    case_options: CaseOptions,
    date: DateOption = None,
    release: ReleaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare a case in an office, an ASC and a hospital.

    It shows what physician and facility are paid, and what the patient owes. The physician's locality comes from
    --zip, --locality or --county; without one the amounts are national. The facility's area comes from --cbsa: no CMS
    file that is read here says which CBSA a ZIP code or county is in.
    """
    from feecalc.facility.opening import open_facility
    from feecalc.facility.sites import compare_sites
    from feecalc.ingest.store import Store
    from feecalc.installed import open_schedule

    case, day = case_options.case(codes), day_option(date)
    area, index = case_options.area()
    if sum(given is not None for given in (zip_code, locality, county)) > 1:
        raise InvalidValue("give one of --zip, --locality and --county")
    opened = open_schedule(release, day=day)
    on = opened.schedule.release.day(day)
    place, notices = _locality(opened.schedule, zip_code, locality, county, on)
    facility = open_facility(Store(), on)
    notices = [*opened.notices, *notices, *(text for of_table in facility.notices.values() for text in of_table)]
    notices += facility.missing.values()
    if area is None and index is None:
        notices.append(_no_area(facility, place))
    denials, said = case_options.edits(case, on)
    notices += said
    for notice in notices:
        say(wrapped(notice))
    sites = compare_sites(
        opened.schedule, facility, case, locality=place, cbsa=area or "", wage_index=index, day=on,
        rural_sole_community=case_options.rural_sole_community, denials=denials,
    )  # fmt: skip
    if as_json:
        print_json(
            {
                "date_of_service": on,
                "release": opened.schedule.release.name,
                "locality": place.key if place else None,
                "sites": [site.as_dict() for site in sites],
                "facility_sources": {name: dict(entries) for name, entries in facility.entries.items()},
                "notices": notices,
            }
        )
    else:
        _print(sites, place, opened.schedule.release.name, str(on))
    if all(site.total is None for site in sites):
        raise typer.Exit(NO_ANSWER)


def _locality(
    schedule: FeeSchedule, zip_code: str | None, locality: str | None, county: str | None, on: Day
) -> tuple[Locality | None, list[str]]:
    """Return the physician's locality, and what is to be said of how it was found."""
    if locality is not None:
        return schedule.find_locality(words_option(locality, "locality")), []
    if zip_code is not None:
        place, source = locality_of_zip(schedule, zip_code, on)
        return place, [f"ZIP code {zip_code.strip()} is in {place.label} ({source})"]
    if county is not None:
        place = _by_county(schedule, words_option(county, "county"))
        return place, [f"county {county.strip()} is in {place.label}"]
    return None, ["no locality given: the physician's amounts are national, each code by itself"]


def _by_county(schedule: FeeSchedule, text: str) -> Locality:
    found = find_county(schedule, text)
    matches = list(dict.fromkeys(found.places))
    if not matches:
        raise UnknownLocality(
            f"no county {text!r} in {found.release}; give it with its state (Broward, FL), or --locality"
        )
    if len(matches) > 1:
        listed = "".join(f"\n  {match.label}" for match in matches[:8])
        raise AmbiguousLocality(f"county {text!r} fits {len(matches)} localities:{listed}\nGive --locality.")
    return matches[0]


def _no_area(facility: FacilitySchedule, place: Locality | None) -> str:
    """Return why the facility's amounts are national, and which area may be meant."""
    text = "the facility's amounts are national: no CMS file here says which CBSA a place is in; give --cbsa"
    if place is None:
        return text
    for setting in ("asc", "opps"):
        try:
            near = facility.area(f"{place.name}, {place.state}", setting)
        except FeeCalcError:
            continue
        return f"{text} (for {place.name}, {place.state}, is it --cbsa {near.cbsa}, {near.name}?)"
    return text


def _print(sites: tuple[Site, ...], place: Locality | None, release: str, on: str) -> None:
    area = next((site.facility.area.label for site in sites if site.facility and site.facility.area), "national")
    show(wrapped(f"Physician: {place.label if place else 'national'}. Facility: {area}. {release}, {on}."))
    show()
    columns = {"what": "", **{site.site: _NAMES[site.site] for site in sites}}
    rows: list[dict[str, str]] = []
    for number, line in enumerate(sites[0].lines):
        cells = [site.lines[number] for site in sites]
        rows.append(_cells(f"{line.label}  physician", sites, [_physician(cell) for cell in cells]))
        rows.append(_cells(f"{line.label}  facility", sites, [_facility(cell) for cell in cells]))
    for label, name in (
        ("physician gets", "physician_amount"),
        ("facility gets", "facility_amount"),
        ("total", "total"),
        ("patient's share", "patient_share"),
    ):
        rows.append(_cells(label, sites, [_amount(getattr(site, name), site, name) for site in sites]))
    width = {name: max(len(row[name]) for row in rows) for name in columns if name != "what"}
    print_table(
        [{name: text if name == "what" else text.rjust(width[name]) for name, text in row.items()} for row in rows],
        columns,
    )
    show()
    show("Before the Part B deductible. Packaged: within the payment for the other services.")
    for site in sites:
        if site.reason:
            show(wrapped(site.reason, f"{_NAMES[site.site].splitlines()[0]}: "))
        for note in site.notes:
            show(wrapped(note, f"{_NAMES[site.site].splitlines()[0]}: "))


def _cells(label: str, sites: tuple[Site, ...], texts: list[str]) -> dict[str, str]:
    return {"what": label, **dict(zip((site.site for site in sites), texts, strict=True))}


def _physician(line: SiteLine) -> str:
    return _told(line.physician_amount, line.physician_status)


def _facility(line: SiteLine) -> str:
    return "-" if not line.facility_status else _told(line.facility_amount, line.facility_status)


def _told(amount: Decimal | None, status: str) -> str:
    return status.replace("_", " ") if amount is None else money(amount)


def _amount(amount: Decimal | None, site: Site, name: str) -> str:
    if name == "facility_amount" and site.site == "office":
        return "-"
    return money(amount)
