"""Localities by key, name and county; ZIP codes."""

import polars as pl
import pytest

from feecalc.errors import AmbiguousLocality, InvalidValue, NotInstalled, SplitZip, UnknownLocality, UnknownZip
from feecalc.installed import open_schedule
from feecalc.pricing.places.locality import by_county
from feecalc.pricing.places.zip_code import ZipDirectory


@pytest.fixture(scope="module")
def d25(tmp_path_factory):
    return open_schedule("2025D", home=tmp_path_factory.mktemp("empty")).schedule


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("09102-04", "09102-04"),
        ("9102-4", "09102-04"),
        ("09102 04", "09102-04"),
        ("Miami, FL", "09102-04"),
        ("miami fl", "09102-04"),
        ("alabama", "10112-00"),
        ("AK", "02102-01"),
        ("Rest of Florida", "09102-99"),
        ("manhattan", "13202-01"),
    ],
)
def test_one_locality(d25, text, key):
    assert d25.find_locality(text).key == key


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("FL", ["09102-03", "09102-04", "09102-99"]),
        ("san francisco", ["01112-05", "01112-52"]),
    ],
)
def test_several_fit_and_are_named(d25, text, keys):
    with pytest.raises(AmbiguousLocality) as told:
        d25.find_locality(text)
    for key in keys:
        assert key in str(told.value)


def test_the_beginning_of_a_name_is_enough(d25):
    assert d25.find_locality("Dall").name == "DALLAS"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("MIAMI BEACH", "09102-04 MIAMI, FL"),
        ("Mimai", "did you mean 09102-04 MIAMI"),
        ("00000-00", "no locality 00000-00"),
        ("04", "no locality"),
        ("<script>", "no locality"),
        ("", "no locality"),
    ],
)
def test_none_fits_and_the_nearest_is_named(d25, text, said):
    with pytest.raises(UnknownLocality, match=said):
        d25.find_locality(text)


def test_a_number_alone_is_not_a_key(d25):
    """Locality 04 stands in more than one MAC: 62 of 109 would be priced as another."""
    assert d25.localities.filter(pl.col("locality") == "04")["mac"].n_unique() > 1
    with pytest.raises(UnknownLocality):
        d25.find_locality("04")


@pytest.mark.parametrize(
    ("county", "state", "keys"),
    [
        ("Broward", "FL", ["09102-03"]),
        ("broward county", None, ["09102-03"]),
        ("Kern", "CA", ["01112-54"]),
        ("Sutter", "CA", ["01112-70"]),
        ("Baldwin", "AL", ["10112-00"]),  # statewide
        ("Alachua", "FL", ["09102-99"]),  # no locality names it: all other counties
        ("Nowhere", None, []),
    ],
)
def test_counties(d25, county, state, keys):
    assert [place.key for place, _ in by_county(d25.counties, d25.all_localities, county, state)] == keys


ZIP5 = pl.DataFrame(
    {
        "zip": ["33133", "63031", "99501"],
        "state": ["FL", "MO", "AK"],
        "mac": ["09102", "05302", "02102"],
        "locality": ["04", "02", "01"],
        "rural_indicator": ["", "", ""],
        "plus_four_flag": ["0", "1", "0"],
        "year_quarter": ["20261"] * 3,
    }
)
PLUS4 = pl.DataFrame(
    {
        "zip": ["63031", "63031", "63031", "10001"],
        "plus_four": ["0001", "0002", "0002", ""],
        "mac": ["05302", "05302", "05302", "13202"],
        "locality": ["02", "99", "02", "01"],
        "first_year": [2020, 2024, 2020, 2020],
        "last_year": [9999, 9999, 2023, 9999],
    }
)
BOTH = ZipDirectory(ZIP5, "ZIP5-20261", PLUS4, "ZIP_PLUS4")


class TestZip:
    def test_a_whole_zip(self):
        found = BOTH.locality_of("33133", 2026)
        assert (found.mac, found.locality, found.source) == ("09102", "04", "ZIP5-20261")
        assert BOTH.locality_of("33133-0001", 2026).locality == "04"

    def test_a_split_zip_is_decided_by_plus_four_and_year(self):
        assert BOTH.locality_of("63031-0001", 2026).locality == "02"
        assert BOTH.locality_of("63031-0002", 2026).locality == "99"
        assert BOTH.locality_of("630310002", 2023).locality == "02"

    def test_a_split_zip_without_plus_four_names_its_localities(self):
        with pytest.raises(SplitZip, match=r"05302-02, 05302-99"):
            BOTH.locality_of("63031", 2026)
        # in 2023 both halves lay in one locality
        assert BOTH.locality_of("63031", 2023).locality == "02"

    def test_a_split_zip_without_the_file(self):
        with pytest.raises(SplitZip, match=r"no ZIP\+4 file"):
            ZipDirectory(ZIP5, "ZIP5-20261").locality_of("63031-0001", 2026)

    @pytest.mark.parametrize("text", ["3313", "33133-12", "abcde", "33133; ls", ""])
    def test_not_a_zip(self, text):
        with pytest.raises(InvalidValue, match="not a ZIP"):
            BOTH.locality_of(text, 2026)

    def test_unknown(self):
        with pytest.raises(UnknownZip, match="00000"):
            BOTH.locality_of("00000", 2026)
        with pytest.raises(UnknownZip, match="63031-9999"):
            BOTH.locality_of("63031-9999", 2026)

    def test_no_file_at_all(self):
        with pytest.raises(NotInstalled, match="feecalc build"):
            ZipDirectory().locality_of("33133", 2026)
