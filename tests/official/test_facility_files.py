"""OPPS and ASC files of CMS in the store: all of ../shared/cms/opps and asc, held against csv readings of the files.

Counts were taken of the files with grep and the csv module; rows of the facet codes are those CMS prints.
"""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from feecalc.errors import FeeCalcError
from feecalc.ingest.build import Order, build_sources
from feecalc.ingest.store import Store

# entry: the file, the folder, how many codes (or areas, pairs) it prints
FILES = {
    "OPPS-2025": ("opps/2025_NFRM_Addendum_B.txt", 18682),
    "OPPS-20241": ("opps/January_2024_Web_Addendum_B.csv", 18109),
    "OPPS-20251": ("opps/January_2025_Web_Addendum_B.csv", 18562),
    "OPPS-20253": ("opps/July_2025_Web_Addendum_B.csv", 18704),
    "OPPS-20254": ("opps/October_2025_Web_Addendum_B.csv", 18798),
    "APC-2025": ("opps/2025_NFRM_Addendum_A.txt", 994),
    "APC-20231": ("opps/apc-rate-2023.csv", 866),
    "APC-20241": ("opps/apc-rate-2024.csv", 983),
    "APC-20261": ("opps/apc_rate_2026_subset.csv", 148),
    "COMPREHENSIVE_RANK-2025": ("opps/2025_NFRM_Addendum_J_rank.txt", 3236),
    "COMPLEXITY_ADJUSTMENT-2025": ("opps/2025_NFRM_Addendum_J_complexity.txt", 432),
    "OPPS_WAGE_INDEX-20231": ("opps/cbsa-wage-index-2023.csv", 466),
    "OPPS_WAGE_INDEX-20241": ("opps/cbsa-wage-index-2024.csv", 466),
    "OPPS_WAGE_INDEX-20261": ("opps/cbsa-wage-index-2026.csv", 471),
    "ASC-20241": ("asc/asc_20240101_Addendum_AA.txt", 4110),
    "ASC-20244": ("asc/asc_20241001_Addendum_AA.csv", 4122),
    "ASC-20251": ("asc/asc_20250101_Addendum_AA.csv", 4183),
    "ASC-20252": ("asc/asc_20250401_Addendum_AA.csv", 4184),
    "ASC-20253": ("asc/asc_20250701_Addendum_AA.csv", 4200),
    "ASC-20254": ("asc/asc_20251001_Addendum_AA.csv", 4201),
    "ASC-20261": ("asc/asc_20260101_Addendum_AA.csv", 4821),
    "ASC-20262": ("asc/asc_20260401_Addendum_AA.csv", 4832),
    "ASC_ANCILLARY-20241": ("asc/asc_20240101_Addendum_BB.txt", 2304),
    "ASC_ANCILLARY-20244": ("asc/asc_20241001_Addendum_BB.csv", 2407),  # one code twice
    "ASC_ANCILLARY-20251": ("asc/asc_20250101_Addendum_BB.csv", 2454),  # four codes twice
    "ASC_ANCILLARY-20252": ("asc/asc_20250401_Addendum_BB.csv", 2479),
    "ASC_ANCILLARY-20253": ("asc/asc_20250701_Addendum_BB.csv", 2504),
    "ASC_ANCILLARY-20254": ("asc/asc_20251001_Addendum_BB.csv", 2534),
    "ASC_ANCILLARY-20261": ("asc/asc_20260101_Addendum_BB.csv", 2504),  # one code twice
    "ASC_ANCILLARY-20262": ("asc/asc_20260401_Addendum_BB.csv", 2526),
    "ASC_EXCLUDED-20251": ("asc/asc_20250101_Addendum_EE.csv", 2108),
    "ASC_EXCLUDED-20261": ("asc/asc_20260101_Addendum_EE.csv", 1557),
    "ASC_EXCLUDED-20262": ("asc/asc_20260401_Addendum_EE.csv", 1559),
    "ASC_DEVICE_OFFSET-20251": ("asc/asc_20250101_Addendum_FF.csv", 4183),
    "ASC_DEVICE_OFFSET-20254": ("asc/asc_20251001_Addendum_FF.csv", 4201),
    "ASC_DEVICE_OFFSET-20261": ("asc/asc_20260101_Addendum_FF.csv", 4821),
    "ASC_DEVICE_OFFSET-20262": ("asc/asc_20260401_Addendum_FF.csv", 4832),
    "ASC_CODE_PAIR-2026": ("asc/asc_code_pairs_2026_derived.csv", 132),
    "ASC_WAGE_INDEX-2024": ("asc/asc_wage_index_2024.txt", 462),
    "ASC_WAGE_INDEX-2025": ("asc/asc_wage_index_2025.txt", 503),
    "ASC_WAGE_INDEX-2026": ("asc/asc_wage_index_2026.csv", 486),
}
PRICER = ("APC-20231", "APC-20241", "APC-20261")  # rates as CMS's pricer holds them
# Where each column of a table stands in CMS's file: the place of its cell. OPPS-2025 has one column more.
PLACES = {
    "opps": "hcpcs 0 status_indicator 2 apc 3 relative_weight 4 payment_rate 5 copayment 6 minimum_copayment 7 "
    "ira_coinsurance_rate 8 adjusted_copayment 9",
    "OPPS-2025": "hcpcs 0 status_indicator 3 apc 4 relative_weight 5 payment_rate 6 copayment 7 minimum_copayment 8 "
    "ira_coinsurance_rate 9 adjusted_copayment 10",
    "apc": "apc 0 status_indicator 2 relative_weight 3 payment_rate 4 copayment 5 minimum_copayment 6 "
    "ira_coinsurance_rate 7 adjusted_copayment 8",
    **dict.fromkeys(PRICER, "apc 0 status_indicator 1 payment_rate 3 copayment 4 minimum_copayment 5"),
    "comprehensive_rank": "hcpcs 0 status_indicator 2 apc 3 apc_geometric_mean_cost 4 claims 5 single_unit_claims 6 "
    "geometric_mean_cost 7 rank 8 deleted_code 9",
    "complexity_adjustment": "primary_hcpcs 0 primary_status_indicator 2 primary_apc 3 secondary_hcpcs 4 "
    "secondary_status_indicator 6 secondary_apc 7 adjusted_hcpcs 8 adjusted_apc 9",
    "opps_wage_index": "cbsa 0 wage_index 2 wage_index_reclassified 3 imputed_floor 4 name 5",
    "asc": "hcpcs 0 multiple_procedure 3 payment_indicator 4 payment_weight 5 payment_rate 6",
    "asc_ancillary": "hcpcs 0 pass_through_expires 3 payment_indicator 4 payment_weight 5 payment_rate 6 "
    "adjusted_copayment 7",
    "asc_excluded": "hcpcs 0",
    "asc_device_offset": "hcpcs 0 payment_indicator 3 apc 4 apc_device_offset_rate 5 opps_payment_rate 6 "
    "device_offset_rate 7 device_offset_amount 8",
    "asc_code_pair": "device_hcpcs 0 procedure_hcpcs 1 device_modifier 2 procedure_modifier 3 percent_multiplier 4 "
    "effective_from 5 effective_to 6",
    "asc_wage_index": "cbsa 0 name 1 wage_index 2",
    "ASC_WAGE_INDEX-2024": "cbsa 0 wage_index 1 name 2",
}
HEADERS = {"hcpcs code", "cbsa", "apc", "primary hcpcs code", "device_hcpcs"}


@pytest.fixture(scope="module")
def store(cms: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with both folders built, each as a person would."""
    store = Store(tmp_path_factory.mktemp("facility"))
    for folder in ("opps", "asc"):
        for name, outcome in build_sources(cms / folder, Order(store)):
            assert not isinstance(outcome, FeeCalcError), (name, outcome)
    return store


def test_every_file_is_an_entry(store: Store, cms: Path) -> None:
    built = {each.name: each for each in store.manifests()}
    assert sorted(built) == sorted(FILES)
    assert {name: each.source["name"] for name, each in built.items()} == {
        name: Path(file).name for name, (file, _) in FILES.items()
    }
    assert {name: sum(table["rows"] for table in each.tables.values()) for name, each in built.items()} == {
        name: rows for name, (_, rows) in FILES.items()
    }
    read = {each.source["name"] for each in built.values()}
    there = {path.name for folder in ("opps", "asc") for path in (cms / folder).iterdir()}
    assert there - read == {"2025_NFRM_Addendum_D1_status_indicators.txt"}


def printed(path: Path) -> list[list[str]]:
    """The rows below the header that begin with a code, by the csv module: cells as they stand, blanks stripped."""
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter="\t" if path.suffix == ".txt" else ","))
    header = next(number for number, row in enumerate(rows) if row and row[0].strip().lower() in HEADERS)
    cells = [[cell.strip("\xff\xa0\ufffd ") for cell in row] for row in rows[header + 1 :]]
    return [row for row in cells if row and row[0] and not row[0].startswith("NOTE")]


def plain(text: str, value: object, entry: str, column: str) -> object:
    """A printed cell as the store should hold it: the kind of ``value`` says whether it is text."""
    if column.startswith("effective"):
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    if column == "apc" and entry in PRICER:
        return text[1:]
    if isinstance(value, str):
        return text.upper() if column == "payment_indicator" else text
    figure = text.replace("$", "").replace(",", "").strip()
    if figure in ("", ".") or (entry.startswith("OPPS_WAGE_INDEX") and Decimal(figure) == 0):
        return None
    return Decimal(figure[:-1]) / 100 if figure.endswith("%") else Decimal(figure)


@pytest.mark.parametrize("entry", FILES)
def test_every_cell_of_every_row_is_the_printed_one(store: Store, cms: Path, entry: str) -> None:
    file, _ = FILES[entry]
    table = entry.partition("-")[0].lower()
    words = PLACES.get(entry, PLACES[table]).split()
    places = {column: int(place) for column, place in zip(words[::2], words[1::2], strict=True)}
    frame = store.read(entry, table)
    rows = list({tuple(row): row for row in printed(cms / file)}.values())  # a row printed twice is read once
    assert frame.height == len(rows)
    text = {name for name in places if frame.schema[name] == pl.String}
    for held, row in zip(frame.to_dicts(), rows, strict=True):
        for column, place in places.items():
            value = held[column]
            wanted = plain(row[place], "" if column in text else value, entry, column)
            assert (str(value) if column.startswith("effective") else value) == wanted, (row[0], column)


def test_the_line_is_the_line_of_the_file(store: Store, cms: Path) -> None:
    for entry in ("OPPS-2025", "OPPS-20254", "ASC-20241", "ASC-20261", "ASC_ANCILLARY-20262"):
        file, _ = FILES[entry]
        lines = (cms / file).read_bytes().decode("latin-1").split("\n")
        table = entry.partition("-")[0].lower()
        for hcpcs, line in store.read(entry, table, ["hcpcs", "source_line"]).gather_every(500).iter_rows():
            assert lines[line - 1].startswith(hcpcs)


def rows_of(store: Store, entry: str, columns: list[str]) -> dict[str, list[object]]:
    frame = store.read(entry, entry.partition("-")[0].lower(), ["hcpcs", *columns])
    return {hcpcs: rest for hcpcs, *rest in frame.iter_rows()}


FIRST_LEVELS, ADD_ONS = ("64490", "64493"), ("64491", "64492", "64494", "64495")
DESTROYED, DESTROYED_NEXT = ("64633", "64635"), ("64634", "64636")


@pytest.mark.parametrize("entry", ["OPPS-2025", "OPPS-20254"])
def test_the_facet_family_under_opps(store: Store, entry: str) -> None:
    """Both files print 2025's rates: first levels T in APC 5443, destruction J1 in 5431, every add-on packaged."""
    rows = rows_of(store, entry, ["status_indicator", "apc", "relative_weight", "payment_rate", "minimum_copayment"])
    for code in FIRST_LEVELS:
        assert rows[code] == ["T", "5443", Decimal("9.9843"), Decimal("890.29"), Decimal("178.06")]
    for code in DESTROYED:
        assert rows[code] == ["J1", "5431", Decimal("21.8997"), Decimal("1952.77"), Decimal("390.56")]
    for code in (*ADD_ONS, *DESTROYED_NEXT):
        assert rows[code] == ["N", "", None, None, None]


# quarter: weight and rate of a first level, weight and rate of a destruction, as Addendum AA prints them
ASC_FACETS = {
    "20241": ("8.8353", "472.81", "16.7764", "897.77"),
    "20244": ("8.8343", "472.76", "16.7745", "897.67"),
    **dict.fromkeys(("20251", "20252", "20253", "20254"), ("8.7064", "477.94", "16.8491", "924.93")),
    **dict.fromkeys(("20261", "20262"), ("8.6202", "485.51", "16.8435", "948.66")),
}


@pytest.mark.parametrize("quarter", ASC_FACETS)
def test_the_facet_family_in_an_asc(store: Store, quarter: str) -> None:
    """G2 and discounted for a first level and a destruction, packaged (N1) and without a rate for every add-on."""
    columns = ["multiple_procedure", "payment_indicator", "payment_weight", "payment_rate"]
    rows = rows_of(store, f"ASC-{quarter}", columns)
    weight, rate, other_weight, other_rate = map(Decimal, ASC_FACETS[quarter])
    for code in FIRST_LEVELS:
        assert rows[code] == ["Y", "G2", weight, rate]
    for code in DESTROYED:
        assert rows[code] == ["Y", "G2", other_weight, other_rate]
    for code in (*ADD_ONS, *DESTROYED_NEXT):
        assert rows[code] == ["N", "N1", None, None]


def test_areas_without_one_index(store: Store) -> None:
    """grep of the file: rural Alabama twice, Puerto Rico's rural area five times; New Jersey and Rhode Island blank."""
    index = store.read("ASC_WAGE_INDEX-2025", "asc_wage_index")
    assert index.filter(cbsa="01").select("ordinal", "wage_index").rows() == [
        (1, Decimal("0.6471")),
        (2, Decimal("0.7158")),
    ]
    assert index.filter(cbsa="40").height == 5
    assert index.filter(pl.col("wage_index").is_null())["cbsa"].to_list() == ["31", "41"]
    hospitals = store.read("OPPS_WAGE_INDEX-20261", "opps_wage_index")
    without = hospitals.filter(pl.col("wage_index").is_null())
    assert without.select("cbsa", "imputed_floor").rows() == [
        ("09", Decimal("1.2605")),
        ("31", Decimal("1.1687")),
        ("41", Decimal("1.1675")),
    ]
