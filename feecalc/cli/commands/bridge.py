"""``feecalc bridge``: what the change in revenue between two releases is made of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feecalc.cli.commands.inputs import given_for_all, read_lines, terms_of_change, volume_of, year_notes
from feecalc.cli.terminal.arguments import place_option
from feecalc.cli.terminal.claim_options import ClaimLineOptions, ClaimsOrVolumeOptions
from feecalc.cli.terminal.options import (
    ChartOption,
    JsonOption,
    OutputOption,
    QpOption,
    ReleaseChangeOptions,
    add_command,
)
from feecalc.cli.terminal.output import counted, money, print_json, print_table, say, show, show_large, wrapped
from feecalc.cli.terminal.output_files import check_picture, check_table, refuse_clashes, write_table
from feecalc.cli.terminal.progress import progress
from feecalc.errors import InvalidValue

if TYPE_CHECKING:
    from decimal import Decimal

    import polars as pl

    from feecalc.pricing.release_terms import Terms
    from feecalc.scenarios.bridge.bridge import Bridge

_CODES_SHOWN = 12
_LEFT_SHOWN = 6


def register(app: typer.Typer) -> None:
    """Add the command ``bridge``."""
    example = "Example: feecalc bridge --from 2025D --to 2026C --volume volume.csv"
    add_command(app, "bridge", bridge, example=example)


def bridge(
    *,
    change: ReleaseChangeOptions,
    volume: Annotated[
        Path | None, typer.Option("--volume", metavar="FILE", help="File of codes and units: .csv, .parquet or .xlsx.")
    ] = None,
    volume_to: Annotated[
        Path | None,
        typer.Option("--volume-to", metavar="FILE", help="File of codes and units at the end. Default: the same file."),
    ] = None,
    claims: Annotated[
        Path | None,
        typer.Option(
            "--claims",
            metavar="FILE",
            help="Claim lines in place of a volume, priced with all claim rules: .csv, .parquet or .xlsx.",
        ),
    ] = None,
    claims_to: Annotated[
        Path | None,
        typer.Option("--claims-to", metavar="FILE", help="Claim lines at the end. Default: the same file."),
    ] = None,
    order: Annotated[
        str,
        typer.Option(
            "--order", metavar="PARTS", help="Parts to take first, such as volume,mix,factor; the rest follow."
        ),
    ] = "",
    qp: QpOption = False,
    how_read: ClaimsOrVolumeOptions,
    output: OutputOption = None,
    chart: ChartOption = None,
    as_json: JsonOption = False,
) -> None:
    """Split the change in revenue between two releases.

    Its parts are conversion factor, RVUs, GPCIs, rules, volume and mix. They are taken from the second release and
    volume one after the other, so they add up to the change to the cent; the joint effect of two parts goes to the
    later one. With --volume amounts are what Medicare allows for each unit by itself, on each release's first day.
    With --claims each line is priced at every step with the rules of its claim, multiple procedures on a day included,
    on its own day of each release's year.
    """
    from feecalc.scenarios.bridge.parts import order_of

    _refuse_two_kinds((volume, volume_to), (claims, claims_to), (how_read.map_file, how_read.pos, how_read.date))
    wanted = order_of(order.split(","))
    check_picture(chart)
    check_table(output)
    volumes = {"the volume": volume, "the volume at the end": volume_to}
    claim_files = {"the claim file": claims, "the claim file at the end": claims_to, "the map": how_read.map_file}
    refuse_clashes({**volumes, **claim_files}, {"--output": output, "--chart": chart})
    place = place_option(how_read.locality)
    begin, end, notices = terms_of_change(change, qp_from=qp, qp_to=qp)
    for notice in notices:
        say(wrapped(notice))
    if claims is not None:
        found = _of_claims((begin, end), claims, claims_to, wanted, how_read, notices)
    else:
        assert volume is not None
        found = _of_volume((begin, end), volume, volume_to, wanted, place)
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
    """Raise InvalidValue unless there is a volume or a claim file, and only options of that one."""
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
    how_read: ClaimLineOptions,
    notices: list[str],
) -> Bridge:
    """Return the bridge of one file of claims, or from one to another; how they are read is added to ``notices``."""
    from feecalc.files.opening import plain_errors
    from feecalc.scenarios.bridge.claims import bridge_claims

    given, release = given_for_all(how_read), sides[1].schedule.release.name
    read = [read_lines(file, how_read.map_file, given, release) for file in (claims, claims_to) if file]
    more = [text for lines in read for text in (*lines.columns.lines(), *lines.notes)]
    for text in dict.fromkeys([*more, *year_notes(*sides)]):
        if text not in notices:
            notices.append(text)
            say(wrapped(text))
    frames: list[pl.LazyFrame] = [lines_read.frame for lines_read in read]
    with plain_errors(claims), progress(sum(lines_read.rows for lines_read in read)) as done:
        return bridge_claims(*sides, *frames, order=order, progress=done)


def document(found: Bridge, notices: list[str]) -> dict[str, object]:
    """Return the bridge for --json."""
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
    from feecalc.cli.terminal.output_files import write_picture

    ends = f"{money(found.total('from_revenue'))} to {money(found.total('to_revenue'))}"
    write_picture(waterfall_figure(found.waterfall, f"{found.former} to {found.latter}: {ends}"), path)


def _show(found: Bridge) -> None:
    from feecalc.money import signed_usd
    from feecalc.scenarios.bridge.parts import MEANING

    start, end, change = (found.total(name) for name in ("from_revenue", "to_revenue", "change"))
    rate = f", {_rate(change / start)}" if start else ""
    show_large(f"{found.former} {money(start)} to {found.latter} {money(end)}: {signed_usd(change)}{rate}")
    show()
    steps = found.steps.to_dicts()
    signed = [signed_usd(row["amount"]) for row in steps]
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
    show(wrapped(f"order: {', '.join(found.order)}; new and deleted codes are apart (another order: --order)"))
    show()
    codes, (with_column, without) = found.by_code, _greatest(found)
    print_table(
        codes.head(_CODES_SHOWN),
        {
            "service": "service",
            "from_units": "units",
            "to_units": "units\nafter",
            "from_revenue": "revenue",
            "to_revenue": "revenue\nafter",
            "change": "change",
            **{name: name for name in with_column},
        },
    )
    if without:
        say(wrapped(f"the change is also made of {', '.join(without)}, which had no room: -o bridge.csv"))
    if codes.height > _CODES_SHOWN:
        say(f"the {_CODES_SHOWN} services of {codes.height:,} that change most; all, with every part: -o bridge.csv")
    _say_left_out(found)


def _say_left_out(found: Bridge) -> None:
    """Say which services have no revenue in both releases, with their units."""
    import polars as pl

    sums = [pl.col(name).sum() for name in ("from_units", "to_units")]
    left = found.left_out.group_by("service", "reason", maintain_order=True).agg(*sums)
    if not left.height:
        return
    what = counted(left.height, "service")
    say(wrapped(f"in neither total: no release prices them, or one of the two cannot be priced here: {what}"))
    for row in left.head(_LEFT_SHOWN).to_dicts():
        units = counted(row["from_units"] or row["to_units"], "unit")
        say(wrapped(row["reason"], f"  {row['service']}, {units}: "))
    if left.height > _LEFT_SHOWN:
        say(f"  and {left.height - _LEFT_SHOWN:,} more; all of them: --json")


def _rate(share: Decimal) -> str:
    """Return a share in percent with its sign; 0 has none."""
    return f"{share:+.2%}" if share else f"{share:.2%}"


def _to_the_right(*texts: str) -> list[str]:
    """Return a heading and signed figures, which a table takes for words, all as wide as the widest."""
    widest = max(map(len, texts))
    return [text.rjust(widest) for text in texts]


def _greatest(found: Bridge) -> tuple[list[str], list[str]]:
    """Return the four parts that change most, in the order taken, as a line has room for no more; and the others."""
    moving = [row for row in found.steps.to_dicts() if row["amount"]]
    most = sorted(moving, key=lambda row: -abs(row["amount"]))[:4]
    return [row["part"] for row in moving if row in most], [row["part"] for row in moving if row not in most]
