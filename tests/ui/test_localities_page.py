"""The page Localities: one code or a basket, the ranking, two places side by side, what cannot be compared."""

from decimal import Decimal

import polars as pl
import pytest

from feecalc import open_schedule
from feecalc.scenarios.basket.localities import basket_across_localities

# RVU26C: 64493 has work 1.48, PE 4.08 in an office, MP 0.14; factor 33.4009. GPCI2026 as the addresses below name them.
NATIONAL = "$190.39"  # 5.70 x 33.4009 = 190.38513
MIAMI = "203.12"  # work 1.000, PE 1.041, MP 2.529: 6.08134 x 33.4009 = 203.122229206
TABLE = "109 localities"
VOLUME = b"code,modifier,pos,units\n64493,,11,2\n99213,,11,1\n"


def metrics(page):
    return {label.partition(":")[0]: value for label, value in page.settings.items()}


def test_a_code_in_every_locality(opened):
    page = opened("localities", code="64493")
    assert metrics(page)["National"] == NATIONAL
    table = page.table(TABLE)
    assert table.height == 109
    assert table["rank"][0] == 1
    row = table.filter(table["key"] == "09102-04").row(0, named=True)
    assert f"{row['amount']:.2f}" == MIAMI
    # one index after the other: (1.48 + 4.08 x 1.041 + 0.14) x 33.4009 = 195.9724, so PE 195.97 - 190.39 = 5.58, and
    # malpractice 203.12 - 195.97 = 7.15; together 12.73
    assert (row["work_part"], row["pe_part"], row["mp_part"]) == (0.0, 5.58, 7.15)
    assert f"{row['difference']:.2f}" == "12.73"
    assert row["driver"] == "Malpractice"


def test_the_amounts_are_the_package_s(opened):
    page = opened("localities", code="99213", pos="22")
    volume = pl.DataFrame({"hcpcs": ["99213"], "place_of_service": ["22"], "units": [1]})
    compared = basket_across_localities(open_schedule(), volume)
    shown = [Decimal(f"{amount:.2f}") for amount in page.table(TABLE)["amount"]]
    assert shown == compared.places["amount"].to_list()


def test_two_places_side_by_side(opened):
    page = opened("localities", code="64493", first="09102-04", second="07102-13")
    pair = page.table("Miami, FL $203.12, Arkansas, AR")
    rows = {row["part"]: row for row in pair.to_dicts()}
    assert rows["Practice expense"]["first_index"] == 1.041
    assert rows["Amount"]["first"] == 203.12
    parts = ("Work", "Practice expense", "Malpractice")
    assert round(sum(rows[part]["difference"] for part in parts), 2) == rows["Amount"]["difference"]
    assert page.address["first"] == "09102-04"


def test_what_was_changed_stands_in_the_address(opened):
    page = opened("localities", code="64493").choose("localities_pos", "22").choose("localities_qp", True)
    assert page.address["pos"] == "22"
    assert page.address["qp"] == "1"
    assert metrics(page)["National"] == "$81.90"  # 2.44 x 33.5675 = 81.9047
    again = opened("localities", **page.address)
    assert metrics(again) == metrics(page)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("release", "RVU99Z", "No release RVU99Z"),
        ("first", "99999-99", "No locality 99999-99"),
        ("code", "644933", "code='644933'"),
        ("pos", "97", "No place of service 97"),
    ],
)
def test_an_address_is_checked(opened, name, text, said):
    page = opened("localities", **{"code": "64493", name: text})
    assert any(said in each for each in page.said("info"))


def test_an_unknown_code_is_told(opened):
    page = opened("localities", code="99999")
    assert "no code 99999" in page.said("error")[0].lower()
    assert not page.settings


def test_a_code_without_a_price_says_why(opened):
    page = opened("localities", code="A9270")
    assert "Nothing can be compared" in page.said("warning")[-1]
    assert not page.settings


def test_a_basket_is_dropped_in(opened):
    page = opened("localities", compare="basket")
    assert any("drop in a file" in each for each in page.said("info"))
    page.drop("localities_upload", "my volumes.csv", VOLUME)
    table = page.table(TABLE)
    assert table.height == 109
    assert any("my volumes.csv: 2 rows, 3 units" in each for each in page.said("caption"))
    page.choose("localities_what", "code").choose("localities_what", "basket")
    assert page.table(TABLE)["amount"].to_list() == table["amount"].to_list()


def test_services_left_out_are_headed_by_their_reasons(opened):
    page = opened("localities", compare="basket")
    page.drop("localities_upload", "mine.csv", VOLUME + b"J3301,,11,4\n80307,,11,5\n00100,,11,1\n")
    said = page.said("warning")[-1]
    assert "3 services are left out: J3301 (CMS keeps this item or service out" in said
    assert said.endswith("); 80307, 00100 (the release that is open here has no such code).")  # starter data
    assert "See Medicare's prices of drugs and biologicals" in said


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "empty"),
        ("no_units.csv", b"code\n64493\n", "units"),
        ("bad.csv", b"code,units\n64493,many\n", "units are not a whole number"),
        ("not.xlsx", b"no workbook", "not.xlsx"),
    ],
)
def test_a_basket_that_cannot_be_read_is_told(opened, name, content, said):
    page = opened("localities", compare="basket").drop("localities_upload", name, content)
    assert said in page.said("error")[0].lower()
    assert not page.settings


def test_the_sample_practice(opened):
    page = opened("localities", compare="basket").press("Use the sample practice")
    assert page.table(TABLE).height == 109
