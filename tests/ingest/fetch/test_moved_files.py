"""Files that are not where they were: found on their page, or said with what was tried."""

import pytest
from ingest.fetch.serving import KNOWN, PAGE, ZIP, asked, moved, names_in

from feecalc.errors import DownloadError, UnreadableFile
from feecalc.ingest.fetch import origin
from feecalc.ingest.fetch.download import download_release
from feecalc.ingest.fetch.origin import link_to_zip, names_release


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
