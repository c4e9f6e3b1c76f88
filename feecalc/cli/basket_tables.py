"""What ``feecalc compare --volume`` prints of a basket: localities by rank, releases, and what is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from feecalc.cli.output import money, print_table, say, show, show_large, wrapped

if TYPE_CHECKING:
    import polars as pl

ENDS = 10  # localities shown at either end of a long ranking
_LEFT_SHOWN = 6
_SHORT = {"pe": "PE", "mp": "MP"}
_INDEX = {"work": "work", "pe": "practice expense", "mp": "malpractice"}


def ends_of(places: pl.DataFrame, ends: int, own: pl.DataFrame) -> pl.DataFrame:
    """The dearest and the cheapest of a long ranking, and the person's own."""
    import polars as pl

    if places.height <= 3 * ends:
        return places
    shown = pl.concat([places.head(ends), own, places.tail(ends)])
    return shown.unique(["mac", "locality"], maintain_order=True).sort("rank", "mac", "locality")


def show_localities(
    places: pl.DataFrame, own: pl.DataFrame, release: str, national: Any, units: int, shares: Mapping[str, Any]
) -> None:
    """The dearest and the cheapest localities of ``places``, and those of the person's ZIP code (``own``)."""
    said = ", ".join(f"{_INDEX[name]} {share:.1%}" for name, share in shares.items())
    show_large(f"{units:,} units by {release}: {money(national)} national")
    show(f"of its RVUs: {said}")
    if own.height:
        low, high = own["amount"].min(), own["amount"].max()
        where = money(low) if low == high else f"{money(low)} to {money(high)}, by which locality it is"  # type: ignore[arg-type]  # amounts
        show(f"the ZIP code: {where}")
    show()
    shown = ends_of(places, ENDS, own)
    rows = [
        {
            **row,
            "key": f"{row['mac']}-{row['locality']}",
            **{f"{name}_part": round(row[f"{name}_part"]) for name in _INDEX},
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


def show_releases(table: pl.DataFrame) -> None:
    """The basket in each release, place by place."""
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


def say_left_out(left: pl.DataFrame) -> None:
    """The services without a price, and why."""
    if not left.height:
        return
    import polars as pl

    told = [name for name in ("status", "reason") if name in left.columns]
    if "release" in left.columns:
        release = pl.col("release").unique(maintain_order=True).str.join(", ")
        left = left.group_by("service", "units", *told, maintain_order=True).agg(release)
    say(f"{left['service'].n_unique():,} services are not priced, and left out:")
    for row in left.head(_LEFT_SHOWN).to_dicts():
        where = f" ({row['release']})" if "release" in row else ""
        why = str(row.get("reason") or row.get("status") or "see --json")
        say(wrapped(why, f"  {row['service']}, {row['units']:,} units{where}: "))
