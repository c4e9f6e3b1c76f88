"""feecalc price: the amount, the reason where there is none, the receipt."""

import json
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import polars as pl
import pytest
from typer.testing import CliRunner

from feecalc.cli import app
from feecalc.cli.terminal import output
from feecalc.errors import SplitZip
from feecalc.pricing.places.zip_code import ZipDirectory, ZipLocality


def run(*arguments, code=0):
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == code, result.output
    return result


def cents(amount):
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


# RVU26C prints 64493 with work 1.48, PE 4.08 nonfacility and 0.82 facility, MP 0.14, at 33.4009 dollars per RVU.
# GPCI2026 prints Miami (09102-04) with work 0.994, 1.000 with the floor, PE 1.041, MP 2.529.
FACTOR = Decimal("33.4009")
NATIONAL = cents((Decimal("1.48") + Decimal("4.08") + Decimal("0.14")) * FACTOR)  # 190.39, as RULES and CMS have it
MIAMI_PE_MP = Decimal("4.08") * Decimal("1.041") + Decimal("0.14") * Decimal("2.529")
MIAMI = cents((Decimal("1.48") + MIAMI_PE_MP) * FACTOR)
MIAMI_NO_FLOOR = cents((Decimal("1.48") * Decimal("0.994") + MIAMI_PE_MP) * FACTOR)
MIAMI_FACILITY = cents(
    (Decimal("1.48") + Decimal("0.82") * Decimal("1.041") + Decimal("0.14") * Decimal("2.529")) * FACTOR
)


def test_the_national_amount_comes_first():
    assert Decimal("190.39") == NATIONAL
    result = run("price", "64493", "--release", "2026C")
    assert result.stdout.splitlines()[0] == "$190.39  Medicare allows"
    assert "national" in result.stdout
    assert "starter data" in result.stderr
    assert "RVU26C (starter data), date of service 2026-07-01" in result.stdout


@pytest.mark.parametrize("place", ["09102-04", "Miami, FL", "miami"])
def test_a_locality_by_key_or_name(place):
    result = run("price", " 64493 ", "--locality", place, "--release", "2026C")
    assert result.stdout.startswith(f"${MIAMI}  ")
    assert "09102-04 MIAMI, FL" in result.stdout
    assert f"${MIAMI} in an office, ${MIAMI_FACILITY} in a facility" in result.stdout


def test_the_setting_and_why():
    result = run("price", "64493", "--pos", "24", "--locality", "miami", "--release", "2026C")
    assert result.stdout.startswith(f"${MIAMI_FACILITY}  ")
    assert "facility: place of service 24 is Ambulatory surgical center" in result.stdout


def test_without_the_floor():
    result = run("price", "64493", "--locality", "miami", "--no-gpci-floor", "--release", "2026C", "--json")
    assert json.loads(result.stdout, parse_float=Decimal)["allowed_amount"] == MIAMI_NO_FLOOR


def test_the_track_of_qualifying_participants():
    result = run("price", "64493", "--qp", "--release", "2026C", "--json")
    qp = cents(Decimal("5.70") * Decimal("33.5675"))
    assert json.loads(result.stdout, parse_float=Decimal)["allowed_amount"] == qp


def test_a_nonparticipating_physician():
    result = run("price", "64493", "--nonparticipating", "--release", "2026C")
    # 95 and 109.25 percent of 190.39: 180.8705 and 208.001...
    assert result.stdout.startswith("$180.87  Medicare allows a physician without a participation agreement")
    assert "$208.00, the most an unassigned claim may charge" in result.stdout


def test_office_against_facility_is_for_the_same_biller():
    result = run("price", "64493", "--provider-type", "np", "--pos", "24", "--release", "2026C")
    # 85 percent of 190.39 and of 81.50: 161.8315 and 69.275, halves up
    assert "$161.83 in an office, $69.28 in a facility" in result.stdout


def test_a_service_with_one_amount_is_not_compared():
    assert "Compare" not in run("price", "99221", "--release", "2026C").stdout


def test_a_nurse_practitioner_is_paid_85_percent():
    result = run("price", "64493", "--provider-type", "np", "--release", "2026C", "--json")
    read = json.loads(result.stdout, parse_float=Decimal)
    assert read["allowed_amount"] == cents(NATIONAL * Decimal("0.85"))
    assert read["limiting_charge"] is None


def test_the_date_picks_the_release():
    result = run("price", "64493", "--date", "2026-08-03", "--json")
    read = json.loads(result.stdout)
    assert (read["release"], read["date_of_service"]) == ("RVU26C", "2026-08-03")


def test_anesthesia_by_minutes():
    result = run("price", "01992", "--minutes", "30", "--modifier", "QK", "--release", "2026C", "--json")
    read = json.loads(result.stdout, parse_float=Decimal)
    # 5 base units and 30 / 15 time units at 20.4976, rounded; QK pays half of it, rounded
    assert read["fee_schedule_amount"] == cents(7 * Decimal("20.4976"))
    assert read["allowed_amount"] == cents(cents(7 * Decimal("20.4976")) / 2)


@pytest.mark.parametrize(("service", "status"), [("99070", "bundled"), ("A9270", "noncovered")])
def test_no_price_is_1_and_never_0(service, status):
    result = run("price", service, code=1)
    assert result.stdout.startswith(f"No price: {status}\n")
    assert "$0" not in result.stdout
    read = json.loads(run("price", service, "--json", code=1).stdout)
    assert read["allowed_amount"] is None
    assert read["pricing_status"] == status
    assert read["reason"]


def test_a_technical_component_in_a_facility_is_no_price():
    result = run("price", "77003", "--modifier", "tc", "--pos", "22", code=1)
    assert result.stdout.startswith("No price: technical component")


def test_the_receipt_has_every_step_its_value_and_source():
    result = run("price", "64493", "--locality", "miami", "--explain", "--release", "2026C")
    receipt = result.stdout.split("Receipt\n")[1]
    for words in ("1.48 RVU x 1.000 GPCI", "4.08 RVU x 1.041 GPCI", "0.14 RVU x 2.529 GPCI", "33.4009 USD per RVU"):
        assert words in receipt
    assert "GPCI2026.csv" in receipt
    assert "PPRRVU2026_Jul_nonQPP.csv" in receipt
    assert "sha256      9c4e2959" in receipt
    assert max(map(len, result.stdout.splitlines())) <= 100
    # the values of the steps end in one column, their units begin in one
    ends = {line.index(" RVU", 70) for line in receipt.splitlines() if line.rstrip().endswith("0 RVU")}
    assert len(ends) == 1


def test_json_amounts_have_two_decimals():
    text = run("price", "64493", "--nonparticipating", "--release", "2026C", "--json").stdout
    assert '"limiting_charge": 208.00' in text


def test_a_zip_code_is_looked_up_for_the_year_and_said(monkeypatch):
    asked = []

    class Directory(ZipDirectory):
        def locality_of(self, text, year):
            asked.append((text, year))
            return ZipLocality("33133", "09102", "04", "ZIP5_OCT2025.txt")

    monkeypatch.setattr("feecalc.installed.open_zip_directory", lambda day: asked.append(day) or Directory())
    result = run("price", "64493", "--zip", "33133", "--date", "2026-08-03")
    assert result.stdout.startswith(f"${MIAMI}  ")
    assert "ZIP code 33133 is in 09102-04 MIAMI, FL (ZIP5_OCT2025.txt)" in result.stderr
    assert asked == [date(2026, 8, 3), ("33133", 2026)]


def test_a_split_zip_code_is_not_guessed(monkeypatch):
    def split(self, text, year):
        raise SplitZip("ZIP code 33133 lies in 2 localities: give ZIP+4")

    monkeypatch.setattr(ZipDirectory, "locality_of", split)
    result = run("price", "64493", "--zip", "33133", code=2)
    assert "give ZIP+4" in result.stderr


def test_a_description_cannot_move_the_cursor(monkeypatch):
    from feecalc.ingest import starter

    real = starter.read_starter

    def spoilt(release, table):
        rows = real(release, table)
        return rows.with_columns(description=pl.lit("\x1b[2J\x9b gone")) if table == "rvu" else rows

    monkeypatch.setattr(starter, "read_starter", spoilt)
    result = run("price", "64493", "--explain")
    assert "?[2J? gone" in result.stdout
    assert "\x1b" not in result.output
    assert "\x9b" not in result.output


def test_the_amount_is_bold_on_a_terminal_only(monkeypatch, capsys):
    output.show_large("$190.39")
    assert capsys.readouterr().out == "$190.39\n"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    output.show_large("$190.39")
    assert capsys.readouterr().out == "\x1b[1m$190.39\x1b[0m\n"
    monkeypatch.setenv("NO_COLOR", "1")
    output.show_large("$190.39")
    assert capsys.readouterr().out == "$190.39\n"


def test_modifiers_repeated_or_with_commas():
    # 150 percent of 190.39: 285.585, halves up
    for given in (["--modifier", "50"], ["--modifier", "50,59"], ["--modifier", "rt", "--modifier", "LT"]):
        assert run("price", "64493", *given, "--release", "2026C").stdout.startswith("$285.59  ")
    result = run("price", "64493", "--modifier", "50,59", "--modifier", "LT", "--release", "2026C", "--explain")
    assert "64493-50-59-LT  " in result.stdout
    assert "$190.39 x 150 percent: both sides" in " ".join(result.stdout.split())
    assert max(map(len, result.stdout.splitlines())) <= 100


@pytest.mark.parametrize(
    ("hcpcs", "modifiers", "reason"),
    [
        ("99213", "62", "modifier 62 does not apply to 99213: its co-surgeon indicator is 0"),
        ("64493", "50,73", "modifier 73 does not apply to 64493: only a facility bills it"),
        ("64493", "54", "modifier 54 does not apply to 64493: its global days are 000"),
        ("99213", "66", "modifier 66 does not apply to 99213: its team indicator is 0"),
        ("99221", "GP,TC", "modifier TC does not apply to 99221: the release has no row of it with this modifier"),
        ("64493", "RT,FX", "modifier FX does not apply to 64493: it has no technical part"),
        (
            "27447",
            "54,55",
            "54 and 55 contradict each other on one line: the operation and the aftercare are billed on two lines",
        ),
    ],
)
def test_a_modifier_that_does_not_apply_is_named_with_what_says_so(hcpcs, modifiers, reason):
    result = run("price", hcpcs, "--modifier", modifiers, "--release", "2026C", "--json", code=1)
    assert json.loads(result.stdout)["reason"] == reason


def test_units_and_days_of_care():
    read = json.loads(run("price", "97110", "--units", "3", "--release", "2026C", "--json").stdout, parse_float=Decimal)
    # 0.45 + 0.41 + 0.01 RVU: 29.06; with half of PE, 0.665 RVU: 22.21, twice
    first, other = cents(Decimal("0.87") * FACTOR), cents(Decimal("0.665") * FACTOR)
    assert (read["units"], read["allowed_amount"]) == (3, first + 2 * other)
    result = run("price", "27447", "--modifier", "55", "--postoperative-days", "30", "--release", "2026C")
    # (19.11 + 11.58 + 4.02) x 33.4009 = 1,159.35; 21 percent x 30 / 90
    assert result.stdout.startswith(f"${cents(cents(Decimal('34.71') * FACTOR) * Decimal('0.07'))}  ")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--modifier", "5"], "two digits or letters"),
        (["--modifier", "ZZ"], "ZZ"),
        (["--units", "0"], "from 1 to 9,999"),
    ],
)
def test_modifiers_and_units_that_cannot_be(given, words):
    assert words in run("price", "64493", *given, code=2).stderr


def test_a_modifier_that_does_not_apply_is_no_price():
    assert run("price", "64493", "--modifier", "54", code=1).stdout.startswith("No price: modifier does not apply\n")
