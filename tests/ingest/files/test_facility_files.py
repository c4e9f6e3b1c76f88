"""The facility addenda as CMS varies them: commas, tabs or a workbook, banners, marks, notes; and what is refused."""

from decimal import Decimal

import cms_shaped as shaped
import pytest
from cms_shaped.facility import ANCILLARY, ASC, EXCLUDED, OFFSETS, OPPS

from feecalc.errors import BadValue, DuplicateKey, FeeCalcError, MissingColumn
from feecalc.ingest.files.archive import Member
from feecalc.ingest.files.conversion import quick_family, read_table
from feecalc.ingest.files.reading import recognized_tables


def read(name, content, **options):
    member = Member(name, lambda: content)
    found = read_table(member, **options)
    assert quick_family(member) == (found.table if found else None)
    return found


def in_every_form(cells, numbers=()):
    """The cells as csv, as tab separated text, as a workbook of text and one with numbers."""
    return {
        "a.csv": shaped.csv_of(cells),
        "a.txt": shaped.tabs_of(cells),
        "b.xlsx": shaped.xlsx_of(cells),
        "c.xlsx": shaped.xlsx_of(cells, numbers=set(numbers)),
    }


def test_addendum_b_reads_as_it_is_printed():
    found = read("Addendum_B.csv", shaped.opps_csv())
    assert (found.table, found.facts, found.notes) == ("opps", {"year": "2025"}, ())
    rows = {row["hcpcs"]: row for row in found.frame.to_dicts()}
    assert list(rows) == ["64490", "64491", "64633", "90371", "A4341"]  # the mark after A4341 is gone
    assert rows["64633"] == {
        "hcpcs": "64633", "status_indicator": "J1", "apc": "5431", "relative_weight": Decimal("21.8997"),
        "payment_rate": Decimal("1952.77"), "copayment": None, "minimum_copayment": Decimal("390.56"),
        "ira_coinsurance_rate": None, "adjusted_copayment": None, "unread": "", "source_line": 8,
    }  # fmt: skip
    assert rows["64491"]["payment_rate"] is None
    assert rows["90371"]["payment_rate"] == Decimal("139.931")
    assert rows["90371"]["ira_coinsurance_rate"] == Decimal("0.2")


@pytest.mark.parametrize("name", ["a.csv", "a.txt", "b.xlsx", "c.xlsx"])
def test_every_form_gives_one_table(name):
    for cells, numbers in (
        (shaped.opps_cells(), {0, 3, 4}),
        (shaped.asc_cells(), {0, 5}),
        (shaped.ancillary_cells(), {0, 5}),
        (shaped.device_offset_cells(), {0, 4}),
        (shaped.excluded_cells(), {0}),
    ):
        forms = in_every_form(cells, numbers)
        one, other = (read(each, forms[each]) for each in ("a.csv", name))
        assert (one.table, one.facts, one.notes) == (other.table, other.facts, other.notes)
        assert one.frame.drop("source_line").equals(other.frame.drop("source_line"))


def test_a_share_printed_as_a_number_is_the_share():
    """A workbook holds 0.2 under the format of a per cent."""
    rows = [("90371", "K", "1630", "", "139.931", "", "27.99", "0.2", "27.99")]
    found = read("b.xlsx", shaped.xlsx_of(shaped.opps_cells(rows), numbers={5, 7, 8, 9}))
    assert found.frame.row(0, named=True)["ira_coinsurance_rate"] == Decimal("0.2")
    rows = [("90371", "K", "1630", "", "139.931", "", "27.99", "20", "27.99")]
    with pytest.raises(BadValue, match="ira_coinsurance_rate"):
        read("b.xlsx", shaped.xlsx_of(shaped.opps_cells(rows), numbers={8}))


def test_addendum_aa_says_its_quarter_in_its_labels():
    found = read("AA.csv", shaped.asc_csv(month="October"))
    assert found.facts == {"year": "2025", "month": "OCT"}
    assert found.frame.select("hcpcs", "multiple_procedure", "payment_indicator").rows() == [row[:3] for row in ASC]
    assert found.frame["payment_rate"].to_list() == [Decimal("128.93"), Decimal("1477.94"), None]
    assert found.frame["payment_weight"].to_list() == [Decimal("2.3486"), Decimal("8.7064"), None]


def test_addendum_bb_once_where_it_repeats():
    found = read("BB.csv", shaped.csv_of(shaped.ancillary_cells()))
    assert found.notes == ("1 row that repeats another word for word was read once",)
    assert found.frame["hcpcs"].to_list() == ["0331T", "J0892", "L8600"]
    assert found.frame["payment_indicator"].to_list() == ["Z2", "K5", "N1"]
    assert found.frame["pass_through_expires"].to_list() == ["", "*", ""]
    assert found.frame["adjusted_copayment"].to_list() == [None, Decimal("0.25"), None]
    differing = [*ANCILLARY[:2], ("J0892", "*", "k5", "", "$1.26", "$0.25")]
    with pytest.raises(DuplicateKey, match="J0892"):
        read("BB.csv", shaped.csv_of(shaped.ancillary_cells(differing)))


def test_addendum_ff():
    found = read("FF.csv", shaped.csv_of(shaped.device_offset_cells()))
    row = found.frame.row(1, named=True)
    assert (row["apc"], row["apc_device_offset_rate"], row["device_offset_rate"], row["device_offset_amount"]) == (
        "5114", Decimal("0.2129"), Decimal("0.3562"), Decimal("2329.54"),
    )  # fmt: skip
    assert found.frame["hcpcs"].to_list() == [code for code, *_ in OFFSETS]


def test_codes_and_names_alone_are_addendum_ee_only_where_it_says_so():
    content = shaped.csv_of(shaped.excluded_cells())
    assert read("EE.csv", content).frame["hcpcs"].to_list() == list(EXCLUDED)
    silent = content.replace(b"Addendum EE", b"Codes").replace(b"Excluded from Payment in ASCs", b"Told")
    assert read("codes.csv", silent) is None
    assert read("asc_Addendum_EE.csv", silent).table == "asc_excluded"
    more = read("EE.csv", content.replace(b"Short Descriptor", b"Short Descriptor,Rate"))
    assert more.frame["hcpcs"].to_list() == list(EXCLUDED)  # a column that is new is noted
    assert more.notes == ("column 'RATE' is not one this version knows; it was not read",)


def test_a_label_that_changed_is_an_error_and_no_other_table():
    """With one of its columns gone, AA would otherwise read as BB or EE, and B as A."""
    for cells, label in (
        (shaped.asc_cells(), "Subject to Multiple Procedure Discounting"),
        (shaped.opps_cells(), "SI"),
        (shaped.ancillary_cells(), "January 2025 Payment Rate "),
    ):
        changed = [["Something Else" if cell == label else cell for cell in row] for row in cells]
        with pytest.raises(MissingColumn):
            read("Addendum.csv", shaped.csv_of(changed))


def test_addendum_b_is_never_read_as_addendum_a():
    """They have all columns in common but the code."""
    assert read("Addendum.csv", shaped.opps_csv().replace(b"HCPCS Code,", b"CPT/HCPCS Code,")) is None


@pytest.mark.parametrize(
    ("code", "rest", "words"),
    [
        ("64490", ["T", "5443", "9.9", "-1.00", "", "", "", ""], "negative"),
        ("64490", ["T", "5443", "9.9", "1.00", "", "", "120.000%", ""], "ira_coinsurance_rate"),
        ("64490", ["T", "54431", "9.9", "1.00", "", "", "", ""], "apc"),
        ("6449\ufffd", ["T", "5443", "9.9", "1.00", "", "", "", ""], "hcpcs"),
        ("0001 F", ["E1", "", "", "", "", "", "", ""], "hcpcs"),
        ("64490 64491", ["N", "", "", "", "", "", "", ""], "hcpcs"),
    ],
)
def test_a_damaged_cell_is_refused(code, rest, words):
    cells = shaped.opps_cells([*OPPS, (code, *rest)])
    content = "\r\n".join("\t".join(row) for row in cells).encode()  # UTF-8
    with pytest.raises(FeeCalcError, match=words):
        read("Addendum_B.txt", content)


def test_the_wage_index_of_an_area_with_several_is_kept_and_said():
    cells = [["CBSA", "CBSA Name", "WI25"], ["01", "ALABAMA", "0.6471"], ["01", "ALABAMA", "0.7158"],
             ["31", "NEW JERSEY", ""], ["33124", "Miami, FL", "1.0001"]]  # fmt: skip
    found = read("asc_wage_index.csv", shaped.csv_of(cells))
    assert found.frame.select("cbsa", "ordinal", "wage_index").rows() == [
        ("01", 1, Decimal("0.6471")), ("01", 2, Decimal("0.7158")), ("31", 1, None), ("33124", 1, Decimal("1.0001")),
    ]  # fmt: skip
    assert found.notes == ("1 cbsa stand on several rows, each kept: the file does not say which one holds",)
    assert found.facts == {"year": "2025"}


def test_rates_of_the_pricer_have_codes_of_five_digits():
    cells = [["apc", "statusIndicator", "effectiveDate", "paymentRate", "nationalCoinsurance", "minimumCoinsurance"],
             ["05431", "J1", "20260101", "002040.10", "00408.02", "00408.02"]]  # fmt: skip
    found = read("apc.csv", shaped.csv_of(cells, end="\n"))
    row = found.frame.row(0, named=True)
    assert (row["apc"], row["payment_rate"], row["copayment"]) == ("5431", Decimal("2040.10"), Decimal("408.02"))
    assert found.facts == {"effective_date": "20260101"}


def test_a_day_with_a_digit_lost_is_refused():
    header = ["device_hcpcs", "procedure_hcpcs", "device_modifier", "procedure_modifier", "percent_multiplier",
              "effective_date", "end_date"]  # fmt: skip
    pair = ["C1601", "31615", "", "", "0.0003", "20260101", "20261231"]
    found = read("pairs.csv", shaped.csv_of([header, pair]))
    assert [str(found.frame[name][0]) for name in ("effective_from", "effective_to")] == ["2026-01-01", "2026-12-31"]
    with pytest.raises(BadValue, match=r"effective_from .*is not a day as this file prints them: '2026011'"):
        read("pairs.csv", shaped.csv_of([header, [*pair[:5], "2026011", pair[6]]]))
    with pytest.raises(BadValue, match="ends on or after first day does not hold"):
        read("pairs.csv", shaped.csv_of([header, [*pair[:5], "20260101", "20251231"]]))


def test_a_workbook_of_several_addenda():
    member = Member("July 2026 ASC Addenda.xlsx", shaped.asc_workbook)
    tables = ["asc", "asc_ancillary", "asc_excluded", "asc_device_offset"]
    assert [each.table for each in recognized_tables(member)] == tables
    sheet = Member(member.name, member.read, sheet="July 2026 ASC EE")
    assert read_table(sheet, expected="asc_excluded").frame["hcpcs"].to_list() == list(EXCLUDED)
