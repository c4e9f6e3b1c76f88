"""The Fee page in a real browser, from the real server: a person types a code and reads the amount."""

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# fmt: off
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)
# fmt: on
SECONDS = 60
DONE = '[data-testid="stApp"][data-test-script-state="notRunning"]'


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The app as an installed feecalc runs it, in a folder of nobody's, on a free port. Gives its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    folder = tmp_path_factory.mktemp("server")
    log = folder / "log"
    script = REPOSITORY / "feecalc" / "ui" / "page.py"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)],
            cwd=folder,
            env=os.environ | {"FEECALC_HOME": str(folder / "home")},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        for _ in range(SECONDS * 5):
            assert process.poll() is None, log.read_text()
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright to drive chromium with")
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"no chromium on this machine (looked for {', '.join(BROWSERS)})")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=found, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def tab(browser):
    """A new page, and every address it asked for outside this computer."""
    page = browser.new_page(viewport={"width": 1400, "height": 1800})
    page.set_default_timeout(SECONDS * 1000)
    page.asked_elsewhere = []
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(("http://127.0.0.1:", "data:", "blob:"))
            else page.asked_elsewhere.append(request.url)
        ),
    )
    yield page
    page.close()


def test_a_code_typed_gives_its_amount_and_a_picture(server, tab):
    tab.goto(server)
    box = tab.get_by_role("combobox", name="Procedure code")
    box.click()
    box.fill("64493")
    box.press("Enter")
    tab.get_by_role("heading", name="$190.39").wait_for()  # 5.70 RVU x 33.4009 = 190.38513
    tab.wait_for_selector(DONE)
    tab.wait_for_function("document.location.search.includes('code=64493')")
    tab.get_by_text("22 Hospital outpatient, on campus", exact=True).wait_for()
    assert tab.locator('[data-testid="stMetricValue"]').all_inner_texts() == ["$190.39", "$81.50"]  # 2.44 x 33.4009
    picture = tab.locator('[data-testid="stVegaLiteChart"]').locator("svg, canvas").first
    picture.wait_for()
    assert picture.bounding_box()["height"] > 100
    assert tab.asked_elsewhere == []


def test_back_asks_what_was_asked_before(server, tab):
    tab.goto(f"{server}/?code=64493")
    tab.get_by_role("heading", name="$190.39").wait_for()
    tab.get_by_text("Locality", exact=True).click()
    place = tab.get_by_role("combobox", name="Locality")
    place.click()
    place.fill("miami")
    place.press("Enter")
    tab.get_by_role("heading", name="$203.12").wait_for()  # 6.08134 RVU x 33.4009 = 203.122229206
    tab.wait_for_function("document.location.search.includes('09102-04')")
    tab.go_back()
    tab.get_by_role("heading", name="$190.39").wait_for()


def test_an_unknown_code_is_told_in_words(server, tab):
    tab.goto(server)
    box = tab.get_by_role("combobox", name="Procedure code")
    box.click()
    box.fill("99999")
    box.press("Enter")
    tab.get_by_text("no code 99999 in the starter data").wait_for()
    assert tab.locator("text=Traceback").count() == 0


def test_a_narrow_screen_cuts_nothing_off(server, tab):
    tab.set_viewport_size({"width": 420, "height": 1800})
    tab.goto(f"{server}/?code=64493&locality=09102-04&pos=24")
    tab.get_by_role("heading", name="$89.77").wait_for()  # 2.68768 RVU x 33.4009 = 89.7709...
    tab.wait_for_selector(DONE)
    wider = tab.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth - window.innerWidth")
    assert wider <= 0
