"""Which release a source is: asked for, named, said by its members; and what is refused."""

from datetime import date

import pytest

from feecalc.errors import CheckFailed, InvalidValue, UnknownRelease
from feecalc.ingest.assembly.identity import StatedDate, date_in_content, date_in_name, identify, named_release
from feecalc.ingest.releases import release_in_force

JULY = StatedDate("PPRRVU2026_Jul_nonQPP.csv", 2026, 7)
JANUARY_2024 = StatedDate("PPRRVU24_JAN.csv", 2024, 1)


@pytest.mark.parametrize(
    ("stem", "year", "month"),
    [
        ("pprrvu2025_oct", 2025, 10),
        ("PPRRVU25_JAN", 2025, 1),
        ("pprrvu2026_jul_nonqpp", 2026, 7),
        ("PPRRVU2026_April_QPP", 2026, 4),
        ("gpci2026", 2026, None),
        ("25locco", 2025, None),
        ("oppscap_oct", None, 10),
        ("anesthesia_base_units_2022", 2022, None),
        ("zip_plus4_carrier_locality_2020-2025", None, None),  # two years: it says neither
        ("maybe_marching", None, None),  # no words of the calendar
        ("asc_20240101_addendum_aa", 2024, 1),
        ("asc_20261001_addendum_ee", 2026, 10),
        ("mue_practitioner_2024q3", 2024, 7),
        ("aoc_v2026q2-mcr", 2026, 4),
        ("medicare-ncci-2025-q4-practitioner-services-mue-table", 2025, 10),
        ("mcr_mue_practitionerservices_eff_07-01-2026", 2026, 7),
        ("add-code-edits-medicare-effective-06012026", 2026, 6),
        ("october_2025_web_addendum_b", 2025, 10),
        ("2026 january web addendum b.12.29.25", 2026, 1),
        ("2025_nfrm_addendum_a", 2025, None),
        ("opps-20254", 2025, 10),
        ("asc_ancillary-20261", 2026, 1),
    ],
)
def test_what_a_members_name_says(stem, year, month):
    said = date_in_name(stem)
    assert (said.year, said.month) == (year, month)


def test_what_content_says():
    assert date_in_content("x", {"year": "2025", "month": "OCT"}) == StatedDate("x", 2025, 10)
    assert date_in_content("x", {"year": "25", "month": "Q4"}) == StatedDate("x")
    assert StatedDate("x", 2025, 10).date_text == "October 2025"
    assert StatedDate("x", 2025).date_text == "2025"


@pytest.mark.parametrize(
    ("name", "release"),
    [
        ("rvu26c.zip", "RVU26C"),
        ("RVU26C.ZIP", "RVU26C"),
        ("rvu26c", "RVU26C"),
        ("rvu26c-updated-06-30-2026.zip", "RVU26C"),
        ("rvu26c (1).zip", "RVU26C"),
        ("rvu24ar-posted-04-01-2024.zip", "RVU24AR"),
        ("rvu24a.zip", "RVU24A"),
        ("rvu10c_pct0.zip", "RVU10C_PCT0"),
        ("rvu40a.zip", "RVU40A"),
        ("rvu26ar_1.zip", "RVU26AR"),  # as public projects have CMS's correction of January 2026 on disk
        ("rvu26d_1 (2).zip", "RVU26D"),
        ("2024.zip", None),  # what a browser makes of .../rvu24ar-posted-04/01/2024.zip
        ("downloads", None),
    ],
)
def test_what_a_zip_is_named_after(name, release):
    assert named_release(name) == release


def test_the_name_and_the_content_agree():
    release, notes = identify("rvu26c.zip", None, [JULY])
    assert (release.name, notes) == ("RVU26C", ())


@pytest.mark.parametrize("name", ["rvu24a.zip", "rvu24ar-posted-04-01-2024.zip"])
def test_a_correction_carries_the_month_of_what_it_corrects(name):
    assert identify(name, None, [JANUARY_2024])[0].name == named_release(name)


@pytest.mark.parametrize(
    ("voice", "said"),
    [
        (StatedDate("PPRRVU2026_Apr.csv", 2026, 4), "April 2026"),
        (StatedDate("PPRRVU2025_Jul.csv", 2025, 7), "July 2025"),
    ],
)
@pytest.mark.parametrize(("name", "asked"), [("rvu26c.zip", None), ("some.zip", "2026C"), ("rvu26b.zip", "RVU26C")])
def test_content_against_the_name_is_refused_naming_both(voice, said, name, asked):
    with pytest.raises(CheckFailed) as refused:
        identify(name, asked, [voice])
    assert "RVU26C" in str(refused.value)
    assert f"{voice.source} says {said}" in str(refused.value)
    assert ("--release" if asked else name) in str(refused.value)


def test_what_is_asked_for_goes_before_the_name():
    release, notes = identify("rvu26b.zip", "26c", [JULY])
    assert release.name == "RVU26C"
    assert notes == ("rvu26b.zip is named after RVU26B; built as RVU26C, as --release says",)


def test_without_a_name_the_content_decides():
    assert identify("2026.zip", None, [JULY])[0].name == "RVU26C"
    assert identify("2026.zip", None, [StatedDate("a", 2026), StatedDate("b", None, 7)])[0].name == "RVU26C"


def test_a_release_and_its_correction_cannot_be_told_apart():
    with pytest.raises(InvalidValue, match=r"can be RVU24A or RVU24AR .*PPRRVU24_JAN.csv says January 2024.*--release"):
        identify("2024.zip", None, [JANUARY_2024])


@pytest.mark.parametrize(
    "voices", [[], [StatedDate("a", 2026)], [StatedDate("a", None, 7)], [StatedDate("a", 2040, 7)]]
)
def test_a_source_that_says_too_little(voices):
    with pytest.raises(InvalidValue, match="which release it is cannot be told"):
        identify("files", None, voices)


def test_voices_against_each_other():
    with pytest.raises(CheckFailed, match="a says July 2026; b says April 2026"):
        identify("files", None, [StatedDate("a", 2026, 7), StatedDate("b", 2026, 4)])


def test_a_release_that_is_not_known():
    with pytest.raises(UnknownRelease, match=r"rvu40a\.zip: no release RVU40A is known.*--release RVU40A"):
        identify("rvu40a.zip", None, [StatedDate("a", 2040, 1)])
    release, notes = identify("rvu40a.zip", "RVU40A", [StatedDate("a", 2040, 1)])
    assert (release.name, release.year, str(release.first_date_of_service)) == ("RVU40A", 2040, "2040-01-01")
    assert notes == ("RVU40A is not among the releases feecalc knows; taken as --release says",)
    with pytest.raises(UnknownRelease, match="no release RVU25E"):
        identify("files", "RVU25E", [StatedDate("a", 2025, 1)])
    with pytest.raises(InvalidValue, match="is not a release name"):
        identify("files", "July", [])


@pytest.mark.parametrize(("name", "asked"), [("rvu26ar_1.zip", None), ("files", "26AR")])
def test_a_correction_that_is_not_listed_takes_the_days_of_what_it_corrects(name, asked):
    """CMS's documentation of 2026 names RVU26AR as the correction of RVU26A, "if required"."""
    release, notes = identify(name, asked, [StatedDate("PPRRVU2026_Jan_nonQPP.csv", 2026, 1)])
    assert (release.name, release.corrects, str(release.first_date_of_service)) == ("RVU26AR", "RVU26A", "2026-01-01")
    (note,) = notes
    assert "RVU26AR is not among the releases feecalc knows" in note
    assert release_in_force(date(2026, 2, 1), [release]).name == "RVU26AR"
    with pytest.raises(CheckFailed, match="says July 2026"):
        identify(name, asked, [JULY])
