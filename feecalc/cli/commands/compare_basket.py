"""``feecalc compare --volume``: a person's own basket across localities, releases or settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feecalc.cli.commands.inputs import volume_of
from feecalc.cli.terminal.arguments import MAX_LISTED
from feecalc.cli.terminal.output import money, print_json, print_table, quoted, say, show, show_large, wrapped
from feecalc.cli.terminal.output_files import check_picture, check_table, write_picture, write_table
from feecalc.errors import InvalidValue
from feecalc.money import rounded_to

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.figure import Figure

    from feecalc.installed import Opened
    from feecalc.pricing.places.locality import Locality
    from feecalc.pricing.schedule import FeeSchedule
    from feecalc.scenarios.basket.localities import ZipPlaces

LOCALITIES, RELEASES, SETTINGS = "localities", "releases", "settings"
_ENDS = 10  # localities shown at either end of a long ranking
_DRAWN = 20  # and drawn
_SERVICES_SHOWN = 12
_LEFT_SHOWN = 6
_SHORT = {"pe": "PE", "mp": "MP"}
_INDEX = {"work": "work", "pe": "practice expense", "mp": "malpractice"}


@dataclass(frozen=True)
class Basket:
    """A volume and what it is compared across, as typed and checked. ``how``: qp and gpci_floor."""

    volume: Path
    across: str
    places: Sequence[str]
    zip_code: str | None
    releases: Sequence[str]
    how: Mapping[str, bool]
    output: Path | None
    chart: Path | None
    as_json: bool = False


@dataclass(frozen=True)
class _Answer:
    """What is written, drawn, and printed as JSON."""

    opened: Sequence[Opened]
    table: pl.DataFrame
    left_out: pl.DataFrame
    document: Mapping[str, object]
    figure: Figure | None


def compare_volume(basket: Basket) -> None:
    """Price the basket, and print, write and draw what is wanted."""
    check_table(basket.output)
    check_picture(basket.chart)
    if basket.zip_code is not None and basket.places:
        raise InvalidValue("--zip and --locality both say where; give one of them")
    ways = {LOCALITIES: _localities, RELEASES: _releases, SETTINGS: _settings}
    if basket.across not in ways:
        raise InvalidValue(f"--across {quoted(basket.across)}: compare across {', '.join(ways)}")
    answer = ways[basket.across](basket)
    if basket.output is not None:
        write_table(answer.table, basket.output)
    if basket.chart is not None and answer.figure is not None:
        write_picture(answer.figure, basket.chart)
    if basket.as_json:
        named = [opening.schedule.release.name for opening in answer.opened]
        floor = basket.how["gpci_floor"]
        notices = [notice for opening in answer.opened for notice in opening.all_notices(gpci_floor=floor)]
        document = {"across": basket.across, "releases": named, "notices": notices, **answer.document}
        print_json({**document, "left_out": answer.left_out})
        return
    _say_left_out(answer.left_out)
    for path, what in ((basket.output, f"{answer.table.height:,} rows"), (basket.chart, "the picture")):
        if path is not None:
            show(f"{path}: {what}")


def _one_release(basket: Basket) -> tuple[Opened, pl.DataFrame]:
    from feecalc.files.volume import NATIONAL
    from feecalc.installed import open_schedule

    if len(basket.releases) > 1:
        raise InvalidValue(f"--across {basket.across} takes one release; more are compared with --across {RELEASES}")
    opened = open_schedule(basket.releases[0] if basket.releases else None)
    for notice in opened.all_notices(gpci_floor=basket.how["gpci_floor"]):
        say(wrapped(notice))
    return opened, volume_of(basket.volume, [opened.schedule], NATIONAL)


def _zip(basket: Basket, schedule: FeeSchedule) -> ZipPlaces | None:
    if basket.zip_code is None:
        return None
    from feecalc.installed import open_zip_directory
    from feecalc.scenarios.basket.localities import places_of_zip

    found = places_of_zip(open_zip_directory(day=schedule.release.day(None)), basket.zip_code, schedule)
    say(wrapped(found.note, f"ZIP {found.zip}: "))
    return found


def _localities(basket: Basket) -> _Answer:
    import polars as pl

    from feecalc.charts.ranking import ranking_figure
    from feecalc.scenarios.basket.localities import basket_across_localities

    opened, volume = _one_release(basket)
    schedule = opened.schedule
    at = _zip(basket, schedule)
    chosen: list[Locality] = [] if at is None else list(at.localities)
    found = basket_across_localities(schedule, volume, localities=list(basket.places) or None, **basket.how)
    keys = pl.DataFrame([(place.mac, place.locality) for place in chosen], schema=["mac", "locality"], orient="row")
    own = found.places.join(keys, on=["mac", "locality"], how="semi") if chosen else found.places.clear()
    if not basket.as_json:
        _show_localities(found.places, own, found.release, found.national_amount, found.units, found.shares)
    figure = None
    if basket.chart is not None:
        drawn = _ends_of(found.places, _DRAWN, own)
        label = pl.format("{} {}-{} {}", pl.col("rank"), "mac", "locality", pl.col("locality_name").str.slice(0, 34))
        is_own = pl.format("{}-{}", "mac", "locality").is_in([place.key for place in chosen])
        table = drawn.select(label.alias("label"), "amount", is_own.alias("chosen"))
        title = f"{basket.volume.stem} by locality, {found.release}"
        figure = ranking_figure(table, title, mark=found.national_amount, mark_name="national")
    bounds = None
    if own.height:
        bounds = {"zip": basket.zip_code, "low": own["amount"].min(), "high": own["amount"].max()}
    document = {
        "national_amount": found.national_amount,
        "units": found.units,
        "rvu_shares": found.shares,
        "zip_bounds": bounds,
        "rows": found.places,
    }
    return _Answer([opened], found.places, found.left_out, document, figure)


def _releases(basket: Basket) -> _Answer:
    import polars as pl

    from feecalc.charts.series import series_figure
    from feecalc.files.volume import NATIONAL
    from feecalc.ingest.releases import release_name
    from feecalc.installed import open_schedule, releases_at_hand
    from feecalc.scenarios.basket.releases import basket_across_releases

    if len(basket.places) > 1:
        raise InvalidValue(f"--across {RELEASES} takes one locality; more are compared with --across {LOCALITIES}")
    names = list(dict.fromkeys(release_name(name) for name in basket.releases)) or releases_at_hand(most=MAX_LISTED)
    opened = [open_schedule(name) for name in names]
    notices = [text for opening in opened for text in opening.all_notices(gpci_floor=basket.how["gpci_floor"])]
    for notice in dict.fromkeys(notices):
        say(wrapped(notice))
    schedules = [opening.schedule for opening in opened]
    volume = volume_of(basket.volume, schedules, NATIONAL)
    places: list[str | None] = [basket.places[0]] if basket.places else [None]
    at = _zip(basket, max(schedules, key=lambda schedule: schedule.release.first_date_of_service))
    if at is not None:
        places = [place.key for place in at.localities]
    series = [basket_across_releases(schedules, volume, locality=place, **basket.how) for place in places]
    table = pl.concat([part.releases.select(pl.lit(part.place).alias("place"), pl.all()) for part in series])
    if not basket.as_json:
        _show_releases(table)
    figure = None
    if basket.chart is not None:
        points = table.select(
            pl.col("place").alias("name"),
            pl.col("first_date_of_service").alias("day"),
            pl.col("release").str.strip_prefix("RVU").alias("label"),
            pl.col("same_services_amount").alias("amount"),
        )
        figure = series_figure(points, f"{basket.volume.stem} from release to release")
    left = pl.concat([part.left_out for part in series]).unique(maintain_order=True)
    return _Answer(opened, table, left, {"rows": table}, figure)


def _settings(basket: Basket) -> _Answer:
    import polars as pl

    from feecalc.charts.ranking import ranking_figure
    from feecalc.scenarios.basket.settings import AS_GIVEN, basket_across_settings

    if len(basket.places) > 1:
        raise InvalidValue(f"--across {SETTINGS} takes one locality")
    opened, volume = _one_release(basket)
    at = _zip(basket, opened.schedule)
    if at is not None and at.split:
        raise InvalidValue(f"ZIP code {at.zip} is split; give --locality for --across {SETTINGS}")
    place = basket.places[0] if basket.places else at.localities[0] if at is not None else None
    found = basket_across_settings(opened.schedule, volume, locality=place, **basket.how)
    if not basket.as_json:
        headings = {
            "setting": "all units in",
            "services": "services\npriced",
            "amount": "physician's\namount",
            "same_services_amount": "services priced\nin every setting",
            "difference": "from the volume\nas given",
        }
        print_table(found.settings, headings)
        show("the physician's part only; what a hospital or surgical center is paid beside it: feecalc site-of-service")
        show()
        print_table(found.services.head(_SERVICES_SHOWN), ["service", "units", *found.settings["setting"]])
        if found.services.height > _SERVICES_SHOWN:
            say(f"the first {_SERVICES_SHOWN} services of {found.services.height:,}; all of them: -o settings.csv")
    figure = None
    if basket.chart is not None:
        bars = found.settings.select(
            pl.col("setting").alias("label"),
            pl.col("same_services_amount").alias("amount"),
            (pl.col("setting") == AS_GIVEN).alias("chosen"),
        )
        figure = ranking_figure(bars, f"{basket.volume.stem}: the physician's amount by setting, {found.release}")
    left = found.services.filter(pl.col(AS_GIVEN).is_null()).select("service", "units")
    document = {"settings": found.settings, "services": found.services}
    return _Answer([opened], found.services, left, document, figure)


def _ends_of(places: pl.DataFrame, ends: int, own: pl.DataFrame) -> pl.DataFrame:
    """Return the dearest and the cheapest of a long ranking, and the practice's own."""
    import polars as pl

    if places.height <= 3 * ends:
        return places
    shown = pl.concat([places.head(ends), own, places.tail(ends)])
    return shown.unique(["mac", "locality"], maintain_order=True).sort("rank", "mac", "locality")


def _show_localities(
    places: pl.DataFrame, own: pl.DataFrame, release: str, national: Any, units: int, shares: Mapping[str, Any]
) -> None:
    """Print the dearest and the cheapest localities of ``places``, and those of the practice's ZIP code (``own``)."""
    said = ", ".join(f"{_INDEX[name]} {share:.1%}" for name, share in shares.items())
    show_large(f"{units:,} units by {release}: {money(national)} national")
    show(f"of its RVUs: {said}")
    if own.height:
        low, high = own["amount"].min(), own["amount"].max()
        where = money(low) if low == high else f"{money(low)} to {money(high)}, depending on the locality"  # type: ignore[arg-type]  # amounts
        show(f"the ZIP code: {where}")
    show()
    shown = _ends_of(places, _ENDS, own)
    rows = [
        {
            **row,
            "key": f"{row['mac']}-{row['locality']}",
            **{f"{name}_part": rounded_to(row[f"{name}_part"], 0) for name in _INDEX},
            "driver": _SHORT.get(row["driver"], row["driver"]),
        }
        for row in shown.to_dicts()
    ]
    print_table(
        rows,
        {
            "rank": "rank",
            "key": "locality",
            "locality_name": "name",
            "amount": "amount",
            "index_to_national": "index",
            "gaf": "GAF",
            "work_part": "by work",
            "pe_part": "by PE",
            "mp_part": "by MP",
            "driver": "most\nby",
        },
    )
    show(
        wrapped(
            "index: to the national amount; GAF: the three GPCIs weighted by the basket's own RVUs (42 CFR 414.26); "
            "by work, PE, MP: dollars each index makes of the difference from the nation (to the cent: -o, --json)"
        )
    )
    if shown.height < places.height:
        say(f"{places.height - shown.height} localities between are not shown; all of them: -o places.csv, --json")


def _show_releases(table: pl.DataFrame) -> None:
    """Print the basket in each release, place by place."""
    for number, part in enumerate(table.partition_by("place", maintain_order=True)):
        show(("\n" if number else "") + part["place"][0])
        rows = [
            {**row, "rate": "-" if row["change_rate"] is None else f"{row['change_rate']:+.2%}"}
            for row in part.to_dicts()
        ]
        print_table(
            rows,
            {
                "release": "release",
                "first_date_of_service": "from",
                "conversion_factor": "factor",
                "services": "services\npriced",
                "amount": "amount",
                "same_services_amount": "same services\nin all releases",
                "change": "change",
                "rate": "rate",
                "index": "index",
            },
        )


def _say_left_out(left: pl.DataFrame) -> None:
    """Say which services have no price, and why."""
    if not left.height:
        return
    import polars as pl

    reasons = [name for name in ("status", "reason") if name in left.columns]
    if "release" in left.columns:
        release = pl.col("release").unique(maintain_order=True).str.join(", ")
        left = left.group_by("service", "units", *reasons, maintain_order=True).agg(release)
    say(f"{left['service'].n_unique():,} services are not priced, and left out:")
    for row in left.head(_LEFT_SHOWN).to_dicts():
        where = f" ({row['release']})" if "release" in row else ""
        why = str(row.get("reason") or row.get("status") or "see --json")
        say(wrapped(why, f"  {row['service']}, {row['units']:,} units{where}: "))
