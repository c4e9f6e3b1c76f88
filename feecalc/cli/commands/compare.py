"""``feecalc compare``: codes side by side across localities, releases or settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feecalc.cli.commands.compare_basket import LOCALITIES, RELEASES, SETTINGS, Basket, compare_volume
from feecalc.cli.terminal.arguments import (
    MAX_LISTED,
    bounded,
    code_arguments,
    day_option,
    modifier_option,
    words_option,
)
from feecalc.cli.terminal.options import (
    ChartOption,
    DateOption,
    JsonOption,
    LocalitiesOption,
    NoGpciFloorOption,
    OutputOption,
    QpOption,
    add_command,
)
from feecalc.cli.terminal.output import print_json, print_table, quoted, say, show
from feecalc.errors import InvalidValue

if TYPE_CHECKING:
    import datetime

    import polars as pl

    from feecalc.installed import Opened

_ENDS = 10  # localities shown at either end of a long ranking
_AMOUNTS = {"nonfacility_amount": "nonfacility", "facility_amount": "facility"}


def register(app: typer.Typer) -> None:
    """Add the command ``compare``."""
    add_command(app, "compare", compare, example="Example: feecalc compare 64493 99213 --across localities")


def compare(
    *,
    across: Annotated[
        str,
        typer.Option(
            "--across",
            metavar="|".join((LOCALITIES, RELEASES, SETTINGS)),
            help="Compare across localities, releases or settings.",
        ),
    ],
    codes: Annotated[
        list[str] | None, typer.Argument(metavar="CODE", help="HCPCS or CPT codes.", show_default=False)
    ] = None,
    volume: Annotated[
        Path | None,
        typer.Option("--volume", metavar="FILE", help="Price a basket in place of codes: a file of codes and units."),
    ] = None,
    modifier: Annotated[
        str, typer.Option("--modifier", metavar="NN", help="Modifier, 26 or TC. Default: the global service.")
    ] = "",
    locality: LocalitiesOption = None,
    release: Annotated[
        list[str] | None,
        typer.Option(
            "--release",
            metavar="NAME",
            help="CMS release, 2026C; may be repeated. Default: the newest, or all installed.",
        ),
    ] = None,
    date: DateOption = None,
    qp: QpOption = False,
    no_gpci_floor: NoGpciFloorOption = False,
    zip_code: Annotated[
        str | None, typer.Option("--zip", metavar="ZIP", help="With --volume: ZIP code of the practice.")
    ] = None,
    output: OutputOption = None,
    chart: ChartOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare services by locality, release or setting.

    Localities are ranked, the highest amount first; releases come with the change from one to the next; settings
    are office against facility. Amounts are what Medicare allows, after the OPPS cap. Across releases and settings
    they are national unless --locality is given.

    With --volume the file's units are priced together: in every locality, with rank, index to the nation and how much
    of the difference comes from each of the three GPCIs; release after release; or wholly in an office, a hospital, a
    surgical center. A ZIP code that is split between localities has a lowest and a highest amount.
    """
    if volume is None and (zip_code, output, chart) != (None, None, None):
        raise InvalidValue("--zip, --output and --chart go with a basket: give it with --volume FILE")
    if volume is None and not codes:
        raise InvalidValue("nothing to compare: give procedure codes, or a basket with --volume FILE")
    if volume is not None and (codes or modifier or date):
        raise InvalidValue(
            "--volume says which codes, and prices them on a release's first day: leave codes, --modifier, --date out"
        )
    query = _Query(
        code_arguments(codes or []),
        [words_option(text, "locality") for text in bounded(locality or [], "localities")],
        list(bounded(release or [], "releases")),
        day_option(date),
        {"modifier": modifier_option(modifier), "qp": qp, "gpci_floor": not no_gpci_floor},
    )
    if volume is not None:
        how = {name: query.how[name] for name in ("qp", "gpci_floor")}
        compare_volume(
            Basket(volume, across, query.places, zip_code, query.releases, how, output, chart, as_json=as_json)
        )
        return
    if across == RELEASES:
        rows, opened = _across_releases(query)
    elif across in (LOCALITIES, SETTINGS):
        rows, opened = _in_one_release(across, query)
    else:
        raise InvalidValue(f"--across {quoted(across)}: compare across {LOCALITIES}, {RELEASES} or {SETTINGS}")
    said = (text for opening in opened for text in opening.all_notices(gpci_floor=not no_gpci_floor))
    notices = list(dict.fromkeys(said))
    for notice in notices:
        say(notice)
    if as_json:
        named = [opening.schedule.release.name for opening in opened]
        print_json({"across": across, "releases": named, "notices": notices, "rows": rows})
    elif across == LOCALITIES:
        _print_ranking(rows)
    elif across == SETTINGS:
        _print_settings(rows)
    else:
        _print_releases(rows)


@dataclass(frozen=True)
class _Query:
    codes: list[str]
    places: list[str]
    releases: list[str]
    day: datetime.date | None
    how: dict[str, Any]  # modifier, qp and gpci_floor, as every comparison takes them


def _in_one_release(across: str, query: _Query) -> tuple[pl.DataFrame, list[Opened]]:
    from feecalc.installed import open_schedule
    from feecalc.pricing.comparison import across_localities, across_settings

    if len(query.releases) > 1:
        raise InvalidValue(f"--across {across} takes one release; more are compared with --across {RELEASES}")
    opened = open_schedule(query.releases[0] if query.releases else None, day=query.day)
    side_by_side = across_localities if across == LOCALITIES else across_settings
    rows = side_by_side(opened.schedule, query.codes, localities=query.places or None, day=query.day, **query.how)
    return rows, [opened]


def _across_releases(query: _Query) -> tuple[pl.DataFrame, list[Opened]]:
    from feecalc.ingest.releases import release_name
    from feecalc.installed import open_schedule, releases_at_hand
    from feecalc.pricing.comparison import across_releases

    if len(query.places) > 1:
        raise InvalidValue(f"--across {RELEASES} takes one locality; more are compared with --across {LOCALITIES}")
    if query.day is not None:
        raise InvalidValue(f"--across {RELEASES} takes no --date: each release is priced on its own first day")
    names = list(dict.fromkeys(release_name(name) for name in query.releases)) or releases_at_hand(most=MAX_LISTED)
    opened = [open_schedule(name) for name in names]
    place = query.places[0] if query.places else None
    return across_releases([opening.schedule for opening in opened], query.codes, locality=place, **query.how), opened


def _print_ranking(rows: pl.DataFrame) -> None:
    """Print a table for each code, the dearest locality first; of a long one the two ends."""
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
    """Print a table for each code, oldest release first."""
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
