"""``feecalc compare``: codes side by side across localities, releases or settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from feecalc.cli.options import (
    DateOption,
    NoGpciFloorOption,
    QpOption,
    bounded,
    code_arguments,
    day_option,
    modifier_option,
    words_option,
)
from feecalc.cli.output import JsonOption, print_json, print_table, quoted, say, show
from feecalc.errors import InvalidValue

if TYPE_CHECKING:
    import datetime

    import polars as pl

    from feecalc.installed import Opened

_LOCALITIES, _RELEASES, _SETTINGS = "localities", "releases", "settings"
_ENDS = 10  # localities shown at either end of a long ranking
_AMOUNTS = {"nonfacility_amount": "nonfacility", "facility_amount": "facility"}


def register(app: typer.Typer) -> None:
    """Add the command ``compare``."""
    app.command("compare", epilog="Example: feecalc compare 64493 99213 --across localities")(compare)


def compare(
    codes: Annotated[list[str], typer.Argument(metavar="CODE", help="HCPCS or CPT codes.", show_default=False)],
    across: Annotated[
        str,
        typer.Option("--across", metavar="|".join((_LOCALITIES, _RELEASES, _SETTINGS)), help="What to compare across."),
    ],
    modifier: Annotated[
        str, typer.Option("--modifier", metavar="NN", help="26 or TC. Default: the global service.")
    ] = "",
    locality: Annotated[
        list[str] | None,
        typer.Option(
            "--locality",
            metavar="PLACE",
            help='Locality, 09102-04 or "Miami, FL"; repeat it for several. Default: all, or national.',
        ),
    ] = None,
    release: Annotated[
        list[str] | None,
        typer.Option(
            "--release", metavar="NAME", help="Release, 2026C; repeat it across releases. Default: the installed ones."
        ),
    ] = None,
    date: DateOption = None,
    qp: QpOption = False,
    no_gpci_floor: NoGpciFloorOption = False,
    as_json: JsonOption = False,
) -> None:
    """Codes side by side across localities, releases or settings.

    Localities are ranked, the dearest first; releases come with the change from one to the next; settings are office
    against facility. Amounts are what Medicare allows, after the OPPS cap. Across releases and settings they are
    national unless --locality is given.
    """
    wanted, asked_modifier = code_arguments(codes), modifier_option(modifier)
    places = [words_option(text, "locality") for text in bounded(locality or [], "localities")]
    releases = list(bounded(release or [], "releases"))
    day = day_option(date)
    if across == _RELEASES:
        rows, opened = _across_releases(wanted, asked_modifier, places, releases, day, qp, not no_gpci_floor)
    elif across in (_LOCALITIES, _SETTINGS):
        rows, opened = _in_one_release(across, wanted, asked_modifier, places, releases, day, qp, not no_gpci_floor)
    else:
        raise InvalidValue(f"--across {quoted(across)}: compare across {_LOCALITIES}, {_RELEASES} or {_SETTINGS}")
    notices = list(dict.fromkeys(notice for each in opened for notice in each.notices))
    for notice in notices:
        say(notice)
    if as_json:
        named = [each.schedule.release.name for each in opened]
        print_json({"across": across, "releases": named, "notices": notices, "rows": rows})
    elif across == _LOCALITIES:
        _print_ranking(rows)
    elif across == _SETTINGS:
        _print_settings(rows)
    else:
        _print_releases(rows)


def _in_one_release(
    across: str,
    codes: list[str],
    modifier: str,
    places: list[str],
    releases: list[str],
    day: datetime.date | None,
    qp: bool,
    gpci_floor: bool,
) -> tuple[pl.DataFrame, list[Opened]]:
    from feecalc.installed import open_schedule
    from feecalc.pricing.comparison import across_localities, across_settings

    if len(releases) > 1:
        raise InvalidValue(f"--across {across} takes one release; several are compared with --across {_RELEASES}")
    opened = open_schedule(releases[0] if releases else None, day=day)
    side_by_side = across_localities if across == _LOCALITIES else across_settings
    rows = side_by_side(
        opened.schedule,
        codes,
        modifier=modifier,
        localities=places or None,
        day=day,
        qp=qp,
        gpci_floor=gpci_floor,
    )
    return rows, [opened]


def _across_releases(
    codes: list[str],
    modifier: str,
    places: list[str],
    releases: list[str],
    day: datetime.date | None,
    qp: bool,
    gpci_floor: bool,
) -> tuple[pl.DataFrame, list[Opened]]:
    from feecalc.ingest.releases import release_name
    from feecalc.installed import open_schedule
    from feecalc.pricing.comparison import across_releases

    if len(places) > 1:
        raise InvalidValue(f"--across {_RELEASES} takes one locality; several are compared with --across {_LOCALITIES}")
    if day is not None:
        raise InvalidValue(f"--across {_RELEASES} takes no --date: each release is priced on its own first day")
    names = list(dict.fromkeys(release_name(name) for name in releases)) or _at_hand()
    opened = [open_schedule(name) for name in names]
    rows = across_releases(
        [each.schedule for each in opened],
        codes,
        modifier=modifier,
        locality=places[0] if places else None,
        qp=qp,
        gpci_floor=gpci_floor,
    )
    return rows, opened


def _at_hand() -> list[str]:
    """The installed releases, or those of the starter data where none is."""
    from feecalc.ingest.starter import starter_releases
    from feecalc.ingest.store import Store

    installed = [each.name for each in Store().manifests("release") if each.first_date_of_service is not None]
    return installed or [each.name for each in starter_releases()]


def _print_ranking(rows: pl.DataFrame) -> None:
    """One table a code, the dearest locality first; of a long one the two ends."""
    headings = {"rank": "rank", "key": "locality", "state": "state", "locality_name": "name", **_AMOUNTS}
    for number, part in enumerate(rows.partition_by("hcpcs", "modifier", maintain_order=True)):
        places = [{**row, "key": f"{row['mac']}-{row['locality']}"} for row in part.to_dicts()]
        show(("\n" if number else "") + _service(places[0]))
        left_out = len(places) - 2 * _ENDS
        if left_out > _ENDS:
            places = [*places[:_ENDS], *places[-_ENDS:]]
        print_table(places, headings)
        if left_out > _ENDS:
            say(f"{left_out} localities between rank {_ENDS} and the last {_ENDS} are not shown; all of them: --json")


def _print_settings(rows: pl.DataFrame) -> None:
    headings = {
        "service": "service",
        "place": "locality",
        **_AMOUNTS,
        "office_difference": "nonfacility less\nfacility",
    }
    print_table([{**row, "service": _service(row), "place": _place(row)} for row in rows.to_dicts()], headings)


def _print_releases(rows: pl.DataFrame) -> None:
    """One table a code, oldest release first."""
    headings = {
        "release": "release",
        "first_date_of_service": "from",
        **_AMOUNTS,
        "nonfacility_change": "nonfacility change\nfrom the one before",
    }
    for number, part in enumerate(rows.partition_by("hcpcs", "modifier", maintain_order=True)):
        releases = part.to_dicts()
        show(("\n" if number else "") + _service(releases[0]))
        print_table(releases, headings)


def _service(row: dict[str, Any]) -> str:
    return f"{row['hcpcs']}-{row['modifier']}" if row["modifier"] else str(row["hcpcs"])


def _place(row: dict[str, Any]) -> str:
    return f"{row['mac']}-{row['locality']} {row['locality_name']}, {row['state']}" if row["mac"] else "national"
