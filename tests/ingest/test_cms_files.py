"""Which CMS files can be fetched, and how a person says which."""

from datetime import date

import pytest

from feecalc.errors import UnknownRelease
from feecalc.ingest.assembly.kinds import OTHER_TABLES
from feecalc.ingest.cms_files import file_kinds, known_files, newest_files, requested_files


def names(words):
    return [each.name for each in requested_files(words.split()).files]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("opps 2026-01", ["OPPS-20261"]),
        ("OPPS 2026q1", ["OPPS-20261"]),
        ("opps 2026-q1", ["OPPS-20261"]),
        ("opps 2026-03", ["OPPS-20261"]),  # a month of the quarter
        ("OPPS-20261", ["OPPS-20261"]),
        ("opps-2026-04", ["OPPS-20262"]),
        ("asc 2026-01 2026-04 opps 2025q4", ["ASC-20261", "ASC-20262", "OPPS-20254"]),
        ("asc 2026-01 ASC-20261", ["ASC-20261"]),
        ("opps 2026", ["OPPS-20261", "OPPS-20262", "OPPS-20263", "OPPS-20264"]),
        ("opps_rule 2025", ["OPPS_RULE-2025"]),
        ("opps_rule 2025-01", ["OPPS_RULE-2025"]),
        ("ncci_pair 2026-04", [f"NCCI_PAIR-20262-F{part}" for part in (1, 2, 3, 4)]),
        ("ncci_pair-20262-f3", ["NCCI_PAIR-20262-F3"]),
    ],
)
def test_how_a_file_is_asked_for(words, wanted):
    assert names(words) == wanted


def test_other_words_are_left_to_the_releases():
    asked = requested_files(["RVU26C", "opps", "2026D", "mue"])
    assert (asked.files, asked.kinds, asked.others) == ((), ("opps", "mue"), ("RVU26C", "2026D"))
    assert requested_files(["2026-01"]).others == ("2026-01",)


@pytest.mark.parametrize("words", ["opps 2019-01", "opps-20191", "ncci_pair-20262-f9"])
def test_what_is_not_known(words):
    with pytest.raises(UnknownRelease, match="known"):
        names(words)


def test_the_newest_that_has_begun():
    assert [each.name for each in newest_files("opps", date(2026, 5, 1))] == ["OPPS-20262"]
    assert len(newest_files("ncci_pair", date(2026, 5, 1))) == 4
    with pytest.raises(UnknownRelease, match="no known file of opps had begun"):
        newest_files("opps", date(2020, 1, 1))


def test_every_name_and_address_stands_once():
    assert len({each.name for each in known_files()}) == len(known_files())
    assert len({each.address for each in known_files()}) == len(known_files())
    assert set(file_kinds()) - {"opps_rule"} <= set(OTHER_TABLES)
    assert all(each.address.startswith("https://www.cms.gov/") for each in known_files())
