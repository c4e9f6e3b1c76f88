"""Contracts over volumes, worked by hand. Medicare's amounts are RVUs x factor, from CMS's release 2026C:

64493 office 5.70 x 33.4009 = 190.385130, so 190.39; 99214 office 4.06 x 33.4009 = 135.607654, so 135.61 (national).
In 2025D the factor is 32.3465.
"""

from datetime import date
from decimal import Decimal as D

import pytest
from contracts.practices import contract, volume

from feecalc.contracts.contract import Contract
from feecalc.contracts.pricing import VolumeContracts
from feecalc.contracts.volume_pricer import price_volume
from feecalc.errors import InvalidValue, NotInstalled, UnknownLocality
from feecalc.installed import open_schedule

FACET, VISIT = {"hcpcs": "64493"}, {"hcpcs": "99214"}
STEROID, UNKNOWN = {"hcpcs": "J3301"}, {"hcpcs": "80307"}


@pytest.fixture(scope="module")
def schedule(tmp_path_factory):
    return open_schedule("2026C", home=tmp_path_factory.mktemp("home")).schedule


def pays(schedule, terms, *rows, **told):
    found = VolumeContracts(schedule, **told).price(terms, volume(*rows))
    return found["contract_amount"].to_list(), found["contract_basis"].cast(str).to_list()


def test_medicare_of_a_volume_is_a_units(schedule):
    found = price_volume(volume({**FACET, "units": 7}, VISIT, UNKNOWN), schedule)
    assert found["medicare_amount"].to_list() == [D("190.39"), D("135.61"), None]
    assert found["pricing_status"].to_list()[2] == "unknown_code"
    assert found["reason"][2]


def test_a_percent_is_rounded_once_half_up(schedule):
    # 190.39 x 1.5 = 285.585
    assert pays(schedule, Contract.at(150), FACET) == ([D("285.59")], ["default"])


def test_one_hundred_percent_is_medicare(schedule):
    places = [{**FACET, "place_of_service": place} for place in ("11", "22", "24", "21")]
    rows = [*places, {**FACET, "modifier_1": "50"}, VISIT, {**FACET, "mac": "09102", "locality": "04"}]
    found = VolumeContracts(schedule).price(Contract.at(100), volume(*rows))
    assert found["contract_amount"].to_list() == found["medicare_amount"].to_list()
    assert found["medicare_amount"].null_count() == 0


def test_terms_in_their_order(schedule):
    terms = contract(
        percent=120,
        category=[{"name": "visits", "percent": 110}, {"name": "nerves", "codes": ["64490-64495"], "percent": "132.5"}],
        carve_out=[
            {"hcpcs": "64493", "modifier": "50", "amount": 400},
            {"hcpcs": "64493", "place_of_service": "24", "amount": "99.99"},
        ],
    )
    rows = [
        FACET,  # 190.39 x 1.325 = 252.26675
        {**FACET, "modifier_1": "KX", "modifier_2": "50"},  # the carve-out of 50
        {**FACET, "place_of_service": "24"},
        {**FACET, "modifier_1": "50", "place_of_service": "24"},  # a modifier says more than a place
        VISIT,  # 135.61 x 1.1 = 149.171
        {"hcpcs": "20610"},  # nothing speaks of it
    ]
    amounts, by = pays(schedule, terms, *rows)
    assert amounts[:5] == [D("252.27"), D("400.00"), D("99.99"), D("400.00"), D("149.17")]
    assert by == ["category nerves", "carve_out", "carve_out", "carve_out", "category visits", "default"]


def test_a_carve_out_without_a_modifier_is_not_of_a_component(schedule):
    terms = contract(percent=100, carve_out=[{"hcpcs": "72148", "amount": 500}])
    rows = [{"hcpcs": "72148", "modifier_1": modifier} for modifier in ("", "26", "TC", "59")]
    assert pays(schedule, terms, *rows)[1] == ["carve_out", "default", "default", "carve_out"]


def test_rows_hold_on_their_days(schedule):
    terms = contract(
        percent=100,
        carve_out=[
            {"hcpcs": "64493", "amount": 300, "effective_to": date(2026, 6, 30)},
            {"hcpcs": "64493", "amount": 310, "effective_from": date(2026, 7, 1)},
        ],
    )
    pricer = VolumeContracts(schedule)
    rows = volume(FACET)
    days = {date(2026, 6, 30): D("300.00"), date(2026, 7, 1): D("310.00")}
    for day, amount in days.items():
        assert pricer.price(terms, rows, day=day)["contract_amount"].to_list() == [amount]


def test_where_medicare_has_no_price(schedule):
    rows = [{**STEROID, "billed_amount": "9.50"}, {**UNKNOWN, "billed_amount": "90"}, UNKNOWN]
    of_charge = contract(percent=120, without_medicare_price={"percent_of_charge": 55})
    # 9.50 x 0.55 = 5.225
    assert pays(schedule, of_charge, *rows)[0] == [D("5.23"), D("49.50"), None]
    assert pays(schedule, contract(percent=120, without_medicare_price="not_paid"), *rows)[0] == [D("0.00")] * 3
    silent = VolumeContracts(schedule).price(contract(percent=120), volume(*rows))
    assert silent["contract_amount"].to_list() == [None] * 3
    assert silent["contract_basis"].cast(str).to_list() == ["not_said"] * 3
    assert "does not say" in silent["contract_reason"][0]


def test_what_medicare_bundles_is_paid_only_where_the_contract_names_it(schedule):
    bundled = {"hcpcs": "99070", "billed_amount": 40}
    clause = {"percent": 120, "without_medicare_price": {"percent_of_charge": 50}}
    assert pays(schedule, contract(**clause), bundled) == ([None], ["not_priced"])
    named = contract(**clause, carve_out=[{"hcpcs": "99070", "amount": 25}])
    assert pays(schedule, named, bundled)[0] == [D("25.00")]


def test_the_lower_of_the_charge(schedule):
    cheap = {**FACET, "billed_amount": 200}
    found = VolumeContracts(schedule).price(contract(percent=120), volume(cheap))
    # 190.39 x 1.2 = 228.468
    assert found["before_charge_amount"].to_list() == [D("228.47")]
    assert found["contract_amount"].to_list() == [D("200.00")]
    assert pays(schedule, contract(percent=120, lesser_of_billed="no"), cheap)[0] == [D("228.47")]


def test_sequestration_passed_on_leaves_the_coinsurance(schedule):
    # 190.39 x 1.2 = 228.47; 2 % of the 80 % that the plan pays is 1.6 %: 3.65552, so 3.66
    terms = contract(percent=120, rules={"sequestration": True})
    assert pays(schedule, terms, FACET)[0] == [D("224.81")]


def test_an_escalator_compounds_from_its_first_day(schedule):
    terms = contract(
        percent=120,
        carve_out=[{"hcpcs": "99214", "amount": 100}],
        escalator={"percent": 3, "first_applied": date(2027, 1, 1)},
    )
    pricer, rows = VolumeContracts(schedule), volume(FACET, VISIT)
    # 123.6 %: 190.39 x 1.236 = 235.32204; 127.308 %: 242.3817...; carve-out 103, then 106.09
    for year, amounts in {2026: ("228.47", "100"), 2027: ("235.32", "103"), 2028: ("242.38", "106.09")}.items():
        found = pricer.price(terms, rows, day=date(year, 1, 1))["contract_amount"].to_list()
        assert found == [D(each) for each in amounts]


def test_a_factor_of_the_contracts_own(schedule):
    # 5.70 RVU x 40 = 228.00
    assert pays(schedule, contract(percent=100, basis={"conversion_factor": 40}), FACET)[0] == [D("228.00")]


def test_a_fixed_year_is_that_releases_amount(schedule):
    old = open_schedule("2025D").schedule
    found = VolumeContracts(schedule).price(contract(percent=110, basis={"release": "2025D"}), volume(FACET, VISIT))
    expected = [old.price(code).allowed_amount for code in ("64493", "99214")]
    assert found["basis_amount"].to_list() == expected
    assert found["medicare_amount"].to_list() == [D("190.39"), D("135.61")]


def test_a_year_without_its_quarter_says_which_release_answers(schedule):
    pricer = VolumeContracts(schedule)
    pricer.price(contract(percent=110, basis={"year": 2025}), volume(FACET))
    assert any("no quarter" in notice and "RVU25D" in notice for notice in pricer.notices)


def test_one_locality_for_all(schedule):
    rows = [{**FACET, "mac": "09102", "locality": "04"}, FACET]
    by_name = contract(percent=100, basis={"locality": "Miami, FL"})
    national = contract(percent=100, basis={"locality": "national"})
    miami = schedule.price("64493", locality="Miami, FL").allowed_amount
    assert pays(schedule, by_name, *rows)[0] == [miami] * 2
    assert pays(schedule, national, *rows)[0] == [D("190.39")] * 2


def test_site_of_service_not_followed_pays_office_amounts(schedule):
    terms = contract(percent=100, rules={"site_of_service": False})
    assert pays(schedule, terms, {**FACET, "place_of_service": "24"})[0] == [D("190.39")]


def test_a_practitioners_percent_that_is_not_taken(schedule):
    nurse = {**VISIT, "provider_type": "np"}
    assert pays(schedule, Contract.at(100), nurse)[0] == [D("115.27")]  # 135.61 x 0.85 = 115.2685
    assert pays(schedule, contract(percent=100, rules={"practitioner_percent": False}), nurse)[0] == [D("135.61")]


def test_a_fee_table_with_modifiers(schedule, tmp_path):
    (tmp_path / "fees.csv").write_text(
        "Code,Mod,POS,Fee\n64493,,,310.00\n64493,,24,150.00\n72148,26,,88.10\n80307,,,61.5\n64493,80,,40\n"
    )
    terms = contract(percent=100, fee_table={"path": str(tmp_path / "fees.csv"), "percent": 110})
    rows = [
        FACET,  # 310 x 1.1
        {**FACET, "modifier_1": "50"},  # both sides: 150 % of 341.00
        {**FACET, "place_of_service": "24"},
        {"hcpcs": "72148", "modifier_1": "26"},  # 88.10 x 1.1 = 96.91
        {"hcpcs": "72148"},  # not in the table
        UNKNOWN,  # 61.50 x 1.1 = 67.65
        {**FACET, "modifier_1": "80"},  # the row is the assistant's own fee: 40 x 1.1
    ]
    amounts, by = pays(schedule, terms, *rows)
    assert amounts[:4] == [D("341.00"), D("511.50"), D("165.00"), D("96.91")]
    assert amounts[5:6] == [D("67.65")]
    assert by[:6] == ["fee_table"] * 4 + ["default", "fee_table"]


def test_a_volume_may_be_of_the_nation_and_of_localities(schedule):
    rows = [{**FACET, "mac": "09102", "locality": "04"}, FACET, {**VISIT, "mac": "09102", "locality": "04"}]
    found = VolumeContracts(schedule).price(Contract.at(100), volume(*rows))["contract_amount"].to_list()
    miami = [schedule.price(code, locality="Miami, FL").allowed_amount for code in ("64493", "99214")]
    assert found == [miami[0], D("190.39"), miami[1]]


@pytest.mark.parametrize(
    ("terms", "error", "named"),
    [
        ({"basis": {"year": 2019}}, NotInstalled, "basis.year"),
        ({"basis": {"release": "2019A"}}, NotInstalled, "basis.release"),
        ({"basis": {"locality": "Atlantis"}}, UnknownLocality, "Atlantis"),
        ({"category": [{"name": "E", "rbcs": ["E&M"], "percent": 100}]}, InvalidValue, "its file is not given"),
    ],
)
def test_what_cannot_be_priced_is_refused_by_its_key(schedule, terms, error, named):
    with pytest.raises(error, match=named):
        VolumeContracts(schedule).price(contract(percent=100, **terms), volume(FACET))
