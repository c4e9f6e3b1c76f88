"""What is wrong with a contract's file is said with its key and place; what is right reads as it is written."""

from contextlib import suppress
from datetime import date
from decimal import Decimal as D
from pathlib import Path

import pytest
from contracts.practices import contract
from hypothesis import given, settings
from hypothesis import strategies as st

from feecalc.contracts.contract import Contract
from feecalc.contracts.files.reading import read_contract, refuse_overlaps
from feecalc.contracts.files.toml import contract_toml
from feecalc.contracts.files.workbook import write_contract
from feecalc.contracts.paying.basis import open_basis
from feecalc.contracts.terms.fee_table import fees_of
from feecalc.errors import DuplicateKey, FeeCalcError, InvalidValue, UnknownLocality, UnreadableFile
from feecalc.installed import open_schedule

SAMPLES = Path(__file__).parents[2] / "data" / "samples" / "contracts"
BASE = 'payer = "X"\npercent = 120\n'


def read(tmp_path, text):
    (tmp_path / "x.toml").write_text(text, encoding="utf-8")
    return read_contract(tmp_path / "x.toml")


def row(table, *keys):
    return "\n".join([f"[[{table}]]", *keys, ""])


VISITS = row("category", 'name = "visits"', "percent = 1")
WRONG = {
    "a key that is not there": (BASE + "percnt = 3\n", ["'percnt'", "line 3", "'percent'"]),
    "a key in a table": (BASE + '[basis]\nreleas = "2023D"\n', ["[basis]", "'releas'", "line 4", "'release'"]),
    "below zero": ("percent = -5\n" + 'payer = "X"\n', ["'percent'", "line 1", "below 0"]),
    "below zero in a row": (BASE + row("category", 'name = "visits"', "percent = -1"), ["[[category]] 1", "line 5"]),
    "overlapping categories": (
        BASE + VISITS + row("category", 'name = "n"', 'codes = ["99204"]', "percent = 2"),
        ["[[category]] 1", "line 3", "[[category]] 2", "line 6", "99204"],
    ),
    "a code in two carve-outs": (
        BASE + row("carve_out", 'hcpcs = "64493"', "amount = 1") + row("carve_out", 'hcpcs = "64493"', "amount = 2.50"),
        ["[[carve_out]] 2", "line 7", "64493", "[[carve_out]] 1"],
    ),
    "overlapping dates": (
        BASE
        + row("category", 'name = "visits"', "percent = 1", "effective_to = 2026-06-30")
        + row("category", 'name = "visits"', "percent = 2", "effective_from = 2026-06-30"),
        ["[[category]] 2", "overlapping dates"],
    ),
    "dates the wrong way": (
        BASE + "effective_from = 2026-05-01\neffective_to = 2026-01-01\n", ["'effective_to' (line 4)", "comes before"]
    ),
    "dates of a row the wrong way": (
        BASE + VISITS + "effective_from = 2026-05-01\neffective_to = 2026-01-01\n",
        ["[[category]] 1", "line 7", "comes before"],
    ),
    "an unknown basis": (
        BASE + '[basis]\nkind = "percent_of_charges"\n',
        ["[basis]", "'kind' (line 4)", "it can be 'percent_of_medicare'"],
    ),
    "a year before all": (BASE + "[basis]\nyear = 1999\n", ["'year' (line 4)", "from 2009 on"]),
    "no release": (BASE + '[basis]\nrelease = "banana"\n', ["'release' (line 4)", "'banana'", "write 2026C"]),
    "a rise of too much": (
        BASE + "[escalator]\npercent = 900\nfirst_applied = 2027-01-01\n", ["[escalator]", "line 4", "900 is above 100"]
    ),
    "a fall of all": (
        BASE + "[escalator]\npercent = -100\nfirst_applied = 2027-01-01\n", ["line 4", "must be above -100"]
    ),
    "a rise in words": (
        BASE + '[escalator]\npercent = "three"\nfirst_applied = 2027-01-01\n', ["line 4", "'three' is not a number"]
    ),
    "a rise without a day": (BASE + "[escalator]\npercent = 3\n", ["[escalator]", "'first_applied' is missing"]),
    "a rise some day": (
        BASE + '[escalator]\npercent = 3\nfirst_applied = "soon"\n', ["line 5", "'soon' is not a date"]
    ),
    "a rise that is no table": (BASE + "escalator = 3\n", ["'escalator' (line 3)", "3 is not a table"]),
    "a percent of too much": ("percent = 99999\n" + 'payer = "X"\n', ["'percent' (line 1)", "99999 is above 10,000"]),
    "a file of nothing": ("# only a remark\n", ["the file is empty"]),
    "three decimals": (BASE + row("carve_out", 'hcpcs = "64493"', "amount = 1.123"), ["'amount'", "line 5"]),
    "no code": (BASE + row("carve_out", 'hcpcs = "644"', "amount = 1"), ["'hcpcs'", "line 4", "'644'"]),
    "a missing key": (BASE + row("carve_out", "amount = 1"), ["[[carve_out]] 1", "'hcpcs' is missing"]),
    "a range of two kinds": (
        BASE + row("category", 'name = "n"', 'codes = ["99202-G2211"]', "percent = 2"), ["'codes'", "one kind"]
    ),
    "an unknown category": (BASE + row("category", 'name = "vists"', "percent = 2"), ["'vists'", "visits"]),
    "another word": (
        BASE + 'lesser_of_billed = "sometimes"\n',
        ["'lesser_of_billed'", "line 3", "'sometimes' is not understood; it can be 'line', 'claim' or 'no'"],
    ),
    "another clause": (BASE + 'without_medicare_price = "paid"\n', ["'without_medicare_price'", "line 3"]),
    "percents that rise": (BASE + "[rules]\nmultiple_procedure = [50, 100]\n", ["multiple_procedure rises"]),
    "a test of nothing": (BASE + row("test", 'hcpcs = "99213"'), ["[[test]] 1", "amount or not_paid"]),
    "nothing at all": ('payer = "X"\n', ["nothing says what is paid"]),
    "two factors": (BASE + "[basis]\nqp = true\nconversion_factor = 33.1\n", ["'qp'", "line 4"]),
    "two years": (BASE + '[basis]\nyear = 2022\nrelease = "2023D"\n', ["2023D is not of the year 2022"]),
    "no percent that is one": ("percent = 1e400\n" + 'payer = "X"\n', ["'percent'", "10,000"]),
    "a row of no day": (
        BASE
        + "effective_to = 2026-12-31\n"
        + row("carve_out", 'hcpcs = "64493"', "amount = 1", "effective_from = 2027-01-01"),
        ["[[carve_out]] 1", "'effective_from'", "no day of the contract"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "told"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_with_its_place(tmp_path, text, told):
    with pytest.raises((InvalidValue, DuplicateKey)) as error:
        read(tmp_path, text)
    for part in ("x.toml", *told):
        assert part in str(error.value)


def test_what_is_no_toml(tmp_path):
    with pytest.raises(UnreadableFile, match="not TOML"):
        read(tmp_path, "payer = \n")
    (tmp_path / "x.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UnreadableFile, match="UTF-8"):
        read_contract(tmp_path / "x.toml")
    with pytest.raises(InvalidValue, match="no such file"):
        read_contract(tmp_path / "none.toml")


FEES = {
    "code,fee\n64493,\n99213,50\n": "row 1 below the headings: the amount is missing",
    "code,fee\n64493,1\n99213,see contract\n": "row 2 below the headings: the amount is missing or cannot be read",
    "code,name\n64493,a\n": "no column for amount; the file's headings: code, name; rename one. Looked for:\n  amount:",
    "": "empty",
    None: "no such file",
}


@pytest.mark.parametrize("fees", FEES, ids=range(len(FEES)))
def test_fees_that_cannot_be_read_name_the_contract_s_key(tmp_path, fees):
    if fees is not None:
        (tmp_path / "fees.csv").write_text(fees)
    terms = read(tmp_path, 'payer = "X"\n[fee_table]\npath = "fees.csv"\n')
    with pytest.raises(FeeCalcError) as error:
        fees_of(terms, terms.payer)
    assert str(error.value).startswith("X, [fee_table], key 'path': ")
    assert "fees.csv" in str(error.value)
    assert FEES[fees] in str(error.value)


def test_a_place_that_is_not_there_names_the_contract_s_key():
    schedule = open_schedule("2026C").schedule
    basis = open_basis(contract(percent=1, basis={"year": "current", "locality": "Atlantis"}).filled())
    with pytest.raises(UnknownLocality, match=r"Payer, key basis\.locality: no locality 'Atlantis'"):
        basis.place(schedule)


@settings(deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_is_a_contract_or_a_told_error(tmp_path_factory, text):
    with suppress(FeeCalcError):
        read(tmp_path_factory.mktemp("any"), text)


def test_two_contracts_of_a_payer_may_not_hold_on_one_day():
    first = contract(percent=1, effective_to=date(2026, 6, 30))
    refuse_overlaps([first, contract(percent=2, effective_from=date(2026, 7, 1))], ["a", "b"])
    with pytest.raises(InvalidValue, match="a and b"):
        refuse_overlaps([first, contract(percent=2, effective_from=date(2026, 6, 30))], ["a", "b"])


PERCENTS = st.decimals(0, 1000, places=2)
CONTRACTS = st.builds(
    lambda percent, visits, amount, clause, lesser, rules, name: Contract.model_validate(
        {
            "payer": name,
            "percent": percent,
            "effective_from": date(2026, 1, 1),
            "category": [{"name": "visits", "percent": visits, "without": ["99215"]}],
            "carve_out": [{"hcpcs": "00100", "modifier": "26", "place_of_service": "02", "amount": amount}],
            "rules": rules,
            "basis": {"year": 2025, "release": "2025D", "locality": "Miami, FL"},
            "escalator": {"percent": "2.5", "first_applied": date(2027, 1, 1)},
            "test": [
                {"hcpcs": "99214", "modifiers": ["25", "GC"], "amount": amount},
                {"hcpcs": "J3301", "not_paid": True},
            ],
            **({"without_medicare_price": clause} if clause else {}),
            **({"lesser_of_billed": lesser} if lesser else {}),
        }
    ),
    PERCENTS,
    PERCENTS,
    st.decimals(0, 9999, places=2),
    st.sampled_from([None, "not_paid", {"percent_of_charge": "55.5"}]),
    st.sampled_from([None, "line", "claim", "no"]),
    st.sampled_from(
        [{}, {"multiple_procedure": [100, "50", "25"], "sequestration": True}, {"multiple_procedure": "none"}]
    ),
    st.sampled_from(["Payer", 'A "quoted" \\ name', "Zürich, and ünïcode"]),
)


@settings(deadline=None)
@given(terms=CONTRACTS)
def test_a_contract_reads_back_from_toml(tmp_path_factory, terms):
    folder = tmp_path_factory.mktemp("toml")
    assert read(folder, contract_toml(terms)) == terms


@pytest.mark.parametrize("number", range(3))
def test_a_contract_reads_back_from_the_spreadsheet(tmp_path, number):
    rules = [{}, {"multiple_procedure": [100, 50, 25], "site_of_service": False}, {"multiple_procedure": "none"}][
        number
    ]
    terms = contract(
        percent="118.25",
        effective_from=date(2026, 1, 1),
        rules=rules,
        basis={"year": 2025 if number else "current", "locality": "own"},
        without_medicare_price=["not_paid", {"percent_of_charge": 60}, {"percent_of_charge": "0"}][number],
        category=[{"name": "n", "codes": ["00100-01999", "64493"], "percent": 100, "effective_to": date(2026, 6, 30)}],
        carve_out=[{"hcpcs": "00100", "modifier": "26", "place_of_service": "02", "amount": "12.50"}],
        test=[
            {"hcpcs": "99214", "date_of_service": date(2026, 3, 1), "locality": "Miami, FL", "units": 2, "amount": 10}
        ],
    )
    write_contract(terms, tmp_path / "x.xlsx")
    assert read_contract(tmp_path / "x.xlsx") == terms


def test_the_spreadsheet_names_sheet_row_and_column(tmp_path):
    import xlsxwriter

    with xlsxwriter.Workbook(tmp_path / "x.xlsx") as book:
        book.add_worksheet("contract").write_row(0, 0, ["payer", "X"])
        sheet = book.add_worksheet("carve_out")
        sheet.write_row(0, 0, ["hcpcs", "amount"])
        sheet.write_row(1, 0, ["64493", 12.5])
        sheet.write_row(3, 0, ["64494", -3])
    with pytest.raises(InvalidValue, match=r"x\.xlsx, sheet 'carve_out', row 4, column 'amount'.*below 0"):
        read_contract(tmp_path / "x.xlsx")


def test_the_template_prices_as_it_is(tmp_path):
    write_contract(None, tmp_path / "x.xlsx")
    assert read_contract(tmp_path / "x.xlsx").percent == D(120)


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.toml")), ids=lambda path: path.name)
def test_the_samples_read(path):
    assert read_contract(path).payer
