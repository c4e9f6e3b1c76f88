"""CMS's NCCI files, every row of the facet codes: practitioner pairs and unlikely units of July 2024, add-on codes of
April 2026. Each pair is put on a claim of its own, and found as its row in the file says.
"""

import csv
import gzip
from datetime import date

import polars as pl
import pytest
from edits.made_up import add_ons_found, found_by

from feecalc.edits.ncci import pairs, units
from feecalc.edits.tables import open_edit_tables
from feecalc.ingest.build import build
from feecalc.ingest.store import Store

FACET = {
    *("64490", "64491", "64492", "64493", "64494", "64495", "64633", "64634", "64635", "64636"),
    *("0213T", "0214T", "0215T", "0216T", "0217T", "0218T"),
}
DAY = date(2026, 5, 1)
PTP, MUE, AOC = "ptp_practitioner_2024q3.csv.gz", "mue_practitioner_2024q3.csv", "AOC_V2026Q2-MCR.xlsx"


@pytest.fixture(scope="module")
def opened(cms, tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("ncci") / "home")
    for name in (PTP, MUE, AOC):
        build(cms / "ncci" / name, store=store)
    return open_edit_tables(store, DAY)


@pytest.fixture(scope="module")
def facet_pairs(cms):
    """Column 1, column 2 and indicator of the pairs not deleted, and those deleted, that hold a facet code."""
    active, deleted = set(), set()
    with gzip.open(cms / "ncci" / PTP, "rt") as file:
        for one, two, last, indicator, _ in csv.reader(file):
            if one in FACET or two in FACET:
                (active if last == "9999-12-31" and indicator != "9" else deleted).add((one, two, indicator))
    held = {frozenset(each[:2]) for each in active}
    return active, {each for each in deleted if frozenset(each[:2]) not in held}


def claims(given, modifier=""):
    """A claim for each list of codes (with their units), the last line with the modifier."""
    rows = [
        (f"C{number}", place, code, count, modifier if place == len(codes) else "")
        for number, codes in enumerate(given)
        for place, (code, count) in enumerate(codes, 1)
    ]
    frame = pl.DataFrame(rows, ["claim_id", "line", "hcpcs", "units", "modifier_1"], orient="row")
    return frame.with_columns(
        date_of_service=pl.lit(DAY), place_of_service=pl.lit("11"), mac=pl.lit("09102"), locality=pl.lit("04"),
        line=pl.col("line").cast(pl.Int32), units=pl.col("units").cast(pl.Int32),
    )  # fmt: skip


def test_every_pair_of_the_facet_codes(opened, facet_pairs):
    active, deleted = facet_pairs
    assert len(active) > 2000
    listed = sorted(active)
    given = [[(one, 1), (two, 1)] for one, two, _ in listed]
    found = dict(found_by(pairs.RULES, claims(given), opened).select("row", "rule").rows())
    rule = {"0": "ncci_pair_never", "1": "ncci_pair"}
    assert found == {2 * number + 1: rule[indicator] for number, (*_, indicator) in enumerate(listed)}
    lifted = dict(found_by(pairs.RULES, claims(given, "59"), opened).select("row", "rule").rows())
    # 59 on evaluation and management is read as absent (ch. 23 sec. 20.9.1.1)
    visits = {row for row in found if (code := listed[row // 2][1]).startswith("99") and "99202" <= code <= "99499"}
    visits |= {row for row in found if listed[row // 2][1] in ("92012", "92014", "77427")}
    assert lifted == {row: said for row, said in found.items() if said == "ncci_pair_never" or row in visits}
    gone = [[(one, 1), (two, 1)] for one, two, _ in sorted(deleted)]
    assert found_by(pairs.RULES, claims(gone), opened).height == 0


def test_imaging_and_ultrasound_with_a_facet_injection(opened):
    """Guidance is in the injection's code: 77003, 77012 and 76942 are column 2 of 64493, with indicator 1."""
    given = [[("64493", 1), (code, 1)] for code in ("77003", "77012", "76942")]
    found = found_by(pairs.RULES, claims(given), opened)
    assert found.select("row", "rule", "carc").rows() == [(row, "ncci_pair", "236") for row in (1, 3, 5)]


def test_units_of_the_facet_codes(opened, cms):
    with (cms / "ncci" / MUE).open() as file:
        limits = [row for row in csv.DictReader(file) if row["hcpcs_code"] in FACET]
    most = [[(row["hcpcs_code"], max(int(row["mue_units"]), 1))] for row in limits]
    beyond = [[(row["hcpcs_code"], int(row["mue_units"]) + 1)] for row in limits]
    none = {number for number, row in enumerate(limits) if row["mue_units"] == "0"}
    assert set(found_by(units.RULES, claims(most), opened)["row"]) == none
    assert found_by(units.RULES, claims(beyond), opened)["row"].to_list() == list(range(len(limits)))
    twice = claims([[("64495", 1), ("64495", 1)]]).with_columns(modifier_1=pl.Series(["", "76"]))
    assert found_by(units.RULES, twice, opened)["rule"].to_list() == ["mue_day"] * 2  # once a day


@pytest.mark.parametrize(
    ("codes", "rows"),
    [
        (("64493", "64494"), []),
        (("64490", "64494"), []),  # the edit list accepts it since 2023
        (("64493", "64494", "64495"), []),
        (("64494",), [0]),
        (("64494", "64495"), [0, 1]),
        (("64633", "64636"), [1]),
        (("64635", "64636"), []),
        (("64490", "64495"), [1]),
    ],
)
def test_add_ons_of_the_facet_codes(opened, codes, rows):
    found = add_ons_found(claims([[(code, 1) for code in codes]]), opened)
    assert found["row"].to_list() == rows


def test_nothing_is_found_between_codes_of_no_pair(opened):
    """The billing guide's scenarios: one level; both sides of one level; two levels."""
    for given in ([("64493", 1)], [("64493", 1), ("64494", 1)]):
        ready = claims([given])
        assert found_by((*pairs.RULES, *units.RULES), ready, opened).height == 0
        assert add_ons_found(ready, opened).height == 0
    assert found_by((*pairs.RULES, *units.RULES), claims([[("64493", 1)]], "50"), opened).height == 0
