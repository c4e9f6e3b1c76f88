"""feecalc table, compare, localities and conformance on the starter data."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from feecalc.cli import app
from feecalc.cli.terminal import output_files
from feecalc.conformance import Comparison, Count, Report

COLUMNS = [
    "hcpcs", "modifier", "mac", "locality", "state", "status_indicator", "nonfacility_amount", "facility_amount",
    "nonfacility_uncapped_amount", "facility_uncapped_amount", "limiting_charge", "nonfacility_notes", "facility_notes",
]  # fmt: skip


def run(*arguments, code=0):
    result = CliRunner().invoke(app, [str(each) for each in arguments])
    assert result.exit_code == code, result.output
    return result


def fits(text):
    assert max(map(len, text.splitlines())) <= 100
    return text


def test_the_table_as_csv_has_the_columns_in_order_two_decimals_and_empty_cells(tmp_path):
    arguments = ["table", "--release", "2026C", "--locality", "09102-04", "--code", "64493", "--code", "99070"]
    result = run(*arguments, "-o", tmp_path / "fees.csv")
    lines = (tmp_path / "fees.csv").read_text().splitlines()
    assert lines[0].split(",") == COLUMNS
    # (1.48 x 1.000 + 4.08 x 1.041 + 0.14 x 2.529) x 33.4009 = 203.122..., with PE 0.82 89.770...; 109.25 percent of
    # 203.12 is 221.9086
    assert lines[1] == "64493,,09102,04,FL,A,203.12,89.77,203.12,89.77,221.91,,"
    assert lines[2] == "99070,,09102,04,FL,B,,,,,,,"
    assert len(lines) == 3
    assert "2 rows of RVU26C" in result.stdout


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
def test_every_format_has_every_row(tmp_path, ending):
    result = run("table", "--code", "64493", "-o", tmp_path / f"fees.{ending}", "--json")
    about = json.loads(result.stdout)
    assert about["rows"] == 109
    assert about["file"] == str(tmp_path / f"fees.{ending}")
    assert about["bytes"] == (tmp_path / f"fees.{ending}").stat().st_size


def test_a_sheet_too_long_is_refused_and_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(output_files, "SHEET_ROWS", 108)
    result = run("table", "--code", "64493", "-o", tmp_path / "fees.xlsx", code=2)
    assert "--locality and --code" in result.stderr
    assert list(tmp_path.glob("*.xlsx")) == []


def test_an_ending_is_refused_before_anything_is_opened(monkeypatch):
    monkeypatch.setattr("feecalc.installed.open_schedule", lambda *a, **k: pytest.fail("opened"))
    assert ".parquet" in run("table", "-o", "fees.txt", code=2).stderr


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    result = run("table", "--code", "64493", "-o", tmp_path / "file" / "fees.csv", "--json", code=2)
    assert json.loads(result.stdout)["error"]["type"] == "StoreError"


def test_the_printed_table_is_bounded_and_says_so():
    result = run("table", "--code", "64493")
    assert len(fits(result.stdout).splitlines()) == 43  # two lines of headings, a rule, 40 rows
    assert "the first 40 of 109 rows" in result.stderr


def test_what_the_amounts_should_be_read_with_is_printed_and_written(tmp_path):
    # Pub. 100-04 ch. 13 sec. 20.2: a hospital's patient; 27447 is never done in an office (its NA indicator)
    arguments = ["table", "--code", "70496", "--code", "27447", "--locality", "09102-04"]
    printed = " ".join(run(*arguments).stdout.split())
    assert "27447, nonfacility amount: NA: rarely or never done in this setting" in printed
    assert "70496, facility amount: a facility's patient: the professional part is paid in place" in printed
    run(*arguments, "-o", tmp_path / "fees.csv")
    written = pl.read_csv(tmp_path / "fees.csv", infer_schema=False).fill_null("")
    notes = {row[:2]: row[2:] for row in written.select("hcpcs", "modifier", *COLUMNS[-2:]).rows()}
    assert notes["27447", ""][0].startswith("NA: rarely")
    assert notes["27447", ""][1] == ""
    assert "professional part" in notes["70496", ""][1]
    assert notes["70496", "26"] == notes["70496", "TC"] == ("", "")


def test_the_table_as_json():
    read = json.loads(run("table", "--code", "64493", "--code", "A9270", "--locality", "miami", "--json").stdout)
    assert read["release"] == "RVU26C"
    assert [list(row) for row in read["rows"]] == [COLUMNS, COLUMNS]
    assert read["rows"][1]["facility_amount"] is None


def test_localities_are_ranked_and_a_long_ranking_shows_its_ends():
    result = run("compare", "64493", "99213", "--across", "localities")
    lines = fits(result.stdout).splitlines()
    assert [line for line in lines if line in ("64493", "99213")] == ["64493", "99213"]
    ranks = [int(line.split()[0]) for line in lines[3:23]]
    assert (ranks[0], ranks[9], ranks[-1]) == (1, 10, 109)
    assert ranks == sorted(ranks)
    assert "89 localities" in result.stderr
    rows = json.loads(run("compare", "64493", "--across", "localities", "--json").stdout)["rows"]
    amounts = [row["nonfacility_amount"] for row in rows]
    assert len(rows) == 109
    assert amounts == sorted(amounts, reverse=True)


def test_office_against_facility():
    result = run("compare", "64493", "--across", "settings", "--release", "2026C")
    # 5.70 and 2.44 RVU at 33.4009: 190.385... and 81.498...; the difference of the rounded amounts
    assert fits(result.stdout).splitlines()[-1].split() == ["64493", "national", "190.39", "81.50", "108.89"]


def test_release_by_release():
    result = run("compare", "64493", "--across", "releases", "--release", "2026C", "--release", "rvu25d")
    lines = fits(result.stdout).splitlines()
    # RVU25D: 5.32 RVU at 32.3465 is 172.083...
    assert lines[-2].split() == ["RVU25D", "2025-10-01", "172.08", "88.31", "-"]
    assert lines[-1].split() == ["RVU26C", "2026-07-01", "190.39", "81.50", "18.31"]


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        (["miami"], "09102-04"),
        (["Miami,", "FL"], "09102-04"),
        (["09102-04"], "09102-04"),
        (["dade"], "09102-04"),
        (["--county", "Broward", "FL"], "09102-03"),
        (["--county", "Broward, FL"], "09102-03"),
        (["--county", "St.", "Lucie", "FL"], "09102-03"),
        (["--county", "Orange", "--state", "FL"], "09102-99"),
    ],
)
def test_a_locality_by_its_words(arguments, key):
    read = json.loads(run("localities", *arguments, "--json").stdout)
    assert [row["key"] for row in read["localities"]] == [key]
    assert read["answered_by"]


def test_a_county_of_all_other_counties_says_so():
    result = run("localities", "--county", "Orange", "FL")
    assert "09102-99 holds, in CMS's words: ALL OTHER COUNTIES" in fits(result.stdout)
    assert "none of those named: BROWARD" in result.stdout.replace("\n", " ")
    assert "LOCCO" in result.stdout


def test_all_localities_and_those_of_a_state():
    assert len(json.loads(run("localities", "--json").stdout)["localities"]) == 109
    result = run("localities", "--state", "fl")
    assert fits(result.stdout).splitlines()[2].split()[0] == "09102-03"
    assert "Answered by GPCI2026.csv" in result.stdout


def test_a_zip_code_without_the_zip_file_says_how_to_load_one():
    assert "feecalc build" in run("localities", "33133", code=2).stderr


def _report(different):
    count = Count(rows=2, equal=2 - different, different=different, not_computable=0)
    differing = pl.DataFrame({"hcpcs": ["64493"], "printed": [Decimal("1.00")], "computed": [Decimal("1.01")]})
    comparison = Comparison(
        table="payment_amount",
        source="PFREV.txt",
        release="RVU25D",
        count=count,
        by_setting={"facility": count},
        by_status={"A": count},
        reasons={},
        differing=differing.head(different),
    )
    return Report((comparison,), ("compared with RVU25D",))


@pytest.mark.parametrize(("different", "code"), [(0, 0), (1, 1)])
def test_conformance_is_1_on_any_difference(monkeypatch, different, code):
    asked = []
    monkeypatch.setattr("feecalc.conformance.run", lambda *given: asked.append(given) or _report(different))
    result = run("conformance", "--release", "2025D", "PFREV.txt", code=code)
    assert asked == [("2025D", (Path("PFREV.txt"),))]
    assert "PFREV.txt against RVU25D" in fits(result.stdout)
    assert ("1.01" in result.stdout) == bool(different)
    assert result.stderr == "compared with RVU25D\n"
    monkeypatch.setattr("feecalc.conformance.Comparison.as_dict", lambda self, sample: {"agrees": self.agrees})
    assert json.loads(run("conformance", "--json", code=code).stdout)["agrees"] is (different == 0)


class _Server:
    """A server that ends by itself, or is stopped with Ctrl-C."""

    def __init__(self, ending):
        self.ending, self.terminated = ending, False

    def wait(self, timeout=None):
        if self.ending is KeyboardInterrupt and not self.terminated:
            raise KeyboardInterrupt
        return 0 if self.ending is KeyboardInterrupt else self.ending

    def poll(self):
        return None if self.ending is KeyboardInterrupt else self.ending

    def terminate(self):
        self.terminated = True


@pytest.mark.parametrize(("ending", "code"), [(0, 0), (3, 1), (KeyboardInterrupt, 0)])
def test_the_app_is_served_to_this_computer_only(monkeypatch, ending, code):
    started = []
    server = _Server(ending)
    monkeypatch.setattr(subprocess, "Popen", lambda command, **how: started.append(command) or server)
    result = run("app", "--json", code=code)
    (command,) = started
    assert command[1:4] == ["-m", "feecalc.ui.start", "run"]
    assert command[command.index("--server.address") + 1] == "127.0.0.1"
    assert command[command.index("--browser.gatherUsageStats") + 1] == "false"
    assert Path(command[4]).is_file()
    read = json.loads(result.stdout)
    assert read["address"] == f"http://127.0.0.1:{read['port']}"
    assert server.terminated is (ending is KeyboardInterrupt)


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_app_and_its_server(tmp_path, number):
    program = "from feecalc.cli import main; main()"
    environment = {**os.environ, "FEECALC_HOME": str(tmp_path), "HOME": str(tmp_path)}
    command = [sys.executable, "-c", program, "app", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment) as process:
        assert process.stdout is not None
        port = json.loads(b"".join(process.stdout.readline() for _ in range(4)))["port"]
        end = time.monotonic() + 60
        while not _answers(port):
            assert time.monotonic() < end
            time.sleep(0.1)
        process.send_signal(number)
        assert process.wait(30) == 0
    assert not _answers(port)


_STUBBORN = """
import os, pathlib, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path(os.environ["FEECALC_APP_FOLDER"], "claims.csv").write_text("a patient's lines")
time.sleep(60)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_a_server_that_does_not_answer_is_ended_and_keeps_nothing(monkeypatch):
    """One that stands still hears no signal: it is not asked for long, and no file of a person's stays behind."""
    start, begun = subprocess.Popen, []

    def stubborn(command, env, **_):
        begun.append((start([sys.executable, "-c", _STUBBORN], env=env), Path(env["FEECALC_APP_FOLDER"])))
        threading.Thread(target=told_to_go, args=begun[0]).start()
        return begun[0][0]

    def told_to_go(server, folder):
        while server.poll() is None and not list(folder.glob("*.csv")):
            time.sleep(0.05)
        begun.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(subprocess, "Popen", stubborn)
    run("app", "--json", code=0)
    (server, folder), told = begun
    assert time.monotonic() - told < 3
    assert server.poll() == -signal.SIGKILL
    assert not folder.exists()


def _answers(port):
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


def test_a_port_that_is_taken():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"port {port} is taken" in run("app", "--port", port, code=2).stderr
