"""Claim lines, a fee schedule and edit tables made up for tests of the edits: few codes, every kind of edit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import polars as pl
from pricing.claims import made_up as priced

from feecalc.edits.checking import Findings, check
from feecalc.edits.denials import Denials
from feecalc.edits.edit import findings
from feecalc.edits.lines.codes import Bill
from feecalc.edits.lines.lines import EditLines
from feecalc.edits.ncci import add_ons
from feecalc.edits.tables import EditTables
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.schedule import FeeSchedule
from feecalc.tables import Rvu

DAY = date(2025, 7, 1)
QUARTER = date(2025, 1, 1)

# code, fee, global days, bilateral indicator
CODES = [
    ("PRIM1", "200.00", "000", "1"), ("PRIM2", "150.00", "010", "1"), ("MAJOR", "900.00", "090", "0"),
    ("ADDN1", "50.00", "ZZZ", "1"), ("ADDN2", "40.00", "ZZZ", "1"), ("ADDN3", "30.00", "ZZZ", "0"),
    ("ADDCC", "20.00", "ZZZ", "0"), ("IMAGE", "100.00", "XXX", "0"), ("TESTS", "10.00", "XXX", "2"),
    ("99213", "90.00", "XXX", "9"), ("99214", "120.00", "XXX", "9"), ("99232", "80.00", "XXX", "9"),
    ("99238", "85.00", "XXX", "9"), ("99304", "95.00", "XXX", "9"),
    ("99291", "250.00", "XXX", "9"), ("99292", "110.00", "ZZZ", "9"),
    ("OTHER", "60.00", "XXX", "3"),
    ("G2211", "16.00", "XXX", "0"), ("G0439", "130.00", "XXX", "0"),
]  # fmt: skip

PAIRS = [
    # column 1, column 2, from, to, indicator
    ("PRIM1", "IMAGE", date(2010, 1, 1), None, "1"),
    ("PRIM2", "IMAGE", None, None, "1"),
    ("PRIM1", "TESTS", date(2010, 1, 1), None, "0"),
    ("PRIM1", "PRIM2", date(2010, 1, 1), date(2024, 12, 31), "0"),
    ("PRIM1", "PRIM2", date(2025, 7, 1), None, "1"),
    ("OTHER", "TESTS", date(2010, 1, 1), None, "9"),
    ("IMAGE", "OTHER", None, date(2025, 6, 30), "0"),
    ("IMAGE", "OTHER", None, None, "1"),
    ("TESTS", "99291", date(2010, 1, 1), None, "1"),
]
UNITS = [
    ("PRIM1", 1, "2"), ("PRIM2", 1, "3"), ("TESTS", 2, "1"), ("IMAGE", 4, "3"), ("ADDN3", 0, "2"),
]  # fmt: skip
ADD_ONS = [
    # type, add-on, primary, from, to, note
    ("1", "ADDN1", "PRIM1", date(2013, 4, 1), None, ""),
    ("1", "ADDN1", "PRIM2", date(2013, 4, 1), date(2025, 6, 30), ""),
    ("1", "ADDN2", "ADDN1", date(2013, 4, 1), None, ""),
    ("1", "99292", "99291", date(2013, 4, 1), None, ""),
    ("3", "ADDN3", "PRIM1", date(2013, 4, 1), None, ""),
    ("2", "ADDCC", "CCCCC", date(2013, 4, 1), None, ""),
    ("1", "TESTS", "MAJOR", date(2013, 4, 1), None, "(Temporarily suspended retroactive to 1/1/2019)"),
]


@cache
def tables() -> EditTables:
    """The edit tables above; units of one quarter."""
    dated = {"effective_from": pl.Date, "deleted_on": pl.Date}
    pairs = pl.DataFrame(
        [(*each, "in words") for each in PAIRS],
        {**dict.fromkeys(("column_1", "column_2"), pl.String), **dated}
        | dict.fromkeys(("modifier_indicator", "rationale"), pl.String),
        orient="row",
    )
    units = pl.DataFrame(UNITS, {"hcpcs": pl.String, "mue_units": pl.Int32, "mai": pl.String}, orient="row")
    units = units.with_columns(rationale=pl.lit("in words"), service=pl.lit(""), effective_from=pl.lit(QUARTER))
    add_ons = pl.DataFrame(
        ADD_ONS,
        {"edit_type": pl.String, "add_on": pl.String, "primary": pl.String, **dated, "note": pl.String},
        orient="row",
    ).with_columns(pl.lit(None, dtype=pl.Date).alias(f"{each}_deleted_on") for each in ("add_on", "primary"))
    return EditTables(pairs=pairs, units=units, add_ons=add_ons, pairs_known_from=QUARTER)


@cache
def schedule() -> FeeSchedule:
    """The schedule of the codes above, for services of 2025."""
    rows = [
        priced.row(code, fee, global_days=days, bilateral_indicator=sides, assistant_indicator="2")
        for code, fee, days, sides in CODES
    ]
    rows += [
        priced.row("BUND1", "40.00", status_indicator="B"), priced.row("NONC1", "40.00", status_indicator="N"),
        priced.row("NOT4M", "40.00", status_indicator="I"), priced.row("LABOR", "0.00", status_indicator="X"),
        priced.row("G0463", "0.00", status_indicator="X"), priced.row("G0260", "0.00", status_indicator="E"),
        priced.row("98940", "28.00", bilateral_indicator="9"),
        priced.row("97110", "30.00", mppr_indicator="5", bilateral_indicator="9"),
        priced.row("97165", "100.00", mppr_indicator="5", bilateral_indicator="9"),
        priced.row("95860", "90.00"), priced.row("G0237", "12.00"),
    ]  # fmt: skip
    rvu = pl.DataFrame(rows, infer_schema_length=None).select(Rvu.column_names())
    return replace(priced.schedule(), rvu=Rvu.validate(rvu, cast=True))


@cache
def pricer() -> ClaimPricer:
    """Prices by that schedule."""
    return ClaimPricer([ReleaseDays.of_year(schedule())])


def lines(*given: str, **more: Any) -> pl.DataFrame:
    """Lines of one claim: "PRIM1", "PRIM1-50", "PRIM1-RT-59 x2"; ``more`` are columns of all of them."""
    rows = []
    for place, text in enumerate(given, 1):
        code, _, units = text.partition(" x")
        hcpcs, *modifiers = code.split("-")
        rows.append(
            {
                "claim_id": "C1", "line": place, "date_of_service": DAY, "hcpcs": hcpcs, "place_of_service": "11",
                "mac": priced.MAC, "locality": priced.LOCALITY, "units": int(units or 1), "beneficiary_id": "B1",
                "billing_npi": "N1", **{f"modifier_{number}": each for number, each in enumerate(modifiers, 1)},
                **more,
            }
        )  # fmt: skip
    names = list(dict.fromkeys(name for row in rows for name in row))
    schema = {"line": pl.Int32, "units": pl.Int32, "date_of_service": pl.Date}
    return pl.DataFrame({name: [row.get(name, "") for row in rows] for name in names}, schema_overrides=schema)


def checked(*given: str | pl.DataFrame, **more: Any) -> Findings:
    """All edits but coverage over such lines, or over frames of them together."""
    frames = [each for each in given if isinstance(each, pl.DataFrame)]
    texts = [each for each in given if isinstance(each, str)]
    claims = pl.concat(frames, how="diagonal_relaxed") if frames else lines(*texts)
    modifiers = [name for name in claims.columns if name.startswith("modifier_")]
    claims = claims.with_columns(pl.col(modifiers).fill_null("")) if modifiers else claims
    return check(claims, pricer(), tables(), policies=(), **more)


def rules(*given: str | pl.DataFrame, **more: Any) -> list[tuple[int, str]]:
    """The rows (from 0) and rules found."""
    return list(checked(*given, **more).found.select("row", "rule").sort("row", "rule").iter_rows())


def found_by(
    rules: Collection[str], claims: pl.DataFrame, made: EditTables, by: ClaimPricer | None = None,
    bill: Bill = "professional",
) -> pl.DataFrame:  # fmt: skip
    """What the edits' finders say by some rules, worded: pricing's own denials have no part in it."""
    denied = Denials(by or pricer(), made, (), bill=bill).denied(claims, denials_only=False)
    return findings([each for each in denied.found if each.rule in rules], denied.lines.frame).sort("row", "rule")


def add_ons_found(claims: pl.DataFrame, made: EditTables, by: ClaimPricer | None = None) -> pl.DataFrame:
    """What the add-on edit says where every line beside the add-ons is paid."""
    engine = by or pricer()
    sources = Denials(engine, made, ()).sources
    numbered = EditLines.of(claims, sources.codes, engine.eras)
    edits = add_ons.prepare(sources)
    assert edits is not None
    groups = add_ons.AddOnGroups.of(numbered, edits)
    paid = np.zeros(len(groups.at), np.bool_)
    return findings(add_ons.find(numbered, edits, groups, paid, frozenset(add_ons.RULES)), numbered.frame)
