"""Where a line was given: by MAC and locality, key, name or ZIP code; what is not known is not guessed."""

import polars as pl
import pytest

from feecalc.errors import AmbiguousLocality, UnknownLocality
from feecalc.files import places
from feecalc.files.places import Places
from feecalc.pricing.places.zip_code import ZipDirectory

ZIPS = ZipDirectory(
    zip5=pl.DataFrame(
        {
            "zip": ["33133", "02134", "99999"],
            "mac": ["09102", "14212", "09102"],
            "locality": ["04", "01", "04"],
            "plus_four_flag": ["", "", "1"],
        }
    ),
    zip5_name="a ZIP5 file",
)
SOUND = ["64493", "2026-08-03", "11"]


@pytest.fixture
def found(write, lines):
    """(mac, locality), or the reason, of each line; ``rows`` hold the cells of the columns named."""

    def read(headings, *rows, **options):
        table = [["CPT", "DOS", "POS", *headings], *([*SOUND, *row] for row in rows)]
        path = write(pl.DataFrame(table[1:], schema=table[0], orient="row").write_csv().encode())
        read = lines(path, zips=ZIPS, **options).select("mac", "locality", "intake_reason")
        return [(mac, locality) if reason is None else reason for mac, locality, reason in read.rows()]

    return read


MIAMI = ("09102", "04")


def test_mac_and_locality(found):
    rows = [("09102", "04"), ("9102", "4"), ("9102.0", "4.0"), ("09102", "77"), ("", "miami"), ("09102", "09102-04")]
    # A number that no release has is the engine's to refuse, by the date of service.
    assert found(["mac", "locality"], *rows) == [MIAMI, MIAMI, MIAMI, ("09102", "77"), MIAMI, MIAMI]


def test_one_column_of_keys_or_names(found):
    rows = [("09102-04",), ("0910204",), ("Miami, FL",), (" miami ",)]
    assert found(["locality"], *rows) == [MIAMI] * 4


def test_what_is_no_locality_says_why(found):
    reasons = found(["locality"], ("Miami Beach",), ("FL",), ("",), ("09102-77",), ("4",))
    assert reasons[0].startswith("no locality 'Miami Beach' in RVU26C; did you mean ")
    assert reasons[1].startswith("'FL' fits 3 localities")
    assert "\n" not in reasons[1]
    assert reasons[2] == "no locality is given"
    assert reasons[3].startswith("no locality 09102-77 in RVU26C")
    assert reasons[4].startswith("no locality '4'")


def test_zip_codes_with_the_zeros_a_spreadsheet_took(found):
    rows = [("33133",), ("2134",), ("2134.0",), ("33133-1234",), ("331331234",)]
    assert found(["zip"], *rows) == [MIAMI, ("14212", "01"), ("14212", "01"), MIAMI, MIAMI]


def test_zip_codes_that_do_not_decide(found):
    reasons = found(["zip"], ("99999",), ("10000",), ("x",), ("",))
    assert "lies in more than one locality" in reasons[0]
    assert reasons[1].startswith("no ZIP code 10000 in a ZIP5 file")
    assert reasons[2] == "'x' is not a ZIP code; write 33133 or 33133-1234"
    assert reasons[3] == "no locality is given"


def test_a_locality_goes_before_a_zip_code_and_a_blank_one_does_not(found):
    rows = [("09102-99", "33133"), ("", "33133"), ("", "")]
    assert found(["locality", "zip"], *rows) == [("09102", "99"), MIAMI, "no locality is given"]
    rows = [("09102", "99", "33133"), ("", "", "33133"), ("09102", "", "33133")]
    assert found(["mac", "locality", "zip"], *rows) == [("09102", "99"), MIAMI, MIAMI]


def test_a_zip_code_without_a_readable_date(write, lines):
    path = write("CPT,DOS,POS,Zip\n64493,soon,11,33133\n64493,2026-08-03,11,33133\n")
    read = lines(path, zips=ZIPS)
    assert read["locality"].to_list() == ["", "04"]
    assert "cannot be read" in read["intake_reason"][0]


def test_one_locality_for_all_lines(found):
    assert found([], (), (), locality="Miami, FL") == [MIAMI, MIAMI]
    assert found(["locality"], ("09102-99",), locality="Miami, FL") == [MIAMI]
    with pytest.raises(UnknownLocality):
        found([], (), locality="Nowhere")
    with pytest.raises(AmbiguousLocality):
        found([], (), locality="FL")


def test_each_different_place_is_looked_up_once_and_not_without_end(found, monkeypatch):
    asked = []
    once = Places.locality
    monkeypatch.setattr(Places, "locality", lambda self, words, year: asked.append(words) or once(self, words, year))
    assert found(["locality"], *[("Miami, FL",), ("nowhere",)] * 500)[:1] == [MIAMI]
    assert sorted(asked) == ["Miami, FL", "nowhere"]
    monkeypatch.setattr(places, "MOST_NAMES", 2)
    reasons = found(["locality"], *((f"place {n}",) for n in range(5)))
    assert sum(each.startswith("not looked up: the file names more than 2") for each in reasons) == 3
