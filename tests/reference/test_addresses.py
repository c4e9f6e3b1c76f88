"""The addresses of CMS's zips: whose they are, in which order, and where each was seen."""

import csv
import re
from datetime import date

import pytest

from feecalc.ingest.cms_files import known_files
from feecalc.ingest.fetch.names import names_release, update_day
from feecalc.ingest.releases import known_releases
from feecalc.reference import rows

SEEN = {("listed on", "cms.gov"), ("named by", "third parties"), ("answered", "third parties")}
NOT_SEEN = ("after the pattern of", "the quarters beside it")
KNOWN = [*known_releases(), *known_files()]


@pytest.mark.parametrize("name", ["release", "cms_file"])
def test_each_row_has_addresses_and_says_where_each_was_seen(name):
    for row in rows(name):
        assert row["addresses"], row
        for each in row["addresses"]:
            assert set(each) <= {"address", "how", "where", "when"}, each
            assert (each["how"], each["where"]) in (SEEN if name == "release" else {*SEEN, NOT_SEEN}), each
            assert re.fullmatch(r"20\d\d-[01]\d(-[0-3]\d)?", each.get("when", "2026-01")), each
            assert "when" in each or each["how"] in ("named by", NOT_SEEN[0]), each


def test_an_address_is_on_cms_gov_stands_once_and_bears_the_release_s_name():
    addresses = [each.address for known in KNOWN for each in known.addresses]
    assert len(set(addresses)) == len(addresses)
    assert all(address.startswith("https://www.cms.gov/") for address in addresses)
    for release in known_releases():
        assert release.address == release.addresses[0].address
        assert all(names_release(each.address, release.name) for each in release.addresses), release
    for file in known_files():
        assert all(names_release(each.address, file.zip_name) for each in file.addresses), file


def test_the_newest_file_comes_first():
    """By the day of the update in its name; a plain name is the first publication."""
    several = [release for release in known_releases() if len(release.addresses) > 1]
    assert {release.name for release in several} >= {"RVU26B", "RVU26D"}
    for release in several:
        days = [update_day(each.address, release.name) or date.min for each in release.addresses]
        assert days == sorted(set(days), reverse=True), release


def test_the_pairs_of_the_last_quarter_of_2026_are_known():
    found = {each.address.rpartition("/")[2] for each in known_files() if each.name.startswith("NCCI_PAIR-20264")}
    assert found == {f"medicare-ncci-2026q4-practitioner-ptp-edits-ccipra-v323r0-f{part}.zip" for part in range(1, 5)}


def test_the_releases_are_those_of_the_list_and_seen_where_it_says(cms):
    """releases.csv names every zip from 2009 to 2026; what was seen of one address later stands in its place."""
    known = {release.name: release for release in known_releases()}
    with (cms / "releases.csv").open(encoding="utf-8") as file:
        listed = list(csv.DictReader(file))
    assert [row["release"] for row in listed if row["release"] not in known] == []
    assert len(listed) >= 80
    for row in listed:
        release = known[row["release"]]
        (seen,) = [each for each in release.addresses if each.address == row["url"]]
        assert seen.seen == row["seen"] or (seen.how == "answered" and row["seen"] == "named by third parties"), row
        if row["first_date_of_service"]:  # the list does not know it of two corrections; release.toml has its source
            assert str(release.first_date_of_service) == row["first_date_of_service"], row
