"""``feecalc bridge``: what the change in revenue between two releases is made of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feecalc.cli.options import QpOption, words_option
from feecalc.cli.output import JsonOption, money, print_json, print_table, say, show, show_large, wrapped
from feecalc.cli.pictures import ChartOption, check_picture
from feecalc.cli.volumes import OutputOption

if TYPE_CHECKING:
    from feecalc.scenarios.bridge.bridge import Bridge

_CODES_SHOWN = 12
_LEFT_SHOWN = 6


def register(app: typer.Typer) -> None:
    """Add the command ``bridge``."""
    app.command("bridge", epilog="Example: feecalc bridge --from 2025D --to 2026C --volume volume.csv")(bridge)


def bridge(
    former: Annotated[str, typer.Option("--from", metavar="NAME", help="CMS release to begin with, 2025D.")],
    latter: Annotated[str, typer.Option("--to", metavar="NAME", help="CMS release to end with, 2026C.")],
    volume: Annotated[Path, typer.Option("--volume", metavar="FILE", help="Codes and units: .csv, .parquet or .xlsx.")],
    volume_to: Annotated[
        Path | None, typer.Option("--volume-to", metavar="FILE", help="The volume at the end. Default: the same one.")
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
    output: OutputOption = None,
    chart: ChartOption = None,
    as_json: JsonOption = False,
) -> None:
    """Split a change in revenue into factor, RVUs, indices, rules, volume and mix.

    One part after the other is taken from the second release and volume, so the parts sum to the change to the cent;
    what two changes make together goes to the one that comes later in the order. Amounts are what Medicare allows for
    each unit by itself, on each release's first day.
    """
    from feecalc.cli.volumes import terms_of, volume_of
    from feecalc.cli.writing import write_table, writer_of
    from feecalc.scenarios.bridge.bridge import bridge as split
    from feecalc.scenarios.bridge.parts import order_of

    wanted = order_of(order.split(","))
    check_picture(chart)
    if output is not None:
        writer_of(output)
    place = None if locality is None else words_option(locality, "locality")
    sides = [terms_of(former, qp, no_gpci_floor_from, None), terms_of(latter, qp, no_gpci_floor_to, factor_to)]
    notices = list(dict.fromkeys(notice for _, said in sides for notice in said))
    for notice in notices:
        say(wrapped(notice))
    schedules = [terms.schedule for terms, _ in sides]
    before = volume_of(volume, schedules, place)
    after = None if volume_to is None else volume_of(volume_to, schedules, place)
    found = split(sides[0][0], sides[1][0], before, after, order=wanted)
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
    rate = f", {change / start:+.2%}" if start else ""
    show_large(f"{found.former} {money(start)} to {found.latter} {money(end)}: {change:+,.2f}{rate}")
    show()
    print_table(
        [
            {
                "part": MEANING[row["part"]],
                "amount": f"{row['amount']:+,.2f}" if row["amount"] else "0.00",
                "rate": "-" if row["rate"] is None else f"{row['rate']:+.2%}",
                "ends": row["ends"],
            }
            for row in found.steps.to_dicts()
        ],
        {"part": "part, in the order taken", "amount": "change", "rate": "of the\nbeginning", "ends": "revenue after"},
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
    left = found.left_out
    if left.height:
        say(f"{left.height:,} services are left out, for neither side, or not both, can be told:")
        for row in left.head(_LEFT_SHOWN).to_dicts():
            say(wrapped(row["reason"], f"  {row['service']}, {row['from_units']:,} units: "))


def _greatest(found: Bridge) -> list[str]:
    """The four parts that move most, in the order taken: what a line has room for."""
    moving = [row for row in found.steps.to_dicts() if row["amount"]]
    most = sorted(moving, key=lambda row: -abs(row["amount"]))[:4]
    return [row["part"] for row in moving if row in most]
