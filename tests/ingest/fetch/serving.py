"""Zips to serve, addresses as CMS has them, and a server whose transfers break off as it is told."""

import io
import random
import threading
import zipfile
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from feecalc.ingest.fetch import origin

REPOSITORY = Path(__file__).parents[3]
CMS_ZIPS = REPOSITORY.parent / "shared" / "cms" / "zips"
CMS = "https://www.cms.gov"
KNOWN = "/files/zip/rvu26c-updated-06-30-2026.zip"
PAGE = "/medicare/payment/fee-schedules/physician/pfs-relative-value-files/rvu26c"


def a_zip(seed: int = 1, size: int = 300_000) -> bytes:
    """A zip of random bytes, so that it is about as long as what it holds."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("PPRRVU2026_Jul_nonQPP.csv"), random.Random(seed).randbytes(size))
    return buffer.getvalue()


ZIP = a_zip()
DROP = 12 * origin.PIECE


def names_in(folder: Path) -> list[str]:
    """What is in the folder of downloads, but for the lock."""
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def asked(httpserver) -> list[str]:
    return [request.path for request, _ in httpserver.log]


def moved(release: str, there: str, page: str) -> str:
    return f"{release} has moved: found {there} on {page}"


class Breaking(ThreadingHTTPServer):
    """A server of one zip that drops the connection after ``drops[n]`` bytes of its n-th answer (None: does not)."""

    daemon_threads = True

    def __init__(self, content: bytes, drops: list[int | None]) -> None:
        super().__init__(("127.0.0.1", 0), _BreakingHandler)
        self.content = content
        self.drops = drops
        self.etag: str | None = '"one"'
        self.date: str | None = None
        self.ranges = True
        self.obeys_if_range = True
        self.shift = 0  # how far off the asked start a 206 begins
        self.most = len(content)  # bytes in one 206
        self.stall = threading.Event()  # a dropping answer waits for it before it drops
        self.stall.set()
        self.asked: list[tuple[str | None, str | None]] = []  # Range and If-Range
        self.sent: list[tuple[int, int, int]] = []  # status, first byte, number of bytes

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/rvu26c.zip"


class _BreakingHandler(BaseHTTPRequestHandler):
    server: Breaking

    def log_message(self, *args):
        pass

    def do_GET(self):
        server = self.server
        span, condition = self.headers.get("Range"), self.headers.get("If-Range")
        server.asked.append((span, condition))
        drop = server.drops.pop(0) if server.drops else None
        if server.etag is not None and self.headers.get("If-None-Match") == server.etag:
            server.sent.append((304, 0, 0))
            self.send_response(304)
            self.end_headers()
            return
        fresh = not server.obeys_if_range or condition in (server.etag, server.date)
        start = int(span.removeprefix("bytes=").removesuffix("-")) if span and server.ranges and fresh else 0
        if start >= len(server.content):
            server.sent.append((416, 0, 0))
            self.send_response(416)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        start -= server.shift if start else 0
        content = server.content[start : start + server.most if start else None]
        # before the headers go: the other side may ask again as soon as it has them, and another thread answers
        server.sent.append((206 if start else 200, start, len(content[:drop])))
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{start + len(content) - 1}/{len(server.content)}")
        if server.ranges:
            self.send_header("Accept-Ranges", "bytes")
        if server.etag is not None:
            self.send_header("ETag", server.etag)
        if server.date is not None:
            self.send_header("Last-Modified", server.date)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        with suppress(OSError):  # the other side may be killed
            self.wfile.write(content[:drop])
            self.wfile.flush()
        if drop is not None:
            server.stall.wait(60)
