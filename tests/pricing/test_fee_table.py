"""The fee table, on the made-up schedule: the OPPS cap, the technical part of a hospital's patient, and the notes.

A global test pays 26 + TC in an office; a hospital inpatient's physician is paid the 26 part alone (Pub. 100-04 ch. 13
sec. 20.2). CAP02 is 20.00 + 80.00, its OPPS amounts are 90.00 whole and 70.00 technical.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest
from pricing.claims import made_up

PAID_AS_26 = "a facility's patient: the professional part is paid in place of the global service"
NO_26 = (
    "a facility's patient: only the professional part is paid, and the release has no priced row of it; the amount is "
    "the printed one"
)
RARE = "NA: rarely or never done in this setting; the amount is the one CMS prints"


def dollars(*amounts):
    return tuple(None if amount is None else Decimal(amount) for amount in amounts)


@pytest.mark.parametrize(
    ("code", "modifier", "office", "facility", "uncapped", "limiting_charge"),
    [
        ("CAP02", "", "90.00", "20.00", "100.00", "98.32"),  # 2.78237 RVU x 32.3465 x 109.25 % = 98.3249
        ("CAP02", "26", "20.00", "20.00", "20.00", "21.85"),
        ("CAP02", "TC", "70.00", None, "80.00", "76.48"),  # 2.16407 RVU x 32.3465 x 109.25 % = 76.4751
        ("XRAY1", "", "50.00", "10.00", "50.00", "54.62"),  # 1.54576 RVU x 32.3465 x 109.25 % = 54.6249
        ("XRAY1", "TC", "40.00", None, "40.00", "43.70"),
        ("93005", "", "12.00", None, "12.00", "13.11"),  # technical work only
        ("VISIT", "", "100.00", "70.00", "100.00", "109.25"),
        ("BUND1", "", None, None, None, None),
    ],
)
def test_the_cap_and_the_technical_part(code, modifier, office, facility, uncapped, limiting_charge):
    (found,) = table([code]).filter(pl.col("modifier") == modifier).to_dicts()
    names = ("nonfacility_amount", "facility_amount", "nonfacility_uncapped_amount", "limiting_charge")
    assert tuple(found[name] for name in names) == dollars(office, facility, uncapped, limiting_charge)


def test_the_chosen_codes_are_as_in_the_whole_table():
    whole = table()
    for codes in (["CAP02"], ["XRAY1", "CAP02"], ["VISIT", "93005", "XRAY1"]):
        assert table(codes).sort("hcpcs", "modifier").equals(
            whole.filter(pl.col("hcpcs").is_in(codes)).sort("hcpcs", "modifier")
        )


@pytest.mark.parametrize(
    ("code", "modifier", "office", "facility"),
    [
        ("XRAY1", "", None, PAID_AS_26),
        ("XRAY1", "26", None, None),
        ("XRAY1", "TC", None, None),  # not paid there: no amount, and nothing to read it with
        ("NOPRO", "", None, NO_26),
        ("RARE1", "", RARE, None),
        ("RARE3", "", RARE, None),  # rarely done in either, and in a facility not paid
        ("VISIT", "", None, None),
    ],
)
def test_the_notes_are_of_the_setting_and_of_paid_amounts_alone(code, modifier, office, facility):
    rows = [
        *made_up.ROWS,
        made_up.row("NOPRO", "80.00", pctc_indicator="1"),
        made_up.row("RARE1", "80.00", na_indicator_nonfacility="NA"),
        made_up.row(
            "RARE3", "80.00", pctc_indicator="3", na_indicator_nonfacility="NA", na_indicator_facility="NA"
        ),
    ]
    schedule = made_up.schedule()
    rvu = pl.DataFrame(rows, infer_schema_length=None).select(schedule.rvu.columns).cast(dict(schedule.rvu.schema))
    found = replace(schedule, rvu=rvu).table(codes=[code], notes=True).filter(pl.col("modifier") == modifier)
    assert found.select("nonfacility_notes", "facility_notes").cast(pl.String).row(0) == (office, facility)


def table(codes=None):
    return made_up.schedule().table(codes=codes, day=made_up.DAY)
