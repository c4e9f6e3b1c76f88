"""What is wrong in a scenario's file is said with the key and its place."""

import pytest

from feecalc.errors import FeeCalcError, InvalidValue, UnreadableFile

ONE = '\n[[payer]]\nname = "Medicare"\nshare = 100\nmedicare = true\n'
TWO = (
    '\n[[payer]]\nname = "Medicare"\nshare = 60\nmedicare = true\n'
    '\n[[payer]]\nname = "Atlantic"\nshare = 40\npercent = 130\n'
)


def event(kind, day="2027-01-01", name="e", more=""):
    return f'\n[[event]]\nname = "{name}"\nkind = "{kind}"\neffective_from = {day}\n{more}\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (TWO.replace("40", "38"), ["payer: the shares add up to 98, not 100", "Medicare 60, Atlantic 38"]),
        (TWO.replace("share = 40\n", ""), ["Atlantic without a share"]),
        (ONE + "denail_rate = 4\n", ["[[payer]] 1, key 'denail_rate' (line 17)", "did you mean 'denial_rate'"]),
        (ONE + "percent = 130\n", ["[[payer]] 1", "medicare and percent"]),
        (ONE.replace("medicare = true", ""), ["[[payer]] 1", "no terms"]),
        (ONE.replace("medicare = true", "percent = -5"), ["[[payer]] 1, key 'percent'", "below 0"]),
        (ONE + "collection_rate = 104\n", ["key 'collection_rate'", "'104' is above 100"]),
        (ONE.replace("medicare = true", "percent = 110.123456"), ["key 'percent'", "has more than 4 decimals"]),
        (ONE + "[uncertainty]\ndenial = -3\n", ["[uncertainty], key 'denial'", "below 0"]),
        (ONE + 'denial_rate = "some"\n', ["key 'denial_rate'", "'some' is not a number"]),
        (ONE + "\n[growth]\nvolum = 3\n", ["[growth], key 'volum'", "did you mean 'volume'"]),
        (ONE + event("factor"), ["[[event]] 1, key 'kind'", "no such kind", "conversion_factor"]),
        (ONE + '\n[[event]]\nname = "e"\n', ["[[event]] 1", "'kind' is missing"]),
        (ONE + event("hire"), ["[[event]] 1", "the key 'provider' is missing", "the key 'adds' is missing"]),
        (ONE + event("hire", more='adds = 1\nprovider = { name = "X", rank = 2 }'), ["its key 'rank': no such key"]),
        (ONE + event("sequestration", '"soon"', more="percent = 1"), ["key 'effective_from'", "is not a date"]),
        (ONE + event("sequestration", more="percent = 1\nodds = 120"), ["key 'odds'", "100"]),
        (ONE + event("conversion_factor"), ["no factor; give one of conversion_factor, assumption and percent"]),
        (
            ONE + event("gpci_floor_lapse", more="effective_to = 2026-01-01"),
            ["effective_to 2026-01-01 comes before effective_from 2027-01-01"],
        ),
        (ONE + event("contract_renewal", more='payer = "Nobody"\npercent = 100'), ["no payer 'Nobody'", "Medicare"]),
        (ONE + event("site_shift", more='codes = ["64493"]\nto_place = "11"'), ["from_place and to_place are both 11"]),
        (ONE + event("site_shift", more='codes = ["6449"]\nto_place = "24"'), ["'6449' is not a procedure code"]),
        (ONE + event("site_shift", more='codes = ["64493"]\nto_place = "24"\nlocations = "X"'), ["no location 'X'"]),
        (ONE + event("gpci_floor_lapse") * 2, ["event: two are named 'e'"]),
        (ONE + '\n[[alternative]]\nname = "a"\nwithout = ["x"]\n', ["without names 'x'"]),
        (TWO + '\n[[alternative]]\nname = "a"\nshare = { Medicare = 100 }\n', ["share leaves out Atlantic"]),
        (TWO + '\n[[alternative]]\nname = "a"\nshare = { Medicare = 70, Atlantic = 20 }\n', ["add up to 90, not 100"]),
        (
            ONE + '\n[[alternative]]\nname = "a"\n[[alternative.event]]\nname = "f"\nkind = "sequestration"\n',
            ["[[alternative]] 1", "its [[alternative.event]] 1", "'percent' is missing"],
        ),
        ("volume_change = 3\n", ["no such key"]),
    ],
)
def test_refused_with_its_place(scenario, text, told):
    with pytest.raises(InvalidValue) as error:
        scenario(text)
    for each in told:
        assert each in str(error.value)


@pytest.mark.parametrize(
    ("first", "second", "what"),
    [
        (event("gpci_floor_lapse"), event("gpci_floor_lapse", name="f"), "gpci floor lapse"),
        (
            event("sequestration", more="percent = 1\neffective_to = 2027-12-31"),
            event("sequestration", "2027-12-31", "f", "percent = 3"),
            "sequestration from 2027-12-31",
        ),
        (
            event("contract_renewal", more='payer = "Atlantic"\npercent = 140'),
            event("contract_renewal", name="f", more='payer = "Atlantic"\nchange = 3'),
            "contract renewal of Atlantic",
        ),
        (
            event("site_shift", more='codes = ["64493", "64494"]\nto_place = "24"'),
            event("site_shift", "2028-01-01", "f", 'codes = ["64494"]\nto_place = "22"'),
            "site shift of 64494 11",
        ),
    ],
)
def test_events_that_overlap_are_refused(scenario, first, second, what):
    with pytest.raises(InvalidValue, match=f"'e' and 'f' both change {what}"):
        scenario(TWO + first + second)


def test_one_without_an_end_lasts_until_the_next(scenario):
    text = event("sequestration", more="percent = 1") + event("sequestration", "2028-01-01", "f", "percent = 3")
    assert len(scenario(ONE + text).event) == 2


def test_not_toml_and_not_there(scenario, tmp_path):
    from feecalc.scenarios.scenario.reading import read_scenario

    with pytest.raises(UnreadableFile, match="not TOML"):
        scenario("[[payer]\n")
    with pytest.raises(InvalidValue, match="no such file"):
        read_scenario(tmp_path / "other.toml")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (ONE + event("conversion_factor", more='assumption = "2027 final"'), "no assumption '2027 final'"),
        (ONE + '\n[[provider]]\nname = "X"\nprovider_type = "wizard"\n', "no provider_type 'wizard'"),
        (ONE + "\n[growth.category]\nvistis = 3\n", "key 'vistis': .* there are surgery, visits"),
        (ONE.replace("medicare = true", 'contract = "gone.toml"'), "payer Medicare: .*gone.toml: no such file"),
    ],
)
def test_what_only_the_rules_know_is_refused_on_opening(plan, text, told):
    with pytest.raises(FeeCalcError, match=told):
        plan(text)


def test_a_shift_that_moves_nothing_is_said(scenario, tmp_path, c26):
    from feecalc.scenarios.forecast.opening import open_plan

    told = scenario(ONE + event("site_shift", more='codes = ["64495"]\nto_place = "24"'))
    notices = open_plan(told, tmp_path, c26, 1).notices
    assert any("'e' moves nothing" in each for each in notices)
    assert any("the work GPCI floor is law through 2026-12-31" in each for each in notices)


def test_each_code_without_a_price_has_its_own_reason(scenario, tmp_path, c26):
    from feecalc.scenarios.forecast.opening import open_plan

    lost = "J3301,11,40,30.00\n80307,11,9,90.00\n80307,22,9,90.00\n00100,11,3,200.00\n"
    told = scenario(ONE, "hcpcs,place_of_service,units,billed_amount\n99213,11,1000,180.00\n" + lost)
    found = [each for each in open_plan(told, tmp_path, c26, 1).notices if each.startswith("nothing of")]
    missing, injected = found  # in the order of the codes
    assert injected.startswith("nothing of J3301 is in the revenue")
    assert ": CMS keeps this item or service out" in injected
    assert missing.startswith("nothing of 00100, 80307 is in the revenue")
    assert missing.endswith(": the release that is open here has no such code")  # starter data


def test_a_base_year_that_the_release_is_not_of(plan):
    basic = 'base_year = 2025\nvolume = "volume.csv"\n[practice]\nname = "P"\n'
    basic += '[[location]]\nname = "M"\nlocality = "national"\n'
    with pytest.raises(InvalidValue, match="base_year 2025, and RVU26C is of 2026"):
        plan(ONE, basic=basic)


def test_a_payer_that_the_scenario_does_not_have(plan):
    text = '[[payer]]\nname = "Medicare"\nmedicare = true\n'
    with pytest.raises(InvalidValue, match="names the payer 'Other'"):
        plan(text, volume="hcpcs,units,payer\n99213,10,Other\n")
    with pytest.raises(InvalidValue, match="take one of the two out"):
        plan(ONE, volume="hcpcs,units,payer\n99213,10,Medicare\n")
