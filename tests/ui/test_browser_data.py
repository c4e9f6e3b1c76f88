"""The page Data in a real browser: a release fetched from a server with its progress seen, used, and removed."""

import os
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from ui.browser import chosen, settled, too_wide, turn_to

PIECES, PAUSE = 12, 0.15  # of a download, so slow that a person sees it go on


@pytest.fixture(scope="module", autouse=True)
def mirror(cms):
    """A server in place of CMS's that has one release; the app's own server is started with its address."""
    content = (cms / "zips" / "rvu26c.zip").read_bytes()

    class Mirror(BaseHTTPRequestHandler):
        def do_GET(self):
            if not re.search(r"/rvu26c[^/]*\.zip$", self.path):
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            piece = len(content) // PIECES + 1
            for start in range(0, len(content), piece):
                self.wfile.write(content[start : start + piece])
                time.sleep(PAUSE)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    before = dict(os.environ)
    os.environ |= {"FEECALC_CMS_URL": f"http://127.0.0.1:{server.server_port}", "NO_PROXY": "127.0.0.1"}
    yield
    os.environ.clear()
    os.environ.update(before)
    server.shutdown()


def _take(tab, label, text):
    box = tab.get_by_role("combobox", name=label).first
    box.click()
    box.fill(text)
    tab.get_by_role("option", name=re.compile(rf"^{text}\b")).first.click()


def test_a_release_is_fetched_used_and_removed(server, tab):
    tab.goto(server)
    settled(tab)
    turn_to(tab, "Data")
    tab.get_by_text("The starter data answers").wait_for()
    tab.get_by_role("tab", name="Fetch from CMS").click()
    tab.get_by_text("I have read the terms").click()
    settled(tab)
    _take(tab, "What to fetch", "RVU26C")
    settled(tab)
    tab.get_by_role("button", name="Fetch and install").click()
    tab.get_by_text(re.compile(r"RVU26C: [0-9.]+ of [0-9.]+ MB")).wait_for()
    tab.get_by_text("RVU26C is installed from").wait_for()
    tab.get_by_text("RVU26C answers").wait_for()
    settled(tab)

    tab.get_by_role("tab", name="Fetch from CMS").click()
    _take(tab, "What to fetch", "RVU26B")  # the server has it not
    settled(tab)
    tab.get_by_role("button", name="Fetch and install").click()
    tab.get_by_text("RVU26B was not found").wait_for()
    settled(tab)

    turn_to(tab, "Fee")
    chosen(tab, "Procedure code", "64493")
    tab.get_by_role("heading", name="$190.39").wait_for()  # CMS's national amount
    assert tab.get_by_text("starter data").count() == 0
    turn_to(tab, "Data")
    _take(tab, "What to remove", "RVU26C")
    settled(tab)
    tab.get_by_role("button", name="Remove RVU26C").click()
    tab.get_by_text("The zip that was fetched stays").wait_for()
    tab.get_by_role("button", name="Yes, remove RVU26C").click()
    tab.get_by_text("RVU26C is no longer installed").wait_for()
    tab.get_by_text("The starter data answers").wait_for()
    tab.set_viewport_size({"width": 390, "height": 1800})
    tab.wait_for_timeout(500)
    assert too_wide(tab) <= 0
    assert tab.asked_elsewhere == []
    assert tab.complaints == []
