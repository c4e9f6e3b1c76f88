"""The page Contracts: figures are those of the commands; terms by form or text; what cannot be read names its key."""

import json

import pytest
from streamlit.testing.v1 import AppTest
from ui.conftest import APP, Page, unescaped

from feecalc.cli import app
from feecalc.contracts.comparing import compare
from feecalc.contracts.files.reading import read_contract
from feecalc.contracts.practice import VolumePractice
from feecalc.contracts.pricing import VolumeContracts
from feecalc.files.volume import read_volume
from feecalc.installed import open_schedule
from feecalc.ui.pages.contracts import saving, side_by_side
from feecalc.ui.shared import scenario_files
from feecalc.ui.shared.uploads import taken

SAMPLES = APP.parent / "data" / "samples"
CONTRACTS = [SAMPLES / "contracts" / f"{name}.toml" for name in ("gulf", "offer_rate", "offer_headline", "offer_mixed")]
VOLUME = ("--volume", SAMPLES / "volume.csv")
FORM = "contracts_terms_1_0"  # the first contract, its form drawn once
MINE = b'payer = "Mine"\npercent = 110\nlesser_of_billed = "no"\n[basis]\nyear = "current"\nlocality = "own"\n'
ONE_VISIT = b'code,pos,locality,units\n64493,11,"Miami, FL",2\n'


def _draw():
    from feecalc.ui.pages.contracts import page

    page()


@pytest.fixture
def contracts():
    """Opens the page alone: at an address, over the sample or a volume as if it had been dropped in."""

    def open_page(volume=None, loaded=None, **parameters):
        test = AppTest.from_function(_draw, default_timeout=60)
        for name, text in parameters.items():
            test.query_params[name] = text
        if volume is not None:
            test.session_state["contracts_volume"] = taken("mine.csv", volume)
        if loaded is not None:
            test.session_state["contracts_loaded"] = loaded
        return Page(test).run()

    return open_page


def _command(capsys, *arguments):
    with pytest.raises(SystemExit):
        app(["contract", *(str(each) for each in arguments), "--json"])
    return json.loads(capsys.readouterr().out)


def _typed(page, text):
    (box,) = page.app.text_area
    box.set_value(text)
    return page.run()


def _text(page):
    (box,) = page.app.text_area
    return box.value


def test_the_first_view_has_the_sample_offers_side_by_side(contracts, capsys):
    page = contracts()
    told = _command(capsys, "compare", *CONTRACTS, *VOLUME)
    best = max(told["offers"], key=lambda each: each["contract_amount"])
    for (label, shown), offer in zip(page.settings.items(), (told["offers"][0], best), strict=True):
        assert offer["payer"] in label
        assert shown == f"${offer['contract_amount']:,.2f}"
    table = page.table("4 contracts")
    assert table["contract_amount"].to_list() == [float(each["contract_amount"]) for each in told["offers"]]
    assert table["change_amount"].to_list() == [float(each["change_amount"]) for each in told["offers"]]
    assert table["effective_percent"].to_list() == [float(each["effective_percent"]) for each in told["offers"]]
    clauses = page.table(f"{len(told['clauses'])} clauses")
    costs = [None if each["cost_amount"] is None else float(each["cost_amount"]) for each in told["clauses"]]
    assert clauses["cost_amount"].to_list() == costs
    assert any("5,500 units have no amount" in each for each in page.said("warning"))
    assert any(each.startswith("From Today") for each in page.charts)
    assert not page.app.error


def test_the_report_is_the_package_s(contracts):
    page = contracts()
    (button,) = [each for each in page.app.get("download_button") if each.proto.label == "Report to print (HTML)"]
    assert not button.proto.disabled
    terms = [read_contract(path) for path in CONTRACTS]
    schedule = open_schedule().schedule
    rows = read_volume(SAMPLES / "volume.csv", [schedule])
    found = compare(terms, VolumePractice(rows, VolumeContracts(schedule)))
    facts = {"Volume": "volume.csv", "Release": "RVU26C"}
    written = side_by_side._report(found, facts, ("a notice",)).decode()
    assert "A notice" in written
    assert "volume.csv · RVU26C · USD" in written
    for row in page.table("4 contracts").to_dicts():
        assert f"${row['contract_amount']:,.2f}" in written


def test_a_category_without_an_amount_is_not_priced(contracts):
    page = contracts()
    table = page.table("What each contract pays, category by category")
    drugs = table.to_dicts()[table["category"].to_list().index("drugs")]
    assert drugs["offer_1_amount"] is None  # the contract in force says nothing of them
    assert drugs["offer_2_amount"] > 0
    assert any("A dash: not priced" in each.value for each in page.app.caption)


def test_codes_that_lose_against_today(contracts, capsys):
    page = contracts()
    page.choose("contracts_looked", 3)  # the headline
    told = _command(capsys, "compare", *CONTRACTS, *VOLUME)["codes"]
    changes = [float(each["change_3_amount"]) for each in told if each["change_3_amount"] is not None]
    falls = sorted(each for each in changes if each < 0)
    loses = page.table("Codes that lose")
    assert falls
    assert loses["change_3_amount"].to_list() == falls


def test_another_contract_is_the_one_in_force(contracts):
    page = contracts().choose("contracts_today", 2)
    table = page.table("4 contracts")
    assert table["offer"][0].startswith("2. Offer A")
    assert table["change_amount"][0] == 0


def test_a_volume_and_a_contract_of_ones_own(contracts):
    page = contracts(loaded={"contracts": [MINE.decode()], "volume": saving._file(taken("v.csv", ONE_VISIT))})
    # 203.12 in Miami (CMS's indices and factor of 2026) x 1.10 = 223.432, so 223.43, twice
    assert page.settings["Today: 1. Mine"] == "$446.86"
    assert "Add an offer" in page.said("info")[-1]


def test_the_form_writes_the_file_that_is_read(contracts):
    page = contracts(view="terms")
    assert "# A made-up payer" in _text(page)  # as it came, until the form is used
    page.choose(f"{FORM}_percent", "121.5")
    assert "percent = 121.5\n" in _text(page)
    assert 'hcpcs = "64635"' in _text(page)  # what was not touched stays
    page.choose(f"{FORM}_lesser_of_billed", "no").choose(f"{FORM}_basis_locality", "Miami, FL")
    assert 'lesser_of_billed = "no"' in _text(page)
    assert 'locality = "Miami, FL"' in _text(page)
    page.choose("contracts_view", "offers").choose("contracts_view", "terms")
    assert "percent = 121.5\n" in _text(page)  # and the form was begun anew with it
    assert [each.value for each in page.app.text_input if each.label == "Percent of Medicare"] == ["121.5"]


ALL_SAID = """payer = "All"
note = "a note"
effective_from = 2026-01-01
percent = 118.25
without_medicare_price = { percent_of_charge = 60 }
lesser_of_billed = "claim"
[basis]
year = 2025
release = "2025D"
locality = "Miami, FL"
conversion_factor = 33.1
gpci_floor = false
[rules]
multiple_procedure = [100, 50, 25]
bilateral = 150
assistant = 16
practitioner_percent = false
site_of_service = true
sequestration = true
[escalator]
percent = 2.5
first_applied = 2026-02-01
"""


def test_a_form_that_is_not_touched_says_what_the_file_says(contracts):
    page = contracts(view="terms")
    _typed(page, ALL_SAID)
    page.choose("contracts_view", "offers").choose("contracts_view", "terms")
    assert _text(page) == ALL_SAID  # any box that says another thing would have written the file anew


def test_a_wrong_term_names_its_key_and_changes_nothing(contracts):
    page = contracts(view="terms")
    before = _text(page)
    page.choose(f"{FORM}_percent", "-3")
    assert "key 'percent'" in page.said("error")[0]
    assert _text(page) == before


def test_the_text_is_read_and_the_form_follows(contracts):
    page = contracts(view="terms")
    _typed(page, MINE.decode())
    assert not page.app.error
    assert [each.value for each in page.app.text_input if each.label == "Payer"] == ["Mine"]
    _typed(page, MINE.decode() + "[rules]\nsequestratoin = true\n")
    assert "sequestration" in page.said("error")[0]  # did you mean
    assert "line 8" in page.said("error")[0]
    assert [each.value for each in page.app.text_input if each.label == "Payer"] == ["Mine"]


def test_no_file_beside_the_contract_is_opened(contracts):
    page = contracts(view="terms")
    _typed(page, 'payer = "x"\n[fee_table]\npath = "/etc/hostname"\n')
    assert "[fee_table], key 'path'" in page.said("error")[0]
    _typed(page, 'payer = "x"\n[fee_table]\npath = "../hostname.csv"\n')
    assert "[fee_table], key 'path'" in page.said("error")[0]


@pytest.mark.parametrize(
    ("reach", "number", "option", "target"),
    [("change", "3", "--change", "3"), ("effective", "118.25", "--effective", "118.25"),
     ("revenue", "9,000,000", "--revenue", "9000000")],
)  # fmt: skip
def test_the_solver_is_the_commands(contracts, capsys, reach, number, option, target):
    page = contracts(view="solve").choose("contracts_reach", reach)
    page.choose(f"contracts_{reach}_number_1", number)
    told = _command(capsys, "solve", CONTRACTS[0], *VOLUME, option, target, "--category", "visits")
    near = [each for each in (told["exact"], told["below"], told["above"]) if each]
    best = min(near, key=lambda each: abs(float(each["off"])))
    assert page.settings["The percent of visits"] == f"{best['values'][0]} %"
    said = [*page.said("info"), *page.said("success")]
    assert any(f"${float(told['target']):,.2f}" in each for each in said)


def test_what_a_solution_adds_is_in_dollars(contracts):
    page = contracts(view="solve")
    (pays,) = [each for each in page.app.metric if each.label == "Pays then"]
    assert unescaped(pays.delta).startswith("+$")
    page.choose("contracts_change_number_1", "-3")
    (pays,) = [each for each in page.app.metric if each.label == "Pays then"]
    assert unescaped(pays.delta).startswith("-$")


def test_a_reading_that_cannot_be_priced_says_why(contracts):
    """The starter's RVU25D prints only the index with the floor in it."""
    (said,) = [each for each in contracts(view="readings").said("caption") if "Not priced" in each]
    assert "Not priced: GPCI floor, without the floor: the work GPCI without the floor cannot be told" in said
    assert "RVU25D prints only the index with the floor" in said


def test_a_slider_writes_the_number(contracts):
    page = contracts(view="solve")
    page.app.slider[0].set_value(10)
    page.run()
    (box,) = [each for each in page.app.text_input if each.key == "contracts_change_number_1"]
    assert box.value == "10"
    page.choose("contracts_change_number_1", "ten")
    assert "'ten' is not a number" in page.said("error")[0]


def test_what_cannot_be_reached_is_said_with_the_ends(contracts):
    page = contracts(view="solve").choose("contracts_reach", "revenue")
    page.choose("contracts_revenue_number_1", "1")
    assert "no value of the percent of visits pays 1.00" in page.said("error")[0].lower()
    page.choose("contracts_what", "carve_out")
    assert "the code whose fixed amount" in page.said("error")[0]
    page.choose("contracts_code", "bad")
    assert "not a procedure code" in page.said("error")[0]


def test_a_solution_is_put_into_the_contract(contracts):
    page = contracts(view="solve")
    found = page.settings["The percent of visits"].removesuffix(" %")
    page.press("Put it into the contract").choose("contracts_view", "terms")
    assert f'name = "visits"\npercent = {found}\n' in _text(page)


def test_readings_with_dollars_and_sentences(contracts, capsys):
    page = contracts(view="readings")
    told = _command(capsys, "readings", CONTRACTS[0], *VOLUME)
    assert page.settings["Lowest reading"] == f"${float(told['lowest']):,.2f}"
    assert page.settings["Highest reading"] == f"${float(told['highest']):,.2f}"
    stakes = [f"${float(each['at_stake']):,.2f} at stake" for each in told["clauses"] if float(each["at_stake"])]
    headings = [each.label.replace("\\", "") for each in page.app.expander if "at stake" in each.label]
    assert [each.split("  ")[-1] for each in headings[: len(stakes)]] == stakes
    sentences = {each["sentence"] for each in told["readings"]}
    shown = [each.value for each in page.app.code if each.value.endswith(".")]
    assert shown
    assert set(shown) <= sentences


def test_a_reading_is_put_in_and_its_silence_is_gone(contracts):
    page = contracts(view="readings")
    before = len(page.app.expander)
    next(each for each in page.app.button if each.key == "contracts_put_sequestration").click()
    page.run()
    assert len(page.app.expander) == before - 1
    page.choose("contracts_view", "terms")
    assert "sequestration = " in _text(page)


def test_the_contracts_own_tests(contracts):
    page = contracts(view="tests")
    assert "All 2 tests" in page.said("success")[0]
    table = page.table("2 tests")
    assert table["found"].to_list() == [150.11, 520.0]  # the sample's own arithmetic
    assert table["basis"].to_list() == ["category visits", "carve-out"]
    page.choose("contracts_view", "terms")
    _typed(page, _text(page).replace("150.11", "150.12"))
    page.choose("contracts_view", "tests")
    assert "1 of 2 tests fail" in page.said("error")[0]
    page.choose("contracts_chosen", 2)
    assert "no tests" in page.said("info")[0]


def test_saved_and_loaded(contracts):
    saved = {
        "volume": saving._file(taken("mine.csv", ONE_VISIT)), "contracts": [MINE.decode()], "fees": [], "release": "",
        "date": None, "place": "", "qp": False,
    }  # fmt: skip
    bytes_written = scenario_files.written("contracts", 1, saved)
    page = contracts()
    assert "Load saved contracts" in [each.label for each in page.app.get("file_uploader")]
    page.drop("contracts_load", "saved.json", bytes_written)
    assert page.settings["Today: 1. Mine"] == "$446.86"


@pytest.mark.parametrize(
    "wrong",
    [{"contracts": []}, {"contracts": "x"}, {"contracts": ["payer = 1"]}, {"volume": {"content": "?"}}, {"date": "x"},
     {"fees": [1]}],
)  # fmt: skip
def test_what_cannot_be_loaded_changes_nothing(contracts, wrong):
    good = {"volume": saving._file(taken("mine.csv", ONE_VISIT)), "contracts": [MINE.decode()]}
    page = contracts(loaded=good | wrong)
    assert any("Nothing was loaded" in each for each in page.said("info"))
    assert "1. Gulf Coast" in next(iter(page.settings))


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"code,units\n", "no rows below its headings"), (b"\x00\x01", "not a text file"),
     (b"code,units,locality\n64493,two,national\n", "row 1 below the headings: units are not a whole number"),
     (b"code,units\n64493,2\n", "no column for locality")],
)  # fmt: skip
def test_empty_and_broken_volumes(contracts, content, said):
    page = contracts(content)
    assert said in page.said("error")[0]
    assert not page.settings


def test_a_contract_is_dropped_in(contracts):
    page = contracts().drop("contracts_box", "mine.toml", MINE)
    assert page.table("5 contracts")["offer"][-1] == "5. Mine"
    page.drop("contracts_box", "bad.toml", b"payer = 1\n")
    assert "bad.toml, key 'payer'" in page.said("error")[0]


def test_text_of_a_file_is_never_markup(contracts):
    page = contracts(loaded={"contracts": ['payer = "**x** <b>$1$"\npercent = 100\n'],
                             "volume": saving._file(taken("v.csv", ONE_VISIT))})  # fmt: skip
    assert "Today: 1. **x** <b>$1$" in page.settings
    assert not any("<b>" in each.value for each in page.app.markdown)


def _late_text():
    """Send the text box of an earlier text once more, as a browser that is slow to draw does."""
    import streamlit as st

    from feecalc.ui.pages.contracts import offers, terms

    offers.put(['payer = "Mine"\npercent = 110\n'])
    (first,) = offers.kept()
    offers.change(first.number, 'payer = "Mine"\npercent = 112.5\n', by_form=True)
    st.session_state[terms.text_key(first)] = first.text
    terms.take_typed(first.number, terms.text_key(first))
    st.code(offers.kept()[0].text.splitlines()[1])
    (now,) = offers.kept()
    st.session_state[terms.text_key(now)] = 'payer = "Mine"\npercent = 120\n'
    terms.take_typed(now.number, terms.text_key(now))
    st.code(offers.kept()[0].text.splitlines()[1])


def test_a_text_box_sent_late_does_not_undo_the_form():
    late, in_time = AppTest.from_function(_late_text, default_timeout=60).run().code
    assert (late.value, in_time.value) == ("percent = 112.5", "percent = 120")


def _late_slider():
    """Send the slider of an earlier number once more."""
    import streamlit as st

    from feecalc.ui.pages.contracts import solve

    state = st.session_state
    state["wanted"] = "3"
    first = solve.slider_key("wanted")
    state[first] = 4
    solve.take_slid("wanted", first)
    st.write(state["wanted"])
    state["wanted"] = "7.5"
    solve.draw_slider_anew("wanted")
    solve.take_slid("wanted", first)
    st.write(state["wanted"])


def test_a_slider_sent_late_does_not_undo_the_number_typed():
    moved, late = AppTest.from_function(_late_slider, default_timeout=60).run().markdown
    assert (moved.value, late.value) == ("4", "7.5")
