"""A practice's volume: how many units of which code, where, at what charge; and what Medicare allows for each unit.

A row is so many units of one code, each priced as a claim of its own: rules over several lines of a day do not reach
it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import polars as pl

from feecalc.claims import cells
from feecalc.claims.places import Places
from feecalc.contracts.paying.pricers import national_schedule, pricer_with_factor
from feecalc.contracts.tables import MODIFIERS, OwnTable, open_table
from feecalc.errors import InvalidValue, MissingColumn
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import Coverage
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.places.zip_code import ZipDirectory
from feecalc.pricing.schedule import FeeSchedule

NATIONAL = "national"
COLUMNS: Mapping[str, pl.DataType] = {
    "hcpcs": pl.String(),
    "modifier_1": pl.String(),
    "modifier_2": pl.String(),
    "modifier_3": pl.String(),
    "modifier_4": pl.String(),
    "place_of_service": pl.String(),
    "mac": pl.String(),  # "" with locality "" is the nation
    "locality": pl.String(),
    "units": pl.Int64(),
    "billed_amount": cells.MONEY,  # of one unit, null where none is given
    "payer": pl.String(),  # null where none is given
    "category": pl.String(),  # the person's own word for it; null where none is given
    "provider_type": pl.String(),
    "minutes": pl.Int32(),  # of anesthesia, for each unit
}
PRICED: Mapping[str, pl.DataType] = {
    "setting": pl.String(),
    "medicare_amount": pl.Decimal(18, 2),  # for one unit; null where not priced
    "pricing_status": pl.String(),
    "reason": pl.String(),
}
_SERVICE = (*MODIFIERS, "hcpcs", "place_of_service", "mac", "locality", "provider_type", "minutes")
_BARE = {"modifier_3": "", "modifier_4": "", "provider_type": "physician", "minutes": None}


def read_volume(
    path: Path,
    schedules: Sequence[FeeSchedule],
    *,
    locality: str | None = None,
    place_of_service: str = "11",
    day: date | None = None,
    zips: ZipDirectory | None = None,
    said: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """A volume file (csv, xlsx or parquet) as ``COLUMNS``.

    Headings are found as a claim file's are; a code and its units are needed. ``locality`` (a key, a name, or
    "national") is for rows that name none. A volume is small and a person's own: a cell that cannot be read is an
    InvalidValue that names its row. Raises also MissingColumn, UnreadableFile, UnknownLocality.
    """
    table = open_table(path, said)
    for name in ("hcpcs", "units"):
        table.column(name)
    if locality is None and not (table.has("locality") or table.has("zip_code")):
        raise MissingColumn(
            f"{path.name}: no column for locality, and none is given; say --locality 'Miami, FL' or --locality national"
        )
    read = table.frame.select(
        "row",
        *map(pl.col, {table.column(name) for name in ("units", "billed_amount", "minutes") if table.has(name)}),
        cells.hcpcs(table.column("hcpcs")).alias("hcpcs"),
        *(each.alias(name) for name, each in table.modifiers().items()),
        table.place_of_service(place_of_service).alias("place_of_service"),
        _units(table).alias("units"),
        table.money("billed_amount").alias("billed_amount"),
        *(table.text(name).replace("", None).alias(name) for name in ("payer", "category")),
        table.text("provider_type", "physician").str.to_lowercase().alias("provider_type"),
        _minutes(table).alias("minutes"),
    )
    table.refuse(read, pl.col("hcpcs").str.len_chars() != 5, "no procedure code, which has five digits and letters")
    table.refuse(read, pl.col("units").is_null(), "units are not a whole number above 0")
    table.refuse(read, pl.col("units") < 1, "units must be above 0; leave out what was not done")
    for name in ("billed_amount", "minutes"):
        if table.has(name):
            table.refuse(read, table.unreadable(name, name), f"{name} cannot be read")
    table.refuse(read, pl.col("billed_amount") < 0, "a charge below 0")
    placed = read.with_columns(_places(table, schedules, locality, day or schedules[-1].release.day(None), zips))
    return placed.select(pl.col(name).cast(kind) for name, kind in COLUMNS.items())


def _units(table: OwnTable) -> pl.Expr:
    if table.kind("units").is_integer():
        return pl.col(table.column("units")).cast(pl.Int64)
    cell = cells.text(table.column("units")).str.replace_all(",", "", literal=True)
    return cell.str.extract(r"^(\d{1,12})(?:\.0*)?$").cast(pl.Int64, strict=False)


def _minutes(table: OwnTable) -> pl.Expr:
    return cells.whole(table.column("minutes"), table.kind("minutes")) if table.has("minutes") else pl.lit(None)


def _places(
    table: OwnTable, schedules: Sequence[FeeSchedule], locality: str | None, day: date, zips: ZipDirectory | None
) -> list[pl.Series]:
    """mac and locality of each row. Raises InvalidValue, naming the row, where a place is not known."""
    asked = {"mac": "mac", "words": "locality", "zips": "zip_code"}
    given = {
        ours: table.frame.select(cells.raw(table.column(name)).str.strip_chars()).to_series()
        for ours, name in asked.items()
        if table.has(name)
    }
    height = table.frame.height
    words = given.get("words", pl.Series([""], dtype=pl.String).new_from_index(0, height))
    if locality is not None:
        zip_codes = given.get("zips", words)
        nowhere = (words == "") & (zip_codes == "")
        words = pl.select(pl.when(nowhere).then(pl.lit(locality)).otherwise(words)).to_series()
    given["words"] = words
    national = words.str.to_lowercase() == NATIONAL
    columns = pl.DataFrame({"day": pl.Series([day]).new_from_index(0, height), **given})
    looked_up = Places(schedules, zips or ZipDirectory()).of(pl.col("day"), **{name: pl.col(name) for name in given})
    found = columns.select(looked_up.alias("at")).unnest("at")
    found = found.with_columns(national.alias(NATIONAL), table.frame["row"]).with_columns(
        pl.when(NATIONAL).then(pl.lit("")).otherwise(pl.col(name)).alias(name) for name in ("mac", "locality")
    )
    lost = found.filter(pl.col("mac").is_null())
    if lost.height:
        raise InvalidValue(f"{table.path.name}, row {lost['row'][0]} below the headings: {lost['reason'][0]}")
    return [found["mac"], found["locality"]]


class VolumePricer:
    """Prices a unit of each row of volumes by one release on one day; what it has looked up is kept for the next."""

    def __init__(
        self,
        schedule: FeeSchedule,
        *,
        day: date | None = None,
        qp: bool = False,
        rules: ClaimRules | None = None,
        conversion_factor: Decimal | None = None,
    ) -> None:
        """``conversion_factor``: in place of Medicare's, for all but anesthesia. [USD per RVU]"""
        self.schedule, self.day, self.qp = schedule, schedule.release.day(day), qp
        self.conversion_factor = conversion_factor
        self.rules = replace(rules or ClaimRules(), add_on_needs_primary=False, lower_of_billed=False)

    def price(self, volume: pl.DataFrame, more: Sequence[str] = ()) -> pl.DataFrame:
        """What Medicare allows for one unit of each row, whatever is charged, row for row.

        Shape: ``PRICED``, then what is named of ``feecalc.pricing.claims.results.COLUMNS``.
        """
        is_national = (volume["mac"] == "") & (volume["locality"] == "")
        if not is_national.any():
            return self._priced(self.pricer, volume, more)
        if is_national.all():
            return self._priced(self.national_pricer, volume, more)
        order = pl.concat([is_national.arg_true(), (~is_national).arg_true()])
        parts = pl.concat(
            [
                self._priced(self.national_pricer, volume.filter(is_national), more),
                self._priced(self.pricer, volume.filter(~is_national), more),
            ]
        )
        return parts.with_columns(order.alias("at")).sort("at").drop("at")

    @cached_property
    def pricer(self) -> ClaimPricer:
        return pricer_with_factor([Coverage.of_year(self.schedule)], self.rules, self.conversion_factor)

    @cached_property
    def national_pricer(self) -> ClaimPricer:
        national = national_schedule(self.schedule, self.day)
        return pricer_with_factor([Coverage.of_year(national)], self.rules, self.conversion_factor)

    def _priced(self, pricer: ClaimPricer, volume: pl.DataFrame, more: Sequence[str]) -> pl.DataFrame:
        wanted = ("setting", "allowed_amount", "pricing_status", "reason", *more)
        found = pricer.price(self.lines(volume), wanted).rename({"allowed_amount": "medicare_amount"})
        return found.select(*(pl.col(name).cast(kind) for name, kind in PRICED.items()), *more)

    def lines(self, volume: pl.DataFrame) -> pl.DataFrame:
        """Each row as a claim of one line and unit."""
        number = pl.int_range(pl.len(), dtype=pl.Int64)
        return volume.select(
            # as long as each other, so that they stand in order
            (number + 10**12).cast(pl.String).alias("claim_id"),
            pl.lit(1, pl.Int32).alias("line"),
            pl.lit(self.day).alias("date_of_service"),
            *(_column(volume, name).alias(name) for name in _SERVICE),
            pl.lit(1, pl.Int32).alias("units"),
            pl.lit(self.qp).alias("qp"),
        )


def _column(volume: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name) if name in volume.columns else pl.lit(_BARE[name], COLUMNS[name])


def price_volume(
    volume: pl.DataFrame,
    schedule: FeeSchedule,
    *,
    day: date | None = None,
    qp: bool = False,
    rules: ClaimRules | None = None,
    conversion_factor: Decimal | None = None,
) -> pl.DataFrame:
    """The volume with what Medicare allows for one unit of each row: setting, medicare_amount, pricing_status, reason.

    ``day`` is by default the release's first. A row that Medicare does not price has no amount, and says why.
    """
    pricer = VolumePricer(schedule, day=day, qp=qp, rules=rules, conversion_factor=conversion_factor)
    return pl.concat([volume.drop(list(PRICED), strict=False), pricer.price(volume)], how="horizontal")
