"""Prices of CMS's PFS look-up tool, of 2020 to 2025, against the releases of their days: every one to the cent.

The prices are CMS's own, from csv downloads that a public project keeps (github.com/SyneticSLZ/Medicare, data/): a few
of each file, among them the nation, Alaska with its work index of 1.5, localities at and above the floor, and Puerto
Rico, whose indices CMS changed within 2023. Their "Conv Fact" stands beside each.
"""

from __future__ import annotations

import pytest
from cms_shaped import lookup_csv

from feecalc.conformance import run
from feecalc.ingest.build import build
from feecalc.ingest.store import Store

NEUROSTIMULATOR = "95970"
PRICES = {
    ("20D", "2020-all-national_payment_amount.csv", "36.0896"): [
        ("61885", "", "0000000", "NA", "$538.82"),
        ("61888", "", "0000000", "NA", "$411.06"),
        ("64568", "", "0000000", "NA", "$651.78"),
        (NEUROSTIMULATOR, "", "0000000", "$19.85", "$19.49"),
    ],
    ("22D", "2022-all-national_payment_amount.csv", "34.6062"): [
        ("61885", "", "0000000", "NA", "$542.63"),
        (NEUROSTIMULATOR, "", "0000000", "$19.38", "$19.03"),
    ],
    ("23D", "2023-all-95970-95976-95977-all_macs.csv", "33.8872"): [
        (NEUROSTIMULATOR, "", "0000000", "$18.98", "$18.64"),
        (NEUROSTIMULATOR, "", "0111205", "$21.36", "$20.90"),
        (NEUROSTIMULATOR, "", "0920220", "$19.00", "$18.66"),
        (NEUROSTIMULATOR, "", "0920250", "$19.00", "$18.66"),
    ],
    ("24A", "2024A-all-95970-95976-95977-all_macs.csv", "32.7442"): [
        (NEUROSTIMULATOR, "", "0000000", "$18.34", "$17.68"),
        (NEUROSTIMULATOR, "", "0111205", "$21.27", "$20.34"),
        (NEUROSTIMULATOR, "", "0210201", "$24.14", "$23.44"),
        (NEUROSTIMULATOR, "", "0330201", "$17.86", "$17.21"),
        (NEUROSTIMULATOR, "", "0441211", "$18.38", "$17.72"),
        ("61889", "", "0000000", "NA", "$1,241.66"),
    ],
    ("24C", "2024B-all-national_payment_amount.csv", "33.2875"): [
        ("61885", "", "0000000", "NA", "$539.26"),
        ("61889", "", "0000000", "NA", "$1,262.26"),
        (NEUROSTIMULATOR, "", "0111205", "$21.62", "$20.68"),
    ],
}


@pytest.mark.parametrize("case", PRICES, ids=lambda case: case[1])
def test_every_price_equals_its_release(earlier, tmp_path, case):
    release, name, factor = case
    path = tmp_path / name
    path.write_bytes(lookup_csv(PRICES[case], factor=factor))
    report = run(files=[path], store=earlier)
    (comparison,) = report.comparisons
    assert comparison.release == f"RVU{release}"
    rows = len(PRICES[case])
    assert (comparison.count.rows, comparison.count.equal, comparison.count.different) == (rows, rows, 0)
    without = sum(price == "NA" for *_, price, _ in PRICES[case])
    assert comparison.by_setting["nonfacility"].not_computable == without
    marked = f"not paid there, so not compared; RVU{release} marks {without} of them NA too"
    assert any(marked in note for note in comparison.notes) == bool(without)


def test_the_prices_of_2025(year_2025, tmp_path):
    path = tmp_path / "2025-all-95970-95976-95977-all_macs.csv"
    rows = [
        (NEUROSTIMULATOR, "", "0000000", "$18.11", "$17.79"),
        (NEUROSTIMULATOR, "", "0111205", "$21.01", "$20.55"),
        ("61889", "", "0000000", "$1,220.43", "$1,220.43"),
    ]
    path.write_bytes(lookup_csv(rows))
    (comparison,) = run(files=[path], store=year_2025).comparisons
    assert (comparison.release, comparison.count.equal, comparison.agrees) == ("RVU25D", 3, True)


def test_puerto_rico_and_the_virgin_islands_of_2023_in_a_release_before_october(cms, tmp_path):
    # GPCI2023 of RVU23A to RVU23C prints 1.000 where RVU23D, and the look-up of the whole year, have 1.008 and 0.984.
    store = Store(tmp_path / "home")
    build(cms / "zips" / "rvu23a.zip", store=store)
    case = ("23D", "2023-all-95970-95976-95977-all_macs.csv", "33.8872")
    path = tmp_path / case[1]
    path.write_bytes(lookup_csv(PRICES[case], factor=case[2]))
    (comparison,) = run("2023A", [path], store=store).comparisons
    assert (comparison.count.equal, comparison.count.cms_differences, comparison.count.different) == (2, 2, 0)
    assert "as RVU23D has them: 2 rows" in comparison.own_differences[0].words
