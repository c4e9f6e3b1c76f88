"""The page Site of service: its numbers are the package's, packaged is said, and what is not installed too."""

import json
from datetime import date

import polars as pl
import pytest
from facility.entries import TABLES, asc, install, install_all, opps
from streamlit.testing.v1 import AppTest
from ui.conftest import Page

from feecalc.cli import app
from feecalc.facility import open_facility
from feecalc.facility.case import CaseLine
from feecalc.facility.sites import compare_sites
from feecalc.ingest.store import Store
from feecalc.installed import open_schedule

DAY = date(2026, 7, 1)
MIAMI = {"locality": "09102-04", "cbsa": "11111"}


def _draw():
    from feecalc.ui.pages.sites import page

    page()


@pytest.fixture
def sites():
    """Opens the page alone at an address."""

    def open_page(**parameters):
        app = AppTest.from_function(_draw, default_timeout=60)
        for name, text in parameters.items():
            app.query_params[name] = text
        return Page(app).run()

    return open_page


@pytest.fixture
def rates(own_home):
    """Made-up facility rates: 64493 pays 100.00 nationally, 64494 is packaged; area 11111 has indices 0.8 and 0.76."""
    store = Store()
    install_all(store, DAY)
    for kind, table in (("opps", opps()), ("asc", asc())):
        install(store, kind, DAY, _renamed(table))
    return store


def _renamed(table):
    """The table with codes of the physician fee schedule in place of made-up ones."""
    names = {"10001": "64493", "10004": "64494"}
    return table.with_columns(pl.col("hcpcs").replace(names)) if "hcpcs" in table.columns else table


def _lines(page):
    return page.app.dataframe[0].value


def test_three_sites_with_the_amounts_of_the_package(sites, rates):
    page = sites(codes="64493,64494", **MIAMI)
    schedule = open_schedule("RVU26C").schedule
    expected = compare_sites(
        schedule, open_facility(rates, DAY), [CaseLine("64493"), CaseLine("64494")],
        locality=schedule.find_locality("09102-04"), cbsa="11111", day=DAY,
    )  # fmt: skip
    totals = [f"${site.total:,.2f}" for site in expected]
    assert totals[0] == "$305.54"  # 203.12 + 102.42, no facility bill
    assert list(page.settings.values()) == totals
    assert list(page.settings) == ["Office (11)", "Surgery center (24)", "Hospital (22)"]
    assert len(page.charts) == 1
    lines = _lines(page)
    facility = lines[lines["paid_to"] == "Facility"]
    assert facility["Office"].to_list() == ["no facility bill"] * 3
    assert facility["Surgery center"].to_list() == ["$90.00", "packaged", "$90.00"]  # 0.9 of 100
    assert facility["Hospital"].to_list() == ["$88.00", "packaged", "$88.00"]  # 0.88 of 100
    assert any("Facility: 11111" in each for each in page.said("caption"))


def test_the_numbers_of_the_command(sites, rates, capsys):
    asked = ["site-of-service", "64493", "64494", "--locality", "09102-04", "--cbsa", "11111", "--date", "2026-07-01"]
    with pytest.raises(SystemExit):
        app([*asked, "--json"])
    told = json.loads(capsys.readouterr().out)
    page = sites(codes="64493,64494", **MIAMI)
    assert [f"${float(site['total']):,.2f}" for site in told["sites"]] == list(page.settings.values())


def test_a_changed_case_changes_answer_and_address(sites, rates):
    page = sites(codes="64493", **MIAMI)
    before = page.settings
    page.app.multiselect[0].set_value(["64493-50"])
    page.run()
    assert page.settings != before
    assert page.address["codes"] == "64493-50"
    assert sites(**page.address).settings == page.settings


def test_an_own_wage_index(sites, rates):
    page = sites(codes="64493", locality="09102-04", **{"wage-index": "1.0"})
    assert _lines(page)["Surgery center"].to_list()[1] == "$100.00"
    page.choose("sites_index", "dear")
    assert "'dear' is not a wage index" in page.said("error")[0]


def test_without_facility_rates_it_says_what_to_build(sites):
    page = sites(codes="64493", locality="09102-04")
    assert page.settings["Office (11)"] == "$203.12"  # CMS's amount in Miami
    assert page.settings["Hospital (22)"] == "no total"
    said = " ".join(page.said("warning"))
    assert "feecalc build FILE" in said
    assert "OPPS Addendum B" in said


def test_what_is_not_installed_is_said_once_in_the_words_of_a_page(sites):
    page = sites(codes="64493", locality="09102-04")
    said = " ".join(page.said("warning"))
    assert said.count("No OPPS Addendum B of 2026 is installed") == 1
    assert said.lower().count("no asc addendum aa of 2026 is installed") == 1
    assert "fill in the box Date of service" in said
    assert "--" not in said


def test_a_site_whose_facility_part_is_not_known_has_no_bar(sites):
    page = sites(codes="64493", locality="09102-04")
    assert page.charts == ["Physician and facility payments by site: Office physician $203.12; Office patient $40.62"]
    (caption,) = [each for each in page.said("caption") if "Not in the picture" in each]
    assert caption.endswith("is not known: surgery center, hospital.")


def test_a_file_is_a_source_once(sites, own_home):
    """Addendum A gives the rates and the APCs where the year has no Addendum B."""
    store = Store()
    for kind, table in TABLES.items():
        day = date(2025, 10, 1) if kind == "opps" else DAY
        install(store, kind, day, _renamed(table()))
    page = sites(codes="64493,64494", **MIAMI)
    (hospital,) = [each for each in page.said("caption") if each.startswith("Sources: ") and "OPPS-20254" in each]
    assert hospital.count("APC-20263") == 1


def test_what_is_no_code_is_told(sites):
    page = sites()
    assert page.settings
    page.app.multiselect[0].set_value(["nonsense"])
    page.run()
    assert "'nonsense' is not a procedure code" in page.said("error")[0]
    page.app.multiselect[0].set_value(["99999"])
    page.run()
    assert "No code 99999" in page.said("error")[0]


def test_a_word_finds_its_code_or_offers_what_fits(sites):
    page = sites()
    page.app.multiselect[0].set_value(["64493", "facet lower back, second"])
    page.run()
    assert page.app.multiselect[0].value == ["64493", "64494"]
    page.app.multiselect[0].set_value(["64493", "facet"])
    page.run()
    assert any("codes fit 'facet'" in each for each in page.said("info"))


def test_an_empty_case_asks_for_codes(sites):
    page = sites()
    page.app.multiselect[0].set_value([])
    page.run()
    assert page.said("info") == ["Choose the codes of a case."]
    assert not page.app.error
