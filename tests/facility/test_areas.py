"""Which wage index an area has, and that none is guessed."""

from decimal import Decimal

import polars as pl
import pytest

from feecalc.errors import AmbiguousLocality, InvalidValue, UnknownLocality
from feecalc.facility.adjustments import ADJUSTED
from feecalc.facility.lines import COLUMNS


@pytest.mark.parametrize(
    ("cbsa", "index"),
    [
        ("11111", "0.8000"),  # above its state's rural 0.7
        ("22222", "1.1000"),  # its state's rural index is higher
        ("33333", "0.9000"),  # two states: the hospital's own decides, and that is said
        ("44444", "1.2000"),  # no rural area: the imputed floor
        ("31", "1.2000"),
        ("10", "1.1000"),
    ],
)
def test_a_hospitals_index_is_at_least_its_states(claims, cbsa, index):
    priced = claims({"hcpcs": "10003", "setting": "opps", "cbsa": cbsa})
    assert priced["wage_index_applied"].to_list() == [Decimal(index)]


def test_a_floor_is_said(case):
    assert case("opps", "10003", cbsa="22222").lines[0].note == (
        "wage index floor of FL, in place of the area's own 0.9000"
    )
    assert "GA or FL" in case("opps", "10003", cbsa="33333").lines[0].note
    assert case("opps", "10003", cbsa="11111").lines[0].note == ""


def test_an_area_by_its_name(case):
    assert case("opps", "10003", cbsa="Town, GA").area.cbsa == "11111"


def test_areas_that_are_not_clear(case):
    with pytest.raises(UnknownLocality, match="no area 99999 in OPPS_WAGE_INDEX-20262"):
        case("opps", "10003", cbsa="99999")
    with pytest.raises(UnknownLocality, match="no area named 'Nowhere'"):
        case("opps", "10003", cbsa="Nowhere")
    with pytest.raises(AmbiguousLocality, match=r"(?s)fits 2 areas.*11111.*33333"):
        case("opps", "10003", cbsa="GA")


def test_several_or_no_values_are_not_guessed(claims):
    rows = [
        {"claim_id": cbsa, "hcpcs": "10001", "setting": "asc", "cbsa": cbsa} for cbsa in ("01", "02", "77777", "11111")
    ]
    priced = claims(*rows)
    assert priced["pricing_status"].to_list() == [
        "several_wage_indices",
        "no_wage_index",
        "unknown_area",
        "priced",
    ]
    assert priced["facility_amount"].to_list() == [None, None, None, Decimal("90.00")]


def test_the_facilitys_own_index_goes_before_its_areas(case, claims):
    assert case("opps", "10003", wage_index=Decimal("1.5")).facility_amount == Decimal("65.00")  # 50 x 1.3
    row = {"hcpcs": "10003", "setting": "opps", "cbsa": "99999", "wage_index": Decimal("1.5")}
    assert claims(row)["facility_amount"].to_list() == [Decimal("65.00")]


def test_lines_that_cannot_be_priced_say_why(claims):
    rows = [
        {"hcpcs": "10001", "setting": "office"},
        {"hcpcs": "10001", "setting": "asc", "units": 0},
        {"hcpcs": "10001", "setting": "asc", "units": None},
        {"hcpcs": "10001", "setting": "opps", "date_of_service": None},
    ]
    priced = claims(*rows)
    assert priced["pricing_status"].to_list() == ["unknown_setting", "invalid_units", "invalid_units", "invalid_date"]
    assert all(priced["reason"])


def test_the_columns_of_a_run(claims):
    priced = claims({"hcpcs": "10001", "setting": "asc", "kept": "mine"})
    added = [*COLUMNS, *ADJUSTED]
    assert priced.columns[-len(added) :] == added
    assert priced["kept"].to_list() == ["mine"]
    assert priced.schema["facility_amount"] == pl.Decimal(18, 2)


def test_a_case_out_of_bounds(case):
    with pytest.raises(InvalidValue, match="0 units"):
        case("asc", "10001 x0")
    with pytest.raises(InvalidValue, match="5 modifiers"):
        case("asc", "10001-50-51-52-53-54")
    with pytest.raises(InvalidValue, match="setting"):
        case("inpatient", "10001")


def test_a_line_that_is_not_wage_adjusted_needs_no_area(claims):
    priced = claims({"hcpcs": "P0001", "setting": "opps", "cbsa": "99999"})
    assert priced["facility_amount"].to_list() == [Decimal("100.00")]
