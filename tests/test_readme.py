"""README and docs/ show what feecalc prints: every marked example is run and compared with what stands below it.

All commands of a page run in one process, in a folder with the sample files. ``python tests/test_readme.py [PAGE]``
writes the outputs anew, of all pages or of one; read the change before it is kept.
"""

import csv
import difflib
import doctest
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel
from typer.main import get_command

import feecalc
from feecalc.cli import app
from feecalc.scenarios.scenario.model import Scenario

REPOSITORY = Path(__file__).parents[1]
README = REPOSITORY / "README.md"
PAGES = [README, *sorted((REPOSITORY / "docs").glob("*.md"))]
PUBLIC = [
    *REPOSITORY.glob("*.md"),
    *(REPOSITORY / "docs").glob("*.md"),
    *(REPOSITORY / "notebooks").glob("*.ipynb"),
    *(REPOSITORY / "data").rglob("*.csv"),
]  # what a stranger reads first
STARTER, CMS = "starter data", "CMS's files"
_BLOCK = re.compile(r"<!-- runs on (?P<on>[^\n]*) -->\n```(?P<kind>console|python)\n(?P<text>.*?)```", re.DOTALL)
_LINK = re.compile(r"\]\((?P<target>[^)#\s]+)?(?:#(?P<part>[^)\s]+))?\)")
_SHORTENED = "..."
# Runs the commands it is given one after the other, and gives what a terminal would show: both streams as they come.
_SESSION = """
import json, os, sys, tempfile
from feecalc.cli import main
shown, streams = [], (os.dup(1), os.dup(2))
for arguments in json.loads(sys.stdin.read()):
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 1), os.dup2(file.fileno(), 2)
        sys.argv, code = ['feecalc', *arguments], 0
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
        sys.stdout.flush(), sys.stderr.flush()
        os.dup2(streams[0], 1), os.dup2(streams[1], 2)
        file.seek(0)
        shown.append((code, file.read().decode()))
print(json.dumps(shown))
"""


def short(path):
    return path.relative_to(REPOSITORY).as_posix()


def blocks(path, kind, on):
    """The marked blocks of a page; a line of three dots in one stands for output that is not shown."""
    found = _BLOCK.finditer(path.read_text(encoding="utf-8"))
    return [match["text"] for match in found if (match["kind"], match["on"]) == (kind, on)]


def pages(kind, on):
    return [path for path in PAGES if blocks(path, kind, on)]


def run(commands, folder):
    """What each command prints. They share a process, as starting one takes longer than most of them."""
    words = [shlex.split(command) for command in commands]
    assert all(each[0] == "feecalc" for each in words), commands
    environment = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "FEECALC_CMS_URL"}}
    done = subprocess.run(
        [sys.executable, "-c", _SESSION],
        input=json.dumps([each[1:] for each in words]),
        cwd=folder,
        env=environment | {"FEECALC_HOME": str(folder / "home")},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    wrong = [f"{command}\n{text}" for command, (code, text) in zip(commands, shown, strict=True) if code not in (0, 1)]
    assert not wrong, "\n".join(wrong)  # a page shows no command that cannot run
    return [text.rstrip() for _, text in shown]


def examples(block):
    """Each command of a block with the output that stands below it."""
    found = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
    return [(command, shown.rstrip()) for command, shown in found]


def alike(shown, printed):
    return doctest.OutputChecker().check_output(shown, printed, doctest.ELLIPSIS)


def differences(path, on, folder):
    """The commands of a page that print now what is not shown, with what they print."""
    found = [example for block in blocks(path, "console", on) for example in examples(block)]
    printed = run([command for command, _ in found], folder)
    return [(command, now) for (command, shown), now in zip(found, printed, strict=True) if not alike(shown, now)]


def put_cms_files(cms, folder, path):
    """CMS's files that the page's commands name, in the folder they are run in."""
    named = set(re.findall(r"[\w-]+\.(?:zip|txt|xlsx|csv)", "".join(blocks(path, "console", CMS))))
    for each in cms.rglob("*"):
        if each.name in named:
            shutil.copyfile(each, folder / each.name)


def put_samples(folder):
    """The sample files that commands name."""
    shutil.copytree(REPOSITORY / "data" / "samples", folder, dirs_exist_ok=True)


def test_the_marked_commands_are_there():
    text = README.read_text(encoding="utf-8")
    for mark in ("first command", "test command"):
        assert re.search(rf"^<!-- {mark} -->\n```sh\n[^`]+\n```$", text, re.MULTILINE), f".ci/run looks for {mark}"
    assert len(blocks(README, "console", STARTER)) >= 3
    assert len(blocks(README, "python", STARTER)) == 1
    assert pages("console", CMS)
    assert all(blocks(path, kind, on) for path in PAGES for kind, on in _marked(path)), "a mark without its block"


def _marked(path):
    """Kind and place of each mark of a page, whether or not a block of that kind follows."""
    marks = re.findall(r"<!-- runs on (.*?) -->\n```(\w*)", path.read_text(encoding="utf-8"))
    assert {(kind, on) for on, kind in marks} <= {("console", STARTER), ("console", CMS), ("python", STARTER)}
    return [(kind, on) for on, kind in marks]


@pytest.mark.parametrize("path", pages("console", STARTER), ids=short)
def test_the_commands_of_a_page_print_what_it_shows(path, tmp_path):
    put_samples(tmp_path)
    assert not differences(path, STARTER, tmp_path)


@pytest.mark.parametrize("path", pages("console", CMS), ids=short)
def test_the_commands_on_cms_files_print_what_a_page_shows(cms, path, tmp_path):
    put_cms_files(cms, tmp_path, path)
    assert not differences(path, CMS, tmp_path)  # in the page's order: the first ones build what the later ones read


@pytest.mark.parametrize("path", pages("python", STARTER), ids=short)
def test_the_python_of_a_page_is_true(path, tmp_path, monkeypatch):
    put_samples(tmp_path)
    monkeypatch.chdir(tmp_path)
    text = "\n".join(blocks(path, "python", STARTER))
    example = doctest.DocTestParser().get_doctest(text, {}, path.name, str(path), 0)
    assert len(example.examples) > 5
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that it is starter data
        found = doctest.DocTestRunner(verbose=False).run(example)
    assert not found.failed


@pytest.mark.parametrize("path", [*PAGES, *(REPOSITORY / name for name in ("CONTRIBUTING.md",))], ids=short)
def test_every_link_of_a_page_leads_somewhere(path):
    text = path.read_text(encoding="utf-8")
    for match in _LINK.finditer(text):
        target = match["target"] or path.name
        if "://" in target:
            continue
        found = path.parent / target
        assert found.exists(), target
        if match["part"]:
            headings = re.findall(r"^#+ (.*)$", found.read_text(encoding="utf-8").lower(), re.MULTILINE)
            assert match["part"] in {re.sub(r"[^\w -]", "", each).strip().replace(" ", "-") for each in headings}


def test_the_index_names_every_page():
    index = (REPOSITORY / "docs" / "README.md").read_text(encoding="utf-8")
    named = {match["target"] for match in _LINK.finditer(index)}
    assert {path.name for path in PAGES if path.parent.name == "docs"} - {"README.md"} <= named


def test_the_glossary_is_in_order_and_says_where_each_term_is_met():
    text = (REPOSITORY / "docs" / "glossary.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.*?) \| (.*?) \| (.*?) \|$", text, re.MULTILINE)[1:]
    terms = [term for term, _, _ in rows]
    assert len(terms) > 40
    assert terms == sorted(terms, key=str.lower)
    assert len(set(terms)) == len(terms)
    assert all(definition.endswith(".") and where for _, definition, where in rows)


def keys(model):
    """The keys of a person's TOML file: those of a model and of all models within it."""
    found, parts = set(), [(name, field.annotation) for name, field in model.model_fields.items()]
    while parts:
        name, annotation = parts.pop()
        found.add(name)
        for each in (annotation, *get_args(annotation)):
            if isinstance(each, type) and issubclass(each, BaseModel):
                found |= keys(each)
            elif each is not annotation:
                parts.append((name, each))
    return found


@pytest.mark.parametrize(
    ("page", "model"), [("contracts.md", feecalc.Contract), ("forecasts.md", Scenario)], ids=["contract", "scenario"]
)
def test_a_guide_names_every_key_of_its_file(page, model):
    text = (REPOSITORY / "docs" / page).read_text(encoding="utf-8")
    assert len(keys(model)) > 30
    of_file = keys(model) - {"volume_change"}  # an alternative's own, which no file may hold
    assert not [key for key in sorted(of_file) if not re.search(rf"\b{key}\b", text)]


def test_the_contract_of_the_guide_is_read_and_passes_its_own_tests(tmp_path):
    text = (REPOSITORY / "docs" / "contracts.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "example.toml").write_text(block, encoding="utf-8")
    assert feecalc.read_contract(tmp_path / "example.toml").payer == "Example Health"
    (printed,) = run(["feecalc contract test example.toml"], tmp_path)
    assert printed.endswith("1 tests, 0 failed")


def commands(group=None, name="feecalc"):
    """Every command with its options, by its name: "feecalc contract solve"."""
    group = get_command(app) if group is None else group
    found = {name: {option for param in group.params for option in (*param.opts, *param.secondary_opts)}}
    for part, command in getattr(group, "commands", {}).items():
        found |= commands(command, f"{name} {part}")
    return found


@pytest.mark.parametrize("path", PAGES, ids=short)
def test_every_command_and_option_a_page_names_is_there(path):
    known, text = commands(), path.read_text(encoding="utf-8")
    text = re.sub(r"<!-- (?:first|test) command -->\n```.*?```", "", text, flags=re.DOTALL)  # also pip's and pytest's
    options = {option for each in known.values() for option in each} | {"--help", "--version"}
    assert not set(re.findall(r"(?<![\w-])--[a-z][a-z-]*[a-z]", text)) - options
    shown = [line for part in re.findall(r"```(?:sh|console)\n(.*?)```", text, re.DOTALL) for line in part.splitlines()]
    lines = [line.removeprefix("$ ") for line in shown] + re.findall(r"`(feecalc [^`]+)`", text)
    for line in lines:
        if match := re.match(r"(feecalc (?:contract )?[a-z][a-z-]+)\b", line):
            own = known[match[1]] | {"-h", "--help"}
            assert not set(re.findall(r"(?<!\S)--?[a-z][a-z-]*(?!\S)", line)) - own, line


@pytest.fixture(scope="module")
def descriptions(cms):
    """CMS's descriptions of services, in small letters."""
    found = set()
    for name in ("rvu25d.zip", "rvu26c.zip"):
        with zipfile.ZipFile(cms / "zips" / name) as archive:
            (member,) = (each for each in archive.namelist() if each.startswith("PPRRVU") and each.endswith(".csv"))
            rows = csv.reader(io.StringIO(archive.read(member).decode("latin-1"), newline=""))
            of_release = {row[2].strip().lower() for row in rows if re.fullmatch("[0-9A-Z]{4}[0-9FMTU]", row[0])}
        assert len(of_release) > 10_000
        found |= of_release
    return {each for each in found if len(each) > 9}


@pytest.mark.parametrize("path", PUBLIC, ids=short)
def test_no_description_of_cms_is_shown(descriptions, path):
    text = re.sub(r'"image/png": "[^"]*"', "", path.read_text(encoding="utf-8")).lower()  # pictures hold no text
    assert not [each for each in descriptions if each in text]


def test_no_line_is_wider_than_a_terminal():
    for path in PAGES:
        for block in blocks(path, "console", STARTER) + blocks(path, "console", CMS):
            for line in block.splitlines():
                assert len(line) <= 100 or line.startswith(("$ ", "starter data")), f"{short(path)}: {line}"


def anew(shown, printed):
    """An output as it is now; of one that was shortened, the parts that were shown, where they stand now."""
    if alike(shown, printed) and shown:
        return shown
    if _SHORTENED not in shown.splitlines():
        return printed
    now, at, lines = printed.splitlines(), 0, []
    for part in re.split(r"^\.\.\.$\n?", f"{shown}\n", flags=re.MULTILINE):
        old = part.splitlines()
        if old:
            ends = max(len(now) - len(old), at)
            at = max(range(at, ends + 1), key=lambda start: _likeness(old, now[start : start + len(old)]))
            lines += now[at : at + len(old)]
            at += len(old)
        lines.append(_SHORTENED)
    return "\n".join(lines[:-1])


def _likeness(old, new):
    return sum(difflib.SequenceMatcher(None, *pair).quick_ratio() for pair in zip(old, new, strict=False))


def test_a_shortened_output_is_written_anew_in_its_parts():
    shown = "first 1\n...\nlast part, 20 dollars\n..."
    assert anew(shown, "first 1\nmiddle\nlast part, 20 dollars\nend") == shown
    assert anew(shown, "first 2\nmiddle\nlast part, 25 dollars\nend") == "first 2\n...\nlast part, 25 dollars\n..."
    assert anew("all of it", "other") == "other"


def _write_anew(path, cms):
    """Write the outputs of a page as they are now."""
    text = path.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        for on in (STARTER, CMS):
            found = [example for block in blocks(path, "console", on) for example in examples(block)]
            if not found:
                continue
            place = Path(folder) / on.split()[0]
            place.mkdir()
            if on == STARTER:
                put_samples(place)
            elif cms.is_dir():
                put_cms_files(cms, place, path)
            else:
                continue
            printed = iter(run([command for command, _ in found], place))

            def with_output(match, on=on, printed=printed):
                if (match["kind"], match["on"]) != ("console", on):
                    return match[0]
                block = [(command, anew(shown, next(printed))) for command, shown in examples(match["text"])]
                lines = "".join(f"$ {command}\n{shown}".rstrip() + "\n" for command, shown in block)
                return match[0].replace(match["text"], lines)

            text = _BLOCK.sub(with_output, text)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    asked = [Path(name).resolve() for name in sys.argv[1:]]
    for page in asked or PAGES:
        _write_anew(page, REPOSITORY.parent / "shared" / "cms")
        print(short(page))
