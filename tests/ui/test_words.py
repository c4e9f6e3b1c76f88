"""Text shows as it is, whatever somebody wrote into it."""

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ui.conftest import unescaped

from feecalc.money import usd
from feecalc.ui.shared.words import one_line, plain, readable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a *b* _c_", "a \\*b\\* \\_c\\_"),
        ("$1 and $2", "\\$1 and \\$2"),
        ("<img src=x>", "\\<img src\\=x\\>"),
        (":red[x] :smile:", "\\:red\\[x\\] \\:smile\\:"),
        ("one\n  two", "one  \n– two"),
        ("tab\there\x1b[2J", "tab here\\?\\[2J"),
        ("1. no list", "1\\. no list"),
    ],
)
def test_markdown_is_written_so_that_it_shows(text, shown):
    assert plain(text) == shown


@pytest.mark.parametrize("text", ["http://a.b", "https://a.b", "www.a.b", "me@a.b"])
def test_an_address_does_not_become_a_link(text):
    shown = plain(text).replace("\\", "")
    assert text not in shown
    assert shown.replace("\N{WORD JOINER}", "") == text


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=60))
def test_every_sign_of_a_line_is_kept(text):
    assert unescaped(plain(text)).removeprefix("– ") == text.strip()


@given(st.lists(st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=20), min_size=1))
@example(["a\tb\r\nc", "\x00\x1b[2J", "\u202eright to left", "\u2028\u2029", "\ufeff\u200b", "é ß 漢"])
def test_a_column_reads_as_its_cells_do(texts):
    shown = pl.DataFrame({"text": texts}).select(readable(pl.col("text")))["text"].to_list()
    assert shown == [one_line(each) for each in texts]


def test_money():
    assert usd(Decimal("1190.39")) == "$1,190.39"
    assert usd(Decimal("0.50")) == "$0.50"
