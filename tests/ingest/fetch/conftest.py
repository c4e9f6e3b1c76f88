"""Downloads without waiting, their folder, and servers that break off."""

import threading

import pytest
from ingest.fetch.serving import Breaking

from feecalc.ingest.fetch import origin


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(origin, "BACKOFF", 0.0)
    monkeypatch.setattr(origin, "LONGEST_WAIT", 0.01)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


@pytest.fixture(autouse=True)
def _what_is_not_served_is_not_there(httpserver):
    httpserver.no_handler_status_code = 404


@pytest.fixture
def downloads(tmp_path):
    return tmp_path / "downloads"


@pytest.fixture
def breaking():
    servers = []

    def start(content: bytes, drops: list[int | None], **settings: object) -> Breaking:
        server = Breaking(content, drops)
        for name, value in settings.items():
            assert hasattr(server, name)
            setattr(server, name, value)
        servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return server

    yield start
    for server in servers:
        server.stall.set()
        server.shutdown()
        server.server_close()
