"""The columns of the rules, exactly; lines in their order; what stands where the file says nothing."""

import random
from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from feecalc.errors import MissingColumn
from feecalc.files.claim_lines import LINE_COLUMNS, LineDefaults, first_pass
from feecalc.files.headings import recognize
from feecalc.files.opening import open_file
from feecalc.pricing.claims.columns import OPTIONAL, REQUIRED
from feecalc.runs.reading import read_claims

PRACTICE = """\
Acme Pain Clinic - charges by line,,,,,,,,,,
Visit #,Patient #,Svc Dt,Proc Code,Mod,Mod,Svc Place,Pricing Locality,Qty,Chg Amt,Rendering Provider NPI
7001,P1,8/3/26,64493,50,,11,"Miami, FL",1,"$1,200.00",1234567893
7001,P1,8/3/26,64494,50,,11,"Miami, FL",1,$600,1234567893
7002,P2,2026-08-04,99213.0,,25,2,09102-04,1.0,150.25,1234567893
"""


# what edits say of a line, and what is asked of one service at a prompt: no bill has a column of it
_NOT_OF_A_FILE = {"denied", "present_at_induction"}


def test_the_columns_are_those_the_engine_takes():
    ours = {name: kind for name, kind in LINE_COLUMNS.items() if name != "intake_reason"}
    engine = REQUIRED | {name: kind for name, (kind, _) in OPTIONAL.items() if name not in _NOT_OF_A_FILE}
    assert {name: str(pl.Schema({"x": kind})["x"]) for name, kind in engine.items()} == {
        name: str(kind) for name, kind in ours.items()
    }


def test_a_practices_export(write, lines):
    read = lines(write(PRACTICE))
    assert dict(list(read.schema.items())[: len(LINE_COLUMNS)]) == dict(LINE_COLUMNS)
    shown = read.select("claim_id", "line", "date_of_service", "hcpcs", "modifier_1", "modifier_2", "place_of_service")
    assert shown.rows() == [
        ("7001", 1, date(2026, 8, 3), "64493", "50", "", "11"),
        ("7001", 2, date(2026, 8, 3), "64494", "50", "", "11"),
        ("7002", 1, date(2026, 8, 4), "99213", "", "25", "02"),
    ]
    assert read.select("mac", "locality", "units", "billed_amount", "beneficiary_id", "billing_npi").rows() == [
        ("09102", "04", 1, Decimal("1200.00"), "P1", "1234567893"),
        ("09102", "04", 1, Decimal("600.00"), "P1", "1234567893"),
        ("09102", "04", 1, Decimal("150.25"), "P2", "1234567893"),
    ]


def test_what_stands_where_the_file_says_nothing(write, lines):
    read = lines(write("CPT\n64493\n64494\n"), locality="miami", day=date(2026, 8, 3), place_of_service="2")
    assert read.drop("input:CPT").rows() == [
        (f"row {row}", 1, date(2026, 8, 3), code, "", "", "", "", "02", "09102", "04", 1, None, "", "", "", "",
         "physician", True, False, None, None, Decimal(0), False, None)
        for row, code in ((1, "64493"), (2, "64494"))
    ]  # fmt: skip


def test_what_a_person_says_of_all_billers_holds_where_the_file_is_silent(write, lines):
    given = {"locality": "miami", "day": date(2026, 8, 3), "place_of_service": "11"}
    path = write("CPT,PAR Status,Credential\n64493,Y,PA\n64493,,\n")
    read = lines(path, participating=False, qp=True, provider_type="NP", **given)
    assert read["participating"].to_list() == [True, False]
    assert read["provider_type"].to_list() == ["pa", "np"]
    assert read["qp"].to_list() == [True, True]


def test_a_place_of_service_given_fills_only_what_is_blank(write, lines):
    path = write("CPT,DOS,POS,Locality\n64493,2026-08-03,,09102-04\n64493,2026-08-03,24,09102-04\n")
    assert lines(path)["place_of_service"].to_list() == ["", "24"]
    assert lines(path, place_of_service="11")["place_of_service"].to_list() == ["11", "24"]


def test_a_date_given_goes_before_the_column(write, lines):
    path = write("CPT,DOS,POS,Locality\n64493,2026-08-03,11,09102-04\n")
    assert lines(path, day=date(2026, 9, 1))["date_of_service"].to_list() == [date(2026, 9, 1)]


def test_lines_without_a_claim_are_claims_of_their_own(write, lines):
    claims = ["", "A", " ", "A"]
    path = write("Claim,CPT,DOS,POS,Locality\n" + "".join(f"{each},64493,2026-08-03,11,09102-04\n" for each in claims))
    read = lines(path)
    assert read["claim_id"].to_list() == ["row 1", "A", "row 3", "A"]
    assert read["line"].to_list() == [1, 1, 1, 2]


def test_lines_are_numbered_within_their_claim_wherever_they_stand(write, lines):
    claims = ["A", "B", "A", "A", "B"]
    path = write("Claim,CPT,DOS,POS,Locality\n" + "".join(f"{each},64493,2026-08-03,11,09102-04\n" for each in claims))
    read = lines(path)
    assert list(zip(read["claim_id"], read["line"], strict=True)) == [("A", 1), ("B", 1), ("A", 2), ("A", 3), ("B", 2)]


def test_a_billing_provider_that_is_not_given_is_left_blank(write, lines):
    path = write(
        "CPT,DOS,POS,Locality,NPI,Billing NPI\n64493,2026-08-03,11,09102-04,1,2\n64493,2026-08-03,11,09102-04,1,\n"
    )
    assert lines(path)["billing_npi"].to_list() == ["2", ""]  # other lines of its claim may name it
    assert lines(path)["rendering_npi"].to_list() == ["1", "1"]


@pytest.mark.parametrize(
    ("headings", "specialty"),
    [("Specialty", "20"), ("Provider Specialty Code", "20"), ("Rendering Provider Taxonomy", "20"),
     ("Specialty,Taxonomy Code", "20"), ("Referring Specialty", "")],
)  # fmt: skip
def test_the_specialty_of_who_rendered(write, lines, headings, specialty):
    cells = ",".join([" 20 ", "207X00000X"][: headings.count(",") + 1])
    path = write(f"CPT,DOS,POS,Locality,{headings}\n64493,2026-08-03,11,09102-04,{cells}\n")
    assert lines(path)["specialty"].to_list() == [specialty]


@pytest.mark.parametrize("engine", ["streaming", "in-memory"])
def test_the_order_is_kept_whatever_reads(write, lines, engine):
    numbers = list(range(30_000))
    random.Random(1).shuffle(numbers)
    path = write(
        "Claim,Line,CPT,DOS,POS,Locality,Note\n"
        + "".join(f"C{n % 977},{n % 7},64493,2026-08-03,11,{'09102-04' if n % 3 else 'miami'},{n}\n" for n in numbers)
    )
    read = lines(path, engine=engine)
    assert read["input:Note"].cast(pl.Int64).to_list() == numbers
    assert read["claim_id"].to_list() == [f"C{n % 977}" for n in numbers]


def test_missing_columns_stop_at_once(write, lines):
    with pytest.raises(MissingColumn, match="no column for hcpcs, place_of_service"):
        lines(write("DOS,Locality\n2026-08-03,09102-04\n"))


def test_the_days_of_a_file(write):
    file = open_file(write(PRACTICE + ",,soon,,,,,,,,\n"))
    days = first_pass(file, recognize(file.headings), LineDefaults()).days.sort("date_of_service")
    assert days.rows() == [(None, 1), (date(2026, 8, 3), 2), (date(2026, 8, 4), 1)]
    given = LineDefaults(day=date(2026, 8, 5), locality="miami")
    assert first_pass(file, recognize(file.headings), given).days.rows() == [(date(2026, 8, 5), 4)]


def test_a_column_of_the_file_may_bear_any_name(write, lines):
    names = ("row", "place", "surplus", "refused", "allowed_amount")
    path = write(f"CPT,DOS,POS,Locality,{','.join(names)}\n64493,2026-08-03,11,09102-04,a,b,c,d,e\n")
    read = lines(path)
    assert [read[f"input:{name}"][0] for name in names] == list("abcde")
    assert read["intake_reason"].to_list() == [None]


class TestWhatOnlyEditsRead:
    def read(self, path, columns=("diagnosis_1", "diagnosis_2", "purpose", "prior_authorization")):
        found = read_claims(path, defaults=LineDefaults(**GIVEN), edits=True).frame.collect()
        return found.select(name for name in columns if name in found.columns)

    def test_the_columns_the_file_has(self, write):
        path = write("CPT,DX1,DX2,Session Type,Prior Auth\n64493, m47.816,M5459,Diagnostic,A1\n64493,,,,\n")
        assert self.read(path).rows() == [("M47.816", "M5459", "diagnostic", "A1"), ("", "", "", "")]
        assert self.read(write("CPT\n64493\n")).columns == []

    @pytest.mark.parametrize("heading", ["DX Codes", "Diagnosis"])
    @pytest.mark.parametrize("cell", ['"M47.816, M54.59"', "M47.816;M54.59", "m47.816 | m54.59"])
    def test_one_cell_of_several_diagnoses(self, write, heading, cell):
        assert self.read(write(f"CPT,{heading}\n64493,{cell}\n")).rows() == [("M47.816", "M54.59")]

    def test_prices_do_not_read_them(self, write, lines):
        assert "purpose" not in lines(write("CPT,purpose\n64493,x\n"), **GIVEN).columns


GIVEN = {"locality": "miami", "day": date(2026, 8, 3), "place_of_service": "11"}
