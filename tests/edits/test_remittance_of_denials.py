"""What a remittance says of a denied line: who bears it, why, and that the parts add up with every other line's."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from edits.made_up import lines, pricer, tables
from edits.test_against_oracle import some_claims
from pricing.claims.random_claims import Claims

from feecalc.edits.pricing import EditedPricer
from feecalc.installed import open_schedule
from feecalc.pricing.claims.adjustments import denied_by_edits
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays

# What another schedule or the contractor pays, and what is not known here: no remittance can be foretold.
NO_CODE = {
    "not_under_fee_schedule", "statutorily_excluded", "contractor_priced", "by_report", "no_release",
    "base_units_missing", "not_computable", "unknown_provider_type",
}  # fmt: skip


def edited(claims: pl.DataFrame, by: EditedPricer) -> list[dict[str, Any]]:
    found = by.price(claims, without=())
    return claims.hstack(found.with_).hstack([found.denied_by]).cast({pl.Categorical: pl.String}).to_dicts()


def adjusted(*given: str) -> list[str | None]:
    claims = lines(*given).with_columns(billed_amount=pl.lit("75.50").cast(pl.Decimal(12, 2)))
    by = EditedPricer(pricer(), tables(), policies=())
    return [row["adjustments"] for row in edited(claims, by)]


@pytest.mark.parametrize(
    ("given", "last"),
    [
        # CARC 18 goes with OA alone (Palmetto GBA, April 2, 2021)
        (("TESTS", "TESTS"), "OA-18 75.50"),
        (("TESTS-GA", "TESTS-GA"), "OA-18 75.50"),
        # a notice (ABN) moves a denial for medical necessity to the patient: ch. 18 sec. 180.4, PR with GA, CO with GZ
        (("98940",), "CO-50 75.50"),
        (("98940-GA",), "PR-50 75.50"),
        (("98940-KX-GA",), "PR-50 75.50"),
        (("98940-GZ",), "CO-50 75.50"),
        (("98940-GY",), "PR-96 N425 75.50"),
        (("98940-GY-GX",), "PR-96 N425 75.50"),
        (("98940-AT-GA",), "CO-4 75.50"),
        # and no other denial
        (("PRIM1", "IMAGE-GA"), "CO-236 75.50"),
        (("TESTS-GA x3",), "CO-151 N362 75.50"),
        (("PRIM1", "99213-GA"), "CO-97 M144 75.50"),
        # an add-on procedure alone: ch. 12 sec. 40.4.D.3; beside another service the add-on edits' code
        (("ADDN1",), "CO-234 N390 75.50"),
        (("ADDN1", "ADDN2"), "CO-234 N390 75.50"),
        (("ADDCC",), "CO-234 N390 75.50"),
        (("OTHER", "ADDN1"), "CO-107 75.50"),
    ],
)
def test_who_bears_a_denial(given, last):
    assert adjusted(*given)[-1] == last


@pytest.mark.parametrize(
    ("carc", "modifiers", "group"),
    [
        ("119", ("GA", ""), "PR"),
        ("119", ("RT", "GA"), "PR"),
        ("119", ("", ""), "CO"),
        ("119", ("GA", "GZ"), "CO"),
        ("119", ("GX", ""), "CO"),  # a voluntary notice says nothing of what Medicare covers
        ("50", ("GA", None), "PR"),
        ("50", (None, None), "CO"),
        ("197", ("GA", ""), "CO"),
        ("18", (None, None), "OA"),
    ],
)
def test_the_group_by_code_and_modifiers(carc, modifiers, group):
    first, second = modifiers
    frame = pl.DataFrame(
        {"carc": [carc], "rarc": [""], "billed": [Decimal("20.00")], "date_of_service": [date(2026, 1, 5)],
         "modifier_1": [first], "modifier_2": [second]},
        schema_overrides={"modifier_1": pl.String, "modifier_2": pl.String},
    )  # fmt: skip
    found = denied_by_edits(frame)
    assert found["group"].to_list() == [group]
    assert found["adjustments"].to_list() == [f"{group}-{carc} 20.00"]


def test_a_denial_without_a_code_has_no_group():
    frame = pl.DataFrame(
        {"carc": [""], "rarc": [""], "billed": [Decimal("20.00")], "date_of_service": [date(2026, 1, 5)]}
    )
    assert [each.to_list() for each in denied_by_edits(frame).values()] == [[""], [None]]


def check_each_line(found: list[dict[str, Any]]) -> dict[str, int]:
    """Every line's parts add up to what is billed and not paid, and a denial's group is that of its code."""
    seen: dict[str, int] = {}
    for row in found:
        parts = [each.rsplit(" ", 1) for each in (row["adjustments"] or "").split("; ") if each]
        for code, _ in parts:
            seen[code] = seen.get(code, 0) + 1
        if row["pricing_status"] == "denied_by_edit":
            modifiers = {row[f"modifier_{number}"] for number in range(1, 5) if f"modifier_{number}" in row}
            patient = row["carc"] in {"50", "119"} and "GA" in modifiers and "GZ" not in modifiers
            group = "OA" if row["carc"] == "18" else "PR" if patient else "CO"
            assert row["group"] == (group if row["carc"] else ""), row
        if row["pricing_status"] in NO_CODE or (row["pricing_status"] == "denied_by_edit" and not row["carc"]):
            assert not parts, row
        elif row["billed_amount"] > 0:
            not_paid = row["billed_amount"] - (row["medicare_paid"] or 0)
            assert sum(Decimal(amount) for _, amount in parts) == not_paid, row
    return seen


def test_the_parts_add_up_with_the_edits_applied():
    seen: dict[str, int] = {}
    by = EditedPricer(pricer(), tables(), policies=())
    charge = pl.lit("900.00").cast(pl.Decimal(12, 2))
    for seed in range(12):
        claims = some_claims(random.Random(seed), 120).with_columns(billed_amount=charge)
        for code, count in check_each_line(edited(claims, by)).items():
            seen[code] = seen.get(code, 0) + count
    assert {"OA-18", "PR-50", "CO-50", "CO-236", "CO-151 N362", "CO-107", "CO-234 N390", "CO-97 M144"} <= set(seen)


@pytest.mark.parametrize("seed", range(61, 65))
def test_the_parts_add_up_over_every_code(seed):
    """Any code, modifier and place, with the edits and coverage policies that come with feecalc."""
    schedule = open_schedule("RVU26C", home=Path("no-such-folder")).schedule
    claims = Claims(schedule, seed=seed).frame(500).with_columns(pl.col("billed_amount").fill_null(Decimal("950.00")))
    by = EditedPricer(ClaimPricer([ReleaseDays.of_year(schedule)]), tables())
    seen = check_each_line(edited(claims, by))
    assert {"CO-45", "PR-2", "CO-253"} <= set(seen)
