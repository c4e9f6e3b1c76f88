"""Claims and Site of service in a real browser: a file dropped in and read, a case put together."""

import re

import pytest
from ui.browser import DONE

SEEN_BEFORE = re.compile(r"/_stcore/(health|host-config)$")  # streamlit asks below the page's address first


@pytest.fixture
def watched(tab):
    """The tab, and what went wrong in it."""
    tab.wrong = []
    tab.on("pageerror", lambda error: tab.wrong.append(str(error)))
    tab.on(
        "response",
        lambda got: tab.wrong.append(got.url) if got.status >= 400 and not SEEN_BEFORE.search(got.url) else None,
    )
    return tab


def _settled(page):
    page.wait_for_selector(DONE)


def _narrow(page):
    """Nothing is cut off at 390 pixels."""
    page.set_viewport_size({"width": 390, "height": 2000})
    page.wait_for_timeout(500)
    return page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth - window.innerWidth")


def test_a_claim_file_is_dropped_in_read_and_explained(server, watched, tmp_path):
    file = tmp_path / "mine.csv"
    file.write_text(
        'Claim,Svc,DOS,POS,Locality,DX1\nA-1,64493,2026-07-06,11,"Miami, FL",M47.816\n'
        'A-1,77003,2026-07-06,11,"Miami, FL",M47.816\n'
    )
    watched.goto(f"{server}/claims")
    watched.get_by_text("Drop in a claim file").wait_for()
    watched.locator('.st-key-claims_upload [data-testid="stFileUploaderDropzoneInput"]').set_input_files(file)
    watched.get_by_text("No column for hcpcs").wait_for()
    _settled(watched)
    column = watched.get_by_role("combobox", name="Change a column")
    column.click()
    watched.get_by_role("option", name="Svc").click()
    _settled(watched)
    meaning = watched.get_by_role("combobox", name="Svc is")
    meaning.click()
    meaning.fill("hcpcs")
    meaning.press("Enter")
    watched.get_by_text("2 of 2").wait_for()
    _settled(watched)
    watched.get_by_text("$313.63").first.wait_for()  # 203.12 + 110.51, CMS's amounts in Miami
    watched.get_by_role("tab", name="Receipts").click()
    claim = watched.get_by_role("textbox", name="Claim", exact=True)
    claim.fill("A-1")
    claim.press("Enter")
    watched.get_by_text("Line 1  64493").wait_for()
    _settled(watched)
    watched.get_by_role("tab", name="Findings").click()
    with watched.expect_download() as given:
        watched.locator(".st-key-claims_findings_files_csv button:visible").click()
    assert "77003" in given.value.path().read_text()
    assert _narrow(watched) <= 0
    assert (watched.wrong, watched.asked_elsewhere) == ([], [])


def test_a_case_is_put_together(server, watched):
    watched.goto(f"{server}/sites?codes=64493&locality=09102-04")
    watched.get_by_text("$203.12").first.wait_for()  # CMS's amount in Miami
    watched.get_by_text("feecalc build FILE").first.wait_for()  # no facility rates are installed here
    _settled(watched)
    box = watched.get_by_role("combobox", name="Codes of the case")
    box.click()
    box.fill("64494")
    box.press("Enter")
    watched.get_by_text("$305.54").first.wait_for()  # 203.12 + 102.42
    watched.wait_for_function("document.location.search.includes('64494')")
    _settled(watched)
    picture = watched.locator('[data-testid="stVegaLiteChart"]').locator("svg, canvas").first
    assert picture.bounding_box()["height"] > 100
    assert _narrow(watched) <= 0
    assert (watched.wrong, watched.asked_elsewhere) == ([], [])
