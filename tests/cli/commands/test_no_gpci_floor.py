"""Prices without the work GPCI floor, where all that is installed is a release that prints the index with it alone.

The release has the starter data's figures, which are RVU26C's, but for that column: so every amount must be the starter
data's, and it is said whence the index comes.
"""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from stored import a_manifest

from feecalc.ingest.starter import read_starter
from feecalc.ingest.store import Store

SAMPLES = Path(__file__).parents[3] / "data" / "samples"
SOURCE = "work GPCI without the floor: GPCI2026.csv of RVU26C in the starter data"


@pytest.fixture
def install():
    """Install RVU26C with its work index printed once."""

    def write():
        tables = {table: {"member": member} for table, member in (("rvu", "PPRRVU2026.csv"), ("gpci", "GPCI2026.csv"))}
        manifest = replace(a_manifest(), tables=tables, facts={"rvu": {}, "gpci": {"prints_floor": "with"}})
        gpci = read_starter("RVU26C", "gpci")
        printed_once = gpci.with_columns(pl.lit(None, gpci.schema["work_gpci_unfloored"]).alias("work_gpci_unfloored"))
        Store().write(manifest, {"rvu": read_starter("RVU26C", "rvu"), "gpci": printed_once})
        units = a_manifest("BASE_UNITS-2022", date(2022, 1, 1), "base_units")
        Store().write(replace(units, tables={}), {"base_units": read_starter("RVU26C", "base_units")})

    return write


@pytest.fixture
def both_ways(run, install):
    """What a command says as JSON with the starter data, which prints both, and with the release that does not."""

    def call(*arguments):
        for name in Store().names():
            Store().remove(name)
        told = []
        for prepare in (lambda: None, install):
            prepare()
            code, out, err = run(*arguments, "--json")
            assert code == 0, err
            told.append((json.loads(out, parse_float=Decimal), " ".join(err.split())))
        (whole, not_said), (floored, said) = told
        assert "without the floor" not in not_said
        assert SOURCE in said
        return whole, floored

    return call


def test_price(both_ways):
    # (1.48 x 0.994 + 4.08 x 1.041 + 0.14 x 2.529) x 33.4009 = 202.8256..., as RVU26C and GPCI2026 print
    whole, floored = both_ways("price", "64493", "--locality", "09102-04", "--no-gpci-floor", "--release", "2026C")
    assert whole["allowed_amount"] == floored["allowed_amount"] == Decimal("202.83")
    assert any(notice.startswith(SOURCE) for notice in floored["notices"])


def test_a_price_of_the_nation_has_no_index_to_tell_of(run, install):
    install()
    code, _, err = run("price", "64493", "--no-gpci-floor", "--release", "2026C")
    assert code == 0
    assert "without the floor" not in err


def test_table(both_ways):
    whole, floored = both_ways("table", "--no-gpci-floor", "--release", "2026C", "--code", "64493", "--code", "99213")
    assert len(floored["rows"]) == 218  # two services in 109 localities
    assert whole["rows"] == floored["rows"]


def test_compare(both_ways):
    for across in (["localities"], ["settings", "--locality", "09102-04"]):
        whole, floored = both_ways("compare", "64493", "--across", *across, "--no-gpci-floor", "--release", "2026C")
        assert whole["rows"] == floored["rows"]


def test_claims(both_ways, tmp_path):
    arguments = ("claims", SAMPLES / "claims.csv", "--no-gpci-floor", "-o", tmp_path / "out.csv", "--release", "2026C")
    whole, floored = both_ways(*arguments)
    assert whole["allowed_amount"] == floored["allowed_amount"]
    assert floored["notes"][-1].startswith(SOURCE)


def test_bridge_and_reprice(both_ways, tmp_path):
    (tmp_path / "volume.csv").write_text("hcpcs,units,locality\n64493,10,09102-04\n")
    sides = ("--from", "2026C", "--to", "2026C", "--to-no-gpci-floor")
    _, floored = both_ways("bridge", *sides, "--volume", tmp_path / "volume.csv")
    assert floored["parts"]["gpci"] == floored["change"] == Decimal("-2.90")  # 10 x (202.83 - 203.12)
    whole, floored = both_ways("reprice", *sides, SAMPLES / "claims.csv")
    assert whole["difference"] == floored["difference"] < 0


def test_forecast(both_ways):
    """The sample has the floor end in 2027, with odds."""
    whole, floored = both_ways("forecast", SAMPLES / "scenario.toml", "--draws", "200", "--seed", "5")
    assert whole["net"] == floored["net"]
    assert [whole[by] for by in ("by_payer", "by_location")] == [floored[by] for by in ("by_payer", "by_location")]
    assert whole["alternatives"] == floored["alternatives"]


def test_contract(both_ways, tmp_path):
    contract = tmp_path / "contract.toml"
    contract.write_text(
        'payer = "P"\npercent = 100\n[basis]\nrelease = "2026C"\ngpci_floor = false\nlocality = "09102-04"\n'
    )
    (tmp_path / "volume.csv").write_text("hcpcs,units,locality\n64493,10,national\n")
    whole, floored = both_ways("contract", "price", contract, "--volume", tmp_path / "volume.csv")
    assert whole["contract_amount"] == floored["contract_amount"] == Decimal("2028.30")


def test_localities_name_the_file_of_the_column(run, install):
    install()
    code, out, _ = run("localities", "09102-04", "--release", "2026C")
    assert code == 0
    assert "0.994" in out
    told = "indices of RVU26C, without the floor of GPCI2026.csv of RVU26C in the starter data."
    assert told in " ".join(out.split())
