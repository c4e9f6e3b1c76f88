"""What is printed: safe for a terminal, exact, and one JSON document."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from feecalc.cli.terminal import output


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("MIAMI", "MIAMI"),
        ("SAINT-JOS\xc9", "SAINT-JOS\xc9"),
        ("\x1b[2Jgone", "?[2Jgone"),
        ("a\tb\r\nc", "a b  c"),
        ("\x9b31m", "?31m"),  # the one-byte CSI of the C1 controls
        ("right\u202eleft", "right?left"),
        ("\ud800", "?"),
        ("line\u2028line", "line?line"),
    ],
)
def test_control_characters_never_reach_the_terminal(text, shown):
    assert output.one_line(text) == shown


def test_a_message_keeps_its_own_lines(capsys):
    output.say("several fit:\n  A\n  \x1b[31mB")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "several fit:\n  A\n  ?[31mB\n"


def test_quoted_text_is_escaped_and_cut():
    assert output.quoted("\x1b[31m") == "'\\x1b[31m'"
    assert len(output.quoted("x" * 10_000)) < 90


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (Decimal("190.39"), "$190.39"),
        (Decimal("1234567.50"), "$1,234,567.50"),
        (Decimal("0"), "$0.00"),
        (Decimal("-2123.72"), "-$2,123.72"),
        (None, "-"),
    ],
)
def test_money(amount, shown):
    assert output.money(amount) == shown


def test_a_table_fits_100_columns_and_cuts_only_text(capsys):
    rows = [
        {"code": "64493", "what": "w" * 200, "amount": Decimal("1190.39"), "rank": 1},
        {"code": "64494", "what": None, "amount": None, "rank": 12},
    ]
    output.print_table(rows, {"code": "code", "what": "description", "amount": "amount", "rank": "rank"})
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) == 100
    assert lines[2].endswith("w…  1,190.39     1")
    assert lines[3].split() == ["64494", "-", "-", "12"]
    assert lines[3].endswith("       -    12")


def test_a_table_of_a_frame_and_of_nothing(capsys):
    output.print_table(pl.DataFrame({"mac": ["09102"], "name": ["MIA\x1bMI"]}), ["name", "mac"])
    output.print_table([], ["name"])
    assert capsys.readouterr().out.splitlines() == ["name    mac", "------  -----", "MIA?MI  09102", "name", "----"]


def test_json_keeps_decimals_exact_and_zeros(capsys):
    output.print_json(
        {
            "amount": Decimal("190.50"),
            "large": Decimal("12345678901234567890.12"),
            "none": None,
            "day": date(2026, 8, 3),
            "file": Path("a") / "b",
            "text": "\x1b \u2028 \"quoted\"",
            "list": (1, Decimal("0.10")),
            "empty": [],
            "nothing": {},
        }
    )
    text = capsys.readouterr().out
    assert '"amount": 190.50' in text
    assert '"large": 12345678901234567890.12' in text
    assert text.isascii()
    assert "\x1b" not in text
    read = json.loads(text, parse_float=Decimal)
    assert read["amount"] == Decimal("190.50")
    assert read["day"] == "2026-08-03"
    assert read["text"] == '\x1b \u2028 "quoted"'
    assert (read["list"], read["empty"], read["nothing"]) == ([1, Decimal("0.10")], [], {})


def test_json_of_a_frame(capsys):
    frame = pl.DataFrame(
        {"hcpcs": ["00100", 'x_amount":"1'], "x_amount": [Decimal("1.50"), None], "n": [1, 2]},
        schema={"hcpcs": pl.String, "x_amount": pl.Decimal(12, 2), "n": pl.Int64},
    )
    output.print_json({"rows": frame, "none": frame.head(0)})
    text = capsys.readouterr().out
    assert '"x_amount":1.50' in text
    assert json.loads(text)["rows"] == [
        {"hcpcs": "00100", "x_amount": 1.5, "n": 1},
        {"hcpcs": 'x_amount":"1', "x_amount": None, "n": 2},
    ]
    assert json.loads(text)["none"] == []
