"""Files that are not where they were: found at another known address, on their page, under their plain name, or not."""

from datetime import date

import pytest
from ingest.fetch.serving import KNOWN, PAGE, ZIP, asked, moved, names_in

from feecalc.errors import DownloadError, UnreadableFile
from feecalc.ingest.fetch import origin
from feecalc.ingest.fetch.download import download_release
from feecalc.ingest.fetch.names import SeenAddress, latest_update, names_release, plain_address, update_day
from feecalc.ingest.fetch.origin import links_to_zip
from feecalc.ingest.fetch.search import MOST_TRIED


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
        "RVU24A", httpserver.url_for("/old.zip"), downloads, page=httpserver.url_for(PAGE), report=said.append
    )
    assert got.address == httpserver.url_for(there)
    assert said[-1] == moved("RVU24A", httpserver.url_for(there), httpserver.url_for(PAGE))
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
    assert len(text) < 900


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
    for html, link in (
        ('<a href="/license/ama?file=/files/zip/rvu26c.zip&amp;x=1">', "https://www.cms.gov/files/zip/rvu26c.zip"),
        ('<a href="rvu26c.zip#top">', "https://www.cms.gov/a/rvu26c.zip"),
        ('<base href="/z/"><a href="rvu26c%2D1.zip">', "https://www.cms.gov/z/rvu26c%2D1.zip"),
        ('<a href="http://[">  <a href="/rvu26c.zip">', "https://www.cms.gov/rvu26c.zip"),
        ('<link href="/rvu26c-1.zip"><a href="/%72vu26c.zip">', "https://www.cms.gov/%72vu26c.zip"),
        ('<a href="/rvu26c.zip"></a><![foo <a href="x">', "https://www.cms.gov/rvu26c.zip"),
    ):
        assert links_to_zip(html, page, "RVU26C") == [link]
    assert links_to_zip('<a href="http://www.cms.gov/rvu26c.zip">', page, "RVU26C") == []  # no way back from https


def test_of_several_links_the_latest_update_comes_first():
    def links(*names):
        html = "".join(f'<a href="/{name}">' for name in names)
        return [link.rpartition("/")[2] for link in links_to_zip(html, "https://www.cms.gov/a", "RVU26D")]

    plain, first, second = "rvu26d.zip", "rvu26d-updated-08-26-2026.zip", "rvu26d-updated-10-02-2026.zip"
    assert links(plain, first, second) == [second, plain, first]
    assert links(first, plain, first) == [first, plain]
    assert links("rvu26d-final.zip", first) == ["rvu26d-final.zip", first]  # which is the later is not told


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("rvu26d-updated-08-26-2026.zip", date(2026, 8, 26)),
        ("/files/zip/rvu26d-updated-08/26/2026.zip", date(2026, 8, 26)),
        ("RVU26D-posted-8-6-2026.ZIP", date(2026, 8, 6)),
        ("rvu26d-updated-08262026.zip", date(2026, 8, 26)),
        ("rvu26d-updated-8262026.zip", date(2026, 8, 26)),  # as CMS wrote rvu21c-updated-6302021.zip
        ("rvu26d-updated-1112026.zip", None),  # January 11 or November 1
        ("rvu26d-updated-13-40-2026.zip", None),
        ("rvu26d-updated.zip", None),
        ("rvu26d-08-26-2026.zip", None),  # a date that is not said to be an update's
        ("rvu26d.zip", None),
    ],
)
def test_the_day_of_an_update_is_in_the_name(name, day):
    assert update_day(name, "RVU26D") == day


def test_which_of_several_is_plainly_the_latest():
    old, new = "rvu26b-updated-03-10-2026.zip", "rvu26b-updated-05-01-2026.zip"
    assert latest_update([old, new, "RVU26B.zip"], "RVU26B") == new
    assert latest_update([old, new, "rvu26b (1).zip"], "RVU26B") is None
    assert latest_update(["rvu26b.zip"], "RVU26B") is None
    assert latest_update([new, "rvu26b-updated-05012026.zip"], "RVU26B") is None


def test_the_plain_name_stands_beside_the_others():
    cms = "https://www.cms.gov/files/zip"
    assert plain_address(f"{cms}/rvu25a-updated-01/10/2025.zip", "RVU25A") == f"{cms}/rvu25a.zip"
    assert plain_address(f"{cms}/rvu26b-updated-05-01-2026.zip?x=1", "RVU26B") == f"{cms}/rvu26b.zip"


FIRST, SECOND = "/files/zip/rvu26d-updated-08-26-2026.zip", "/files/zip/rvu26d-updated-10-02-2026.zip"
PLAIN_26D = "/files/zip/rvu26d.zip"
PAGE_26D = PAGE[:-6] + "rvu26d"


def fetched(httpserver, downloads, known, said=None):
    """RVU26D, seen at the addresses of ``known``, the first one named by third parties."""
    seen = [SeenAddress(httpserver.url_for(path), "named by", "third parties") for path in known]
    page = httpserver.url_for(PAGE_26D)
    say = [].append if said is None else said.append
    return download_release("RVU26D", seen[0].address, downloads, addresses=seen, page=page, report=say)


def test_every_known_address_is_tried_before_the_page(httpserver, downloads):
    httpserver.expect_request(PLAIN_26D).respond_with_data(ZIP)
    said = []
    got = fetched(httpserver, downloads, [SECOND, FIRST, PLAIN_26D], said)
    assert asked(httpserver) == [SECOND, FIRST, PLAIN_26D]
    assert got.address == httpserver.url_for(PLAIN_26D)
    at = httpserver.url_for
    assert said == [
        f"RVU26D: not at {at(SECOND)}: 404 NOT FOUND",
        f"RVU26D: trying {at(FIRST)} (named by third parties)",
        f"RVU26D: not at {at(FIRST)}: 404 NOT FOUND",
        f"RVU26D: trying {at(PLAIN_26D)} (named by third parties)",
    ]


def test_the_page_gives_the_name_of_the_update(httpserver, downloads):
    httpserver.expect_request(PAGE_26D).respond_with_data(f'<a href="{PLAIN_26D}">1</a> <a href="{SECOND}">2</a>')
    httpserver.expect_request(SECOND).respond_with_data(ZIP)
    said = []
    assert fetched(httpserver, downloads, [FIRST], said).address == httpserver.url_for(SECOND)
    assert asked(httpserver) == [FIRST, PAGE_26D, SECOND]
    assert said[1:] == [
        f"RVU26D: looking for a link on {httpserver.url_for(PAGE_26D)}",
        moved("RVU26D", httpserver.url_for(SECOND), httpserver.url_for(PAGE_26D)),
    ]


@pytest.mark.parametrize("page", [None, "", '<a href="/files/zip/rvu26c.zip">', (503, "")])
def test_the_plain_name_comes_last(httpserver, downloads, page):
    if page is not None:
        status, text = page if isinstance(page, tuple) else (200, page)
        httpserver.expect_request(PAGE_26D).respond_with_data(text, status=status)
    httpserver.expect_request(PLAIN_26D).respond_with_data(ZIP)
    said = []
    assert fetched(httpserver, downloads, [FIRST], said).address == httpserver.url_for(PLAIN_26D)
    assert list(dict.fromkeys(asked(httpserver))) == [FIRST, PAGE_26D, PLAIN_26D]
    assert said[-1] == f"RVU26D: trying {httpserver.url_for(PLAIN_26D)} (its plain name)"


def test_when_all_fail_each_attempt_is_in_the_error(httpserver, downloads):
    httpserver.expect_request(PAGE_26D).respond_with_data(f'<a href="{SECOND}">2</a>')
    said, at = [], httpserver.url_for
    with pytest.raises(DownloadError) as caught:
        fetched(httpserver, downloads, [FIRST], said)
    assert str(caught.value) == (
        "RVU26D was not found. Tried:\n"
        f"  {at(FIRST)}: 404 NOT FOUND (named by third parties)\n"
        f"  {at(SECOND)}: 404 NOT FOUND (found on {at(PAGE_26D)})\n"
        f"  {at(PLAIN_26D)}: 404 NOT FOUND (its plain name)\n"
        f"Download it in a browser from {at(PAGE_26D)}, then run: feecalc build FILE"
    )
    assert asked(httpserver) == [FIRST, PAGE_26D, SECOND, PLAIN_26D]
    assert [line for line in said if "not at" in line] == [
        f"RVU26D: not at {at(path)}: 404 NOT FOUND" for path in (FIRST, SECOND, PLAIN_26D)
    ]


def test_a_failure_on_the_way_names_what_was_tried_before(httpserver, downloads):
    httpserver.expect_request(PLAIN_26D).respond_with_data("", status=503)
    with pytest.raises(DownloadError) as caught:
        fetched(httpserver, downloads, [FIRST, PLAIN_26D])
    text = str(caught.value)
    assert text.startswith(f"{httpserver.url_for(PLAIN_26D)}: 503")
    assert text.endswith(f"Tried before:\n  {httpserver.url_for(FIRST)}: 404 NOT FOUND (named by third parties)")


def test_no_more_than_so_many_are_tried(httpserver, downloads):
    known = [f"/files/zip/rvu26d-updated-01-{day:02}-2026.zip" for day in range(1, 31)]
    with pytest.raises(DownloadError, match=f"No more than {MOST_TRIED} addresses are tried"):
        fetched(httpserver, downloads, known)
    assert asked(httpserver) == known[:MOST_TRIED]
