"""ARCHITECTURE.md is held to the folders: each has its line in the tree, and every path a page names is there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
PACKAGE = REPOSITORY / "feecalc"
PAGE = REPOSITORY / "ARCHITECTURE.md"
PAGES = [PAGE, *(REPOSITORY / name for name in ("CONTRIBUTING.md", "README.md")), *(REPOSITORY / "docs").glob("*.md")]
_LINE = re.compile(r"(?P<before> *)(?P<name>[\w.]+/?) +(?P<about>\S.*)")
_PATH = re.compile(r"`((?:feecalc|tests|data|docs|notebooks)(?:/[\w.*]+)*/?)`")


def tree(text):
    """The paths of the tree with what is said of each, and which of them are folders.

    An entry lies in the one above it that stands further left.
    """
    block = re.search(r"^## The tree\n\n```\n(.*?)```", text, re.DOTALL | re.MULTILINE)
    found, above, folders = {}, [], set()
    for line in block[1].splitlines():
        match = _LINE.fullmatch(line)
        assert match, f"not a line of the tree: {line!r}"
        depth = len(match["before"]) // 2
        assert depth <= len(above), f"too far to the right: {line!r}"
        above[depth:] = [match["name"].rstrip("/")]
        path = "/".join(above)
        assert path not in found, f"twice in the tree: {path}"
        found[path] = match["about"]
        if match["name"].endswith("/"):
            folders.add(path)
    return found, folders


TREE, FOLDERS = tree(PAGE.read_text(encoding="utf-8"))


def test_every_folder_of_code_has_its_line():
    folders = {path.parent.relative_to(REPOSITORY).as_posix() for path in PACKAGE.rglob("*.py")}
    assert folders - TREE.keys() == set()


@pytest.mark.parametrize("path", TREE)
def test_what_the_tree_names_is_there_and_said(path):
    place = REPOSITORY / path
    assert place.exists(), "it is not there any more: amend the tree"
    assert place.is_dir() == (path in FOLDERS), "a folder ends in a stroke"
    assert place.is_file() or any(each.name != "__pycache__" for each in place.iterdir())
    assert len(TREE[path].split()) >= 2


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_a_page_names_is_there(page):
    named = _PATH.findall(page.read_text(encoding="utf-8"))
    assert len(named) > 30 or page.parent.name == "docs" or page.name == "README.md"
    missing = [path for path in named if not any(REPOSITORY.glob(path.rstrip("/")))]
    assert not missing


def test_the_tree_is_read_as_it_is_drawn():
    drawn = "feecalc/   the package\n  cli/   commands\n  money.py   rounding\ntests/   tests\n"
    drawn = f"## The tree\n\n```\n{drawn}```\n"
    found, folders = tree(drawn)
    assert list(found) == ["feecalc", "feecalc/cli", "feecalc/money.py", "tests"]
    assert folders == {"feecalc", "feecalc/cli", "tests"}
    with pytest.raises(AssertionError, match="twice"):
        tree(drawn.replace("money.py", "cli/"))


_REFERENCE = re.compile(r"``([a-z_]\w*(?:\.\w+)+)``")
LIBRARIES = {"matplotlib", "streamlit"}
_NOT_NAMES = {"py", "toml", "csv", "zip", "json", "txt", "xlsx", "parquet", "md"}


def module_name(path):
    return path.relative_to(REPOSITORY).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")


MODULES = {module_name(path): path for path in PACKAGE.rglob("*.py")}
SUFFIXES = {}  # "paid.lines" as in "feecalc.contracts.paid.lines": the modules whose names end so
for _module in MODULES:
    _parts = _module.split(".")
    for _at in range(len(_parts)):
        SUFFIXES.setdefault(".".join(_parts[_at:]), []).append(_module)


@cache
def names_in(path):
    """The names a module's code defines, its arguments and variables among them; and those it imports or builds on."""
    own, others = set(), set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            own.add(node.name)
        elif isinstance(node, ast.Name):
            (own if isinstance(node.ctx, ast.Store) else others).add(node.id)
        elif isinstance(node, ast.arg):
            own.add(node.arg)
        elif isinstance(node, ast.alias):
            others.add((node.asname or node.name).split(".")[0])
    return own, others


def is_there(reference, path):
    """Whether ``module.name`` is a module or a name of one, or an attribute of a name that the file itself has."""
    parts = reference.split(".")
    own, others = names_in(path)
    for at in range(len(parts), 0, -1):
        if modules := SUFFIXES.get(".".join(parts[:at]), ()):
            return at == len(parts) or parts[0] in own or any(is_name(parts[at], MODULES[each]) for each in modules)
    return parts[0] in own | others | LIBRARIES


def is_name(name, path):
    own, others = names_in(path)
    return name in own | others


def stale_references(text, path):
    named = _REFERENCE.findall(text)
    return [each for each in named if each.rpartition(".")[2] not in _NOT_NAMES and not is_there(each, path)]


@pytest.mark.parametrize("module", MODULES)
def test_every_dotted_name_a_docstring_gives_is_there(module):
    path = MODULES[module]
    assert stale_references(path.read_text(encoding="utf-8"), path) == []


def test_a_reference_to_what_was_renamed_is_found():
    path = PACKAGE / "errors.py"
    text = "as ``money.rounded``, ``money.rounded_off``, ``feecalc.money``, ``feecalc.coins.usd`` and ``purse.usd``"
    assert stale_references(text, path) == ["money.rounded_off", "feecalc.coins.usd", "purse.usd"]
