"""From a file's columns to the columns the rules are written for, in one lazy pass, the lines in their order.

Before it, ``first_pass`` goes over the dates and the places, of which each different one is worked out once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from feecalc.errors import InvalidValue
from feecalc.files import cells
from feecalc.files.dates import LINES, DateColumn
from feecalc.files.headings import RecognizedColumns, shown
from feecalc.files.line_tables import ClaimLine, columns_of, keeps_claim_line, with_types
from feecalc.files.opening import SURPLUS, OpenedFile, kept_name, rows_of
from feecalc.files.places import PlaceCells, PlaceQueries, Places

LINE_COLUMNS: Mapping[str, pl.DataType] = columns_of(ClaimLine)
DIAGNOSES = 12
# What only edits read of a line; a file without such a column gets none.
EDIT_COLUMNS = (*(f"diagnosis_{number}" for number in range(1, DIAGNOSES + 1)), "purpose", "prior_authorization")
_ROW, _REFUSED, _DAY = "row", "refused", "date_of_service"
_PLACES = {"mac": "mac", "words": "locality", "zips": "zip_code"}
_AMOUNTS = ("billed_amount", "deductible_left")
_YES_OR_NO = ("participating", "qp")
_CELL_SHOWN = 40  # letters
_NOT_A_LINE = "read as what no claim line is: a fault of feecalc, please report it"


@dataclass(frozen=True)
class LineDefaults:
    """What a person gives for all lines, and what is taken where the file has nothing."""

    locality: str | None = None  # for all lines
    day: date | None = None  # for all lines
    place_of_service: str | None = None  # where the file has none
    qp: bool = False
    participating: bool = True
    provider_type: str = "physician"
    of_facility: bool = False  # a facility's own bill, which no locality prices

    def names(self) -> list[str]:
        """Return our columns that need not be in the file."""
        named = {"locality": self.locality, "date_of_service": self.day, "place_of_service": self.place_of_service}
        given = [name for name, value in named.items() if value is not None]
        return [*given, "locality"] if self.of_facility else given


@dataclass(frozen=True)
class FirstPass:
    """What the lines of a file have of dates, and the places to look up.

    Shape of ``days``: date_of_service (null where it cannot be read), rows. ``day``: each line's date of service.
    ``blank_units``: lines with a code and no units, which are taken as one unit.
    """

    days: pl.DataFrame
    day: pl.Expr
    wanted: PlaceQueries
    blank_units: int = 0


def first_pass(file: OpenedFile, columns: RecognizedColumns, defaults: LineDefaults) -> FirstPass:
    """Go over a file's dates and places, batch by batch. Raises MissingColumn, InvalidValue."""
    return _Cells(file, columns, defaults).first_pass()


def claim_lines(
    file: OpenedFile,
    columns: RecognizedColumns,
    defaults: LineDefaults,
    places: Places,
    *,
    seen: FirstPass | None = None,
    edits: bool = False,
) -> pl.LazyFrame:
    """Return the lines of a file in the columns of ``LINE_COLUMNS``, then ``input:HEADING`` for each column as it came.

    With ``edits`` those of ``EDIT_COLUMNS`` that the file has stand between them. ``seen``: the file's ``first_pass``,
    where it was made already.

    Units are null where they cannot be read, and in a line that is refused for another cell: more cells than headings,
    an amount or a yes or no that cannot be read. Rows without any cell are left out. Raises MissingColumn,
    InvalidValue, UnknownLocality.
    """
    read = _Cells(file, columns, defaults)
    return read.frame(seen or read.first_pass(), places, edits=edits)


def reading_notes(columns: RecognizedColumns, defaults: LineDefaults) -> list[str]:
    """Return what is assumed where the file has no such column, and which columns the defaults replace."""
    return [*_assumed(columns, defaults), *_set_aside(columns, defaults)]


ONE_PATIENT = "no column beneficiary_id: the lines of one claim number are taken as one patient's"


def units_told(blank: int) -> str:
    """Return what is taken of lines whose units are blank."""
    return f"no units on {blank:,} {'line' if blank == 1 else 'lines'}: 1 for each"


def _assumed(columns: RecognizedColumns, defaults: LineDefaults) -> list[str]:
    """Say what is taken where the file has no such column, and how dates are read."""
    notes = []
    if "claim_id" not in columns:
        notes.append("no column claim_id: each line is a claim of its own, named by its row")
    elif "line" not in columns:
        notes.append("no column line: lines are numbered within their claim in the file's order")
    if "units" not in columns:
        notes.append("no column units: 1 for every line")
    if defaults.of_facility:
        notes += _of_facility(columns, defaults)
    if "billed_amount" not in columns:
        notes.append("no column billed_amount: nothing is held against what was charged")
    if defaults.day is None:
        notes.append("dates such as 3/4/2026 are read month first")
    return notes


def _of_facility(columns: RecognizedColumns, defaults: LineDefaults) -> list[str]:
    """Say what is taken of a facility's bill where the file has no such column."""
    notes = []
    if "beneficiary_id" not in columns:
        notes.append(ONE_PATIENT)
    if "place_of_service" not in columns:
        notes.append(f"no column place_of_service: {defaults.place_of_service} for every line")
    if defaults.locality is None and not {"locality", "mac", "zip_code"} & set(columns.theirs):
        notes.append("no column locality: rates go by none; what a state or contractor has of its own is not looked at")
    return notes


def _set_aside(columns: RecognizedColumns, defaults: LineDefaults) -> list[str]:
    """Name the columns of the file that an option for all lines goes before."""
    set_aside = []
    if defaults.day is not None:
        set_aside += [("--date", name) for name in ("date_of_service",)]
    if defaults.locality is not None:
        set_aside += [("--locality", name) for name in ("mac", "locality", "zip_code")]
    return [
        f"{option} is given: the column {shown(columns.theirs[name])} is not used"
        for option, name in set_aside
        if name in columns
    ]


class _Cells:
    def __init__(self, file: OpenedFile, columns: RecognizedColumns, defaults: LineDefaults) -> None:
        columns.require(defaults.names())
        self.file, self.columns, self.defaults = file, columns, defaults
        self.kinds = file.frame.collect_schema()
        for name, heading in columns.theirs.items():
            if self.kinds[kept_name(heading)].is_nested():
                raise InvalidValue(f"column {shown(heading)} ({name}) holds lists or records, not single values")

    def rows(self) -> pl.LazyFrame:
        """Return the file's rows numbered from 1 below the headings, those without any cell left out."""
        return rows_of(self.file, _ROW)

    def first_pass(self) -> FirstPass:
        days = None if self.defaults.day is not None else DateColumn(self.column(_DAY), self.kind(_DAY))
        one_place = self.defaults.locality is not None
        dates = [] if days is None else [days.column]
        places = [] if one_place else [self.column(name) for name in _PLACES.values() if self.has(name)]
        wanted, rows = PlaceQueries(), pl.DataFrame(schema={_DAY: pl.Date, "rows": pl.UInt32})
        day, cells_of_places = pl.lit(self.defaults.day, pl.Date), self.place_cells()
        counted_for = [self.column(name) for name in ("units", "hcpcs")] if self.has("units") else []
        lines = self.file.frame.with_row_index(_ROW).select(_ROW, *dict.fromkeys([*dates, *places, *counted_for]))
        blank_units = 0
        for batch in lines.collect_batches(chunk_size=LINES, maintain_order=True):
            counted = batch.group_by(dates or pl.lit(0)).agg(pl.len().alias("rows"))
            if days is not None:
                days.see(counted)
                day = days.read()
            rows = pl.concat([rows, counted.select(day.alias(_DAY), "rows")]).group_by(_DAY).agg(pl.col("rows").sum())
            if places:
                wanted.add(batch, cells_of_places, day)
            if counted_for:
                no_units, a_line = cells.text(counted_for[0]) == "", cells.text(counted_for[1]) != ""
                blank_units += batch.select((no_units & a_line).sum()).item()
        if one_place:
            wanted.add(rows, cells_of_places, pl.col(_DAY))
        return FirstPass(rows, day, wanted, blank_units)

    def frame(self, seen: FirstPass, places: Places, *, edits: bool) -> pl.LazyFrame:
        if self.defaults.locality is not None:  # one that no release has is an error, not every line's reason
            places.locality(self.defaults.locality, None if self.defaults.day is None else self.defaults.day.year)
        place = places.found(seen.wanted).columns(pl.col(_DAY))
        # Counting lines within their claims takes the whole file: so it is first, while a line is what it came with.
        numbered = self.rows().with_columns(self.claim_id().alias("claim_id")).with_columns(self.line().alias("line"))
        read = self.place_cells().on(numbered).with_columns(
            seen.day.alias(_DAY),
            self.whole("postoperative_days").alias("postoperative_days"),
            *(self.money(name).alias(name) for name in _AMOUNTS),
            *(self.yes_or_no(name).alias(name) for name in _YES_OR_NO),
        )
        refused = self.refused()
        if refused is not None:
            read = read.with_columns(refused.alias(_REFUSED))
        billed, days = "billed_amount", "postoperative_days"
        decided = {
            "hcpcs": cells.hcpcs(self.column("hcpcs")),
            **cells.modifiers(self.columns.columns),
            "place_of_service": self.place_of_service(),
            "mac": place["mac"].fill_null(""),
            "locality": place["locality"].fill_null(""),
            "units": self.units() if refused is None else pl.when(pl.col(_REFUSED).is_null()).then(self.units()),
            "beneficiary_id": self.text_or("beneficiary_id", ""),
            "billing_npi": self.text_or("billing_npi" if self.has("billing_npi") else "rendering_npi", ""),
            "rendering_npi": self.text_or("rendering_npi", ""),
            "specialty": self.text_or("specialty", ""),
            "provider_type": self.provider_type(),
            "participating": pl.col("participating").fill_null(self.defaults.participating),
            "qp": pl.col("qp").fill_null(self.defaults.qp),
            "minutes": self.whole("minutes"),
            # Days that cannot be read are none that a global period has, not days that were not given.
            days: pl.when(self.unreadable(days)).then(-1).otherwise(pl.col(days)),
            "deductible_left": pl.col("deductible_left").fill_null(0),
            "billed_unreadable": self.unreadable(billed),
            "intake_reason": place["reason"] if refused is None else pl.coalesce(place["reason"], _REFUSED),
        }
        decided |= {name: pl.col(name) for name in LINE_COLUMNS if name not in decided}
        ours = (decided[name].cast(kind).alias(name) for name, kind in LINE_COLUMNS.items())
        beside = self.for_edits() if edits else {}
        also = (read.alias(name) for name, read in beside.items())
        lines = read.select(*ours, *also, *map(kept_name, self.file.headings))
        kept = keeps_claim_line()
        return with_types(ClaimLine, lines, self.file.path.name).with_columns(
            pl.when(kept).then("units").alias("units"),
            pl.when(kept).then("intake_reason").otherwise(pl.lit(_NOT_A_LINE)).alias("intake_reason"),
        )

    def has(self, name: str) -> bool:
        return name in self.columns

    def column(self, name: str) -> str:
        return kept_name(self.columns.theirs[name])

    def kind(self, name: str) -> pl.DataType:
        return self.kinds[self.column(name)]

    def claim_id(self) -> pl.Expr:
        """Return the claim's name; a line that names none is a claim of its own."""
        if not self.has("claim_id"):
            return _named_by_row(pl.col(_ROW))
        named = cells.text(self.column("claim_id"))
        own = _named_by_row(pl.when(named == "").then(pl.col(_ROW)))  # null for the others, which costs next to nothing
        return pl.when(named == "").then(own).otherwise(named)

    def line(self) -> pl.Expr:
        if self.has("line"):
            return cells.whole(self.column("line"), self.kind("line")).fill_null(0)
        if not self.has("claim_id"):
            return pl.lit(1)
        return pl.int_range(1, pl.len() + 1).over("claim_id")

    def for_edits(self) -> dict[str, pl.Expr]:
        """Return the columns of ``EDIT_COLUMNS`` that the file has.

        Where it has one column of diagnoses, a cell of it may have more than one.
        """
        numbered = [name for name in EDIT_COLUMNS[:DIAGNOSES] if self.has(name)]
        one = "diagnoses" if self.has("diagnoses") else numbered[0] if len(numbered) == 1 else None
        if one is not None and len(numbered) < 2:
            numbers = ((name, place) for place, name in enumerate(EDIT_COLUMNS[:DIAGNOSES]))
            found = {name: cells.diagnosis_of_list(self.column(one), place) for name, place in numbers}
        else:
            found = {name: cells.diagnosis(self.column(name)) for name in numbered}
        if self.has("purpose"):
            found["purpose"] = cells.small_letters(self.column("purpose"))
        if self.has("prior_authorization"):
            found["prior_authorization"] = cells.text(self.column("prior_authorization"))
        return found

    def place_of_service(self) -> pl.Expr:
        default = pl.lit((self.defaults.place_of_service or "").strip().upper()).str.zfill(2)
        if not self.has("place_of_service"):
            return default
        read = cells.place_of_service(self.column("place_of_service"))
        return read if self.defaults.place_of_service is None else pl.when(read == "").then(default).otherwise(read)

    def place_cells(self) -> PlaceCells:
        """Return what each line says of its place: as given for all, else its own cells."""
        if self.defaults.locality is not None:
            return PlaceCells(words=pl.lit(self.defaults.locality))
        return PlaceCells(**{ours: cells.raw(self.column(name)) for ours, name in _PLACES.items() if self.has(name)})

    def units(self) -> pl.Expr:
        return cells.units(self.column("units"), self.kind("units")) if self.has("units") else pl.lit(1)

    def money(self, name: str) -> pl.Expr:
        return cells.money(self.column(name), self.kind(name)) if self.has(name) else pl.lit(None, cells.MONEY)

    def whole(self, name: str) -> pl.Expr:
        return cells.whole(self.column(name), self.kind(name)) if self.has(name) else pl.lit(None, pl.Int32)

    def yes_or_no(self, name: str) -> pl.Expr:
        return cells.yes_or_no(self.column(name), self.kind(name)) if self.has(name) else pl.lit(None, pl.Boolean)

    def text_or(self, name: str, otherwise: str) -> pl.Expr:
        return cells.text(self.column(name)) if self.has(name) else pl.lit(otherwise)

    def provider_type(self) -> pl.Expr:
        otherwise = self.defaults.provider_type.strip().lower()
        if not self.has("provider_type"):
            return pl.lit(otherwise)
        read = cells.small_letters(self.column("provider_type"))
        return pl.when(read == "").then(pl.lit(otherwise)).otherwise(read)

    def unreadable(self, name: str) -> pl.Expr:
        """Return whether a cell that was read into the column ``name`` filled something and could not be."""
        if not self.may_be_unreadable(name):
            return pl.lit(False)
        filled = pl.col(self.column(name)).is_not_null()
        if self.kind(name) == pl.String:
            filled &= cells.text(self.column(name)) != ""
        return pl.col(name).is_null() & filled

    def may_be_unreadable(self, name: str) -> bool:
        """Return whether cells may be unreadable: not where the file is typed as we are."""
        return self.has(name) and self.kind(name) != LINE_COLUMNS[name]

    def refused(self) -> pl.Expr | None:
        """Return why a line must not be priced though the columns of the rules cannot show it."""
        reasons = [
            _unread(name, wanted, pl.when(self.unreadable(name)).then(cells.text(self.column(name))))
            for names, wanted in ((_AMOUNTS, "an amount"), (_YES_OR_NO, "Y or N"))
            for name in names
            if self.may_be_unreadable(name)
        ]
        if SURPLUS in self.kinds:
            too_many = pl.lit("the row has more cells than there are headings")
            reasons.append(pl.when(pl.col(SURPLUS).is_not_null()).then(too_many))
        return pl.coalesce(reasons) if reasons else None


def _unread(name: str, wanted: str, cell: pl.Expr) -> pl.Expr:
    """Return the reason of a cell that cannot be read, with it; null for the others, which costs next to nothing."""
    return pl.format(f"{name} cannot be read as {wanted}: '{{}}'", cell.str.slice(0, _CELL_SHOWN))


def _named_by_row(row: pl.Expr) -> pl.Expr:
    return pl.format("row {}", row)
