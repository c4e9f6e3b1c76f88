"""The direction of dependencies, and that no rule, code or path of somebody's machine stands in code.

errors, money, tables <- reference <- pricing <- facility, edits <- files <- runs <- contracts <- scenarios <- charts
<- report <- ui, cli.
``ingest`` knows errors, tables and reference; ``pricing`` takes tables and never opens a store; ``installed`` and
``conformance`` bring the two together. Imports inside functions count as well.
"""

import ast
import importlib.util
import re
from functools import cache
from pathlib import Path

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
    "__init__": EVERYTHING - {"ui", "cli"} | {"public"},  # the public names, each loaded where it is first used
    "public": EVERYTHING - {"ui", "cli"},
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
    "files": PRICING | {"facility", "edits", "ingest", "files"},
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


@cache
def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def short(path):
    return path.relative_to(REPOSITORY).as_posix()


def listed(found, what_to_do):
    """A message that lists every offender, a line each, under what is to be done."""
    return "\n  ".join([what_to_do, *found])


def test_dependencies_run_one_way():
    new = sorted({part(path) for path in MODULES} - MAY_IMPORT.keys())
    assert not new, listed(new, "new parts of the package: give each its place in MAY_IMPORT")
    found = [
        f"{short(path)} imports {', '.join(sorted(wrong))}"
        for path in MODULES
        if (wrong := imported(parsed(path)) - MAY_IMPORT[part(path)])
    ]
    assert not found, listed(found, "imports against the direction of MAY_IMPORT:")


def test_the_walk_sees_every_form_of_import():
    tree = ast.parse(
        "import feecalc.ui.pages\nimport polars\nfrom feecalc import reference, __version__\n"
        "def later():\n    from feecalc.ingest.store import Store\n    importlib.import_module('feecalc.cli.app')\n"
    )
    assert imported(tree) == {"__init__", "reference", "ingest", "ui", "cli"}


def modules():
    """The tree of every module of feecalc, by the name it is imported by."""
    found = {}
    for path in MODULES:
        names = path.relative_to(REPOSITORY).with_suffix("").parts
        found[".".join(names[:-1] if names[-1] == "__init__" else names)] = parsed(path)
    return found


def modules_imported(tree, known):
    """The modules among ``known`` that a module imports: inside its functions, and for its types alone, too."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            full = {alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in known else node.module for name in full.values()}
        elif (
            isinstance(node, ast.Call)
            and ast.unparse(node.func).endswith("import_module")
            and isinstance(node.args[0], ast.Constant)
        ):
            found.add(node.args[0].value)
    return found & set(known)


def circles(imports):
    """The groups of modules that import one another, round about too. ``imports``: the modules each one imports."""
    reached = {}
    for start in imports:
        seen, waiting = set(), list(imports[start])
        while waiting:
            if (name := waiting.pop()) not in seen:
                seen.add(name)
                waiting += imports[name]
        reached[start] = seen
    return sorted(
        {
            tuple(sorted(other for other in reached[name] if name in reached[other]))
            for name in imports
            if name in reached[name]
        }
    )


def test_no_modules_import_one_another():
    trees = modules()
    del trees["feecalc"]  # the face of the package: it names what others may use, and has the version they say
    found = circles({name: modules_imported(tree, trees) for name, tree in trees.items()})
    assert not found, listed(map(", ".join, found), "circles of imports, those inside functions and for types too:")


def test_the_search_for_circles_sees_every_form_of_import():
    trees = {
        "feecalc.a": "from feecalc import b",
        "feecalc.b": "def later():\n    import feecalc.c",
        "feecalc.c": "import importlib\nimportlib.import_module('feecalc.a')",
        "feecalc.d": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from feecalc.e import E",
        "feecalc.e": "from feecalc.d import D",
    }
    imports = {name: modules_imported(ast.parse(text), trees) for name, text in trees.items()}
    assert circles(imports) == [("feecalc.a", "feecalc.b", "feecalc.c"), ("feecalc.d", "feecalc.e")]


WRITES_INTO_AN_OBJECT = re.compile(r"\bvars\([^()]*\)(\[|\.update\()|\.__dict__(\[|\.update\()|\bobject\.__setattr__\(")


def test_no_object_is_written_into_from_outside():
    found = [
        f"{short(path)}:{number}: {line.strip()}"
        for path in MODULES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if WRITES_INTO_AN_OBJECT.search(line)
    ]
    assert not found, listed(found, "what varies is a parameter; written past an object's own names:")


RATE = re.compile(r"(?<![\d.])[1-9]\d\.\d{4}(?!\d)")  # 33.4009: a conversion factor, whatever the year
CODE = re.compile(r"\d{4}[0-9FMTU]|[A-Z]\d{4}")  # the shapes of HCPCS codes
PATH = re.compile(r"/(work|root|tmp|home|Users)/[A-Za-z]")  # a folder of one machine


def is_codes(text):
    words = re.split(r"[\s,;]+", text.strip())
    return all(CODE.fullmatch(word) for word in words)


def test_no_rate_stands_in_code():
    found = [f"{short(path)}: {rate}" for path in MODULES for rate in RATE.findall(path.read_text(encoding="utf-8"))]
    assert not found, listed(found, "rates stand in feecalc/reference/ with their days, unit and source:")


def test_no_procedure_code_stands_in_code():
    found = [
        f"{short(path)}:{node.lineno}: {node.value}"
        for path in MODULES
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and is_codes(node.value)
    ]
    assert not found, listed(found, "which codes a rule speaks of is data: feecalc/reference/:")


def test_no_path_of_a_machine():
    found = [
        f"{short(path)}:{number}"
        for path in TEXTS
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if PATH.search(line)
    ]
    assert not found, listed(found, "the path of somebody's folder stands in:")


def test_the_checks_see_what_they_look_for():
    assert RATE.search("factor = Decimal('33.4009')")
    assert not RATE.search("133.4009 and 0.05 and 1.66")
    assert is_codes("64493")
    assert is_codes("0213T, G2211")
    assert not is_codes("2026C")
    assert not is_codes("price 64493")
    assert WRITES_INTO_AN_OBJECT.search('vars(pricer)["eras"] = eras')
    assert WRITES_INTO_AN_OBJECT.search("object.__setattr__(self, name, value)")
    assert not WRITES_INTO_AN_OBJECT.search("value = vars(pricer)")
    assert PATH.search('open("' + "/".join(["", "home", "me"]) + '")')
