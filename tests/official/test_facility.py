"""The facility's printed figures: Addenda A and B of 2025, the pricer's APC rates of 2026, ASC addenda 2024 to 2026.

Reproduced: every printed rate at the national wage index, every printed copayment (the minimum is 20 percent of the
rate, rounded up to the cent), ASC rates as weight times conversion factor, and what is packaged of the facet family.
"""

from datetime import date
from decimal import ROUND_HALF_UP, ROUND_UP, Decimal

import polars as pl
import pytest

from feecalc.facility import open_facility, price_facility_claims
from feecalc.ingest.build import build
from feecalc.ingest.store import Store
from feecalc.reference import row_on

CENT = Decimal("0.01")
FIFTH = Decimal("0.2")
FIRST_LEVEL = ["64490", "64493", "64633", "64635"]
ADD_ONS = ["64491", "64492", "64494", "64495", "64634", "64636"]
ASC_QUARTERS = ["20241", "20244", "20251", "20252", "20253", "20254", "20261", "20262"]


@pytest.fixture(scope="module")
def store(cms, tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("facility-official"))
    for folder in ("opps", "asc"):
        for file in sorted((cms / folder).iterdir()):
            if "Addendum_D1" not in file.name:
                build(file, store=store)
    return store


def rated(store, entry, table="opps"):
    return store.read(entry, table).filter(pl.col("payment_rate").is_not_null())


@pytest.mark.parametrize("entry", ["OPPS-2025", "OPPS-20254"])
def test_the_minimum_copayment_is_a_fifth_of_the_rate_rounded_up(store, entry):
    """Apart are what is waived (0.00), and drugs whose copayment was rounded before the rate or is less by law."""
    odd = {"C": ["50600"], "K": ["A9592", "J0841", "J3357", "J9048", "J9226", "J9227"], "G": ["J9174", "Q5148"]}
    checked = 0
    for row in rated(store, entry).iter_rows(named=True):
        minimum = row["minimum_copayment"]
        if minimum == 0 or row["hcpcs"] in odd.get(row["status_indicator"], []):
            continue
        checked += 1
        assert minimum == (row["payment_rate"] * FIFTH).quantize(CENT, ROUND_UP), row
    assert checked > 6300


def test_the_copayments_of_the_rates_of_2026(store):
    for row in store.read("APC-20261", "apc").iter_rows(named=True):
        assert row["minimum_copayment"] == (row["payment_rate"] * FIFTH).quantize(CENT, ROUND_UP), row
        assert row["copayment"] >= row["minimum_copayment"]


@pytest.mark.parametrize(
    ("day", "entry"),
    [
        (date(2024, 2, 5), "OPPS-20241"),
        (date(2025, 2, 3), "OPPS-20251"),  # the quarter's own goes before the final rule's
        (date(2025, 8, 4), "OPPS-20253"),
        (date(2025, 11, 3), "OPPS-20254"),
    ],
)
def test_every_rate_and_copayment_of_addendum_b_comes_out_of_the_pricing(store, day, entry):
    """Each code alone at the national rate. The copayment is what is left of the program's rounded part: the printed
    one, or a cent less where 20 percent was rounded up; at most the inpatient deductible. Apart is G0465 of January
    2024, printed with a minimum copayment of 347.87 beside a rate of which a fifth is 347.51."""
    apart = ["G0465"] if entry == "OPPS-20241" else []
    table = rated(store, entry).filter(pl.col("status_indicator") != "C", ~pl.col("hcpcs").is_in(apart))
    lines = table.select(
        pl.col("hcpcs").alias("claim_id"),
        "hcpcs",
        pl.lit(1).alias("line"),
        pl.lit(day).alias("date_of_service"),
        pl.lit("opps").alias("setting"),
        pl.lit(1).alias("units"),
    )
    priced = price_facility_claims(lines, [open_facility(store, day)])
    assert priced["pricing_status"].unique().to_list() == ["priced"]
    limit = Decimal(row_on("facility_inpatient_deductible", day)["value"])
    for line, printed in zip(priced.iter_rows(named=True), table.iter_rows(named=True), strict=True):
        assert line["facility_amount"] == printed["payment_rate"].quantize(CENT, ROUND_HALF_UP), line
        wanted = printed["minimum_copayment"]
        if printed["copayment"] is not None and printed["copayment"] > wanted:
            wanted = printed["copayment"]
        if printed["ira_coinsurance_rate"] is not None:
            wanted = printed["payment_rate"] * printed["ira_coinsurance_rate"]
        assert abs(line["copayment"] - min(wanted, limit)) <= Decimal("0.02"), (line, printed)


@pytest.mark.parametrize("quarter", ASC_QUARTERS)
def test_asc_rates_are_weight_times_the_factor(store, quarter):
    """Apart are three new codes of July 2025, printed with weights that are not theirs; one rate of 2026 that is a cent
    lower; and in January 2024 brachytherapy sources (H2), printed with a weight of 0."""
    apart = {"2025": {"0973T", "0975T", "0981T"}, "2026": {"0871T"}}.get(quarter[:4], set())
    factor = Decimal(row_on("facility_conversion_factor", date(int(quarter[:4]), 1, 1), setting="asc")["value"])
    checked = 0
    for table in ("asc", "asc_ancillary"):
        rows = rated(store, f"{table.upper()}-{quarter}", table)
        for row in rows.filter(pl.col("payment_weight") > 0).iter_rows(named=True):
            if row["hcpcs"] not in apart:
                checked += 1
                assert row["payment_rate"] == (row["payment_weight"] * factor).quantize(CENT, ROUND_HALF_UP), row
    assert checked > 3500


def test_opps_rates_are_weight_times_the_factor(store):
    factor = Decimal(row_on("facility_conversion_factor", date(2025, 1, 1), setting="opps")["value"])
    weighted = rated(store, "OPPS-20254").filter(pl.col("relative_weight").is_not_null())
    assert weighted.height > 5900
    for row in weighted.iter_rows(named=True):
        assert row["payment_rate"] == (row["relative_weight"] * factor).quantize(CENT, ROUND_HALF_UP), row


@pytest.mark.parametrize("quarter", ASC_QUARTERS)
def test_the_facet_family_in_every_asc_quarter(store, quarter):
    table = store.read(f"ASC-{quarter}", "asc").filter(pl.col("hcpcs").is_in([*FIRST_LEVEL, *ADD_ONS]))
    found = dict(table.select("hcpcs", "payment_indicator").iter_rows())
    assert found == {**dict.fromkeys(FIRST_LEVEL, "G2"), **dict.fromkeys(ADD_ONS, "N1")}
    day = date(int(quarter[:4]), 3 * int(quarter[4]) - 2, 1)
    assert packaged(store, day, "asc") == ADD_ONS


@pytest.mark.parametrize("day", [date(2025, 2, 3), date(2025, 11, 3), date(2026, 2, 3), date(2026, 5, 4)])
def test_the_facet_family_in_a_hospital(store, day):
    assert packaged(store, day, "opps") == ADD_ONS


def packaged(store, day, setting):
    """The codes of the family that pay the facility nothing, each first level on a claim of its own."""
    codes = [*FIRST_LEVEL, *ADD_ONS]
    lines = pl.DataFrame(
        {
            "claim_id": codes,
            "hcpcs": codes,
            "line": [1] * len(codes),
            "date_of_service": [day] * len(codes),
            "setting": [setting] * len(codes),
            "units": [1] * len(codes),
        }
    )
    priced = price_facility_claims(lines, [open_facility(store, day)])
    assert priced.head(len(FIRST_LEVEL))["pricing_status"].unique().to_list() == ["priced"]
    return priced.filter(pl.col("pricing_status") == "packaged")["hcpcs"].to_list()


def test_the_facet_case_of_2026_by_hand(store):
    """64493 with 64494, Miami (33124), May 2026.

    ASC: 485.51 x (0.5 x 0.9669 + 0.5) = 477.4748. Hospital: APC 5443, 903.63; the area's wage index 0.9488 is below
    rural Florida's 1.0369, so 903.63 x (0.6 x 1.0369 + 0.4) = 923.6364.
    """
    lines = pl.DataFrame(
        {
            "claim_id": ["a", "a", "h", "h"],
            "line": [1, 2, 1, 2],
            "date_of_service": [date(2026, 5, 4)] * 4,
            "hcpcs": ["64493", "64494"] * 2,
            "setting": ["asc", "asc", "opps", "opps"],
            "units": [1] * 4,
            "cbsa": ["33124"] * 4,
        }
    )
    priced = price_facility_claims(lines, [open_facility(store, date(2026, 5, 4))])
    amounts = [Decimal("477.47"), None, Decimal("923.64"), None]
    assert priced["facility_amount"].to_list() == amounts
    assert priced["copayment"].to_list() == [Decimal("95.49"), None, Decimal("184.73"), None]


def test_a_pair_of_addendum_j(store):
    """Every listed pair of 2025 raises its primary service to the APC that Addendum J names, at Addendum A's rate."""
    day = date(2025, 11, 3)
    opened = open_facility(store, day, ("opps",))
    listed = store.read("COMPLEXITY_ADJUSTMENT-2025", "complexity_adjustment")
    codes = opened.hospital.codes.filter(pl.col("indicator") == "J1")["hcpcs"].implode()
    order = dict(opened.hospital.ranks.select("hcpcs", "rank").iter_rows())
    rows = []
    for number, pair in enumerate(listed.filter(pl.col("primary_hcpcs").is_in(codes)).iter_rows(named=True)):
        if order.get(pair["secondary_hcpcs"], 10**9) < order.get(pair["primary_hcpcs"], 0):
            continue
        rows += [
            {"claim_id": str(number), "line": 1, "hcpcs": pair["primary_hcpcs"], "wanted": pair["adjusted_apc"]},
            {"claim_id": str(number), "line": 2, "hcpcs": pair["secondary_hcpcs"], "wanted": None},
        ]
    lines = pl.DataFrame(rows).with_columns(
        pl.lit(day).alias("date_of_service"), pl.lit("opps").alias("setting"), pl.lit(1).alias("units")
    )
    priced = price_facility_claims(lines, [opened])
    first = priced.filter(pl.col("line") == 1)
    assert first.height > 400
    rates = dict(store.read("APC-2025", "apc").select("apc", "payment_rate").iter_rows())
    for line in first.iter_rows(named=True):
        assert line["apc"] == line["wanted"], line
        assert line["facility_amount"] == rates[line["wanted"]].quantize(CENT, ROUND_HALF_UP), line
