"""The direction of dependencies, and that no rule, code or path of somebody's machine stands in code.

errors, money, tables <- reference <- pricing <- facility, edits <- files <- runs <- contracts <- scenarios <- charts
<- report <- ui, cli.
``ingest`` knows errors, tables and reference; ``pricing`` takes tables and never opens a store; ``installed`` and
``conformance`` bring the two together. Imports inside functions count as well.
"""

import ast
import importlib.util
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
PACKAGE = REPOSITORY / "feecalc"
MODULES = sorted(PACKAGE.rglob("*.py"))
TEXTS = sorted(
    path
    for folder in ("feecalc", "data", "tests", "notebooks", ".ci")
    for path in (REPOSITORY / folder).rglob("*")
    if path.suffix in {".py", ".toml", ".md", ".ipynb", ".csv", ""} and path.is_file()
) + sorted(path for name in ("*.md", "*.toml", "*.py") for path in REPOSITORY.glob(name))

GROUND = {"__init__", "errors", "money", "tables"}
RULES = GROUND | {"reference"}
PRICING = RULES | {"pricing"}
TOGETHER = PRICING | {"ingest", "installed", "conformance"}
SCENARIOS = PRICING | {"facility", "edits", "contracts", "scenarios"}
EVERYTHING = TOGETHER | SCENARIOS | {"files", "runs", "charts", "report", "ui", "cli"}
MAY_IMPORT = {
    "__init__": TOGETHER,  # the public names
    "errors": set(),
    "money": set(),
    "tables": {"tables"},
    "reference": RULES,
    "ingest": RULES | {"ingest"},
    "pricing": PRICING,
    "facility": PRICING | {"facility"},
    "edits": PRICING | {"edits"},
    "contracts": (SCENARIOS - {"scenarios"}) | {"files", "runs", "installed"},
    "scenarios": SCENARIOS | {"files"},
    "installed": TOGETHER - {"conformance"},
    "files": PRICING | {"facility", "ingest", "files"},
    "runs": (TOGETHER - {"conformance"}) | {"facility", "files", "edits", "runs"},
    "conformance": TOGETHER,
    "charts": SCENARIOS | {"charts"},
    "report": SCENARIOS | {"charts", "report"},
    "ui": EVERYTHING - {"cli"},
    "cli": EVERYTHING,
    "spark": EVERYTHING - {"ui", "cli"},
}


def part(path):
    """The top-level part a file belongs to: ``ingest`` for feecalc/ingest/store.py."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def first_name(module, name=""):
    """The part named by ``from module import name``, or None for another package's."""
    names = [*module.split("."), name]
    if names[0] != "feecalc":
        return None
    inner = names[1]
    is_part = inner in MAY_IMPORT or (inner and importlib.util.find_spec(f"feecalc.{inner}"))
    return inner if is_part else "__init__"


def imported(tree):
    """The parts of feecalc that a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {first_name(alias.name) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: relative import"
            found |= {first_name(node.module or "", alias.name) for alias in node.names}
        elif (
            isinstance(node, ast.Call)
            and ast.unparse(node.func).endswith("import_module")
            and isinstance(node.args[0], ast.Constant)
        ):
            found.add(first_name(node.args[0].value))
    return found - {None}


def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def short(path):
    return path.relative_to(REPOSITORY).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=short)
def test_dependencies_run_one_way(path):
    assert part(path) in MAY_IMPORT, "a new part of the package: give it its place in MAY_IMPORT"
    wrong = imported(parsed(path)) - MAY_IMPORT[part(path)]
    assert not wrong, f"{short(path)} imports {', '.join(sorted(wrong))}"


def test_the_walk_sees_every_form_of_import():
    tree = ast.parse(
        "import feecalc.ui.pages\nimport polars\nfrom feecalc import reference, __version__\n"
        "def later():\n    from feecalc.ingest.store import Store\n    importlib.import_module('feecalc.cli.app')\n"
    )
    assert imported(tree) == {"__init__", "reference", "ingest", "ui", "cli"}


RATE = re.compile(r"(?<![\d.])[1-9]\d\.\d{4}(?!\d)")  # 33.4009: a conversion factor, whatever the year
CODE = re.compile(r"\d{4}[0-9FMTU]|[A-Z]\d{4}")  # the shapes of HCPCS codes
PATH = re.compile(r"/(work|root|tmp|home|Users)/[A-Za-z]")  # a folder of one machine


def is_codes(text):
    words = re.split(r"[\s,;]+", text.strip())
    return all(CODE.fullmatch(word) for word in words)


@pytest.mark.parametrize("path", MODULES, ids=short)
def test_no_rate_stands_in_code(path):
    found = RATE.findall(path.read_text(encoding="utf-8"))
    assert not found, "rates stand in feecalc/reference/ with their days, unit and source"


@pytest.mark.parametrize("path", MODULES, ids=short)
def test_no_procedure_code_stands_in_code(path):
    found = [
        (node.lineno, node.value)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and is_codes(node.value)
    ]
    assert not found, "which codes a rule speaks of is data: feecalc/reference/"


@pytest.mark.parametrize("path", TEXTS, ids=short)
def test_no_path_of_a_machine(path):
    found = [line for line in path.read_text(encoding="utf-8").splitlines() if PATH.search(line)]
    assert not found, short(path)


def test_the_checks_see_what_they_look_for():
    assert RATE.search("factor = Decimal('33.4009')")
    assert not RATE.search("133.4009 and 0.05 and 1.66")
    assert is_codes("64493")
    assert is_codes("0213T, G2211")
    assert not is_codes("2026C")
    assert not is_codes("price 64493")
    assert PATH.search('open("' + "/".join(["", "home", "me"]) + '")')
