"""The quick reader of rows reads what TOML says, or leaves the file to TOML."""

import tomllib
from pathlib import Path

import pytest

from feecalc import reference

FILES = sorted(Path(reference.__file__).parent.glob("*.toml"))


def test_it_reads_what_toml_says_and_most_files():
    quick = 0
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        found = reference._plain_rows(text, f"[[{path.stem}]]")
        if found is not None:
            quick += 1
            assert found == tomllib.loads(text)[path.stem], path.stem
    assert quick > len(FILES) // 2


@pytest.mark.parametrize(
    "line",
    ['a = "x\\ty"', "a = '''x'''", "a = 1.5", "a = { b = 1 }", "[a.b]", "a = 01", 'a = ["x",]', 'a.b = "x"', "a = "],
)
def test_what_it_does_not_know_is_left_to_toml(line):
    assert reference._plain_rows(f"[[t]]\n{line}\n", "[[t]]") is None
    assert reference._plain_rows('[[t]]\na = "x"\na = "y"\n', "[[t]]") is None
