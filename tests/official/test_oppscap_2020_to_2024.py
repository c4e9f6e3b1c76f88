"""OPPSCAP of eight releases of 2020 to 2024 against the RVU file beside it: every row, both settings.

Rows: codes and modifiers times localities, 119 to 2023 (the 112 of GPCI and seven once more under 01112) and 115 in
2024 (109 and six). Four of the eight were printed by other figures than the release's: printed_difference.toml.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import polars as pl
import pytest
from official.conftest import EARLIER, composed, oppscap_of

from feecalc import reference
from feecalc.conformance import printed, run
from feecalc.conformance.running import oppscap_check
from feecalc.errors import CheckFailed
from feecalc.ingest.build import build
from feecalc.ingest.store import Store

# Rows; and those that CMS printed by other figures.
#   20D  the TC rows of 78429 and 78430 in 119 localities
#   21D  all but 127 of 17,969, which are equal by the release's figures too
#   23D  Puerto Rico and the Virgin Islands, 154 rows each
#   24C  every row
ROWS = {
    "20A": (153 * 119, 0), "20D": (153 * 119, 2 * 119), "21D": (151 * 119, 151 * 119 - 127), "22A": (156 * 119, 0),
    "22D": (156 * 119, 0), "23D": (154 * 119, 154 * 2), "24A": (154 * 115, 0), "24C": (154 * 115, 154 * 115),
}  # fmt: skip
TOLD = {
    "20D": "CMS printed it with the work RVU of the 26 row",
    "21D": "a conversion factor of 32.4085",
    "23D": "PE and MP indices of 1.000 for Puerto Rico and the Virgin Islands",
    "24C": "CMS printed it by a conversion factor of 32.7442",
}
KEY = ["hcpcs", "modifier"]


@pytest.mark.parametrize("quarter", EARLIER)
def test_every_row_is_equal_or_printed_by_other_figures_and_met_by_those(earlier, quarter):
    report = run(f"20{quarter}", store=earlier)
    (comparison,) = report.comparisons
    rows, own = ROWS[quarter]
    count = comparison.count
    assert (count.rows, count.cms_differences, count.equal) == (rows, own, rows - own)
    assert (count.different, count.not_computable) == (0, 0)
    assert report.agrees
    assert [TOLD[quarter] in each.words for each in comparison.own_differences] == ([True] if own else [])


@pytest.mark.parametrize("quarter", EARLIER)
def test_the_build_installed_it_without_allowing_anything_and_tells(earlier, quarter):
    manifest = earlier.manifest(f"RVU{quarter}")
    assert not manifest.allowed_warnings
    assert not [check for check in manifest.checks if check["failed"]]
    (check,) = [each for each in manifest.checks if each["check"] == "oppscap_amounts"]
    assert check["checked"] == ROWS[quarter][0]
    assert TOLD.get(quarter, "") in check["detail"]


@pytest.mark.parametrize("quarter", EARLIER)
def test_the_evidence_is_as_many_rows_as_the_table_says(earlier, quarter):
    day = earlier.manifest(f"RVU{quarter}").first_date_of_service
    known = [row["rows"] for row in printed.rules("oppscap", f"RVU{quarter}", day)]
    assert known == ([ROWS[quarter][1]] if ROWS[quarter][1] else [])


@pytest.mark.parametrize("quarter", ["20D", "21D", "22A", "23D", "24C"])
def test_one_amount_off_by_a_cent_is_refused_with_its_row(cms, tmp_path, quarter):
    lines = oppscap_of(cms, quarter).decode().splitlines()
    number = next(place for place, line in enumerate(lines) if line.startswith("78429,TC,C,09202,20"))
    *place, facility, nonfacility = lines[number].split(",")
    lines[number] = ",".join([*place, facility, f"{Decimal(nonfacility) + Decimal('0.01')}"])
    damaged = composed(cms, quarter, tmp_path, oppscap="\r\n".join(lines).encode())
    store = Store(tmp_path / "home")
    told = r"oppscap_amounts \(error\): 1 of .*\n    hcpcs 78429, modifier TC, mac 09202"
    with pytest.raises(CheckFailed, match=told):
        build(damaged, store=store, more_checks=(oppscap_check,))
    assert store.names() == []


@pytest.mark.parametrize("quarter", EARLIER)
def test_the_localities_that_gpci_lacks_print_what_their_number_prints_under_01182(earlier, quarter):
    # CMS's amounts held against CMS's amounts: nothing is computed here.
    cap, gpci = (earlier.read(f"RVU{quarter}", table) for table in ("oppscap", "gpci"))
    places = ["mac", "locality"]
    lacking = cap.join(gpci, on=places, how="anti")
    numbers = ["17", "18", "26", "71", "72", "73", "74"] if quarter < "24" else ["17", "18", "71", "72", "73", "74"]
    assert lacking.select(places).unique().sort(places).rows() == [("01112", number) for number in numbers]
    south = cap.filter(pl.col("mac") == "01182").drop("mac", "status_indicator")
    both = lacking.join(south, on=[*KEY, "locality", "facility_amount", "nonfacility_amount"], how="semi")
    assert both.height == lacking.height == len(numbers) * cap.select(KEY).n_unique()


@pytest.mark.parametrize("quarter", EARLIER)
def test_the_global_of_a_contractor_s_code_is_its_tc_s_opps_values_and_its_26_s_own(earlier, quarter):
    # That is why one rule holds for every year: the row's OPPS columns with the work of the 26 row.
    rvu = earlier.read(f"RVU{quarter}", "rvu").filter(pl.col("pctc_indicator") == "1")
    opps = ["opps_pe_rvu_nonfacility", "opps_pe_rvu_facility", "opps_mp_rvu"]
    whole = rvu.filter((pl.col("modifier") == "") & (pl.col("status_indicator") == "C") & (pl.col(opps[0]) > 0))
    technical = rvu.filter(pl.col("modifier") == "TC").select("hcpcs", *opps)
    professional = rvu.filter(pl.col("modifier") == "26").select(
        "hcpcs", pe_n="pe_rvu_nonfacility", pe_f="pe_rvu_facility", mp="mp_rvu"
    )
    joined = whole.select("hcpcs", "work_rvu", *opps).join(technical, on="hcpcs", suffix="_tc")
    joined = joined.join(professional, on="hcpcs")
    assert joined.height == whole.height == 34
    assert joined["work_rvu"].sum() == 0
    for name, part in zip(opps, ("pe_n", "pe_f", "mp"), strict=True):
        assert (joined[name] == joined[f"{name}_tc"] + joined[part]).all()


def test_an_amount_of_each_by_hand(earlier):
    """Puerto Rico (09202-20), 78429 TC, PE and MP for OPPS as PPRRVU prints them, and its 26 row's work RVU.

    20D: (1.76 x 1.000 + 39.97 x 1.007 + 0.01 x 0.990) x 36.0896, indices of GPCI2020
    23D: indices of 1.000 in place of 1.008 and 0.984;  24C: 32.7442 in place of 33.2875
    """
    factors = {"20D": "36.0896", "23D": "33.8872", "24C": "32.7442"}
    for quarter, factor in factors.items():
        rvu, gpci, cap = (earlier.read(f"RVU{quarter}", table) for table in ("rvu", "gpci", "oppscap"))
        row = rvu.row(by_predicate=(pl.col("hcpcs") == "78429") & (pl.col("modifier") == "TC"), named=True)
        work = rvu.row(by_predicate=(pl.col("hcpcs") == "78429") & (pl.col("modifier") == "26"), named=True)["work_rvu"]
        place = gpci.row(by_predicate=(pl.col("mac") == "09202") & (pl.col("locality") == "20"), named=True)
        pe, mp = (Decimal(1), Decimal(1)) if quarter == "23D" else (place["pe_gpci"], place["mp_gpci"])
        total = row["opps_pe_rvu_nonfacility"] * pe + row["opps_mp_rvu"] * mp
        if quarter == "20D":
            total += work * place["work_gpci"]
        where = (pl.col("hcpcs") == "78429") & (pl.col("modifier") == "TC") & (pl.col("mac") == "09202")
        by_hand = (total * Decimal(factor)).quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert cap.row(by_predicate=where & (pl.col("locality") == "20"), named=True)["facility_amount"] == by_hand


def test_what_is_known_of_the_final_rule_of_2021_is_all_needed():
    (rule,) = [row for row in reference.rows("printed_difference") if "RVU21D" in row["releases"]]
    assert rule["conversion_factor"] == "32.4085"
    assert len(rule["work_gpci"]) == 50
    assert max(map(Decimal, rule["work_gpci"].values())) < 1
    assert len(rule["pe_mp_rvu"]) == 151
