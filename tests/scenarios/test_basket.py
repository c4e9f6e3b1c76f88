"""A basket across localities, releases and settings: hand-worked GAFs, CMS's printed amounts, parts that sum."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feecalc.errors import UnknownLocality, UnknownZip
from feecalc.installed import open_schedule
from feecalc.pricing.places.zip_code import ZipDirectory
from feecalc.scenarios.basket.localities import basket_across_localities, places_of_zip
from feecalc.scenarios.basket.releases import basket_across_releases
from feecalc.scenarios.basket.settings import basket_across_settings


def starter(name):
    return open_schedule(name, home=Path("no-such-folder")).schedule


D25, C26 = starter("2025D"), starter("2026C")


def volume(**units):
    return pl.DataFrame({"hcpcs": [code.strip("_") for code in units], "units": list(units.values())})


def at(found, mac, locality):
    return found.places.filter((pl.col("mac") == mac) & (pl.col("locality") == locality)).row(0, named=True)


def test_miami_against_the_nation_by_hand():
    # 64493 in an office, RVU26C: 1.48, 4.08, 0.14 RVU, 33.4009. Nation 5.70 x 33.4009 = 190.385 -> 190.39.
    # Miami's indices 1.000, 1.041, 2.529, one after the other:
    #   work  5.70000 -> 190.39, 0; PE (1.48 + 4.24728 + 0.14 = 5.86728) -> 195.972 -> 195.97, 5.58
    #   MP    (1.48 + 4.24728 + 0.35406 = 6.08134) -> 203.122 -> 203.12, 7.15
    found = basket_across_localities(C26, volume(_64493=100))
    assert (found.national_amount, found.units) == (Decimal("19039.00"), 100)
    miami = at(found, "09102", "04")
    assert miami["amount"] == Decimal("20312.00")
    assert (miami["work_part"], miami["pe_part"], miami["mp_part"]) == (0, Decimal("558.00"), Decimal("715.00"))
    assert (miami["difference"], miami["driver"]) == (Decimal("1273.00"), "mp")
    # 203.12 / 190.39 = 1.06686; GAF 6.08134 / 5.70 = 1.0669
    assert (miami["index_to_national"], miami["gaf"]) == (Decimal("1.0669"), Decimal("1.067"))
    # 0.50866 x 1.000 + 0.44839 x 1.041 + 0.04295 x 2.529 = 1.084055
    assert miami["locality_gaf"] == Decimal("1.084")
    # of 5.70 RVUs
    assert found.shares == {"work": Decimal("0.2596"), "pe": Decimal("0.7158"), "mp": Decimal("0.0246")}


def test_every_locality_is_ranked_the_highest_first():
    found = basket_across_localities(C26, volume(_99213=7, _64493=3))
    assert found.places.height == C26.localities.height
    assert found.places["amount"].is_sorted(descending=True)
    for row in found.places.to_dicts():
        assert row["rank"] == 1 + (found.places["amount"] > row["amount"]).sum()


def test_a_bilateral_procedure_weighs_as_it_is_paid():
    # 150 percent of 64493 beside 100 percent of 99213: the shares are of 1.5 x 5.70 and the RVUs of the visit.
    visit = C26.rows("99213").row(0, named=True)
    both = pl.DataFrame({"hcpcs": ["64493", "99213"], "modifier_1": ["50", ""], "units": [1, 1]})
    work = Decimal("1.5") * Decimal("1.48") + visit["work_rvu"]
    total = Decimal("1.5") * Decimal("5.70") + sum(visit[n] for n in ("work_rvu", "pe_rvu_nonfacility", "mp_rvu"))
    assert abs(basket_across_localities(C26, both).shares["work"] - work / total) < Decimal("0.0002")


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["64493", "99213", "72148", "27447", "63030"]),
            st.sampled_from(["", "50", "26", "80"]),
            st.sampled_from(["11", "22", "24"]),
            st.integers(1, 3000),
        ),
        min_size=1,
        max_size=6,
    ),
    st.booleans(),
)
def test_what_the_three_indices_make_is_the_difference(rows, floor):
    basket = pl.DataFrame(rows, schema=["hcpcs", "modifier_1", "place_of_service", "units"], orient="row")
    found = basket_across_localities(C26, basket, gpci_floor=floor)
    for row in found.places.to_dicts():
        assert row["work_part"] + row["pe_part"] + row["mp_part"] == row["difference"]
        assert row["amount"] - row["difference"] == found.national_amount
        parts = {name: abs(row[f"{name}_part"]) for name in ("work", "pe", "mp")}
        assert row["driver"] == "" if not any(parts.values()) else parts[row["driver"]] == max(parts.values())


def test_a_basket_is_the_sum_of_its_prices():
    basket = pl.DataFrame(
        [("63030", "50", "24", 2), ("99214", "", "11", 9)],
        schema=["hcpcs", "modifier_1", "place_of_service", "units"],
        orient="row",
    )
    price = C26.price("63030", "50", place_of_service="24", locality="09102-04").allowed_amount
    visit = C26.price("99214", locality="09102-04").allowed_amount
    found = basket_across_localities(C26, basket, localities=["Miami, FL", "09102-04"])
    assert found.places["amount"].to_list() == [2 * price + 9 * visit]


def test_every_amount_cms_prints_in_pfrev4_2025(cms, tmp_path):
    """Seven services, one unit each, in all 109 localities, both settings, against PFREV4_2025.txt (October 2025)."""
    from feecalc.ingest.build import build
    from feecalc.ingest.store import Store

    build(cms / "zips" / "rvu25d.zip", store=Store(tmp_path))
    schedule = open_schedule("2025D", home=tmp_path).schedule
    text = (cms / "pfrev" / "PFREV4_2025.txt").read_text(encoding="latin-1")
    cells = [line.strip('"').split('","')[1:7] for line in text.splitlines() if line.startswith('"2025"')]
    printed = {tuple(cell.strip() for cell in row) for row in cells}
    assert len(printed) == 7 * 109
    checked = 0
    for hcpcs, modifier in {row[2:4] for row in printed}:
        rows = [row for row in printed if row[2:4] == (hcpcs, modifier)]
        for place, column in (("11", 4), ("21", 5)):
            basket = pl.DataFrame([{"hcpcs": hcpcs, "modifier_1": modifier, "place_of_service": place, "units": 1}])
            found = {
                (mac, number): amount
                for mac, number, amount in basket_across_localities(schedule, basket)
                .places.select("mac", "locality", "amount")
                .iter_rows()
            }
            for row in rows:
                price = schedule.price(hcpcs, modifier, place_of_service=place, locality=f"{row[0]}-{row[1]}")
                of_part = any(note.startswith("paid as ") for note in price.notes)  # the professional row is paid
                if price.allowed_amount is None or of_part or price.allowed_amount != price.fee_schedule_amount:
                    continue  # the file prints the fee before the cap and a technical component a hospital bills itself
                assert found[row[0], row[1]] == Decimal(row[column])
                checked += 1
    assert checked > 109 * 7


def test_the_national_amounts_are_the_releases():
    for code in ("64493", "99213", "72148"):
        found = basket_across_localities(C26, pl.DataFrame({"hcpcs": [code], "units": [1]}))
        assert found.national_amount == C26.price(code).allowed_amount


def test_what_is_not_priced_is_left_out_and_says_why():
    found = basket_across_localities(C26, volume(_99213=2, _36415=5, _99999=1))
    assert found.units == 2
    assert found.left_out["service"].to_list() == ["36415", "99999"]
    assert found.left_out["reason"].str.len_chars().min() > 0


def test_a_series_compares_the_services_that_all_releases_price():
    without = D25.rvu.filter(pl.col("hcpcs") != "99214")
    found = basket_across_releases([C26, replace(D25, rvu=without)], volume(_99213=10, _99214=4))
    first, second = found.releases.to_dicts()
    was, now, other = D25.price("99213").allowed_amount, C26.price("99213").allowed_amount, C26.price("99214")
    assert (first["release"], second["release"]) == ("RVU25D", "RVU26C")  # oldest first
    assert (first["amount"], second["amount"]) == (10 * was, 10 * now + 4 * other.allowed_amount)
    assert (first["same_services_amount"], second["same_services_amount"]) == (10 * was, 10 * now)
    assert second["change"] == 10 * (now - was)
    assert second["change_rate"] == round((now - was) / was, 4)
    assert found.left_out.select("release", "service").rows() == [("RVU25D", "99214")]


def test_a_series_in_a_place_no_release_knows_is_refused():
    with pytest.raises(UnknownLocality):
        basket_across_releases([D25, C26], volume(_99213=1), locality="Atlantis")


def test_settings_side_by_side():
    found = basket_across_settings(C26, volume(_64493=10), locality="09102-04")
    office, facility = (
        10 * C26.price("64493", place_of_service=place, locality="09102-04").allowed_amount for place in ("11", "22")
    )
    assert found.settings["amount"].to_list() == [office, office, facility, facility]
    assert found.settings["difference"].to_list() == [0, 0, facility - office, facility - office]


ZIP5 = pl.DataFrame(
    {
        "zip": ["33133", "20601"], "state": ["FL", "MD"], "mac": ["09102", "12302"], "locality": ["04", "99"],
        "rural_indicator": ["", ""], "plus_four_flag": ["", "1"], "year_quarter": ["20261"] * 2,
    }
)  # fmt: skip
PLUS4 = pl.DataFrame(
    {
        "zip": ["20601"] * 3, "plus_four": ["", "0001", "0002"], "mac": ["12302", "12202", "12302"],
        "locality": ["99", "01", "99"], "first_year": [2020] * 3, "last_year": [2026] * 3,
    }
)  # fmt: skip


def test_a_zip_code_of_one_locality():
    found = places_of_zip(ZipDirectory(ZIP5, "ZIP5"), "33133", C26)
    assert [each.key for each in found.localities] == ["09102-04"]
    assert not found.split


def test_a_split_zip_code_lies_in_those_of_its_plus_fours():
    directory = ZipDirectory(ZIP5, "ZIP5", PLUS4, "ZIP9")
    found = places_of_zip(directory, "20601", C26)
    assert [each.key for each in found.localities] == ["12202-01", "12302-99"]
    assert found.split
    assert [each.key for each in places_of_zip(directory, "20601-0001", C26).localities] == ["12202-01"]


def test_without_the_plus_fours_a_split_zip_code_is_bounded_by_its_state():
    found = places_of_zip(ZipDirectory(ZIP5, "ZIP5"), "20601", C26)
    assert {each.state for each in found.localities} == {"MD"}
    assert len(found.localities) == (C26.localities["state"] == "MD").sum() > 1
    assert "bounds" in found.note


def test_a_zip_code_that_is_none_is_refused():
    with pytest.raises(UnknownZip):
        places_of_zip(ZipDirectory(ZIP5, "ZIP5"), "00000", C26)
