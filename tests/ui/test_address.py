"""The question in the address: what is written is read back, and any text is read without a stop."""

from datetime import date
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from feecalc.ui.pages.fee import address
from feecalc.ui.pages.fee.address import ADDRESS, WHEN, WHERE
from feecalc.ui.shared import pickers

NAMES = st.sampled_from(["code", "modifier", "pos", "locality", "zip", "release", "date", "qp", "minutes", "other"])


def test_what_is_written_is_read_back():
    state = {
        **ADDRESS.defaults, address.CODE: "64493", address.MODIFIER: ["26", "LT"], address.POS: "24", address.QP: True,
        WHERE.by: pickers.BY_LOCALITY, WHERE.locality: "09102-04", WHEN.by: pickers.BY_DAY,
        WHEN.day: date(2026, 8, 3), address.MINUTES: 47, address.FLOOR: False,
    }  # fmt: skip
    written = ADDRESS.write(state)
    assert written == {
        "code": "64493", "modifier": "26,LT", "pos": "24", "locality": "09102-04", "date": "2026-08-03", "qp": "1",
        "floor": "0", "minutes": "47",
    }  # fmt: skip
    read, left_out = ADDRESS.read(written)
    assert not left_out
    assert {**ADDRESS.defaults, **read} == state


def test_what_was_chosen_and_left_again_is_not_written():
    state = {**ADDRESS.defaults, WHERE.locality: "09102-04", WHERE.zip_code: "33133", WHEN.release: "RVU26C"}
    assert ADDRESS.write(state) == {"release": "RVU26C"}


@given(st.dictionaries(NAMES, st.text(max_size=30)))
def test_any_text_is_read_or_left_out(parameters):
    state, left_out = ADDRESS.read(parameters)
    assert len(left_out) <= len(parameters)
    assert set(state) <= set(ADDRESS.keys)
    again, none = ADDRESS.read(ADDRESS.write({**ADDRESS.defaults, **state}))
    assert not none
    assert all(state[key] == value for key, value in again.items())


def test_a_page_left_before_it_was_drawn_whole_asks_the_same_again(monkeypatch):
    class Parameters(dict):
        to_dict = dict.copy

    state, parameters = {}, Parameters(code="64493", pos="24")
    monkeypatch.setattr("feecalc.ui.shared.address.st", SimpleNamespace(session_state=state, query_params=parameters))
    assert ADDRESS.begin() == []  # and no end: another page is turned to meanwhile
    state["page_shown"] = "data"
    for key in ADDRESS.keys:  # streamlit forgets what is not drawn
        state.pop(key, None)
    parameters.clear()
    ADDRESS.begin()
    assert (state[address.CODE], state[address.POS]) == ("64493", "24")


def test_an_address_that_lags_behind_does_not_undo_what_was_chosen(opened):
    page = opened(code="64493")
    page.app.query_params.clear()  # as the browser still had it when the widget was used
    page.choose("fee_pos", "24")
    assert (page.address["code"], page.address["pos"]) == ("64493", "24")


def test_an_address_that_lags_behind_does_not_undo_the_view_while_a_box_of_the_view_is_used(opened):
    """A box that does not stand in the address itself, used before the browser had the address of the last choice."""
    page = opened("contracts", view="terms").choose("contracts_view", "solve")
    assert page.address["view"] == "solve"
    page.app.query_params["view"] = "terms"
    page.choose("contracts_change_number_1", "4")
    assert page.address["view"] == "solve"
    page.app.query_params["view"] = "terms"
    page.press("Keep it as a new offer")
    assert page.address["view"] == "solve"


def test_a_step_back_after_a_button_is_followed(opened):
    page = opened("contracts", view="solve").press("Keep it as a new offer")
    page.app.query_params["view"] = "terms"
    page.run()
    assert page.address["view"] == "terms"


def test_another_address_without_a_choice_is_a_link_followed(opened):
    page = opened(code="64493", pos="24")
    page.app.query_params.clear()
    page.app.query_params["code"] = "99213"
    page.run()
    assert page.service.startswith("99213 ")
    assert page.address == {"code": "99213", "release": "RVU26C"}
