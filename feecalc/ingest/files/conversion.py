"""Conversion of text tables to the typed tables of feecalc.tables: every cell exactly, or refused.

Figures become decimals, codes get back the zeros a spreadsheet took, footnotes below the rows are passed over. The
csv, text and spreadsheet of one CMS table give one and the same frame.

From 2009 to 2013 PPRRVU printed practice expense as it stood in the transition to a new method, and as it would be once
that was over. Both look alike, and the wrong one makes every price wrong: where nothing says the year, none is taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from feecalc import reference
from feecalc.errors import BadValue, DuplicateKey, MissingColumn, MissingRule, UnreadableFile
from feecalc.ingest.files.archive import Member
from feecalc.ingest.files.cells import day, footnote_marks, plain
from feecalc.ingest.files.facts import (
    facts_of,
    indicators,
    prints_states,
    quarter_facts,
    with_state_names,
    with_states,
)
from feecalc.ingest.files.figures import as_number, numbers_of, refuse_cells, rounded, without_unreadable
from feecalc.ingest.files.layout import Layout, Versions
from feecalc.ingest.files.reading import RawTable, read_member, recognized_tables

if TYPE_CHECKING:
    import dataframely as dy

_A_CODE = r"^[0-9A-Z]{1,5}$"
_KEY_RULE = "primary_key"


def with_paid_versions(raw: RawTable, stem: str) -> RawTable:
    """Return the table with one version of each column: the one that the dated rule says was paid, and a note of it.

    ``stem`` is the member's name, without folder and ending. Raises MissingColumn (only some of the columns have their
    second version) and MissingRule (the versions differ, and the year or its rule is not known).
    """
    versions = raw.layout.versions
    if versions is None:
        return raw
    second = {column: versions.second(column) for column in versions.columns}
    printed = [column for column in second if second[column] in raw.frame.columns]
    if not printed:
        return raw
    if len(printed) < len(second):
        lacking = ", ".join(f"{versions.name} {column}" for column in second if column not in printed)
        raise MissingColumn(f"{raw.member}: prints some columns in two versions, but lacks {lacking}")
    differ = raw.frame.filter(pl.any_horizontal(pl.col(column) != pl.col(other) for column, other in second.items()))
    year = facts_of(raw.layout, stem, raw.banner, raw.facts, raw.frame).get("year")
    if differ.height:
        paid, note = _paid(raw.member, versions, year, differ.height)
    else:
        paid, note = "", f"it prints {versions.name} values beside others, equal to them on every row"
    return replace(
        raw,
        frame=_one_version(raw.frame, second, take_second=paid == versions.name),
        labels=_labels_of_version(raw.labels, second, take_second=paid == versions.name),
        notes=(*raw.notes, note),
    )


def _paid(member: str, versions: Versions, year: str | None, rows: int) -> tuple[str, str]:
    """Return the version that was paid in a year, and a note on it."""
    if year is None:
        raise MissingRule(
            f"{member}: prints {versions.name} values beside others, which differ on {rows:,} rows, and nothing in its "
            "name or banner says of which year it is, so which of them Medicare paid cannot be told; put the year into "
            f"its name, as in {member.split('/')[-1].split('.')[0]}_2012"
        )
    rule = reference.row_on(versions.rule, date(int(year), 1, 1))
    return rule["paid"], (
        f"it prints {versions.name} values beside others; the {rule['paid']} ones were read, which Medicare paid in "
        f"{year} (reference: {versions.rule})"
    )


def _one_version(frame: pl.DataFrame, second: Mapping[str, str], *, take_second: bool) -> pl.DataFrame:
    if not take_second:
        return frame.drop(second.values())
    return frame.with_columns(pl.col(other).alias(column) for column, other in second.items()).drop(second.values())


def _labels_of_version(labels: Mapping[str, str], second: Mapping[str, str], *, take_second: bool) -> dict[str, str]:
    kept = {column: label for column, label in labels.items() if column not in second.values()}
    if take_second and labels:
        kept |= {column: labels[other] for column, other in second.items()}
    return kept


@dataclass(frozen=True)
class ReadTable:
    """A member as a validated table.

    ``facts`` are what the file says of itself: year, month, released, track, conversion_factor, prints_floor,
    national_conversion_factor, year_quarter. ``notes`` are what a person should hear of: columns not read, rows
    repeated.
    """

    table: str
    frame: pl.DataFrame
    member: str
    facts: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def quick_family(member: Member) -> str | None:
    """Return which table the member holds, judged by its first lines; None where no layout knows them."""
    return next((table.table for table in recognized_tables(member)), None)


def read_table(member: Member, *, expected: str | None = None) -> ReadTable | None:
    """Return the member as a typed table, validated by its schema; None where no layout knows the member.

    With ``expected``, the table it must hold: a member that does not is MissingColumn. Raises BadValue (a cell, its
    line and column, how many), MissingColumn, DuplicateKey, UnreadableFile, UnsafeArchive, MissingRule (no state, or
    two versions of a column and no rule which was paid).
    """
    from feecalc.tables import SCHEMAS  # its library takes as long to import as a release to read

    raw = read_member(member, expected)
    if raw is None or raw.layout.table not in SCHEMAS:  # some files are known and never installed
        return None
    schema = SCHEMAS[raw.layout.table]
    raw = with_paid_versions(raw, member.stem)
    notes = [*raw.notes, *footnote_marks(raw.layout, raw.frame, schema)]
    raw = replace(raw, frame=plain(raw.layout, raw.frame, schema))
    text = _completed(raw, _padded(raw.layout, _rows(raw, schema)))
    if raw.layout.cells.noted:
        text = without_unreadable(raw, text, schema, notes)
    typed = _converted(raw, text, schema)
    if raw.layout.repeats:
        typed = _once(typed, notes)
    for column, shared in raw.layout.counted.items():
        count = typed.filter(pl.col(column) > 1)[shared].n_unique()
        if count:
            notes.append(f"{count} {shared} stand on several rows, each kept: the file does not say which one holds")
    refuse_invalid(raw.member, raw.labels, typed, schema)
    frame = typed.select(schema.column_names())
    facts = facts_of(raw.layout, member.stem, raw.banner, raw.facts, typed)
    facts |= quarter_facts(raw.layout.table, member.stem)
    if raw.layout.table == "gpci":
        facts["prints_floor"] = "both" if frame["work_gpci_unfloored"].null_count() < frame.height else "with"
    return ReadTable(raw.layout.table, frame, member.name, facts, tuple(notes))


def _rows(raw: RawTable, schema: type[dy.Schema]) -> pl.DataFrame:
    """Return the rows without the footnotes: prose in the first cell, with no figure beside it.

    A row that begins like a row, or holds a figure, stays, whatever is wrong with it: it is refused later by name.
    """
    frame = raw.frame
    if "key" in frame.columns:
        figures = [name for name in numbers_of(schema) if name in frame.columns and not schema.columns()[name].nullable]
        others = [name for name in frame.columns if name not in ("line", "key")]
        alone = pl.sum_horizontal(pl.col(others) != "") <= 1
        without_figure = pl.all_horizontal(pl.col(figures) == "") if figures else pl.lit(False)
        footnote = ~pl.col("key").str.contains(_A_CODE) & (alone | without_figure)
        if not frame["key"].str.contains(_A_CODE).all():
            frame = frame.filter(~footnote)
        frame = frame.drop("key")
    if frame.height == 0:
        raise UnreadableFile(f"{raw.member}: a {raw.layout.family} file without a single row")
    return frame


def _padded(layout: Layout, text: pl.DataFrame) -> pl.DataFrame:
    """Return codes of digits with the zeros that spreadsheets drop: 100 is 00100."""
    short = {
        column: (pl.col(column).str.len_bytes() < width) & (pl.col(column) != "")
        for column, width in layout.pad.items()
        if column in text.columns
    }
    if not short:
        return text
    some = text.select(expression.any().alias(column) for column, expression in short.items()).row(0, named=True)
    return text.with_columns(
        pl.when(short[column] & pl.col(column).str.contains(r"^\d+$"))
        .then(pl.col(column).str.zfill(layout.pad[column]))
        .otherwise(pl.col(column))
        .alias(column)
        for column, any_short in some.items()
        if any_short
    )


def _completed(raw: RawTable, text: pl.DataFrame) -> pl.DataFrame:
    """Return rows with names without footnote marks, states, and the columns that a year's file does not have."""
    layout = raw.layout
    text = text.with_columns(
        pl.col(column).str.replace_all(r"\s+", " ").str.strip_chars(" *").alias(column) for column in layout.footnoted
    )
    if layout.table == "county":
        text = with_state_names(raw.member, text)
    elif layout.table == "gpci" and not prints_states(text):
        text = with_states(raw.member, text)
    text = indicators(layout.table, text)
    text = text.with_columns(
        pl.int_range(1, pl.len() + 1).over(shared).cast(pl.String).alias(column)
        for column, shared in layout.counted.items()
    )
    optional = {*layout.delimited.optional, *layout.delimited.unlabeled} if layout.delimited else set()
    return text.with_columns(pl.lit("").alias(column) for column in sorted(optional) if column not in text.columns)


def _converted(raw: RawTable, text: pl.DataFrame, schema: type[dy.Schema]) -> pl.DataFrame:
    """Return the text with its figures as numbers of the schema's types, exactly. ``line`` stays beside them."""
    numbers = {name: dtype for name, dtype in numbers_of(schema).items() if name in text.columns}
    lines = {"source_line": pl.col("line").cast(pl.Int32)} if "source_line" in schema.column_names() else {}
    days = {name: forms for name, forms in raw.layout.cells.dates.items() if name in text.columns}
    if not numbers and not days:
        return text.with_columns(**lines)
    exact = text.select(
        *(as_number(name, dtype) for name, dtype in numbers.items()),
        *(day(name, forms).alias(name) for name, forms in days.items()),
    )
    columns = schema.columns()
    for name in days:
        wrong = exact[name].is_null() & ((text[name] != "") | (not columns[name].nullable))
        if wrong.any():
            refuse_cells(raw, text.filter(wrong), name, pl.Date())
    for name, dtype in numbers.items():
        wrong = exact[name].is_null() & ((text[name] != "") | (not columns[name].nullable))
        wrong |= (exact[name] < 0).fill_null(False) | rounded(text[name], exact[name], dtype)
        if wrong.any():
            refuse_cells(raw, text.filter(wrong), name, dtype)
    return text.with_columns(exact, **lines)


def _once(typed: pl.DataFrame, notes: list[str]) -> pl.DataFrame:
    kept = typed.unique(pl.selectors.exclude("line", "source_line"), keep="first", maintain_order=True)
    if kept.height < typed.height:
        more = typed.height - kept.height
        repeated = (
            "1 row that repeats another word for word was" if more == 1 else f"{more} rows that repeat others were"
        )
        notes.append(f"{repeated} read once")
    return kept


def refuse_invalid(member: str, labels: Mapping[str, str], typed: pl.DataFrame, schema: type[dy.Schema]) -> None:
    """Raise BadValue or DuplicateKey where ``typed`` (the schema's columns, and ``line``) breaks its contract."""
    names = schema.column_names()
    frame = typed.select(names)
    if schema.is_valid(frame):
        return
    _, failure = schema.filter(frame)
    counts = failure.counts()
    broken = [rule for rule in counts if rule != _KEY_RULE]
    if not broken:
        _refuse_duplicates(member, typed, schema.primary_key())
    rule = broken[0]
    details = failure.details()
    rows = details.filter(pl.col(rule).cast(pl.String) == "invalid").select(names)
    first = typed.join(rows.head(1), on=names, how="semi", nulls_equal=True).row(0, named=True)
    name, _, kind = rule.partition("|")
    if not kind:
        wrong = f"{name.replace('_', ' ')} does not hold"
    else:
        label = f" ({labels[name]})" if name in labels else ""
        column = schema.columns()[name]
        bound = getattr(column, kind, None)
        wanted = f"{kind.replace('_', ' ')} {bound}" if bound is not None else "a value"
        wrong = f"{name}{label} is {str(first[name])[:60]!r}, where its column wants {wanted}"
    key = "".join(f", {key} {first[key]}" for key in schema.primary_key() if first[key] != "" and key != name)
    raise BadValue(f"{member}, line {first['line']}{key}: {wrong} ({counts[rule]} such rows)")


def _refuse_duplicates(member: str, typed: pl.DataFrame, key: list[str]) -> None:
    doubled = typed.group_by(key, maintain_order=True).agg(pl.col("line")).filter(pl.col("line").list.len() > 1)
    first = doubled.row(0, named=True)
    lines = ", ".join(str(line) for line in first["line"][:6])
    named = ", ".join(f"{name} {first[name] or 'blank'}" for name in key)
    raise DuplicateKey(f"{member}: {named} stands on lines {lines} ({doubled.height} such keys)")
