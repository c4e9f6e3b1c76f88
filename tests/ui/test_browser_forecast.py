"""Practice forecast in a real browser: cells typed into, an event added, a volume dropped in, files taken away."""

import io
import json
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner
from ui.browser import settled, too_wide, turn_to

from feecalc.cli import app as command

SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "scenario.toml"


@pytest.fixture
def forecast(server, tab):
    tab.goto(server)
    settled(tab)
    turn_to(tab, "Practice forecast")
    tab.get_by_text("$24,572,416").first.wait_for()
    settled(tab)
    return tab


def _type_share(tab, text):
    """Into the share of the first payer."""
    canvas = tab.locator('[data-testid="stDataFrame"] canvas[data-testid="data-grid-canvas"]').first
    box = canvas.bounding_box()
    tab.mouse.dblclick(box["x"] + 230, box["y"] + 52)  # the grid is a picture: its second column, below the headings
    typed = tab.locator("#portal input, #portal textarea").first
    typed.fill(text)
    tab.wait_for_timeout(300)  # the cell takes it a moment later
    typed.press("Enter")


def test_a_share_is_typed_and_refused_until_they_add_up(forecast):
    _type_share(forecast, "40")
    forecast.get_by_text("add up to 94, not 100").wait_for()
    _type_share(forecast, "46")
    forecast.get_by_text("$24,572,416").first.wait_for()
    settled(forecast)
    assert (forecast.complaints, forecast.asked_elsewhere) == ([], [])


def test_an_event_is_added_seen_on_the_timeline_and_kept(forecast):
    forecast.get_by_role("tab", name="Events").first.click()
    box = forecast.get_by_role("combobox", name="Another event")
    box.click()
    forecast.get_by_role("option", name="sequestration").click()
    forecast.get_by_role("button", name="Add", exact=True).click()
    percent = forecast.get_by_role("spinbutton", name="Percent taken off Medicare's part")
    percent.wait_for()
    settled(forecast)
    percent.fill("4")
    percent.press("Enter")
    # 2 points more of Medicare's 80 % in three years
    forecast.wait_for_function("!document.body.innerText.includes('$24,572,416')")
    settled(forecast)
    net = forecast.locator('[data-testid="stMetricValue"]').first.inner_text()
    forecast.get_by_role("tab", name="Events").last.click()
    picture = forecast.locator('[data-testid="stVegaLiteChart"]:visible').locator("svg, canvas").first
    picture.wait_for()
    assert picture.bounding_box()["height"] > 150
    turn_to(forecast, "Data")
    turn_to(forecast, "Practice forecast")
    forecast.get_by_text(net).first.wait_for()
    assert (forecast.complaints, forecast.asked_elsewhere) == ([], [])


def test_files_are_dropped_in_and_taken_away(forecast, tmp_path):
    volume = tmp_path / "mine.csv"
    volume.write_text('CPT,POS,Locality,Units,Charge\n64493,11,"Miami, FL",1000,900\n'
                      '64493,11,"Fort Lauderdale, FL",500,900\n')  # fmt: skip
    forecast.get_by_role("tab", name="Files").click()
    boxes = forecast.locator('[data-testid="stFileUploaderDropzoneInput"]')
    boxes.nth(1).set_input_files(volume)
    forecast.get_by_text("the volume has none of that category").first.wait_for()
    # the sample lets visits grow by themselves, and this volume has none
    forecast.get_by_role("button", name="The sample again").click()
    forecast.get_by_text("$24,572,416").first.wait_for()
    settled(forecast)
    with forecast.expect_download() as given:
        forecast.get_by_role("button", name="For the command line (zip)").click()
    archive = zipfile.ZipFile(io.BytesIO(given.value.path().read_bytes()))
    assert set(archive.namelist()) == {"scenario.toml", "volume.csv", "gulf.toml", "bay.toml"}
    with forecast.expect_download() as given:
        forecast.get_by_role("button", name="Save to a file").click()
    saved = given.value.path()
    assert json.loads(saved.read_text())["inputs"]["years"] == 3
    with forecast.expect_download() as given:
        forecast.get_by_role("button", name="Pictures (PNG)").click()
    assert given.value.path().read_bytes().startswith(b"\x89PNG")
    with forecast.expect_download() as given:
        forecast.locator(".st-key-forecast_cells_csv button:visible").first.click()
    assert "Gulf Coast Health Plan" in given.value.path().read_text()
    assert (forecast.complaints, forecast.asked_elsewhere) == ([], [])


def test_the_report_is_made_by_its_button_and_whole_in_itself(forecast):
    with forecast.expect_download() as given:
        forecast.get_by_role("button", name="Report to print (HTML)").click()
    assert given.value.suggested_filename == "forecast.html"
    page = given.value.path().read_text(encoding="utf-8")
    told = json.loads(CliRunner().invoke(command, ["forecast", str(SAMPLE), "--json"]).stdout)
    assert f"${Decimal(told['net']):,.2f}" in page
    for row in told["years"]:
        assert f"${round(Decimal(row['net'])):,}" in page
    assert all(each in page for each in ("Two Bridges Pain", "RVU26C", "33.4009", "Gulf Coast renews at 125"))
    settled(forecast)
    assert forecast.complaints == []  # of the app; the report is then drawn in its place
    forecast.set_content(page)
    assert forecast.locator("svg:visible, img:visible").count() >= 4  # by year, odds, what moves it, events
    assert (forecast.complaints, forecast.asked_elsewhere) == ([], [])


def test_a_narrow_screen_cuts_nothing_off(forecast):
    forecast.set_viewport_size({"width": 390, "height": 2600})
    forecast.wait_for_timeout(500)
    assert too_wide(forecast) <= 0


def _cut_off(tab):
    """By how many pixels the widest table that is seen at the right of the page goes beyond its edge."""
    tables = tab.locator('[data-testid="stColumn"]:last-child [data-testid="stDataFrame"] .dvn-scroller:visible')
    tables.first.wait_for()
    return max(tables.nth(at).evaluate("box => box.scrollWidth - box.clientWidth") for at in range(tables.count()))


def test_no_table_of_the_answer_is_cut_off_at_1400_pixels(forecast):
    cut = {}
    for name in ("By year", "Odds", "What moves it", "Alternatives", "Break-even", "Events"):
        forecast.get_by_role("tab", name=name, exact=True).last.click()
        settled(forecast)
        cut[name] = _cut_off(forecast)
    assert cut == dict.fromkeys(cut, 0)
