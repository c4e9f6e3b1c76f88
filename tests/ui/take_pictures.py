"""README's pictures, taken of the app as it is: the sample practice on the starter data, one for each kind of user.

Not a test. From the checkout, with what the tests need installed and a chromium to drive:

    PYTHONPATH=tests python -m ui.take_pictures

writes ``notebooks/pictures/*.png``. Look at them before they are committed.
"""

import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright
from ui.browser import ARGUMENTS, BROWSERS, REPOSITORY, SECONDS, chosen, settled, turn_to

FOLDER = REPOSITORY / "notebooks" / "pictures"
SCREEN, WIDE = 1440, 1200  # pixels of the browser, and of the picture that is made of it
COLORS = 256  # of a palette: small files
MOST_BYTES = 120_000


def forecast(tab: Any) -> None:
    turn_to(tab, "Practice forecast")
    tab.get_by_text("$24,572,416").first.wait_for()
    tab.get_by_role("tab", name="Events").first.click()
    tab.get_by_role("tab", name="Odds").click()


def localities(tab: Any) -> None:
    turn_to(tab, "Localities")
    chosen(tab, "Procedure code", "64493")


def contracts(tab: Any) -> None:
    turn_to(tab, "Contracts")
    tab.get_by_text("From today to an offer").wait_for()


PICTURES: dict[str, tuple[Callable[[Any], None], int]] = {  # what is done on the page, and how high the browser is
    "forecast": (forecast, 1080),
    "localities": (localities, 1140),
    "contracts": (contracts, 1000),
}


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The app with nothing of the person's own, until the end. Gives its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    script = REPOSITORY / "feecalc" / "ui" / "start" / "page.py"
    process = subprocess.Popen(
        [sys.executable, "-m", "feecalc.ui.start", "run", str(script), "--server.port", str(port)],
        cwd=folder,
        env=os.environ | {"FEECALC_HOME": str(folder / "home")},
        stdin=subprocess.DEVNULL,
    )
    try:
        for _ in range(SECONDS * 5):
            if process.poll() is not None:
                sys.exit("the app did not start")
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def taken(tab: Any, address: str, prepare: Callable[[Any], None]) -> bytes:
    """The page as it is after ``prepare``, as a PNG of few colors."""
    tab.set_default_timeout(SECONDS * 1000)
    tab.goto(address)
    settled(tab)
    prepare(tab)
    settled(tab)
    tab.mouse.move(0, 0)
    tab.wait_for_timeout(1500)  # charts and maps fade in
    picture = Image.open(io.BytesIO(tab.screenshot())).convert("RGB")
    smaller = picture.resize((WIDE, picture.height * WIDE // picture.width), Image.Resampling.LANCZOS)
    written = io.BytesIO()
    smaller.quantize(COLORS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(written, "PNG", optimize=True)
    return written.getvalue()


def main() -> None:
    executable = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if executable is None:
        sys.exit(f"no chromium on this machine (looked for {', '.join(BROWSERS)})")
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name, served(Path(name)) as address, sync_playwright() as running:
        browser = running.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        for title, (prepare, high) in PICTURES.items():
            tab = browser.new_page(viewport={"width": SCREEN, "height": high}, color_scheme="light")
            content = taken(tab, address, prepare)
            tab.close()
            if len(content) > MOST_BYTES:
                sys.exit(f"{title}.png would have {len(content):,} bytes, more than {MOST_BYTES:,}")
            (FOLDER / f"{title}.png").write_bytes(content)
            print(f"{title}.png: {len(content):,} bytes")
        browser.close()


if __name__ == "__main__":
    main()
