"""Downloads against real local servers: moved files, broken transfers, killed and competing processes."""

import hashlib
import io
import json
import random
import subprocess
import sys
import threading
import time
import zipfile
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
from werkzeug import Request, Response

from feecalc.errors import DownloadError, InvalidValue, StoreError, UnreadableFile
from feecalc.ingest.fetch import download, landing, origin
from feecalc.ingest.fetch.download import download_release
from feecalc.ingest.fetch.origin import link_to_zip, names_release, place_of

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


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(origin, "BACKOFF", 0.0)
    monkeypatch.setattr(origin, "LONGEST_WAIT", 0.01)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


@pytest.fixture
def downloads(tmp_path):
    return tmp_path / "downloads"


def names_in(folder: Path) -> list[str]:
    """What is in the folder of downloads, but for the lock."""
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def asked(httpserver) -> list[str]:
    return [request.path for request, _ in httpserver.log]


def moved(release: str, there: str, page: str) -> str:
    return f"{release} has moved: found {there} on {page}"


# --- one address --------------------------------------------------------------------------------------------------


def test_a_plain_download(httpserver, downloads):
    httpserver.expect_request(KNOWN).respond_with_data(
        ZIP, headers={"ETag": '"one"', "Last-Modified": "Tue, 30 Jun 2026 12:00:00 GMT"}
    )
    address = httpserver.url_for(KNOWN)
    got = download_release("RVU26C", address, downloads)
    assert got.path == downloads / "RVU26C.zip"
    assert got.path.read_bytes() == ZIP
    assert got.sha256 == hashlib.sha256(ZIP).hexdigest()
    assert (got.address, got.etag, got.last_modified) == (address, '"one"', "Tue, 30 Jun 2026 12:00:00 GMT")
    assert got.retrieved.endswith("+00:00")
    assert not got.from_cache
    assert names_in(downloads) == ["RVU26C.json", "RVU26C.zip"]
    record = json.loads((downloads / "RVU26C.json").read_text())
    assert record == {
        "address": address,
        "etag": '"one"',
        "last_modified": "Tue, 30 Jun 2026 12:00:00 GMT",
        "sha256": got.sha256,
        "retrieved": got.retrieved,
        "size": len(ZIP),
    }
    headers = httpserver.log[0][0].headers
    assert headers["User-Agent"].startswith("feecalc/")
    assert headers["Accept-Encoding"] == "identity"
    assert "If-None-Match" not in headers


def conditional(content: bytes, etag: str):
    def answer(request: Request) -> Response:
        if request.headers.get("If-None-Match") == etag:
            return Response(status=304, headers={"ETag": etag})
        return Response(content, headers={"ETag": etag}, content_type="application/zip")

    return answer


def test_an_unchanged_file_is_not_sent_again(httpserver, downloads):
    httpserver.expect_request(KNOWN).respond_with_handler(conditional(ZIP, '"one"'))
    first = download_release("RVU26C", httpserver.url_for(KNOWN), downloads)
    second = download_release("RVU26C", httpserver.url_for(KNOWN), downloads)
    assert [response.status_code for _, response in httpserver.log] == [200, 304]
    assert second.from_cache
    assert (second.sha256, second.retrieved, second.address) == (first.sha256, first.retrieved, first.address)


def test_the_date_alone_makes_a_condition_too(httpserver, downloads):
    date = "Tue, 30 Jun 2026 12:00:00 GMT"

    def answer(request: Request) -> Response:
        status = 304 if request.headers.get("If-Modified-Since") == date else 200
        return Response(b"" if status == 304 else ZIP, status=status, headers={"Last-Modified": date})

    httpserver.expect_request(KNOWN).respond_with_handler(answer)
    download_release("RVU26C", httpserver.url_for(KNOWN), downloads)
    assert download_release("RVU26C", httpserver.url_for(KNOWN), downloads).from_cache
    assert [response.status_code for _, response in httpserver.log] == [200, 304]


def test_a_changed_file_replaces_the_old_one(httpserver, downloads):
    httpserver.expect_ordered_request(KNOWN).respond_with_handler(conditional(ZIP, '"one"'))
    httpserver.expect_ordered_request(KNOWN).respond_with_handler(conditional(a_zip(2), '"two"'))
    download_release("RVU26C", httpserver.url_for(KNOWN), downloads)
    got = download_release("RVU26C", httpserver.url_for(KNOWN), downloads)
    assert not got.from_cache
    assert got.path.read_bytes() == a_zip(2)


def test_the_same_bytes_sent_again_are_from_cache(httpserver, downloads):
    httpserver.expect_request(KNOWN).respond_with_data(ZIP)
    assert not download_release("RVU26C", httpserver.url_for(KNOWN), downloads).from_cache
    assert download_release("RVU26C", httpserver.url_for(KNOWN), downloads).from_cache


@pytest.mark.parametrize("spoil", ["zip", "record", "no record"])
def test_a_zip_that_is_not_the_recorded_one_is_fetched_again(httpserver, downloads, spoil):
    httpserver.expect_request(KNOWN).respond_with_handler(conditional(ZIP, '"one"'))
    download_release("RVU26C", httpserver.url_for(KNOWN), downloads)
    if spoil == "zip":
        (downloads / "RVU26C.zip").write_bytes(ZIP[:-1] + b"x")
    elif spoil == "record":
        (downloads / "RVU26C.json").write_text("{")
    else:
        (downloads / "RVU26C.json").unlink()
    got = download_release("RVU26C", httpserver.url_for(KNOWN), downloads)
    assert not got.from_cache
    assert got.path.read_bytes() == ZIP


def test_a_refusal_that_passes_is_retried(httpserver, downloads):
    for status in (503, 429, 500):
        httpserver.expect_ordered_request(KNOWN).respond_with_data("", status=status, headers={"Retry-After": "3600"})
    httpserver.expect_ordered_request(KNOWN).respond_with_data(ZIP)
    started = time.monotonic()
    assert download_release("RVU26C", httpserver.url_for(KNOWN), downloads).path.read_bytes() == ZIP
    assert len(httpserver.log) == 4
    assert time.monotonic() - started < 60  # an hour was asked for


def test_a_refusal_that_stays_is_given_up(httpserver, downloads):
    httpserver.expect_request(KNOWN).respond_with_data("", status=503)
    with pytest.raises(DownloadError, match=r"503.*feecalc build FILE"):
        download_release("RVU26C", httpserver.url_for(KNOWN), downloads, page=httpserver.url_for(PAGE))
    assert asked(httpserver) == [KNOWN] * (1 + origin.RETRIES)
    assert names_in(downloads) == []


def test_nobody_at_the_address(downloads):
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        port = server.server_port
    with pytest.raises(DownloadError, match="refused") as caught:
        download_release("RVU26C", f"http://127.0.0.1:{port}/rvu26c.zip", downloads)
    assert str(caught.value).startswith(f"http://127.0.0.1:{port}/rvu26c.zip: Failed to establish a new connection: ")


def test_an_address_that_is_none(downloads):
    with pytest.raises(DownloadError, match="ftp"):
        download_release("RVU26C", "ftp://example.org/rvu26c.zip", downloads)
    with pytest.raises(InvalidValue, match="not a release name"):
        download_release("../RVU26C", "http://127.0.0.1/rvu26c.zip", downloads)


def test_a_redirect_is_followed_but_not_out_of_https(httpserver, downloads):
    httpserver.expect_request(KNOWN).respond_with_data("", status=302, headers={"Location": "/elsewhere.zip"})
    httpserver.expect_request("/elsewhere.zip").respond_with_data(ZIP)
    assert download_release("RVU26C", httpserver.url_for(KNOWN), downloads).address == httpserver.url_for(KNOWN)

    class Redirected:
        def get(self, address: str, **settings: object) -> requests.Response:
            response = requests.Response()
            response.status_code, response.url, response.raw = 200, address.replace("https:", "http:"), io.BytesIO(ZIP)
            return response

    with (
        pytest.raises(DownloadError, match=r"from https to http://www\.cms\.gov"),
        origin.ask(Redirected(), CMS + KNOWN, {}),
    ):
        pass
    with origin.ask(Redirected(), "http://www.cms.gov" + KNOWN, {}) as response:
        assert response.status_code == 200


def test_a_file_that_is_no_zip(httpserver, downloads):
    httpserver.expect_request(KNOWN).respond_with_data(b"%PDF-1.7 ...", content_type="application/zip")
    with pytest.raises(UnreadableFile, match=rf"{KNOWN}: a PDF"):
        download_release("RVU26C", httpserver.url_for(KNOWN), downloads)
    assert names_in(downloads) == []


def test_a_zip_cut_short_by_the_server_itself_does_not_replace_the_old(httpserver, downloads):
    httpserver.expect_ordered_request(KNOWN).respond_with_data(ZIP)
    httpserver.expect_ordered_request(KNOWN).respond_with_data(ZIP[:-100])
    download_release("RVU26C", httpserver.url_for(KNOWN), downloads)
    with pytest.raises(UnreadableFile, match="cut short"):
        download_release("RVU26C", httpserver.url_for(KNOWN), downloads)
    assert (downloads / "RVU26C.zip").read_bytes() == ZIP
    assert names_in(downloads) == ["RVU26C.json", "RVU26C.zip"]


@pytest.mark.parametrize("announced", [True, False])
def test_a_file_too_large_is_refused(httpserver, downloads, monkeypatch, announced):
    monkeypatch.setattr(download, "MOST_BYTES", 100_000)
    pieces = ZIP if announced else (ZIP[at : at + 10_000] for at in range(0, len(ZIP), 10_000))
    httpserver.expect_request(KNOWN).respond_with_handler(lambda request: Response(pieces))
    told = []
    with pytest.raises(DownloadError, match=rf"{KNOWN}: more than the 100,000 bytes"):
        download_release("RVU26C", httpserver.url_for(KNOWN), downloads, progress=lambda done, total: told.append(done))
    assert max(told) <= (0 if announced else 100_000)
    assert names_in(downloads) == []


def test_progress_grows_to_the_total(httpserver, downloads):
    httpserver.expect_request(KNOWN).respond_with_data(ZIP)
    told = []
    download_release("RVU26C", httpserver.url_for(KNOWN), downloads, progress=lambda *told_now: told.append(told_now))
    assert {total for _, total in told} == {len(ZIP)}
    done = [done for done, _ in told]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, len(ZIP))
    assert len(done) > 3


# --- moved files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [404, 410, 403])
def test_a_moved_file_is_found_on_the_page(httpserver, downloads, status):
    there = "/files/zip/rvu24a-updated-07/01/2026.zip"
    httpserver.expect_request("/old.zip").respond_with_data("", status=status)
    httpserver.expect_request(PAGE).respond_with_data(
        '<p><a href="/files/zip/rvu24ar-posted-04/01/2024.zip">RVU24AR</a> <a name="x">rvu24a.zip</a>'
        '<a href="/files/rvu24a.pdf">pdf</a> <!-- <a href="/rvu24a-old.zip"> -->'
        '<a href="mailto:rvu24a.zip">mail</a>'
        f'<A class="x" HREF="{there}">RVU24A</A> <a href="/files/zip/rvu24a-second.zip">again</a>',
        content_type="text/html",
    )
    httpserver.expect_request(there).respond_with_data(ZIP)
    said = []
    got = download_release(
        "RVU24A", httpserver.url_for("/old.zip"), downloads, page=httpserver.url_for(PAGE), say=said.append
    )
    assert got.address == httpserver.url_for(there)
    assert said == [moved("RVU24A", httpserver.url_for(there), httpserver.url_for(PAGE))]
    assert asked(httpserver) == ["/old.zip", PAGE, there]


def test_an_html_page_in_place_of_the_zip_sends_to_the_page(httpserver, downloads):
    httpserver.expect_request(KNOWN).respond_with_data("<!DOCTYPE html><title>Home</title>", content_type="text/html")
    httpserver.expect_request(PAGE).respond_with_data('<a href="../rvu26c-2.zip">', content_type="text/html")
    there = "/medicare/payment/fee-schedules/physician/rvu26c-2.zip"
    httpserver.expect_request(there).respond_with_data(ZIP)
    got = download_release("RVU26C", httpserver.url_for(KNOWN), downloads, page=httpserver.url_for(PAGE))
    assert got.address == httpserver.url_for(there)
    assert names_in(downloads) == ["RVU26C.json", "RVU26C.zip"]


def test_html_everywhere_is_named(httpserver, downloads):
    httpserver.expect_request(KNOWN).respond_with_data(
        f"<html><title>Page not\n found | CMS {'x' * 500}</title>", content_type="text/html"
    )
    httpserver.expect_request(PAGE).respond_with_data("<p>nothing", content_type="text/html")
    with pytest.raises(UnreadableFile) as caught:
        download_release("RVU26C", httpserver.url_for(KNOWN), downloads, page=httpserver.url_for(PAGE))
    text = str(caught.value)
    assert f"{httpserver.url_for(KNOWN)}: an HTML page titled 'Page not found | CMS xx" in text
    assert f"{httpserver.url_for(PAGE)}: a page without a link to a zip named rvu26c" in text
    assert "feecalc build FILE" in text
    assert len(text) < 800


def test_found_nowhere_names_what_was_tried(httpserver, downloads):
    httpserver.expect_request(KNOWN).respond_with_data("", status=404)
    httpserver.expect_request(PAGE).respond_with_data("", status=410)
    with pytest.raises(DownloadError) as caught:
        download_release("RVU26C", httpserver.url_for(KNOWN), downloads, page=httpserver.url_for(PAGE))
    text = str(caught.value)
    assert f"{httpserver.url_for(KNOWN)}: 404" in text
    assert f"{httpserver.url_for(PAGE)}: 410" in text
    assert "feecalc build FILE" in text


def test_only_so_much_of_a_page_is_read(httpserver, downloads, monkeypatch):
    monkeypatch.setattr(origin, "MOST_PAGE_BYTES", 1000)
    httpserver.expect_request(KNOWN).respond_with_data("", status=404)
    httpserver.expect_request(PAGE).respond_with_data(" " * 1000 + '<a href="/rvu26c.zip">')
    with pytest.raises(DownloadError, match="without a link"):
        download_release("RVU26C", httpserver.url_for(KNOWN), downloads, page=httpserver.url_for(PAGE))


@pytest.mark.parametrize(
    ("path", "release", "named"),
    [
        ("/files/zip/rvu24a.zip", "RVU24A", True),
        ("/files/zip/RVU24A-updated-04/01/2024.ZIP", "RVU24A", True),
        ("/downloads/rvu12b-.zip", "RVU12B", True),
        ("/downloads/RVU10C_PCT0.zip", "RVU10C_PCT0", True),
        ("rvu26c (1).zip", "RVU26C", True),
        ("/files/zip/rvu24ar.zip", "RVU24A", False),
        ("/files/zip/rvu24ar-posted-04/01/2024.zip", "RVU24A", False),
        ("/files/zip/rvu24a.zip", "RVU24AR", False),
        ("/downloads/RVU10C_PCT0.zip", "RVU10C", False),
        ("/rvu26c/rvu26cr.zip", "RVU26C", False),
        ("/xrvu26c.zip", "RVU26C", False),
        ("/rvu26c.zip.html", "RVU26C", False),
    ],
)
def test_a_name_is_one_releases_own(path, release, named):
    assert names_release(path, release) is named


def test_links_of_a_page():
    page = "https://www.cms.gov/a/b"
    wrapped = '<a href="/license/ama?file=/files/zip/rvu26c.zip&amp;x=1">'
    assert link_to_zip(wrapped, page, "RVU26C") == "https://www.cms.gov/files/zip/rvu26c.zip"
    assert link_to_zip('<a href="rvu26c.zip#top">', page, "RVU26C") == "https://www.cms.gov/a/rvu26c.zip"
    assert (
        link_to_zip('<base href="/z/"><a href="rvu26c%2D1.zip">', page, "RVU26C")
        == "https://www.cms.gov/z/rvu26c%2D1.zip"
    )
    assert link_to_zip('<a href="http://www.cms.gov/rvu26c.zip">', page, "RVU26C") is None  # no way back from https
    assert (
        link_to_zip('<a href="http://[">  <a href="/rvu26c.zip">', page, "RVU26C") == "https://www.cms.gov/rvu26c.zip"
    )
    assert link_to_zip('<link href="/rvu26c-1.zip"><a href="/%72vu26c.zip">', page, "RVU26C") == (
        "https://www.cms.gov/%72vu26c.zip"
    )
    assert (
        link_to_zip('<a href="/rvu26c.zip"></a><![foo <a href="x">', page, "RVU26C") == "https://www.cms.gov/rvu26c.zip"
    )


# --- another origin -----------------------------------------------------------------------------------------------


def test_a_mirror_with_the_paths_of_cms(httpserver, downloads):
    httpserver.expect_request("/mirror" + KNOWN).respond_with_data(ZIP)
    got = download_release("RVU26C", CMS + KNOWN, downloads, origin=httpserver.url_for("/mirror/"))
    assert got.address == httpserver.url_for("/mirror" + KNOWN)


def test_a_mirror_is_tried_in_order(httpserver, downloads):
    with pytest.raises(DownloadError, match=r"rvu26c\.zip: 500"):  # pytest-httpserver's answer to what is not expected
        download_release("RVU26C", CMS + "/rvu26c.zip", downloads, origin=httpserver.url_for("/"))
    httpserver.clear()
    for path in ("/m" + KNOWN, "/m/rvu26c.zip", "/m" + PAGE):
        httpserver.expect_request(path).respond_with_data("", status=404)
    httpserver.expect_request("/m/").respond_with_data('<a href="rvu26cr.zip"><a href="rvu26c-updated.zip">')
    httpserver.expect_request("/m/rvu26c-updated.zip").respond_with_data(ZIP)
    said = []
    address = httpserver.url_for("/m")
    got = download_release("RVU26C", CMS + KNOWN, downloads, origin=address, page=CMS + PAGE, say=said.append)
    assert asked(httpserver) == ["/m" + KNOWN, "/m/rvu26c.zip", "/m" + PAGE, "/m/", "/m/rvu26c-updated.zip"]
    assert got.address == httpserver.url_for("/m/rvu26c-updated.zip")
    assert said == [moved("RVU26C", got.address, address + "/")]


def test_a_copied_page_does_not_lead_off_the_mirror(httpserver, downloads):
    for path in ("/m" + KNOWN, "/m/rvu26c.zip"):
        httpserver.expect_request(path).respond_with_data("", status=404)
    httpserver.expect_request("/m" + PAGE).respond_with_data(f'<a href="{CMS}/files/zip/rvu26c-2.zip">')
    httpserver.expect_request("/m/files/zip/rvu26c-2.zip").respond_with_data(ZIP)
    got = download_release("RVU26C", CMS + KNOWN, downloads, origin=httpserver.url_for("/m"), page=CMS + PAGE)
    assert got.address == httpserver.url_for("/m/files/zip/rvu26c-2.zip")


def test_a_password_in_a_mirrors_address_is_used_and_not_kept(httpserver, downloads):
    httpserver.expect_request(KNOWN, headers={"Authorization": "Basic bWU6c2VjcmV0"}).respond_with_data(ZIP)
    base = httpserver.url_for("").replace("://", "://me:secret@")
    got = download_release("RVU26C", CMS + KNOWN, downloads, origin=base)
    assert got.address == httpserver.url_for(KNOWN)
    assert "secret" not in (downloads / "RVU26C.json").read_text()


@pytest.mark.parametrize("text", ["ftp://example.org/cms", "file:///tmp", "http://", "no/such/folder", "example.org"])
def test_an_origin_that_is_none(text):
    with pytest.raises(InvalidValue, match="http"):
        place_of(text)


def test_a_folder(tmp_path, downloads):
    folder = tmp_path / "zips"
    folder.mkdir()
    (folder / "rvu26cr.zip").write_bytes(a_zip(3))
    with pytest.raises(DownloadError, match=r"no rvu26c\.zip in .*feecalc build FILE"):
        download_release("RVU26C", CMS + KNOWN, downloads, origin=str(folder))
    (folder / "rvu26c-updated-06-30-2026.zip").write_bytes(ZIP)
    told = []
    got = download_release("RVU26C", CMS + KNOWN, downloads, origin=str(folder), progress=lambda *now: told.append(now))
    assert got.path.read_bytes() == ZIP
    assert got.address == (folder / "rvu26c-updated-06-30-2026.zip").as_uri()
    assert told == sorted(told)
    assert told[-1] == (len(ZIP), len(ZIP))
    assert not got.from_cache
    assert download_release("RVU26C", CMS + KNOWN, downloads, origin=str(folder)).from_cache
    (folder / "RVU26C-2.zip").write_bytes(ZIP)
    with pytest.raises(DownloadError, match="several zips"):
        download_release("RVU26C", CMS + KNOWN, downloads, origin=str(folder))
    (folder / "RVU26C.ZIP").write_bytes(a_zip(4))
    assert download_release("RVU26C", CMS + KNOWN, downloads, origin=str(folder)).path.read_bytes() == a_zip(4)
    (folder / "RVU26C.ZIP").write_text("<html><title>Oh</title>")
    with pytest.raises(UnreadableFile, match="an HTML page titled 'Oh'"):
        download_release("RVU26C", CMS + KNOWN, downloads, origin=str(folder))
    assert (downloads / "RVU26C.zip").read_bytes() == a_zip(4)
    assert names_in(downloads) == ["RVU26C.json", "RVU26C.zip"]


@pytest.mark.skipif(not CMS_ZIPS.is_dir(), reason="needs CMS's own zips in ../shared/cms")
def test_cms_own_zips_from_a_folder_and_from_a_mirror(httpserver, tmp_path):
    for release in ("RVU24A", "RVU24AR", "RVU25D", "RVU26C"):
        content = (CMS_ZIPS / f"{release.lower()}.zip").read_bytes()
        httpserver.expect_request(f"/{release.lower()}.zip").respond_with_data(content)
        httpserver.expect_request("/gone.zip").respond_with_data("", status=404)
        copied = download_release(release, CMS + "/gone.zip", tmp_path / "copied", origin=str(CMS_ZIPS))
        fetched = download_release(release, CMS + "/gone.zip", tmp_path / "fetched", origin=httpserver.url_for(""))
        assert copied.sha256 == fetched.sha256 == hashlib.sha256(content).hexdigest()


# --- broken transfers ---------------------------------------------------------------------------------------------


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
        content = content[:drop]
        server.sent.append((206 if start else 200, start, len(content)))
        with suppress(OSError):  # the other side may be killed
            self.wfile.write(content)
            self.wfile.flush()
        if drop is not None:
            server.stall.wait(60)


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


DATE = "Tue, 30 Jun 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("settings", "validator"),
    [({}, '"one"'), ({"etag": None, "date": DATE}, DATE), ({"etag": 'W/"one"', "date": DATE}, DATE)],
)
def test_a_broken_transfer_goes_on_where_it_stopped(breaking, downloads, settings, validator):
    server = breaking(ZIP, [DROP, DROP // 2, None], **settings)
    told = []
    got = download_release("RVU26C", server.address, downloads, progress=lambda *now: told.append(now))
    assert got.path.read_bytes() == ZIP
    assert server.asked == [(None, None), (f"bytes={DROP}-", validator), (f"bytes={DROP + DROP // 2}-", validator)]
    assert sum(count for _, _, count in server.sent) == len(ZIP)  # no byte was sent twice
    done = [done for done, _ in told]
    assert done == sorted(done)
    assert done[-1] == len(ZIP)
    assert {total for _, total in told} == {len(ZIP)}
    assert names_in(downloads) == ["RVU26C.json", "RVU26C.zip"]


@pytest.mark.parametrize("settings", [{"ranges": False}, {"etag": None}, {"etag": 'W/"one"'}])
def test_without_ranges_or_a_validator_it_starts_again(breaking, downloads, settings):
    server = breaking(ZIP, [DROP, None], **settings)
    assert download_release("RVU26C", server.address, downloads).path.read_bytes() == ZIP
    assert server.asked == [(None, None), (None, None)]


def test_a_range_that_is_ignored_starts_again(breaking, downloads):
    server = breaking(ZIP, [DROP, None])

    def forget_ranges(done: int, total: int | None) -> None:
        server.ranges = done == 0

    got = download_release("RVU26C", server.address, downloads, progress=forget_ranges)
    assert got.path.read_bytes() == ZIP
    assert server.asked[1] == (f"bytes={DROP}-", '"one"')
    assert [status for status, _, _ in server.sent] == [200, 200]


@pytest.mark.parametrize("obeys", [True, False])
def test_a_file_that_changed_meanwhile_is_taken_whole(breaking, downloads, obeys):
    server = breaking(ZIP, [DROP, None], obeys_if_range=obeys)

    def change(done: int, total: int | None) -> None:
        if done:
            server.content, server.etag = a_zip(2), '"two"'

    got = download_release("RVU26C", server.address, downloads, progress=change)
    assert got.path.read_bytes() == a_zip(2)
    assert got.etag == '"two"'
    assert [status for status, _, _ in server.sent] == ([200, 200] if obeys else [200, 206, 200])


@pytest.mark.parametrize("shift", [10, -10])
def test_an_answer_to_another_range_is_not_taken(breaking, downloads, shift):
    server = breaking(ZIP, [DROP, None, None], shift=shift)
    assert download_release("RVU26C", server.address, downloads).path.read_bytes() == ZIP
    assert [(status, first) for status, first, _ in server.sent] == [(200, 0), (206, DROP - shift), (200, 0)]


def test_a_range_answered_in_part_goes_on(breaking, downloads):
    server = breaking(ZIP, [DROP], most=DROP)
    assert download_release("RVU26C", server.address, downloads).path.read_bytes() == ZIP
    assert [first for _, first, _ in server.sent] == list(range(0, len(ZIP), DROP))


def test_a_part_longer_than_the_file_is_thrown_away(breaking, downloads):
    server = breaking(ZIP, [])
    with pytest.raises(DownloadError):
        _short_lived(server, downloads)
    with (downloads / "RVU26C.zip.part").open("ab") as part:
        part.write(b"x" * len(ZIP))
    server.drops = []
    assert download_release("RVU26C", server.address, downloads).path.read_bytes() == ZIP
    assert [status for status, _, _ in server.sent][-2:] == [416, 200]


def _short_lived(server: Breaking, downloads: Path) -> None:
    """One run whose every transfer drops at once after the first."""
    server.drops = [DROP] + [0] * download.RESUMES
    download_release("RVU26C", server.address, downloads)


def test_it_gives_up_and_the_next_run_goes_on(breaking, downloads):
    server = breaking(ZIP, [])
    with pytest.raises(DownloadError, match=r"broke off 6 times, last with .*feecalc build FILE"):
        _short_lived(server, downloads)
    assert len(server.asked) == 1 + download.RESUMES
    assert names_in(downloads) == ["RVU26C.zip.part", "RVU26C.zip.part.json"]
    assert download_release("RVU26C", server.address, downloads).path.read_bytes() == ZIP
    assert server.sent[-1] == (206, DROP, len(ZIP) - DROP)
    assert names_in(downloads) == ["RVU26C.json", "RVU26C.zip"]


def test_a_part_that_cannot_be_gone_on_with_is_not_left(breaking, downloads):
    server = breaking(ZIP, [DROP] * 6, ranges=False)
    with pytest.raises(DownloadError, match="broke off 6 times"):
        download_release("RVU26C", server.address, downloads)
    assert names_in(downloads) == []


def test_a_part_of_another_address_is_not_gone_on_with(breaking, downloads):
    first, second = breaking(ZIP, []), breaking(a_zip(2), [])
    with pytest.raises(DownloadError):
        _short_lived(first, downloads)
    assert download_release("RVU26C", second.address, downloads).path.read_bytes() == a_zip(2)
    assert second.asked == [(None, None)]


# --- processes ----------------------------------------------------------------------------------------------------

RUN = """
import functools, sys
from pathlib import Path
from feecalc.ingest.fetch.download import download_release
say = functools.partial(print, flush=True)
got = download_release("RVU26C", sys.argv[1], Path(sys.argv[2]), say=say)
print(got.sha256, got.from_cache)
"""


def start_process(address: str, downloads: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", RUN, address, str(downloads)]
    return subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def until_begun(process: subprocess.Popen[str], part: Path) -> None:
    """Wait until the process has written some of the part."""
    deadline = time.monotonic() + 60
    while not part.exists() or part.stat().st_size < DROP // 2:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_killed_process_leaves_nothing_half_done(breaking, downloads):
    server = breaking(ZIP, [DROP])
    server.stall.clear()
    process = start_process(server.address, downloads)
    part = downloads / "RVU26C.zip.part"
    try:
        until_begun(process, part)
    finally:
        process.kill()
        process.communicate()
    assert names_in(downloads) == ["RVU26C.zip.part", "RVU26C.zip.part.json"]
    kept = part.stat().st_size
    assert download_release("RVU26C", server.address, downloads).path.read_bytes() == ZIP
    assert server.sent[-1] == (206, kept, len(ZIP) - kept)


def test_two_processes_fetch_it_once(breaking, downloads):
    server = breaking(ZIP, [DROP])
    server.stall.clear()
    processes = [start_process(server.address, downloads)]
    try:
        until_begun(processes[0], downloads / "RVU26C.zip.part")
        processes.append(start_process(server.address, downloads))
        said = processes[1].stdout.readline()
        assert said == "another feecalc is fetching RVU26C.zip: waiting for it\n"
        server.stall.set()
        outputs = [process.communicate(timeout=60) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    sha256 = hashlib.sha256(ZIP).hexdigest()
    assert [out for out, _ in outputs] == [f"{sha256} False\n", f"{sha256} True\n"], outputs
    assert [status for status, _, _ in server.sent] == [200, 206, 304]
    assert (downloads / "RVU26C.zip").read_bytes() == ZIP
    assert names_in(downloads) == ["RVU26C.json", "RVU26C.zip"]


def test_waiting_for_another_process_has_an_end(httpserver, downloads, monkeypatch):
    monkeypatch.setattr(landing, "LOCK_WAIT", 0.2)
    downloads.mkdir()
    with (
        landing.alone(landing.Files(downloads, "RVU26C"), print),
        pytest.raises(DownloadError, match="another process still fetches"),
    ):
        download_release("RVU26C", httpserver.url_for(KNOWN), downloads)
    assert not httpserver.log


# --- the disk -----------------------------------------------------------------------------------------------------


def test_a_folder_that_cannot_be_written(httpserver, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"file.*: Not a directory"):
        download_release("RVU26C", httpserver.url_for(KNOWN), tmp_path / "file" / "downloads")
    assert not httpserver.log


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full to write to")
def test_a_full_disk(httpserver, downloads):
    httpserver.expect_request(KNOWN).respond_with_data(ZIP)
    downloads.mkdir()
    (downloads / "RVU26C.zip.part").symlink_to("/dev/full")
    with pytest.raises(StoreError, match=r"downloads.*: No space left on device"):
        download_release("RVU26C", httpserver.url_for(KNOWN), downloads)
    assert names_in(downloads) == []


def test_a_name_that_is_taken_by_a_folder(httpserver, downloads):
    httpserver.expect_request(KNOWN).respond_with_data(ZIP)
    (downloads / "RVU26C.zip").mkdir(parents=True)
    with pytest.raises(StoreError, match=r"RVU26C\.zip.*: Is a directory"):
        download_release("RVU26C", httpserver.url_for(KNOWN), downloads)
    assert names_in(downloads) == ["RVU26C.zip"]


def test_the_import_is_cheap():
    script = "import feecalc.ingest.fetch.download, sys; assert 'requests' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, check=True)
