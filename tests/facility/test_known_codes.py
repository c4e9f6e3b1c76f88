"""Codes that a file knows and no rate pays: an indicator that is new, a cell that is no figure, a device file alone.

None of them is an unknown code: the line says which file holds the code, and what is lacking.
"""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from facility.entries import apc, asc, code_pairs, device_offset, install, install_all, opps

from feecalc.facility import open_facility, price_facility_claims
from feecalc.facility.case import CaseLine
from feecalc.ingest.store import Store

D = Decimal
DAY = date(2026, 4, 1)


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path)
    install_all(store)
    return store


def changed(table, code, **cells):
    """The table with other cells for a code."""
    return table.with_columns(
        pl.when(pl.col("hcpcs") == code).then(pl.lit(value, table.schema[name])).otherwise(name).alias(name)
        for name, value in cells.items()
    )


def line(store, setting, *codes):
    return open_facility(store, DAY).price([CaseLine(code) for code in codes], setting).lines[0]


def test_a_status_indicator_that_the_rules_do_not_know_is_said(store):
    """S1 of 2026: no source was found for what it pays."""
    install(store, "opps", frame=changed(opps(), "10003", status_indicator="S1"))
    found = line(store, "opps", "10003")
    assert (found.pricing_status, found.indicator, found.facility_amount) == ("unknown_indicator", "S1", None)
    assert found.reason == (
        "status indicator S1 of OPPS-20262 is not one that feecalc's rules know on 2026-04-01: not priced"
    )
    assert [(step.name, step.value, step.source) for step in found.steps] == [
        ("status indicator", "S1", "OPPS-20262"), ("outcome", "unknown_indicator", ""),
    ]  # fmt: skip
    rows = [{"claim_id": "1", "line": 1, "date_of_service": DAY, "hcpcs": "10003", "setting": "opps", "units": 1}]
    priced = price_facility_claims(pl.DataFrame(rows), [open_facility(store, DAY)]).row(0, named=True)
    assert (priced["pricing_status"], priced["indicator"], priced["reason"]) == (
        "unknown_indicator", "S1", found.reason,
    )  # fmt: skip


def test_it_packages_nothing_and_is_packaged_by_nothing(store):
    """Beside a comprehensive service it stays not priced; a Q1 service beside it is paid, as nothing else is known."""
    install(store, "opps", frame=changed(opps(), "10003", status_indicator="S1"))
    lines = open_facility(store, DAY).price([CaseLine("10003"), CaseLine("20001")], "opps").lines
    assert [each.pricing_status for each in lines] == ["unknown_indicator", "priced"]
    lines = open_facility(store, DAY).price([CaseLine("10003"), CaseLine("30001")], "opps").lines
    assert [each.pricing_status for each in lines] == ["unknown_indicator", "priced"]


def test_a_code_without_a_status_indicator(store):
    install(store, "opps", frame=changed(opps(), "10003", status_indicator=""))
    found = line(store, "opps", "10003")
    assert (found.pricing_status, found.reason) == (
        "unknown_indicator", "OPPS-20262 prints no status indicator for the code: not priced",
    )  # fmt: skip


def test_a_payment_indicator_that_the_rules_do_not_know_is_said(store):
    install(store, "asc", frame=changed(asc(), "10003", payment_indicator="S9"))
    found = line(store, "asc", "10003")
    assert (found.pricing_status, found.indicator) == ("unknown_indicator", "S9")
    assert found.reason.startswith("payment indicator S9 of ASC-20262 is not one that feecalc's rules know on 2026-04")


def test_a_mark_for_several_procedures_that_is_new_is_said_and_nothing_is_discounted(store):
    install(store, "asc", frame=changed(asc(), "10002", multiple_procedure="X"))
    lines = open_facility(store, DAY).price([CaseLine("10001"), CaseLine("10002")], "asc").lines
    assert [each.facility_amount for each in lines] == [D("100.00"), D("80.00")]
    assert "ASC-20262 prints X where it says whether it is discounted beside others" in lines[1].note
    assert lines[0].note == "national rate: no area given"


def test_a_rate_that_is_no_figure_leaves_its_line_without_an_amount_and_says_what_is_printed(store):
    table = changed(opps(), "10003", payment_rate=None).with_columns(unread=pl.lit(""))
    install(store, "opps", frame=changed(table, "10003", unread="payment_rate 'TBD'"))
    found = line(store, "opps", "10003")
    assert (found.pricing_status, found.reason) == (
        "no_rate", "OPPS-20262 prints no figure where the rate stands: payment_rate 'TBD'",
    )  # fmt: skip
    table = changed(asc(), "10003", payment_rate=None).with_columns(unread=pl.lit(""))
    install(store, "asc", frame=changed(table, "10003", unread="payment_rate 'TBD'"))
    found = line(store, "asc", "10003")
    assert (found.pricing_status, found.reason) == (
        "no_rate", "ASC-20262 prints no figure where the rate stands: payment_rate 'TBD'",
    )  # fmt: skip


def test_a_copayment_that_is_no_figure_is_said_of_the_amount(store):
    table = changed(opps(), "10005", copayment=None, minimum_copayment=None).with_columns(unread=pl.lit(""))
    install(store, "opps", frame=changed(table, "10005", unread="copayment 'TBD'"))
    found = line(store, "opps", "10005")
    assert (found.facility_amount, found.copayment) == (D("100.00"), D("20.00"))
    assert "OPPS-20262 prints what is no figure, and it was not used: copayment 'TBD'" in found.note


def test_a_code_of_the_device_file_alone(store):
    """10009 stands in Addendum FF, and not in AA: with the indicator that FF prints."""
    found = line(store, "asc", "10009")
    assert (found.pricing_status, found.indicator, found.reason) == (
        "no_rate", "G2", "ASC_DEVICE_OFFSET-20262 lists it for its device, and Addendum AA has no rate for it",
    )  # fmt: skip
    packaged = device_offset().with_columns(payment_indicator=pl.lit("N1"))
    install(store, "asc_device_offset", frame=packaged)
    assert line(store, "asc", "10009").pricing_status == "packaged"


def test_a_code_of_the_device_file_alone_is_no_procedure_that_an_ancillary_service_needs(store):
    lines = open_facility(store, DAY).price([CaseLine("J0001"), CaseLine("10009")], "asc").lines
    assert [each.pricing_status for each in lines] == ["no_procedure", "no_rate"]


@pytest.mark.parametrize(
    ("column", "what"), [("device_hcpcs", "a device of"), ("procedure_hcpcs", "a procedure of")]
)
def test_a_code_of_the_code_pairs_alone(store, column, what):
    install(store, "asc_code_pair", frame=code_pairs().with_columns(pl.lit("C9999").alias(column)))
    found = line(store, "asc", "C9999")
    assert found.pricing_status == "no_rate"
    assert found.reason.startswith(f"{what} ASC_CODE_PAIR-20262")


def test_a_code_of_the_surgery_centers_files_alone_is_known_to_a_hospital(store):
    """70001 stands in Addendum BB, C0001 there and in the pairs, 60003 in EE: Addendum B has none of them."""
    install(store, "asc_excluded", frame=pl.DataFrame({"hcpcs": ["60003"]}))
    for code, entry in (("70001", "ASC_ANCILLARY"), ("C0001", "ASC_ANCILLARY"), ("60003", "ASC_EXCLUDED")):
        found = line(store, "opps", code)
        assert found.pricing_status == "no_rate"
        assert found.reason == (
            f"OPPS-20262 does not list the code, so OPPS has no rate for it; {entry}-20262 lists it"
        )
    assert line(store, "opps", "99999").pricing_status == "unknown_code"


def test_a_new_code_whose_apc_has_no_rate_where_no_addendum_b_of_the_year_is_installed(tmp_path):
    """Addendum FF of 2026 puts 10009 in APC 5003, which the rates of 2026 here lack; 10008 is known without an APC."""
    store = Store(tmp_path)
    install(store, "opps", date(2025, 10, 1))
    install(store, "apc", date(2026, 1, 1), apc().filter(pl.col("apc") != "5003"))
    more = pl.DataFrame({"hcpcs": ["10008"], "payment_indicator": ["N1"], "apc": [""]})
    install(store, "asc_device_offset", frame=pl.concat([device_offset(), more], how="diagonal"))
    schedule = open_facility(store, DAY, ("opps",))
    without_rate, without_apc = schedule.price([CaseLine("10009"), CaseLine("10008")], "opps").lines
    assert (without_rate.pricing_status, without_rate.reason) == (
        "no_rate",
        "no Addendum B of 2026 is installed; ASC_DEVICE_OFFSET-20262 has the code in APC 5003, of which APC-20261 "
        "holds no rate",
    )
    assert (without_apc.pricing_status, without_apc.reason) == (
        "no_rate",
        "no Addendum B of 2026 is installed; ASC_DEVICE_OFFSET-20262 lists the code, and does not say what OPPS pays "
        "for it",
    )
