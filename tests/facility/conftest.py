"""A schedule of the made-up tables, and a claim priced by it."""

import polars as pl
import pytest
from facility.entries import DAY, install_all

from feecalc.facility import open_facility, price_facility_claims
from feecalc.facility.case import CaseLine
from feecalc.ingest.store import Store


@pytest.fixture(scope="session")
def schedule(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("facility"))
    install_all(store)
    return open_facility(store, DAY)


@pytest.fixture
def case(schedule):
    """Price a case: codes as "10001", "10001-50", "10001-RT x2"; its price."""

    def line(text):
        code, _, units = text.partition(" x")
        hcpcs, *modifiers = code.split("-")
        return CaseLine(hcpcs, tuple(modifiers), int(units) if units else 1)

    def price(setting, *codes, **where):
        return schedule.price([line(code) for code in codes], setting, **where)

    return price


@pytest.fixture
def amounts(case):
    """The facility's amounts of a case as text, None where a line has none."""

    def of(setting, *codes, **where):
        lines = case(setting, *codes, **where).lines
        return [None if line.facility_amount is None else str(line.facility_amount) for line in lines]

    return of


@pytest.fixture
def statuses(case):
    def of(setting, *codes, **where):
        return [line.pricing_status for line in case(setting, *codes, **where).lines]

    return of


@pytest.fixture
def claims(schedule):
    """Price claim lines given as rows; the frame that comes of them."""

    def price(*rows, **columns):
        frame = pl.DataFrame(
            [{"claim_id": "1", "line": 1, "date_of_service": DAY, "units": 1, **row} for row in rows],
            infer_schema_length=None,
        )
        return price_facility_claims(frame, [schedule])

    return price
