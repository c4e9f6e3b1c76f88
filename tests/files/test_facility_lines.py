"""A facility's claim file: the headings of any claim file and its own, the same cells, a word for all lines."""

from datetime import date
from decimal import Decimal

import pytest

from feecalc.errors import InvalidValue, MissingColumn
from feecalc.files.facility_lines import FacilityDefaults, facility_lines, open_facility_file

FILE = (
    "Claim #,CPT,Mods,Svc Date,POS,Qty,Charge,CBSA Code\n"
    'A,64493.0,"50, lt",8/3/2026,24,2.0,"$1,200.50",33124\n'
    ",64494,,20260804,22,x,12,\n"
    "B,64494,,soon,11,1,,99\n"
)


def read(path, **defaults):
    return facility_lines(open_facility_file(path), FacilityDefaults(**defaults)).collect()


def test_cells_are_read_as_those_of_any_claim_file(write):
    lines = read(write(FILE))
    assert lines.select("claim_id", "line", "date_of_service", "hcpcs").rows() == [
        ("A", 1, date(2026, 8, 3), "64493"),
        ("row 2", 2, date(2026, 8, 4), "64494"),
        ("B", 3, None, "64494"),
    ]
    assert lines.select("modifier_1", "modifier_2", "modifier_3").row(0) == ("50", "LT", "")
    assert lines["setting"].to_list() == ["asc", "opps", ""]  # by the place of service
    assert lines["units"].to_list() == [2, None, 1]
    assert lines["billed_amount"].to_list() == [Decimal("1200.50"), Decimal("12.00"), None]
    assert lines["cbsa"].to_list() == ["33124", "", "99"]
    assert lines["input:Qty"].to_list() == ["2.0", "x", "1"]


def test_the_patient_and_the_facility_are_read_as_those_of_a_claim_file(write):
    rows = " p1 ,7,64493,2026-08-03,24,123\n,7,64494,2026-08-03,24,\n"
    opened = open_facility_file(write("MRN,Claim #,CPT,DOS,POS,Billing NPI\n" + rows))
    assert opened.recognized[:3] == ("MRN -> beneficiary_id", "Claim # -> claim_id", "CPT -> hcpcs")
    lines = facility_lines(opened, FacilityDefaults()).collect()
    assert lines.select("beneficiary_id", "billing_npi").rows() == [("p1", "123"), ("", "")]
    named = open_facility_file(write("Claim,CPT,DOS,POS\n7,64493,2026-08-03,24\n"))
    assert "no column beneficiary_id: the lines of one claim number are taken as one patient's" in named.assumed
    assert not any("beneficiary_id" in text for text in opened.assumed)


def test_a_map_says_which_column_is_which(write):
    """Two headings could be the patient's; a map settles it, and names a facility's own columns too."""
    path = write("MRN,Acct,CPT,DOS,Ward,Region\np1,7,64493,2026-08-03,asc,33124\n")
    with pytest.raises(InvalidValue, match="2 columns could be beneficiary_id: MRN, Acct; say which with --map FILE"):
        open_facility_file(path)
    named = {"acct": "claim_id", "Ward": "setting", "region": "CBSA"}
    lines = facility_lines(open_facility_file(path, named), FacilityDefaults()).collect()
    assert lines.select("beneficiary_id", "claim_id", "setting", "cbsa").row(0) == ("p1", "7", "asc", "33124")


def test_lines_that_name_no_patient_are_counted(write):
    """Claim 7 is of one patient, and its blank line is his; claim 8 is of two, and its blank line of nobody known."""
    rows = ["p1,7", ",7", "p1,8", "p2,8", ",8", ",9"]
    text = "".join(f"{each},64493,2026-08-03,24\n" for each in rows)
    opened = open_facility_file(write("MRN,Claim,CPT,DOS,POS\n" + text))
    lines = facility_lines(opened, FacilityDefaults()).collect()
    assert opened.assumed_of(lines) == (
        "1 line names no patient: taken as the one patient's whom the other lines of their claim number name",
        "1 line names no patient: their claim number is of several, and they are a bill of their own",
    )


def test_blank_units_are_one_and_a_charge_that_cannot_be_read_is_named(write):
    cells = [("", "abc"), (" ", '"12,34x"'), ("x", "5"), ("3", ""), ("2.0", "$5.00")]
    text = "".join(f"64493,2026-08-03,24,{units},{charge}\n" for units, charge in cells)
    opened = open_facility_file(write(f"CPT,DOS,POS,Qty,Charge\n{text},,,,\n"))
    lines = facility_lines(opened, FacilityDefaults()).collect()
    assert lines["units"].to_list() == [1, 1, None, 3, 2]  # the row without any cell is no line
    assert lines["billed_unreadable"].to_list() == [True, True, False, False, False]
    assert lines["intake_reason"].to_list() == [
        "row 1: the charge 'abc' cannot be read as an amount", "row 2: the charge '12,34x' cannot be read as an amount",
        "row 3: the units 'x' cannot be read as a whole number", "", "",
    ]  # fmt: skip
    assert opened.assumed_of(lines) == ("no units on 2 lines: 1 for each",)


def test_what_is_given_for_all_lines_goes_before_the_file(write):
    lines = read(write(FILE), setting="opps", cbsa=" 12345 ", wage_index=Decimal("0.9"), day=date(2026, 1, 2))
    assert lines.select("setting", "cbsa", "wage_index", "date_of_service").unique().rows() == [
        ("opps", "12345", Decimal("0.9000"), date(2026, 1, 2))
    ]


def test_columns_are_told_as_they_were_taken(write):
    opened = open_facility_file(write("CPT,DOS,Facility Setting,CBSA,cbsa code\n64493,2026-08-03,ASC,33124,1\n"))
    taken = ("CPT -> hcpcs", "DOS -> date_of_service", "CBSA -> cbsa", "Facility Setting -> setting")
    assert opened.recognized == taken
    assert facility_lines(opened, FacilityDefaults()).collect().select("setting", "cbsa").row(0) == ("asc", "33124")


@pytest.mark.parametrize(
    ("headings", "defaults", "missing"),
    [
        ("Procedure,POS", {}, "date_of_service"),
        ("DOS,POS", {}, "hcpcs"),
        ("CPT,DOS", {}, "setting or place_of_service"),
        ("POS", {"day": date(2026, 1, 1)}, "hcpcs"),
    ],
)
def test_a_missing_column_is_named(write, headings, defaults, missing):
    with pytest.raises(MissingColumn, match=f"^no column for {missing}; seen: {headings.split(',')[0]}"):
        read(write(headings + "\n" + "x," * headings.count(",") + "x\n"), **defaults)


def test_a_setting_for_all_needs_no_place(write):
    assert read(write("CPT,DOS\n64493,2026-08-03\n"), setting="asc")["setting"].to_list() == ["asc"]
