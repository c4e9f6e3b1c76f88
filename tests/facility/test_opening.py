"""Which entries of the store price a day, and what is said where one lacks."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from facility.entries import apc, install, install_all, opps

from feecalc.errors import NotInstalled
from feecalc.facility import open_facility, price_facility_claims
from feecalc.facility.case import CaseLine
from feecalc.facility.opening import quarter
from feecalc.ingest.store import Snapshot, Store


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


def test_nothing_installed(store):
    with pytest.raises(NotInstalled, match="feecalc build FILE"):
        open_facility(store)


def test_the_newest_quarter_without_a_day(store):
    install_all(store, date(2026, 1, 1))
    install(store, "asc", date(2026, 4, 1))
    opened = open_facility(store)
    assert (opened.first_day, opened.last_day) == (date(2026, 4, 1), date(2026, 6, 30))
    assert opened.entries["asc"]["asc"] == "ASC-20262"


def test_the_newest_entry_that_is_not_after_the_day(store):
    for month in (1, 7):
        install_all(store, date(2026, month, 1))
    assert open_facility(store, date(2026, 6, 30)).entries["opps"]["opps"] == "OPPS-20261"
    assert open_facility(store, date(2026, 7, 1)).entries["opps"]["opps"] == "OPPS-20263"


def test_rates_of_an_earlier_quarter_are_said(store):
    install_all(store, date(2026, 1, 1))
    told = open_facility(store, date(2026, 8, 3)).notices
    assert told["asc"] == ("rates of ASC-20261 for 2026-08-03: nothing of the quarter from 2026-07-01 is installed",)
    assert "OPPS-20261" in told["opps"][0]


def test_rates_built_while_they_are_opened_are_read_together(store, monkeypatch):
    """Addendum A is read before B: a build between the two must not leave the old rate beside the new.

    The rate of 10001 and of its APC 5001 goes from 100.00 to 200.00.
    """
    install_all(store)
    read, raced = Snapshot.read_tables, []

    def slow(self, name, tables, columns=None):
        found = read(self, name, tables, columns)
        if not raced:
            raced.append(name)
            doubled = pl.when(pl.col("apc") == "5001").then(pl.lit(Decimal(200))).otherwise("payment_rate")
            for kind, table in (("apc", apc()), ("opps", opps())):
                rate = doubled.cast(table.schema["payment_rate"]).alias("payment_rate")
                install(Store(self.home), kind, frame=table.with_columns(rate))
        return found

    monkeypatch.setattr(Snapshot, "read_tables", slow)
    hospital = open_facility(store, settings=("opps",)).hospital
    assert raced == ["APC-20262"]
    assert hospital.codes.filter(hcpcs="10001")["rate"].item() == 200 * 10**12  # twelve decimals of a dollar
    assert hospital.apcs.filter(apc="5001")["rate"].item() == 200 * 10**12


def test_one_setting_alone(store):
    install(store, "asc")
    opened = open_facility(store)
    assert opened.price([CaseLine("10001")], "asc").facility_amount == Decimal("100.00")
    with pytest.raises(NotInstalled, match="no OPPS Addendum B of 2026"):
        opened.price([CaseLine("10001")], "opps")
    lines = pl.DataFrame(
        {
            "claim_id": ["1"],
            "line": [1],
            "date_of_service": [date(2026, 4, 1)],
            "hcpcs": ["10001"],
            "setting": ["opps"],
            "units": [1],
        }
    )
    priced = price_facility_claims(lines, [opened])
    assert priced["pricing_status"].to_list() == ["not_installed"]
    assert "Addendum B" in priced["reason"][0]


def test_last_years_addendum_b_at_this_years_rates(store):
    """The APC that this year's Addendum FF names goes before last year's; a code without a rate has no amount."""
    install(store, "opps", date(2025, 10, 1))
    higher = (
        apc()
        .filter(pl.col("apc").is_in(["5001", "5003"]))
        .with_columns(
            pl.when(pl.col("apc") == "5001")
            .then(Decimal("110"))
            .otherwise("payment_rate")
            .cast(pl.Decimal(14, 3))
            .alias("payment_rate")
        )
    )
    install(store, "apc", date(2026, 1, 1), higher)
    install(store, "asc_device_offset", date(2026, 4, 1))
    opened = open_facility(store, date(2026, 4, 1), ("opps",))
    assert "statuses and APCs of OPPS-20254" in opened.notices["opps"][0]

    def line(code):
        return opened.price([CaseLine(code)], "opps").lines[0]

    assert line("10001").facility_amount == Decimal("110.00")
    assert (line("10002").apc, line("10002").facility_amount) == ("5001", Decimal("110.00"))
    assert (line("10009").indicator, line("10009").facility_amount) == ("S", Decimal("50.00"))  # new: its APC's status
    assert line("10004").pricing_status == "packaged"
    assert (line("20001").pricing_status, line("20001").facility_amount) == ("no_rate", None)
    assert "APC 5011" in line("20001").reason


def test_rates_are_not_carried_over_two_years(store):
    install(store, "opps", date(2024, 10, 1))
    install(store, "apc", date(2026, 1, 1))
    with pytest.raises(NotInstalled, match=r"no OPPS Addendum B of 2026 is installed \(installed: OPPS-20244\)"):
        open_facility(store, date(2026, 4, 1), ("opps",))


def test_without_ranks_the_higher_rate_is_primary_and_that_is_said(store):
    install(store, "opps")
    opened = open_facility(store, None, ("opps",))
    first, second = opened.price([CaseLine("20002"), CaseLine("20001")], "opps").lines
    assert (first.pricing_status, second.facility_amount) == ("packaged", Decimal("1000.00"))
    assert "Addendum J's ranks are missing" in second.note
    assert any("Addendum J" in notice for notice in opened.notices["opps"])


def test_an_area_without_a_wage_index_installed(store):
    install(store, "asc")
    with pytest.raises(NotInstalled, match="no wage index for asc of 2026 is installed"):
        open_facility(store).price([CaseLine("10001")], "asc", cbsa="11111")


def test_without_the_device_part_that_is_said(store):
    install(store, "asc")
    install(store, "asc_wage_index")
    line = open_facility(store).price([CaseLine("20001")], "asc", cbsa="11111").lines[0]
    assert line.facility_amount == Decimal("900.00")
    assert "Addendum FF" in line.note


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2026, 2, 28), date(2026, 1, 1), date(2026, 3, 31)),
        (date(2026, 12, 31), date(2026, 10, 1), date(2026, 12, 31)),
        (date(2026, 7, 1), date(2026, 7, 1), date(2026, 9, 30)),
    ],
)
def test_quarters(day, first, last):
    assert quarter(day) == (first, last)


def test_the_apcs_of_addendum_b_stand_in_for_addendum_a(store):
    install(store, "opps", frame=opps())
    assert open_facility(store).price([CaseLine("30001")], "opps").facility_amount == Decimal("50.00")
