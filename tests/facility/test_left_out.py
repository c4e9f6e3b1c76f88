"""What a comprehensive payment takes in and leaves out, by code and status: Pub. 100-04 ch. 4 sec. 10.2.3; IOCE guide.

Rates of October 2025, but for 77372 and 77295: 29881 (J1, APC 5113) 3,244.61, 77372 (J1, APC 5627) made up at 7,600.00.
"""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from facility.entries import apc, install, opps

from feecalc.facility import open_facility
from feecalc.facility.case import case_lines
from feecalc.ingest.store import Store

D = Decimal
DAY = date(2025, 10, 1)
CODES = [
    ("29881", "J1", "5113", "3244.61"), ("77372", "J1", "5627", "7600.00"), ("77280", "S", "5611", "132.77"),
    ("70551", "Q3", "5523", "241.72"), ("77014", "N", "", None), ("77300", "S", "5612", "366.07"),
    ("97597", "T", "5051", "198.70"), ("97605", "Q1", "5051", "198.70"), ("P9016", "R", "9512", "182.00"),
    ("C1716", "U", "2616", "100.00"), ("J0002", "G", "9002", "10.00"), ("J0001", "K", "9001", "5.00"),
    ("H0001", "H", "9004", None), ("E0100", "Y", "", None), ("V2785", "F", "", None), ("90656", "L", "", None),
    ("A0427", "A", "", None), ("77067", "A", "", None), ("C9399", "A", "", None), ("27447", "J1", "5115", "100.00"),
    ("10003", "S", "5003", "50.00"),
]  # fmt: skip


@pytest.fixture(scope="module")
def schedule(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("left_out"))

    def table(rows, like):
        kinds = {name: pl.Decimal(22, 12) if kind.is_decimal() else kind for name, kind in like.schema.items()}
        priced = [(row[:-1], row[-1] and D(row[-1])) for row in rows]
        cells = [(*row, None, rate, None, rate and rate / 5, None, None) for row, rate in priced]
        return pl.DataFrame(cells, schema=kinds, orient="row")

    install(store, "opps", DAY, table(CODES, opps()))
    of_apcs = {group: (status, group, rate) for _, status, group, rate in CODES if group}
    install(store, "apc", DAY, table(of_apcs.values(), apc()))
    return open_facility(store, DAY, ("opps",))


def found(schedule, *codes):
    lines = schedule.price(case_lines(codes), "opps", day=DAY).lines
    return [str(line.facility_amount) if line.pricing_status == "priced" else line.pricing_status for line in lines]


@pytest.mark.parametrize(
    ("code", "beside"),
    [
        ("P9016", "packaged"),  # red cells: not on the list of 10.2.3, and no product against COVID-19
        ("J0001", "packaged"),  # a drug without pass-through
        ("E0100", "packaged"),  # durable medical equipment, of status Y: IOCE guide
        ("10003", "packaged"),
        ("C1716", "100.00"),  # brachytherapy source
        ("J0002", "10.00"),  # pass-through drug
        ("H0001", "cost_based"),  # pass-through device
        ("V2785", "cost_based"),  # corneal tissue, status F
        ("90656", "cost_based"),  # vaccines, status L
        ("A0427", "other_schedule"),  # ambulance
        ("77067", "other_schedule"),  # mammography
        ("C9399", "other_schedule"),  # a drug without a code of its own
        ("97597-GP", "other_schedule"),  # wound care as therapy: the physician fee schedule's
        ("97605-GO", "other_schedule"),
        ("97597", "packaged"),  # and as no therapy
    ],
)
def test_beside_a_comprehensive_service(schedule, code, beside):
    assert found(schedule, "29881", code) == ["3244.61", beside]


def test_red_cells_alone_are_paid_and_what_packages_them_is_sourced(schedule):
    """P9016 x 2: 364.00 by themselves, nothing beside 29881."""
    assert found(schedule, "P9016x2") == ["364.00"]
    line = schedule.price(case_lines(["29881", "P9016x2"]), "opps", day=DAY).lines[1]
    assert line.reason == "packaged into the comprehensive payment for 29881"
    assert "10.2.3" in line.steps[-1].source


def test_wound_care_as_therapy_is_the_physician_schedules(schedule):
    """Sec. 200.9: with GP, GO or GN no APC, so that it packages nothing and discounts nothing."""
    assert found(schedule, "97597") == ["198.70"]
    for modifier in ("GP", "GO", "GN"):
        assert found(schedule, f"97597-{modifier}") == ["other_schedule"]
    assert found(schedule, "97597-GP", "97605") == ["other_schedule", "198.70"]  # Q1 beside no S, T or V
    assert found(schedule, "97597", "97605") == ["198.70", "packaged"]
    assert found(schedule, "10003-GP") == ["50.00"]  # no therapy code


def test_planning_of_radiosurgery_beside_its_own_apc_alone(schedule):
    """APC 5627 leaves its planning out: 7,600.00 + 132.77 + 241.72; any other comprehensive service packages it."""
    assert found(schedule, "77372", "77280", "70551", "77014", "77300") == [
        "7600.00", "132.77", "241.72", "packaged", "packaged",
    ]  # fmt: skip
    assert found(schedule, "29881", "77280") == ["3244.61", "packaged"]
