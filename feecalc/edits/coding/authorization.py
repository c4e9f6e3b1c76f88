"""Services that Medicare authorizes beforehand, or reviews before it pays, on lines that show no authorization.

A question, never a denial: a provider can be exempt, and a physician's claim does not carry the facility's number.
Source: 42 CFR 419.83 (hospital outpatient departments); CMS, WISeR model. Rows: reference/edit_authorization.toml.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from feecalc.edits.edit import Columns, Edit, Found, wordings
from feecalc.edits.lines.codes import Sources
from feecalc.edits.lines.lines import EditLines
from feecalc.pricing.claims.grouping import patient_text
from feecalc.reference import Row, rows

RULES = ("authorization_missing", "authorization_if_paired", "review_without_authorization")
_TABLE = "edit_authorization"
_PROFESSIONAL = "professional"
_PATIENT_DAY = ("patient", "date_of_service")


@dataclass(frozen=True)
class Programs:
    """The rows of the programs that look at a kind of bill, and the codes they name."""

    bill: str
    listed: tuple[Row, ...]
    codes: pl.Series


def prepare(sources: Sources) -> Programs:
    """Take the rows for the kind of bill."""
    bill = sources.bill
    listed = tuple(row for row in rows(_TABLE) if bill == _PROFESSIONAL or bill in row["bills"])
    codes = {code for row in listed for code in (*row["codes"], *row.get("beside", ()))}
    return Programs(bill, listed, pl.Series(sorted(codes), dtype=pl.String))


def find(lines: EditLines, programs: Programs, wanted: frozenset[str]) -> Iterator[Found]:
    """Find the lines that show no number in ``prior_authorization``."""
    if not wanted:
        return
    of_codes = lines.given["hcpcs"].cast(pl.String).is_in(programs.codes.implode()).fill_null(False)
    if not of_codes.any():
        return
    named = _named(lines.given, of_codes.arg_true())
    for row in programs.listed:
        own = named.filter(_is_meant(row, programs.bill))
        if not own.height:
            continue
        paired = own
        if "beside" in row:
            others = named.filter(pl.col("hcpcs").is_in(row["beside"])).select(_PATIENT_DAY).unique()
            paired = own.join(others, on=_PATIENT_DAY, how="semi", maintain_order="left")
            alone = own.join(others, on=_PATIENT_DAY, how="anti", maintain_order="left")
            if row.get("rule_without") in wanted and alone.height:
                yield _found(row, row["rule_without"], alone)
        if row["rule"] in wanted and paired.height:
            yield _found(row, row["rule"], paired)


def without_contractor(batch: pl.DataFrame, sources: Sources) -> pl.Series:
    """Return the places of the lines that a row of some contractors would be for, had the line named one of these."""
    programs = prepare(sources)
    of_contractors = [row for row in programs.listed if "macs" in row and row["rule"] not in sources.tables.left_out]
    codes = pl.Series([code for row in of_contractors for code in row["codes"]], dtype=pl.String)
    named = _named(batch, batch["hcpcs"].cast(pl.String).is_in(codes.implode()).fill_null(False).arg_true())
    meant = [_is_meant({**row, "macs": [""]}, programs.bill) for row in of_contractors]
    return named.filter(pl.any_horizontal(pl.lit(False), *meant))["row"]


def _named(batch: pl.DataFrame, at: pl.Series) -> pl.DataFrame:
    """Return what is looked at of the lines at some places of the batch; texts are filled."""

    def text(name: str) -> pl.Expr:
        return pl.col(name).cast(pl.String).fill_null("") if name in batch.columns else pl.lit("")

    return batch[at].select(
        at.alias("row"), "date_of_service", text("hcpcs").alias("hcpcs"), text("mac").alias("mac"),
        text("place_of_service").alias("place_of_service"),
        patient=patient_text(text("beneficiary_id"), text("claim_id")),
        shown=text("prior_authorization").str.strip_chars() != "",
    )  # fmt: skip


def _is_meant(row: Row, bill: str) -> pl.Expr:
    """Return whether a line has one of the row's codes, in its days, places and contractors, and shows no number."""
    day = pl.col("date_of_service").is_between(row["effective_from"], row.get("effective_to", date.max))
    place = pl.col("place_of_service").is_in(row["places"]) if bill == _PROFESSIONAL else pl.lit(True)
    mac = pl.col("mac").is_in(row["macs"]) if "macs" in row else pl.lit(True)
    return pl.col("hcpcs").is_in(row["codes"]) & day & place & mac & ~pl.col("shown")


def _found(row: Row, rule: str, lines: pl.DataFrame) -> Found:
    def columns() -> Columns:
        only_if = f"; {row['only_if']}" if "only_if" in row else ""
        return {"service": row["service"], "only_if": only_if, "beside": ", ".join(row.get("beside", ()))}

    assumed = "assumed; " if row.get("basis") == "assumed" else ""
    dated = tuple({**wording, "source": assumed + row["source"]} for wording in wordings(rule))
    return Found(rule, lines["row"].to_numpy(), columns, dated)


EDIT = Edit("prior authorization", RULES, prepare, find)
