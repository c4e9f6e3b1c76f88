"""``feecalc fetch`` of OPPS, ASC and NCCI files against a local server."""

import json

import cms_shaped as shaped
import pytest
from werkzeug import Request, Response

from feecalc.ingest.fetch import origin
from feecalc.ingest.fetch.origin import names_release
from feecalc.ingest.store import Store

OPPS = "/files/zip/january-2026-opps-addendum-b.zip"  # where CMS has them, by reference/cms_file.toml
ASC = "/files/zip/july-2026-asc-addenda.zip"
OPPS_ZIP = shaped.zip_of({"2026 January Web Addendum B.12.29.25.csv": shaped.opps_csv(year=2026)})
ASC_ZIP = shaped.zip_of({"July 2026 ASC Addenda.07.08.26.xlsx": shaped.asc_workbook()})


@pytest.fixture(autouse=True)
def _mirror(httpserver, monkeypatch):
    monkeypatch.setattr(origin, "BACKOFF", 0.0)
    monkeypatch.setattr(origin, "LONGEST_WAIT", 0.01)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("FEECALC_CMS_URL", httpserver.url_for(""))
    httpserver.no_handler_status_code = 404


def serve(httpserver, path: str, content: bytes) -> None:
    def answer(request: Request) -> Response:
        unchanged = request.headers.get("If-None-Match") == '"one"'
        return Response(
            b"" if unchanged else content,
            status=304 if unchanged else 200,
            headers={"ETag": '"one"'},
            content_type="application/zip",
        )

    httpserver.expect_request(path).respond_with_handler(answer)


def test_downloaded_installed_and_not_again(run, httpserver):
    serve(httpserver, OPPS, OPPS_ZIP)
    code, out, _ = run("fetch", "opps", "2026-01", "--accept-ama-license")
    assert code == 0
    assert out.startswith("OPPS-20261 installed from OPPS-20261.zip")
    manifest = Store().manifest("OPPS-20261")
    assert manifest.source["address"] == httpserver.url_for(OPPS)
    code, out, _ = run("fetch", "OPPS-20261")
    assert code == 0
    assert "OPPS-20261 is already installed from the same file, unchanged since" in out
    assert Store().manifest("OPPS-20261") == manifest
    (Store().folder("OPPS-20261") / manifest.tables["opps"]["file"]).write_bytes(b"")
    code, out, err = run("fetch", "OPPS-20261")
    assert (code, out.splitlines()[0].split()[:2]) == (0, ["OPPS-20261", "installed"])
    assert "is damaged" in err


def test_a_zip_of_several_tables_and_one_that_fails(run, httpserver):
    serve(httpserver, ASC, ASC_ZIP)
    code, out, _ = run("fetch", "asc", "2026-07", "opps", "2026-07", "--accept-ama-license", "--json")
    document = json.loads(out)
    assert code == 2
    (row,) = document["releases"]
    assert (row["release"], row["state"], len(row["installed"])) == ("ASC-20263", "installed", 4)
    assert [each["release"] for each in document["failed"]] == ["OPPS-20263"]
    assert "july-2026-opps-addendum-b.zip: 404" in document["failed"][0]["message"]
    assert [each.name for each in Store().manifests("asc")] == ["ASC-20263"]


def test_from_a_folder_under_cms_name(run, tmp_path):
    (tmp_path / "january-2026-opps-addendum-b.zip").write_bytes(OPPS_ZIP)
    code, out, _ = run("fetch", "OPPS-20261", "--from", tmp_path, "--no-build", "--accept-ama-license")
    assert (code, out.split(":")[0]) == (0, "OPPS-20261 downloaded")


def test_a_file_that_has_moved_is_found_on_its_page(run, httpserver):
    page = (
        "/medicare/payment/prospective-payment-systems/hospital-outpatient-pps/quarterly-addenda-updates"
        "/january-2026-addendum-b"
    )
    moved = "/files/zip/January-2026-OPPS-Addendum-B-updated-01-15-2026.zip"
    links = '<a href="/files/zip/january-2026-opps-addendum-b-corrections-to-a.zip">x</a>'
    httpserver.expect_request(page).respond_with_data(f'{links}<a href="/license/ama?file={moved}">here</a>')
    serve(httpserver, moved, OPPS_ZIP)
    code, _, err = run("fetch", "opps", "2026-01", "--accept-ama-license")
    assert code == 0
    assert "has moved: found" in err


def test_a_kind_wants_a_day(run):
    code, _, err = run("fetch", "opps", "--accept-ama-license")
    assert (code, err) == (2, "feecalc: say of when: feecalc fetch opps 2026-01, or --year 2026, or --latest\n")
    code, _, err = run("fetch", "opps", "1999-01", "--accept-ama-license")
    assert code == 2


def test_a_year_of_a_kind(run, httpserver):
    code, _, err = run("fetch", "add_on", "--year", "2026", "--accept-ama-license")
    assert code == 2
    assert "ADD_ON-20262 was not found" in err
    assert all("rvu" not in request.path for request, _ in httpserver.log)


@pytest.mark.parametrize(
    ("path", "name", "same"),
    [
        ("/files/zip/july-2026-opps-addendum.zip", "july-2026-opps-addendum", True),
        ("/files/zip/July-2026-OPPS-Addendum.zip", "july-2026-opps-addendum", True),
        ("/files/zip/july-2026-opps-addendum-updated-07-08-2026.zip", "july-2026-opps-addendum", True),
        ("/files/zip/july-2026-opps-addendum-updated-07/08/2026.zip", "july-2026-opps-addendum", True),
        ("july-2026-opps-addendum (1).zip", "july-2026-opps-addendum", True),
        ("/files/zip/july-2026-opps-addendum-b.zip", "july-2026-opps-addendum", False),
        ("/files/zip/cy-july-2026-opps-addendum.zip", "july-2026-opps-addendum", False),
    ],
)
def test_the_name_of_a_zip(path, name, same):
    assert names_release(path, name) is same
