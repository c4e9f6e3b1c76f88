"""A claim file of a facility: its columns found, its lines priced, written with what was added."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from feecalc import reference
from feecalc.cli.clashes import refuse_clashes
from feecalc.cli.counting import counted
from feecalc.cli.output import money, one_line, print_json, print_table, say, show, wrapped
from feecalc.cli.writing import write_table, writer_of
from feecalc.errors import FeeCalcError, InvalidValue, MissingColumn, NotInstalled
from feecalc.facility.columns import ASC, MODIFIERS, OPPS, OPTIONAL, RESULTS, narrowed
from feecalc.facility.opening import open_facility, quarter
from feecalc.facility.schedule import FacilitySchedule, price_facility_claims
from feecalc.facility.unmodelled import not_modelled
from feecalc.files import cells
from feecalc.files.dates import dates_of
from feecalc.files.headings import RecognizedColumns, plain, recognize, shown
from feecalc.files.opened_file import OpenedFile, kept_name, plain_errors
from feecalc.files.opening import open_file
from feecalc.ingest.store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping

_OURS = {"cbsa": ("cbsa", "cbsacode"), "setting": ("setting", "facilitysetting")}  # headings, as ``plain`` has them
_PATIENTS = {"hospital_outpatient": OPPS, "asc": ASC}
_MOST_LINES = 5_000_000  # held in memory


def price_file(
    path: Path,
    output: Path | None,
    setting: str | None,
    cbsa: str | None,
    wage_index: Decimal | None,
    day: date | None,
    *,
    as_json: bool,
) -> None:
    """Price the lines of ``path`` and write them to ``output``; print the counts and sums.

    Raises InvalidValue, MissingColumn, UnreadableFile, NotInstalled, StoreError; never for a single line.
    """
    if output is None:
        raise InvalidValue(f"nothing to write: give -o FILE, for example -o {path.stem[:80]}_facility.csv")
    writer_of(output)
    refuse_clashes({"the claim file": path}, {"--output": output})
    file = open_file(path)
    columns = recognize(file.headings)
    found = _ours(file.headings, columns)
    for text in (*columns.lines(), *(f"{shown(heading)} -> {name}" for name, heading in found.items())):
        say(wrapped(text))
    with plain_errors(path):
        given = _lines(file, columns, found, setting, cbsa, wage_index, day).collect()
    if given.height > _MOST_LINES:
        raise InvalidValue(f"{given.height:,} lines; at most {_MOST_LINES:,} at once: split the file")
    schedules = _schedules(given["date_of_service"].drop_nulls().unique().sort().to_list())
    for notice in dict.fromkeys(text for each in schedules for told in each.notices.values() for text in told):
        say(wrapped(notice))
    if cbsa is not None and schedules:
        given = given.with_columns(pl.lit(_area(cbsa, schedules)).alias("cbsa"))
    priced = price_facility_claims(given, schedules)
    written = _written(priced, file.headings)
    write_table(narrowed(written), output)
    _tell(path, output, priced, as_json=as_json)


def _ours(headings: tuple[str, ...], columns: RecognizedColumns) -> dict[str, str]:
    """Headings that only a facility's file has: our name to theirs."""
    taken = set(columns.theirs.values())
    found = {}
    for name, looked in _OURS.items():
        match = [heading for heading in headings if plain(heading) in looked and heading not in taken]
        if match:
            found[name] = match[0]
    return found


def _lines(
    file: OpenedFile,
    columns: RecognizedColumns,
    found: Mapping[str, str],
    setting: str | None,
    cbsa: str | None,
    wage_index: Decimal | None,
    day: date | None,
) -> pl.LazyFrame:
    """The lines in the columns of ``feecalc.facility.columns``, then the file's own."""
    kinds = file.frame.collect_schema()

    def own(name: str) -> str:
        return kept_name(columns.theirs[name])

    needed = ["hcpcs"] + (["date_of_service"] if day is None else [])
    missing = [name for name in needed if name not in columns]
    if missing or (setting is None and "setting" not in found and "place_of_service" not in columns):
        lacks = [*missing, *(["setting or place_of_service"] if not missing else [])]
        seen = ", ".join(shown(heading) for heading in file.headings[:40])
        raise MissingColumn(
            f"no column for {', '.join(lacks)}; seen: {seen}. Rename one, or give --date, --setting for all lines"
        )
    numbered = file.frame.with_row_index("row_number", offset=1)
    claim = pl.format("row {}", "row_number")
    if "claim_id" in columns:
        text = cells.text(own("claim_id"))
        claim = pl.when(text == "").then(claim).otherwise(text)
    modifiers = {
        name: cells.modifier_of_several(own("modifiers"), place, len(MODIFIERS))
        if "modifiers" in columns
        else cells.modifier(own(name))
        if name in columns
        else pl.lit("")
        for place, name in enumerate(MODIFIERS)
    }
    area = cells.numbered(cells.raw(kept_name(found["cbsa"])), 2) if "cbsa" in found else pl.lit("")
    units = cells.whole(own("units"), kinds[own("units")]) if "units" in columns else pl.lit(1)
    billed = pl.lit(None, cells.MONEY)
    if "billed_amount" in columns:
        billed = cells.money(own("billed_amount"), kinds[own("billed_amount")])
    return numbered.select(
        claim.alias("claim_id"),
        pl.col("row_number").cast(pl.Int32).alias("line"),
        (
            pl.lit(day, pl.Date)
            if day is not None
            else dates_of(file.frame, own("date_of_service"))
        ).alias("date_of_service"),
        cells.hcpcs(own("hcpcs")).alias("hcpcs"),
        *(each.alias(name) for name, each in modifiers.items()),
        _setting(setting, found, own("place_of_service") if "place_of_service" in columns else None).alias("setting"),
        units.cast(pl.Int32, strict=False).alias("units"),
        (pl.lit(cbsa.strip()) if cbsa is not None else area).alias("cbsa"),
        pl.lit(wage_index, OPTIONAL["wage_index"]).alias("wage_index"),
        billed.alias("billed_amount"),
        *map(kept_name, file.headings),
    )


def _setting(said: str | None, found: Mapping[str, str], place: str | None) -> pl.Expr:
    """asc or opps for each line: as said for all, else the file's column, else by the place of service."""
    if said is not None:
        return pl.lit(said)
    if "setting" in found:
        return cells.small_letters(kept_name(found["setting"]))
    assert place is not None
    places = {
        row["code"]: _PATIENTS[row["patient"]]
        for row in reference.rows("place_of_service")
        if row["patient"] in _PATIENTS
    }
    return cells.place_of_service(place).replace_strict(places, default="", return_dtype=pl.String)


def _schedules(days: list[date]) -> list[FacilitySchedule]:
    """The schedule of each quarter that the days lie in, where it is installed; raises NotInstalled where none is."""
    store, opened, refused = Store(), [], []
    for first in dict.fromkeys(quarter(day)[0] for day in days):
        try:
            opened.append(open_facility(store, first))
        except NotInstalled as error:
            refused.append(error)
    if days and not opened:
        raise refused[0]
    return opened


def _area(text: str, schedules: list[FacilitySchedule]) -> str:
    """The number of the area said for all lines; raises UnknownLocality, AmbiguousLocality, NotInstalled."""
    refused: FeeCalcError | None = None
    for schedule in reversed(schedules):
        for setting in (OPPS, ASC):
            try:
                return schedule.area(text, setting).cbsa
            except FeeCalcError as error:
                refused = error
    assert refused is not None
    raise refused


def _written(priced: pl.DataFrame, headings: tuple[str, ...]) -> pl.DataFrame:
    """The file's columns as they came, then the results; a heading that bears a result's name keeps ``input:``."""
    return priced.select(
        *(
            pl.col(kept_name(heading)).alias(kept_name(heading) if heading in RESULTS else heading)
            for heading in headings
        ),
        *RESULTS,
    )


def _tell(path: Path, output: Path, priced: pl.DataFrame, *, as_json: bool) -> None:
    paid = priced.filter(pl.col("pricing_status") == "priced")
    counts = (
        priced.group_by("pricing_status")
        .agg(pl.len().alias("lines"))
        .sort("lines", "pricing_status", descending=[True, False])
    )
    names = ("facility_amount", "medicare_amount", "copayment")
    sums: dict[str, Decimal | None] = dict.fromkeys(names)
    if paid.height:
        sums = {name: paid.select(pl.col(name).sum()).item() for name in names}
    unmodelled = _not_modelled(paid)
    if as_json:
        print_json(
            {
                "file": path,
                "lines": priced.height,
                "statuses": dict(counts.iter_rows()),
                **sums,
                "not_modelled": unmodelled,
                "written": output,
            }
        )
        return
    show(f"{one_line(path)}: {counted(priced.height, 'line')}, {paid.height:,} of them priced")
    if priced.height:
        print_table(counts.rename({"pricing_status": "pricing status"}))
    if paid.height:
        parts = f"{money(sums['medicare_amount'])} from Medicare, {money(sums['copayment'])} from patients"
        show(f"to facilities {money(sums['facility_amount'])}: {parts}")
        show("before deductible and sequestration")
    else:
        show("no amount to a facility")
    elsewhere = priced.filter(pl.col("pricing_status") == "unknown_setting").height
    if elsewhere:
        where = "of neither an ASC nor a hospital outpatient department (--setting gives one for all lines)"
        say(wrapped(f"{counted(elsewhere, 'line')} {where}"))
    national = paid.filter((pl.col("cbsa") == "") & pl.col("wage_index").is_null()).height
    if national:
        say(wrapped(f"{counted(national, 'line')} at national rates, without a wage index: no area given (--cbsa)"))
    for text in unmodelled:
        show(wrapped(text))
    show(f"{output}: {priced.height:,} written")


def _not_modelled(paid: pl.DataFrame) -> list[str]:
    """What may change the amounts of these priced lines and is not modelled, each once."""
    told = dict.fromkeys(
        text
        for setting, day, indicators in paid.group_by("setting", "date_of_service")
        .agg(pl.col("indicator").unique())
        .sort("date_of_service", "setting")
        .iter_rows()
        for text in not_modelled(setting, indicators, day)
    )
    return list(told)
