"""README and docs/ show what feecalc prints: every marked example is run and compared with what stands below it.

``python tests/test_readme.py`` writes the output of the shell examples anew; read the change before it is kept.
"""

import csv
import doctest
import io
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

import pytest

REPOSITORY = Path(__file__).parents[1]
README = REPOSITORY / "README.md"
DOCUMENTS = [README, *sorted((REPOSITORY / "docs").glob("*.md"))]
PUBLIC = [
    *REPOSITORY.glob("*.md"),
    *(REPOSITORY / "docs").glob("*.md"),
    *(REPOSITORY / "notebooks").glob("*.ipynb"),
    *(REPOSITORY / "data").rglob("*.csv"),
]  # what a stranger reads first
STARTER, CMS = "starter data", "CMS's files"
_BLOCK = re.compile(r"<!-- runs on (?P<on>[^\n]*) -->\n```(?P<kind>console|python)\n(?P<text>.*?)```", re.DOTALL)
_COMMANDLINE = "import sys; from feecalc.cli import main; sys.argv[0] = 'feecalc'; main()"


def blocks(kind, on):
    """The marked blocks of all documents; a line of three dots in one stands for output that is not shown."""
    found = (match for path in DOCUMENTS for match in _BLOCK.finditer(path.read_text(encoding="utf-8")))
    return [match["text"] for match in found if (match["kind"], match["on"]) == (kind, on)]


def run(command, folder):
    """What a terminal would show: both streams as they come."""
    program, *arguments = shlex.split(command)
    assert program == "feecalc", command
    environment = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "FEECALC_CMS_URL"}}
    done = subprocess.run(
        [sys.executable, "-c", _COMMANDLINE, *arguments],
        cwd=folder,
        env=environment | {"FEECALC_HOME": str(folder / "home")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode in (0, 1), f"{command}\n{done.stdout}"  # README shows no command that cannot run
    return done.stdout.rstrip()


def examples(block):
    """Each command of a block with the output that stands below it."""
    found = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
    return [(command, shown.rstrip()) for command, shown in found]


def differences(block, folder):
    """What the commands of a block print now, where that is not what is shown."""
    alike = doctest.OutputChecker().check_output
    found = [(command, shown, run(command, folder)) for command, shown in examples(block)]
    return [(command, printed) for command, shown, printed in found if not alike(shown, printed, doctest.ELLIPSIS)]


def put_cms_files(cms, folder):
    """The files of CMS's that README's commands name, in the folder they are run in."""
    named = set(re.findall(r"[\w-]+\.(?:zip|txt|xlsx|csv)", "".join(blocks("console", CMS))))
    for path in cms.rglob("*"):
        if path.name in named:
            shutil.copyfile(path, folder / path.name)


def put_samples(folder):
    """The sample files that README's commands name."""
    shutil.copytree(REPOSITORY / "data" / "samples", folder, dirs_exist_ok=True)


@pytest.fixture(scope="module")
def cms_folder(cms, tmp_path_factory):
    folder = tmp_path_factory.mktemp("readme")
    put_cms_files(cms, folder)
    return folder


def test_the_marked_commands_are_there():
    text = README.read_text(encoding="utf-8")
    for mark in ("first command", "test command"):
        assert re.search(rf"^<!-- {mark} -->\n```sh\n[^`]+\n```$", text, re.MULTILINE), f".ci/run looks for {mark}"
    assert len(blocks("console", STARTER)) >= 3
    assert len(blocks("console", CMS)) >= 3
    assert len(blocks("python", STARTER)) == 1


@pytest.mark.parametrize("block", blocks("console", STARTER), ids=lambda block: block.split("\n")[0])
def test_a_command_on_starter_data_prints_what_readme_shows(block, tmp_path):
    put_samples(tmp_path)
    assert not differences(block, tmp_path)


def test_the_commands_on_cms_files_print_what_readme_shows(cms_folder):
    for block in blocks("console", CMS):  # in README's order: the first ones build what the later ones read
        assert not differences(block, cms_folder)


def test_readme_python_is_true():
    (block,) = blocks("python", STARTER)
    example = doctest.DocTestParser().get_doctest(block, {}, "README.md", str(README), 0)
    assert len(example.examples) > 5
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that it is starter data
        found = doctest.DocTestRunner(verbose=False).run(example)
    assert not found.failed


@pytest.mark.parametrize("path", PUBLIC, ids=lambda path: path.name)
def test_no_description_of_cms_is_shown(cms, path):
    text = path.read_text(encoding="utf-8").lower()
    for name in ("rvu25d.zip", "rvu26c.zip"):
        with zipfile.ZipFile(cms / "zips" / name) as archive:
            (member,) = (each for each in archive.namelist() if each.startswith("PPRRVU") and each.endswith(".csv"))
            rows = csv.reader(io.StringIO(archive.read(member).decode("latin-1"), newline=""))
            descriptions = {row[2].strip().lower() for row in rows if re.fullmatch("[0-9A-Z]{4}[0-9FMTU]", row[0])}
        assert len(descriptions) > 10_000
        assert not [each for each in descriptions if len(each) > 9 and each in text]


def test_no_line_is_wider_than_a_terminal():
    for block in blocks("console", STARTER) + blocks("console", CMS):
        for line in block.splitlines():
            assert len(line) <= 100 or line.startswith(("$ ", "starter data")), line


def _anew(block, folder):
    """The block with the output of now; an output that was shortened stays as it is."""
    lines = []
    for command, shown in examples(block):
        printed = run(command, folder)
        lines.append(f"$ {command}\n{shown if '...' in shown.splitlines() else printed}".rstrip() + "\n")
    return "".join(lines)


def _write_anew():
    with tempfile.TemporaryDirectory() as folder:
        places = {STARTER: Path(folder) / "starter", CMS: Path(folder) / "cms"}
        for place in places.values():
            place.mkdir()
        put_samples(places[STARTER])
        put_cms_files(REPOSITORY.parent / "shared" / "cms", places[CMS])

        def with_output(match):
            if match["kind"] == "python":
                return match[0]
            return match[0].replace(match["text"], _anew(match["text"], places[match["on"]]))

        for path in DOCUMENTS:
            path.write_text(_BLOCK.sub(with_output, path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    _write_anew()
