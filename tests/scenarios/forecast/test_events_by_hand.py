"""Every kind of event worked by hand, in years of one payer. National amounts of 2026C as in test_by_hand."""

import json
from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest
from scenarios.forecast.written import INJECTIONS, ONE_PAYER, VISITS, cents, event, place, table

from feecalc.cli import app
from feecalc.runs.reading import read_claims
from feecalc.scenarios.forecast.opening import open_plan
from feecalc.scenarios.forecast.result import forecast

D = Decimal
MEDICARE_2 = D("0.2") + D("0.8") * D("0.98")  # the patient's 20 %, Medicare's 80 % less 2 %
TO_CENTER = event("site_shift", codes=["64493"], to_place="24", percent=60)


def total(plan, year=2027):
    return dict(forecast(plan).years.select("year", "revenue").iter_rows())[year]


class Center:
    """500 dollars for every case."""

    facility_amount = D("500.00")

    def price(self, lines, setting, *, cbsa=""):
        assert setting == "asc"
        return self


def test_a_site_shift_pays_the_physician_as_in_a_facility(plan):
    """60 of 100 injections go to a center on July 1 (184 of 365 days): (1.48 + 0.82 + 0.14) x 33.4009 = 81.50."""
    shift = TO_CENTER.replace("2027-01-01", "2027-07-01")
    here = D("190.39") * 100
    there = D("190.39") * 40 + D("81.50") * 60
    expected = cents((181 * here + 184 * there) / 365 * MEDICARE_2) + cents(1000 * D("95.19") * MEDICARE_2)
    assert total(plan(ONE_PAYER + shift)) == expected


def test_a_centers_payments_come_in_by_the_share_that_is_the_practices(plan):
    made = plan(ONE_PAYER + TO_CENTER, basic=place("national", asc_share=40), facility=Center())
    found = forecast(made).cells.filter(pl.col("year") == 2027)
    facility = found.filter(pl.col("part") == "facility")["revenue"].to_list()
    assert facility == [cents(60 * D(500) * D("0.4") * MEDICARE_2)]
    assert found["units"].sum() == 1100  # a facility's payment is no more units


def test_and_back_to_the_office_they_no_longer_do(plan):
    volume = "hcpcs,place_of_service,units\n64493,24,100\n99213,11,10\n"
    back = event("site_shift", codes=["64493"], from_place="24", to_place="11")
    made = plan(ONE_PAYER + back, basic=place("national", asc_share=100), volume=volume, facility=Center())
    by_part = {row["part"]: (row["2026"], row["2027"]) for row in forecast(made).by("part").to_dicts()}
    assert by_part["facility"] == (cents(100 * D(500) * MEDICARE_2), 0)
    office = cents(100 * D("190.39") * MEDICARE_2) + cents(10 * D("95.19") * MEDICARE_2)
    assert by_part["professional"][1] == office


def test_a_hire_adds_units_at_his_own_percent_and_costs(plan):
    """A nurse practitioner is paid 85 percent: 95.19 x 0.85 = 80.91, 190.39 x 0.85 = 161.83; 20 percent more units."""
    hire = event("hire", adds=20, cost=10000, provider={"name": "B", "provider_type": "np"})
    row = forecast(plan(ONE_PAYER + hire)).years.row(1, named=True)
    visits = (1000 * D("95.19") + 200 * D("80.91")) * MEDICARE_2
    injections = (100 * D("190.39") + 20 * D("161.83")) * MEDICARE_2
    assert row["revenue"] == cents(visits) + cents(injections)
    assert (row["cost"], row["net"]) == (D("10000.00"), row["revenue"] - 10000)


def test_a_location_without_the_floor(plan):
    """Alabama's work index is below 1 without the floor."""
    made = plan(ONE_PAYER + event("gpci_floor_lapse", since="2028-01-01"), basic=place("10112-00"), volume=VISITS)
    amounts = [
        made.pots.schedule.table(codes=["99213"], localities=["10112-00"], gpci_floor=floor)["nonfacility_amount"][0]
        for floor in (True, False)
    ]
    assert amounts[0] > amounts[1]
    assert [total(made, year) for year in (2027, 2028)] == [cents(1000 * each * MEDICARE_2) for each in amounts]


def test_qps_have_a_factor_of_their_own(plan):
    """2.85 x 33.5675 = 95.67 in 2026; proposed for 2027: 2.85 x 33.17 = 94.53."""
    text = table("provider", name="Dr. A", qp=True) + event("conversion_factor", assumption="2027 proposed")
    made = plan(ONE_PAYER + text, volume=VISITS)
    assert [total(made, year) for year in (2026, 2027)] == [cents(1000 * D(p) * MEDICARE_2) for p in ("95.67", "94.53")]


@pytest.mark.parametrize("percent", [D("-2.5"), D(3)])
def test_a_percent_changes_the_releases_factor(plan, percent):
    factor = (D("33.4009") * (100 + percent) / 100).quantize(D("0.0001"), "ROUND_HALF_UP")
    made = plan(ONE_PAYER + event("conversion_factor", percent=percent), volume=VISITS)
    assert total(made) == cents(1000 * cents(D("2.85") * factor) * MEDICARE_2)


@pytest.fixture
def anesthesia(c26):
    """RVU26C with an anesthesia code of 5 base units, and a factor of 21.95 in Miami."""
    code, miami = "00400", {"mac": "09102", "locality": "04"}
    row = c26.rvu.filter(pl.col("hcpcs") == "99213").with_columns(
        pl.lit(code).alias("hcpcs"), pl.lit("J").alias("status_indicator"),
        *(pl.lit(D(0), c26.rvu.schema[name]).alias(name) for name in c26.rvu.columns if name.endswith("_rvu")),
    )  # fmt: skip
    return replace(
        c26,
        rvu=pl.concat([c26.rvu, row]),
        base_units=pl.DataFrame({"hcpcs": [code], "base_units": [5]}),
        anesthesia=pl.DataFrame(
            {**{key: [value] for key, value in miami.items()}, "locality_name": ["MIAMI"],
             "anesthesia_conversion_factor": [D("21.9500")]},
            schema_overrides={"anesthesia_conversion_factor": pl.Decimal(12, 4)},
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("keys", "factor"),
    [
        ({"percent": -10}, "19.76"),  # 21.95 x 0.9 = 19.755
        ({"conversion_factor": D("32.84")}, "21.58"),  # 21.95 x 32.84 / 33.4009 = 21.5814
        ({"conversion_factor": D("32.84"), "anesthesia_conversion_factor": D("20.00")}, "21.42"),  # x 20 / 20.4976
    ],
)
def test_anesthesias_factor_moves_with_the_other_or_by_its_own(anesthesia, scenario, tmp_path, keys, factor):
    asked = scenario(
        ONE_PAYER + event("conversion_factor", **keys), basic=place("09102-04"),
        volume="hcpcs,units,minutes\n00400,100,60\n",
    )  # fmt: skip
    opened = open_plan(asked, tmp_path, anesthesia, 1)
    years = dict(forecast(opened.plan).years.select("year", "revenue").iter_rows())
    assert years[2026] == cents(100 * cents(9 * D("21.95")) * MEDICARE_2)
    assert years[2027] == cents(100 * cents(9 * D(factor)) * MEDICARE_2)
    said = any("anesthesia_conversion_factor" in notice for notice in opened.notices)
    assert said == ("anesthesia_conversion_factor" not in keys)


def test_several_procedures_leave_what_the_claims_say(scenario, tmp_path, c26):
    """Of three joint injections two stand beside a higher one and pay half: (1 + 0.5 + 0.5) / 3 = 66.67 percent."""
    fee = c26.price("20610").allowed_amount
    half = cents(fee / 2)
    lines = ["claim_id,date_of_service,hcpcs,place_of_service,locality"]
    lines += ["A,2026-07-06,64493,11,{0}", "A,2026-07-06,20610,11,{0}", "B,2026-07-07,20610,11,{0}"]
    lines += ["C,2026-07-08,64493,11,{0}", "C,2026-07-08,20610,11,{0}"]
    (tmp_path / "claims.csv").write_text("\n".join(lines).format("10112-00") + "\n")
    local = c26.price("20610", locality="10112-00").allowed_amount
    kept = ((local + 2 * cents(local / 2)) / (3 * local)).quantize(D("0.0001"), "ROUND_HALF_UP")
    assert abs(kept - D("0.6667")) <= D("0.0001")
    assert half < fee
    asked = scenario(ONE_PAYER, volume="hcpcs,units\n20610,100\n99213,10\n").changed(claims="claims.csv")
    claims = read_claims(tmp_path / "claims.csv", release="2026C").frame
    opened = open_plan(asked, tmp_path, c26, 1, claims=claims)
    by_category = forecast(opened.plan).cells.filter(pl.col("year") == 2026)["revenue"].sum()
    assert by_category == cents(100 * cents(fee * kept) * MEDICARE_2) + cents(10 * D("95.19") * MEDICARE_2)
    assert any("rules for multiple procedures leave" in notice for notice in opened.notices)


def test_each_event_through_the_command(tmp_path, capsys):
    """Six kinds of event in one scenario, 2027 to 2029, a year's revenue worked out line by line."""
    (tmp_path / "volume.csv").write_text(INJECTIONS)
    events = [
        event("conversion_factor", name="factor", conversion_factor=D("32.84")),  # 5.70 x 32.84 = 187.19 from 2027
        event("gpci_floor_lapse", name="floor"),  # national amounts have no index
        event("sequestration", name="no cut", since="2028-01-01", percent=0),
        event("site_shift", name="center", since="2028-01-01", codes=["64493"], to_place="24", percent=50),
        event("hire", name="B joins", since="2029-01-01", adds=10, cost=D("1000.00"), provider={"name": "B"}),
        event("contract_renewal", name="renews", since="2029-01-01", payer="Atlantic", percent=140),
    ]
    payers = table("payer", name="Medicare", share=60, medicare=True) + table(
        "payer", name="Atlantic", share=40, percent=130
    )
    path = tmp_path / "scenario.toml"
    path.write_text(place("national") + payers + "".join(events))
    with pytest.raises(SystemExit):
        app(["forecast", str(path), "--release", "2026C", "--json"])
    found = {row["year"]: row for row in json.loads(capsys.readouterr().out, parse_float=D)["years"]}
    office, center = D("187.19"), cents((D("1.48") + D("0.82") + D("0.14")) * D("32.84"))

    def atlantic(percent):
        return [cents(each * percent / 100) for each in (office, center)]

    o130, c130 = atlantic(130)
    o140, c140 = atlantic(140)
    assert found[2027]["revenue"] == cents(60 * office * MEDICARE_2) + cents(40 * o130)
    assert found[2028]["revenue"] == cents(30 * (office + center)) + cents(20 * (o130 + c130))
    assert found[2029]["revenue"] == cents(33 * (office + center)) + cents(22 * (o140 + c140))
    assert found[2029]["cost"] == D("1000.00")


@pytest.mark.parametrize(
    ("since", "keys", "told"),
    [
        ("2020-01-01", {}, "it holds in all of 2026 too"),
        ("2035-01-01", {}, "after 2027: it changes nothing"),
        ("2026-01-02", {}, ""),
    ],
)
def test_an_event_outside_the_years_is_told(scenario, tmp_path, c26, since, keys, told):
    hire = event("hire", since=since, adds=20, provider={"name": "B"}, **keys)
    opened = open_plan(scenario(ONE_PAYER + hire, volume=VISITS), tmp_path, c26, 1)
    found = [notice for notice in opened.notices if "'it happens'" in notice]
    assert (told in found[0]) if told else not found


def test_units_alone_are_told_where_a_rule_may_reach_them(scenario, tmp_path, c26):
    for volume, is_told in ((INJECTIONS, True), (VISITS, False)):
        opened = open_plan(scenario(ONE_PAYER, volume=volume), tmp_path, c26, 1)
        assert any("priced alone" in notice for notice in opened.notices) == is_told
