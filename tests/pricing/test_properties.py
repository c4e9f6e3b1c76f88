"""What always holds of a price and of the table, over the starter data's services, places and localities."""

from decimal import ROUND_HALF_UP, Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feecalc.installed import open_schedule
from feecalc.pricing.fee_table import COLUMNS

CENT = Decimal("0.01")


@pytest.fixture(scope="module", params=["2025D", "2026C"])
def schedule(request, tmp_path_factory):
    return open_schedule(request.param, home=tmp_path_factory.mktemp("empty")).schedule


@settings(max_examples=150, deadline=None)
@given(pick=st.data())
def test_the_steps_of_a_receipt_multiply_to_its_amount(schedule, pick):
    row = pick.draw(st.sampled_from(schedule.rvu.select("hcpcs", "modifier").rows()))
    place = pick.draw(st.sampled_from(["11", "21", "22", "24", "31", "32", "02", "10"]))
    locality = pick.draw(st.sampled_from([None, *schedule.all_localities]))
    price = schedule.price(*row, place_of_service=place, locality=locality, participating=pick.draw(st.booleans()))
    if price.fee_schedule_amount is None:
        assert price.allowed_amount is None
        assert price.pricing_status != "priced"
        return
    steps = {step.name: step for step in price.steps}
    parts = [Decimal(step.value) for step in price.steps if step.unit == "RVU" and step.name != "total"]
    for step in price.steps:
        if step.unit == "RVU" and step.name != "total":
            rvu, index = step.detail.replace(" RVU x", "").replace(" GPCI", "").split()
            assert Decimal(rvu) * Decimal(index) == Decimal(step.value)
    assert sum(parts) == Decimal(steps["total"].value)
    product = Decimal(steps["total"].value) * Decimal(steps["conversion factor"].value)
    assert product.quantize(CENT, ROUND_HALF_UP) == price.fee_schedule_amount
    if price.allowed_amount is not None:
        assert price.allowed_amount <= price.fee_schedule_amount
        assert Decimal([step for step in price.steps if step.unit == "USD"][-1].value) == price.allowed_amount


def test_the_table_says_what_the_price_says(schedule):
    """Every row of the starter data in a dozen localities: an office's patient, and a hospital inpatient."""
    places = schedule.all_localities[::9]
    table = schedule.table(localities=places)
    assert tuple(table.columns) == COLUMNS
    assert table.height == schedule.rvu.height * len(places)
    at = {(each.mac, each.locality): each for each in places}
    for row in table.iter_rows(named=True):
        place = at[row["mac"], row["locality"]]
        office = schedule.price(row["hcpcs"], row["modifier"], locality=place)
        inpatient = schedule.price(row["hcpcs"], row["modifier"], locality=place, place_of_service="21")
        assert row["nonfacility_amount"] == office.allowed_amount
        assert row["facility_amount"] == inpatient.allowed_amount
        # the table's uncapped amounts are as CMS prints them, technical parts included; a price's fee is of the row
        # paid, as a claim line's is, and there is none where nothing is paid
        for price, printed in ((office, "nonfacility"), (inpatient, "facility")):
            if price.allowed_amount is None:
                assert price.fee_schedule_amount is None
            elif any(note.startswith("paid as ") for note in price.notes):
                assert price.fee_schedule_amount == price.allowed_amount < row[f"{printed}_uncapped_amount"]
            else:
                assert price.fee_schedule_amount == row[f"{printed}_uncapped_amount"]
        assert row["limiting_charge"] == office.limiting_charge
        assert row["state"] == place.state


def test_null_exactly_where_not_priced(schedule):
    table = schedule.table()
    priced = pl.col("status_indicator").is_in(["A", "R", "T"])
    assert table.filter(priced)["nonfacility_uncapped_amount"].null_count() == 0
    assert table.filter(~priced)["nonfacility_uncapped_amount"].is_null().all()
    assert table.filter(pl.col("nonfacility_amount") == 0).height == 0


def test_a_global_service_is_its_two_parts(schedule):
    """RVU25D.pdf: relative values of the global service are those of 26 plus TC, so amounts differ by rounding only."""
    table = schedule.table().drop_nulls("nonfacility_uncapped_amount")
    wide = table.pivot("modifier", index=["hcpcs", "mac", "locality"], values="nonfacility_uncapped_amount").drop_nulls(
        ["", "26", "TC"]
    )
    assert wide.height > 0
    assert ((pl.Series(wide["26"]) + wide["TC"] - wide[""]).abs() <= CENT).all()


def test_codes_and_localities_are_chosen(schedule):
    table = schedule.table(codes=["99213", "77003"], localities=["Miami, FL", "02102-01"])
    assert table.select("hcpcs", "modifier", "mac").rows() == [
        ("99213", "", "09102"), ("99213", "", "02102"),
        ("77003", "", "09102"), ("77003", "", "02102"),
        ("77003", "26", "09102"), ("77003", "26", "02102"),
        ("77003", "TC", "09102"), ("77003", "TC", "02102"),
    ]  # fmt: skip
    whole = schedule.table()
    for row in table.iter_rows():
        assert (
            whole.filter(pl.struct(pl.col(COLUMNS[:4])) == dict(zip(COLUMNS[:4], row[:4], strict=True))).row(0) == row
        )


def test_a_code_may_be_asked_without_its_parts(schedule):
    """The global service at a hospital needs its 26 row, also where only the code's rows are chosen."""
    (row,) = schedule.table(codes=["77003"], localities=["10112-00"]).filter(pl.col("modifier") == "").rows(named=True)
    assert row["facility_amount"] < row["facility_uncapped_amount"]
