"""The proof of ``feecalc conformance`` as a file: .html to read and send, .xlsx to look into, .csv for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import polars as pl

from feecalc import __version__
from feecalc.cli.terminal.output_files import refuse_other_endings
from feecalc.files.atomic_write import atomic_write
from feecalc.files.formula_text import guarded
from feecalc.files.sheets import number_format

if TYPE_CHECKING:
    from feecalc.conformance import Comparison, Count, Report
    from feecalc.report.page import Page, Section

ENDINGS = (".html", ".xlsx", ".csv")
_MEASURES = {
    "rows": "rows",
    "equal": "equal",
    "cms_differences": "CMS's own differences",
    "different": "different",
    "not_computable": "not computable",
}
_TABLES = {
    "oppscap": "amounts after the OPPS cap",
    "payment_amount": "payment amounts",
    "lookup_amount": "PFS look-up amounts",
}
_OWN, _LEFT_OUT, _NOTE = "CMS's own difference", "not computable", "note"
_WIDEST, _NARROWEST = 60, 8  # characters of a column in a sheet
_WRAPPED = 40  # a text column wider than this is wrapped
_DIFFERENT_SHOWN = 60  # rows in the html


@dataclass(frozen=True)
class _Proof:
    """A report, and what a reader needs to make it again."""

    report: Report
    command: str
    made: datetime

    @property
    def verdict(self) -> str:
        """Return the outcome in a sentence; of more than one comparison, whether all agree."""
        if self.report.stand_in is not None:
            return f"No amount was compared, so nothing is proven: {self.report.stand_in.release} came without OPPSCAP."
        verdicts = [comparison.verdict for comparison in self.report.comparisons]
        if len(verdicts) == 1:
            return verdicts[0]
        agreeing = sum(comparison.agrees for comparison in self.report.comparisons)
        return f"{agreeing} of {len(verdicts)} files agree with their release."

    def about(self) -> list[tuple[str, str]]:
        """Return label and text: the outcome, what was compared with what, and how to repeat it."""
        facts = [("result", self.verdict)]
        for source in self.report.releases:
            begins = f", services from {source.first_date_of_service}" if source.first_date_of_service else ""
            facts += [
                ("release", f"{source.release}{begins}; built {source.built} by feecalc {source.built_by}"),
                ("its file", f"{source.name}{f', {source.address}' if source.address else ''}"),
                ("its SHA-256", source.sha256),
            ]
        for comparison in self.report.comparisons:
            table = _TABLES[comparison.table]
            facts.append(("compared", f"{comparison.source}, {table}, against {comparison.release}"))
            facts.append(("its SHA-256", comparison.sha256 or "that of the release's file, in which it came"))
        facts += [("note", notice) for notice in self.report.notices]
        return [
            *facts,
            ("command", self.command),
            ("made", self.made.strftime("%Y-%m-%d %H:%M UTC")),
            ("feecalc version", __version__),
        ]

    def counts(self) -> pl.DataFrame:
        """Return a row for each count: of a file, of a setting, of a status."""
        return pl.DataFrame(
            [
                {"release": comparison.release, "file": comparison.source, "what": name, **_measured(count.as_dict())}
                for comparison in self.report.comparisons
                for name, count in counts_of(comparison)
            ],
            schema={"release": pl.String, "file": pl.String, "what": pl.String}
            | dict.fromkeys(_MEASURES.values(), pl.Int64),
        )

    def reasons(self) -> pl.DataFrame:
        """Return why rows are neither equal nor different (how CMS printed them, or not computable), and the notes."""
        rows = []
        for comparison in self.report.comparisons:
            found: list[tuple[str, int | None, str, str]] = [
                *((_OWN, own.rows, f"CMS printed it {own.printed}", own.source) for own in comparison.own_differences),
                *((_LEFT_OUT, count, reason, "") for reason, count in comparison.reasons.items()),
                *((_NOTE, None, note, "") for note in comparison.notes),
            ]
            rows += [(comparison.release, comparison.source, *one) for one in found]
        schema = ["release", "file", "kind", "rows", "words", "how that is known"]
        return pl.DataFrame(rows, schema={name: pl.Int64 if name == "rows" else pl.String for name in schema},
                            orient="row")  # fmt: skip

    def different(self) -> pl.DataFrame:
        """Return every differing row, printed and recomputed amounts side by side."""
        return self.report.differing().rename({"source": "file"}, strict=False)

    def checks(self) -> pl.DataFrame:
        """Return what was checked of a release without printed amounts."""
        found = self.report.stand_in
        rows: list[tuple[str, int | None, str, str]] = []
        if found is not None:
            rows += [(check.check, check.rows, check.outcome, check.words) for check in found.checks]
            rows += [("not proven", None, "not proven", words) for words in found.not_proven]
        schema = {"check": pl.String, "rows": pl.Int64, "outcome": pl.String, "detail": pl.String}
        return pl.DataFrame(rows, schema=schema, orient="row")


def _measured(counts: Mapping[str, int]) -> dict[str, int]:
    return {words: counts[name] for name, words in _MEASURES.items()}


def counts_of(comparison: Comparison) -> list[tuple[str, Count]]:
    """Return what the rows are counted by, and the counts."""
    counts = [("rows, both settings", comparison.count)]
    counts += list(comparison.by_setting.items())
    return counts + [
        (f"status {status}" if status else "status not printed", count)
        for status, count in comparison.by_status.items()
    ]


def write_proof(report: Report, path: Path, command: str) -> int:
    """Write the proof to ``path`` in the form of its ending, whole or not at all. Returns the file's size. [bytes]

    ``command`` makes it again. Raises InvalidValue for another ending, StoreError where it cannot be written.
    """
    refuse_other_endings(path, ENDINGS, "proof")
    write = {".html": _write_html, ".xlsx": _write_xlsx, ".csv": _write_csv}[path.suffix.lower()]
    proof = _Proof(report, command, datetime.now(UTC))
    with atomic_write(path) as temporary:
        with temporary.open("wb") as file:
            write(proof, file)
        return temporary.stat().st_size


# csv: one table, a section a line ----------------------------------------------------------------------------------


def _write_csv(proof: _Proof, file: IO[bytes]) -> None:
    different = proof.different()
    lines = pl.DataFrame(
        list(_lines(proof)), schema=dict.fromkeys(("section", "release", "file", "item", "value"), pl.String),
        orient="row",
    )  # fmt: skip
    rows = different.select(pl.lit("different").alias("section"), pl.all()) if different.height else pl.DataFrame()
    table = pl.concat([lines, rows], how="diagonal")
    guarded(table.with_columns(pl.col(pl.String).replace("", None))).write_csv(file)


def _lines(proof: _Proof) -> Iterator[tuple[str, str, str, str, str]]:
    yield from (("about", "", "", label, text) for label, text in proof.about())
    for row in proof.counts().to_dicts():
        for words in _MEASURES.values():
            yield "count", row["release"], row["file"], f"{row['what']}: {words}", str(row[words])
    for row in proof.reasons().to_dicts():
        count = "" if row["rows"] is None else str(row["rows"])
        yield row["kind"], row["release"], row["file"], row["words"], count
        if row["how that is known"]:
            yield "how that is known", row["release"], row["file"], row["words"], row["how that is known"]
    for row in proof.checks().to_dicts():
        if row["rows"] is None:
            yield row["check"], "", "", row["detail"], ""
        else:
            yield "checked instead", "", "", f"{row['check']}: {row['detail']} ({row['rows']:,} rows)", row["outcome"]


# xlsx: a sheet a subject -------------------------------------------------------------------------------------------


def _write_xlsx(proof: _Proof, file: IO[bytes]) -> None:
    import xlsxwriter

    safe = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(file, safe)
    about = book.add_worksheet("about")
    about.set_column(0, 0, _WIDEST // 2)
    about.set_column(1, 1, 2 * _WIDEST)
    bold, wrap = book.add_format({"bold": True, "valign": "top"}), book.add_format({"text_wrap": True})
    for row, (label, text) in enumerate(proof.about()):
        about.write_string(row, 0, label, bold)
        about.write_string(row, 1, text, wrap)
    sheets = {"counts": proof.counts(), "reasons": proof.reasons(), "different": proof.different(),
              "checks": proof.checks()}  # fmt: skip
    for name, table in sheets.items():
        if table.height:
            _fill(book, name, table)
    book.close()


def _fill(book: Any, name: str, table: pl.DataFrame) -> None:
    """Write a sheet with the headings frozen, codes as text with their zeros, amounts with two places."""
    sheet = book.add_worksheet(name)
    head = book.add_format({"bold": True, "bottom": 1, "valign": "top"})
    sheet.freeze_panes(1, 0)
    for column, (heading, kind) in enumerate(table.schema.items()):
        series = table.to_series(column)
        longest = series.cast(pl.String).str.len_chars().max()
        width = max(len(heading), int(longest) if isinstance(longest, int) else 0, _NARROWEST)
        shape = {"num_format": number_format(heading, kind), "valign": "top", "text_wrap": width > _WRAPPED}
        cell = book.add_format(shape)
        sheet.set_column(column, column, min(width, _WIDEST) + 2)
        sheet.write_string(0, column, _heading(heading), head)
        for row, value in enumerate(series, start=1):
            if value is None:
                continue
            if kind.is_numeric():
                sheet.write_number(row, column, value, cell)
            else:
                sheet.write_string(row, column, str(value), cell)


def _heading(column: str) -> str:
    """Return a heading such as ``nonfacility by CMS's figures``."""
    return column.replace("_", " ").replace(" cms ", " CMS's ")


# html: one page, nothing fetched -----------------------------------------------------------------------------------


def _write_html(proof: _Proof, file: IO[bytes]) -> None:
    from feecalc.report.page import as_html

    file.write(as_html(_page(proof)))


def _page(proof: _Proof) -> Page:
    from feecalc.report.page import Page

    report = proof.report
    facts = proof.about()
    releases = ", ".join(release.release for release in report.releases)
    return Page(
        kind="Proof" if report.agrees else "No proof" if report.stand_in is not None else "Comparison",
        title="CMS's printed amounts, computed again" if report.comparisons else "What was checked in place of a proof",
        subtitle=", ".join(dict.fromkeys(comparison.source for comparison in report.comparisons)) or releases,
        headline=_headline(proof),
        facts=facts,
        basis=f"{releases} · USD · feecalc {__version__} · {proof.made:%Y-%m-%d}",
        sections=list(_sections(proof)),
        written=proof.made.date(),
    )


def _headline(proof: _Proof) -> list[tuple[str, str, str]]:
    if proof.report.stand_in is not None:
        return [("amounts compared", "0", "the release came without OPPSCAP")]
    totals = {
        name: sum(comparison.count.as_dict()[name] for comparison in proof.report.comparisons) for name in _MEASURES
    }
    left_out = totals["not_computable"]
    words = {
        "rows": f"{left_out:,} of them not computable, each with its reason below" if left_out else "all computed",
        "equal": "to the cent, in every setting printed",
        "cms_differences": "printed by other figures than the release's, and met by those",
        "different": "neither equal nor explained",
    }
    shown = [name for name in words if totals[name] or name != "cms_differences"]
    return [(_MEASURES[name], f"{totals[name]:,}", words[name]) for name in shown]


def _sections(proof: _Proof) -> Iterator[Section]:
    from feecalc.report.page import Cell, Section, Table, cells

    for comparison in proof.report.comparisons:
        counts = [cells(name, *(f"{value:,}" for value in _measured(count.as_dict()).values()))
                  for name, count in counts_of(comparison)]  # fmt: skip
        blocks = [Table("Rows", ("compared", *_MEASURES.values()), counts, figures=False)]
        if comparison.own_differences:
            rows = [
                cells(f"CMS printed it {own.printed}", own.source, f"{own.rows:,}")
                for own in comparison.own_differences
            ]
            headings = ("how", "how that is known", "rows")
            blocks.append(Table(f"{_OWN}s", headings, rows, figures=False, left=2))
        if comparison.reasons:
            rows = [cells(reason, f"{count:,}") for reason, count in comparison.reasons.items()]
            blocks.append(Table("Not computable", ("why", "rows"), rows, figures=False))
        if comparison.differing.height:
            blocks.append(_different(comparison.differing))
        notes = [Cell(note[:1].upper() + note[1:]) for note in comparison.notes]
        yield Section(f"{comparison.source} against {comparison.release}", comparison.verdict, blocks, notes)
    if proof.report.stand_in is not None:
        found = proof.report.stand_in
        rows = [cells(one.check, one.words, f"{one.rows:,}", one.outcome) for one in found.checks]
        checks = Table("Checked when it was built", ("check", "what", "rows", "outcome"), rows, figures=False, left=2)
        yield Section("What was checked", "Of the release by itself; no amount of CMS's is in it.", [checks])
        not_proven = [Cell(words[:1].upper() + words[1:]) for words in found.not_proven]
        yield Section("What is not proven", found.advice, notes=not_proven)


def _different(rows: pl.DataFrame) -> Any:
    from feecalc.report.page import Table, cells
    from feecalc.report.words import cents

    money = [name for name, kind in rows.schema.items() if isinstance(kind, pl.Decimal)]
    headings = ("code", "locality", "status", *map(_heading, money))
    table = [
        cells(
            f"{row['hcpcs']} {row['modifier']}", f"{row['mac']}-{row['locality']}", row["status_indicator"],
            *(cents(row[name]) for name in money),
        )
        for row in rows.head(_DIFFERENT_SHOWN).to_dicts()
    ]  # fmt: skip
    caption = f"{rows.height:,} different rows" + (
        f", the first {_DIFFERENT_SHOWN}: the .xlsx and .csv hold all" if rows.height > _DIFFERENT_SHOWN else ""
    )
    return Table(caption, headings, table, left=3)
