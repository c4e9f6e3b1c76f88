"""The page Year over year: the sample at first, then a person's own volumes, releases, order and factor."""

import base64
from decimal import Decimal
from pathlib import Path

import pytest

from feecalc.files.volume import read_volume
from feecalc.installed import open_schedule
from feecalc.pricing.release_terms import Terms
from feecalc.scenarios.bridge.bridge import bridge
from feecalc.ui.shared.scenario_files import written

SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "volume.csv"
PARTS = "The 11 parts"
CODES = " codes, the greatest change first"
# RVU25D in Miami: 5.65828 RVU x 32.3465 = 183.03 a unit; RVU26C: 6.08134 x 33.4009 = 203.12. One part after the other,
# ten units: factor 59.60, work -13.30, PE 150.90, MP -16.70, indices 20.40 (tests/scenarios/test_bridge.py).
MINE = b'code,pos,locality,units\n64493,11,"Miami, FL",10\n'
NO_PLACE = b"code,units\n64493,10\n"


def parts(page):
    return {row["part"]: f"{row['amount']:.2f}" for row in page.table(PARTS).to_dicts() if row["amount"]}


def test_it_opens_with_the_sample_between_two_releases(opened):
    page = opened("bridge")
    former, latter = (open_schedule(name, home=Path("no-such-folder")).schedule for name in ("RVU25D", "RVU26C"))
    volume = read_volume(SAMPLE, [former, latter], locality="national")
    found = bridge(Terms(former), Terms(latter), volume)
    start, end, change = (found.total(name) for name in ("from_revenue", "to_revenue", "change"))
    assert page.settings == {
        "Before, RVU25D": f"${start:,.2f}", "After, RVU26C": f"${end:,.2f}", "Change": f"+${change:,.2f}"
    }  # fmt: skip
    shown = page.table(PARTS)
    assert sum(Decimal(f"{amount:.2f}") for amount in shown["amount"]) == change
    codes = page.table(f"{found.by_code.height}{CODES}")
    assert codes["service"].to_list() == found.by_code["service"].to_list()
    assert [Decimal(f"{each:.2f}") for each in codes["change"]] == found.by_code["change"].to_list()
    assert page.table("Rows left out").height == found.left_out.height
    reasons = dict(found.left_out.select("service", "reason").iter_rows())
    assert len(reasons) == 2
    assert all(f"{service}: {reason}" in page.said("caption") for service, reason in reasons.items())
    (line,) = [each for each in page.said("caption") if each.startswith("Volume: volume.csv")]
    assert "RVU25D (2025, fourth quarter, starter data), $32.3465 per RVU" in line
    assert "MIAMI, FL; 09102-03 FORT LAUDERDALE, FL" in line
    assert page.address == {"from": "RVU25D", "to": "RVU26C"}
    assert page.charts[0].endswith(f"change +${change:,.2f}")


def test_a_person_s_own_volume(opened):
    page = opened("bridge").drop("bridge_volume_box", "mine.csv", MINE)
    assert list(page.settings.values()) == ["$1,830.30", "$2,031.20", "+$200.90"]
    assert parts(page) == {
        "conversion factor": "59.60", "work RVUs": "-13.30", "practice expense RVUs": "150.90",
        "malpractice RVUs": "-16.70", "geographic indices": "20.40",
    }  # fmt: skip
    page.press("Use the sample practice")
    assert page.table(PARTS)["amount"][0] > 1000


def test_another_order_stands_in_the_address(opened):
    page = opened("bridge").drop("bridge_volume_box", "mine.csv", MINE).choose("bridge_order", ["work"])
    assert (parts(page)["work RVUs"], parts(page)["conversion factor"]) == ("-13.00", "59.30")
    assert page.address["order"] == "work"
    again = opened("bridge", **page.address)
    assert again.table(PARTS)["part"].to_list()[:2] == ["work RVUs", "conversion factor"]


def test_another_volume_at_the_end(opened):
    page = opened("bridge").drop("bridge_volume_box", "mine.csv", MINE)
    page.drop("bridge_volume_to_box", "later.csv", MINE.replace(b",10", b",15"))
    assert parts(page)["volume, at the same mix"] == "1015.60"  # five units at 203.12
    assert list(page.settings.values())[1:] == ["$3,046.80", "+$1,216.50"]
    page.press("Use the same volume at both ends")
    assert list(page.settings.values())[2] == "+$200.90"


def test_rows_without_a_place_are_national_until_another_is_chosen(opened):
    page = opened("bridge").drop("bridge_volume_box", "mine.csv", NO_PLACE)
    # 5.32 RVU x 32.3465 = 172.08338; 5.70 x 33.4009 = 190.38513
    assert list(page.settings.values()) == ["$1,720.80", "$1,903.90", "+$183.10"]
    assert any("Localities: National" in each for each in page.said("caption"))
    page.choose("bridge_where", "Locality").choose("bridge_locality", "09102-04")
    assert list(page.settings.values()) == ["$1,830.30", "$2,031.20", "+$200.90"]
    assert page.address["locality"] == "09102-04"


def test_a_factor_that_is_not_medicare_s(opened):
    page = opened("bridge", to_factor="32.84").drop("bridge_volume_box", "mine.csv", MINE)
    assert list(page.settings.values())[1] == "$1,997.10"  # 6.08134 x 32.84 = 199.7112
    assert any("$32.84 per RVU (as given here)" in each for each in page.said("caption"))


def test_one_release_at_both_ends_changes_nothing(opened):
    page = opened("bridge", to="RVU25D")
    assert list(page.settings.values())[2] == "$0.00"
    assert parts(page) == {}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("from", "RVU99Z", "No release RVU99Z"),
        ("order", "volume,price", "order='volume,price'"),
        ("order", "mix,mix", "order='mix,mix'"),
        ("to_factor", "cheap", "to_factor='cheap'"),
        ("locality", "99999-99", "No locality 99999-99"),
    ],
)
def test_an_address_is_checked(opened, name, text, said):
    page = opened("bridge", **{name: text})
    assert any(said in each for each in page.said("info"))
    assert page.settings


@pytest.mark.parametrize("given", ["much", "0", "33.40091"])
def test_a_factor_that_is_none_is_told(opened, given):
    page = opened("bridge").choose("bridge_to_factor", given)
    assert "is not a conversion factor" in page.said("error")[0]
    assert not page.settings


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "empty"),
        ("headings.csv", b"code,units\n", "headings.csv"),
        ("no_units.csv", b"code\n64493\n", "units"),
        ("bad.csv", b"code,units\n64493,many\n", "units are not a whole number"),
        ("not.xlsx", b"no workbook", "not.xlsx"),
    ],
)
def test_a_volume_that_cannot_be_read_is_told(opened, name, content, said):
    page = opened("bridge").drop("bridge_volume_box", name, content)
    assert said in page.said("error")[0].lower()
    assert not page.settings


def test_a_volume_of_what_is_not_priced_says_so(opened):
    page = opened("bridge").drop("bridge_volume_box", "none.csv", b"code,units\nA9270,3\n")
    assert "Nothing can be bridged" in page.said("warning")[-1]
    assert not page.settings


def saved(**more):
    volume = {"name": "mine.csv", "base64": base64.b64encode(MINE).decode()}
    inputs = {"asked": {"from": "RVU25D", "to": "RVU26C", "order": "work"}, "bridge_volume": volume} | more
    return written("bridge", 1, inputs)


def test_a_saved_file_brings_all_of_it_back(opened):
    page = opened("bridge", qp="1").drop("bridge_load", "saved.json", saved())
    assert (parts(page)["work RVUs"], parts(page)["conversion factor"]) == ("-13.00", "59.30")
    assert page.address == {"from": "RVU25D", "to": "RVU26C", "order": "work"}
    page.choose("bridge_order", [])  # taken over once: what is changed after stays changed
    assert parts(page)["work RVUs"] == "-13.30"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "cannot be read as JSON"),
        (written("forecast", 1, {}), "another page"),
        (written("bridge", 1, {"asked": {}}), "lacks the page's settings or the volume"),
        (saved(bridge_volume={"name": "a.csv", "base64": "%%"}), "cannot be read"),
        (saved(bridge_volume={"name": "a.csv"}), "incomplete"),
    ],
)
def test_a_saved_file_that_is_none_is_told_and_changes_nothing(opened, content, said):
    page = opened("bridge").drop("bridge_load", "saved.json", content)
    assert any(said in each for each in page.said("error"))
    assert len(page.settings) == 3


def test_what_a_saved_file_asks_wrongly_is_left_out(opened):
    page = opened("bridge").drop("bridge_load", "saved.json", saved(asked={"order": "price", "to": "RVU26C"}))
    assert any("The saved file asks for order='price'" in each for each in page.said("info"))
    assert list(page.settings.values())[2] == "+$200.90"
