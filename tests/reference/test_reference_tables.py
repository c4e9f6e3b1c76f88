"""The reference tables themselves: their shape, that no two rows of one key hold on one day, and known look-ups.

The expected values are CMS's own where a file carries them (conversion factors from 2020, ANES2025); otherwise they are
those of the row's source.
"""

import tomllib
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

import feecalc.reference
from feecalc.errors import MissingRule
from feecalc.reference import Row, row_on, rows, rows_on

FILES = sorted(Path(feecalc.reference.__file__).parent.glob("*.toml"))
RELEASES = {"release", "releases"}  # dated by first_date_of_service
NAMES = [file.stem for file in FILES if file.stem not in RELEASES]

# What tells one row from another: two rows with equal keys must never hold on the same day.
KEYS = {
    "anesthesia_conversion_factor": ("track",),
    "anesthesia_service": ("kind", "modifier", "part", "hcpcs"),
    "assistant": ("kind", "modifier", "assistant_indicator"),
    "bilateral": ("bilateral_indicator",),
    "claim_adjustment": ("kind", "key"),
    "coinsurance": ("kind",),
    "column_name": ("column",),
    "commercial_benchmark": ("publisher", "setting", "area", "bound"),
    "conversion_factor": ("track",),
    "cosurgery": ("kind", "modifier", "cosurgeon_indicator", "team_indicator"),
    "deductible": (),
    "known_indicator": ("table", "column"),
    "mips": ("bound",),
    "modifier": ("modifier",),
    "multiple_procedure": ("mppr_indicator", "part", "rank"),
    "opps_cap": ("kind", "status_indicator", "pctc_indicator", "mac", "locality"),
    "other_schedule": ("first",),
    "participation": ("kind",),
    "practice_expense": (),
    "pfs_indicator": ("column",),
    "place_of_service": ("code",),
    "provider_type": ("provider_type",),
    "reduced_service": ("modifier",),
    "return_to_surgery": ("modifier", "global_days"),
    "sequestration": (),
    "split_care": ("modifier",),
    "status_indicator": ("code",),
    "superseded_factor": ("value",),
    "technical_component": ("pctc_indicator", "modifier"),
    "technical_sister": ("hcpcs",),
    "therapy_place": ("kind", "mppr_indicator", "patient"),
    "work_gpci_floor": ("state",),
}
PATIENTS = {"hospital_inpatient", "hospital_outpatient", "snf_part_a", "nursing_facility", "asc", "none"}


def last_day(row: Row) -> date:
    return row.get("effective_to", date.max)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_holds_one_array_of_its_own_name(file):
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    assert list(tables) == [file.stem]
    assert tables[file.stem], "an empty table answers nothing"


def test_every_keyed_table_is_there():
    assert set(KEYS) <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_row_is_dated_and_sourced(name):
    for row in rows(name):
        assert type(row["effective_from"]) is date, row
        assert type(last_day(row)) is date, row
        assert row["effective_from"] <= last_day(row), row
        assert row["source"].strip(), row


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_confirmed_says_so(name):
    for row in rows(name):
        assert row.get("basis") in (None, "assumed"), row


@pytest.mark.parametrize("name", KEYS)
def test_assumed_rows_and_only_they_name_what_is_not_confirmed(name):
    for row in rows(name):
        assert ("not confirmed" in row["source"]) == (row.get("basis") == "assumed"), row


@pytest.mark.parametrize("name", NAMES)
def test_a_value_is_a_decimal_kept_as_text_with_its_unit(name):
    for row in rows(name):
        if "value" in row:
            assert isinstance(row["value"], str), row
            assert Decimal(row["value"]).is_finite(), row
            assert row["unit"].strip(), row


@pytest.mark.parametrize(("name", "key"), KEYS.items(), ids=list(KEYS))
def test_spans_of_one_key_never_overlap(name, key):
    spans = defaultdict(list)
    for row in rows(name):
        spans[tuple(row.get(field) for field in key)].append(row)
    for same in spans.values():
        ordered = sorted(same, key=lambda row: row["effective_from"])
        for earlier, later in pairwise(ordered):
            assert last_day(earlier) < later["effective_from"], (earlier, later)


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        ("conversion_factor", lambda row: row["track"] != "qp"),
        ("work_gpci_floor", lambda row: "state" not in row),
    ],
    ids=["conversion_factor", "work_gpci_floor"],
)
def test_no_day_from_2009_to_2026_is_missing(name, chosen):
    ordered = sorted(filter(chosen, rows(name)), key=lambda row: row["effective_from"])
    assert ordered[0]["effective_from"] == date(2009, 1, 1)
    assert last_day(ordered[-1]) == date(2026, 12, 31)
    for earlier, later in pairwise(ordered):
        assert last_day(earlier) + timedelta(days=1) == later["effective_from"]


@pytest.mark.parametrize(
    ("day", "track", "value"),
    [
        (date(2010, 5, 31), "all", "36.0791"),
        (date(2010, 6, 1), "all", "36.8729"),
        (date(2015, 6, 30), "all", "35.7547"),
        (date(2015, 7, 1), "all", "35.9335"),
        (date(2024, 3, 8), "all", "32.7442"),
        (date(2024, 3, 9), "all", "33.2875"),
        (date(2025, 12, 31), "all", "32.3465"),
        (date(2026, 1, 1), "other", "33.4009"),
        (date(2026, 1, 1), "qp", "33.5675"),
    ],
)
def test_conversion_factor(day, track, value):
    assert row_on("conversion_factor", day, track=track)["value"] == value


@pytest.mark.parametrize(("day", "track"), [(date(2025, 12, 31), "qp"), (date(2026, 1, 1), "all")])
def test_tracks_begin_in_2026(day, track):
    with pytest.raises(MissingRule):
        row_on("conversion_factor", day, track=track)


def test_anesthesia_conversion_factor_is_the_one_in_anes2025():
    assert row_on("anesthesia_conversion_factor", date(2025, 7, 1), track="all")["value"] == "20.3178"


def test_work_gpci_floor_outlives_the_footnote_and_ends_with_2026():
    assert row_on("work_gpci_floor", date(2026, 2, 1), state=None)["value"] == "1.000"
    assert not rows_on("work_gpci_floor", date(2027, 1, 1), state=None)
    assert row_on("work_gpci_floor", date(2027, 1, 1), state="AK")["value"] == "1.500"


@pytest.mark.parametrize(
    ("code", "day", "setting", "patient"),
    [
        ("10", date(2023, 12, 31), "facility", "none"),
        ("10", date(2024, 1, 1), "nonfacility", "none"),
        ("02", date(2025, 1, 1), "facility", "none"),
        ("11", date(2025, 1, 1), "nonfacility", "none"),
        ("21", date(2025, 1, 1), "facility", "hospital_inpatient"),
        ("22", date(2025, 1, 1), "facility", "hospital_outpatient"),
        ("24", date(2025, 1, 1), "facility", "asc"),
        ("31", date(2025, 1, 1), "facility", "snf_part_a"),
        ("32", date(2025, 1, 1), "nonfacility", "nursing_facility"),
        ("06", date(2025, 1, 1), "not_priced", "none"),
    ],
)
def test_place_of_service(code, day, setting, patient):
    row = row_on("place_of_service", day, code=code)
    assert (row["setting"], row["patient"]) == (setting, patient)


@pytest.mark.parametrize(
    ("code", "day"), [("27", date(2023, 9, 30)), ("28", date(2025, 1, 1)), ("19", date(2015, 1, 1))]
)
def test_a_place_of_service_not_in_use_is_an_error(code, day):
    with pytest.raises(MissingRule):
        row_on("place_of_service", day, code=code)


def test_settings_are_those_of_the_manual():
    # Pub. 100-04 ch. 12 sec. 20.4.2, Rev. 12823 (effective October 8, 2024); 18 and 66 stand in ch. 26 alone
    facility = {"02", "19", *map(str, range(21, 25)), "26", "31", "34", "41", "42", "51", "52", "53", "56", "61"}
    nonfacility = {
        "01", "03", "04", "09", *map(str, range(10, 18)), "20", "25", "27", "32", "33", "49", "50", "54", "55", "57",
        "58", "60", "62", "65", "71", "72", "81", "99",
    }  # fmt: skip
    found = {row["code"]: row["setting"] for row in rows_on("place_of_service", date(2024, 10, 8))}
    assert {code for code, setting in found.items() if setting == "facility"} == facility
    assert {code for code, setting in found.items() if setting == "nonfacility"} == {*nonfacility, "18", "66"}


def test_patients_are_of_the_known_kinds():
    assert {row["patient"] for row in rows("place_of_service")} == PATIENTS
    assert {patient for row in rows("technical_component") for patient in row["patients"]} <= PATIENTS


def test_limiting_charge_is_115_percent_of_the_nonparticipating_amount():
    day = date(2025, 1, 1)
    payment, charge = (row_on("participation", day, kind=k) for k in ("nonparticipating_payment", "limiting_charge"))
    assert Decimal(charge["value"]) == Decimal(payment["value"]) * Decimal("1.15")
