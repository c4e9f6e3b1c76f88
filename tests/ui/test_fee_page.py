"""The page Fee: the amount, both settings, the receipt, what is said where there is no amount, the address."""

import json
import tomllib
from dataclasses import replace

import pytest
from cms_shaped import SERVICES, release_zip, zip5_txt
from cms_shaped.floored import zip_of_2026
from ui.conftest import APP, unescaped

from feecalc import cli
from feecalc.ingest.build import build
from feecalc.ingest.store import Store

# RVU26C: 64493 has work 1.48, PE 4.08 office and 0.82 facility, MP 0.14; factors 33.4009, QP 33.5675.
# GPCI2026, Miami (09102-04): work 1.000, PE 1.041, MP 2.529.
NATIONAL = "$190.39"  # 5.70 x 33.4009 = 190.38513
NATIONAL_FACILITY = "$81.50"  # 2.44 x 33.4009 = 81.498196
NATIONAL_QP = "$191.33"  # 5.70 x 33.5675 = 191.33475
MIAMI = "$203.12"  # (1.48 + 4.08 x 1.041 + 0.14 x 2.529) x 33.4009 = 6.08134 x 33.4009 = 203.122229206
BARS = "Bars of both settings"
MIAMI_FACILITY = "$89.77"  # (1.48 + 0.82 x 1.041 + 0.14 x 2.529) x 33.4009 = 2.68768 x 33.4009 = 89.7709...


def test_a_new_page_shows_a_price_and_says_that_it_is_starter_data(opened):
    page = opened()
    assert page.amount.startswith("$")
    assert BARS in page.charts[0]
    (banner,) = page.said("warning")
    assert "starter data" in banner.lower()
    assert "feecalc fetch RVU26C" in banner
    assert "feecalc build" in banner
    assert any("sha256 9c4e2959f7be" in each for each in page.said("caption"))


def test_national_office_against_facility(opened):
    page = opened(code="64493")
    assert page.amount == NATIONAL
    assert page.settings == {"11 Office (chosen)": NATIONAL, "22 Hospital outpatient, on campus": NATIONAL_FACILITY}
    assert page.service.startswith("64493 ")
    assert "Where: National" in page.facts.replace("**", "")
    assert "RVU26C (2026, third quarter), starter data" in page.facts
    assert "July 1, 2026" in page.facts


def test_a_locality_and_a_facility(opened):
    page = opened(code="64493", locality="09102-04", pos="24")
    assert page.amount == MIAMI_FACILITY
    assert page.settings == {"11 Office": MIAMI, "24 Ambulatory surgical center (chosen)": MIAMI_FACILITY}
    assert "09102-04 MIAMI, FL" in page.facts
    assert any("DADE AND MONROE" in each for each in page.said("caption"))


def test_the_receipt_leads_to_the_amount_and_names_its_sources(opened):
    steps = opened(code="64493", locality="09102-04").steps
    assert steps["Work"][1] == "1.48000 RVU"
    assert steps["Practice expense, nonfacility"][1] == "4.24728 RVU"  # 4.08 x 1.041
    assert steps["Malpractice"][1] == "0.35406 RVU"  # 0.14 x 2.529
    assert steps["Total"][1] == "6.08134 RVU"
    assert steps["Conversion factor"][1] == "33.4009 USD per RVU"
    assert steps["Fee schedule amount"][1] == MIAMI
    assert "PPRRVU2026_Jul_nonQPP.csv" in steps["Work"][0]
    assert "GPCI2026.csv" in steps["Malpractice"][0]


def test_choosing_changes_the_price_and_the_address(opened):
    page = opened().choose("fee_code", "64493")
    assert (page.amount, page.address["code"]) == (NATIONAL, "64493")
    page.choose("fee_where", "Locality")
    assert page.amount == NATIONAL
    assert any("Choose a locality" in each for each in page.said("info"))
    page.choose("fee_locality", "09102-04")
    assert page.amount == MIAMI
    page.choose("fee_pos", "22").choose("fee_qp", True)
    assert page.address == {"code": "64493", "pos": "22", "locality": "09102-04", "release": "RVU26C", "qp": "1"}
    again = opened(**page.address)
    assert (again.amount, again.settings, again.address) == (page.amount, page.settings, page.address)


def test_a_qp_has_a_factor_of_his_own_only_from_2026(opened):
    page = opened(code="64493").choose("fee_qp", True)
    assert page.amount == NATIONAL_QP
    page.choose("fee_release", "RVU25D")
    assert not [each for each in page.app.toggle if each.key == "fee_qp"]
    assert any("one conversion factor for everybody" in each for each in page.said("info"))
    assert "qp" in page.address  # and it comes back with a release that has the track
    assert page.choose("fee_release", "RVU26C").amount == NATIONAL_QP


def test_a_day_picks_the_release_in_force(opened):
    page = opened(code="64493", date="2025-11-03")
    assert "RVU25D (2025, fourth quarter)" in page.facts
    assert "November 3, 2025" in page.facts
    assert page.address == {"code": "64493", "date": "2025-11-03"}


def test_what_is_not_installed_says_how_to_load_it_and_can_be_left_again(opened):
    page = opened(code="64493", date="2024-05-02")
    assert page.amount is None
    (error,) = page.said("error")
    assert "RVU24" in error
    assert "feecalc fetch" in error
    page.choose("fee_when", "Release")
    assert page.amount == NATIONAL


@pytest.mark.parametrize(
    ("code", "status"), [("0213T", "contractor priced (status C)"), ("A9270", "noncovered (status N)")]
)
def test_what_medicare_does_not_price_has_a_reason_and_no_amount(opened, code, status):
    page = opened(code=code)
    assert page.amount is None
    assert not [each for each in page.charts if BARS in each]
    assert page.settings == {}
    assert "$0" not in page.facts
    warning = page.said("warning")[-1]
    assert f"No price: {status}." in warning
    assert len(warning.splitlines()[1]) > 20  # the reason


def test_a_technical_component_is_paid_in_the_office_only(opened):
    page = opened(code="70496", modifier="TC", pos="22")
    assert page.amount is None
    assert not [each for each in page.charts if BARS in each]
    assert page.settings["22 Hospital outpatient, on campus (chosen)"] == "not paid"
    assert page.settings["11 Office"].startswith("$")


def test_what_is_special_of_the_other_setting_is_said_beside_it(opened):
    page = opened(code="70496")
    assert BARS in page.charts[0]
    assert any("Paid as 70496-26" in each for each in page.said("caption"))


def test_who_bills_stands_beside_the_amount(opened):
    assert "Billed by" not in opened(code="99213").facts
    page = opened(code="99213", provider="np", locality="10112-00", floor="0")
    assert "Nurse practitioner" in page.facts
    assert "without the floor" in page.facts


def test_an_unknown_code_is_an_error_with_what_to_do(opened):
    page = opened(code="99999")
    assert page.amount is None
    (error,) = page.said("error")
    assert "99999" in error
    assert "feecalc fetch RVU26C" in error


def test_what_a_person_typed_shows_as_it_is(typed):
    page = typed("**x** <b> $a$ [l](http://a.b) :red[y]")
    shown = page.app.error[0].value
    assert "\\*\\*x\\*\\*" in shown
    assert "\\<b\\>" in shown
    assert "\\[l\\]" in shown
    assert "http\\:" not in shown  # an address would become a link by itself
    assert page.amount is None


@pytest.mark.parametrize("text", ["g2211", " G2211 ", "G2211 Add-on to an office visit"])
def test_a_code_may_be_typed_in_small_letters_or_with_its_description(typed, text):
    assert typed(text).service.startswith("G2211 ")


def test_a_component_is_offered_only_where_it_has_a_row(opened):
    page = opened(code="77003", modifier="26")
    assert page.options("fee_modifier")[:2] == ["26  Professional component", "TC  Technical component"]
    assert page.address["modifier"] == "26"
    page.choose("fee_code", "64493")
    assert not [each for each in page.options("fee_modifier") if each.startswith(("26 ", "TC "))]
    assert any("64493 has no row with modifier 26" in each for each in page.said("info"))
    assert page.amount == NATIONAL


def test_modifiers_and_units_change_the_amount(opened):
    page = opened(code="64493", modifier="50")
    assert page.amount == "$285.59"  # indicator 1: 150 percent of 190.39 = 285.585
    assert page.service.startswith("64493-50 ")
    page.choose("fee_modifier", []).choose("fee_units", 3)
    assert page.amount == "$380.79"  # indicator 2: 190.39, and twice 50 percent of it, 95.20 each
    assert page.address["units"] == "3"
    assert opened(code="64493", modifier="50,LT").app.multiselect[0].value == ["50", "LT"]


def test_commercial_averages_stand_beside_the_amount(opened):
    page = opened(code="64493")
    # 122 percent (HCCI 2017) and 139 percent (Milliman 2023) of 190.39: 232.2758 and 264.6421
    assert unescaped(page.app.header[0].value) == "$232.28 to $264.64"
    table = page.table("Commercial benchmarks")
    low, high = table.row(0, named=True), table.row(-1, named=True)
    assert (low["percent"], low["amount"]) == (98.0, 186.58)  # Alabama: 186.5822
    assert (high["percent"], high["amount"]) == (200.0, 380.78)
    assert "not confirmed" in high["who"]


def test_the_code_through_the_years(opened):
    page = opened(code="64493")
    assert "64493 in an office: $" in page.charts[1]
    history = page.table("64493 in an office")
    assert history["release"].to_list() == ["RVU25D", "RVU26C"]
    assert history["nonfacility_amount"][1] == 190.39


def test_a_place_is_found_by_words_and_by_county(opened, placed):
    assert placed("miami, fl").amount == MIAMI
    page = placed("Dade, FL")
    assert page.amount == MIAMI
    assert any("Dade, FL is in 09102-04 MIAMI, FL, by the counties" in each for each in page.said("info"))
    assert "No locality" in placed("nowhere at all").said("error")[0]


def test_words_of_a_description_offer_the_codes_that_fit(typed):
    page = typed("facet")
    assert page.amount is None
    (told,) = [each for each in page.said("info") if "codes fit" in each]
    offered = page.options("fee_code")
    assert offered[0].startswith("644")
    page.choose("fee_code", offered[0].split()[0])
    assert page.amount is not None
    assert told.endswith("choose one.")


def test_anesthesia_asks_for_minutes(opened):
    page = opened(code="01992")
    assert page.amount is None
    assert "minutes" in page.said("warning")[-1]
    page.choose("fee_minutes", 45)
    assert page.amount is not None
    assert page.address["minutes"] == "45"
    assert page.choose("fee_code", "64493").app.number_input.len == 1  # units


def test_a_nonparticipating_physician(opened):
    page = opened(code="64493").choose("fee_participating", False)
    assert page.amount == "$180.87"  # 95 percent of 190.39 = 180.8705
    assert "$208.00" in page.facts  # 109.25 percent of 190.39 = 208.001075


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("code", "644933", "code='644933'"),
        ("pos", "97", "No place of service 97"),
        ("pos", "<script>", "pos='<script>'"),
        ("locality", "99999-99", "No locality 99999-99"),
        ("release", "RVU99Z", "No release RVU99Z"),
        ("date", "2026-13-01", "date='2026-13-01'"),
        ("date", "1999-01-01", "No release prices services of 1999-01-01"),
        ("qp", "maybe", "qp='maybe'"),
        ("provider", "wizard", "No provider type wizard"),
        ("zip", "33133", "No ZIP code file is installed"),
    ],
)
def test_an_address_is_checked_when_it_is_read(opened, name, text, said):
    page = opened(**{"code": "64493", name: text})
    assert any(said in each for each in page.said("info")), page.said("info")
    assert page.amount is not None
    assert page.address.get(name) != text


def test_minutes_of_an_address_out_of_bounds_are_asked_for_again(opened):
    assert "minutes" in opened(code="01992", minutes="9999").said("warning")[-1]
    assert "minutes" in opened(code="01992", minutes="0").said("warning")[-1]


def test_a_release_built_anew_is_seen(opened, tmp_path):
    store = Store()
    build(release_zip(tmp_path, "25D"), store=store, allow_warnings=True)
    before = next(each for each in SERVICES if each.hcpcs == "64493")
    page = opened(code="64493")
    assert not [each for each in page.said("warning") if "starter data" in each]
    assert page.steps["Work"][1] == f"{before.work}000 RVU"
    changed = [replace(each, work="9.00") if each is before else each for each in SERVICES]
    build(release_zip(tmp_path, "25D", services=changed), store=store, allow_warnings=True)
    assert page.run().steps["Work"][1] == "9.00000 RVU"


def test_where_the_index_without_the_floor_comes_from_is_said(opened, tmp_path):
    """RVU26D prints the index with the floor alone; CMS printed 0.994 for Miami in RVU26B."""
    build(zip_of_2026(tmp_path, "26D", both=False), store=Store(), allow_warnings=True)
    page = opened(code="99213", release="RVU26D", locality="09102-04", floor="0")
    # 1.30 x 0.994 + 1.35 x 1.041 + 0.10 x 2.529 = 2.95045 RVUs, x 33.4009 = 98.5476...
    assert page.amount == "$98.55"
    assert "without the floor (GPCI2026.csv of RVU26C in the starter data)" in page.facts


def test_a_zip_code_where_a_file_of_them_is_installed(opened, tmp_path):
    path = tmp_path / "ZIP5_OCT2025.txt"
    path.write_bytes(zip5_txt())
    build(path, store=Store(), allow_warnings=True)
    page = opened(code="64493", zip="33133")
    assert page.amount == MIAMI
    assert page.address["zip"] == "33133"
    page.choose("fee_zip", "00001")
    assert "00001" in page.said("error")[0]
    assert page.amount is None


def test_a_damaged_store_is_an_error_and_no_traceback(opened, tmp_path):
    build(release_zip(tmp_path, "25D"), store=Store(), allow_warnings=True)
    (Store().folder("RVU25D") / "manifest.json").write_text("{")
    page = opened(code="64493")
    assert page.amount is None
    assert "RVU25D" in page.said("error")[0]


@pytest.mark.parametrize(
    ("parameters", "options"),
    [
        ({"code": "64493"}, ["64493"]),
        ({"code": "64493", "pos": "24", "locality": "09102-04", "qp": "1"},
         ["64493", "--pos", "24", "--locality", "09102-04", "--qp"]),
        ({"code": "99213", "provider": "np", "floor": "0", "locality": "10112-00"},
         ["99213", "--provider-type", "np", "--no-gpci-floor", "--locality", "10112-00"]),
        ({"code": "70496", "modifier": "TC", "date": "2025-10-05", "participating": "0"},
         ["70496", "--modifier", "TC", "--date", "2025-10-05", "--nonparticipating"]),
        ({"code": "01992", "modifier": "QK", "minutes": "50"}, ["01992", "--modifier", "QK", "--minutes", "50"]),
    ],
)  # fmt: skip
def test_the_amount_is_the_one_the_shell_prints(opened, capsys, monkeypatch, parameters, options):
    monkeypatch.setattr("sys.argv", ["feecalc", "price", *options, "--json"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code in (0, None)
    printed = json.loads(capsys.readouterr().out)
    assert opened(**parameters).amount == f"${printed['allowed_amount']:,.2f}"


def test_the_app_keeps_to_this_computer_wherever_it_is_started_from():
    beside_app = APP.parent / ".streamlit" / "config.toml"
    in_package = APP.parent / "feecalc" / "ui" / "start" / ".streamlit" / "config.toml"
    assert beside_app.read_bytes() == in_package.read_bytes()
    settings = tomllib.loads(beside_app.read_text(encoding="utf-8"))
    assert settings["browser"]["gatherUsageStats"] is False
    assert settings["server"]["address"] == "127.0.0.1"
    assert settings["server"]["headless"] is True
    assert settings["server"]["maxUploadSize"] <= 64
