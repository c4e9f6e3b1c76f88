"""``feecalc app``: the pages in a browser, served to this computer alone."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from feecalc.cli.terminal.options import JsonOption, add_command
from feecalc.cli.terminal.output import print_json, say
from feecalc.errors import InvalidValue
from feecalc.ui.start import FOLDER

_ADDRESS = "127.0.0.1"  # patients' and payers' figures stay on this computer
_FIRST_PORT = 8501  # streamlit's own
_PORTS_TRIED = 50
_START_SECONDS, _POLL_SECONDS = 30, 0.1
_STOP_SECONDS = 2  # then it is killed: a server that stands still hears no signal
_MEMORY = Path("/dev/shm")  # on Linux a folder that is memory
_STANDARD_ERROR = 2  # its file descriptor


def register(app: typer.Typer) -> None:
    """Add the command ``app``."""
    add_command(app, "app", run_app, example="Example: feecalc app --port 8600")


def run_app(
    port: Annotated[
        int | None,
        typer.Option(
            "--port", metavar="N", min=1024, max=65535, help="Port on this computer. Default: the first free from 8501."
        ),
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")] = True,
    as_json: JsonOption = False,
) -> None:
    """Open the app in the browser; Ctrl-C ends it.

    The page is served to this computer only, and nothing is sent anywhere.
    """
    chosen = _free_port(port)
    command = [
        sys.executable, "-m", "feecalc.ui.start", "run", str(page()),
        "--server.address", _ADDRESS,
        "--server.port", str(chosen),
        "--server.headless", "true",
        "--server.fileWatcherType", "none",
        "--browser.gatherUsageStats", "false",
        "--client.toolbarMode", "minimal",
    ]  # fmt: skip
    where = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="feecalc-app-", dir=where, ignore_cleanup_errors=True) as folder:
        # Its own words go to standard error: standard output is the address's alone.
        server = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=_STANDARD_ERROR, env=os.environ | {FOLDER: folder}
        )
        status = _served(server, chosen, open_browser=browser and not as_json, as_json=as_json)
    raise typer.Exit(status)


def page() -> Path:
    """Return the script that streamlit runs."""
    import feecalc.ui

    assert feecalc.ui.__file__ is not None
    return Path(feecalc.ui.__file__).parent / "start" / "page.py"


def _served(server: subprocess.Popen[bytes], port: int, *, open_browser: bool, as_json: bool) -> int:
    """Say where the server is and wait until it ends or Ctrl-C; 0 for either, unless it failed by itself."""
    address = f"http://{_ADDRESS}:{port}"
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # or the server would outlive us
    try:
        if as_json:
            print_json({"address": address, "port": port})
            sys.stdout.flush()
        else:
            say(f"feecalc is at {address} (Ctrl-C ends it)")
        if open_browser and _answers(server, port):
            webbrowser.open(address)
        return 1 if server.wait() else 0
    except KeyboardInterrupt:
        return 0
    finally:
        signal.signal(signal.SIGTERM, before)
        if server.poll() is None:
            server.terminate()
        try:
            server.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _answers(server: subprocess.Popen[bytes], port: int) -> bool:
    """Return whether the server takes connections before half a minute is over."""
    end = time.monotonic() + _START_SECONDS
    while server.poll() is None and time.monotonic() < end:
        try:
            with socket.create_connection((_ADDRESS, port), timeout=1):
                return True
        except OSError:
            time.sleep(_POLL_SECONDS)
    return False


def _free_port(wanted: int | None) -> int:
    """Return the port wanted, or the first free one. Raises InvalidValue where it is taken."""
    candidates = [wanted] if wanted is not None else range(_FIRST_PORT, _FIRST_PORT + _PORTS_TRIED)
    for port in candidates:
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((_ADDRESS, port))
            except OSError:
                continue
            return port
    what = f"port {wanted}" if wanted is not None else f"each of the {_PORTS_TRIED} ports from {_FIRST_PORT} on"
    raise InvalidValue(f"{what} is taken on this computer; choose another with --port")
