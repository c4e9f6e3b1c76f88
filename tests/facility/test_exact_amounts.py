"""Rates of any number of decimals: nothing is dropped before the one rounding, and the receipt shows what is printed.

Every wanted amount is worked here by fractions, or by hand in a comment.
"""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import polars as pl
import pytest
from facility.entries import ancillary, apc, install, install_all, opps
from hypothesis import given, settings
from hypothesis import strategies as st

from feecalc.facility import open_facility, price_facility_claims
from feecalc.facility.amounts import amount
from feecalc.facility.case import CaseLine
from feecalc.facility.lines import RESULTS, with_fewest_decimals
from feecalc.ingest.store import Store
from feecalc.money import fewest

D = Decimal
DAY = date(2026, 4, 1)
WIDE = pl.Decimal(22, 12)
RATE = st.integers(0, 10**7 * 10**12)  # to ten million dollars, in 10^-12
LINES = st.lists(
    st.tuples(RATE, RATE, st.sampled_from([0, 5000, 6000]), st.integers(1, 3 * 10**8), st.integers(1, 2 * 10**13),
              st.integers(0, 10**12)),
    min_size=1, max_size=8,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(LINES)
def test_an_amount_is_rounded_once_whatever_its_figures(lines):
    """Rate, device, labor share, index, factor and what is kept, against fractions; up to two billion units."""
    columns = ("rate", "device", "labor", "index", "factor", "kept")
    rows = [(max(rate, device), min(rate, device), *rest) for rate, device, *rest in lines]
    kinds = {name: pl.Int128 if name in ("rate", "device") else pl.Int64 for name in columns}
    found = pl.DataFrame(rows, schema=kinds, orient="row")
    for row, cents in zip(rows, found.select(amount()).to_series(), strict=True):
        rate, device, labor, index, factor, kept = (Fraction(each) for each in row)
        share = labor / 10**4 * index / 10**8 + 1 - labor / 10**4
        exact = ((rate - device) * share + device) / 10**12 * factor / 10**4 * kept / 10**12
        assert cents == int(exact * 100 + Fraction(1, 2)), row  # halves up


def with_rate(table, code, rate, **cells):
    """A table of entries.py with another rate, and other cells, for a code; its figures as the files are read now."""
    of_code = pl.col("hcpcs") == code if "hcpcs" in table.columns else pl.col("apc") == code
    figures = [name for name, kind in table.schema.items() if kind.is_decimal()]
    changed = {"payment_rate": rate, **cells}
    return table.with_columns(pl.col(figures).cast(WIDE)).with_columns(
        pl.when(of_code).then(pl.lit(value, WIDE)).otherwise(name).alias(name) for name, value in changed.items()
    )


@pytest.fixture
def opened(tmp_path):
    """The schedule with a drug at another rate in OPPS (J0001) and in an ASC (J0001)."""

    def at(rate):
        store = Store(tmp_path)
        install_all(store)
        install(store, "opps", frame=with_rate(opps(), "J0001", D(rate), ira_coinsurance_rate=None))
        install(store, "asc_ancillary", frame=with_rate(ancillary(), "J0001", D(rate)))
        return open_facility(store, DAY)

    return at


@pytest.mark.parametrize(
    ("rate", "units", "wanted"),
    [
        ("0.0474", 1, "0.05"),
        ("0.0474", 25, "1.19"),  # 1.185: halves up; at 0.047 it would be 1.18, at 0.05 1.25
        ("10.5545", 10, "105.55"),  # 105.545, halves up
        ("2045.70195", 1, "2045.70"),
        ("2045.70195", 100, "204570.20"),  # 204,570.195, halves up
        ("0.000049", 100, "0.00"),  # 0.0049
        ("0.00005", 100, "0.01"),  # 0.005
    ],
)
@pytest.mark.parametrize("setting", ["opps", "asc"])
def test_a_drug_is_its_printed_rate_times_its_units_rounded_once(opened, setting, rate, units, wanted):
    """An ASC pays for a drug beside a procedure only."""
    case = [CaseLine("J0001", units=units), *([CaseLine("10001")] if setting == "asc" else [])]
    line = opened(rate).price(case, setting).lines[0]
    assert line.facility_amount == D(wanted)
    assert line.national_rate == fewest(D(rate), 2)
    shown = next(step for step in line.steps if step.name == "national rate")
    assert shown.value == f"{fewest(D(rate), 2):,}"
    assert line.medicare_amount + line.copayment == line.facility_amount


def test_a_share_of_the_patient_of_many_decimals(tmp_path):
    """10,000.00 at a coinsurance of 15.3484765 percent: Medicare pays 10,000 x 0.846515235 = 8,465.15."""
    store = Store(tmp_path)
    install_all(store)
    table = with_rate(opps(), "J0002", D("10000"), ira_coinsurance_rate=D("0.153484765"))
    install(store, "opps", frame=table)
    line = open_facility(store, DAY).price([CaseLine("J0002")], "opps").lines[0]
    assert (line.medicare_amount, line.copayment) == (D("8465.15"), D("1534.85"))


def test_a_rate_of_many_decimals_off_campus_and_at_an_index_of_five(tmp_path):
    """100.0049 x (0.6 x 0.94881 + 0.4) = 96.9333...; with PN 40 percent first: 40.00196, rounded 40.00, x 0.969286."""
    store = Store(tmp_path)
    install_all(store)
    install(store, "opps", frame=with_rate(opps(), "10003", D("100.0049")))
    schedule = open_facility(store, DAY)
    plain, off_campus = (
        schedule.price([CaseLine("10003", modifiers)], "opps", wage_index=D("0.94881")).lines[0]
        for modifiers in ((), ("PN",))
    )
    exact = D("100.0049") * (D("0.6") * D("0.94881") + D("0.4"))
    assert plain.facility_amount == exact.quantize(D("0.01"), ROUND_HALF_UP) == D("96.93")
    assert off_campus.facility_amount == (D("40.00") * D("0.969286")).quantize(D("0.01"), ROUND_HALF_UP)
    assert next(step.value for step in plain.steps if step.name == "wage index") == "0.94881"


def test_the_higher_of_two_rates_that_differ_far_behind_the_point_is_paid_in_full(tmp_path):
    """10002 is printed a hundred-thousandth of a dollar higher than 10001: it pays 100.00, the other half."""
    store = Store(tmp_path)
    install_all(store)
    install(store, "opps", frame=with_rate(with_rate(opps(), "10001", D("100")), "10002", D("100.00001")))
    lines = open_facility(store, DAY).price([CaseLine("10001"), CaseLine("10002")], "opps").lines
    assert [line.facility_amount for line in lines] == [D("50.00"), D("100.00")]


def test_entries_of_an_earlier_version_price_beside_new_ones(tmp_path):
    """Addendum A with all decimals, Addendum B as it was stored with three: 30001 pays Addendum B's 50."""
    store = Store(tmp_path)
    install_all(store)
    install(store, "apc", frame=with_rate(apc(), "5020", D("1500.00005")))
    schedule = open_facility(store, DAY)
    lines = schedule.price([CaseLine("20001"), CaseLine("20003")], "opps").lines  # raised to APC 5020
    assert (lines[0].facility_amount, lines[0].national_rate) == (D("1500.00"), D("1500.00005"))
    assert schedule.price([CaseLine("30001")], "opps").facility_amount == D("50.00")


def test_a_written_file_shows_as_many_decimals_as_it_needs(opened):
    rows = [{"claim_id": str(n), "line": 1, "date_of_service": DAY, "hcpcs": code, "setting": "opps", "units": 1}
            for n, code in enumerate(("J0001", "10001", "99999"))]  # fmt: skip
    priced = price_facility_claims(pl.DataFrame(rows), [opened("2045.70195")])
    assert {name: priced.schema[name] for name in RESULTS} == dict(RESULTS)
    shown = with_fewest_decimals(priced).select("national_rate", "wage_index_applied", "device_amount")
    written = shown.cast(pl.String).rows()
    assert written == [("2045.70195", None, None), ("100.00000", "1.0000", None), (None, None, None)]
