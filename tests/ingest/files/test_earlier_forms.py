"""The forms of 2009 to 2019, written by ``cms_shaped.earlier`` after public code and record layouts."""

from dataclasses import replace
from decimal import Decimal

import cms_shaped as shaped
import polars as pl
import pytest
from cms_shaped import earlier
from cms_shaped.earlier import CARRIER_AREAS, FULLY_IMPLEMENTED, TRANSITION_SERVICES

from feecalc.errors import BadValue, MissingColumn, MissingRule, UnreadableFile
from feecalc.ingest.files.archive import Member
from feecalc.ingest.files.conversion import quick_family, read_table

PAID = {(row.hcpcs, row.modifier): (row.pe_nonfacility, row.pe_facility) for row in TRANSITION_SERVICES}


def read(name, content, **options):
    member = Member(name, lambda: content)
    found = read_table(member, **options)
    assert quick_family(member) == (found.table if found else None)
    return found


def practice_expense(frame):
    return {
        (row["hcpcs"], row["modifier"]): (str(row["pe_rvu_nonfacility"]), str(row["pe_rvu_facility"]))
        for row in frame.iter_rows(named=True)
    }


def csv_of_year(year, *, end="\r\n", **cells):
    return shaped.csv_of(earlier.pprrvu_2009_cells(year=year, **cells), end=end)


# Relative values with both practice expenses


def test_a_row_reads_as_it_was_written():
    table = read("PPRRVU12.csv", csv_of_year(2012))
    knee = table.frame.row(by_predicate=pl.col("hcpcs") == "27447", named=True)
    assert knee == knee | {
        "work_rvu": Decimal("23.25"), "pe_rvu_nonfacility": Decimal("16.40"), "na_indicator_nonfacility": "NA",
        "pe_rvu_facility": Decimal("16.40"), "na_indicator_facility": "", "mp_rvu": Decimal("4.30"),
        # 23.25 + 16.40 + 4.30
        "total_rvu_nonfacility": Decimal("43.95"), "total_rvu_facility": Decimal("43.95"), "pctc_indicator": "0",
        "global_days": "090", "preoperative_rate": Decimal("0.10"), "intraoperative_rate": Decimal("0.69"),
        "postoperative_rate": Decimal("0.21"), "mppr_indicator": "2", "bilateral_indicator": "1",
        "assistant_indicator": "2", "cosurgeon_indicator": "1", "team_indicator": "0", "pricing_indicator": "",
        "endoscopic_base": "", "conversion_factor": Decimal("34.0376"), "supervision_indicator": "09",
        "calculation_flag": "0", "imaging_family": "99",
    }  # fmt: skip
    head = table.frame.row(by_predicate=(pl.col("hcpcs") == "70551") & (pl.col("modifier") == "TC"), named=True)
    assert [str(head[name]) for name in ("opps_pe_rvu_nonfacility", "opps_pe_rvu_facility", "opps_mp_rvu")] == [
        "5.55", "5.55", "0.02",
    ]  # fmt: skip
    assert not any("not one this version knows" in note for note in table.notes)


def test_csv_text_and_workbook_are_one_table():
    frames = [
        read(name, content, expected="rvu").frame.drop("source_line")
        for name, content in {
            "PPRRVU12.csv": csv_of_year(2012),
            "PPRRVU12.txt": earlier.pprrvu_2009_txt(),
            "PPRRVU12.xlsx": earlier.pprrvu_2009_xlsx(),
        }.items()
    ]
    assert frames[0].equals(frames[1])
    assert frames[0].equals(frames[2])


@pytest.mark.parametrize("year", [2009, 2010, 2011, 2012])
def test_until_2012_the_transitioned_practice_expense_was_paid(year):
    found = read(f"PPRRVU{year % 100:02}.csv", csv_of_year(year))
    assert practice_expense(found.frame) == PAID
    assert any(f"the transitioned ones were read, which Medicare paid in {year}" in note for note in found.notes)


def test_in_2013_the_transition_was_over():
    found = read("PPRRVU13_V0828.csv", csv_of_year(2013))
    assert practice_expense(found.frame) == PAID | FULLY_IMPLEMENTED
    assert any("the fully implemented ones were read, which Medicare paid in 2013" in note for note in found.notes)
    # the totals are those of the same version: 0.97 + 1.08 + 0.07
    assert found.frame.filter(pl.col("hcpcs") == "99213")["total_rvu_nonfacility"].to_list() == [Decimal("2.12")]


def test_the_year_of_the_banner_goes_before_that_of_the_name():
    found = read("PPRRVU12_and_PPRRVU13.csv", csv_of_year(2013))
    assert practice_expense(found.frame) == PAID | FULLY_IMPLEMENTED


@pytest.mark.parametrize("name", ["relative_values.txt", "RVU.txt"])
def test_a_file_that_does_not_say_its_year_is_not_guessed(name):
    with pytest.raises(MissingRule, match=r"differ on 9 rows.*put the year into its name, as in \w+_2012"):
        read(name, earlier.pprrvu_2009_txt())


def test_versions_that_are_equal_need_no_year():
    found = read("relative_values.txt", earlier.pprrvu_2009_txt(fully={}))
    assert practice_expense(found.frame) == PAID
    assert any("equal to them on every row" in note for note in found.notes)


def test_a_year_without_a_rule_is_not_guessed():
    with pytest.raises(MissingRule, match=r"practice_expense: no value for any on 2016-01-01"):
        read("PPRRVU16.csv", csv_of_year(2016))


def test_a_second_version_of_some_columns_only_is_refused():
    cells = earlier.pprrvu_2009_cells()
    labels = [" ".join(stack).split() for stack in zip(*cells[5:10], strict=True)]
    (place,) = (at for at, words in enumerate(labels) if words == ["TRANSITIONED", "FACILITY", "TOTAL"])
    content = shaped.csv_of([row[:place] + row[place + 1 :] for row in cells])
    with pytest.raises(MissingColumn, match="lacks transitioned total_rvu_facility"):
        read("PPRRVU12.csv", content)


def test_one_practice_expense_under_either_label():
    """From 2014 on there is one: whether its labels still say FULLY IMPLEMENTED makes no difference."""
    cells = shaped.pprrvu_cells(year=2014, month="January")
    expected = read("PPRRVU14_V1219.csv", shaped.csv_of(cells))
    for place in (6, 7, 8, 9, 11, 12):
        cells[5][place] = f"FULLY IMPLEMENTED {cells[5][place]}".strip()
    found = read("PPRRVU14_V1219.csv", shaped.csv_of(cells))
    assert found.frame.equals(expected.frame)
    assert found.notes == ()


def test_a_header_that_reaches_up_into_the_banner():
    """As an importer of old workbooks has it: the first words of the longest labels stand beside the banner's lines."""
    cells = earlier.pprrvu_2009_cells()
    for place, words in ((34, "NON-FACILITY|PE|USED|FOR|OPPS|PAYMENT|AMOUNT"), (36, "MP|USED|FOR|OPPS|PAYMENT|AMOUNT")):
        for row, word in enumerate(reversed(words.split("|"))):
            cells[9 - row][place] = word
    assert cells[4][2].startswith("RELEASED")
    assert [cells[row][34] for row in (3, 4, 9)] == ["NON-FACILITY", "PE", "AMOUNT"]
    found = read("PPRRVU12.csv", shaped.csv_of(cells))
    assert found.frame.equals(read("PPRRVU12.csv", csv_of_year(2012)).frame)
    assert found.facts["month"] == "JAN"


def test_bare_carriage_returns_as_in_2013():
    content = csv_of_year(2013, end="\r")
    assert b"\n" not in content
    assert read("PPRRVU13_V0828.csv", content).frame.equals(read("PPRRVU13.csv", csv_of_year(2013)).frame)


# Fixed positions


@pytest.mark.parametrize("at", [59, 74, 83, 92, 101, 108, 115, 136, 176, 187, 194])
def test_a_text_with_a_column_elsewhere_is_refused_not_misread(at):
    """One blank more anywhere, on every line or on one: a decimal point is then not where it belongs."""
    lines = earlier.pprrvu_2009_txt().decode("latin-1").split("\r\n")
    every = [line if line.startswith("HDR") or not line else f"{line[:at]} {line[at:]}" for line in lines]
    one = [*lines[:-2], f"{lines[-2][:at]} {lines[-2][at:]}", ""]
    for moved in (every, one):
        with pytest.raises((BadValue, MissingColumn)):
            read("PPRRVU12.txt", "\r\n".join(moved).encode("latin-1"), expected="rvu")


def test_a_text_cut_short_is_refused():
    content = earlier.pprrvu_2009_txt()
    with pytest.raises(BadValue, match=r"line 14.*not a record of the layout"):
        read("PPRRVU12.txt", content[:-60], expected="rvu")


# What names say


@pytest.mark.parametrize(
    ("name", "year"),
    [
        ("PPRRVU09", "2009"), ("PPRRVU10_U22", "2010"), ("PPRRVU11_110210(3)", "2011"),
        ("PPRRVU11_OCT_082511_v2", "2011"), ("PPRRVU13_V0828", "2013"), ("PPRRVU15_V1223c", "2015"),
        ("PPRRVU15_UP05_V0622", "2015"), ("PPRRVU16_April_V0202", "2016"), ("PPRRVU17_JULY_V0503", "2017"),
        ("PPRRVU18_JAN", "2018"), ("PPRRVU19_V1213", "2019"),
    ],
)  # fmt: skip
def test_the_year_in_a_name_of_the_relative_value_file(name, year):
    """Names as public code gives them: see layouts/pprrvu.toml."""
    cells = shaped.pprrvu_cells()[4:]  # without the banner
    assert read(f"{name}.csv", shaped.csv_of(cells)).facts["year"] == year


@pytest.mark.parametrize(
    ("name", "year"),
    [
        ("GPCI09", "2009"), ("gpci10", "2010"), ("GPCI_2011", "2011"), ("GPCI2012", "2012"),
        ("CY 2014 GPCI _12172013", "2014"), ("CY2015_GPCIs", "2015"), ("CY2017_GPCIs", "2017"), ("GPCI2019", "2019"),
    ],
)  # fmt: skip
def test_the_year_in_a_name_of_the_indices(name, year):
    """Names as GitHub lakeraven/corvid lists them."""
    assert read(f"{name}.csv", shaped.csv_of(earlier.gpci_2009_cells(banner=False))).facts["year"] == year


# Indices


def gpci(name, content):
    found = read(name, content, expected="gpci")
    return found, found.frame.select("mac", "locality", "state", "locality_name", "work_gpci", "pe_gpci", "mp_gpci")


WRITTEN = [
    (area.mac, area.locality, area.state, area.name.rstrip("*"), *map(Decimal, (area.work, area.pe, area.mp)))
    for area in CARRIER_AREAS
]


def test_the_indices_of_2009_to_2019_in_every_form():
    forms = {
        "GPCI2012.csv": shaped.csv_of(earlier.gpci_2009_cells()),
        "CY 2014 GPCI _12172013.csv": shaped.csv_of(earlier.gpci_2009_cells(banner=False)),
        "GPCI2012.xlsx": shaped.xlsx_of(earlier.gpci_2009_cells(), numbers={3, 4, 5}),
        "GPCI09.txt": earlier.gpci_2009_txt(),
        "GPCI_09.txt": earlier.gpci_2009_txt(later=False),
    }
    for name, content in forms.items():
        found, frame = gpci(name, content)
        assert frame.rows() == WRITTEN, name
        assert found.frame["work_gpci_unfloored"].null_count() == len(WRITTEN)
        assert found.notes == ()


def test_of_two_years_indices_the_later_are_the_files():
    found, frame = gpci("GPCI_2011.csv", shaped.csv_of(earlier.gpci_2011_cells()))
    assert frame.rows() == WRITTEN
    assert found.facts["year"] == "2011"
    passed = [note for note in found.notes if "an earlier year's beside the file's own; not read" in note]
    assert ["'2010 PW GPCI'" in passed[0], "'2010 PE GPCI'" in passed[1], "'2010 MP GPCI'" in passed[2]] == [True] * 3
    # in whatever order they stand
    turned = [list(reversed(row)) for row in earlier.gpci_2011_cells()]
    assert gpci("GPCI_2011.csv", shaped.csv_of(turned))[1].rows() == WRITTEN


def test_two_sets_of_indices_without_years_are_not_guessed():
    cells = earlier.gpci_2011_cells()
    cells[2] = [label.replace("2010 ", "").replace("2011 ", "") for label in cells[2]]
    with pytest.raises(UnreadableFile, match="two columns of its header read as one: PW GPCI, PE GPCI, MP GPCI"):
        gpci("GPCI_2011.csv", shaped.csv_of(cells))


@pytest.mark.parametrize(
    ("name", "state"),
    [("OHIO", "OH"), ("Ohio", "OH"), ("REST OF NEW YORK", "NY"), ("ANAHEIM/SANTA ANA, CA", "CA"), ("MANHATTAN", "NY"),
     ("DC + MD/VA SUBURBS", "DC"), ("HAWAII/GUAM", "HI"), ("PUERTO RICO", "PR"), ("REST OF OREGON*", "OR")],
)  # fmt: skip
def test_the_state_in_a_localitys_name(name, state):
    areas = [replace(CARRIER_AREAS[0], mac="00999", name=name)]
    assert gpci("GPCI09.csv", shaped.csv_of(earlier.gpci_2009_cells(areas)))[1]["state"].to_list() == [state]


@pytest.mark.parametrize("name", ["SPRINGFIELD", "SPRINGFIELD, XX", "REST OF NOWHERE"])
def test_a_name_that_says_no_state_is_refused(name):
    areas = [replace(CARRIER_AREAS[0], mac="00999", name=name)]
    with pytest.raises(MissingRule, match=rf"00999-00 {name}, and reference/locality_state.toml"):
        gpci("GPCI09.csv", shaped.csv_of(earlier.gpci_2009_cells(areas)))


# Localities' anesthesia factors and counties


def test_anesthesia_and_counties_under_earlier_labels():
    anesthesia = read("ANES2012.csv", earlier.anes_2009_csv(), expected="anesthesia")
    assert anesthesia.frame["anesthesia_conversion_factor"].to_list() == [Decimal(a.anesthesia) for a in CARRIER_AREAS]
    assert anesthesia.facts == {"year": "2012"}
    county = read("12LOCCO.csv", earlier.locco_2009_csv(), expected="county").frame
    assert county["state_name"].to_list() == [
        "ALABAMA", "ALASKA", "CALIFORNIA", "CALIFORNIA", "FLORIDA", "FLORIDA", "HAWAII/GUAM",
    ]  # fmt: skip
