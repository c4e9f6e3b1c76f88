"""Downloads of one address against a real local server: conditions, refusals, redirects, what is no zip."""

import hashlib
import io
import json
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from ingest.fetch.serving import CMS, KNOWN, PAGE, REPOSITORY, ZIP, a_zip, asked, names_in
from werkzeug import Request, Response

from feecalc.errors import DownloadError, InvalidValue, UnreadableFile
from feecalc.ingest.fetch import download, origin
from feecalc.ingest.fetch.download import download_release


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
        origin.open_response(Redirected(), CMS + KNOWN, {}),
    ):
        pass
    with origin.open_response(Redirected(), "http://www.cms.gov" + KNOWN, {}) as response:
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


def test_the_import_is_cheap():
    script = "import feecalc.ingest.fetch.download, sys; assert 'requests' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, check=True)
