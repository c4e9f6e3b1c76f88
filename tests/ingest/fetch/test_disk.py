"""Downloads to a folder that cannot be written, a full disk, a name that is taken."""

from pathlib import Path

import pytest
from ingest.fetch.serving import KNOWN, ZIP, names_in

from feecalc.errors import StoreError
from feecalc.ingest.fetch.download import download_release


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
