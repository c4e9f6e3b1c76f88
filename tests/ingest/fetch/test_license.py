"""The notice on CPT: asked once, recorded, never passed over."""

import json

import pytest

from feecalc.errors import LicenseNotAccepted, StoreError
from feecalc.ingest.fetch import license as cpt
from feecalc.ingest.fetch.license import NOTICE, accepted, record_acceptance, require_acceptance


def test_nothing_is_accepted_at_first(tmp_path):
    assert not accepted(tmp_path / "home")
    with pytest.raises(LicenseNotAccepted, match="--accept-ama-license"):
        require_acceptance(tmp_path / "home", accept=False, prompt=None)
    assert not (tmp_path / "home").exists()


def test_the_flag_records_it_once(tmp_path):
    home = tmp_path / "below" / "home"
    require_acceptance(home, accept=True, prompt=None)
    record = json.loads((home / "ama_license.json").read_text())
    assert record["notice_version"] == cpt.NOTICE_VERSION
    assert record["how"] == "--accept-ama-license"
    assert record["accepted"].startswith("20")
    assert [path.name for path in home.iterdir()] == ["ama_license.json"]
    before = (home / "ama_license.json").stat().st_mtime_ns
    require_acceptance(home, accept=True, prompt=None)
    require_acceptance(home, accept=False, prompt=None)
    assert (home / "ama_license.json").stat().st_mtime_ns == before


def test_yes_is_recorded_and_not_asked_again(tmp_path):
    asked = []
    for _ in range(2):
        require_acceptance(tmp_path, accept=False, prompt=lambda notice: not asked.append(notice))
    assert asked == [NOTICE]
    assert accepted(tmp_path)


def test_no_is_not_recorded(tmp_path):
    with pytest.raises(LicenseNotAccepted, match="not accepted"):
        require_acceptance(tmp_path, accept=False, prompt=lambda notice: False)
    assert not accepted(tmp_path)


def test_a_new_notice_is_asked_anew(tmp_path, monkeypatch):
    record_acceptance(tmp_path, "test")
    monkeypatch.setattr(cpt, "NOTICE_VERSION", cpt.NOTICE_VERSION + 1)
    assert not accepted(tmp_path)


@pytest.mark.parametrize("content", ["", "[1]", "{}", '{"notice_version": "x"}', "\x00"])
def test_a_spoilt_record_is_no_acceptance(tmp_path, content):
    (tmp_path / "ama_license.json").write_text(content)
    assert not accepted(tmp_path)


def test_a_home_that_cannot_be_written_is_a_store_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="file"):
        require_acceptance(tmp_path / "file" / "home", accept=True, prompt=None)


def test_the_notice_names_whose_terms_and_where():
    for word in ("CPT", "American Medical Association", "American Dental Association", "FARS", "DFARS", cpt.ADDRESS):
        assert word in NOTICE
