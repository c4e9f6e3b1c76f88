"""The app in a real browser, from the real server: fixtures for the browser tests of every page.

``server``, ``browser`` and ``tab`` are fixtures of every test here (conftest.py). Go to another page by clicking its
name (``turn_to``): streamlit itself asks for two addresses that do not exist when a page other than the first is opened
by its address, and the browser complains of them.
"""

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
_TRIES_OF_WIDTH = 20
DONE = '[data-testid="stApp"][data-test-script-state="notRunning"]'


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The app as an installed feecalc runs it, in a folder of nobody's, on a free port. Gives its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    folder = tmp_path_factory.mktemp("server")
    log = folder / "log"
    script = REPOSITORY / "feecalc" / "ui" / "start" / "page.py"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "feecalc.ui.start", "run", str(script), "--server.port", str(port)],
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
    """A new page, every address it asked for outside this computer (``asked_elsewhere``), and what it complained of
    (``complaints``): errors on the console and exceptions."""
    page = browser.new_page(viewport={"width": 1400, "height": 1800})
    page.set_default_timeout(SECONDS * 1000)
    page.asked_elsewhere, page.complaints = [], []
    page.on("console", lambda said: page.complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
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


def settled(tab):
    """Wait until the page is drawn whole."""
    tab.wait_for_selector(DONE)
    tab.wait_for_function("!document.querySelector('[data-stale=true], [data-testid=stSkeleton]')")


def turn_to(tab, title):
    """Go to another page by its name in the bar."""
    link = tab.get_by_role("link", name=title)
    path = link.evaluate("link => new URL(link.href).pathname")
    link.click()
    tab.wait_for_function("path => location.pathname.replace(/\\/$/, '') === path.replace(/\\/$/, '')", arg=path)
    settled(tab)


def chosen(tab, label, text):
    """Type into a box of choices and take the first that fits."""
    box = tab.get_by_role("combobox", name=label).first
    box.click()
    box.fill(text)
    box.press("Enter")


def too_wide(tab):
    """By how many pixels the page stays wider than the screen; a busy computer finds its width late."""
    for _ in range(_TRIES_OF_WIDTH):
        wide = tab.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth - window.innerWidth")
        if wide <= 0:
            break
        tab.wait_for_timeout(500)
    return wide
