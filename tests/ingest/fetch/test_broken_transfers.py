"""Transfers that break off go on where they stopped, or start again, and never mix two files."""

from pathlib import Path

import pytest
from ingest.fetch.serving import DROP, ZIP, Breaking, a_zip, names_in

from feecalc.errors import DownloadError
from feecalc.ingest.fetch import download
from feecalc.ingest.fetch.download import download_release

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
