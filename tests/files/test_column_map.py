"""--map: TOML or two columns of text."""

import pytest

from feecalc.errors import InvalidValue, UnreadableFile
from feecalc.files.headings import read_column_map

SAID = {"Svc Date": "date_of_service", "Old CPT": ""}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("map.csv", "Svc Date,date_of_service\nOld CPT,\n"),
        ("map.csv", "\ufefftheir,our\r\n\"Svc Date\", date_of_service \r\n\r\nOld CPT,\r\n"),
        ("map.toml", '"Svc Date" = "date_of_service"\n"Old CPT" = ""\n'),
        ("map.toml", '[columns]\n"Svc Date" = "date_of_service"\n"Old CPT" = ""\n'),
    ],
)
def test_both_forms_say_the_same(write, name, text):
    assert read_column_map(write(text, name)) == SAID


@pytest.mark.parametrize(
    ("name", "content", "error", "words"),
    [
        ("map.csv", b"", InvalidValue, "maps no column"),
        ("map.csv", b"a,b,c\n", InvalidValue, "row 1: write"),
        ("map.csv", b"a,hcpcs\na,units\n", InvalidValue, "row 2: a is mapped twice"),
        ("map.csv", b"\xff\xfe", UnreadableFile, "not text in UTF-8"),
        ("map.csv", b"a" * (2**20 + 1), UnreadableFile, "more than"),
        ("map.toml", b"a = ", UnreadableFile, "not TOML"),
        ("map.toml", b"a = 1", InvalidValue, "with text on both sides"),
    ],
)
def test_what_is_not_a_map(write, name, content, error, words):
    with pytest.raises(error, match=words):
        read_column_map(write(content, name))


def test_a_map_that_is_not_there(tmp_path):
    with pytest.raises(InvalidValue, match="no such file"):
        read_column_map(tmp_path / "none.csv")
