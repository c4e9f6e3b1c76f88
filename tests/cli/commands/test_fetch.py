"""``feecalc fetch`` against a local server: downloaded, installed, not again while unchanged."""

import json
from datetime import date

import pytest
from cms_shaped import release_zip
from werkzeug import Request, Response

from feecalc.cli.commands import fetch
from feecalc.ingest.fetch import origin
from feecalc.ingest.store import Store

ADDRESS = "/files/zip/rvu25d-updated-09/11/2025.zip"  # where CMS has it, by reference/release.toml


@pytest.fixture(autouse=True)
def _mirror(httpserver, monkeypatch):
    monkeypatch.setattr(origin, "BACKOFF", 0.0)
    monkeypatch.setattr(origin, "LONGEST_WAIT", 0.01)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("FEECALC_CMS_URL", httpserver.url_for(""))
    httpserver.no_handler_status_code = 404


def serve(httpserver, path: str, content: bytes, etag: str = '"one"') -> None:
    def answer(request: Request) -> Response:
        if request.headers.get("If-None-Match") == etag:
            return Response(status=304, headers={"ETag": etag})
        return Response(content, headers={"ETag": etag}, content_type="application/zip")

    httpserver.expect_request(path).respond_with_handler(answer)


def test_the_license_is_asked_for_first(run, httpserver, tmp_path):
    serve(httpserver, ADDRESS, release_zip(tmp_path).read_bytes())
    code, out, err = run("fetch", "RVU25D")
    assert (code, out) == (2, "")
    assert "CPT is copyright American Medical Association" in err
    assert "--accept-ama-license" in err
    assert not httpserver.log
    code, out, _ = run("fetch", "RVU25D", "--json")
    assert json.loads(out)["error"]["type"] == "LicenseNotAccepted"
    assert run("fetch", "RVU25D", "--accept-ama-license")[0] == 0
    assert run("fetch", "RVU25D")[0] == 0  # accepted once, not asked again


def test_at_a_terminal_it_is_asked(run, httpserver, tmp_path, monkeypatch):
    serve(httpserver, ADDRESS, release_zip(tmp_path).read_bytes())
    asked = []
    monkeypatch.setattr(fetch, "_at_a_terminal", lambda: True)
    monkeypatch.setattr(fetch, "_ask", lambda notice: asked.append(notice) or len(asked) > 1)
    code, _, err = run("fetch", "RVU25D")
    assert code == 2
    assert "nothing was downloaded" in err
    assert run("fetch", "RVU25D")[0] == 0
    assert run("fetch", "RVU25D")[0] == 0
    assert len(asked) == 2


def test_downloaded_installed_and_not_again(run, httpserver, tmp_path):
    serve(httpserver, ADDRESS, release_zip(tmp_path).read_bytes())
    code, out, _ = run("fetch", "2025D", "--accept-ama-license")
    assert code == 0
    assert out.startswith("RVU25D installed from RVU25D.zip, services from 2025-10-01")
    manifest = Store().manifest("RVU25D")
    assert manifest.source["address"] == httpserver.url_for(ADDRESS)
    assert manifest.source["etag"] == '"one"'
    assert manifest.source["retrieved"] is not None
    code, out, _ = run("fetch", "RVU25D")
    assert code == 0
    assert "RVU25D is already installed from the same file, unchanged since" in out
    assert [response.status_code for _, response in httpserver.log] == [200, 304]
    assert Store().manifest("RVU25D") == manifest
    document = json.loads(run("fetch", "RVU25D", "--json")[1])
    assert [(row["release"], row["state"]) for row in document["releases"]] == [("RVU25D", "unchanged")]


def test_a_damaged_release_is_installed_again(run, httpserver, tmp_path):
    serve(httpserver, ADDRESS, release_zip(tmp_path).read_bytes())
    run("fetch", "RVU25D", "--accept-ama-license")
    manifest = Store().manifest("RVU25D")
    (Store().folder("RVU25D") / manifest.tables["rvu"]["file"]).write_bytes(b"")
    code, out, err = run("fetch", "RVU25D")
    assert (code, out.splitlines()[0].split()[:2]) == (0, ["RVU25D", "installed"])
    assert "is damaged" in err
    assert Store().read("RVU25D", "rvu").height > 0


def test_download_only(run, httpserver, tmp_path):
    serve(httpserver, ADDRESS, release_zip(tmp_path).read_bytes())
    code, out, _ = run("fetch", "RVU25D", "--no-build", "--accept-ama-license", "--json")
    (row,) = json.loads(out)["releases"]
    assert (code, row["state"], row["release"]) == (0, "downloaded", "RVU25D")
    assert Store().manifests() == []
    assert run("fetch", "RVU25D", "--no-build")[1].startswith("RVU25D unchanged: ")


def test_a_year_from_a_folder_loses_none_to_a_bad_one(run, tmp_path):
    for release in ("25A", "25C", "25D"):
        release_zip(tmp_path, release)
    (tmp_path / "rvu25b.zip").write_text("<html><title>Log in</title>")
    code, out, err = run("fetch", "--year", "2025", "--from", tmp_path, "--accept-ama-license")
    assert code == 2
    assert [each.name for each in Store().manifests()] == ["RVU25A", "RVU25C", "RVU25D"]
    assert "an HTML page titled 'Log in'" in err
    assert err.endswith("feecalc: 1 of 4 releases failed: RVU25B\n")
    code, out, _ = run("fetch", "--year", "2025", "--from", tmp_path, "--json")
    document = json.loads(out)
    assert [row["state"] for row in document["releases"]] == ["unchanged"] * 3
    assert [row["release"] for row in document["failed"]] == ["RVU25B"]


def test_a_refused_download_is_kept_and_the_old_release_too(run, httpserver, tmp_path):
    release_zip(tmp_path)
    run("fetch", "RVU25D", "--from", tmp_path, "--accept-ama-license")
    before = Store().manifest("RVU25D")
    serve(httpserver, ADDRESS, release_zip(tmp_path, without=["GPCI"]).read_bytes())
    code, out, err = run("fetch", "RVU25D")
    assert (code, out) == (2, "")
    assert "no member holds GPCI" in err
    assert "the zip of RVU25D is kept in" in err
    assert Store().manifest("RVU25D") == before


def test_which_is_the_latest():
    """First days of 2026: January 1, April 1, July 1, October 1; RVU24AR took over on March 9, 2024."""
    for day, name in (
        (date(2026, 6, 30), "RVU26B"),
        (date(2026, 7, 1), "RVU26C"),
        (date(2024, 3, 8), "RVU24A"),
        (date(2024, 3, 9), "RVU24AR"),
        (date(2009, 2, 1), "RVU09AR"),
        (date(2031, 1, 1), "RVU26D"),
    ):
        assert fetch.latest_release(day).name == name


@pytest.fixture
def in_november_2026(monkeypatch):
    class Today(date):
        @classmethod
        def today(cls):
            return cls(2026, 11, 30)

    monkeypatch.setattr(fetch, "date", Today)


UPDATED_26D, OTHER_26D = "/files/zip/rvu26d-updated-08-26-2026.zip", "/files/zip/rvu26d.zip"  # reference/release.toml
PAGE_26D = "/medicare/payment/fee-schedules/physician/pfs-relative-value-files/rvu26d"
ROOT_26D = ("/rvu26d-updated-08-26-2026.zip", "/rvu26d.zip")


def test_the_latest_under_a_name_that_its_page_gives(run, httpserver, tmp_path, in_november_2026):
    moved = "/files/zip/rvu26d-updated-11-20-2026.zip"
    httpserver.expect_request(PAGE_26D).respond_with_data(f'<a href="/license/ama?file={moved}">RVU26D</a>')
    serve(httpserver, moved, release_zip(tmp_path, "26D", without=["ANES"]).read_bytes())
    code, out, err = run("fetch", "--latest", "--accept-ama-license")
    at = httpserver.url_for
    assert (code, out.split()[:2]) == (0, ["RVU26D", "installed"])
    assert Store().manifest("RVU26D").source["address"] == at(moved)
    tried = [UPDATED_26D, ROOT_26D[0], OTHER_26D, ROOT_26D[1], PAGE_26D, moved]
    assert [request.path for request, _ in httpserver.log] == tried
    told = [line for line in err.splitlines() if line.startswith("RVU26D")]
    assert told == [
        f"RVU26D: not at {at(UPDATED_26D)}: 404 NOT FOUND",
        f"RVU26D: trying {at(ROOT_26D[0])} (CMS's name at the mirror's root)",
        f"RVU26D: not at {at(ROOT_26D[0])}: 404 NOT FOUND",
        f"RVU26D: trying {at(OTHER_26D)} (CMS's path on the mirror)",
        f"RVU26D: not at {at(OTHER_26D)}: 404 NOT FOUND",
        f"RVU26D: trying {at(ROOT_26D[1])} (CMS's name at the mirror's root)",
        f"RVU26D: not at {at(ROOT_26D[1])}: 404 NOT FOUND",
        f"RVU26D: looking for a link on {at(PAGE_26D)}",
        f"RVU26D has moved: found {at(moved)} on {at(PAGE_26D)}",
    ]


def test_the_latest_under_its_plain_name(run, httpserver, tmp_path, in_november_2026):
    httpserver.expect_request(UPDATED_26D).respond_with_data("<html><title>Page not found")
    serve(httpserver, OTHER_26D, release_zip(tmp_path, "26D", without=["ANES"]).read_bytes())
    code, _, err = run("fetch", "--latest", "--accept-ama-license")
    assert code == 0
    assert Store().manifest("RVU26D").source["address"] == httpserver.url_for(OTHER_26D)
    miss = "an HTML page titled 'Page not found' in place of a zip"
    assert f"RVU26D: not at {httpserver.url_for(UPDATED_26D)}: {miss}" in err.splitlines()


def test_the_latest_that_is_nowhere_names_every_attempt(run, httpserver, in_november_2026):
    code, out, err = run("fetch", "--latest", "--accept-ama-license", "--json")
    at = httpserver.url_for
    assert code == 2
    message = json.loads(out)["error"]["message"]
    tried = [UPDATED_26D, ROOT_26D[0], OTHER_26D, ROOT_26D[1], PAGE_26D, "/"]
    assert [request.path for request, _ in httpserver.log] == tried
    assert [line.split(": ")[0] for line in message.splitlines()[1:-1]] == [f"  {at(path)}" for path in tried]
    assert message.startswith("RVU26D was not found. Tried:\n")
    assert "feecalc build FILE" in message.splitlines()[-1]
    assert [line for line in err.splitlines() if "not at" in line] == [
        f"RVU26D: not at {at(path)}: 404 NOT FOUND" for path in tried
    ]
    assert Store().manifests() == []


def test_the_latest_of_a_folder_is_the_later_update(run, tmp_path, in_november_2026):
    path = release_zip(tmp_path, "26D")
    (tmp_path / "rvu26d-updated-11-20-2026.zip").write_bytes(path.read_bytes())
    path.write_text("an older one")
    code, out, err = run("fetch", "--latest", "--from", tmp_path, "--no-build", "--accept-ama-license")
    assert (code, out.split(":")[0]) == (0, "RVU26D downloaded")
    assert "RVU26D: took rvu26d-updated-11-20-2026.zip, by its name the latest update; not taken: rvu26d.zip" in err


def test_what_is_not_there(run, httpserver):
    code, _, err = run("fetch", "RVU25D", "--accept-ama-license")
    assert code == 2
    assert "RVU25D was not found" in err
    assert run("fetch")[0] == 2
    for wrong, words in (("RVU25E", "no release RVU25E"), ("July", "is not a release name")):
        code, _, err = run("fetch", wrong)
        assert code == 2
        assert words in err
    assert "no release of 1999" in run("fetch", "--year", "1999")[2]


def test_a_release_of_the_year_that_has_not_begun(run, tmp_path, monkeypatch):
    class Today(date):
        @classmethod
        def today(cls):
            return cls(2025, 8, 1)

    monkeypatch.setattr(fetch, "date", Today)
    for release in ("25A", "25B", "25C"):
        release_zip(tmp_path, release)
    code, _, err = run("fetch", "--year", "2025", "--from", tmp_path, "--accept-ama-license", "--no-build")
    assert code == 0
    assert "RVU25D is not there yet; it prices services from 2025-10-01" in err


def test_cms_own_zips_from_a_local_server(run, httpserver, cms):
    for release in ("rvu24ar", "rvu26c"):
        serve(httpserver, f"/{release}.zip", (cms / "zips" / f"{release}.zip").read_bytes())
    code, out, _ = run("fetch", "RVU24AR", "RVU26C", "--accept-ama-license")
    assert code == 0
    assert [each.name for each in Store().manifests()] == ["RVU24AR", "RVU26C"]
    assert out.count("installed from") == 2
