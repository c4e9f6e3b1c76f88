"""TOML is read with a bound and the place of what is wrong, and what is written reads back equal."""

import tomllib
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feecalc.errors import InvalidValue, UnreadableFile
from feecalc.files.toml import parse_toml, read_toml, toml_text

KEYS = st.text(max_size=12)
# TOML has no surrogates; every other character has an escape, or stands for itself.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
VALUES = (
    TEXTS
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9)
    | st.dates(date(1900, 1, 1))
)
INSIDE = st.recursive(VALUES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4))
TABLES = st.dictionaries(KEYS, INSIDE | st.lists(st.dictionaries(KEYS, INSIDE, max_size=4), max_size=3), max_size=6)


@given(TABLES)
def test_what_is_written_reads_back_equal(tables):
    assert tomllib.loads(toml_text(tables), parse_float=Decimal) == tables


def test_tables_come_after_keys_and_mappings_of_rows_stand_on_a_line():
    tables = {
        "category": [{"name": "visits", "percent": Decimal("112.50")}, {"name": "drugs", "codes": ["J0000-J9999"]}],
        "basis": {"year": 2025},
        "percent": Decimal("118"),
        "effective_from": date(2026, 1, 1),
        "event": [{"name": "mix", "share": {"Medicare": 60, "Gulf Coast": 40}}],
    }
    assert toml_text(tables) == (
        "percent = 118\neffective_from = 2026-01-01\n\n"
        '[[category]]\nname = "visits"\npercent = 112.50\n\n[[category]]\nname = "drugs"\ncodes = ["J0000-J9999"]\n\n'
        "[basis]\nyear = 2025\n\n"
        '[[event]]\nname = "mix"\nshare = {Medicare = 60, "Gulf Coast" = 40}\n'
    )


def test_numbers_with_a_point_are_exact():
    assert parse_toml("rate = 0.1", "x.toml").tables == {"rate": Decimal("0.1")}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("percent = 1\nnote = 2\npercent = 2", "percent is there twice, again in line 3"),
        ("a = 1\na = 2\nb = 3", "a is there twice, again in line 2"),
        ("[basis]\n[basis]\n", r"\[basis\] is there twice, again in line 2"),
        ("codes = [\n1,\n2]\ncodes = [3,\n4]\n", "codes is there twice, again in line 4"),
        ("a = 1\nb = \n", "line 2"),
        ("a = " + "[" * 5_000, "brackets within brackets"),
        ("a = " + "9" * 5_000, "Exceeds the limit"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text, words):
    with pytest.raises(UnreadableFile, match=rf"^x\.toml: not TOML .*{words}"):
        parse_toml(text, "x.toml")


def test_the_line_of_a_key():
    places = parse_toml('payer = "X"\n\n[[category]]\nname = "a"\n[[category]]\npercent = 3\n', "x.toml").places
    assert places.of("category", 1, "percent") == "x.toml, [[category]] 2, key 'percent' (line 6)"
    assert places.of("category", 1, "name") == "x.toml, [[category]] 2, key 'name' (line 5)"
    assert places.of("", None, "payer") == "x.toml, key 'payer' (line 1)"


def test_a_file_has_a_bound_and_is_text(tmp_path):
    path = tmp_path / "x.toml"
    with pytest.raises(InvalidValue, match="no such file; write one"):
        read_toml(path, "contract", "write one")
    path.write_bytes(b"a = 1\n" + b"#" * 20)
    assert read_toml(path, "contract", "write one", 26).tables == {"a": 1}
    with pytest.raises(UnreadableFile, match="more than 25 bytes, which no contract's file has"):
        read_toml(path, "contract", "write one", 25)
    path.write_bytes(b"a = '\xff'")
    with pytest.raises(UnreadableFile, match="not text in UTF-8"):
        read_toml(path, "contract", "write one")
    path.write_bytes(b"\xef\xbb\xbfa = 1")
    assert read_toml(path, "contract", "write one").tables == {"a": 1}
