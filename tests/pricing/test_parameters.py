"""What varies is a parameter: no room of pricing writes into what another object keeps for itself."""

import re
from pathlib import Path

import feecalc

FOLDER = Path(feecalc.__file__).parent
ROOMS = ("pricing", "reference", "scenarios/bridge")
FILES = ("contracts/volume_pricer.py", "spark.py")
PATCHES = (
    re.compile(r"vars\([^()]*(?:\([^()]*\))?[^()]*\)(?:\[[^\]]*\]\s*=[^=]|\.update\()"),
    re.compile(r"object\.__setattr__"),
    re.compile(r"\bsetattr\("),
    re.compile(r"(?<!self)(?<!cls)\._[a-z]\w*(?:\[[^\]]*\])?\s*=[^=]"),  # the private attribute of another
    re.compile(r"__dict__\["),
)


def patches(text):
    return [found.group() for pattern in PATCHES for found in pattern.finditer(text)]


def test_the_patterns_find_what_they_are_for():
    for text in (
        'vars(pricer)["eras"] = eras', 'vars(era.amounts)["factors"] = (1, 1)', "vars(self).update(found)",
        'object.__setattr__(self, "a", 1)', "found._pricers = self._pricers", 'schedule._kept["a"] = 1',
    ):  # fmt: skip
        assert patches(text), text
    assert not patches("self._kept[key] = found; each._kept == other")


def test_pricing_patches_nothing():
    files = [path for room in ROOMS for path in (FOLDER / room).rglob("*.py")] + [FOLDER / name for name in FILES]
    assert len(files) > 50
    found = {path.name: patches(path.read_text(encoding="utf-8")) for path in files}
    assert {name: each for name, each in found.items() if each} == {}
