"""What every command keeps to: help, exit codes, one JSON document, a quick start."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

from feecalc import __version__
from feecalc.cli import COMMANDS, app
from feecalc.cli.terminal.shell import Shell
from feecalc.errors import UnknownCode

REPOSITORY = Path(__file__).parents[3]
HEAVY = ("dataframely", "requests", "streamlit", "altair", "matplotlib", "rich", "xlsxwriter", "fastexcel", "pydantic")


def run(*arguments):
    return CliRunner().invoke(app, list(arguments))


def shell(*arguments, **options):
    """A real process, as a shell starts it."""
    command = [sys.executable, "-c", "from feecalc.cli import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, **options)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_every_command_has_help_with_an_example(command, option):
    result = run(command, option)
    assert result.exit_code == 0
    assert f"Usage: feecalc {command}" in result.stdout
    assert f": feecalc {command}" in result.stdout.split("Options:")[1]  # "Example: feecalc price ..."
    assert "--json" in result.stdout


@pytest.mark.parametrize("group", [[], ["contract"]])
def test_no_summary_is_cut_in_a_terminal_of_80_columns(group, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    commands = run(*group, "--help").stdout.split("Commands:")[1]
    assert "..." not in commands


@pytest.mark.parametrize("command", ["price", "compare", "audit"])
def test_help_of_contract_shows_no_python_types(command):
    assert "<" not in run("contract", command, "--help").stdout


@pytest.mark.parametrize(("name", "near"), [("2031C", None), ("2026E", "RVU26D")])
def test_only_a_near_release_is_suggested(name, near):
    told = run("table", "--release", name).stderr
    assert f"no release RVU{name[2:]} is known" in told
    assert near in told if near else "did you mean" not in told


def test_a_release_that_does_not_exist_is_not_to_be_fetched():
    told = run("releases", "RVU99Z").stderr
    assert "no release RVU99Z is known" in told
    assert "feecalc fetch" not in told


def test_help_fits_100_columns():
    for command in COMMANDS:
        result = CliRunner().invoke(app, [command, "-h"], env={"COLUMNS": "200"})
        assert max(map(len, result.stdout.splitlines())) <= 100, command


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_says_what_it_is(command):
    for param in get_command(app).commands[command].params:
        assert getattr(param, "help", None), f"feecalc {command} {param.name}"


@pytest.mark.parametrize("command", COMMANDS)
def test_the_readme_shows_every_command(command):
    assert f"feecalc {command}" in (REPOSITORY / "README.md").read_text(encoding="utf-8")


def test_no_command_is_missing_from_the_list():
    assert set(get_command(app).commands) == set(COMMANDS)


def test_version():
    assert run("--version").stdout == f"feecalc {__version__}\n"


def test_without_a_command_the_help_is_shown_and_it_is_wrong_usage():
    result = run()
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "conformance" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["price"],
        ["pric", "64493"],
        ["price", "64493", "--nosuch"],
        ["price", "64493", "--minutes", "many"],
        ["price", "64493", "--date", "tomorrow"],
        ["price", "64493", "--modifier", "2"],
        ["price", "\x1b[31m"],
        ["price", "ZZZZZ"],
        ["price", "64493", "--locality", "nowhere at all"],
        ["price", "64493", "--release", "RVU99Z"],
        ["price", "64493", "--zip", "33133"],
        ["price", "64493", "--zip", "33133", "--locality", "miami"],
        ["table", "-o", "fees.doc"],
        ["table", "--code", "6449"],
        ["compare", "64493", "--across", "time"],
        ["compare", "64493", "--across", "localities", "--release", "2025D", "--release", "2026C"],
        ["compare", "64493", "--across", "releases", "--date", "2026-01-01"],
        ["localities", "nowhere at all"],
        ["localities", "--state", "ZZ"],
        ["localities", "--county", "Nowhere"],
        ["localities", "33133"],
        ["conformance"],
        ["conformance", "nosuchfile.txt"],
        ["app", "--port", "80"],
    ],
)
def test_wrong_usage_is_2_and_told_once_to_a_person_or_as_json(arguments):
    told = run(*arguments)
    assert told.exit_code == 2
    assert told.stdout == ""
    assert "feecalc: " in told.stderr
    assert "\x1b" not in told.stderr
    assert "Traceback" not in told.output
    as_json = run(*arguments, "--json")
    assert as_json.exit_code == 2
    error = json.loads(as_json.stdout)["error"]
    assert error["type"]
    assert error["message"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["price", "64493"], 0),
        (["price", "64493", "--locality", "Miami, FL", "--pos", "24", "--explain"], 0),
        (["price", "99070"], 1),
        (["table", "--code", "64493"], 0),
        (["compare", "64493", "99213", "--across", "localities"], 0),
        (["compare", "64493", "--across", "settings", "--locality", "miami"], 0),
        (["compare", "64493", "--across", "releases"], 0),
        (["localities"], 0),
        (["localities", "--county", "Broward", "FL"], 0),
        (["releases"], 0),
    ],
)
def test_json_is_one_document_on_standard_output(arguments, code):
    result = run(*arguments, "--json")
    assert result.exit_code == code, result.stderr
    assert json.loads(result.stdout)
    assert result.stdout.isascii()


def test_a_real_process_gives_the_same(tmp_path):
    home = {**os.environ, "FEECALC_HOME": str(tmp_path)}
    done = shell("price", "64493", "--json", env=home)
    assert (done.returncode, json.loads(done.stdout)["allowed_amount"]) == (0, 190.39)
    refused = shell("price", "ZZZZZ", "--json", env=home)
    assert (refused.returncode, json.loads(refused.stdout)["error"]["type"]) == (2, "UnknownCode")
    typed_wrong = shell("pric", env=home)
    assert typed_wrong.returncode == 2
    assert "Did you mean 'price'" in typed_wrong.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("option", [[], ["--json"]])
def test_output_onto_a_full_disk_is_an_error_and_no_traceback(tmp_path, option):
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-c", "from feecalc.cli import main; main()", "localities", *option]
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, env={**os.environ, "FEECALC_HOME": str(tmp_path)}
        )
    assert done.returncode == 2
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="pipes as POSIX has them")
def test_a_reader_that_stops_early_is_no_failure(tmp_path):
    home = {**os.environ, "FEECALC_HOME": str(tmp_path)}
    command = [sys.executable, "-c", "from feecalc.cli import main; main()", "table", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=home) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr is not None
        said = process.stderr.read()
        assert process.wait(120) == 0
    assert b"Traceback" not in said
    assert b"BrokenPipe" not in said


def test_a_price_starts_without_what_it_does_not_need(tmp_path):
    program = (
        "import sys\nsys.argv = ['feecalc', 'price', '64493']\n"
        "from feecalc.cli import main\ntry:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        f"print(sorted({{each.split('.')[0] for each in sys.modules}} & set({HEAVY!r})))\n"
        "print(sorted(each for each in sys.modules if each.startswith('feecalc.cli.')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        env={**os.environ, "FEECALC_HOME": str(tmp_path)},
    )
    heavy, own = done.stdout.splitlines()[-2:]
    assert heavy == "[]"
    terminal = [f"terminal.{name}" for name in ("arguments", "options", "output", "shell")]
    expected = ["commands", "commands.price", "terminal", *terminal]
    assert own == str([f"feecalc.cli.{name}" for name in expected])


def _failing(error):
    """An application whose one command fails so."""
    shell_app = typer.Typer(cls=Shell, pretty_exceptions_enable=False, add_completion=False)

    @shell_app.callback()
    def options():
        pass

    @shell_app.command()
    def fail(as_json: bool = typer.Option(False, "--json")):
        raise error

    return shell_app


@pytest.mark.parametrize(
    ("error", "code", "kind"),
    [
        (UnknownCode("no code \x1b[31mX"), 2, "UnknownCode"),
        (KeyboardInterrupt(), 130, "Interrupted"),
        (PermissionError(13, "Permission denied", "/somewhere"), 2, "OSError"),
    ],
)
def test_how_a_command_ends(error, code, kind):
    told = CliRunner().invoke(_failing(error), ["fail"])
    assert told.exit_code == code
    assert told.stdout == ""
    assert told.stderr.startswith("feecalc: ")
    assert "\x1b" not in told.stderr
    as_json = CliRunner().invoke(_failing(error), ["fail", "--json"])
    assert as_json.exit_code == code
    assert json.loads(as_json.stdout)["error"]["type"] == kind


def test_a_fault_of_the_program_is_not_hidden():
    result = CliRunner().invoke(_failing(ZeroDivisionError("a fault")), ["fail"])
    assert isinstance(result.exception, ZeroDivisionError)
