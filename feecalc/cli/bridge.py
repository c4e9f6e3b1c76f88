"""``feecalc bridge``: what the change in revenue between two releases is made of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feecalc.cli.clashes import refuse_clashes
from feecalc.cli.counting import counted
from feecalc.cli.options import DateOfAllOption, MapOption, PosOfRestOption, QpOption, taken, words_option
from feecalc.cli.output import JsonOption, money, print_json, print_table, say, show, show_large, wrapped
from feecalc.cli.pictures import ChartOption, check_picture
from feecalc.cli.volumes import OutputOption
from feecalc.errors import InvalidValue

if TYPE_CHECKING:
    from decimal import Decimal

    import polars as pl

    from feecalc.scenarios.basket.terms import Terms
    from feecalc.scenarios.bridge.bridge import Bridge

_CODES_SHOWN = 12
_LEFT_SHOWN = 6


def register(app: typer.Typer) -> None:
    """Add the command ``bridge``."""
    app.command("bridge", epilog="Example: feecalc bridge --from 2025D --to 2026C --volume volume.csv")(bridge)


def bridge(
    former: Annotated[str, typer.Option("--from", metavar="NAME", help="CMS release to begin with, 2025D.")],
    latter: Annotated[str, typer.Option("--to", metavar="NAME", help="CMS release to end with, 2026C.")],
    volume: Annotated[Path | None, taken("--volume", "FILE", "Codes and units: .csv, .parquet or .xlsx.")] = None,
    volume_to: Annotated[
        Path | None, taken("--volume-to", "FILE", "The volume at the end. Default: the same one.")
    ] = None,
    claims: Annotated[
        Path | None, taken("--claims", "FILE", "In place of a volume claim lines, priced with all rules of a claim.")
    ] = None,
    claims_to: Annotated[
        Path | None, taken("--claims-to", "FILE", "The claims at the end. Default: the same ones.")
    ] = None,
    order: Annotated[
        str, typer.Option("--order", metavar="PARTS", help="Parts to take first: volume,mix,factor. The rest follow.")
    ] = "",
    locality: Annotated[
        str | None,
        typer.Option("--locality", metavar="PLACE", help='Where rows name no place: 09102-04, "Miami, FL", national.'),
    ] = None,
    qp: QpOption = False,
    no_gpci_floor_from: Annotated[
        bool, typer.Option("--from-no-gpci-floor", help="Begin without the work GPCI floor.")
    ] = False,
    no_gpci_floor_to: Annotated[
        bool, typer.Option("--to-no-gpci-floor", help="End without the work GPCI floor.")
    ] = False,
    factor_to: Annotated[
        str | None, typer.Option("--to-factor", metavar="USD", help="Conversion factor to end with, a proposed one.")
    ] = None,
    map_file: MapOption = None,
    pos: PosOfRestOption = None,
    date: DateOfAllOption = None,
    output: OutputOption = None,
    chart: ChartOption = None,
    as_json: JsonOption = False,
) -> None:
    """Split a change in revenue into factor, RVUs, indices, rules, volume and mix.

    One part after the other is taken from the second release and volume, so the parts sum to the change to the cent;
    what two changes make together goes to the one that comes later in the order. With --volume amounts are what
    Medicare allows for each unit by itself, on each release's first day. With --claims each line is priced with the
    rules of its claim at every step, several procedures of a day among them, on its own day of each release's year.
    """
    from feecalc.cli.volumes import terms_of
    from feecalc.cli.writing import write_table, writer_of
    from feecalc.scenarios.bridge.parts import order_of

    _refuse_two_kinds((volume, volume_to), (claims, claims_to), (map_file, pos, date))
    wanted = order_of(order.split(","))
    check_picture(chart)
    if output is not None:
        writer_of(output)
    volumes = {"the volume": volume, "the volume at the end": volume_to}
    claim_files = {"the claim file": claims, "the claim file at the end": claims_to, "the map": map_file}
    refuse_clashes({**volumes, **claim_files}, {"--output": output, "--chart": chart})
    place = None if locality is None else words_option(locality, "locality")
    sides = [terms_of(former, qp, no_gpci_floor_from, None), terms_of(latter, qp, no_gpci_floor_to, factor_to)]
    notices = list(dict.fromkeys(notice for _, said in sides for notice in said))
    for notice in notices:
        say(wrapped(notice))
    ends = sides[0][0], sides[1][0]
    if claims is not None:
        found = _of_claims(ends, claims, claims_to, wanted, (map_file, place, pos, date), notices)
    else:
        assert volume is not None
        found = _of_volume(ends, volume, volume_to, wanted, place)
    if output is not None:
        write_table(found.by_code, output)
    if chart is not None:
        _draw(found, chart)
    if as_json:
        print_json(document(found, notices))
    else:
        _show(found)
        for path, what in ((output, f"{found.by_code.height:,} services"), (chart, "the picture")):
            if path is not None:
                show(f"{path}: {what}")


def _refuse_two_kinds(
    volumes: tuple[Path | None, Path | None], claims: tuple[Path | None, Path | None], of_claims: tuple[object, ...]
) -> None:
    """Raises InvalidValue unless there is a volume or a claim file, and only options of that one."""
    if (volumes[0] is None) == (claims[0] is None):
        raise InvalidValue("give what was done, as --volume FILE (codes and units) or as --claims FILE (claim lines)")
    for first, last, name in ((*volumes, "volume"), (*claims, "claims")):
        if first is None and last is not None:
            raise InvalidValue(f"--{name}-to is the end of a bridge that begins with --{name}")
    if claims[0] is None and of_claims != (None, None, None):
        raise InvalidValue("--map, --pos and --date are of claim lines; give these with --claims FILE")


def _of_volume(
    sides: tuple[Terms, Terms], volume: Path, volume_to: Path | None, order: tuple[str, ...], place: str | None
) -> Bridge:
    from feecalc.cli.volumes import volume_of
    from feecalc.scenarios.bridge.bridge import bridge as split

    schedules = [side.schedule for side in sides]
    before = volume_of(volume, schedules, place)
    after = None if volume_to is None else volume_of(volume_to, schedules, place)
    return split(*sides, before, after, order=order)


def _of_claims(
    sides: tuple[Terms, Terms],
    claims: Path,
    claims_to: Path | None,
    order: tuple[str, ...],
    how: tuple[Path | None, str | None, str | None, str | None],
    notices: list[str],
) -> Bridge:
    """The bridge of one file of claims, or from one to another; what is said of how they are read goes to notices."""
    from feecalc.cli.claim_lines import given_options
    from feecalc.cli.progress import progress
    from feecalc.files.column_map import read_column_map
    from feecalc.files.opened_file import plain_errors
    from feecalc.runs.reading import read_claims
    from feecalc.scenarios.bridge.claims import bridge_claims
    from feecalc.scenarios.given_in import shifts_years

    map_file, place, pos, date = how
    given = given_options(place, date, pos)
    said = None if map_file is None else read_column_map(map_file)
    release = sides[1].schedule.release.name
    read = [read_claims(each, column_map=said, defaults=given, release=release) for each in (claims, claims_to) if each]
    told = [text for each in read for text in (*each.columns.lines(), *each.notes)]
    if shifts_years(*sides):
        names = " and ".join(side.schedule.release.name for side in sides)
        told.append(f"{names} price different years: each line is priced as if given on the same day of either year")
    for text in dict.fromkeys(told):
        if text not in notices:
            notices.append(text)
            say(wrapped(text))
    frames: list[pl.LazyFrame] = [each.frame for each in read]
    with plain_errors(claims), progress(sum(each.rows for each in read)) as done:
        return bridge_claims(*sides, *frames, order=order, progress=done)


def document(found: Bridge, notices: list[str]) -> dict[str, object]:
    """The bridge for --json."""
    return {
        "from": found.former,
        "to": found.latter,
        "notices": notices,
        "order": found.order,
        "from_revenue": found.total("from_revenue"),
        "to_revenue": found.total("to_revenue"),
        "change": found.total("change"),
        "parts": {row["part"]: row["amount"] for row in found.steps.to_dicts()},
        "services": found.by_code,
        "left_out": found.left_out,
    }


def _draw(found: Bridge, path: Path) -> None:
    from feecalc.charts.waterfall import waterfall_figure
    from feecalc.cli.pictures import write_picture

    ends = f"{money(found.total('from_revenue'))} to {money(found.total('to_revenue'))}"
    write_picture(waterfall_figure(found.waterfall, f"{found.former} to {found.latter}: {ends}"), path)


def _show(found: Bridge) -> None:
    from feecalc.scenarios.bridge.parts import MEANING

    start, end, change = (found.total(name) for name in ("from_revenue", "to_revenue", "change"))
    rate = f", {_rate(change / start)}" if start else ""
    show_large(f"{found.former} {money(start)} to {found.latter} {money(end)}: {change:+,.2f}{rate}")
    show()
    steps = found.steps.to_dicts()
    signed = [f"{row['amount']:+,.2f}" if row["amount"] else "0.00" for row in steps]
    change_above, *changes = _to_the_right("change", *signed)
    of_the, beginning, *rates = _to_the_right(
        "of the", "beginning", *("-" if row["rate"] is None else _rate(row["rate"]) for row in steps)
    )
    print_table(
        [
            {"part": MEANING[row["part"]], "amount": amount, "rate": rate, "ends": row["ends"]}
            for row, amount, rate in zip(steps, changes, rates, strict=True)
        ],
        {
            "part": "part, in the order taken",
            "amount": change_above,
            "rate": f"{of_the}\n{beginning}",
            "ends": "revenue after",
        },
    )
    show(wrapped(f"order: {', '.join(found.order)}; new and deleted codes stand apart (another: --order)"))
    show()
    codes = found.by_code
    print_table(
        codes.head(_CODES_SHOWN),
        {
            "service": "service",
            "from_units": "units",
            "to_units": "units\nafter",
            "from_revenue": "revenue",
            "to_revenue": "revenue\nafter",
            "change": "change",
            **{name: name for name in _greatest(found)},
        },
    )
    if codes.height > _CODES_SHOWN:
        say(f"the {_CODES_SHOWN} services of {codes.height:,} that change most; all, with every part: -o bridge.csv")
    _say_left_out(found)


def _say_left_out(found: Bridge) -> None:
    """The services without a revenue on both sides, each with its units, of the beginning where there are any."""
    import polars as pl

    sums = [pl.col(name).sum() for name in ("from_units", "to_units")]
    left = found.left_out.group_by("service", "reason", maintain_order=True).agg(*sums)
    if not left.height:
        return
    what = counted(left.height, "service")
    say(wrapped(f"left out of both totals, as neither release prices them, or one of the two cannot be told: {what}"))
    for row in left.head(_LEFT_SHOWN).to_dicts():
        units = counted(row["from_units"] or row["to_units"], "unit")
        say(wrapped(row["reason"], f"  {row['service']}, {units}: "))
    if left.height > _LEFT_SHOWN:
        say(f"  and {left.height - _LEFT_SHOWN:,} more; all of them: --json")


def _rate(share: Decimal) -> str:
    """A share in percent with its sign; none of it has none."""
    return f"{share:+.2%}" if share else f"{share:.2%}"


def _to_the_right(*texts: str) -> list[str]:
    """A heading and figures with signs, which a table takes for words: all as wide as the widest."""
    widest = max(map(len, texts))
    return [text.rjust(widest) for text in texts]


def _greatest(found: Bridge) -> list[str]:
    """The four parts that move most, in the order taken: what a line has room for."""
    moving = [row for row in found.steps.to_dicts() if row["amount"]]
    most = sorted(moving, key=lambda row: -abs(row["amount"]))[:4]
    return [row["part"] for row in moving if row in most]
