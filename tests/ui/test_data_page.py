"""The page Data: what is here, a release dropped in and used, a fetch, the proof, what is refused."""

import re

import pytest
from cms_shaped import release_zip

from feecalc.ingest.build import build
from feecalc.ingest.fetch import license, origin
from feecalc.ingest.home import home_folder
from feecalc.ingest.store import Store


def test_without_a_release_it_says_what_the_starter_data_lacks(opened):
    page = opened("data")
    assert "The starter data answers" in page.service
    assert any("What it lacks: all other codes" in each for each in page.said("markdown"))
    releases = page.table("")
    assert releases.filter(releases["name"] == "RVU26C")["state"][0] == "starter data"
    assert releases["state"].n_unique() == 2


def test_a_release_dropped_in_is_installed_and_answers(opened, tmp_path):
    content = release_zip(tmp_path, "25D").read_bytes()
    page = opened("data").drop("data_upload", "rvu25d.zip", content)
    page.app.checkbox(key="data_warnings").check()
    page.press("Check and install")
    assert any("RVU25D is installed from rvu25d.zip" in each for each in page.said("success"))
    assert "RVU25D answers" in page.service
    assert Store().manifest("RVU25D") is not None
    fee = opened(code="64493")
    assert "RVU25D" in fee.facts
    assert not [each for each in fee.said("warning") if "starter data" in each]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.zip", b"", "empty.zip is empty"),
        ("page.zip", b"<html>Sign in</html>", "page.zip was not installed"),
        ("notes.txt", b"nothing of CMS's", "notes.txt was not installed"),
        ("../../up.zip", b"PK\x03\x04", "up.zip was not installed"),
    ],
)
def test_what_is_no_file_of_cms_s_is_refused(opened, name, content, said):
    page = opened("data").drop("data_upload", name, content)
    if content:
        page.press("Check and install")
    assert any(said in each for each in page.said("error")), page.said("error")
    assert Store().names() == []


def test_a_wrong_release_name_is_told(opened, tmp_path):
    content = release_zip(tmp_path, "25D").read_bytes()
    page = opened("data").drop("data_upload", "rvu25d.zip", content).choose("data_name", "sometime")
    page.press("Check and install")
    assert "Not a release name" in page.said("error")[0] or "is not a release name" in page.said("error")[0]
    assert Store().names() == []


def test_nothing_is_fetched_before_the_terms_are_accepted(opened):
    page = opened("data")
    (button,) = [each for each in page.app.button if each.label == "Fetch and install"]
    assert button.disabled
    assert any("CPT is copyright" in each.value for each in page.app.text)
    page.choose("data_license", True)
    (button,) = [each for each in page.app.button if each.label == "Fetch and install"]
    assert not button.disabled
    assert not license.accepted(home_folder())  # ticking the box alone records nothing


def test_a_release_is_fetched_from_a_folder_in_place_of_cms(opened, tmp_path, monkeypatch):
    folder = tmp_path / "mirror"
    folder.mkdir()
    release_zip(folder, "25D").rename(folder / "rvu25d.zip")
    monkeypatch.setenv("FEECALC_CMS_URL", str(folder))
    page = opened("data").choose("data_license", True).choose("data_fetch", "RVU25D").press("Fetch and install")
    assert license.accepted(home_folder())
    installed = Store().manifest("RVU25D")
    refused = page.said("error")
    assert installed is not None or any("Warnings only" in each for each in refused)


def test_a_fetch_that_finds_nothing_is_told(opened, tmp_path, monkeypatch):
    monkeypatch.setenv("FEECALC_CMS_URL", str(tmp_path))
    page = opened("data").choose("data_license", True).choose("data_fetch", "RVU25D").press("Fetch and install")
    assert page.said("error")
    assert Store().names() == []


def test_the_proof_runs_on_a_button(opened, tmp_path):
    assert any("Install a release first" in each for each in opened("data").said("info"))
    build(release_zip(tmp_path, "25D"), store=Store(), allow_warnings=True)
    page = opened("data")
    assert not page.said("success")
    page.press("Compute every row again")
    assert page.said("success") or page.said("error")


def test_a_release_without_printed_amounts_is_not_told_as_proven(opened, tmp_path):
    build(release_zip(tmp_path, "25D", without=["OPPSCAP"]), store=Store())
    page = opened("data").choose("data_proof_release", "RVU25D").press("Compute every row again")
    assert any("nothing is proven" in each for each in page.said("warning"))
    assert not page.said("success")


def test_the_proof_on_cms_s_release(opened, cms):
    build(cms / "zips" / "rvu25d.zip", store=Store())
    page = opened("data").press("Compute every row again")
    (told,) = page.said("success")
    assert "none differs" in told


def test_a_damaged_entry_is_told_and_hides_nothing(opened, tmp_path):
    build(release_zip(tmp_path, "25D"), store=Store(), allow_warnings=True)
    (Store().folder("RVU25D") / "manifest.json").write_text("{")
    page = opened("data")
    assert "RVU25D" in page.said("error")[0]
    assert page.table("").height > 20


def test_a_release_is_removed_after_a_second_press(opened, tmp_path):
    build(release_zip(tmp_path, "25D"), store=Store(), allow_warnings=True)
    page = opened("data").choose("data_remove", "RVU25D")
    assert Store().names() == ["RVU25D"]  # choosing it alone takes nothing away
    told = next(each for each in page.said("markdown") if "rows read from rvu25d.zip go" in each)
    assert "the starter data, a selection of services, answers then" in told
    page.press("Yes, remove RVU25D")
    assert Store().names() == []
    assert "RVU25D is no longer installed." in page.said("success")
    assert "The starter data answers" in page.service


def test_a_damaged_entry_can_be_removed(opened, tmp_path):
    build(release_zip(tmp_path, "25D"), store=Store(), allow_warnings=True)
    (Store().folder("RVU25D") / "manifest.json").write_text("{")
    opened("data").choose("data_remove", "RVU25D").press("Yes, remove RVU25D")
    assert Store().names() == []


@pytest.fixture
def _no_waiting(monkeypatch):
    monkeypatch.setattr(origin, "BACKOFF", 0.0)
    monkeypatch.setattr(origin, "LONGEST_WAIT", 0.01)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


def _fetch(opened, name):
    page = opened("data")
    if not license.accepted(home_folder()):
        page.choose("data_license", True)
    return page.choose("data_fetch", name).press("Fetch and install")


@pytest.mark.usefixtures("_no_waiting")
def test_a_release_is_fetched_from_a_server(opened, cms, httpserver, monkeypatch):
    content = (cms / "zips" / "rvu26c.zip").read_bytes()
    httpserver.expect_request(re.compile(r".*/rvu26c.*\.zip")).respond_with_data(content)
    monkeypatch.setenv("FEECALC_CMS_URL", httpserver.url_for(""))
    page = _fetch(opened, "RVU26C")
    assert any("RVU26C is installed" in each for each in page.said("success"))
    assert "RVU26C answers" in page.service
    assert Store().manifest("RVU26C").source["address"].startswith(httpserver.url_for(""))


@pytest.mark.usefixtures("_no_waiting")
def test_a_server_without_the_file_and_no_server_are_told(opened, httpserver, monkeypatch):
    monkeypatch.setenv("FEECALC_CMS_URL", httpserver.url_for(""))
    httpserver.expect_request(re.compile(".*")).respond_with_data("", status=404)
    told = _fetch(opened, "RVU26C").said("error")[0]
    assert "RVU26C was not found" in told
    assert "404" in told
    monkeypatch.setenv("FEECALC_CMS_URL", "http://127.0.0.1:9")  # nobody answers there
    page = _fetch(opened, "RVU26C")
    assert page.said("error")
    assert "127.0.0.1:9" in page.said("error")[0]
    assert Store().names() == []
