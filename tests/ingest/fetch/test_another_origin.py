"""Mirrors and folders in place of CMS."""

import hashlib

import pytest
from ingest.fetch.serving import CMS, CMS_ZIPS, KNOWN, PAGE, ZIP, a_zip, asked, moved, names_in

from feecalc.errors import DownloadError, InvalidValue, UnreadableFile
from feecalc.ingest.fetch.download import download_release
from feecalc.ingest.fetch.names import SeenAddress
from feecalc.ingest.fetch.origin import place_of


def test_a_mirror_with_the_paths_of_cms(httpserver, downloads):
    httpserver.expect_request("/mirror" + KNOWN).respond_with_data(ZIP)
    got = download_release("RVU26C", CMS + KNOWN, downloads, origin=httpserver.url_for("/mirror/"))
    assert got.address == httpserver.url_for("/mirror" + KNOWN)


def test_a_mirror_is_tried_in_order(httpserver, downloads):
    httpserver.expect_request("/rvu26c.zip").respond_with_data("", status=500)
    with pytest.raises(DownloadError, match=r"rvu26c\.zip: 500"):  # a server that fails is not asked for other names
        download_release("RVU26C", CMS + "/rvu26c.zip", downloads, origin=httpserver.url_for("/"))
    httpserver.clear()
    httpserver.no_handler_status_code = 404
    httpserver.expect_request("/m/").respond_with_data('<a href="rvu26cr.zip"><a href="rvu26c-updated.zip">')
    httpserver.expect_request("/m/rvu26c-updated.zip").respond_with_data(ZIP)
    said = []
    address = httpserver.url_for("/m")
    got = download_release("RVU26C", CMS + KNOWN, downloads, origin=address, page=CMS + PAGE, report=said.append)
    at_root = "/m/rvu26c-updated-06-30-2026.zip"
    assert asked(httpserver) == ["/m" + KNOWN, at_root, "/m/rvu26c.zip", "/m" + PAGE, "/m/", "/m/rvu26c-updated.zip"]
    assert got.address == httpserver.url_for("/m/rvu26c-updated.zip")
    assert said[-1] == moved("RVU26C", got.address, address + "/")
    assert f"RVU26C: trying {httpserver.url_for(at_root)} (CMS's name at the mirror's root)" in said


def test_a_mirror_has_the_names_of_cms_at_its_root(httpserver, downloads):
    """A date in slashes is written with hyphens there: a file's name has no slashes."""
    httpserver.expect_request("/m/rvu25a-updated-01-10-2025.zip").respond_with_data(ZIP)
    httpserver.expect_request("/m/rvu25a.zip").respond_with_data(a_zip(2))
    known = CMS + "/files/zip/rvu25a-updated-01/10/2025.zip"
    got = download_release("RVU25A", known, downloads, origin=httpserver.url_for("/m"))
    assert got.address == httpserver.url_for("/m/rvu25a-updated-01-10-2025.zip")


def test_a_mirror_may_have_the_plain_name_at_cms_path(httpserver, downloads):
    httpserver.expect_request("/m/files/zip/rvu26c.zip").respond_with_data(ZIP)
    got = download_release("RVU26C", CMS + KNOWN, downloads, origin=httpserver.url_for("/m"), page=CMS + PAGE)
    assert got.address == httpserver.url_for("/m/files/zip/rvu26c.zip")


def test_all_known_addresses_are_tried_on_a_mirror_the_newest_first(httpserver, downloads):
    newer, older = (f"/files/zip/rvu26b-updated-{day}-2026.zip" for day in ("05-01", "03-10"))
    httpserver.expect_request("/m" + older).respond_with_data(ZIP)
    seen = [SeenAddress(CMS + path, "named by", "third parties") for path in (newer, older)]
    got = download_release("RVU26B", CMS + newer, downloads, addresses=seen, origin=httpserver.url_for("/m"))
    assert got.address == httpserver.url_for("/m" + older)
    assert asked(httpserver) == ["/m" + newer, "/m/rvu26b-updated-05-01-2026.zip", "/m" + older]


def test_a_copied_page_does_not_lead_off_the_mirror(httpserver, downloads):
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
    with pytest.raises(DownloadError, match=r"several zips .*plainly the latest: RVU26C-2\.zip, rvu26c-updated"):
        download_release("RVU26C", CMS + KNOWN, downloads, origin=str(folder))
    (folder / "RVU26C.ZIP").write_bytes(a_zip(4))
    said = []
    got = download_release("RVU26C", CMS + KNOWN, downloads, origin=str(folder), report=said.append)
    assert got.path.read_bytes() == a_zip(4)
    assert said == [
        "RVU26C: took RVU26C.ZIP, the plain name; not taken: RVU26C-2.zip, rvu26c-updated-06-30-2026.zip "
        "(to choose yourself: feecalc build FILE)"
    ]
    (folder / "RVU26C.ZIP").write_text("<html><title>Oh</title>")
    with pytest.raises(UnreadableFile, match="an HTML page titled 'Oh'"):
        download_release("RVU26C", CMS + KNOWN, downloads, origin=str(folder))
    assert (downloads / "RVU26C.zip").read_bytes() == a_zip(4)
    assert names_in(downloads) == ["RVU26C.json", "RVU26C.zip"]


@pytest.mark.parametrize("order", [1, -1])
def test_the_latest_update_of_a_folder_is_taken_and_said(tmp_path, downloads, order):
    names = ["rvu26b.zip", "rvu26b-updated-03-10-2026.zip", "rvu26b-updated-05-01-2026.zip"]
    for number, name in enumerate(names[::order]):
        (tmp_path / name).write_bytes(a_zip(number, 1000))
    said = []
    got = download_release("RVU26B", CMS + KNOWN, downloads, origin=str(tmp_path), report=said.append)
    assert got.address == (tmp_path / names[2]).as_uri()
    assert said == [
        f"RVU26B: took {names[2]}, by its name the latest update; not taken: {names[1]}, {names[0]} "
        "(to choose yourself: feecalc build FILE)"
    ]
    (tmp_path / "rvu26b-updated-05-01-2026 (1).zip").write_bytes(ZIP)
    (tmp_path / names[0]).unlink()
    with pytest.raises(DownloadError, match="several zips"):  # two of one day
        download_release("RVU26B", CMS + KNOWN, downloads, origin=str(tmp_path))


@pytest.mark.skipif(not CMS_ZIPS.is_dir(), reason="needs CMS's own zips in ../shared/cms")
def test_cms_own_zips_from_a_folder_and_from_a_mirror(httpserver, tmp_path):
    for release in ("RVU24A", "RVU24AR", "RVU25D", "RVU26C"):
        content = (CMS_ZIPS / f"{release.lower()}.zip").read_bytes()
        httpserver.expect_request(f"/{release.lower()}.zip").respond_with_data(content)
        httpserver.expect_request("/gone.zip").respond_with_data("", status=404)
        copied = download_release(release, CMS + "/gone.zip", tmp_path / "copied", origin=str(CMS_ZIPS))
        fetched = download_release(release, CMS + "/gone.zip", tmp_path / "fetched", origin=httpserver.url_for(""))
        assert copied.sha256 == fetched.sha256 == hashlib.sha256(content).hexdigest()
