"""``feecalc compare --volume``: a person's own basket across localities, releases or settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from feecalc.cli.basket_tables import ends_of, say_left_out, show_localities, show_releases
from feecalc.cli.output import print_json, print_table, quoted, say, show, wrapped
from feecalc.cli.pictures import check_picture, write_picture
from feecalc.errors import InvalidValue

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.figure import Figure

    from feecalc.installed import Opened
    from feecalc.pricing.places.locality import Locality
    from feecalc.pricing.schedule import FeeSchedule
    from feecalc.scenarios.basket.localities import ZipPlaces

LOCALITIES, RELEASES, SETTINGS = "localities", "releases", "settings"
_DRAWN = 20  # and drawn
_SERVICES_SHOWN = 12


@dataclass(frozen=True)
class Basket:
    """What the command was asked, its words checked. ``how``: qp and gpci_floor."""

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
    """What is written, drawn, and told as JSON."""

    opened: Sequence[Opened]
    table: pl.DataFrame
    left_out: pl.DataFrame
    document: Mapping[str, object]
    figure: Figure | None


def compare_volume(asked: Basket) -> None:
    """Price the basket, and print, write and draw what is wanted."""
    if asked.output is not None:
        from feecalc.cli.writing import writer_of

        writer_of(asked.output)
    check_picture(asked.chart)
    if asked.zip_code is not None and asked.places:
        raise InvalidValue("--zip and --locality both say where; give one of them")
    ways = {LOCALITIES: _localities, RELEASES: _releases, SETTINGS: _settings}
    if asked.across not in ways:
        raise InvalidValue(f"--across {quoted(asked.across)}: compare across {', '.join(ways)}")
    answer = ways[asked.across](asked)
    if asked.output is not None:
        from feecalc.cli.writing import write_table

        write_table(answer.table, asked.output)
    if asked.chart is not None and answer.figure is not None:
        write_picture(answer.figure, asked.chart)
    if asked.as_json:
        named = [each.schedule.release.name for each in answer.opened]
        notices = [notice for each in answer.opened for notice in each.told(gpci_floor=asked.how["gpci_floor"])]
        document = {"across": asked.across, "releases": named, "notices": notices, **answer.document}
        print_json({**document, "left_out": answer.left_out})
        return
    say_left_out(answer.left_out)
    for path, what in ((asked.output, f"{answer.table.height:,} rows"), (asked.chart, "the picture")):
        if path is not None:
            show(f"{path}: {what}")


def _one_release(asked: Basket) -> tuple[Opened, pl.DataFrame]:
    from feecalc.cli.volumes import volume_of
    from feecalc.files.volume import NATIONAL
    from feecalc.installed import open_schedule

    if len(asked.releases) > 1:
        raise InvalidValue(f"--across {asked.across} takes one release; several are compared with --across {RELEASES}")
    opened = open_schedule(asked.releases[0] if asked.releases else None)
    for notice in opened.told(gpci_floor=asked.how["gpci_floor"]):
        say(wrapped(notice))
    return opened, volume_of(asked.volume, [opened.schedule], NATIONAL)


def _zip(asked: Basket, schedule: FeeSchedule) -> ZipPlaces | None:
    if asked.zip_code is None:
        return None
    from feecalc.installed import open_zip_directory
    from feecalc.scenarios.basket.localities import places_of_zip

    found = places_of_zip(open_zip_directory(day=schedule.release.day(None)), asked.zip_code, schedule)
    say(wrapped(found.note, f"ZIP {found.zip}: "))
    return found


def _localities(asked: Basket) -> _Answer:
    import polars as pl

    from feecalc.charts.ranking import ranking_figure
    from feecalc.scenarios.basket.localities import basket_across_localities

    opened, volume = _one_release(asked)
    schedule = opened.schedule
    at = _zip(asked, schedule)
    chosen: list[Locality] = [] if at is None else list(at.localities)
    found = basket_across_localities(
        schedule, volume, localities=list(asked.places) or None, **asked.how
    )
    keys = pl.DataFrame([(each.mac, each.locality) for each in chosen], schema=["mac", "locality"], orient="row")
    own = found.places.join(keys, on=["mac", "locality"], how="semi") if chosen else found.places.clear()
    if not asked.as_json:
        show_localities(found.places, own, found.release, found.national_amount, found.units, found.shares)
    figure = None
    if asked.chart is not None:
        drawn = ends_of(found.places, _DRAWN, own)
        label = pl.format("{} {}-{} {}", pl.col("rank"), "mac", "locality", pl.col("locality_name").str.slice(0, 34))
        is_own = pl.format("{}-{}", "mac", "locality").is_in([each.key for each in chosen])
        table = drawn.select(label.alias("label"), "amount", is_own.alias("chosen"))
        title = f"{asked.volume.stem} by locality, {found.release}"
        figure = ranking_figure(table, title, mark=found.national_amount, mark_name="national")
    bounds = None
    if own.height:
        bounds = {"zip": asked.zip_code, "low": own["amount"].min(), "high": own["amount"].max()}
    document = {
        "national_amount": found.national_amount,
        "units": found.units,
        "rvu_shares": found.shares,
        "zip_bounds": bounds,
        "rows": found.places,
    }
    return _Answer([opened], found.places, found.left_out, document, figure)


def _releases(asked: Basket) -> _Answer:
    import polars as pl

    from feecalc.charts.series import series_figure
    from feecalc.cli.compare import at_hand
    from feecalc.cli.volumes import volume_of
    from feecalc.files.volume import NATIONAL
    from feecalc.ingest.releases import release_name
    from feecalc.installed import open_schedule
    from feecalc.scenarios.basket.releases import basket_across_releases

    if len(asked.places) > 1:
        raise InvalidValue(f"--across {RELEASES} takes one locality; several are compared with --across {LOCALITIES}")
    names = list(dict.fromkeys(release_name(name) for name in asked.releases)) or at_hand()
    opened = [open_schedule(name) for name in names]
    told = [each.told(gpci_floor=asked.how["gpci_floor"]) for each in opened]
    for notice in dict.fromkeys(notice for each in told for notice in each):
        say(wrapped(notice))
    schedules = [each.schedule for each in opened]
    volume = volume_of(asked.volume, schedules, NATIONAL)
    places: list[str | None] = [asked.places[0]] if asked.places else [None]
    at = _zip(asked, max(schedules, key=lambda each: each.release.first_date_of_service))
    if at is not None:
        places = [each.key for each in at.localities]
    series = [
        basket_across_releases(schedules, volume, locality=place, **asked.how)
        for place in places
    ]
    table = pl.concat([each.releases.select(pl.lit(each.place).alias("place"), pl.all()) for each in series])
    if not asked.as_json:
        show_releases(table)
    figure = None
    if asked.chart is not None:
        points = table.select(
            pl.col("place").alias("name"),
            pl.col("first_date_of_service").alias("day"),
            pl.col("release").str.strip_prefix("RVU").alias("label"),
            pl.col("same_services_amount").alias("amount"),
        )
        figure = series_figure(points, f"{asked.volume.stem} from release to release")
    left = pl.concat([each.left_out for each in series]).unique(maintain_order=True)
    return _Answer(opened, table, left, {"rows": table}, figure)


def _settings(asked: Basket) -> _Answer:
    import polars as pl

    from feecalc.charts.ranking import ranking_figure
    from feecalc.scenarios.basket.settings import AS_GIVEN, basket_across_settings

    if len(asked.places) > 1:
        raise InvalidValue(f"--across {SETTINGS} takes one locality")
    opened, volume = _one_release(asked)
    at = _zip(asked, opened.schedule)
    if at is not None and at.split:
        raise InvalidValue(f"ZIP code {at.zip} is split; give --locality for --across {SETTINGS}")
    place = asked.places[0] if asked.places else at.localities[0] if at is not None else None
    found = basket_across_settings(
        opened.schedule, volume, locality=place, **asked.how
    )
    if not asked.as_json:
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
    if asked.chart is not None:
        bars = found.settings.select(
            pl.col("setting").alias("label"),
            pl.col("same_services_amount").alias("amount"),
            (pl.col("setting") == AS_GIVEN).alias("chosen"),
        )
        figure = ranking_figure(bars, f"{asked.volume.stem}: the physician's amount by setting, {found.release}")
    left = found.services.filter(pl.col(AS_GIVEN).is_null()).select("service", "units")
    document = {"settings": found.settings, "services": found.services}
    return _Answer([opened], found.services, left, document, figure)
